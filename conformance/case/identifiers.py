"""Identifiers that nobody has: made up, or near to one that is there."""

from __future__ import annotations

import random
import secrets
import string
import uuid
from collections.abc import Callable, Collection, Iterable

__all__ = ["altered", "cut_short", "extended", "first_free", "turned", "unknown_device", "unknown_like"]

MOST_TRIES = 20
LONG = 16
ENDS = 8
"""Characters of a token at either end, which a cache or a log may keep in place of all of it."""

KINDS = ("0123456789", "abcdef", "ghijklmnopqrstuvwxyz", "ABCDEF", "GHIJKLMNOPQRSTUVWXYZ")


def unknown_device() -> str:
    """A deviceId that no platform has allocated."""
    return str(uuid.uuid4())


def unknown_like(identifier: str, taken: Collection[str] = ()) -> str:
    """One of the form of IDENTIFIER: other digits and letters where it has some. Never itself, nor one that is TAKEN.

    Where IDENTIFIER is short, a longer one: its likes may all be taken.
    """
    return _other(identifier, taken, secrets.choice)


def altered(identifier: str) -> str:
    """One of the form of IDENTIFIER, the same for all of that form, so that it can be named again."""
    made = _other(identifier, (), random.Random(LONG).choice)  # noqa: S311 (no secret: it holds nothing of IDENTIFIER)
    return f"{made}z" if made.isdigit() else made


def _other(identifier: str, taken: Collection[str], choose: Callable[[str], str]) -> str:
    form = identifier if len(identifier) >= LONG else extended(identifier)
    for _ in range(MOST_TRIES):
        made = "".join(choose(next((kind for kind in KINDS if c in kind), c)) for c in form)
        if made != identifier and made not in taken:
            return made
    return unknown_device()


def turned(token: str) -> str:
    """What has the characters and the ends of TOKEN, and is another one."""
    start, middle, end = token[:ENDS], token[ENDS:-ENDS], token[-ENDS:]
    return f"{start}{middle[::-1]}{end}" if middle != middle[::-1] else altered(token)


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
