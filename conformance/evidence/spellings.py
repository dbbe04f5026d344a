"""The ways in which text is spelled, read backwards: the one place that knows the escapes and encodings of secrets.

A secret may stand in a text as JSON, HTML, a URL, base64 or hexadecimal digits spell it, and several of them at once.
Nobody can write down all of its spellings, so the text is read instead: each way that changes something gives another
view of it, in which a secret is looked for as it is. A view knows which bytes of the text each of its bytes comes from.
"""

from __future__ import annotations

import binascii
import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import chain

__all__ = ["UNFINISHED", "View", "in_base64", "plainly", "views"]

MOST_ROUNDS = 6
"""How often escapes are undone, all kinds at once, until nothing changes."""

MOST_LAYERS = 3
"""How many encodings of whole texts (base64, base32, hexadecimal) are undone, one within the other."""

Span = tuple[int, int]


@dataclass(frozen=True)
class View:
    """A reading of another view: its bytes, and the span of the other one that a span of this one comes from.

    readable: whether it may hold URLs, not only bytes that happened to come out.
    digits: whether it is what of a text are digits of base64.
    """

    text: bytes
    parent: View | None = None
    source: Callable[[int, int], Span] = lambda start, end: (start, end)
    readable: bool = True
    digits: bool = False

    def original(self, start: int, end: int) -> Span:
        """The span of the text that was first that START to END of this view comes from."""
        view: View = self
        while view.parent is not None:
            start, end = view.source(start, end)
            view = view.parent
        return start, end


# -- escapes: single characters that are spelled by several ------------------------------------------------------------

_BACKSLASH = (
    rb"\\[uU][dD][89abAB][0-9a-fA-F]{2}\\[uU][dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|\\u\{[0-9a-fA-F]{1,6}\}|\\U00(?:10|0[0-9a-fA-F])[0-9a-fA-F]{4}|\\[uU][0-9a-fA-F]{4}"
    rb"|\\[xX][0-9a-fA-F]{2}|\\[0-7]{1,3}|\\[^uUxX0-7]"
)
_ENTITY = rb"&(?:#[0-9]{1,12}|#[xX][0-9a-fA-F]{1,10}|[A-Za-z][A-Za-z0-9]{1,31});?"
_PERCENT = rb"%[uU][0-9a-fA-F]{4}|%[0-9a-fA-F]{2}"
_FORM = rb"\+|" + _PERCENT
_QUOTED_PRINTABLE = rb"=\r?\n|=[0-9a-fA-F]{2}"
# Each by itself: where every alternative begins with one certain byte, a search skips all others ten times as fast.
_CONTROL = b"|".join(rb"\x%02x" % byte for byte in (*range(0x01, 0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F))
_INVISIBLE = _CONTROL + (
    rb"|\xc2[\x80-\x9f\xad]|\xcd\x8f|\xd8[\x80-\x85\x9c]|\xdb\x9d|\xdc\x8f"
    rb"|\xe0\xa2[\x90\x91]|\xe0\xa3\xa2|\xe1\x85[\x9f\xa0]|\xe1\x9e[\xb4\xb5]|\xe1\xa0[\x8b-\x8f]"
    rb"|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xe2\xa0\x80|\xe3\x85\xa4"
    rb"|\xef\xb8[\x80-\x8f]|\xef\xbb\xbf|\xef\xbe\xa0|\xef\xbf[\xb0-\xbb]"
    rb"|\xf0\x91\x82\xbd|\xf0\x91\x83\x8d|\xf0\x93\x90[\xb0-\xbf]|\xf0\x9b\xb2[\xa0-\xa3]|\xf0\x9d\x85[\xb3-\xba]"
    rb"|\xf3\xa0[\x80-\x87][\x80-\xbf]"
)
"""Control characters, soft hyphens, marks of direction and the like: with them, a text looks as it does without."""

_WIDE = rb"\xef\xbc[\x81-\xbf]|\xef\xbd[\x80-\x9e]"
"""Letters, digits and signs of ASCII as wide as those of Chinese."""

_UTF_7 = rb"\+[A-Za-z0-9/+]{3,8}-"
_MARKUP = rb"<!--.{0,200}?-->|<!\[CDATA\[|\]\]>|</?[A-Za-z][^<>]{0,200}>"
_JOINT = rb"([\"'])[ \t\r\n]{0,80}(?:E[ \t]{1,80})?[+.,]?[ \t\r\n]{0,80}[bBuUrRfF]{0,2}\1"
"""Between two parts of a text that is written as several: in code, in a list, or as Python breaks long ones up."""

_CONTROLS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v", b"\n": b""}


def _utf8(code: int) -> bytes:
    return chr(code).encode("utf-8", "surrogatepass") if code < 0x110000 else b"?"  # noqa: PLR2004 (Unicode's end)


def _backslash(token: bytes) -> bytes:
    kind, digits = token[1:2], token[2:].strip(b"{}")
    if kind in b"uU":
        if b"\\" in digits:
            high, low = int(digits[:4], 16), int(digits[6:], 16)
            return _utf8(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
        return _utf8(int(digits, 16))
    if kind in b"xX":
        return bytes((int(digits, 16),))
    if kind in b"01234567":
        return bytes((int(token[1:], 8) & 0xFF,))
    return _CONTROLS.get(kind, token[1:])


def _entity(token: bytes) -> bytes:
    text = token.decode("ascii")
    meaning = html.unescape(text)
    if meaning == text:
        # Somebody may have changed the letter case of what was escaped.
        meaning = html.unescape(text.lower())
    return token if meaning == text.lower() else meaning.encode("utf-8", "surrogatepass")


def _percent(token: bytes) -> bytes:
    digits = token.lstrip(b"%uU")
    return _utf8(int(digits, 16)) if token[1:2] in b"uU" else bytes((int(digits, 16),))


def _quoted_printable(token: bytes) -> bytes:
    return b"" if token.endswith(b"\n") else bytes((int(token[1:], 16),))


_MEANINGS: dict[bytes, Callable[[bytes], bytes]] = {
    b"\\": _backslash,
    b"&": _entity,
    b"%": _percent,
    b"=": _quoted_printable,
    b"+": lambda token: _utf_7(token) if token[1:] else b" ",
    b"\xef": lambda token: _narrow(token) if token[1:2] in b"\xbc\xbd" else b"",
}


def _utf_7(token: bytes) -> bytes:
    try:
        return token.decode("utf-7").encode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return token


def _narrow(token: bytes) -> bytes:
    """The character of ASCII that TOKEN is in wide."""
    return chr(ord(token.decode("utf-8")) - 0xFEE0).encode("ascii")


def _nothing(_: bytes) -> bytes:
    return b""


@lru_cache(maxsize=4096)
def _meaning(token: bytes) -> bytes:
    """What the escape TOKEN stands for."""
    return _MEANINGS.get(token[:1], _nothing)(token)


@lru_cache(maxsize=4096)
def _code_point(token: bytes) -> bytes:
    """The same where an escape of two hexadecimal or three octal digits is a character, not a byte."""
    meaning = _meaning(token)
    return _utf8(meaning[0]) if token[1:2] in b"xX01234567" else meaning


_ESCAPES = {
    mark: re.compile(pattern, re.DOTALL)
    for mark, pattern in (
        (b"\\", _BACKSLASH),
        (b"&", _ENTITY),
        (b"%", _PERCENT),
        (b"+", _FORM),
        (b"=", _QUOTED_PRINTABLE),
    )
}
_HIGH = re.compile(rb"\\(?:[xX][89a-fA-F]|[23][0-7]{2})")
"""An escape of a character that isn't ASCII, which may stand for a character or for one byte of it."""

_ANY_ESCAPE = re.compile(
    b"|".join((_BACKSLASH, _ENTITY, _PERCENT, _QUOTED_PRINTABLE, _UTF_7, _WIDE, _INVISIBLE)), re.DOTALL
)
_OTHERS = tuple(re.compile(pattern) for pattern in (_INVISIBLE, _WIDE, _UTF_7))
_WITHIN = tuple(re.compile(pattern, re.DOTALL) for pattern in (_MARKUP, _JOINT))
"""What may stand within a text that is shown as one."""

_NUMBERS = re.compile(rb"(?:[0-9]{1,3}[,; \t\r\n]{1,4}){6}")
"""Numbers in a row, as a list of bytes is written."""

_NUMBER = re.compile(rb"(?<![0-9.])[0-9]{1,3}(?![0-9.])[,; \t\r\n]{0,4}")

UNFINISHED = re.compile(
    rb"(?:\\(?:[uU](?:\{?[0-9a-fA-F]{0,7})|[xX][0-9a-fA-F]?|[0-7]{0,2})?|%(?:[uU]?[0-9a-fA-F]{0,3})|&[#\w]{0,31}|=[0-9a-fA-F]?)\Z"
)
"""An escape that was cut off within."""


class _Replacements:
    """Where a text was changed, in both texts: begin in the new one and length there, begin and end in the old one."""

    def __init__(self) -> None:
        self._places: list[int] = []
        self._changes: list[tuple[int, int, int]] = []

    def add(self, place: int, length: int, start: int, end: int) -> None:
        self._places.append(place)
        self._changes.append((length, start, end))

    def __bool__(self) -> bool:
        return bool(self._places)

    def _at(self, place: int) -> Span:
        """What the byte at PLACE of the new text comes from."""
        found = bisect_right(self._places, place) - 1
        if found < 0:
            return place, place + 1
        length, start, end = self._changes[found]
        behind = place - self._places[found] - length
        return (start, end) if behind < 0 else (end + behind, end + behind + 1)

    def source(self, start: int, end: int) -> Span:
        """The span of the old text that START to END of the new one comes from."""
        return self._at(start)[0], self._at(end - 1)[1]


def _unescaped(view: View, pattern: re.Pattern[bytes], meant: Callable[[bytes], bytes] = _meaning) -> View | None:
    """VIEW with the escapes of PATTERN replaced once by what they stand for as MEANT; None when there are none."""
    text, done, length = view.text, 0, 0
    pieces: list[bytes] = []
    replacements = _Replacements()
    for match in pattern.finditer(text):
        token = match[0]
        meaning = meant(token)
        if meaning == token:
            continue
        start, end = match.span()
        pieces += (text[done:start], meaning)
        length += start - done
        replacements.add(length, len(meaning), start, end)
        length += len(meaning)
        done = end
    if not replacements:
        return None
    return View(b"".join((*pieces, text[done:])), view, replacements.source, view.readable)


def _without_nul(view: View) -> View | None:
    """VIEW without NUL bytes: what is left of ASCII in UTF-16 and UTF-32."""
    return _kept(view, None, b"\0") if b"\0" in view.text else None


def _with_code_points(view: View) -> Iterator[View]:
    """VIEW with its backslashes undone where they spell characters, not bytes, if that makes a difference."""
    if _HIGH.search(view.text):
        found = _unescaped(view, _ESCAPES[b"\\"], _code_point)
        if found is not None:
            yield found


def _of_numbers(view: View) -> View | None:
    """VIEW with numbers as the bytes that they are; None where it has none in a row."""
    return _unescaped(view, _NUMBER, _byte) if _NUMBERS.search(view.text) else None


def _byte(token: bytes) -> bytes:
    number = int(token.rstrip(b",; \t\r\n"))
    return bytes((number,)) if number < 256 else token  # noqa: PLR2004 (what a byte can be)


def _singly(view: View) -> Iterator[View]:
    """VIEW, read once in each of the ways that change it."""
    for mark, pattern in _ESCAPES.items():
        if mark in view.text:
            found = _unescaped(view, pattern)
            if found is not None:
                yield found
    yield from _with_code_points(view)
    for found in (*(_unescaped(view, pattern) for pattern in _OTHERS), _of_numbers(view)):
        if found is not None:
            yield found
    stripped = _without_nul(view)
    if stripped is not None:
        yield stripped


def _rounds(view: View) -> Iterator[View]:
    """VIEW with escapes of all kinds undone at once, again and again until nothing changes."""
    for _ in range(MOST_ROUNDS):
        found = _unescaped(_without_nul(view) or view, _ANY_ESCAPE)
        if found is None:
            return
        yield found
        view = found


def plainly(secret: bytes) -> Iterator[bytes]:
    """SECRET, and what is left of it when what looks like escapes in it is undone."""
    yield secret
    for view in _rounds(View(secret)):
        yield view.text


def in_base64(secret: bytes) -> Iterator[bytes]:
    """The digits that SECRET has in base64, which of three depends on what stands before it.

    Where the letter case of digits was changed, they can't be decoded any more, but still be compared.
    """
    for before in range(3):
        text = binascii.b2a_base64(b"\0" * before + secret, newline=False)
        # Digits that also hold bits of what stands before or behind aren't the secret's own.
        yield text[-(-before * 8 // 6) : (before + len(secret)) * 8 // 6]


# -- encodings: texts that are spelled as a whole ----------------------------------------------------------------------


class _Positions:
    """Which bytes of a text were kept, worked out when it is asked for."""

    def __init__(self, text: bytes, delete: bytes) -> None:
        self._text, self._delete = text, delete
        self._places: list[int] | None = None

    def __getitem__(self, index: int) -> int:
        if self._places is None:
            dropped = frozenset(self._delete)
            self._places = [place for place, byte in enumerate(self._text) if byte not in dropped]
        return self._places[index]


def _kept(view: View, table: bytes | None, delete: bytes) -> View:
    """VIEW without the bytes of DELETE, the others by TABLE."""
    positions = _Positions(view.text, delete)

    def source(start: int, end: int) -> Span:
        return positions[start], positions[end - 1] + 1

    return View(view.text.translate(table, delete), view, source, view.readable)


def _others(alphabet: bytes) -> bytes:
    return bytes(byte for byte in range(256) if byte not in alphabet)


_HEX = b"0123456789abcdefABCDEF"
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BASE32 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_NO_HEX, _NO_BASE64, _NO_URL_SAFE = _others(_HEX), _others(_BASE64), _others(_BASE64 + b"-_")
_NO_BASE32 = _others(_BASE32 + _BASE32.lower())
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_DIGITS = bytes.maketrans(_BASE32 + _BASE32.lower(), b"0123456789abcdefghijklmnopqrstuv" * 2)


def _bits(digits: View, data: bytes, first: int, width: int) -> View:
    """DATA, whose bits are those of DIGITS from bit FIRST on, WIDTH for each digit."""

    def source(start: int, end: int) -> Span:
        return max(0, (first + 8 * start) // width), min(len(digits.text), -(-(first + 8 * end) // width))

    return View(data, digits, source, readable=False)


def _hexadecimal(view: View) -> Iterator[View]:
    # The 0 of 0x is no digit of the byte.
    digits = _kept(View(view.text.replace(b"0x", b"..").replace(b"0X", b".."), view), None, _NO_HEX)
    for first in range(2):
        pairs = (len(digits.text) - first) // 2
        yield _bits(digits, bytes.fromhex(digits.text[first : first + 2 * pairs].decode("ascii")), 4 * first, 4)


def _base64(view: View) -> Iterator[View]:
    alphabets: list[tuple[bytes | None, bytes]] = [(None, _NO_BASE64)]
    if b"-" in view.text or b"_" in view.text:
        alphabets.append((_URL_SAFE, _NO_URL_SAFE))
    for table, delete in alphabets:
        digits = _kept(view, table, delete)
        yield replace(digits, readable=False, digits=True)
        # Separators and line breaks are left out, so every text in it may begin at any of four places.
        for first in range(4):
            text = digits.text[first:]
            yield _bits(digits, binascii.a2b_base64(text + b"A" * (-len(text) % 4))[: len(text) * 6 // 8], 6 * first, 6)


def _base32(view: View) -> Iterator[View]:
    digits = _kept(view, _DIGITS, _NO_BASE32)
    bits = 5 * len(digits.text)
    number = int(digits.text or b"0", 32)
    for last in range(min(8, bits + 1)):
        count = (bits - last) // 8
        data = ((number >> last) & ((1 << 8 * count) - 1)).to_bytes(count, "big")
        yield _bits(digits, data, bits - last - 8 * count, 5)


def _decoded(view: View, shortest: int) -> Iterator[View]:
    """VIEW decoded as a whole by each encoding, what is no digit of it left out; none shorter than SHORTEST."""
    for decode in (_hexadecimal, _base64, _base32):
        for found in decode(view):
            if len(found.text) >= shortest:
                yield _without_nul(found) or found


NEIGHBOURS = 256
"""So many bytes beside a run of ASCII are looked at with it: a password may have other letters among them."""

_PRINTABLE = bytes.maketrans(
    bytes(range(256)),
    bytes(byte in b"\t\n\r" or (chr(byte).isprintable() and byte < 0x80) for byte in range(256)),  # noqa: PLR2004 (ASCII's end)
)
_NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LAST_NO_TEXT = re.compile(rb".*[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", re.DOTALL)


@cache
def _ascii(run: int) -> re.Pattern[bytes]:
    return re.compile(rb"[\t\n\r\x20-\x7e]{%d,}" % run)


def _readable(view: View, run: int) -> View | None:
    """What of VIEW, which was decoded, is text; None when nothing is, as mostly with what was never encoded.

    run: at least so many characters of ASCII in a row has what is looked for, however it is spelled.
    """
    text = view.text
    if view.digits or b"\1" * run not in text.translate(_PRINTABLE):
        return None
    spans: list[tuple[int, int]] = []
    for match in _ascii(run).finditer(text):
        done = spans[-1][1] if spans else 0
        if match.end() <= done:
            continue
        start = max(0, match.start() - NEIGHBOURS)
        before = _LAST_NO_TEXT.match(text, start, match.start())
        start = before.end() if before else start
        end = min(len(text), match.end() + NEIGHBOURS)
        after = _NO_TEXT.search(text, match.end(), end)
        end = after.start() if after else end
        if spans and start <= done:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    pieces: list[bytes] = []
    length = 0
    replacements = _Replacements()
    for start, end in spans:
        # The mark between two pieces is no digit and no part of an escape.
        pieces += (b"\xff", text[start:end])
        replacements.add(length, 1, max(0, start - 1), start)
        length += 1 + end - start
    return View(b"".join(pieces), view, replacements.source)


def views(text: bytes, shortest: int, run: int) -> Iterator[View]:
    """TEXT, and every reading of it that differs.

    The views of one spelling and of two are exact. What is spelled more often is undone as far as it goes without
    asking in which order.

    Args:
        text: what is read.
        shortest: bytes that a view must have.
        run: as many characters of ASCII in a row has what is looked for, however it is spelled.
    """
    yield from _all_views(View(text), shortest, run, {False: set(), True: set()}, MOST_LAYERS)


def _escaped(root: View) -> Iterator[tuple[View, bool]]:
    """(a reading of ROOT without escapes; whether it is also looked at for encodings of whole texts)."""
    yield root, True
    singly, rounds = list(_singly(root)), list(_rounds(root))
    for view in (root, *rounds):
        for pattern in _WITHIN:
            if (joined := _unescaped(view, pattern, _nothing)) is not None:
                yield joined, False
    for view in (*singly, *rounds):
        yield view, True
    for view in singly:
        yield from ((twice, False) for twice in _singly(view))
    for view in rounds:
        # What stands behind may read as an escape only once another layer is gone.
        yield from ((once, False) for once in _singly(view))


def _all_views(root: View, shortest: int, run: int, seen: dict[bool, set[bytes]], layers: int) -> Iterator[View]:
    def new(view: View) -> bool:
        if len(view.text) < shortest or view.text in seen[view.digits]:
            return False
        seen[view.digits].add(view.text)
        return True

    found = []
    for view, encoded in _escaped(root):
        if new(view):
            yield view
            if encoded:
                found.append(view)
    if not layers:
        return
    for decoded in filter(new, chain.from_iterable(_decoded(view, shortest) for view in found)):
        yield decoded
        text = _readable(decoded, run)
        if text is not None:
            yield from _all_views(text, shortest, run, seen, layers - 1)
