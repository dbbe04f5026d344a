"""The folder for what outlasts a run: failing requests, and what takes long to make anew. No secret is in it.

Nothing in it is ever executed. What another user could have put there isn't read either, as it would have a say in what
is sent and how it is judged; that is said on standard error, once.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import tempfile
from functools import cache
from pathlib import Path

import platformdirs

from conformance import distribution, files

__all__ = ["folder", "place", "read", "write"]

VARIABLE = "CONFORMANCE_CACHE_DIR"

LARGEST = 16 * 1024 * 1024
"""Bytes. Nothing that the suite keeps comes near it."""


def folder(given: Path | None = None) -> Path:
    """Where that is: GIVEN, else $CONFORMANCE_CACHE_DIR, else the user's cache folder. It may not exist yet."""
    return given or Path(os.environ.get(VARIABLE) or platformdirs.user_cache_dir(distribution.NAME, appauthor=False))


def place(name: str, given: Path | None = None) -> Path | None:
    """The folder NAME in the cache, made if it isn't there; None when it can't be made or isn't the user's alone."""
    home = folder(given)
    inner = home / name
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        inner.mkdir(exist_ok=True, mode=0o700)
        for one in (home, inner):
            if problem := files.not_ours(one.stat()):
                _say(one, problem)
                return None
    except OSError:
        return None
    return inner


def read(path: Path) -> bytes | None:
    """What the file PATH in a `place` holds; None when there is none, or it isn't the user's alone."""
    try:
        # Neither another file by a link, nor a pipe that nobody writes to.
        flags = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with open(os.open(path, os.O_RDONLY | flags), "rb") as file:  # noqa: PTH123 (a Path has no such flags)
            status = os.fstat(file.fileno())
            if problem := files.not_ours(status):
                _say(path, problem)
                return None
            return file.read() if stat.S_ISREG(status.st_mode) and status.st_size <= LARGEST else None
    except OSError:
        return None


def write(path: Path, text: str) -> bool:
    """Write TEXT to PATH in a `place`, as a whole: several processes may do so at once. Whether that was possible."""
    unfinished = None
    try:
        with tempfile.NamedTemporaryFile("w", dir=path.parent, suffix=".new", delete=False, encoding="utf-8") as file:
            unfinished = Path(file.name)
            file.write(text)
        unfinished.replace(path)
    except OSError:
        if unfinished is not None:
            with contextlib.suppress(OSError):
                unfinished.unlink()
        return False
    return True


@cache
def _say(path: Path, problem: str) -> None:
    """Say once that PATH isn't used; the workers of a distributed run leave that to the process that started them."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        words = f"conformance: {path} {problem}, so it isn't used; {VARIABLE} names another folder"
        sys.stderr.write(f"{words}\n")
