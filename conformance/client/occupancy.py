"""One run at a time against one target, as far as this machine goes: two at once would spoil each other's findings."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import filelock
import platformdirs

from conformance import distribution, files
from conformance.configuration.settings import TargetSettings
from conformance.exceptions import UsageError

__all__ = ["alone"]

PAUSE = 0.2
"""Seconds between two looks whether the other run is over."""

PORTS = {"http": 80, "https": 443}


@contextmanager
def alone(settings: TargetSettings, deadline: float | None, say: Callable[[str], None]) -> Iterator[None]:
    """Keep other runs on this machine away from the target of SETTINGS, after waiting for one that is there.

    Only the controller of a distributed run does this. The embedded implementation is nobody else's.

    Args:
        settings: The target.
        deadline: Until when to wait at most, on the monotonic clock; None for as long as it takes.
        say: Is told in a line who is waited for, and why nobody can be kept away where that is so.

    Raises:
        UsageError: The other run isn't over at the deadline; it says who holds the target.
    """
    if settings.embedded:
        yield
        return
    folder = _folder()
    if folder is None:
        say("no folder for locks can be had: nothing keeps a second run away from the target")
        yield
        return
    name = hashlib.blake2b(_identity(settings.base_url).encode("utf-8"), digest_size=16).hexdigest()
    lock, note = filelock.FileLock(folder / f"{name}.lock"), folder / f"{name}.json"
    try:
        _acquire(lock, note, settings.base_url, deadline, say)
    except (OSError, NotImplementedError) as error:
        say(f"nothing keeps a second run away from the target: {folder} has no locks ({error})")
        yield
        return
    try:
        _leave(note)
        yield
    finally:
        with suppress(OSError):
            note.unlink(missing_ok=True)
        lock.release()


def _acquire(
    lock: filelock.BaseFileLock, note: Path, base_url: str, deadline: float | None, say: Callable[[str], None]
) -> None:
    with suppress(filelock.Timeout):
        lock.acquire(timeout=0)
        return
    say(f"{base_url} is in use by {_holder(note)}; waiting for its end")
    left = -1 if deadline is None else max(deadline - time.monotonic(), 0)
    try:
        lock.acquire(timeout=left, poll_interval=PAUSE)
    except filelock.Timeout:
        raise UsageError(
            [f"{base_url} is still in use by {_holder(note)}; wait for its end, or give --max-time more seconds"]
        ) from None


def _leave(note: Path) -> None:
    """Leave word in NOTE, for others that wait, who holds the lock."""
    since = dt.datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
    with suppress(OSError):
        note.write_text(json.dumps({"pid": os.getpid(), "since": since}), "utf-8")


def _holder(note: Path) -> str:
    """Who holds the lock, by what NOTE says; it is read while somebody else may just write it."""
    try:
        found = json.loads(note.read_text("utf-8"))
        return f"another run (process {int(found['pid'])}, since {dt.datetime.fromisoformat(found['since'])})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another run"


def _identity(base_url: str) -> str:
    """What two spellings of BASE_URL have in common."""
    parts = urlsplit(base_url)
    port = parts.port or PORTS.get(parts.scheme)
    return f"{parts.scheme}://{(parts.hostname or '').rstrip('.')}:{port}{parts.path.rstrip('/')}"


def _folder() -> Path | None:
    """A folder for locks that nobody else can write to, the same for every run of this user; None: there is none."""
    user = os.getuid() if hasattr(os, "getuid") else ""
    for place in (
        platformdirs.user_state_path(distribution.NAME, appauthor=False) / "locks",
        Path(tempfile.gettempdir()) / f"{distribution.NAME}-{user}",
    ):
        with suppress(OSError):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _is_ours(place.lstat()) and os.access(place, os.W_OK):
                return place
    return None


def _is_ours(found: os.stat_result) -> bool:
    """Whether FOUND is a folder of this user that nobody else can write to."""
    return stat.S_ISDIR(found.st_mode) and files.not_ours(found) is None
