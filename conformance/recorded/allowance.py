"""Answers that aren't the service's own: HTTP refuses a request by itself, and a proxy answers in place of a target.

A run knows what it sends, and allows for HTTP's own refusals by that. Here it is read from the recorded request.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from conformance.contract import answer as answers
from conformance.contract.server import JSON_TYPE, LARGE_BODY, LARGE_LINE
from conformance.contract.statuses import MALFORMED, TOO_LARGE, UNSUPPORTED
from conformance.evidence.exchange import Request
from conformance.recorded.har import Call
from conformance.recorded.placeholders import is_replaced

__all__ = ["not_the_services"]

LARGE_HEAD, MANY_LINES = 4096, 100
"""Characters of all header lines together, and how many there are: the suite itself sends few, a browser many."""

OF_PROXIES = frozenset({407, 502, 504, 511, *range(520, 531)})
"""What gateways and proxies answer by themselves, those that have numbers of their own included."""

ONCE = ("app_key", "authorization", "content-length", "content-type", "host")
"""Headers that no sender may repeat."""

IN_A_LINE = re.compile(r"[\t -~]*")


def not_the_services(call: Call, *, sanitized: bool) -> str:
    """Why the answer of CALL says nothing of the service, in words; empty when it does.

    sanitized: the exporter took credentials out, so nobody knows how long the headers were.
    """
    response = call.exchange.response
    if response is None or not (response.status in OF_PROXIES or 400 <= response.status < 432):  # noqa: PLR2004 (HTTP's own)
        return ""
    answer = answers.read(response)
    if answer.status in OF_PROXIES:
        return f"{answer.status} is a proxy's answer" if answer.kind == "neither" else ""
    if answer.kind != "task" and answer.status in frozenset().union(*_statuses(call, sanitized=sanitized)):
        return f"{answer.status} is HTTP's own refusal of such a request"
    return ""


def _statuses(call: Call, *, sanitized: bool) -> Iterator[frozenset[int]]:
    """HTTP's own answers to the request of CALL, whatever their body."""
    request = call.exchange.request
    if max(call.request_size, len(request.body or b"")) >= LARGE_BODY or len(request.url) >= LARGE_LINE:
        yield TOO_LARGE
    elif call.request_body_lacking and not call.request_size:
        yield frozenset({413})
    yield from _of_headers(request)
    if not _printable(request):
        yield MALFORMED
    if call.request_headers_lacking:
        yield UNSUPPORTED | MALFORMED
    if sanitized or call.request_headers_lacking or any(is_replaced(value) for _, value in request.headers):
        yield frozenset({431})


def _of_headers(request: Request) -> Iterator[frozenset[int]]:
    lines = [len(name) + len(value) for name, value in request.headers]
    if max(lines, default=0) >= LARGE_LINE or sum(lines) >= LARGE_HEAD or len(lines) >= MANY_LINES:
        yield TOO_LARGE
    names = [name.lower() for name, _ in request.headers]
    if any(names.count(name) > 1 for name in ONCE):
        yield MALFORMED
    types = [value.strip(" \t") for name, value in request.headers if name.lower() == "content-type"]
    if len(types) != 1 or not JSON_TYPE.fullmatch(types[0]) or "content-encoding" in names:
        yield UNSUPPORTED


def _printable(request: Request) -> bool:
    """Whether everything in the head of REQUEST is made of characters that HTTP gives a meaning."""
    parts = urlsplit(request.url)
    return unquote(parts.path + parts.query).isprintable() and all(
        IN_A_LINE.fullmatch(value) and "\t" not in value for _, value in request.headers
    )
