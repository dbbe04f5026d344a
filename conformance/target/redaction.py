"""Keeps secrets out of everything that is written or shown: each known one is replaced by the name of a variable."""

from __future__ import annotations

import base64
import json
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar
from urllib.parse import quote, quote_plus

from conformance.exchange import Request, Response

__all__ = ["Redaction"]

T = TypeVar("T")
SHORTEST = 4
"""Shorter secrets would turn every other word into a variable; they are replaced in the credential headers only."""

CREDENTIAL_HEADERS = frozenset({"authorization", "app_key", "proxy-authorization", "cookie"})


def _spellings(secret: str) -> set[str]:
    """SECRET as it may turn up: raw, URL-encoded, JSON-escaped, in base64 at any of the three alignments."""
    raw = secret.encode("utf-8")
    found = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), quote(secret, safe="").lower()}
    found |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], secret.replace("/", "\\/")}
    found |= {"".join(f"\\u{ord(character):04x}" for character in secret)}
    for offset in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(b"\0" * offset + raw).decode("ascii")
            # Characters that also hold bits of what stands before or behind aren't the secret's own.
            first = (offset * 8 + 5) // 6
            last = (offset + len(raw)) * 8 // 6
            found.add(text[first:last])
    return {spelling for spelling in found if len(spelling) >= SHORTEST}


class Redaction:
    """The secrets of a run. learn() them as soon as they are known; apply() before anything is written."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._spellings: list[tuple[str, str]] = []

    def learn(self, secret: str | None, name: str) -> None:
        """From now on replace SECRET by $NAME."""
        if not secret or secret in self._names:
            return
        self._names[secret] = name
        pairs = dict(self._spellings)
        for spelling in _spellings(secret):
            pairs.setdefault(spelling, f"${name}")
        # The longest first: a secret may be part of another.
        self._spellings = sorted(pairs.items(), key=lambda pair: -len(pair[0]))

    def text(self, text: str) -> str:
        """TEXT without the secrets."""
        for spelling, name in self._spellings:
            if spelling in text:
                text = text.replace(spelling, name)
        return text

    def _bytes(self, body: bytes) -> bytes:
        for spelling, name in self._spellings:
            for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
                raw = spelling.encode(encoding)
                if raw in body:
                    body = body.replace(raw, name.encode(encoding))
        return body

    def _header(self, name: str, value: str) -> str:
        shown = self.text(value)
        if name.lower() in CREDENTIAL_HEADERS:
            for secret, variable in self._names.items():
                if len(secret) < SHORTEST and f"${variable}" not in shown:
                    shown = shown.replace(secret, f"${variable}")
        return shown

    def apply(self, value: T) -> T:
        """VALUE (a dataclass, a collection, text or bytes, nested) without the secrets."""
        result: Any = value
        if isinstance(value, (Request, Response)):
            headers = tuple((name, self._header(name, text)) for name, text in value.headers)
            rest = {
                field.name: self.apply(getattr(value, field.name)) for field in fields(value) if field.name != "headers"
            }
            result = replace(value, headers=tuple((self.text(name), text) for name, text in headers), **rest)
        elif is_dataclass(value) and not isinstance(value, type):
            result = replace(value, **{field.name: self.apply(getattr(value, field.name)) for field in fields(value)})
        elif isinstance(value, str):
            result = self.text(value)
        elif isinstance(value, bytes):
            result = self._bytes(value)
        elif isinstance(value, tuple):
            result = tuple(self.apply(element) for element in value)
        elif isinstance(value, dict):
            result = {self.apply(key): self.apply(element) for key, element in value.items()}
        return result
