"""Text from elsewhere, made safe to look at: what would be invisible or would steer the display becomes visible.

What goes to a terminal or into a log goes through `line`, `lines` or `block`: there text can also pass for a line of
the suite's own, or for a command to the CI service that keeps the log.
"""

from __future__ import annotations

import ipaddress
import re
import textwrap
import unicodedata
from functools import cache

__all__ = ["amount", "block", "cut", "line", "lines", "visible"]

_KEPT = frozenset("\n\t ")
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
"""Letters, marks and symbols that take no room or show nothing."""

_NAMES = {0x00: "NUL", 0x07: "BEL", 0x08: "BS", 0x0B: "VT", 0x0C: "FF", 0x0D: "CR", 0x1B: "ESC", 0x7F: "DEL"}
_NAMES |= {0xA0: "NBSP", 0xFEFF: "BOM"}


_COMMAND = re.compile(r":(?=:)|#(?=#[\w.]*\[)")
"""Where what GitHub (`::error::`, `##[error]`), Azure (`##vso[…]`) and TeamCity take for a command is broken up."""

_BROKEN = "⟨⟩"
_ADDRESS = re.compile(r"\[([0-9A-Fa-f:.]{2,45})\]")
"""What may be the address in a URL: its colons begin no command, as a bracket stands before them."""

_GOES_ON = "… "
"""Before each further line of a text that takes several, so that none of them passes for a line of the suite's own."""

_NARROWEST = 20

_OUR_WORDS = (
    *("conformant", "non-conformant", "incomplete", "no verdict", "nothing was tested"),
    *("failed", "not tested", "passed", "tolerated", "waived"),
    *("conformance:", "report:", "requests:"),
)
"""How lines begin in which the suite says what it found."""

_OUR_WORD = re.compile(rf"(?i)^\W*(?:{'|'.join(f'{word[0]}(?={word[1:]})' for word in _OUR_WORDS)})")


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
        _glyph(character) if character not in _KEPT and _is_unseen(character) else character for character in text
    )


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN or _BLANK.match(character) is not None


def line(text: str) -> str:
    """TEXT as one line that does nothing to a terminal, passes for no other and gives no command to a CI service."""
    first, *rest = visible(text).split("\n")
    return _unarmed(" ".join(" ".join([first, *map(_told_apart, rest)]).split()))


def lines(text: str) -> str:
    """TEXT, which goes on over several lines, such as a traceback, so that none of them does what `line` keeps off."""
    return "\n".join(_unarmed(_told_apart(one)) for one in visible(text).split("\n"))


def block(text: str, indent: int, width: int) -> str:
    """TEXT as lines of at most WIDTH characters, to follow something of INDENT characters on its first line.

    Each further line begins with as many spaces and a mark of the suite's.
    """
    told = line(text)
    room = max(width - indent - len(_GOES_ON), _NARROWEST)
    if any(unicodedata.east_asian_width(character) in "WF" for character in told):
        # These take two places each, and a terminal would break the line itself.
        room //= 2
    lines = textwrap.wrap(told, room, break_on_hyphens=False)
    return f"\n{' ' * indent}{_GOES_ON}".join(lines)


def _told_apart(text: str) -> str:
    """TEXT, which stood at the beginning of a line, so that it can't pass for what the suite says there."""
    return _OUR_WORD.sub(rf"\g<0>{_BROKEN}", text, count=1)


def _unarmed(text: str) -> str:
    """TEXT with each command to a CI service broken up, visibly, at whatever place it stands."""
    if "::" not in text and "##" not in text:
        return text
    pieces, end = [], 0
    for match in _ADDRESS.finditer(text):
        if _is_address(match[1]):
            pieces += [_COMMAND.sub(rf"\g<0>{_BROKEN}", text[end : match.start()]), match[0]]
            end = match.end()
    return "".join([*pieces, _COMMAND.sub(rf"\g<0>{_BROKEN}", text[end:])])


def _is_address(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def cut(text: str, limit: int) -> tuple[str, int]:
    """The first LIMIT characters of TEXT, and how many were left off."""
    return text[:limit], max(0, len(text) - limit)


def amount(number: int, noun: str) -> str:
    """NUMBER of what NOUN names: “1 call”, “2 calls”."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
