"""From an attributed case to its result."""

from __future__ import annotations

from conformance.record.results import CaseResult, Evidence, Outcome
from conformance.verdict.evidence import Attributed

__all__ = ["conclude"]


def conclude(attributed: Attributed) -> CaseResult:
    """The result of a case: what it found, and what it could say nothing about."""
    case = attributed.evidence
    found = {finding.requirement for finding in attributed.findings}
    untested = {
        requirement: attributed.unobserved.get(requirement) or case.reason or "no answer said anything about it"
        for requirement in case.requirements
        if requirement not in attributed.judged and requirement not in found
    }
    untested |= {requirement: why for requirement, why in attributed.partly.items() if requirement not in found}
    missed = [requirement for requirement in case.proves or attributed.partly if requirement in untested]
    outcome, reason = _outcome(attributed, missed, untested)
    return CaseResult(
        id=case.id,
        title=case.title,
        chapter=case.chapter,
        requirements=tuple(dict.fromkeys((*case.requirements, *sorted(found)))),
        outcome=outcome,
        reason=reason,
        evidence=Evidence(
            duration_s=case.duration_s,
            calls=case.calls,
            exchanges=case.exchanges,
            observations=tuple(shown.observation for shown in case.shown),
            ended=case.reason,
            replay=case.replay,
        ),
        findings=attributed.findings,
        untested=untested,
        proves=case.proves,
    )


def _outcome(attributed: Attributed, missed: list[str], untested: dict[str, str]) -> tuple[Outcome, str]:
    failures = [finding.message for finding in attributed.findings if finding.outcome == "failed"]
    if failures:
        return "failed", "; ".join(dict.fromkeys(failures))
    reason = attributed.evidence.reason
    if missed:
        return "not tested", untested[missed[0]]
    if not attributed.judged and not attributed.findings:
        return "not tested", reason or next(iter(untested.values()), "nothing was judged")
    if attributed.findings:
        return "tolerated", "; ".join(dict.fromkeys(finding.message for finding in attributed.findings))
    return "passed", reason
