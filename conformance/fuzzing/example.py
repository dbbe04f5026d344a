"""One generated request, as an edit of the plain valid call. It holds no credential and no real identifier."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from conformance.case.identifiers import altered, turned
from conformance.client.draft import PATH, Draft
from conformance.evidence.exchange import PLAIN_EDIT

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
    "excerpt",
    "like",
]

DEVICE, APP_KEY, TOKEN, APP_ID = "--device--", "--app-key--", "--token--", "--app-id--"
"""What stands in an example for the run's own values; spelled so that no encoding changes it."""

HEADERS = (("app_key", APP_KEY), ("Authorization", f"Bearer {TOKEN}"), ("Content-Type", "application/json"))
BODY = b'{"deviceId": "--device--"}'
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")

SHORT = 8
"""Of ids shorter than this, two may differ in letter case alone."""


def _swapped(text: str) -> str:
    return text if len(text) < SHORT else text.swapcase()


def _cased(change: Callable[[str], str]) -> Callable[[str], str]:
    """CHANGE, where it makes something else than the other letter case, which has an example of its own."""
    return lambda text: text if len(text) < SHORT or change(text) == text.swapcase() else change(text)


def _one_swapped(text: str) -> str:
    """TEXT with the first of its letters in the other case."""
    place = next((place for place, character in enumerate(text) if character.swapcase() != character), len(text))
    return text[:place] + text[place : place + 1].swapcase() + text[place + 1 :]


def _uncounted(change: Callable[[str], str]) -> Callable[[str], str]:
    """Where ids are numbers, another number would be another's id."""
    return lambda text: f"{change(text)}z" if text.isdigit() else change(text)


def _other(character: str) -> str:
    """Another character than CHARACTER in any letter case, and no digit."""
    return "y" if character in "zZ" else "z"


def _middle(text: str) -> str:
    half = len(text) // 2
    return text[:half] + _other(text[half : half + 1]) + text[half + 1 :]


_LIKE: Mapping[str, Callable[[str], str]] = {
    "upper": _cased(str.upper),
    "lower": _cased(str.lower),
    "swapcase": _swapped,
    "capital": _cased(_one_swapped),
    "tail": _uncounted(lambda text: text[1:]),
    "short": _uncounted(lambda text: text[:-1]),
    "reversed": _uncounted(lambda text: text[::-1]),
    # Without its last character, for another one to be put there.
    "head": lambda text: text[:-1],
    "last": lambda text: text[:-1] + _other(text[-1:]),
    "first": lambda text: _other(text[:1]) + text[1:],
    "middle": _middle,
    "fullwidth": lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    "encoded": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "escaped": lambda text: f"%{ord(text[0]):02X}{text[1:]}",
    "undashed": lambda text: text.replace("-", ""),
    "hyphens": lambda text: text.replace("-", "\u2010"),
    "underscores": lambda text: text.replace("-", "_"),
    "altered": altered,
    "turned": turned,
    "basic": lambda text: base64.b64encode(f"x:{text}".encode()).decode("ascii"),
}
NAMED = re.compile(r"(^|&)appId(=|&|$)")
PLACES = tuple(
    f"{whole[:-2]}{changed}--"
    for whole in (DEVICE, APP_KEY, TOKEN, APP_ID)
    for changed in ("", *(f"-{name}" for name in _LIKE))
)
PLACE = re.compile("|".join(PLACES))
"""What stands for one of the run's own values."""


def like(whole: str, name: str) -> str:
    """What stands for the value that WHOLE (such as DEVICE) stands for, changed by the function called NAME."""
    if name not in _LIKE:
        raise KeyError(name)
    return f"{whole[:-2]}-{name}--"


@dataclass(frozen=True)
class Values:
    """What the run puts into examples. exists: device_id is a prepared device's, so that a valid call is accepted.

    app_id_demanded: the target refuses every call without appId. revoked: the device's commands, all of them cancelled.
    """

    device_id: str
    exists: bool
    app_key: str
    token: str
    app_id: str
    app_id_demanded: bool = False
    revoked: tuple[str, ...] = ()

    def of(self, place: str) -> str:
        """The value that PLACE stands for."""
        owns = ((DEVICE, self.device_id), (APP_KEY, self.app_key), (TOKEN, self.token), (APP_ID, self.app_id))
        whole, value = next((whole, value) for whole, value in owns if place.startswith(whole[:-2]))
        name = place.removeprefix(whole[:-2]).strip("-")
        return _LIKE[name](value) if name else value


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

    def secrets(self, values: Values) -> Iterator[tuple[str, str]]:
        """What it makes of the credentials, by the names of variables: a wrong one may tell what the right one is."""
        text = "\n".join((self.query, (self.body or b"").decode("latin-1"), *(value for _, value in self.headers)))
        for place in dict.fromkeys(PLACE.findall(text)):
            if place in (APP_KEY, TOKEN, APP_ID):
                continue
            if place.startswith(TOKEN[:-2]):
                yield "EDITED_ACCESS_TOKEN", values.of(place)
            elif place.startswith(APP_KEY[:-2]) or (place.startswith(APP_ID[:-2]) and values.app_id == values.app_key):
                # On the real platform the app_key is the appId.
                yield "EDITED_APP_KEY", values.of(place)

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
        words.append("no body" if example.body is None else f"body {_worded(excerpt(repr(example.body)[1:]))}")
    if example.query:
        words.append(f"query {_worded(excerpt(example.query, 40))}")
    given = dict(example.headers)
    for name, text in HEADERS:
        if given.get(name) != text:
            words.append(f"{name} {_worded(excerpt(repr(given[name]), 42))}" if name in given else f"no {name}")
    documented = dict(HEADERS)
    words += [
        f"a header {name} {_worded(excerpt(repr(text), 42))}"
        for name, text in example.headers
        if name not in documented
    ]
    return ", ".join(words) or PLAIN_EDIT


def excerpt(text: str, length: int = 60) -> str:
    """The first LENGTH characters of TEXT; an ellipsis says that there are more."""
    return text if len(text) <= length else f"{text[:length]}…"


def _worded(text: str) -> str:
    """TEXT with what stands for the run's own values in words."""
    return PLACE.sub(lambda match: f"({match[0].strip('-').replace('-', ' ')})", text)


def _header(text: str, values: Values) -> str:
    return PLACE.sub(lambda match: values.of(match[0]), text) if "--" in text else text


def _body(body: bytes | None, values: Values) -> bytes | None:
    if body is None or b"-" not in body:
        return body
    for encoding in ENCODINGS:
        if any(start.encode(encoding) in body for start in ("--device", "--app-", "--token")):
            body = _pattern(encoding).sub(functools.partial(_spelled, values, encoding), body)
    return body


@functools.cache
def _pattern(encoding: str) -> re.Pattern[bytes]:
    return re.compile(b"|".join(re.escape(place.encode(encoding)) for place in PLACES))


def _spelled(values: Values, encoding: str, match: re.Match[bytes]) -> bytes:
    """The value as the inside of a JSON string."""
    return json.dumps(values.of(match[0].decode(encoding)))[1:-1].encode(encoding)
