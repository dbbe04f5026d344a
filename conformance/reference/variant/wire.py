"""Variants in the answer as HTTP."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate

from conformance.reference.behaviour import Behaviour
from conformance.reference.edits import Edit, Step, Variant, around, together, wrap
from conformance.reference.framing import chunk, with_headers
from conformance.reference.messages import Answer, End, Pause, Request, Transmission


def labelled(media_type: str) -> Edit:
    """Another content type for every answer."""
    return around("respond", lambda inner, request: _relabelled(inner(request), media_type))


def _relabelled(answer: Answer, media_type: str) -> Answer:
    kept = tuple((name, value) for name, value in answer.headers if name != "Content-Type")
    return replace(answer, headers=(("Content-Type", media_type), *kept))


def also(*headers: tuple[str, str]) -> Edit:
    """Further headers for every answer."""
    return around("respond", lambda inner, request: with_headers(inner(request), *headers))


def dated(seconds: float) -> Edit:
    """The header Date, by a clock that is ahead by so many seconds."""

    def respond(inner: Callable[[Request], Answer], request: Request) -> Answer:
        answer = inner(request)
        return with_headers(answer, ("Date", formatdate(time.time() + seconds, usegmt=True)))

    return around("respond", respond)


def names(change: Callable[[str], str]) -> Edit:
    """Header names in another letter case."""

    def head(inner: Step, answer: Answer, framing: tuple[tuple[str, str], ...]) -> bytes:
        renamed = replace(answer, headers=tuple((change(name), value) for name, value in answer.headers))
        text: bytes = inner(renamed, tuple((change(name), value) for name, value in framing))
        return text

    return around("wire.head", head)


def preceded(*parts: bytes | Pause) -> Edit:
    """Something before every answer."""

    def transmit(inner: Step, request: Request, answer: Answer) -> Transmission:
        yield from parts
        yield from inner(request, answer)

    return around("wire.transmit", transmit)


def _closing(inner: Step, request: Request, answer: Answer) -> Transmission:
    yield from inner(request, with_headers(answer, ("Connection", "close")))
    yield End.CLOSE


def _closed_after(inner: Step, request: Request, answer: Answer) -> Transmission:
    yield from inner(request, answer)
    yield End.CLOSE


def _compressed(inner: Step, request: Request, answer: Answer) -> Transmission:
    if "gzip" in (request.header("accept-encoding") or ""):
        answer = with_headers(
            replace(answer, body=gzip.compress(answer.body)),
            ("Content-Encoding", "gzip"),
            ("Vary", "Accept-Encoding"),
        )
    yield from inner(request, answer)


def _chunked(behaviour: Behaviour) -> None:
    def frame(_inner: Step, answer: Answer, body: bytes) -> bytes:
        half = len(body) // 2
        chunks = [chunk(part) for part in (body[:half], body[half:]) if part]
        return behaviour.wire.head(answer, (("Transfer-Encoding", "chunked"),)) + b"".join([*chunks, chunk(b"")])

    wrap(behaviour, "wire.frame", frame)


def _strict_about_lines(behaviour: Behaviour) -> None:
    # As servers do that stand before an application: a page of their own for a header that is repeated.
    def respond(inner: Callable[[Request], Answer], request: Request) -> Answer:
        names = [name.lower() for name, _ in request.headers]
        if len(set(names)) == len(names):
            return inner(request)
        page = b"<html><body><h1>400 Bad Request</h1></body></html>"
        return Answer(400, page, (("Content-Type", "text/html"),))

    wrap(behaviour, "respond", respond)


_FRAMING = "How an answer is framed is left to HTTP."
_HEADERS = "The document names no header of the answer but Content-Type."
_NAMES = "HTTP reads header names in any letter case."
_MEDIA_TYPE = "A content type may have parameters, in any letter case."
_OLD = around("wire.status_line", lambda inner, status: inner(status).replace("HTTP/1.1", "HTTP/1.0"))

VARIANTS = (
    Variant("repeated-headers-400", "No sender may repeat a header that isn't a list.", _strict_about_lines),
    Variant("charset", _MEDIA_TYPE, labelled("application/json;charset=UTF-8")),
    Variant("charset-quoted", _MEDIA_TYPE, labelled('Application/JSON; Charset="utf-8"')),
    Variant("headers-upper-case", _NAMES, names(str.upper)),
    Variant("headers-lower-case", _NAMES, names(str.lower)),
    Variant("chunked", _FRAMING, _chunked),
    Variant("chunked-closing", _FRAMING, together(_chunked, around("wire.transmit", _closing))),
    Variant("closing", _FRAMING, around("wire.transmit", _closing)),
    Variant("http-1.0", _FRAMING, together(_OLD, around("wire.transmit", _closed_after))),
    Variant(
        "http-1.0-until-close",
        _FRAMING,
        together(_OLD, around("wire.framing", lambda _inner, _answer: ()), around("wire.transmit", _closed_after)),
    ),
    Variant("gzip", "A client that asks for gzip may be given it.", around("wire.transmit", _compressed)),
    Variant("informational-answer-first", "HTTP allows it.", preceded(b"HTTP/1.1 103 Early Hints\r\n\r\n")),
    Variant("slow", "The document gives no time in which to answer.", preceded(Pause(0.5))),
    Variant(
        "in-small-pieces",
        _FRAMING,
        around("wire.transmit", lambda inner, request, answer: _in_pieces(inner(request, answer))),
    ),
    Variant(
        "further-headers",
        _HEADERS,
        together(also(("Server", "gateway"), ("X-Request-Id", "0a1b2c")), dated(0)),
    ),
    Variant("clock-ten-seconds-slow", "The clocks of a platform's machines may differ by some seconds.", dated(-10)),
    Variant(
        "cookies",
        _HEADERS,
        also(("Set-Cookie", "session=1; Path=/; Secure; HttpOnly"), ("Set-Cookie", "node=2; Path=/")),
    ),
    Variant(
        "security-headers",
        _HEADERS,
        also(("Strict-Transport-Security", "max-age=31536000"), ("Cache-Control", "no-store"), ("Pragma", "no-cache")),
    ),
)


def _in_pieces(parts: Transmission) -> Transmission:
    for part in parts:
        if isinstance(part, bytes):
            yield from (part[start : start + 200] for start in range(0, len(part), 200))
        else:
            yield part
