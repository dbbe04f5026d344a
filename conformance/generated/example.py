"""One generated request, as an edit of the plain valid call. It holds no credential and no real identifier."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from conformance.target.client import PATH, Draft

__all__ = [
    "APP_ID",
    "APP_KEY",
    "BODY",
    "DEVICE",
    "HEADERS",
    "PLACE",
    "TOKEN",
    "Example",
    "Values",
    "described",
    "device_like",
]

DEVICE, APP_KEY, TOKEN, APP_ID = "--device--", "--app-key--", "--token--", "--app-id--"
"""What stands in an example for the run's own values; spelled so that no encoding changes it."""

HEADERS = (("app_key", APP_KEY), ("Authorization", f"Bearer {TOKEN}"), ("Content-Type", "application/json"))
BODY = b'{"deviceId": "--device--"}'
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")

_LIKE: Mapping[str, Callable[[str], str]] = {
    "upper": str.upper,
    "lower": str.lower,
    "swapcase": str.swapcase,
    "title": str.title,
    # Where ids are numbers, another one would be another device's.
    "tail": lambda text: f"{text[1:]}z" if text.isdigit() else text[1:],
    "reversed": lambda text: f"{text[::-1]}z" if text.isdigit() else text[::-1],
    "fullwidth": lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    "encoded": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "undashed": lambda text: text.replace("-", ""),
}
NAMED = re.compile(r"(^|&)appId(=|&|$)")
PLACE = re.compile("|".join([DEVICE, *(f"--device-{name}--" for name in _LIKE), APP_ID]))
"""What stands for one of the run's own identifiers."""


def device_like(name: str) -> str:
    """What stands for the prepared device's id, changed by the function called NAME."""
    if name not in _LIKE:
        raise KeyError(name)
    return f"--device-{name}--"


@dataclass(frozen=True)
class Values:
    """What the run puts into examples. exists: device_id is a prepared device's, so that a valid call is accepted.

    app_id_demanded: the target refuses every call without appId.
    """

    device_id: str
    exists: bool
    app_key: str
    token: str
    app_id: str
    app_id_demanded: bool = False

    def of(self, place: str) -> str:
        """What stands for PLACE in a body or a query."""
        if place == APP_ID:
            return self.app_id
        name = place.removeprefix("--device").strip("-")
        return _LIKE[name](self.device_id) if name else self.device_id


@dataclass(frozen=True)
class Example:
    """A request: header lines beside those that every request has, the raw query, the body; edit says it in words."""

    edit: str
    body: bytes | None = BODY
    query: str = ""
    headers: tuple[tuple[str, str], ...] = HEADERS

    @functools.cached_property
    def id(self) -> str:
        """The short name by which it can be sent again: the same for the same request, on any machine."""
        parts = [self.query, self.headers, None if self.body is None else self.body.hex()]
        return hashlib.blake2b(json.dumps(parts).encode("ascii"), digest_size=5).hexdigest()

    @property
    def size(self) -> int:
        """How far it is from the plain call, in characters: shrinking makes this smaller."""
        unplain = [value for line in self.headers if line not in HEADERS for value in line]
        missing = sum(line not in self.headers for line in HEADERS)
        body = 0 if self.body == BODY else 1 + len(self.body or b"")
        return len(self.query) + sum(map(len, unplain)) + missing + body

    def draft(self, values: Values) -> Draft:
        """The call as it is sent."""
        text = self.query
        if values.app_id_demanded and not NAMED.search(text):
            text = f"{text}{'&' if text else ''}appId={APP_ID}"
        query = PLACE.sub(lambda match: quote(values.of(match[0]), safe=""), text)
        headers = tuple((name, _header(text, values)) for name, text in self.headers)
        return Draft("POST", PATH, query, headers, _body(self.body, values), self.edit)

    def packed(self) -> dict[str, Any]:
        """For a file."""
        try:
            body: Any = None if self.body is None else {"text": self.body.decode("utf-8")}
        except UnicodeDecodeError:
            body = {"base64": base64.b64encode(self.body or b"").decode("ascii")}
        return {"edit": self.edit, "query": self.query, "headers": [list(line) for line in self.headers], "body": body}

    @classmethod
    def unpacked(cls, data: Mapping[str, Any]) -> Example:
        """From a file; KeyError, TypeError or ValueError when DATA is no example."""
        body = data["body"]
        if body is not None:
            body = body["text"].encode("utf-8") if "text" in body else base64.b64decode(body["base64"])
        headers = tuple((str(name), str(text)) for name, text in data["headers"])
        return cls(str(data["edit"]), body, str(data["query"]), headers)


def described(example: Example) -> str:
    """What sets EXAMPLE apart from the plain call, in words."""
    words = []
    if example.body != BODY:
        words.append("no body" if example.body is None else f"body {repr(example.body)[1:60]}")
    if example.query:
        words.append(f"query {example.query[:40]}")
    given = dict(example.headers)
    for name, text in HEADERS:
        if given.get(name) != text:
            words.append(f"{name} {given[name][:40]!r}" if name in given else f"no {name}")
    return ", ".join(words) or "the plain valid call"


def _header(text: str, values: Values) -> str:
    if "--" not in text:
        return text
    return text.replace(APP_KEY, values.app_key).replace(TOKEN, values.token).replace(APP_ID, values.app_id)


def _body(body: bytes | None, values: Values) -> bytes | None:
    if body is None or b"-" not in body:
        return body
    for encoding in ENCODINGS:
        if DEVICE[:8].encode(encoding) in body or APP_ID.encode(encoding) in body:
            pattern = re.compile(b"|".join(re.escape(place.encode(encoding)) for place in PLACE.pattern.split("|")))
            body = pattern.sub(functools.partial(_spelled, values, encoding), body)
    return body


def _spelled(values: Values, encoding: str, match: re.Match[bytes]) -> bytes:
    """The value as the inside of a JSON string."""
    return json.dumps(values.of(match[0].decode(encoding)))[1:-1].encode(encoding)
