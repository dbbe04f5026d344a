"""The cache folder: what others could have put there isn't used, and that is said."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance import cache
from conformance.contract import documents
from conformance.fuzzing.corpus.device_ids import device_id
from conformance.fuzzing.memory import Memory

pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has neither owners nor modes of this kind")

EXAMPLE = device_id("\0", "odd")
INPUT_CLASS = "generated-device-id-characters"


@pytest.fixture(autouse=True)
def _anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test hears what is said once."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    cache._say.cache_clear()
    yield
    cache._say.cache_clear()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A cache folder with a kept request."""
    home = tmp_path / "cache"
    assert Memory(home).keep(INPUT_CLASS, EXAMPLE)
    return home


def test_folder_is_the_users_alone(home: Path) -> None:
    """Folders and files that the suite makes can be read and written by nobody else."""
    modes = {oct(path.stat().st_mode & 0o077) for path in (home, *home.rglob("*"))}

    assert {"0o0"} == modes


@pytest.mark.parametrize("inner", [".", "failing", f"failing/{EXAMPLE.id}.json"])
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_what_others_can_write_is_not_used(
    home: Path, inner: str, mode: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder or a file that others can write is passed over, and standard error says which and why, once."""
    (home / inner).chmod(mode)
    found = [Memory(home).find(EXAMPLE.id) for _ in range(2)]
    said = capsys.readouterr().err.splitlines()

    assert [None, None] == found
    assert [f"conformance: {home / inner} can be written by other users, so it isn't used"] == [
        line.partition(";")[0] for line in said
    ]


def test_folder_of_another_user_is_not_used(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is read from or written to a folder of somebody else's, also by root."""
    monkeypatch.setattr(os, "geteuid", lambda: home.stat().st_uid + 1)

    assert Memory(home).find(EXAMPLE.id) is None
    assert not Memory(home).keep(INPUT_CLASS, device_id("\1", "odd"))
    assert "belongs to another user, so it isn't used" in capsys.readouterr().err


def test_link_is_not_followed(home: Path, tmp_path: Path) -> None:
    """A file in the cache that is a link to another one isn't read."""
    kept = home / "failing" / f"{EXAMPLE.id}.json"
    kept.rename(tmp_path / "elsewhere")
    kept.symlink_to(tmp_path / "elsewhere")

    assert Memory(home).find(EXAMPLE.id) is None


def test_pipe_is_not_waited_for(home: Path) -> None:
    """A pipe that nobody writes to doesn't stop the run."""
    kept = home / "failing" / f"{EXAMPLE.id}.json"
    kept.unlink()
    os.mkfifo(kept, 0o600)

    assert Memory(home).find(EXAMPLE.id) is None


def test_contract_is_not_cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The contract is read where it stands, so that no copy that others could write has a say."""
    monkeypatch.setenv("CONFORMANCE_CACHE_DIR", str(tmp_path / "cache"))

    assert documents.load() == documents.load.__wrapped__()
    assert [] == list(tmp_path.iterdir())


def test_nothing_in_the_cache_is_code(tmp_path: Path) -> None:
    """Reports are made without the cache folder: no compiled template is kept or loaded."""
    from conformance.report import html  # noqa: PLC0415 (slow to import)

    assert html._environment().bytecode_cache is None
    assert [] == list(tmp_path.iterdir())
    assert "marshal" not in vars(sys.modules["conformance.cache"])
