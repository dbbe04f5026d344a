"""One run at a time against one target."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.client import occupancy
from conformance.client.occupancy import alone
from conformance.configuration.settings import TargetSettings
from conformance.exceptions import UsageError

URL = "https://platform.example:8743/iot"
SETTINGS = TargetSettings(URL, "key", "token", "key")
OTHER = f"""
import sys
from conformance.configuration.settings import TargetSettings
from conformance.client.occupancy import alone
with alone(TargetSettings({URL!r}, "key", "token", "key"), None, print):
    print("there", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for the locks, for this process and those that it starts."""
    for name in ("XDG_STATE_HOME", "TMPDIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path / "revocation-conformance" / "locks"


@pytest.fixture
def other() -> Iterator[subprocess.Popen[str]]:
    """Another run against the target, in a process of its own; it ends when something is said to it."""
    with subprocess.Popen(
        (sys.executable, "-c", OTHER), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert "there\n" == process.stdout.readline()
        yield process
        if process.stdin and not process.stdin.closed:
            process.stdin.close()


def test_second_run_waits(other: subprocess.Popen[str]) -> None:
    """A second run says who holds the target, waits for its end, and has it then."""
    said: list[str] = []

    def say(words: str) -> None:
        said.append(words)
        assert other.stdin is not None
        other.stdin.close()

    with alone(SETTINGS, None, say):
        pass
    (words,) = said
    assert words.startswith(f"{URL} is in use by another run (process {other.pid}, since 20")
    assert words.endswith("); waiting for its end")
    assert 0 == other.wait(300)


def test_wait_is_bounded(other: subprocess.Popen[str]) -> None:
    """A second run waits no longer than it may, and then says who still holds the target."""
    said: list[str] = []
    started = time.monotonic()
    with pytest.raises(UsageError) as caught, alone(SETTINGS, started + 0.5, said.append):
        pass
    (problem,) = caught.value.problems
    assert problem.startswith(f"{URL} is still in use by another run (process {other.pid}, since 20")
    assert 0.4 < time.monotonic() - started < 5
    assert 1 == len(said)


@pytest.mark.parametrize(
    "url", ["https://platform.example:8743", "https://platform.example/iot", "http://platform.example:8743/iot"]
)
@pytest.mark.usefixtures("other")
def test_other_targets_are_free(url: str) -> None:
    """Another target is another lock: another port, path or scheme."""
    with alone(replace(SETTINGS, base_url=url), None, pytest.fail):
        pass


@pytest.mark.parametrize("url", ["https://PLATFORM.example:8743/iot/", "https://platform.example.:8743/iot"])
@pytest.mark.usefixtures("other")
def test_other_spellings_are_the_same_target(url: str) -> None:
    """A target is the same in another spelling."""
    with pytest.raises(UsageError), alone(replace(SETTINGS, base_url=url), 0, lambda _: None):
        pass


def test_default_port_is_a_port() -> None:
    """The port that a scheme has by default may be left out."""
    assert occupancy._identity("https://a.example") == occupancy._identity("https://a.example:443")


@pytest.mark.usefixtures("other")
def test_embedded_implementation_is_nobody_elses(folder: Path) -> None:
    """The embedded implementation needs no lock."""
    before = list(folder.iterdir())
    with alone(replace(SETTINGS, embedded=True), None, pytest.fail):
        assert before == list(folder.iterdir())


def test_end_of_a_run(folder: Path) -> None:
    """What a run leaves says nothing of it, and the next one doesn't wait; also where it ended by an error."""
    with alone(SETTINGS, None, pytest.fail):
        assert 1 == len(list(folder.glob("*.json")))
    with pytest.raises(ValueError, match="odd"), alone(SETTINGS, None, pytest.fail):
        raise ValueError("odd")
    assert [] == list(folder.glob("*.json"))
    with alone(SETTINGS, 0, pytest.fail):
        pass


def test_folder_is_the_users_own(folder: Path) -> None:
    """The folder is for this user alone; one that others may write to isn't used."""
    with alone(SETTINGS, None, pytest.fail):
        assert 0o700 == folder.stat().st_mode & 0o777
    folder.chmod(0o777)
    with alone(SETTINGS, None, pytest.fail):
        pass
    (instead,) = folder.parents[1].glob(f"revocation-conformance-{os.getuid()}")
    assert 1 == len(list(instead.glob("*.lock")))


def test_no_folder_at_all(folder: Path, tmp_path: Path) -> None:
    """Where no folder can be had, the run goes on, and it is said that nothing keeps others away."""
    folder.parent.parent.mkdir(exist_ok=True)
    (tmp_path / "revocation-conformance").write_text("", "utf-8")
    (tmp_path / f"revocation-conformance-{os.getuid()}").write_text("", "utf-8")
    said: list[str] = []
    with alone(SETTINGS, None, said.append):
        pass
    assert ["no folder for locks can be had: nothing keeps a second run away from the target"] == said
