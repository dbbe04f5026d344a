"""The rules that look at a case as a whole, once each of its findings is attributed; they apply one after the other."""

from __future__ import annotations

from dataclasses import replace

from conformance.case import frame
from conformance.contract import names
from conformance.contract.classification import failed_inside, is_task
from conformance.contract.expectation import suspects
from conformance.contract.refused import REFUSED_GENERAL
from conformance.evidence.finding import Finding, Rule
from conformance.record.observation import Generated, ValidCall
from conformance.verdict.evidence import Attributed
from conformance.verdict.facts import Facts

__all__ = ["ALREADY_FOUND", "CASE_RULES", "FAILS_NOW", "UNCONTROLLED", "UNDECIDED", "WHATEVER_REFUSED"]

CONTROL_LAST, LATE_EFFECTS = frame.CONTROL_LAST.id, frame.LATE_EFFECTS.id
REVOKE_ALL = names.REVOKE_ALL_PENDING

UNCONTROLLED = "the plain valid call wasn't accepted, so a refusal proves nothing"
FAILS_NOW = Rule("fails-now", "the plain valid call was accepted before, and now fails with an internal error too")
WHATEVER_REFUSED = Rule(
    "whatever-was-refused", "calls after refusals of every kind miss commands, so no single kind is to blame"
)
ALREADY_FOUND = Rule("already-found", "a refused call is known to have had effects, and may have had this one as well")
UNDECIDED = "a whole run can tell which row of the error table this breaks, the selected cases can't"


def _replaced(attributed: Attributed, _: Facts) -> Attributed:
    """Internal errors are one failure where the plain valid call now fails with one too."""
    exchanges = attributed.evidence.exchanges
    plain = {
        shown.observation.exchange
        for shown in attributed.evidence.shown
        if isinstance(shown.observation, ValidCall) and shown.observation.replaces_failures
    }
    if not any(failed_inside(exchanges[index]) for index in plain):
        return attributed
    findings = tuple(
        replace(finding, rule=FAILS_NOW) if finding.exchange in plain else finding
        for finding in attributed.findings
        if finding.exchange in plain or finding.exchange is None or not failed_inside(exchanges[finding.exchange])
    )
    return replace(attributed, findings=findings)


def _whatever_was_refused(attributed: Attributed, _: Facts) -> Attributed:
    """Where calls after refusals of several kinds miss commands, no later call does all that it should."""
    kinds = {finding.requirement for finding in attributed.findings if finding.requirement in names.NO_EFFECT}
    if attributed.evidence.id != CONTROL_LAST or len(kinds) < 2:  # noqa: PLR2004 (several)
        return attributed
    findings = tuple(
        replace(finding, requirement=REVOKE_ALL, rule=WHATEVER_REFUSED) if finding.requirement in kinds else finding
        for finding in attributed.findings
    )
    return replace(attributed, findings=findings, judged=attributed.judged | {REVOKE_ALL})


def _without_control(attributed: Attributed, facts: Facts) -> Attributed:
    """Where the plain valid call isn't accepted, how a call was refused says nothing.

    That it was carried out, or changed something, stands.
    """
    case = attributed.evidence
    refuses = set(REFUSED_GENERAL) <= set(case.requirements) and case.id != CONTROL_LAST
    if facts.controlled or not refuses:
        return attributed
    stands = tuple(
        finding
        for finding in attributed.findings
        if finding.requirement in names.NO_EFFECT
        or (finding.exchange is not None and is_task(case.exchanges[finding.exchange]))
    )
    if stands:
        return replace(attributed, findings=stands)
    unobserved = dict.fromkeys(case.requirements, UNCONTROLLED) | dict(attributed.unobserved)
    return replace(attributed, findings=(), judged=frozenset(), unobserved=unobserved)


def _already_found(attributed: Attributed, facts: Facts) -> Attributed:
    """What changed late isn't a second fault where refused calls are known to have had effects anywhere."""
    known = sorted(one for one in facts.broken if one in names.NO_EFFECT)
    if attributed.evidence.id != LATE_EFFECTS or not known or not attributed.findings:
        return attributed
    findings = tuple(replace(one, requirement=known[0], rule=ALREADY_FOUND) for one in attributed.findings)
    unclear = {one.requirement for one in attributed.findings}
    unobserved = {**attributed.unobserved, **dict.fromkeys(unclear, ALREADY_FOUND.sentence)}
    return replace(attributed, findings=findings, judged=attributed.judged - unclear, unobserved=unobserved)


def _undecided(attributed: Attributed, facts: Facts) -> Attributed:
    """A wrong answer for which several rows were right is put down to none while a case about one of them didn't run.

    A whole run has them all; of those that were selected none may be able to tell which row was meant. A failure inside
    is told all the same: whichever it is, it has to go.
    """
    rows: dict[int | None, tuple[str, ...]] = {}
    for shown in attributed.evidence.shown:
        call = shown.observation
        if isinstance(call, Generated) and facts.tried is not None:
            exchange = attributed.evidence.exchanges[call.exchange]
            suspected = suspects(exchange, call.expectation)
            if len(suspected) > 1 and not facts.tried.issuperset(suspected) and not failed_inside(exchange):
                rows[call.exchange] = suspected

    def undecided(finding: Finding) -> bool:
        return finding.requirement in rows.get(finding.exchange, ()) and finding.requirement not in facts.broken

    found = [finding for finding in attributed.findings if undecided(finding)]
    if not found:
        return attributed
    stands = tuple(finding for finding in attributed.findings if not undecided(finding))
    unclear: dict[str, str] = {}
    for finding in found:
        for suspect in rows[finding.exchange]:
            unclear.setdefault(suspect, f"{UNDECIDED}: {finding.message}")
    return replace(attributed, findings=stands, partly={**attributed.partly, **unclear})


CASE_RULES = (_replaced, _whatever_was_refused, _without_control, _already_found, _undecided)
"""What is applied to each case as a whole once its findings are attributed, one after the other."""
