"""A request that Schemathesis made of the OpenAPI document, as an edit of the plain valid call."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from conformance.contract.bounds import LONGEST_ID
from conformance.fuzzing.corpus.device_ids import written
from conformance.fuzzing.deviation import PLAIN_TEXT
from conformance.fuzzing.example import APP_ID, DEVICE, HEADERS, Example, described

__all__ = ["translated"]

LINE = re.compile(r"(?:[\x21-\x7e\x80-\xff](?:[\x20-\x7e\t\x80-\xff]*[\x21-\x7e\x80-\xff])?)?")
"""Header values that can be sent."""

LEAST = 12
"""Plain text that is shorter might name a device that exists."""


def translated(requests: Iterable[Mapping[str, Any]], kind: str) -> Iterator[Example]:
    """REQUESTS (each with url, headers and the body in base64) as examples of KIND, none of them twice."""
    seen = set()
    for request in requests:
        example = _example(request, kind)
        if example is not None and example.id not in seen:
            seen.add(example.id)
            yield example


def _example(request: Mapping[str, Any], kind: str) -> Example | None:
    """REQUEST as an edit of the plain call; None where it can't be sent as it is meant."""
    body = None if request["body"] is None else base64.b64decode(request["body"])
    query = request["url"].partition("?")[2].partition("#")[0]
    given = {name.lower(): value for name, value in request["headers"]}
    lines = []
    for name, value in HEADERS:
        # The token is none of the document's business.
        text = value if name == "Authorization" else given.get(name.lower())
        if text is not None and not LINE.fullmatch(text):
            return None
        lines += [] if text is None else [(name, text)]
    # One thing at a time: the application's own appId is there only where the query is what varies.
    query = "" if query == f"appId={APP_ID}" else query
    example = Example("", _single(body or None), query, tuple(lines))
    return replace(example, edit=f"{kind} case: {described(example)}")


def _single(body: bytes | None) -> bytes | None:
    """BODY with one thing that is unusual, and with no deviceId that might name an existing device."""
    try:
        value = json.loads(body or b"")
    except (ValueError, RecursionError):
        return body
    if not isinstance(value, dict) or "deviceId" not in value:
        return written(value)
    device_id = value["deviceId"]
    if not isinstance(device_id, str) or not 1 <= len(device_id) <= LONGEST_ID or not PLAIN_TEXT.fullmatch(device_id):
        return written({"deviceId": device_id})
    if len(value) > 1 or device_id == DEVICE:
        return written({**value, "deviceId": DEVICE})
    longer = device_id.ljust(LEAST, "z")
    return written({"deviceId": f"none-{longer[5:]}"})
