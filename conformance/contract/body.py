"""Answers' bodies as strict JSON, with what clients of different kinds would trip over."""

from __future__ import annotations

import codecs
import json
from dataclasses import dataclass
from typing import Any, NoReturn

__all__ = ["Body", "NotJSON", "parse"]

LONGEST_NUMBER = 1000


class NotJSON(ValueError):
    """The body is no JSON text in UTF-8; the message says in words why."""


@dataclass(frozen=True)
class Body:
    """A parsed body: its value, and the names that some object in it has twice."""

    value: Any
    repeated: tuple[str, ...]


def _constant(name: str) -> NoReturn:
    raise NotJSON(f"{name} is no JSON number")


def _integer(digits: str) -> int | float:
    if len(digits) > LONGEST_NUMBER:
        raise NotJSON(f"a number of {len(digits)} digits")
    return int(digits)


def parse(raw: bytes) -> Body:
    """Parse RAW strictly (RFC 8259); NotJSON when it isn't one JSON value in UTF-8."""
    if not raw.strip():
        raise NotJSON("the body is empty")
    if raw.startswith(codecs.BOM_UTF8):
        raise NotJSON("a byte order mark stands before the JSON text")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotJSON(f"not UTF-8 (byte {error.start})") from error
    repeated: list[str] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) < len(pairs):
            names = [name for name, _ in pairs]
            repeated.extend(sorted({name for name in names if names.count(name) > 1}))
        return value

    try:
        value = json.loads(text, object_pairs_hook=members, parse_constant=_constant, parse_int=_integer)
    except NotJSON:
        raise
    except RecursionError as error:
        raise NotJSON("nested deeper than any client reads") from error
    except ValueError as error:
        raise NotJSON(str(error)) from error
    return Body(value, tuple(dict.fromkeys(repeated)))
