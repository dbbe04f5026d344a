"""Many texts are found in one, as each of them would be."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.evidence.needles import FEW, Needles

NEEDLES = st.lists(st.binary(min_size=6, max_size=40), min_size=1, max_size=3 * FEW, unique=True)


def _places(text: bytes, needles: list[bytes]) -> set[tuple[int, int]]:
    """Where NEEDLES stand in TEXT, looked for at every place one by one."""
    folded = Needles.folded(text)
    return {
        (place, place + len(needle))
        for needle in needles
        for place in range(len(text))
        if folded.startswith(Needles.folded(needle), place)
    }


@settings(max_examples=200, deadline=None)
@given(needles=NEEDLES, data=st.data())
def test_all_are_found(needles: list[bytes], data: st.DataObject) -> None:
    """Few or many, short or long, each is found wherever it stands, and nothing else is."""
    pieces = data.draw(st.lists(st.sampled_from(needles) | st.binary(max_size=5)))
    text = b"".join(pieces)
    found = Needles(dict.fromkeys(needles, "X")).find(text)
    assert _places(text, needles) == {(start, end) for start, end, _ in found}


@pytest.mark.parametrize("count", [1, 3 * FEW])
def test_letter_case_and_plus_do_not_matter(count: int) -> None:
    """A needle is found in any letter case, and where a form has + for a space."""
    needles = Needles({b"Ab Cdefgh%d" % number: str(number) for number in range(count)})
    assert [(1, 11, "0")] == list(needles.find(b"-aB+cDEFGH0-"))


def test_nothing_is_found_without_needles() -> None:
    """There is nothing to find where nothing is looked for."""
    assert [] == list(Needles({}).find(b"any text"))
