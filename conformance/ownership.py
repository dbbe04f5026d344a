"""Whether a file or folder is this user's alone: what others can write to may have been put there by them."""

from __future__ import annotations

import os
import stat

__all__ = ["problem"]

OTHERS = stat.S_IWGRP | stat.S_IWOTH


def problem(status: os.stat_result) -> str | None:
    """Why what has STATUS isn't the user's alone; None when it is."""
    if not hasattr(os, "geteuid"):
        # On Windows the user's own folders are guarded by inherited permissions, and modes say nothing.
        return None
    if status.st_uid != os.geteuid():
        return "belongs to another user"
    if status.st_mode & OTHERS:
        return "can be written by other users"
    return None
