"""Many texts looked for in one, in a time that doesn't grow with how many they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

__all__ = ["Needles"]

FEW = 24
"""So many are faster looked for one by one."""

CLASSES = ((8, 16), (4, 6))
"""(bytes that are looked at together, shortest needle) of each class of needles, the long ones first."""


class _Class:
    """Needles that are at least SHORTEST bytes long, found by any GRAM bytes of them.

    Only every so many places of a text need be looked at: wherever a needle stands, one of them begins a gram of it.
    Many tokens begin alike, so what a gram leads to isn't needles but where they would begin, and how long they are.
    """

    def __init__(self, needles: list[bytes], gram: int, shortest: int) -> None:
        self._needles, self._gram, self._step = frozenset(needles), gram, shortest - gram + 1
        self._grams: dict[bytes, set[tuple[int, int]]] = {}
        for needle in needles:
            for offset in range(self._step):
                self._grams.setdefault(needle[offset : offset + gram], set()).add((offset, len(needle)))

    def find(self, text: bytes) -> Iterator[tuple[int, bytes]]:
        grams, gram = self._grams, self._gram
        for place in range(0, len(text) - gram + 1, self._step):
            if text[place : place + gram] in grams:
                for offset, length in grams[text[place : place + gram]]:
                    start = place - offset
                    if start >= 0 and text[start : start + length] in self._needles:
                        yield start, text[start : start + length]


class Needles:
    """Finds each of NEEDLES (with the names that stand for them), whatever the letter case; + is a space."""

    _FOLD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ+", b"abcdefghijklmnopqrstuvwxyz ")

    def __init__(self, needles: Mapping[bytes, str]) -> None:
        self._names: dict[bytes, str] = {}
        for needle, name in needles.items():
            self._names.setdefault(self.folded(needle), name)
        self.shortest = min(map(len, self._names), default=0)
        """Bytes."""

        self._classes: list[_Class] | None = None
        if len(self._names) > FEW:
            left = list(self._names)
            self._classes = []
            for gram, shortest in CLASSES:
                self._classes.append(_Class([one for one in left if len(one) >= shortest], gram, shortest))
                left = [one for one in left if len(one) < shortest]

    @classmethod
    def folded(cls, text: bytes) -> bytes:
        """TEXT in the form in which texts are compared."""
        return text.translate(cls._FOLD)

    def find(self, text: bytes) -> Iterator[tuple[int, int, str]]:
        """(begin, end, name) of every place in TEXT where one of them stands."""
        if not self._names:
            return
        folded = self.folded(text)
        if self._classes is not None:
            for found in self._classes:
                for start, needle in found.find(folded):
                    yield start, start + len(needle), self._names[needle]
            return
        for needle, name in self._names.items():
            start = folded.find(needle)
            while start >= 0:
                yield start, start + len(needle), name
                start = folded.find(needle, start + 1)
