"""How a run shares out its calls."""

from __future__ import annotations

from conformance.suite.registry import registered
from tests.proof.rehearsal import Rehearsal, rehearse


def test_no_case_makes_more_calls_than_it_asks_for() -> None:
    """Generated requests leave each case the calls that it makes of a right target, in whatever order they run."""
    asked = {identity: case.calls for identity, case in registered().items()}
    record = rehearse(Rehearsal(generated=False))

    assert {} == {one.id: one.calls for one in record.cases if one.calls > asked.get(one.id, one.calls)}
