"""The verdict doesn't depend on the order of the cases: neither that in which they run nor that of what they left."""

from __future__ import annotations

import random

import pytest

from conformance.record.results import Record
from conformance.reference import Reference
from tests import running
from tests.proof.rehearsal import Rehearsal, rehearse

SOME = (
    "accepted-several-pending",
    "token-unknown",
    "token-null",
    "body-missing",
    "device-unknown",
    "revocation-leaves-the-rest",
    "revocation-again",
)
FAULTS = {
    # Shows in every accepted call.
    "task-device-id-upper-case": {"task-device-id-echo"},
    # Shows in one case.
    "revokes-delivered": {"keep-delivered"},
    # Shows in the last control call alone.
    "taken-despite-credentials": {"no-effect-credentials"},
}


def red(record: Record) -> set[str]:
    """The requirements that are violated."""
    return {one.id for one in record.requirements if one.outcome == "failed"}


@pytest.mark.parametrize("shuffled", [None, 1, 2])
@pytest.mark.parametrize("fault", FAULTS)
def test_running_order(fault: str, shuffled: int | None) -> None:
    """In whatever order the cases run, one fault is one red requirement, and always the same."""
    assert FAULTS[fault] == red(rehearse(Rehearsal((fault,), cases=SOME, shuffled=shuffled)))


def test_order_of_the_evidence() -> None:
    """What was recorded is judged the same, whatever order it comes in: as it does from several workers."""
    with Reference.start(tls=False, faults=tuple(FAULTS)) as reference:
        toml = running.settled(reference.configuration(), settle_time=1.0, watch_time=0)
        course = running.begin(running.configured(toml))
        judged = [running.run(course, running.named(SOME))]
    for seed in range(5):
        random.Random(seed).shuffle(course.evidence)  # noqa: S311 (an order, not a secret)
        judged.append(running.judged(course))

    assert "non-conformant" == judged[0].verdict
    assert [judged[0]] * 5 == judged[1:]


@pytest.mark.parametrize("chosen", [("token-unknown", "token-null"), ("revocation-again",)])
def test_selection(chosen: tuple[str, ...]) -> None:
    """A selection may know less than a full run; it accuses no requirement that the full run clears."""
    record = rehearse(Rehearsal(("revokes-only-newest",), cases=chosen))

    assert {"revoke-all-pending"} == red(record)
