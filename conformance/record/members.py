"""Fields whose members stand among those of the object around them, in JSON.

What belongs together is a value of its own in the code; results.json has it in one object, as was promised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any, TypeVar, get_type_hints

import cattrs
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

__all__ = ["AMONG", "gathers", "members", "structuring", "unstructuring"]

T = TypeVar("T")

AMONG = {"among": True}
"""The metadata of a field of a dataclass whose value's members stand among those of the object."""


def _gathered(kind: Any) -> list[str]:
    return [one.name for one in fields(kind) if one.metadata == AMONG]


def gathers(kind: Any) -> bool:
    """Whether KIND is a dataclass with such fields."""
    return hasattr(kind, "__dataclass_fields__") and bool(_gathered(kind))


def members(value: Any) -> Iterator[tuple[str, Any]]:
    """The members of VALUE, a dataclass, as they stand in JSON: names and values."""
    for one in fields(value):
        inner = getattr(value, one.name)
        if one.metadata == AMONG:
            yield from members(inner)
        else:
            yield one.name, inner


def unstructuring(kind: type[T], converter: cattrs.Converter) -> Callable[[T], dict[str, Any]]:
    """What makes one object of a KIND."""
    unstructure, gathered = make_dict_unstructure_fn(kind, converter), frozenset(_gathered(kind))

    def flat(value: T) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, inner in unstructure(value).items():
            made |= inner if name in gathered else {name: inner}
        return made

    return flat


def structuring(kind: type[T], converter: cattrs.Converter) -> Callable[[Any, object], T]:
    """What makes a KIND of one object."""
    hints = get_type_hints(kind)
    kinds = {name: hints[name] for name in _gathered(kind)}
    made = override(struct_hook=lambda value, _: value)
    structure = make_dict_structure_fn(kind, converter, **dict.fromkeys(kinds, made))  # type: ignore[arg-type]  # names of fields

    def gather(value: Any, _: object) -> T:
        return structure({**value, **{name: converter.structure(value, inner) for name, inner in kinds.items()}}, kind)

    return gather
