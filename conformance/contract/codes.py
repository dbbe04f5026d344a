"""The error codes of the document's table, each by one name; and what sets of them mean together."""

from __future__ import annotations

__all__ = [
    "CONGESTION",
    "CREDENTIALS_UNKNOWN",
    "FLOW_CONTROL",
    "INTERNAL_ERROR",
    "INVALID_CREDENTIALS",
    "INVALID_INPUT",
    "NO_APP_KEY",
    "UNAUTHORIZED_APPLICATION",
    "UNKNOWN_APPLICATION",
    "UNKNOWN_DEVICE",
    "UNPROVEN_CREDENTIALS",
]

INTERNAL_ERROR = "100001"
INVALID_INPUT = "100022"
UNKNOWN_APPLICATION = "100203"
UNAUTHORIZED_APPLICATION = "100217"
NO_APP_KEY = "100220"
UNKNOWN_DEVICE = "100418"
CONGESTION = "100501"
INVALID_CREDENTIALS = "1010005"
FLOW_CONTROL = "1010009"

UNPROVEN_CREDENTIALS = frozenset({INVALID_CREDENTIALS, NO_APP_KEY})
"""Codes that say of token and app_key themselves that they are wrong or missing."""

CREDENTIALS_UNKNOWN = UNPROVEN_CREDENTIALS | {UNKNOWN_APPLICATION, UNAUTHORIZED_APPLICATION}
"""Codes by which a valid call is refused when its credentials aren't known any more."""
