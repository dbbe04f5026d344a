"""The folder for what outlasts a run: failing requests, and what takes long to make anew. No secret is in it."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

__all__ = ["folder"]

APPLICATION = "revocation-conformance"
VARIABLE = "CONFORMANCE_CACHE_DIR"


def folder(given: Path | None = None) -> Path:
    """Where that is: GIVEN, else $CONFORMANCE_CACHE_DIR, else the user's cache folder. It may not exist yet."""
    return given or Path(os.environ.get(VARIABLE) or platformdirs.user_cache_dir(APPLICATION, appauthor=False))
