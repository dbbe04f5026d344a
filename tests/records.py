"""Records with something else in them."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, TypeVar, get_type_hints

from conformance.record.members import AMONG

T = TypeVar("T")


def member_names(kind: type) -> set[str]:
    """The names of a KIND's members in results.json."""
    hints = get_type_hints(kind)
    names: set[str] = set()
    for one in fields(kind):
        names |= member_names(hints[one.name]) if one.metadata == AMONG else {one.name}
    return names


def changed(value: T, **changes: Any) -> T:
    """VALUE, a record or a part of one, with CHANGES by the names that they have in results.json."""
    for one in fields(value):  # type: ignore[arg-type]  # a part of a record is a dataclass
        if one.metadata == AMONG:
            inner = getattr(value, one.name)
            own = {each.name: changes.pop(each.name) for each in fields(inner) if each.name in changes}
            changes |= {one.name: replace(inner, **own)} if own else {}
    return replace(value, **changes)  # type: ignore[type-var]  # as above
