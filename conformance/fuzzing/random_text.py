"""Endless unusual text, from a seeded source."""

from __future__ import annotations

import random
from collections.abc import Callable

from conformance.fuzzing.corpus.device_ids import INJECTIONS, UNUSUAL

__all__ = ["plain", "text"]

PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
PREFIX = "none-"
"""Text of plain characters might name a device or an application that exists; with this before it, it hardly does."""

PUNCTUATION = "!\"#$%&'()*+,./:;<=>?@[\\]^`{|}~ "
BLOCKS = (
    (0x00, 0x20),
    (0x7F, 0xA0),
    (0xA1, 0x17F),
    (0x300, 0x36F),
    (0x590, 0x6FF),
    (0x900, 0x97F),
    (0x1E00, 0x1EFF),
    (0x2000, 0x206F),
    (0x3040, 0x30FF),
    (0x4E00, 0x9FFF),
    (0xD800, 0xDFFF),
    (0xE000, 0xE0FF),
    (0xFE00, 0xFE0F),
    (0xFF00, 0xFFFF),
    (0x1F300, 0x1FAFF),
    (0xE0000, 0xE007F),
    (0x10FF00, 0x10FFFF),
)
FRAGMENTS = tuple(text for _, text in (*UNUSUAL, *INJECTIONS))


def plain(source: random.Random, least: int = len(PREFIX) + 1, most: int = 64) -> str:
    """Text of letters, digits, hyphens and underscores that names nothing."""
    length = source.randint(least, most)
    # Without underscores where it is short: one that is refused for its length is to show as just that.
    letters = PLAIN if length > most // 2 else PLAIN.replace("_", "")
    return PREFIX + "".join(source.choices(letters, k=length - len(PREFIX)))


def _block(source: random.Random) -> str:
    first, last = source.choice(BLOCKS)
    return "".join(chr(source.randint(first, last)) for _ in range(source.randint(1, 6)))


def _punctuation(source: random.Random) -> str:
    return "".join(source.choices(PUNCTUATION, k=source.randint(1, 4)))


PIECES: tuple[Callable[[random.Random], str], ...] = (
    _block,
    _block,
    _punctuation,
    lambda source: source.choice(FRAGMENTS),
    lambda source: plain(source, 6, 12),
)


def text(source: random.Random, most: int = 64) -> str:
    """Text of one to MOST characters in which any character may occur."""
    pieces = [source.choice(PIECES)(source) for _ in range(source.randint(1, 4))]
    made = "".join(pieces)[: source.choice((most, most, most, 8, 3))]
    return made if any(character not in PLAIN for character in made) else made + source.choice(PUNCTUATION)
