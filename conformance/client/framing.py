"""What of an answer's bytes belongs to it: content encodings undone within limits, and bytes that follow its end."""

from __future__ import annotations

import re
import zlib

from conformance.evidence.exchange import Headers

__all__ = ["Oversized", "Unreadable", "belied", "decoded", "surplus"]

MOST_ENCODINGS = 2
MOST_MEMBERS = 16
"""A gzip file may hold several members. No server sends more than a few, and each one costs a copy of the rest."""

INTERIM = b"1"
BODILESS = (b"204", b"304")
HEAD_END = re.compile(rb"\n\r?\n")


class Unreadable(Exception):
    """The content encoding is none that was asked for, or broken; the message says why."""


class Oversized(Exception):
    """More than the limit comes out of it."""


def _values(headers: Headers, name: str) -> list[str]:
    """The comma-separated values of the header NAME, lower-cased."""
    texts = [value for key, value in headers if key.lower() == name]
    return [part.strip().lower() for text in texts for part in text.split(",")]


def decoded(body: bytes, headers: Headers, limit: int) -> bytes:
    """BODY with the content encodings that HEADERS name undone; Unreadable, or Oversized beyond LIMIT bytes."""
    encodings = [encoding for encoding in _values(headers, "content-encoding") if encoding not in ("", "identity")]
    if len(encodings) > MOST_ENCODINGS:
        raise Unreadable(f"{len(encodings)} content encodings, one on top of the other")
    for encoding in reversed(encodings):
        try:
            if encoding in ("gzip", "x-gzip"):
                body = _unzipped(body, limit)
            elif encoding == "deflate":
                # Some servers leave the zlib header out.
                raw = not (body[:1] and body[0] & 0x0F == zlib.DEFLATED and int.from_bytes(body[:2]) % 31 == 0)
                body, _ = _inflated(body, -zlib.MAX_WBITS if raw else zlib.MAX_WBITS, limit)
            else:
                raise Unreadable(f"the content encoding {encoding[:40]} wasn't asked for")
        except zlib.error as error:
            raise Unreadable(f"the content encoding {encoding} is broken: {error}") from error
    return body


def _unzipped(body: bytes, limit: int) -> bytes:
    parts: list[bytes] = []
    rest = body
    for _ in range(MOST_MEMBERS):
        part, rest = _inflated(rest, zlib.MAX_WBITS | 16, limit - sum(map(len, parts)))
        parts.append(part)
        if not rest.strip(b"\0"):
            return b"".join(parts)
    raise zlib.error(f"more than {MOST_MEMBERS} members")


def _inflated(body: bytes, window: int, limit: int) -> tuple[bytes, bytes]:
    """(what BODY holds, what follows its end)."""
    stream = zlib.decompressobj(window)
    plain = stream.decompress(body, limit + 1)
    if len(plain) > limit:
        raise Oversized
    if body and not stream.eof:
        raise zlib.error("cut short")
    return plain, stream.unused_data


def belied(body: bytes, headers: Headers) -> str | None:
    """The Content-Length sent alongside chunked encoding, if it contradicts the chunks' total length.

    BODY holds all chunks. A proxy or a client that goes by that length takes another answer from the same bytes.
    """
    lengths = _values(headers, "content-length") if "chunked" in _values(headers, "transfer-encoding") else []
    return next((length for length in lengths if length != str(len(body))), None)


def surplus(received: bytes | bytearray, headers: Headers) -> int:
    """How many bytes of RECEIVED follow the end of the answer, which has HEADERS and was complete; 0: none.

    A client that keeps the connection reads them as the beginning of the next answer.
    """
    head = _head(received)
    if head is None:
        return 0
    start, end = head
    lengths = _values(headers, "content-length")
    if received[start + 9 : start + 12] not in BODILESS:
        if "chunked" in _values(headers, "transfer-encoding"):
            end = _chunks_end(received, end)
        elif lengths:
            end += int(lengths[0])
        else:
            # The end of the connection is the end of the body.
            return 0
    return max(0, len(received) - end)


def _head(received: bytes | bytearray) -> tuple[int, int] | None:
    """Where the head of the final answer begins and ends, interim ones skipped."""
    start = 0
    for match in HEAD_END.finditer(received):
        if received[start + 9 : start + 10] != INTERIM:
            return start, match.end()
        start = match.end()
    return None


def _chunks_end(received: bytes | bytearray, at: int) -> int:
    """Where the chunked body that begins AT ends, its trailer included."""
    while True:
        line_end = received.find(b"\n", at) + 1
        size = int(bytes(received[at:line_end]).partition(b";")[0], 16)
        if size == 0:
            # The trailer's end is the first empty line, which may be the very next one.
            match = HEAD_END.search(received, line_end - 1)
            return match.end() if match else len(received)
        at = line_end + size + 2
