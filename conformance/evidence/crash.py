"""How the suite crashed, for its maintainers: kept beside the reports, so that it outlives the terminal."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

__all__ = ["CRASH", "keep_crash"]

CRASH = "crash.txt"
"""The file among the reports that says how a command crashed."""


def keep_crash(text: str, folder: Path) -> Path | None:
    """Write TEXT, a traceback without secrets, into FOLDER: the file, or None where it can't be written."""
    path = folder / CRASH
    with suppress(OSError):
        path.write_text(text, "utf-8", "backslashreplace")
        return path
    return None
