"""An exchange as a person reads HTTP: lines of text, the edit that makes the request special marked."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from conformance.evidence.exchange import Exchange, Request, Response
from conformance.evidence.glyphs import cut, visible

__all__ = ["BODY_LIMIT", "Line", "request_lines", "response_lines"]

BODY_LIMIT = 6000
"""As many characters of a body as a report shows; the whole body is in results.json."""

_STRING_OR_SPACE = re.compile(r'("(?:[^"\\]|\\.)*")|\s+')
_USUAL = ((",", ":"), (", ", ": "))
"""Separators by which most JSON is written: where a body is, no look at its white space is needed."""

_CONSEQUENCES = frozenset({"content-length", "host"})


@dataclass(frozen=True)
class Line:
    """One line of a message; mark says whether it is the edit, was left out by it, or is a remark of the report."""

    text: str
    mark: Literal["", "edited", "left out", "remark"] = ""


_BLANK = Line("")


def _pretty(text: str) -> str | None:
    """TEXT indented when it is JSON and nothing of its spelling would get lost on the way, else None.

    Indenting ends soon after what is shown of it.
    """
    try:
        value = json.loads(text)
        if not isinstance(value, dict | list):
            return None
        for escaped in (False, True):
            if _spelt(value, text, escaped=escaped):
                return _start(json.JSONEncoder(ensure_ascii=escaped, indent=2).iterencode(value), BODY_LIMIT + 1)
    except (ValueError, RecursionError):
        pass
    return None


def _spelt(value: Any, text: str, *, escaped: bool) -> bool:
    """Whether TEXT is VALUE as JSON, white space aside."""
    if text in (json.dumps(value, ensure_ascii=escaped, separators=separators) for separators in _USUAL):
        return True
    compact = json.dumps(value, ensure_ascii=escaped, separators=_USUAL[0])
    return len(compact) <= len(text) and compact == _STRING_OR_SPACE.sub(r"\1", text)


def _start(pieces: Iterable[str], length: int) -> str:
    """PIECES put together until they have LENGTH characters or more."""
    text = io.StringIO()
    for piece in pieces:
        if text.tell() >= length:
            break
        text.write(piece)
    return text.getvalue()


def _body_lines(body: bytes) -> list[Line]:
    remarks = []
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "backslashreplace")
        remarks.append(Line("(not UTF-8: the bytes that aren't are written as \\xNN)", "remark"))
    shown, left_off = cut(_pretty(text) or text, BODY_LIMIT)
    if left_off:
        shown += "…"
        remarks.append(Line(f"(cut: the whole body, {len(body):,} bytes, is in results.json)", "remark"))
    return [Line(visible(line)) for line in shown.split("\n")] + remarks


def _start_line(request: Request) -> str:
    parts = urlsplit(request.url)
    return visible(f"{request.method} {parts.path or '/'}{'?' + parts.query if parts.query else ''} HTTP/1.1")


def _header_lines(headers: tuple[tuple[str, str], ...]) -> list[Line]:
    return [Line(visible(f"{name}: {value}")) for name, value in headers]


def response_lines(exchange: Exchange) -> list[Line]:
    """The answer of EXCHANGE, or what happened in its stead."""
    response: Response | None = exchange.response
    if response is None:
        fault = exchange.fault
        return [
            Line(visible(f"No complete answer: {fault.message} ({fault.kind})" if fault else "No answer"), "remark")
        ]
    lines = [Line(visible(f"{response.http_version} {response.status} {response.reason}".rstrip()))]
    lines += _header_lines(response.headers)
    lines.append(Line(""))
    lines += _body_lines(response.body) if response.body else [Line("(empty body)", "remark")]
    return lines


def request_lines(request: Request, plain: Request | None = None, edit: str = "") -> list[Line]:
    """The lines of REQUEST; those that differ from the PLAIN valid one are marked, as are those that it left out.

    EDIT is the case's own words for the difference: they tell whether another deviceId is the edit or only another
    device. Without PLAIN nothing is marked.
    """
    start, headers = Line(_start_line(request)), _header_lines(request.headers)
    missing = "(no body)" if request.body is None else "(empty body)"
    body = _body_lines(request.body) if request.body else [Line(missing, "remark")]
    if plain is None:
        return [start, *headers, _BLANK, *body]
    if _start_line(plain) != start.text:
        start = Line(start.text, "edited")
    headers = _marked_headers(request, plain)
    marked = _marked_body(request, plain, body, edit)
    if not any(line.mark in ("edited", "left out") for line in (start, *headers, *marked)):
        # Headers and members are the same, so what is special is how the body is spelt.
        marked = _all_edited(body)
    return [start, *headers, _BLANK, *marked]


def _marked_headers(request: Request, plain: Request) -> list[Line]:
    before, after = plain.headers, request.headers
    names = {name.lower() for name, _ in after} | _CONSEQUENCES
    lines = [
        Line(visible(f"{name}: {value}"), "" if (name, value) in before or name.lower() in _CONSEQUENCES else "edited")
        for name, value in after
    ]
    left_out = [Line(visible(f"{name}: {value}"), "left out") for name, value in before if name.lower() not in names]
    return lines + left_out


def _all_edited(lines: list[Line]) -> list[Line]:
    return [Line(line.text, line.mark or "edited") for line in lines]


def _members(body: bytes | None) -> dict[str, object] | None:
    try:
        value = json.loads(body or b"")
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _marked_body(request: Request, plain: Request, lines: list[Line], edit: str) -> list[Line]:
    if request.body == plain.body:
        return lines
    if not request.body:
        return [Line(line.text, "edited") for line in lines]
    mine, theirs = _members(request.body), _members(plain.body)
    if mine is None or theirs is None:
        return _all_edited(lines)
    changed = {name for name in mine if name not in theirs or mine[name] != theirs[name]}
    if isinstance(mine.get("deviceId"), str) and "device" not in edit.lower():
        changed.discard("deviceId")
    names = [visible(json.dumps(name, ensure_ascii=False)) for name in changed]
    left_out = [
        Line(visible(f"  {json.dumps(name)}: {json.dumps(value)}"), "left out")
        for name, value in theirs.items()
        if name not in mine
    ]
    return [
        Line(line.text, "edited" if not line.mark and any(name in line.text for name in names) else line.mark)
        for line in lines
    ] + left_out
