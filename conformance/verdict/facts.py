"""What is known of a whole run once its last case is over, by which findings are attributed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.case import frame
from conformance.contract import names
from conformance.contract.classification import is_task
from conformance.contract.meaning import CANCELED, MustStay
from conformance.record.observation import (
    Observation,
    RefusedCall,
    Revocation,
    Simultaneous,
    ValidCall,
)
from conformance.verdict.evidence import CaseEvidence

__all__ = ["Facts", "facts_of", "read_back"]


@dataclass(frozen=True)
class Facts:
    """What is known of the run when a case is attributed.

    Attributes:
        case: the id of the case.
        controlled: the plain valid call was accepted.
        broken: requirements that the cases before it found broken.
        broken_alone: requirements that a call which no other was made at the same time as broke, in any case.
        control_missed: what a call that no refused call preceded was seen to break; None where none was made.
        hold: requirements that a case which is about them found to hold.
        finished_vanish: commands vanished that had finished in another way than by being revoked.
        remembered: the exchanges of the case whose tasks have the id of an earlier one.
    """

    case: str = ""
    controlled: bool = True
    broken: frozenset[str] = frozenset()
    broken_alone: frozenset[str] = frozenset()
    control_missed: frozenset[str] | None = None
    hold: frozenset[str] = frozenset()
    finished_vanish: bool = False
    remembered: frozenset[int] = frozenset()


def facts_of(cases: Sequence[CaseEvidence]) -> Facts:
    """What all CASES together show."""
    return Facts(
        controlled=_controlled(cases),
        broken_alone=_broken_alone(cases),
        control_missed=_control_missed(cases),
        hold=_hold(cases),
        finished_vanish=_finished_vanish(cases),
    )


def read_back(observation: Observation) -> Iterator[tuple[MustStay, str | None]]:
    """Every command that OBSERVATION says should be left alone, and what it reads back as; None: it is gone."""
    after = getattr(observation, "after", None)
    if after is not None:
        kept = observation.state.kept if isinstance(observation, Revocation) else getattr(observation, "kept", {})
        yield from ((one, after.get(command)) for command, one in kept.items())


def _controlled(cases: Sequence[CaseEvidence]) -> bool:
    """Whether the plain valid call was accepted at first; True where no control call was made."""
    first = next((case for case in cases if case.id == frame.CONTROL_FIRST.id), None)
    if first is None:
        return True
    for shown in first.shown:
        if isinstance(shown.observation, ValidCall) and is_task(first.exchanges[shown.observation.exchange]):
            return True
        if isinstance(shown.observation, RefusedCall) and not shown.findings:
            return True
    return False


def _control_missed(cases: Sequence[CaseEvidence]) -> frozenset[str] | None:
    """What the calls that were made to compare with were seen to break; None where there is nothing to compare."""
    controls = [shown for case in cases for shown in case.shown if getattr(shown.observation, "control", False)]
    if not any(names.REVOKE_ALL_PENDING in shown.judged for shown in controls):
        return None
    return frozenset(finding.requirement for shown in controls for finding in shown.findings)


def _broken_alone(cases: Sequence[CaseEvidence]) -> frozenset[str]:
    """What calls that were made one at a time were seen to break."""
    return frozenset(
        finding.requirement
        for case in cases
        for shown in case.shown
        if not _together(shown.observation)
        for finding in shown.findings
        if finding.outcome == "failed"
    )


def _together(observation: Observation) -> bool:
    """Whether OBSERVATION is of calls that were made at the same time."""
    if isinstance(observation, ValidCall):
        return observation.blame == names.CONCURRENT_CALLS or observation.apart is not None
    return isinstance(observation, Simultaneous) or getattr(observation, "apart", None) is not None


def _hold(cases: Sequence[CaseEvidence]) -> frozenset[str]:
    """Requirements that a case which is about them judged and found nothing against."""
    hold: set[str] = set()
    for case in cases:
        found = {finding.requirement for shown in case.shown for finding in shown.findings}
        judged = {requirement for shown in case.shown for requirement in shown.judged}
        hold |= set(case.proves) & judged - found
    return frozenset(hold)


def _finished_vanish(cases: Sequence[CaseEvidence]) -> bool:
    """Whether a command vanished that had finished, and not by being revoked."""
    return any(
        now is None and kept.status != CANCELED and kept.requirement == names.KEEP_FINISHED
        for case in cases
        for shown in case.shown
        for kept, now in read_back(shown.observation)
    )
