"""Smaller requests to try in the place of one that failed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote

from conformance.contract.bounds import LONGEST_ID
from conformance.fuzzing.corpus.device_ids import shown, written
from conformance.fuzzing.example import BODY, DEVICE, HEADERS, PLACE, Example, described, excerpt

__all__ = ["smaller"]

DOCUMENTED = dict(HEADERS)
MOST_MEMBERS = 20
SIMPLE: tuple[Any, ...] = (0, [], {}, False)


def smaller(example: Example) -> Iterator[Example]:
    """Requests smaller than EXAMPLE, the most promising first: whole parts left out, then parts made shorter."""
    seen = {example.id}
    for candidate in _candidates(example):
        if candidate.id not in seen and candidate.size < example.size:
            seen.add(candidate.id)
            yield candidate


def _candidates(example: Example) -> Iterator[Example]:
    for part in ({"headers": HEADERS}, {"query": ""}, {"body": BODY}):
        plainer = replace(example, **part)
        yield replace(plainer, edit=described(plainer))
    if example.body != BODY:
        yield from _bodies(example)
    yield from _queries(example)
    yield from _lines(example)


def _bodies(example: Example) -> Iterator[Example]:
    body = example.body or b""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict) and len(value) <= MOST_MEMBERS:
        for smaller_value in _objects(value):
            # An infinite number was a large one, which JSON can't spell in another way.
            with suppress(ValueError):
                yield _with_object(example, smaller_value)
    else:
        for part in _parts(body):
            yield replace(example, edit=f"body {excerpt(repr(part)[1:])}", body=part)


def _objects(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """VALUE with a member less, or a simpler one."""
    for name in value:
        if name != "deviceId":
            yield {key: one for key, one in value.items() if key != name}
            yield {**value, name: 0}
    device_id = value.get("deviceId")
    simple = _texts(device_id) if isinstance(device_id, str) else iter(SIMPLE)
    if "deviceId" in value:
        yield from ({**value, "deviceId": one} for one in simple)


def _with_object(example: Example, value: dict[str, Any]) -> Example:
    body = written(value)
    if list(value) == ["deviceId"]:
        device_id = value["deviceId"]
        words = shown(device_id) if isinstance(device_id, str) else excerpt(json.dumps(device_id))
        return replace(example, edit=f"deviceId is {words}", body=body)
    return replace(example, edit=f"body {excerpt(json.dumps(value))}", body=body)


def _queries(example: Example) -> Iterator[Example]:
    parts = example.query.split("&")
    if len(parts) > 1:
        for index in range(min(len(parts), MOST_MEMBERS)):
            query = "&".join(parts[:index] + parts[index + 1 :])
            yield replace(example, query=query, edit=f"query {excerpt(query)}")
        query = "&".join(parts[: len(parts) // 2])
        yield replace(example, query=query, edit=f"query {excerpt(query)}")
    elif example.query.startswith("appId="):
        value = unquote(example.query.removeprefix("appId="), errors="surrogateescape")
        for text in _texts(value):
            query = f"appId={quote(text, safe='', errors='surrogateescape')}"
            yield replace(example, query=query, edit=f"appId is {shown(text)}")


def _lines(example: Example) -> Iterator[Example]:
    yield from _fewer_lines(example)
    for index, (name, value) in enumerate(example.headers):
        if (name, value) in HEADERS:
            continue
        for text in _texts(value):
            if text == text.strip():
                lines = (*example.headers[:index], (name, text), *example.headers[index + 1 :])
                yield replace(example, headers=lines, edit=f"{name} is {shown(text)}")


def _fewer_lines(example: Example) -> Iterator[Example]:
    """Header lines beside the documented ones left out: half of them, then each."""
    further = [line for line in example.headers if line[0] not in DOCUMENTED]
    half = len(further) // 2
    for left_out in (further[:half], further[half:], *([line] for line in further)):
        fewer = replace(example, headers=tuple(line for line in example.headers if line not in left_out))
        yield replace(fewer, edit=described(fewer))


def _texts(text: str) -> Iterator[str]:
    """Shorter texts: its unusual characters alone, halves, pieces left out, one character repeated."""
    prefix = "Bearer " if text.startswith("Bearer ") else ""
    text = text.removeprefix(prefix)
    place = PLACE.search(text)
    if place is not None:
        before, name, after = text[: place.start()], place[0], text[place.end() :]
        for rest in (before[:1] + name, name + after[:1], before + name, name + after):
            yield prefix + rest
        return
    for character in dict.fromkeys(text):
        if not (character.isascii() and character.isalnum()) and character not in "-_":
            yield prefix + character
    if len(text) > LONGEST_ID:
        # The shortest text that is too long.
        yield prefix + text[0] * (LONGEST_ID + 1)
    for part in _halves(text):
        yield prefix + part


def _halves(text: str) -> Iterator[str]:
    size = len(text) // 2
    while size:
        for start in range(0, len(text), size):
            yield text[:start] + text[start + size :]
        size //= 2


def _parts(body: bytes) -> Iterator[bytes]:
    """Shorter bodies; what stands for the device stays whole or goes."""
    for value in dict.fromkeys(body[:MOST_MEMBERS]):
        if value < 0x20 or value > 0x7E:  # noqa: PLR2004 (visible ASCII)
            yield bytes([value])
    pieces = re.findall(re.escape(DEVICE.encode()) + b"|.", body, re.DOTALL)
    size = len(pieces) // 2
    while size:
        for start in range(0, len(pieces), size):
            yield b"".join(pieces[:start] + pieces[start + size :])
        size //= 2
