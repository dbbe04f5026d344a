"""What a command writes where its user said: whose mistake it is when that can't be."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from conformance.exceptions import DiskFull, UsageError

__all__ = ["writing"]

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


@contextmanager
def writing(where: str) -> Iterator[None]:
    """Write in the block to WHERE, the flag and the path as they were typed.

    Raises DiskFull where nothing more fits, and UsageError where that place can't be written to at all.
    """
    try:
        yield
    except OSError as error:
        words = f"{where}: {error.strerror or error}"
        raise (DiskFull(words) if error.errno in FULL else UsageError([words])) from error
