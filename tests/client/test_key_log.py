"""SSLKEYLOGFILE, by which Python lets other tools look into its connections."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conformance.client.tls import tls_context
from conformance.configuration.settings import TargetSettings
from conformance.exceptions import UsageError

SETTINGS = TargetSettings("https://platform.example", "key", "token", "key")


def test_file_that_can_not_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file of keys that can't be written is blamed by its own name, not the certificates."""
    for place, said in ((tmp_path, "Is a directory"), (tmp_path / "none" / "keys", "No such file or directory")):
        monkeypatch.setenv("SSLKEYLOGFILE", str(place))
        with pytest.raises(UsageError) as caught:
            tls_context(SETTINGS)
        words = f"SSLKEYLOGFILE names a file that can't be written ({place}: {said}); unset it, or name another one"
        assert (words,) == caught.value.problems


@pytest.mark.parametrize("variable", ["SSLKEYLOGFILE", "SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_pipe(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str) -> None:
    """A pipe isn't waited for, which nobody may ever read from or write to."""
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setenv(variable, str(tmp_path / "pipe"))
    with pytest.raises(UsageError) as caught:
        tls_context(SETTINGS)

    assert (f"{variable} names a pipe ({tmp_path / 'pipe'}); unset it, or name a file",) == caught.value.problems


def test_file_that_can_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file of keys that can be written is used; one that is named by nothing is none."""
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    assert str(tmp_path / "keys") == tls_context(SETTINGS).keylog_filename
    monkeypatch.setenv("SSLKEYLOGFILE", "")
    assert tls_context(SETTINGS).keylog_filename is None
