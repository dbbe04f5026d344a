"""Keeps secrets out of everything that is written or shown: each known one is replaced by the name of a variable."""

from __future__ import annotations

import base64
import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, AnyStr, TypeVar, cast
from urllib.parse import quote, quote_plus

from conformance.exchange import Headers, Request, Response

__all__ = ["CUT", "Redaction"]

T = TypeVar("T")
SHORTEST = 4
"""Shorter secrets would turn every other word into a variable; they are replaced in the credential headers only."""

SHORTEST_START = 6
"""So many characters of a secret, right before a cut, count as its beginning."""

LONGEST_KNOWN = 200
"""Characters of a text that is kept with what became of it."""

CUT = "…"
"""What stands in the suite's texts where something was cut off."""

CREDENTIAL_HEADERS = frozenset({"authorization", "app_key", "proxy-authorization", "cookie"})
OWN = frozenset(
    {
        "advice",
        "case",
        "cases",
        "chapter",
        "document",
        "id",
        "kind",
        "level",
        "origin",
        "outcome",
        "provider",
        "reading",
        "readings",
        "requirement",
        "requirements",
        "row",
        "section",
        "started",
        "state",
        "statement",
        "title",
        "verdict",
        "version",
    }
)
"""Fields of a record that hold the suite's own words. Keys of dictionaries are always ids."""

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")


def _spellings(secret: str) -> set[str]:
    """SECRET as it may turn up: in any letter case, URL-encoded, JSON-escaped, in hexadecimal, in base64."""
    raw = secret.encode("utf-8")
    found = {secret, secret.lower(), secret.upper(), secret.swapcase(), repr(secret)[1:-1], secret.replace("/", "\\/")}
    found |= {quote(secret, safe=""), quote(secret), quote_plus(secret), quote(secret, safe="").lower()}
    found |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    for digits in (raw.hex(), raw.hex().upper()):
        pairs = [digits[at : at + 2] for at in range(0, len(digits), 2)]
        found |= {digits, "%" + "%".join(pairs), "\\x" + "\\x".join(pairs)}
        if secret.isascii():
            found |= {"\\u00" + "\\u00".join(pairs)}
    for offset in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(b"\0" * offset + raw).decode("ascii")
            # Characters that also hold bits of what stands before or behind aren't the secret's own.
            first = (offset * 8 + 5) // 6
            last = (offset + len(raw)) * 8 // 6
            found.add(text[first:last])
    return {spelling for spelling in found if len(spelling) >= SHORTEST}


def _made_of(word: str, secret: str) -> bool:
    """Whether WORD has at least half of SECRET in one piece, in whatever letter case."""
    mine, theirs = word.casefold(), secret.casefold()
    match = difflib.SequenceMatcher(None, mine, theirs, autojunk=False).find_longest_match()
    return match.size >= max(SHORTEST, len(secret) // 2)


def _replaced(text: AnyStr, pairs: Sequence[tuple[AnyStr, AnyStr]]) -> AnyStr:
    """TEXT with the first of each of PAIRS replaced by the second; what was put in isn't looked through again."""
    pieces = [text]  # by turns what is left of the text, and what was put in
    for spelling, variable in pairs:
        if spelling not in text:
            continue
        split = []
        for place, piece in enumerate(pieces):
            parts = [piece] if place % 2 else piece.split(spelling)
            split.append(parts[0])
            for part in parts[1:]:
                split += (variable, part)
        pieces = split
    return text[:0].join(pieces)


def _own(name: str, value: Any) -> bool:
    """Whether VALUE, of a field NAME, is the suite's own word; a secret may be the same word, yet ids must stay."""
    return name in OWN and (
        isinstance(value, str) or (isinstance(value, tuple) and all(isinstance(one, str) for one in value))
    )


class Redaction:
    """The secrets of a run. learn() them as soon as they are known; apply() before anything is written."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._spellings: list[tuple[str, str]] = []
        self._encoded: list[tuple[bytes, bytes]] = []
        self._without_nul: list[tuple[bytes, bytes]] = []
        self._derived: set[str] = set()
        self._known: dict[str, str] = {}

    def learn(self, secret: str | None, name: str) -> None:
        """From now on replace SECRET by $NAME."""
        if not secret or secret in self._names:
            return
        self._names[secret] = name
        self._known.clear()
        pairs = dict(self._spellings)
        for spelling in _spellings(secret):
            pairs.setdefault(spelling, f"${name}")
        if secret in pairs:
            pairs[secret] = f"${name}"
        # The longest first: a secret may be part of another.
        self._spellings = sorted(pairs.items(), key=lambda pair: -len(pair[0]))
        self._encoded = [
            (spelling.encode(encoding), variable.encode(encoding))
            for spelling, variable in self._spellings
            for encoding in ENCODINGS
        ]
        self._without_nul = [pair for pair in self._encoded if b"\0" not in pair[0]]

    @property
    def secrets(self) -> Mapping[str, str]:
        """What must not be shown, each with its name."""
        return self._names

    def derive(self, headers: Headers) -> None:
        """Learn what an edit made of a secret, among HEADERS that are sent: cut short, or in other letter case, say."""
        for _, value in headers:
            if value in self._derived:
                continue
            self._derived.add(value)
            for word in value.split():
                if not any(secret in word for secret in self._names):
                    made_of = [name for secret, name in self._names.items() if _made_of(word, secret)]
                    if made_of:
                        self.learn(word, f"EDITED_{made_of[0].removeprefix('EDITED_')}")

    def text(self, text: str) -> str:
        """TEXT without the secrets."""
        if text not in self._known:
            shown = _replaced(text, self._spellings)
            if CUT in shown:
                *before, last = shown.split(CUT)
                shown = CUT.join([*(self._without_start(part) for part in before), last])
            if len(text) > LONGEST_KNOWN:
                return shown
            # Headers and statements come up again and again.
            self._known[text] = shown
        return self._known[text]

    def _without_start(self, text: str) -> str:
        """TEXT, which was cut off, without the beginning of a secret at its end."""
        for spelling, variable in self._spellings:
            if spelling[:SHORTEST_START] in text:
                for length in range(len(spelling), SHORTEST_START - 1, -1):
                    if text.endswith(spelling[:length]):
                        return text[:-length] + variable
        return text

    def _bytes(self, body: bytes) -> bytes:
        # Most bodies aren't UTF-16, and most spellings in UTF-16 can't be in them.
        body = _replaced(body, self._encoded if b"\0" in body else self._without_nul)
        if body.endswith(CUT.encode("utf-8")):
            text = body.decode("utf-8", "surrogateescape").removesuffix(CUT)
            body = f"{self._without_start(text)}{CUT}".encode("utf-8", "surrogateescape")
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
        return cast("T", self._applied(value))

    def _applied(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes):
            return self._bytes(value)
        if isinstance(value, (tuple, list)):
            return type(value)(map(self._applied, value))
        if isinstance(value, dict):
            return {key: self._applied(element) for key, element in value.items()}
        if is_dataclass(value) and not isinstance(value, type):
            found = {field.name: getattr(value, field.name) for field in fields(value)}
            changed = {name: self._applied(one) for name, one in found.items() if not _own(name, one)}
            if isinstance(value, (Request, Response)):
                changed["headers"] = tuple((self.text(name), self._header(name, text)) for name, text in value.headers)
            return replace(value, **changed)
        return value
