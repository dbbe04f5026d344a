"""What is known of a whole run once its last case is over, by which findings are attributed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from conformance.case import frame
from conformance.contract import answer as answers
from conformance.contract import names
from conformance.contract.classification import is_task
from conformance.contract.meaning import CANCELED, MustStay
from conformance.evidence.exchange import Exchange
from conformance.record.observation import (
    Observation,
    RefusedCall,
    Revocation,
    Simultaneous,
    Unchanged,
    ValidCall,
)
from conformance.verdict.evidence import CaseEvidence

__all__ = ["Facts", "Misanswer", "facts_of", "kept_commands", "misanswer"]

Misanswer = tuple[int, str | None]
"""The status and the code of a wrong answer."""


@dataclass(frozen=True)
class Facts:
    """What is known of the run when a case is attributed.

    Attributes:
        controlled: the plain valid call was accepted.
        broken: requirements that the cases before it found broken.
        broken_alone: requirements that a call which no other was made at the same time as broke, in any case.
        control_missed: what a call that no refused call preceded was seen to break; None where none was made.
        hold: requirements that a case which is about them found to hold, and what set apart a call that was accepted.
        finished_vanish: commands vanished that had finished in another way than by being revoked.
        misanswers: by row of the error table, how calls were answered wrongly for which no other row was right.
        named_by: by command, what calls that were refused while it was to stay must not break, if several kinds were.
        late: what commands that changed late, and that calls of one kind alone had named, show to be broken.
        tried: the requirements that a case which ran is about; None where it isn't known which others ran.
    """

    controlled: bool = True
    broken: frozenset[str] = frozenset()
    broken_alone: frozenset[str] = frozenset()
    control_missed: frozenset[str] | None = None
    hold: frozenset[str] = frozenset()
    finished_vanish: bool = False
    misanswers: Mapping[str, frozenset[Misanswer]] = field(default_factory=dict)
    named_by: Mapping[str, frozenset[str]] = field(default_factory=dict)
    late: frozenset[str] = frozenset()
    tried: frozenset[str] | None = None


def facts_of(cases: Sequence[CaseEvidence]) -> Facts:
    """What all CASES together show."""
    named_by = _named_by(cases)
    return Facts(
        controlled=_controlled(cases),
        broken_alone=_broken_alone(cases),
        control_missed=_control_missed(cases),
        hold=_hold(cases),
        finished_vanish=_finished_vanish(cases),
        misanswers=_misanswers(cases),
        named_by=named_by,
        late=_late(cases, named_by),
        tried=frozenset(requirement for case in cases for requirement in case.proves),
    )


def misanswer(exchange: Exchange) -> Misanswer | None:
    """How EXCHANGE was answered; None where no answer came."""
    if exchange.response is None:
        return None
    answer = answers.read(exchange.response)
    return answer.status, answer.code


def kept_commands(observation: Observation) -> Iterator[tuple[MustStay, str | None]]:
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
    """Requirements that a case which is about them judged and found nothing against, and what refuses no call."""
    hold: set[str] = set()
    for case in cases:
        found = {finding.requirement for shown in case.shown for finding in shown.findings}
        judged = {requirement for shown in case.shown for requirement in shown.judged}
        hold |= set(case.proves) & judged - found
        for shown in case.shown:
            call = shown.observation
            if isinstance(call, ValidCall) and is_task(case.exchanges[call.exchange]):
                hold.update(call.special)
    return frozenset(hold)


def _misanswers(cases: Sequence[CaseEvidence]) -> Mapping[str, frozenset[Misanswer]]:
    """By row, the wrong answers to calls for which it alone was right."""
    found: dict[str, set[Misanswer]] = {}
    for case in cases:
        for shown in case.shown:
            call = shown.observation
            if not isinstance(call, RefusedCall) or len(call.refusal.codes) > 1:
                continue
            given = misanswer(case.exchanges[call.exchange])
            if given and any(one.requirement == call.refusal.row and one.outcome == "failed" for one in shown.findings):
                found.setdefault(call.refusal.row, set()).add(given)
    return {row: frozenset(given) for row, given in found.items()}


def _named_by(cases: Sequence[CaseEvidence]) -> Mapping[str, frozenset[str]]:
    """By command, what refused calls for its device must not break, where calls of several kinds named it."""
    found: dict[str, set[str]] = {}
    for case in cases:
        for shown in case.shown:
            if isinstance(shown.observation, Unchanged) and shown.observation.exchange is not None:
                for command, kept in shown.observation.kept.items():
                    found.setdefault(command, set()).add(kept.requirement)
    return {command: frozenset(kinds) for command, kinds in found.items() if len(kinds) > 1}


def _late(cases: Sequence[CaseEvidence], named_by: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """What commands that changed late show to be broken, whatever else is known."""
    late = next((case for case in cases if case.id == frame.LATE_EFFECTS.id), None)
    return frozenset(
        finding.requirement
        for shown in (late.shown if late else ())
        if named_by.keys().isdisjoint(getattr(shown.observation, "kept", ()))
        for finding in shown.findings
    )


def _finished_vanish(cases: Sequence[CaseEvidence]) -> bool:
    """Whether a command vanished that had finished, and not by being revoked."""
    return any(
        now is None and kept.status != CANCELED and kept.requirement == names.KEEP_FINISHED
        for case in cases
        for shown in case.shown
        for kept, now in kept_commands(shown.observation)
    )
