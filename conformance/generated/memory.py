"""Failing requests, kept from one run to the next: tried first then, and sent again by --replay.

One small file each, by the id of the request. A file holds an edit of the plain valid call, with names where the
credentials and identifiers stand; none of them is ever written.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from conformance.cache import folder
from conformance.generated.example import Example

__all__ = ["Kept", "Memory"]

MOST = 200
"""Files kept; the oldest go first."""

FORMAT = 1
ID = re.compile(r"[0-9a-f]{10}")


@dataclass(frozen=True)
class Kept:
    """A failing request, the class it was found in, and the target that failed (a digest of its host)."""

    example: Example
    strand: str
    target: str


class Memory:
    """The failing requests of the target at BASE_URL, under the folder CACHE. Never raises for what is on the disk."""

    def __init__(self, cache: Path | None, base_url: str = "") -> None:
        self._folder = folder(cache) / "failing"
        self._target = hashlib.blake2b((urlsplit(base_url).hostname or "").encode(), digest_size=6).hexdigest()

    def failed_before(self, strand: str) -> tuple[Example, ...]:
        """The requests of the class STRAND that this target failed last time."""
        kept = (self.find(path.stem) for path in self._files())
        return tuple(one.example for one in kept if one and one.strand == strand and one.target == self._target)

    def find(self, identity: str) -> Kept | None:
        """The request of that id, of whichever target; None when there is none."""
        if not ID.fullmatch(identity):
            return None
        try:
            data = json.loads((self._folder / f"{identity}.json").read_text("utf-8"))
            if data["format"] != FORMAT:
                return None
            example = Example.unpacked(data)
            kept = Kept(example, str(data["strand"]), str(data["target"]))
        except (OSError, ValueError, KeyError, TypeError):
            # Gone, or written by another version: as good as none.
            return None
        return kept if example.id == identity else None

    def keep(self, strand: str, example: Example) -> bool:
        """Keep EXAMPLE as one that failed; whether that was possible."""
        data = {"format": FORMAT, "strand": strand, "target": self._target, **example.packed()}
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Workers of one run write at the same time: each file appears as a whole.
            with tempfile.NamedTemporaryFile("w", dir=self._folder, suffix=".new", delete=False) as file:
                json.dump(data, file, indent=1)
            Path(file.name).replace(self._folder / f"{example.id}.json")
        except OSError:
            return False
        self._tidy()
        return True

    def forget(self, example: Example) -> None:
        """EXAMPLE doesn't fail any more."""
        kept = self.find(example.id)
        if kept is not None and kept.target == self._target:
            with contextlib.suppress(OSError):
                (self._folder / f"{example.id}.json").unlink()

    def _files(self) -> list[Path]:
        try:
            return sorted(path for path in self._folder.iterdir() if path.suffix == ".json")
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
