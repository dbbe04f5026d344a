"""The classes of generated examples, and the examples of each in the order in which they are sent."""

from __future__ import annotations

import functools
import hashlib
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping

from conformance.fuzzing import corpus, schema_cases
from conformance.fuzzing.context import placed
from conformance.fuzzing.deviation import read
from conformance.fuzzing.example import DEVICE, Example, Values
from conformance.fuzzing.expectation import expect
from conformance.fuzzing.explicit import is_explicit
from conformance.fuzzing.random_edits import edits

__all__ = ["INPUT_CLASSES", "core", "corpus_only", "endless", "fixed", "fuzzed", "ordered", "place", "turn"]

INPUT_CLASSES = (
    "generated-device-id-characters",
    "generated-body-malformed",
    "generated-body-encoding",
    "generated-device-id-type",
    "generated-device-id-length",
    "generated-device-id-near-existing",
    "generated-body-not-object",
    "generated-further-members",
    "generated-device-id-name",
    "generated-duplicate-members",
    "generated-content-type",
    "generated-app-id",
    "generated-token",
    "generated-app-key",
    "generated-repeated-parameters",
    "generated-json-spelling",
    "generated-device-id-plain",
)
"""Ids of the classes, the most telling first."""

TURNS = {
    "generated-token": 4,
    "generated-device-id-near-existing": 3,
    "generated-app-key": 3,
    "generated-device-id-characters": 2,
    "generated-body-malformed": 2,
    "generated-app-id": 4,
    "generated-device-id-plain": 2,
}
"""Examples that a class sends when it is its turn, where it is more than one: where a mistake lets strangers in, or
can be made in many ways."""

LIKELY, SOONER = 9, 10
"""The first 9 examples after the core represent common mistakes; they are drawn about 10 times as often as the rest."""

_STAND_INS = Values(DEVICE, exists=True, app_key="--App-Key--", token="--Token--", app_id="--App-Id--")  # noqa: S106 (a placeholder)


def place(example: Example) -> str:
    """The class that EXAMPLE belongs to, by what it turns out to be."""
    return expect(read(example.draft(_STAND_INS), _STAND_INS), _STAND_INS).input_class


@functools.cache
def _corpus() -> Mapping[str, tuple[Example, ...]]:
    """The fixed examples, none of them twice and none that an explicit case sends."""
    seen: set[str] = set()
    return {input_class: tuple(_new(corpus.examples(input_class), seen)) for input_class in INPUT_CLASSES}


def _new(examples: Iterator[Example], seen: set[str]) -> Iterator[Example]:
    for example in examples:
        if example.id not in seen and not is_explicit(example):
            seen.add(example.id)
            yield example


@functools.cache
def _boundaries() -> Mapping[str, tuple[Example, ...]]:
    return _placed(schema_cases.coverage(), {example.id for examples in _corpus().values() for example in examples})


@functools.cache
def fixed(input_class: str) -> tuple[Example, ...]:
    """The examples of INPUT_CLASS that are the same for every seed: the corpus, and the document's boundary cases."""
    return tuple(
        placed(example, input_class) for example in (*_corpus()[input_class], *_boundaries().get(input_class, ()))
    )


def turn(input_class: str) -> int:
    """How many examples INPUT_CLASS sends when it is its turn."""
    return TURNS.get(input_class, 1)


def core(input_class: str) -> tuple[Example, ...]:
    """The fixed examples of INPUT_CLASS that every run sends first."""
    return fixed(input_class)[: 2 * turn(input_class) + 1]


def ordered(input_class: str, seed: int) -> tuple[Example, ...]:
    """The fixed examples of INPUT_CLASS as they are sent: the core, then the rest in an order of the seed.

    A run of the usual budget doesn't get far beyond the core; several runs, each with a seed of its own, send them all.
    """
    first = core(input_class)
    rest = fixed(input_class)[len(first) :]
    places = [_derived(seed, example.id) // (SOONER if at < LIKELY else 1) for at, example in enumerate(rest)]
    return (*first, *(example for _, example in sorted(zip(places, rest, strict=True), key=lambda pair: pair[0])))


def corpus_only() -> Iterator[tuple[str, Example]]:
    """Every example of the corpus with its class, as it is sent and, where that is another request, by itself."""
    for input_class, examples in _corpus().items():
        for example in examples:
            for one in dict.fromkeys((placed(example, input_class), example)):
                yield input_class, one


@functools.cache
def _fuzzed(seed: int) -> Mapping[str, tuple[Example, ...]]:
    seen = {example.id for input_class in INPUT_CLASSES for example in fixed(input_class)}
    return _placed(schema_cases.fuzzing(_derived(seed, "fuzzing")), seen)


def fuzzed(input_class: str, seed: int) -> tuple[Example, ...]:
    """The random cases that Schemathesis makes of the document for INPUT_CLASS."""
    return _fuzzed(seed).get(input_class, ())


def endless(input_class: str, seed: int) -> Iterator[Example]:
    """Random examples without end, none that is fixed."""
    seen = {example.id for example in (*fixed(input_class), *fuzzed(input_class, seed))}
    repeated = 0
    for example in edits(input_class, random.Random(_derived(seed, input_class))):  # noqa: S311 (it has to be predictable)
        if example.id in seen or is_explicit(example):
            repeated += 1
            if repeated > 1000:  # noqa: PLR2004 (a class of few examples is exhausted)
                return
            continue
        repeated = 0
        seen.add(example.id)
        yield example


def _placed(examples: tuple[Example, ...], seen: set[str]) -> Mapping[str, tuple[Example, ...]]:
    found = defaultdict(list)
    for example in _new(iter(examples), seen):
        found[place(example)].append(example)
    return {input_class: tuple(examples) for input_class, examples in found.items()}


def _derived(seed: int, name: str) -> int:
    """A large number of its own for each name, the same on every machine."""
    return int.from_bytes(hashlib.blake2b(f"{seed}:{name}".encode("ascii"), digest_size=8).digest())
