"""Reading and writing JSON, strictly."""

from __future__ import annotations

import json


class InputError(ValueError):
    """What was sent isn't what was asked for."""


def read(body: bytes) -> object:
    """The JSON value of a body in UTF-8.

    Raises ValueError for everything else: no body, a byte order mark, NaN or Infinity, text after the value, numbers
    too long or nesting too deep to be read, half a surrogate pair.
    """
    try:
        value: object = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
        # Half a surrogate pair can be read but never be written again.
        write(value)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return value


def read_object(body: bytes) -> dict[str, object]:
    """The members of a JSON object; raises ValueError for every other body."""
    value = read(body)
    if not isinstance(value, dict):
        raise InputError("not an object")
    return value


def write(value: object) -> bytes:
    """The value as JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")
