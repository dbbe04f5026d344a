"""Failing requests, kept from one run to the next: tried first then, and sent again by --replay.

One small file each, by the id of the request. A file holds an edit of the plain valid call, with names where the
credentials and identifiers stand; none of them is ever written.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from conformance.cache import place, read, write
from conformance.fuzzing.example import Example

__all__ = ["Kept", "Memory"]

MOST = 200
"""Files kept; the oldest go first."""

FORMAT = 2
ID = re.compile(r"[0-9a-f]{10}")
INPUT_CLASS = re.compile(r"[a-z0-9-]{1,80}")
TARGET = re.compile(r"[0-9a-f]{12}")
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
LINE_END = re.compile(r"[\r\n\0]")
UNSENDABLE = re.compile(r"[\x00-\x20\x7f]")
LONGEST_EDIT = 200


@dataclass(frozen=True)
class Kept:
    """A failing request, the class it was found in, and the target that failed (a digest of its host)."""

    example: Example
    input_class: str
    target: str


class Memory:
    """The failing requests of the target at BASE_URL, under the folder CACHE. Never raises for what is on the disk."""

    def __init__(self, cache: Path | None, base_url: str = "") -> None:
        self._cache = cache
        self._target = hashlib.blake2b((urlsplit(base_url).hostname or "").encode(), digest_size=6).hexdigest()

    @functools.cached_property
    def _folder(self) -> Path | None:
        return place("failing", self._cache)

    def failed_before(self, input_class: str) -> tuple[Example, ...]:
        """The requests of the class INPUT_CLASS that this target failed last time."""
        kept = (self.find(path.stem) for path in self._files())
        return tuple(
            one.example for one in kept if one and one.input_class == input_class and one.target == self._target
        )

    def find(self, identity: str) -> Kept | None:
        """The request of that id, of whichever target; None when there is none."""
        if not ID.fullmatch(identity) or self._folder is None:
            return None
        text = read(self._folder / f"{identity}.json")
        try:
            kept = None if text is None else _kept(text)
        except (ValueError, KeyError, TypeError, RecursionError):
            # Written by another version, or not by the suite: as good as none.
            return None
        return kept if kept is not None and kept.example.id == identity else None

    def keep(self, input_class: str, example: Example) -> bool:
        """Keep EXAMPLE as one that failed; whether that was possible."""
        data = {"format": FORMAT, "input_class": input_class, "target": self._target, **example.packed()}
        if self._folder is None or not write(self._folder / f"{example.id}.json", json.dumps(data, indent=1)):
            return False
        self._tidy()
        return True

    def forget(self, example: Example) -> None:
        """EXAMPLE doesn't fail any more."""
        kept = self.find(example.id)
        if kept is not None and kept.target == self._target and self._folder is not None:
            with contextlib.suppress(OSError):
                (self._folder / f"{example.id}.json").unlink()

    def _files(self) -> list[Path]:
        try:
            return [] if self._folder is None else sorted(p for p in self._folder.iterdir() if p.suffix == ".json")
        except OSError:
            return []

    def _tidy(self) -> None:
        files = self._files()
        for path in self._oldest(files):
            with contextlib.suppress(OSError):
                path.unlink()

    def _oldest(self, files: list[Path]) -> Iterator[Path]:
        if len(files) > MOST:
            with contextlib.suppress(OSError):
                yield from sorted(files, key=lambda path: path.stat().st_mtime)[: len(files) - MOST]


def _kept(text: bytes) -> Kept:
    """The request that TEXT, the file of one, holds; ValueError, KeyError or TypeError when it holds none.

    It is data and no more: an edit of this one call, in lines that can't bring others with them.
    """
    data = json.loads(text)
    if type(data["format"]) is not int or data["format"] != FORMAT:
        raise ValueError("format")
    words = [data["edit"], data["query"], data["input_class"], data["target"]]
    lines = [part for line in data["headers"] for part in _pair(line)]
    if not all(isinstance(word, str) for word in (*words, *lines)):
        raise TypeError("text")
    if not INPUT_CLASS.fullmatch(data["input_class"]) or not TARGET.fullmatch(data["target"]):
        raise ValueError("input_class or target")
    if UNSENDABLE.search(data["query"]) or any(LINE_END.search(part) for part in lines):
        raise ValueError("a line end")
    if not all(NAME.fullmatch(name) for name in lines[::2]):
        raise ValueError("a header's name")
    body = data["body"]
    if body is not None and not (
        isinstance(body, dict) and len(body) == 1 and all(isinstance(value, str) for value in body.values())
    ):
        raise TypeError("body")
    if body is not None and "base64" in body:
        base64.b64decode(body["base64"], validate=True)
    return Kept(Example.unpacked({**data, "edit": data["edit"][:LONGEST_EDIT]}), data["input_class"], data["target"])


def _pair(line: Any) -> list[Any]:
    if not isinstance(line, list) or len(line) != 2:  # noqa: PLR2004 (name and value)
        raise TypeError("a header")
    return line
