"""Requests that explicit cases make already: generated ones that repeat them are dropped."""

from __future__ import annotations

import json
from typing import Any

from conformance.fuzzing.example import APP_ID, BODY, DEVICE, HEADERS, Example, like

__all__ = ["is_explicit"]

BODIES = frozenset(
    {
        None,
        b"",
        b" \n",
        b"deviceId",
        b"deviceId=1",
        BODY[:-1],
        BODY[:-2] + b'\xff"}',
        BODY[:-1] + b",}",
        BODY + b" garbage",
        b"/* a comment */ " + BODY,
        BODY.replace(b'"deviceId"', b"deviceId"),
        BODY.replace(b'"', b"'"),
        BODY[:-1] + b', "n": NaN}',
    }
)
VALUES = (None, 1234567890, True, [DEVICE], {"$ne": None}, "", "%", "z", "z" * 64, "z" * 65, "z" * 10_000)
OTHERS: tuple[Any, ...] = ([], None, 0, [{"deviceId": DEVICE}], BODY.decode("ascii"), {}, {"deviceID": DEVICE})
_CANONICAL = frozenset(json.dumps(value) for value in (*OTHERS, *({"deviceId": value} for value in VALUES)))
QUERIES = frozenset({"", f"appId={APP_ID}", f"appId={like(APP_ID, 'altered')}", f"appId={APP_ID}0"})
LINES = (
    *((name, None) for name in ("app_key", "Authorization")),
    *((name, "") for name in ("app_key", "Authorization")),
    ("Authorization", "Bearer"),
    ("Authorization", "Bearer null"),
    ("Content-Type", "application/json; charset=UTF-8"),
)


def is_explicit(example: Example) -> bool:
    """Whether an explicit case makes this request, or the same with other white space."""
    edited_lines = [line for line in example.headers if line not in HEADERS]
    if example.headers == HEADERS or len(edited_lines) > 1:
        return example.headers == HEADERS and _explicit_body(example)
    if example.body != BODY or example.query:
        return example.body is None
    given = dict(example.headers)
    return len(example.headers) <= len(HEADERS) and any(
        given.get(name) == value and len(example.headers) == len(HEADERS) - (value is None) for name, value in LINES
    )


def _explicit_body(example: Example) -> bool:
    if example.body == BODY:
        return example.query in QUERIES
    if example.query not in ("", f"appId={APP_ID}"):
        return False
    if example.body in BODIES:
        return True
    try:
        return json.dumps(json.loads(example.body or b"")) in _CANONICAL
    except (ValueError, RecursionError):
        return False
