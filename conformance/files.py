"""Whose a file or folder is, and whether two names mean the same one."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

__all__ = ["not_ours", "same"]

OTHERS = stat.S_IWGRP | stat.S_IWOTH


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
