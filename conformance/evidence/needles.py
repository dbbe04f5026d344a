"""Many texts looked for in one, in a time that doesn't grow with how many they are."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import Literal

__all__ = ["Needles"]

FEW = 24
"""So many are faster looked for one by one."""

Number = Literal["Q", "I"]
CLASSES: tuple[tuple[int, int, int, Number], ...] = ((8, 8, 15, "Q"), (4, 2, 5, "I"))
"""(bytes that are looked at together, at every so many of them; shortest needle; such bytes as a number, for struct)
of each class of needles, the long ones first."""

OFFSET = 32
"""Bits of a length, so that it and an offset are one number."""


class _Class:
    """Needles that are at least SHORTEST bytes long, found by any GRAM bytes of them, read as one number.

    Only every so many places of a text need be looked at: wherever a needle stands, one of them begins a gram of it.
    Many tokens begin alike, so what a gram leads to isn't needles but where they would begin, and how long they are.
    """

    def __init__(self, needles: list[bytes], gram: int, step: int, number: Number) -> None:
        self._needles, self._gram, self._step, self._number = frozenset(needles), gram, step, number
        self._grams: dict[int, int | set[int]] = {}
        read = struct.Struct(number).unpack_from
        # Of equal numbers one object is kept, and a set only where there are several: there may be many needles.
        kept: dict[int, int] = {}
        for needle in needles:
            for offset in range(step):
                (found,) = read(needle, offset)
                place = offset << OFFSET | len(needle)
                place = kept.setdefault(place, place)
                before = self._grams.setdefault(found, place)
                if isinstance(before, set):
                    before.add(place)
                elif before != place:
                    self._grams[found] = {before, place}

    def find(self, text: bytes) -> Iterator[tuple[int, bytes]]:
        """(begin, needle) of every place in TEXT where one of them stands."""
        grams, gram = self._grams, self._gram
        for shift in range(0, gram, self._step) if grams else ():
            count = max(0, len(text) - shift) // gram
            numbers = memoryview(text)[shift : shift + count * gram].cast(self._number).tolist()
            if grams.keys().isdisjoint(numbers):
                continue
            for index, number in enumerate(numbers):
                if number in grams:
                    yield from self._at(text, shift + index * gram, grams[number])

    def _at(self, text: bytes, place: int, found: int | set[int]) -> Iterator[tuple[int, bytes]]:
        """What stands where the bytes at PLACE are FOUND."""
        for one in found if isinstance(found, set) else (found,):
            start, length = place - (one >> OFFSET), one & ((1 << OFFSET) - 1)
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
            for gram, step, shortest, number in CLASSES:
                self._classes.append(_Class([one for one in left if len(one) >= shortest], gram, step, number))
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
