"""What of an exchange is kept: whole, as far as a person would read it; a target must not fill memory or disk."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace

from conformance.evidence.exchange import Exchange, Headers, Request, Response
from conformance.evidence.redaction import CUT

__all__ = ["ANSWER_CUT", "LONGEST_BODY", "LONGEST_HEADERS", "LONGEST_REQUEST", "kept"]

LONGEST_BODY = 128 * 1024
"""Bytes. A task that lists 150 commands has half of that."""

LONGEST_REQUEST = 256 * 1024
"""Bytes of a request's body. The suite's own are much shorter; recorded ones may have any length."""

LONGEST_HEADERS = 16 * 1024
"""Characters of a message's header lines together; servers and proxies hold 8 KiB for too many."""

LONGEST_LINE = 16 * 1024
"""Characters of a URL, or of what stands behind a status."""

ANSWER_CUT = "the answer was cut"
"""How the notes begin of an exchange whose answer was too large to be kept whole."""

_CONTROLS = bytes(byte for byte in range(0x20) if byte not in b"\t\n\r") + b"\x7f"


def kept(exchange: Exchange) -> Exchange:
    """EXCHANGE with no more of its messages than a report has use for; notes say what was cut."""
    request, notes = _kept_request(exchange.request)
    response = exchange.response
    if response is not None:
        response, cuts = _kept_response(response)
        notes += cuts
    if not notes:
        return exchange
    return replace(exchange, request=request, response=response, notes=(*exchange.notes, *notes))


def _kept_request(request: Request) -> tuple[Request, list[str]]:
    """REQUEST as it is kept, and a note for each cut."""
    body = None if request.body is None else _cut_body(request.body, LONGEST_REQUEST)
    headers, url = _cut_headers(request.headers), _cut_line(request.url)
    notes = []
    if request.body is not None and body != request.body:
        notes.append(f"the request's body of {len(request.body)} bytes is cut")
    if headers != request.headers:
        notes.append(f"the request's headers are cut after {LONGEST_HEADERS} characters")
    if url != request.url:
        notes.append(f"the URL is cut after {LONGEST_LINE} characters")
    return replace(request, body=body, headers=headers, url=url), notes


def _kept_response(response: Response) -> tuple[Response, list[str]]:
    """RESPONSE as it is kept, and a note for each cut."""
    body, headers = _cut_body(response.body, LONGEST_BODY), _cut_headers(response.headers)
    notes = []
    if body != response.body:
        after = LONGEST_BODY if len(body) > LONGEST_BODY - 4 else len(body) - len(CUT.encode("utf-8"))
        notes.append(f"{ANSWER_CUT}: its body of {len(response.body)} bytes after {after}")
    if headers != response.headers:
        notes.append(f"{ANSWER_CUT}: its headers after {LONGEST_HEADERS} characters")
    return replace(response, body=body, headers=headers, reason=_cut_line(response.reason)), notes


def _spelled(body: bytes) -> int:
    """How long BODY is in JSON, about, which spells a control character with six others."""
    return len(body) + 5 * (len(body) - len(body.translate(None, _CONTROLS)))


def _cut_body(body: bytes, longest: int) -> bytes:
    if len(body) <= longest and _spelled(body) <= longest:
        return body
    end = bisect_right(range(min(longest, len(body)) + 1), longest, key=lambda length: _spelled(body[:length])) - 1
    # Not within a character: what is text shall stay text.
    start = end
    while 0 < end < len(body) and end > start - 4 and body[end] & 0xC0 == 0x80:  # noqa: PLR2004 (UTF-8's continuation bytes)
        end -= 1
    return body[:end] + CUT.encode("utf-8")


def _cut_line(text: str) -> str:
    return text if len(text) <= LONGEST_LINE else text[:LONGEST_LINE] + CUT


def _cut_headers(headers: Headers) -> Headers:
    left = LONGEST_HEADERS
    found = []
    for name, value in headers:
        if len(name) + len(value) > left:
            found.append((name[:left], value[: max(0, left - len(name))] + CUT))
            break
        found.append((name, value))
        left -= len(name) + len(value)
    return tuple(found)
