"""How the suite crashed, for its maintainers: kept beside the reports, so that it outlives the terminal."""

from __future__ import annotations

from pathlib import Path

from conformance.files import replacing

__all__ = ["CRASH", "keep_crash"]

CRASH = "crash.txt"
"""The file among the reports that says how a command crashed."""


def keep_crash(text: str, folder: Path) -> Path | None:
    """Write TEXT, a traceback without secrets, into FOLDER: the file, or None where it can't be written."""
    path = folder / CRASH
    try:
        with replacing(path, errors="backslashreplace") as file:
            file.write(text)
    except (OSError, ValueError):
        return None
    return path
