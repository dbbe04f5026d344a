"""What a hook or a platform hands out: ids that can be sent and shown, credentials that are fit for a header."""

from __future__ import annotations

import re
from typing import Any

from conformance.contract.bounds import LONGEST_ID

__all__ = ["is_credential", "is_id"]

LONGEST_CREDENTIAL = 8192
HEADER_TEXT = re.compile(r"[!-~]+")
"""Nothing else can be meant to stand in a header, and a line end would begin another one."""


def is_id(value: Any) -> bool:
    """Whether VALUE is a string that can be an id or a status."""
    return isinstance(value, str) and 1 <= len(value) <= LONGEST_ID and value.isprintable()


def is_credential(value: Any) -> bool:
    """Whether VALUE is a string that can be sent as a header's value."""
    return isinstance(value, str) and len(value) <= LONGEST_CREDENTIAL and HEADER_TEXT.fullmatch(value) is not None
