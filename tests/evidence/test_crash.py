"""The file that tells how a command crashed."""

from __future__ import annotations

from pathlib import Path

from conformance.evidence.crash import CRASH, keep_crash


def test_link_is_not_followed(tmp_path: Path) -> None:
    """What stands there is replaced; what a link leads to stays as it is."""
    other = tmp_path / "recording.har"
    other.write_text("a recording", "utf-8")
    (tmp_path / CRASH).symlink_to(other)

    assert tmp_path / CRASH == keep_crash("a traceback", tmp_path)
    assert ("a recording", "a traceback") == (other.read_text("utf-8"), (tmp_path / CRASH).read_text("utf-8"))
    assert [CRASH, "recording.har"] == sorted(path.name for path in tmp_path.iterdir())


def test_nowhere(tmp_path: Path) -> None:
    """Where it can't be written there is none."""
    assert keep_crash("a traceback", tmp_path / "none") is None
