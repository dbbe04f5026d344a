"""HTTP's statuses that code refers to, each by one name."""

from __future__ import annotations

__all__ = ["CREATED", "FAILED", "MALFORMED", "REDIRECTS", "SUCCESSFUL", "TOO_LARGE", "UNAUTHORIZED", "UNSUPPORTED"]

CREATED = 201
SUCCESSFUL = range(200, 300)
REDIRECTS = range(300, 400)
UNAUTHORIZED = 401
TOO_LARGE = frozenset({413, 414, 431})
"""HTTP's own answers to what is too large for a server (interpretation very-large-input)."""

MALFORMED, UNSUPPORTED = frozenset({400}), frozenset({415})
"""HTTP's own answers to a request that isn't one, and to a media type that isn't taken."""

FAILED = 500
"""From here on the server failed inside."""
