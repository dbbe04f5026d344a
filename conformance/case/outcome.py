"""Turns what a conversation found into the result of its case."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.case.frame import REFUSED
from conformance.contract import answer as answers
from conformance.record import CaseResult, Finding, Outcome

if TYPE_CHECKING:
    from conformance.case.conversation import Conversation

__all__ = ["conclude", "without_control"]

UNCONTROLLED = "the plain valid call wasn't accepted, so a refusal proves nothing"


def conclude(talk: Conversation, reason: str, duration_s: float, calls: int) -> CaseResult:
    """The result of TALK; REASON says why it ended early, if it did."""
    case = talk.case
    found = {finding.requirement for finding in talk.findings}
    untested = {
        requirement: talk.untested.get(requirement) or reason or "nothing that was answered bears on it"
        for requirement in case.requirements
        if requirement not in talk.judged and requirement not in found
    }
    untested |= {requirement: why for requirement, why in talk.partly.items() if requirement not in found}
    missed = [requirement for requirement in case.proves if requirement in untested]
    failures = [finding for finding in talk.findings if finding.outcome == "failed"]
    outcome: Outcome
    if failures:
        outcome, words = "failed", "; ".join(dict.fromkeys(finding.message for finding in failures))
    elif missed:
        outcome, words = "not tested", untested[missed[0]]
    elif not talk.judged and not talk.findings:
        outcome, words = "not tested", reason or next(iter(untested.values()), "nothing was judged")
    elif talk.findings:
        outcome, words = "tolerated", "; ".join(dict.fromkeys(finding.message for finding in talk.findings))
    else:
        outcome, words = "passed", reason
    return CaseResult(
        id=case.id,
        title=case.title,
        chapter=case.chapter,
        requirements=tuple(dict.fromkeys((*case.requirements, *found))),
        outcome=outcome,
        reason=words,
        duration_s=duration_s,
        calls=calls,
        findings=tuple(talk.findings),
        untested=untested,
        exchanges=tuple(talk.exchanges),
        replay=talk.replay,
    )


def without_control(result: CaseResult) -> CaseResult:
    """RESULT of a refusal, where the control call wasn't accepted.

    That a call was carried out or changed something stands; how it was refused says nothing, as the plain one was too.
    """
    stands = tuple(
        finding for finding in result.findings if finding.requirement in REFUSED or _carried_out(result, finding)
    )
    if stands:
        return replace(result, findings=stands)
    untested = dict.fromkeys(result.requirements, UNCONTROLLED) | result.untested
    return replace(result, outcome="not tested", reason=UNCONTROLLED, findings=(), untested=untested)


def _carried_out(result: CaseResult, finding: Finding) -> bool:
    """Whether FINDING is about a call that was answered with a task."""
    response = result.exchanges[finding.exchange].response if finding.exchange is not None else None
    return response is not None and answers.read(response).kind == "task"
