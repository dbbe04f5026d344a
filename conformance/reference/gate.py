"""Keeps web pages away from what is meant for programs on this machine: the hook, and the sibling calls.

A page that somebody has open in a browser here can send requests to loopback, also under a name of its own that leads
there. Such a request shows by its Host or Origin, or by a media type that needs no leave to be sent.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from conformance.reference import documents
from conformance.reference.messages import Answer, Request

__all__ = ["FORM", "JSON", "LARGEST_BODY", "refused"]

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
LARGEST_BODY = 1024 * 1024

_HERE = frozenset({"127.0.0.1", "localhost", "::1"})
_CHARSET = re.compile(r"(?i)\s*(;\s*charset\s*=\s*\"?utf-?8\"?\s*)?")


def refused(request: Request, media_type: str) -> Answer | None:
    """The answer that refuses REQUEST, whose body has to be of MEDIA_TYPE; None when it may come in."""
    reason = _strangeness(request)
    if reason is not None:
        return _answer(403, reason)
    if len(request.body) > LARGEST_BODY:
        return _answer(413, f"the body has more than {LARGEST_BODY} bytes")
    given = request.header("content-type") or ""
    name = given.partition(";")[0]
    if request.body and not (name.strip().lower() == media_type and _CHARSET.fullmatch(given[len(name) :])):
        return _answer(415, f"the media type has to be {media_type}")
    return None


def _strangeness(request: Request) -> str | None:
    """Why the request comes from elsewhere; None when it comes from a program here."""
    host = request.header("host")
    if host is not None and _host(f"//{host}") not in _HERE:
        return "the Host isn't this machine's loopback"
    origin = request.header("origin")
    # Scheme and port count in an origin, so that another server on this machine is another one.
    if origin is not None and (host is None or _place(origin) != host.lower()):
        return "the Origin is another one"
    if request.header("sec-fetch-site") not in (None, "same-origin", "none"):
        return "the call comes from another site"
    return None


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _place(origin: str) -> str | None:
    """Host and port of ORIGIN."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return None
    return parts.netloc.lower() if parts.scheme in ("http", "https") else None


def _answer(status: int, reason: str) -> Answer:
    return Answer(status, documents.write({"reason": reason}))
