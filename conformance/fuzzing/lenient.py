"""Reads JSON as lenient parsers do, which take more than JSON allows (RFC 8259, section 9).

Comments, commas too many, single quotes, names and values without quotes, equals signs and semicolons, odd numbers and
escapes, raw control characters, and text after the object: one widespread parser or another takes each of these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

__all__ = ["strict"]

PREFIX = re.compile(r"\)\]\}',?\r?\n")
"""What some servers put before JSON, so that it can't be run as a script, and some parsers skip."""

TOKEN = re.compile(
    r"""
      (?P<space>[\s\x00-\x20\u00a0\ufeff]+|/\*.*?\*/|//[^\r\n]*|\#[^\r\n]*)
    | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<colon>:|=>?)
    | (?P<comma>[,;])
    | (?P<bracket>[{}\[\]])
    | (?P<word>[^\s\x00-\x20\u00a0"'{}\[\]:=,;/\#\\]+)
    """,
    re.VERBOSE | re.DOTALL,
)
SCALAR = re.compile(r"true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(\r\n|.))", re.DOTALL)
USUAL = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "\n": "", "\r\n": ""}
CLOSING = {"{": "}", "[": "]"}


class _UnreadableError(ValueError):
    """No parser that is known reads this."""


def strict(text: str) -> str | None:
    """The object that a lenient parser reads in TEXT, as strict JSON; None when none reads an object there."""
    try:
        return "".join(_object(_tokens(PREFIX.sub("", text, count=1) if PREFIX.match(text) else text)))
    except _UnreadableError:
        return None


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Kind and text of each token, but for white space and comments."""
    place = 0
    while place < len(text):
        found = TOKEN.match(text, place)
        if found is None or found.lastgroup is None:
            raise _UnreadableError
        place = found.end()
        if found.lastgroup != "space":
            yield found.lastgroup, found.group()


def _object(tokens: Iterator[tuple[str, str]]) -> Iterator[str]:
    """The pieces of the object that TOKENS begin with; what follows it isn't looked at."""
    if next(tokens, None) != ("bracket", "{"):
        raise _UnreadableError
    yield "{"
    opened = ["{"]
    # Whether something must stand between what was read last and the next member or element.
    complete, first = False, True
    for kind, token in tokens:
        if kind == "comma":
            complete = False
        elif token in ("}", "]") and kind == "bracket":
            if CLOSING[opened.pop()] != token:
                raise _UnreadableError
            yield token
            if not opened:
                return
            complete, first = True, False
        elif complete or kind == "colon":
            raise _UnreadableError
        else:
            yield "" if first else ","
            if opened[-1] == "{":
                yield from (_name(kind, token), ":")
                kind, token = _after_colon(tokens)  # noqa: PLW2901 (a member is read as a whole)
            if kind == "bracket":
                opened.append(token)
                yield token
                complete, first = False, True
            else:
                yield _scalar(kind, token)
                complete, first = True, False
    raise _UnreadableError


def _name(kind: str, token: str) -> str:
    if kind not in ("text", "word"):
        raise _UnreadableError
    return json.dumps(_unquoted(token) if kind == "text" else token)


def _after_colon(tokens: Iterator[tuple[str, str]]) -> tuple[str, str]:
    """The first token of a member's value."""
    colon, value = next(tokens, ("", "")), next(tokens, ("", ""))
    if colon[0] != "colon" or value[0] not in ("text", "word", "bracket") or value[1] in ("}", "]"):
        raise _UnreadableError
    return value


def _scalar(kind: str, token: str) -> str:
    """A word that is no value of JSON is text without quotes to some parsers, whatever it is to others."""
    if kind == "word" and SCALAR.fullmatch(token):
        return token
    return json.dumps(_unquoted(token) if kind == "text" else token)


def _unquoted(token: str) -> str:
    def replaced(found: re.Match[str]) -> str:
        if found.group(1):
            return chr(int(found.group(1), 16))
        if found.group(2) == "u":
            raise _UnreadableError
        return USUAL.get(found.group(2), found.group(2))

    return ESCAPE.sub(replaced, token[1:-1])
