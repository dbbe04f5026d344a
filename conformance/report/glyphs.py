"""Text from elsewhere, made safe to look at: what would be invisible or would steer the display becomes visible."""

from __future__ import annotations

import unicodedata
from functools import cache

__all__ = ["cut", "visible"]

_KEPT = frozenset("\n\t ")
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp", "Zs"})
_NAMES = {0x00: "NUL", 0x07: "BEL", 0x08: "BS", 0x0B: "VT", 0x0C: "FF", 0x0D: "CR", 0x1B: "ESC", 0x7F: "DEL"}
_NAMES |= {0xA0: "NBSP", 0xFEFF: "BOM"}


@cache
def _glyph(character: str) -> str:
    # In words, not as a control picture: few fonts have those.
    code = ord(character)
    return f"⟨{_NAMES.get(code, f'U+{code:04X}')}⟩"


def visible(text: str) -> str:
    """TEXT with every control, format, bidi, surrogate and odd space character replaced by something that shows.

    Line feeds, tabs and plain spaces stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        _glyph(character) if character not in _KEPT and unicodedata.category(character) in _UNSEEN else character
        for character in text
    )


def cut(text: str, limit: int) -> tuple[str, int]:
    """The first LIMIT characters of TEXT, and how many were left off."""
    return text[:limit], max(0, len(text) - limit)
