"""What --slow adds, with a clock that long waits move on: the minute of flow control."""

from __future__ import annotations

import pytest

from conformance.record.results import Record
from tests.proof.rehearsal import Rehearsal, rehearse


def _outcome(record: Record, requirement: str) -> str:
    return next(one.outcome for one in record.requirements if one.id == requirement)


@pytest.mark.parametrize("variant", ["", "flow-control-full-minutes", "flow-control-counts-refused"])
def test_any_minute_will_do(variant: str) -> None:
    """A minute slides, or begins on the clock; refused calls count or don't: calls are admitted after one without."""
    record = rehearse(Rehearsal(variants=(variant,) if variant else (), generated=False, slow=True))

    assert {"passed"} == {
        _outcome(record, one) for one in ("flow-control-enforced", "flow-control-allowance", "flow-control-recovers")
    }
    assert 0 == record.exit_status


@pytest.mark.parametrize("fault", ["flow-control-ten-seconds", "flow-control-half-a-minute"])
def test_shorter_windows_show(fault: str) -> None:
    """A target that admits calls anew twice within a minute has no minute."""
    record = rehearse(Rehearsal(faults=(fault,), generated=False, slow=True))

    assert {"flow-control-enforced"} == {one.id for one in record.requirements if one.outcome == "failed"}
    assert 1 == record.exit_status
