"""Answers' bodies as strict JSON, with what clients of different kinds would trip over."""

from __future__ import annotations

import codecs
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any, NoReturn

__all__ = ["Body", "NotJSON", "parse"]

LONGEST_NUMBER = 1000
DEEPEST = 100
"""Levels of nesting. Parsers of other clients end between some hundred and some thousand."""

MOST_VALUES = 500_000
"""A task of ten thousand commands has less than half as many values; each takes up to 300 bytes of memory."""

TOO_DEEP = f"nested deeper than {DEEPEST} levels"
MOST_NAMES = 3
"""Repeated names that are told."""


class NotJSON(ValueError):
    """The body is no JSON text in UTF-8 that the suite reads; the message says in words why."""


@dataclass(frozen=True)
class Body:
    """A parsed body: its value, and the first names that some object in it has twice."""

    value: Any
    repeated: tuple[str, ...]


def _constant(name: str) -> NoReturn:
    raise NotJSON(f"{name} is no JSON number")


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise NotJSON(f"a number of {len(digits)} digits")
    return int(digits)


def _depth(value: Any) -> int:
    """How deep VALUE is nested, DEEPEST + 1 when it is deeper."""
    level, depth = [value], 0
    while level and depth <= DEEPEST:
        containers = [one for one in level if isinstance(one, (dict, list))]
        level = [child for one in containers for child in (one.values() if isinstance(one, dict) else one)]
        depth += bool(containers)
    return depth


def _text(raw: bytes) -> str:
    """RAW as text; NotJSON when it is none in UTF-8, or has more values than the suite reads."""
    if not raw.strip():
        raise NotJSON("the body is empty")
    if raw.startswith(codecs.BOM_UTF8):
        raise NotJSON("a byte order mark stands before the JSON text")
    if raw.count(b"{") + raw.count(b"[") + raw.count(b",") > MOST_VALUES:
        raise NotJSON(f"more than {MOST_VALUES} values")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotJSON(f"not UTF-8 (byte {error.start})") from error


def parse(raw: bytes) -> Body:
    """Parse RAW strictly (RFC 8259); NotJSON when it isn't one JSON value in UTF-8, or no client would read it."""
    text = _text(raw)
    repeated: dict[str, None] = {}

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) < len(pairs):
            counts = Counter(name for name, _ in pairs)
            repeated.update(dict.fromkeys(sorted(name for name, count in counts.items() if count > 1)))
        return value

    try:
        value = json.loads(text, object_pairs_hook=members, parse_constant=_constant, parse_int=_integer)
    except NotJSON:
        raise
    except RecursionError as error:
        raise NotJSON(TOO_DEEP) from error
    except ValueError as error:
        raise NotJSON(str(error)) from error
    if raw.count(b"{") + raw.count(b"[") > DEEPEST and _depth(value) > DEEPEST:
        raise NotJSON(TOO_DEEP)
    return Body(value, tuple(repeated)[:MOST_NAMES])
