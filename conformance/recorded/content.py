"""The bodies of a recording: what was stored of each, and whether that is all of it.

A body that was left out, cut, or stored as it came over the wire and can't be read is known to be lacking. What the
sizes of the recording show to be whole is the target's, however it ends.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.contract import body as bodies
from conformance.evidence.exchange import Headers
from conformance.recorded.placeholders import says_left_out

__all__ = ["Odd", "answer_body", "member", "request_body"]

SURROGATE = re.compile(r"[\ud800-\udfff]")
LEFT_OUT = re.compile(
    r"(?i)not (included|available|recorded|captured)|truncat|discard|omit|too (large|big)|limit|\bcut\b"
)
"""What exporters say in a comment, in the place of a body or beside a part of it."""

CUT_END = re.compile(
    r"(?i)(…|\.\.\."
    r"|(\.\.\.|…)?\s*[\[(<{]{1,2}[^\[\](){}<>\n]{0,60}(truncat|\bcut\b|snip|omitted|more|remaining|bytes|chars)"
    r"[^\[\](){}<>\n]{0,60}[\])>}]{1,2}"
    r"|(\.\.\.|…|\n|-{2,})\s*"
    r"[^\[\](){}<>\n\"]{0,30}(truncat|snip|omitted|more (bytes|char))[^\[\](){}<>\n\"]{0,40})\s*$"
)
"""What stands at the end of a text that was cut."""

FRAMED = re.compile(r"(?i)h[23]|(http/)?[23](\.0)?")
"""HTTP versions whose sizes on the wire count frames, too."""

LIMITS = (64 * 1024, 100_000)
"""Exporters cut bodies at multiples of these."""

LITERAL = re.compile(r"b('.*'|\".*\")", re.DOTALL)
GZIP, LOSSY_GZIP = b"\x1f\x8b\x08", "\x1f\ufffd\x08"
"""How what was compressed by gzip begins, and what is left of that where it was taken for UTF-8."""

IN_A_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")
CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})(?:[ \t]*;[^\r\n]{0,200})?\r?\n")
MOST_CHUNKS = 100_000
LONGEST_UNPACKED = 16 * 1024 * 1024
"""Bytes. More than that isn't unpacked: a small body may hold anything."""

MOST_LAYERS = 3
LARGEST = 2**53
"""Bytes. No size is larger."""


class Odd(ValueError):
    """Why an entry can't be read."""


def member(holder: Mapping[str, Any], name: str, words: str) -> Mapping[str, Any] | None:
    """The object NAME of HOLDER, which WORDS name, None where there is none."""
    value = holder.get(name)
    if value is not None and not isinstance(value, dict):
        raise Odd(f"{words} isn't an object")
    return value


@dataclass(frozen=True)
class _Sizes:
    """The sizes that a recording gives for a body, 0 where it gives none.

    content: of what is stored. length: what Content-Length says. wire: bytes that came. Those that count something
    else (what is compressed, or frames) are left out. empty: one of them says that there is nothing.
    """

    content: int = 0
    length: int = 0
    wire: int = 0
    empty: bool = False

    @property
    def largest(self) -> int:
        """The largest of them."""
        return max(self.content, self.length, self.wire)

    def whole(self, body: bytes) -> bool:
        """Whether one of the sizes is that of BODY."""
        return len(body) in (self.content, self.length, self.wire) if body else self.empty


def answer_body(
    response: Mapping[str, Any], status: int, headers: Headers, version: str, *, broken: bool
) -> tuple[bytes, str]:
    """(the body of RESPONSE, why it isn't known); BROKEN: the exporter says that the answer broke off."""
    content = member(response, "content", "the answer's content")
    sizes = _sizes(content or {}, response, headers, framed=FRAMED.fullmatch(version) is not None)
    if content is None or content.get("text") is None:
        known = status in (204, 304) or _length(headers) == 0
        return b"", "" if known else _without_text(content or {}, sizes, "the answer's body")
    body, lacking = _decoded(content, sizes, headers, "the answer's body")
    if broken and not lacking and not _is_json(body):
        return b"", "the recording says that the answer broke off"
    return body, lacking


def request_body(
    posted: Mapping[str, Any] | None, request: Mapping[str, Any], headers: Headers
) -> tuple[bytes | None, str, int]:
    """(the body of REQUEST, why it isn't known, the bytes that it has at least)."""
    sizes = _sizes({}, request, headers, framed=False)
    if posted is None or posted.get("text") is None:
        params = posted.get("params") if posted else None
        if not sizes.largest and not params and not (posted and _comment(posted)):
            return None, "", 0
        sent = f", although {sizes.largest} bytes were sent" if sizes.largest else ""
        return None, f"the recording has no body of the request{sent}", sizes.largest
    # HAR has no member that says how a request's text is encoded; the suite's own recordings say it in the comment.
    named = {**posted, "encoding": posted.get("encoding") or ("base64" if posted.get("comment") == "base64" else None)}
    body, lacking = _decoded(named, sizes, headers, "the request's body", sent=True)
    return body, lacking, max(sizes.largest, len(body))


def _sizes(content: Mapping[str, Any], holder: Mapping[str, Any], headers: Headers, *, framed: bool) -> _Sizes:
    names = {name.lower() for name, _ in headers}
    stored, on_wire = content.get("size"), holder.get("bodySize")
    empty = any(type(size) in (int, float) and size == 0 for size in (stored, on_wire)) or _length(headers) == 0
    if "content-encoding" in names:
        return _Sizes(_size(stored), empty=empty)
    wire = _size(on_wire)
    if framed or "transfer-encoding" in names:
        # Chunks and frames are counted as well: only much more than what is there shows that something isn't.
        wire = max(0, wire * 98 // 100 - 64)
    return _Sizes(_size(stored), _length(headers) or 0, wire, empty)


def _size(value: Any) -> int:
    return int(value) if type(value) in (int, float) and math.isfinite(value) and 0 < value < LARGEST else 0


def _length(headers: Headers) -> int | None:
    values = {value.strip() for name, value in headers if name.lower() == "content-length"}
    value = values.pop() if len(values) == 1 else ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else None  # noqa: PLR2004 (digits)


def _comment(content: Mapping[str, Any]) -> str:
    comment = content.get("comment")
    return comment if isinstance(comment, str) and LEFT_OUT.search(comment) else ""


def _without_text(content: Mapping[str, Any], sizes: _Sizes, what: str) -> str:
    size = f" of {sizes.largest} bytes" if sizes.largest else ""
    comment = _comment(content)
    return f"the recording lacks {what}{size}" + (f" ({comment[:80]})" if comment else "")


class _Lacking(ValueError):
    """Why a body isn't known."""


def _decoded(
    content: Mapping[str, Any], sizes: _Sizes, headers: Headers, what: str, *, sent: bool = False
) -> tuple[bytes, str]:
    """(the body, why it isn't known); SENT: it is a request's, of which nobody asks whether it is empty."""
    text, encoding = content["text"], content.get("encoding")
    if not isinstance(text, str):
        raise Odd(f"{what} isn't text")
    if encoding is not None and not isinstance(encoding, str):
        raise Odd(f"the encoding of {what} isn't text")
    try:
        body = _stored(text, (encoding or "").lower(), sizes, what)
        if not body:
            _complain_of_nothing(content, _Sizes(empty=True) if sent and not sizes.largest else sizes, what)
        _complain_of_quotes(body, sizes, what)
        if not body or _is_json(body):
            return body, ""
        unpacked = _as_sent(body, "" if encoding else text, headers, what)
        if unpacked is body:
            _complain_of_part(body, text, content, sizes, what)
    except _Lacking as lacking:
        return b"", str(lacking)
    return unpacked, ""


def _stored(text: str, encoding: str, sizes: _Sizes, what: str) -> bytes:
    """The bytes that TEXT stands for in ENCODING."""
    match encoding:
        case "":
            if SURROGATE.search(text):
                raise _Lacking(f"the recording has {what} with half a character in it")
            return text.encode("utf-8")
        case "base64":
            decoded = _from_base64(text, sizes)
            if decoded is None:
                raise _Lacking(f"the recording calls {what} base64, which it isn't")
            return decoded
    raise _Lacking(f"the recording has {what} in an encoding that HAR doesn't have")


def _complain_of_nothing(content: Mapping[str, Any], sizes: _Sizes, what: str) -> None:
    """Raise when it isn't known that nothing was sent."""
    if sizes.largest or _comment(content) or not sizes.empty:
        raise _Lacking(_without_text(content, sizes, what))


def _complain_of_quotes(body: bytes, sizes: _Sizes, what: str) -> None:
    """Raise when BODY is JSON within a string of JSON, and longer than what was sent."""
    if body.startswith(b'"') and 0 < sizes.length < len(body):
        raise _Lacking(f"the recording has {what} within a string")


def _complain_of_part(body: bytes, text: str, content: Mapping[str, Any], sizes: _Sizes, what: str) -> None:
    """Raise when BODY, which is no JSON, isn't what was sent, or only a part of it."""
    if 0 < sizes.length < len(body):
        raise _Lacking(f"the recording has {len(body)} bytes for {what}, of which {sizes.length} were sent")
    if LITERAL.fullmatch(text) and sizes.length != len(body):
        raise _Lacking(f"the recording has {what} as a program prints bytes")
    if says_left_out(text, measured=sizes.whole(body)) and sizes.length != len(body):
        raise _Lacking(_without_text({}, sizes if sizes.largest > len(body) else _Sizes(), what))
    if _is_cut(body, text, content, sizes):
        size = f" of {sizes.largest}" if sizes.largest > len(body) else ""
        raise _Lacking(f"the recording has {len(body)}{size} bytes of {what}, which was cut")


def _from_base64(text: str, sizes: _Sizes) -> bytes | None:
    """What TEXT stands for; None when it isn't base64, whatever the recording says."""
    compact = "".join(text.split())
    try:
        body = base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError):
        return None
    # By chance plain text can be read as base64; then its own length is the one that is recorded.
    given = (sizes.content, sizes.length, sizes.wire)
    return None if len(compact) in given and len(body) not in given and not _is_json(body) else body


def _is_json(body: bytes) -> bool:
    try:
        bodies.parse(body)
    except bodies.NotJSON:
        return False
    return True


# -- bodies that were stored as they came ------------------------------------------------------------------------------


def _as_sent(body: bytes, text: str, headers: Headers, what: str) -> bytes:
    """BODY without the encodings that HEADERS name, where it still has them.

    text: what the recording has for it, where that isn't encoded.
    """
    codings = [
        coding.strip().lower()
        for wanted in ("content-encoding", "transfer-encoding")
        for name, value in headers
        if name.lower() == wanted
        for coding in value.split(",")
    ]
    codings = [coding for coding in codings if coding not in ("", "identity")]
    if not codings and (body.startswith(GZIP) or text.startswith(LOSSY_GZIP)):
        # The exporter took out what said so.
        codings = ["gzip"]
    found = _bytes_of(text) or body if codings else body
    before = found
    for coding in reversed(codings[-MOST_LAYERS:]):
        undone = _dechunked(found) if coding == "chunked" else _inflated(found, coding)
        if undone is None:
            raise _Lacking(f"the recording has {what} as it came over the wire, and it can't be read so")
        found = undone
    return body if found is before else found


def _bytes_of(text: str) -> bytes | None:
    """The bytes of TEXT where each was written as a character, as some exporters do; None where it isn't so."""
    if NO_TEXT.search(text) is None or any(ord(one) > 0xFF for one in text):  # noqa: PLR2004 (Latin-1's end)
        return None
    return text.encode("latin-1")


def _is_text(body: bytes) -> bool:
    try:
        return NO_TEXT.search(body.decode("utf-8")) is None
    except UnicodeDecodeError:
        return False


def _dechunked(body: bytes) -> bytes | None:
    """BODY without the sizes of its chunks; as it is where it has none; None where it breaks off among them."""
    pieces: list[bytes] = []
    place = 0
    for _ in range(MOST_CHUNKS):
        size = CHUNK.match(body, place)
        if size is None:
            # That it begins as a chunk does may be chance.
            return None if pieces else body
        start, length = size.end(), int(size[1], 16)
        if not length:
            return b"".join(pieces)
        pieces.append(body[start : start + length])
        if len(pieces[-1]) < length:
            return None
        ending = re.compile(rb"\r?\n").match(body, start + length)
        if ending is None:
            return None if len(pieces) > 1 else body
        place = ending.end()
    return None


def _inflated(body: bytes, coding: str) -> bytes | None:
    """BODY, which CODING compressed; None when that can't be undone here, or not within bounds.

    What is text was unpacked before: most exporters store what a client would see.
    """
    if _is_text(body):
        return body
    windows = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}.get(coding, ())
    for window in windows:
        unpacking = zlib.decompressobj(window)
        try:
            found = unpacking.decompress(body, LONGEST_UNPACKED)
        except zlib.error:
            continue
        if unpacking.eof and not unpacking.unused_data:
            return found
    return None


# -- bodies that were cut ----------------------------------------------------------------------------------------------


def _is_cut(body: bytes, text: str, content: Mapping[str, Any], sizes: _Sizes) -> bool:
    """Whether BODY, which is no JSON, is only a part of what was sent."""
    if sizes.largest > len(body):
        return True
    if sizes.length == len(body):
        # That came with the answer, not from the exporter.
        return False
    if any(part and (len(part) + less) % limit == 0 for part in (body, text) for limit in LIMITS for less in (0, 1)):
        return True
    if _comment(content) or CUT_END.search(text[-160:]):
        return True
    return not sizes.whole(body) and _breaks_off(text)


def _breaks_off(text: str) -> bool:
    """Whether TEXT begins as an object or a list of JSON does, and ends within it."""
    if not text.lstrip().startswith(("{", "[")):
        return False
    rest = IN_A_STRING.sub("", text)
    return '"' in rest or rest.count("{") + rest.count("[") > rest.count("}") + rest.count("]")
