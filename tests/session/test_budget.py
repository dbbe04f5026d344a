"""How a run shares out its calls."""

from __future__ import annotations

from conformance.suite.registry import registered
from tests.proof.rehearsal import Rehearsal, rehearse


def test_no_case_makes_more_calls_than_it_asks_for() -> None:
    """Generated requests leave each case the calls that it makes of a right target, in whatever order they run."""
    asked = {identity: case.calls for identity, case in registered().items()}
    record = rehearse(Rehearsal(generated=False))
    made = {one.id: one.evidence.calls for one in record.cases if one.id in asked}

    assert {} == {identity: calls for identity, calls in made.items() if calls > asked[identity]}
