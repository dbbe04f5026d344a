"""Identifiers that nobody has: made up, or near to one that is there."""

from __future__ import annotations

import secrets
import string
import uuid
from collections.abc import Collection, Iterable

__all__ = ["cut_short", "extended", "first_free", "unknown_device", "unknown_like"]

MOST_TRIES = 20
LONG = 16


def unknown_device() -> str:
    """A deviceId that no platform has allocated."""
    return str(uuid.uuid4())


def unknown_like(identifier: str, taken: Collection[str] = ()) -> str:
    """One of the form of IDENTIFIER: other digits and letters where it has some. Never itself, nor one that is TAKEN.

    Where IDENTIFIER is short, a longer one: its likes may all be taken.
    """
    kinds = ("0123456789", "abcdef", "ghijklmnopqrstuvwxyz", "ABCDEF", "GHIJKLMNOPQRSTUVWXYZ")
    form = identifier if len(identifier) >= LONG else extended(identifier)
    for _ in range(MOST_TRIES):
        made = "".join(secrets.choice(next((k for k in kinds if c in k), c)) for c in form)
        if made != identifier and made not in taken:
            return made
    return unknown_device()


def first_free(candidates: Iterable[str], taken: Collection[str]) -> str:
    """The first of CANDIDATES that isn't TAKEN; where all are, one that nobody has allocated."""
    return next((one for one in candidates if one not in taken), unknown_device())


# Identifiers may end in, or be, numbers that are counted up: a digit more or less may make another one that exists.


def extended(identifier: str, taken: Collection[str] = ()) -> str:
    """What begins with IDENTIFIER and is nobody's."""
    made = f"{identifier}{'0' if identifier.isdigit() else 'z'}".ljust(LONG, "0")
    while made in taken:
        made += "0"
    return made


def cut_short(identifier: str, taken: Collection[str] = ()) -> str:
    """What IDENTIFIER begins with, and is nobody's."""
    stem = identifier.rstrip(string.digits) if len(identifier) < LONG or not identifier.isdigit() else identifier
    shorter = stem[:-1] if stem == identifier else stem
    while shorter in taken:
        shorter = shorter[:-1]
    return shorter or unknown_like(identifier, taken)
