"""Text from elsewhere, made safe to look at: what would be invisible or would steer the display becomes visible."""

from __future__ import annotations

import unicodedata
from functools import cache

__all__ = ["cut", "visible"]

_KEPT = frozenset("\n\t ")
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp", "Zs"})
_C0_END, _DELETE, _PICTURES = 0x20, 0x7F, 0x2400


@cache
def _glyph(character: str) -> str:
    code = ord(character)
    if code < _C0_END:
        return chr(_PICTURES + code)
    if code == _DELETE:
        return "\N{SYMBOL FOR DELETE}"
    return f"⟨U+{code:04X}⟩"


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
