"""Values whose members stand among those of the object around them."""

from __future__ import annotations

from dataclasses import dataclass, field

import cattrs
import pytest

from conformance.record.members import AMONG, gathers, members, structuring, unstructuring


@dataclass(frozen=True)
class Inner:
    """What belongs together."""

    b: int
    c: str = "c"


@dataclass(frozen=True)
class Outer:
    """What it stands in."""

    a: int
    inner: Inner = field(metadata=AMONG)
    d: int = 4


VALUE, OBJECT = Outer(1, Inner(2)), {"a": 1, "b": 2, "c": "c", "d": 4}


def test_one_object() -> None:
    """The members of both are one object's, in the order of the fields."""
    assert list(OBJECT.items()) == list(unstructuring(Outer, cattrs.Converter())(VALUE).items())
    assert list(OBJECT.items()) == list(members(VALUE))


@pytest.mark.parametrize("given", [OBJECT, {"a": 1, "b": 2}], ids=["whole", "defaults"])
def test_read_back(given: dict[str, object]) -> None:
    """The object gives the value back, with the defaults of what it lacks."""
    assert VALUE == structuring(Outer, cattrs.Converter())(given, Outer)


def test_what_is_lacking() -> None:
    """A member of the inner value that has no default is missed by its own name."""
    with pytest.raises(cattrs.ClassValidationError) as told:
        structuring(Outer, cattrs.Converter())({"a": 1}, Outer)

    assert ["required field missing @ $.b"] == cattrs.transform_error(told.value)


def test_which_gather() -> None:
    """Dataclasses with such a field are told apart from all else."""
    assert [True, False, False] == [gathers(kind) for kind in (Outer, Inner, int)]
