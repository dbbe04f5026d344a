"""Files that a user, a job or a stranger has named: none that is read is a trap, none that is written is another one.

What is read is a regular file, as a pipe that nobody writes to never ends; a pipe of this process's own is one that
somebody opened on purpose. What is written takes the place of what stands there: a link would lead elsewhere.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

__all__ = ["LARGEST", "appending", "content", "is_own", "not_ours", "replacing", "same", "write"]

LARGEST = 1024 * 1024 * 1024
"""Bytes. What is larger, as a file of the kernel's may pretend to be, can't be held in memory either."""

PIECE = 1024 * 1024
NOFOLLOW, NONBLOCK = getattr(os, "O_NOFOLLOW", 0), getattr(os, "O_NONBLOCK", 0)
STREAMS = frozenset(map(Path, ("/dev/stdin", "/dev/stdout", "/dev/stderr")))
OTHERS = stat.S_IWGRP | stat.S_IWOTH
DESCRIPTORS = frozenset(map(Path, ("/dev/fd", "/proc/self/fd")))


def content(path: Path, largest: int = LARGEST) -> bytes:
    """What the file PATH holds; OSError when it can't be read, is no file, or holds more than LARGEST bytes."""
    try:
        # A pipe would be waited for until somebody writes to it.
        descriptor = os.open(path, os.O_RDONLY | NONBLOCK | getattr(os, "O_BINARY", 0))
    except ValueError as error:
        # There is no name with a NUL in it.
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)) from error
    with open(descriptor, "rb") as file:  # noqa: PTH123 (a Path has no such flags)
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if is_own(path) and stat.S_ISFIFO(mode):
            os.set_blocking(descriptor, True)
        elif not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        pieces, left = [], largest + 1
        while left > 0 and (piece := file.read(min(left, PIECE))):
            pieces.append(piece)
            left -= len(piece)
    if left <= 0:
        raise OSError(errno.EFBIG, f"it holds more than {largest // 1024 // 1024} MiB")
    return b"".join(pieces)


def write(path: Path, text: str, *, mode: int = 0o666) -> None:
    """Have PATH hold TEXT, in place of what is there, for those that MODE lets read it. Raises OSError."""
    with replacing(path, mode=mode) as file:
        file.write(text)


@contextmanager
def replacing(path: Path, *, errors: str = "strict", mode: int = 0o666) -> Iterator[TextIO]:
    """A new file PATH in place of what is there, written to in the block; where that fails there is none. OSError.

    Args:
        path: where it stands. A stream of this process's own, as in /dev/stdout, is written to as it is.
        errors: what becomes of a character that UTF-8 hasn't.
        mode: who may read and write it, as far as the process lets anybody.
    """
    if is_own(path):
        with path.open("w", encoding="utf-8", errors=errors) as stream:
            yield stream
        return
    _make_way(path)
    file = _new(path, errors, mode)
    try:
        with file:
            yield file
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


def appending(path: Path) -> TextIO:
    """The file PATH, made where there is none, to be added to; OSError where it is a link, or a pipe.

    What a device makes of it, as /dev/null, is its user's affair, like the streams of this process.
    """
    own = is_own(path)
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | (0 if own else NOFOLLOW | NONBLOCK)
    try:
        file = open(os.open(path, flags, 0o666), "a", encoding="utf-8")  # noqa: PTH123, SIM115 (a Path has no such flags; it is the caller's to close)
    except OSError as error:
        if error.errno == errno.ELOOP and path.is_symlink():
            raise OSError(errno.ELOOP, "it is a link; name the file itself") from error
        raise
    mode = os.fstat(file.fileno()).st_mode
    if not (own or stat.S_ISREG(mode) or stat.S_ISCHR(mode)):
        file.close()
        raise OSError(errno.EINVAL, "it is no regular file")
    return file


def is_own(path: Path) -> bool:
    """Whether PATH names what this process has open, as a shell's <(…) and >(…) do."""
    return path in STREAMS or path.parent in DESCRIPTORS


def _new(path: Path, errors: str, mode: int) -> TextIO:
    """A file PATH that wasn't there before, to be written to."""
    return open(path, "x", encoding="utf-8", errors=errors, opener=lambda name, flags: os.open(name, flags, mode))


def _make_way(path: Path) -> None:
    """Remove what stands at PATH: a file, a link or a pipe. OSError where it is something else."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        raise OSError(errno.EINVAL, "it is a device", str(path))
    path.unlink(missing_ok=True)


def not_ours(status: os.stat_result) -> str | None:
    """Why what has STATUS isn't the user's alone, so that others may have put it there; None when it is."""
    if not hasattr(os, "geteuid"):
        # On Windows the user's own folders are guarded by inherited permissions, and modes say nothing.
        return None
    if status.st_uid != os.geteuid():
        return "belongs to another user"
    if status.st_mode & OTHERS:
        return "can be written by other users"
    return None


def same(written: Path, read: Path) -> bool:
    """Whether writing to WRITTEN changes READ, under whatever name or by a link; False where either can't be had."""
    with suppress(OSError, ValueError):
        return written.samefile(read)
    return False
