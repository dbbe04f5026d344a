"""What of an exchange is kept: whole, as far as a person would read it; a target must not fill memory or disk."""

from __future__ import annotations

from dataclasses import replace

from conformance.exchange import Exchange, Headers
from conformance.target.redaction import CUT

__all__ = ["LONGEST_BODY", "kept"]

LONGEST_BODY = 128 * 1024
"""Bytes. A task that lists 150 commands has half of that."""

LONGEST_HEADERS = 16 * 1024
"""Characters of a response's header lines together; servers and proxies hold 8 KiB for too many."""


def kept(exchange: Exchange) -> Exchange:
    """EXCHANGE with no more of its response than a report has use for; a note says what was cut."""
    response = exchange.response
    if response is None:
        return exchange
    body, headers = _cut_body(response.body), _cut_headers(response.headers)
    notes = list(exchange.notes)
    if body != response.body:
        notes.append(f"the answer's body of {len(response.body)} bytes is cut after {LONGEST_BODY}")
    if headers != response.headers:
        notes.append(f"the answer's headers are cut after {LONGEST_HEADERS} characters")
    return replace(exchange, response=replace(response, body=body, headers=headers), notes=tuple(notes))


def _cut_body(body: bytes) -> bytes:
    if len(body) <= LONGEST_BODY:
        return body
    end = LONGEST_BODY
    # Not within a character: what is text shall stay text.
    while end > LONGEST_BODY - 4 and body[end] & 0xC0 == 0x80:  # noqa: PLR2004 (UTF-8's continuation bytes)
        end -= 1
    return body[:end] + CUT.encode("utf-8")


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
