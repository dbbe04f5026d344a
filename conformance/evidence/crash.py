"""How the suite crashed, for its maintainers: kept beside the reports, so that it outlives the terminal."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

__all__ = ["CRASH", "keep_crash"]

CRASH = "crash.txt"
"""The file among the reports that says how a command crashed."""


def keep_crash(text: str, folder: Path) -> Path | None:
    """Write TEXT, a traceback without secrets, into FOLDER: the file, or None where it can't be written."""
    path, unfinished = folder / CRASH, folder / f"{CRASH}.{os.getpid()}"
    with suppress(OSError), unfinished.open("x", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
        # Takes the place of a link of that name, where writing to it would change what the link leads to.
        unfinished.replace(path)
        return path
    return None
