"""The fixed examples by class: what breaks servers, and what real clients sent by mistake, most telling first."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.fuzzing.corpus import bodies, device_ids, headers, query
from conformance.fuzzing.example import Example

__all__ = ["examples"]

_SOURCES = {**device_ids.SOURCES, **bodies.SOURCES, **headers.SOURCES, **query.SOURCES}


def examples(input_class: str) -> Iterator[Example]:
    """The fixed examples of the class INPUT_CLASS."""
    yield from _SOURCES[input_class]()
