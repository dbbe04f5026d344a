"""What makes a base URL, and the value of a header, one that can be used."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

__all__ = ["CALL", "WITH_SCHEME", "base_url_of", "header_problem", "hook_url_problem", "token_problem", "url_parts"]

PRINTABLE = re.compile(r"[!-~]+")
CALL = "/iocm/app/cmd/v1.4.0/deviceCommandCancelTasks"
"""The path of the call, which is appended to the base URL."""

BEARER = re.compile(r"bearer\s", re.IGNORECASE)
WITH_SCHEME = "it begins with “Bearer ”, which the suite writes in front of it; give the token alone"


def url_parts(text: str) -> tuple[SplitResult | None, str | None]:
    """(the parts of the URL TEXT, what is wrong with it or None)."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        words = str(error)
        # What Python quotes of it may be a part of a password.
        return None, words if "'" not in words else "it isn't a URL, or its port isn't a number from 1 to 65535"
    problem = None
    if parts.scheme not in ("http", "https"):
        problem = "it must begin with https:// or http://"
    elif not parts.hostname:
        problem = "it names no host"
    elif port == 0:
        problem = "port 0 can't be called"
    elif "@" in parts.netloc + parts.path:
        # What looks like a path may begin with a slash in a password.
        problem = "credentials in a URL end up in logs; leave them out"
    elif not PRINTABLE.fullmatch(parts.netloc):
        problem = "the host name must be in ASCII; write an international one as xn--…"
    return parts, problem


def base_url_of(text: str) -> tuple[str, str | None]:
    """(the base URL, a gateway's path included, without a trailing slash; what is wrong with it or None)."""
    parts, problem = url_parts(text.strip())
    if parts is None:
        return text, problem
    if problem is None and (parts.query or parts.fragment or "?" in text or "#" in text):
        problem = "it must have no query or fragment"
    path = parts.path.rstrip("/")
    if problem is None and path and not PRINTABLE.fullmatch(path):
        problem = "the path must be in ASCII; write other characters as %…"
    if problem is None and path.endswith(CALL):
        problem = f"the suite appends the path of the call; leave {CALL} out"
    return f"{parts.scheme}://{parts.netloc}{path}", problem


def hook_url_problem(text: str) -> str | None:
    """What keeps TEXT, which may have a path and a query, from being the URL of a hook; None when nothing does."""
    _, problem = url_parts(text)
    if problem is None and not PRINTABLE.fullmatch(text):
        return "it must be in ASCII, without spaces; write other characters as %…"
    return problem


def header_problem(text: str) -> str | None:
    """What keeps TEXT from being a header's value, or None."""
    if text != text.strip():
        return "it begins or ends with white space"
    if text and not PRINTABLE.fullmatch(text.replace(" ", "")):
        return "it holds a character that can't stand in an HTTP header"
    return None


def token_problem(text: str) -> str | None:
    """What keeps TEXT from being an access token, or None."""
    return WITH_SCHEME if BEARER.match(text) else header_problem(text)
