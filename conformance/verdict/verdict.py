"""From the results of the cases to the outcome of every requirement, the verdict and the exit status."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from conformance.case import frame
from conformance.case.case import Case
from conformance.configuration.settings import Waiver
from conformance.contract.documents import Contract, Requirement, counted
from conformance.evidence.glyphs import amount
from conformance.record.results import (
    NOT_RUN,
    CaseResult,
    Exit,
    Finding,
    Ground,
    Outcome,
    RequirementResult,
    Source,
    Verdict,
    WaiverState,
    WaiverUse,
)
from conformance.verdict.attribution import attribute
from conformance.verdict.evidence import CaseEvidence
from conformance.verdict.masking import mask_cases, mask_requirements
from conformance.verdict.outcomes import conclude

__all__ = ["UNTIL_THEN", "Exit", "Judged", "Policy", "ended_early", "judge", "judge_evidence", "provisional"]


@dataclass(frozen=True)
class Policy:
    """How strictly to judge, and what is accepted."""

    strict: bool = False
    allow_untested: bool = False
    waivers: tuple[Waiver, ...] = ()
    today: dt.date = dt.date.min
    release: str | None = None
    """The release of the suite whose requirements count for the verdict; None: the newest."""


UNTIL_THEN = "; until then: "
"""What stands between why a run ended early and what its evidence shows."""


@dataclass(frozen=True)
class Judged:
    """The outcome of a run: cases with waivers applied, requirements, waivers, exit status, verdict and one line."""

    cases: tuple[CaseResult, ...]
    requirements: tuple[RequirementResult, ...]
    waivers: tuple[WaiverUse, ...]
    exit_status: Exit
    verdict: Verdict
    summary: str


SETTLE_TIME = re.compile(r"within [\d.]+ s \(provider\.settle_time\)")
"""What a finding says that only holds for so long."""

CONTROLS = frozenset({frame.CONTROL_FIRST.id, frame.CONTROL_LAST.id})

DECIDING: tuple[Outcome, ...] = ("failed", "tolerated")
"""What a finding makes of its requirement, the worst first."""


def _of_case(result: CaseResult, requirement: str) -> tuple[Outcome, str]:
    """What RESULT says of REQUIREMENT."""
    findings = [finding for finding in result.findings if finding.requirement == requirement]
    for outcome in DECIDING:
        messages = [finding.message for finding in findings if finding.outcome == outcome]
        if messages:
            return outcome, messages[0]
    if requirement in result.untested:
        return "not tested", result.untested[requirement]
    return "passed", ""


def _strictly(result: CaseResult) -> CaseResult:
    """RESULT with everything tolerated counted as failed."""
    if not result.findings:
        return result
    findings = tuple(
        replace(finding, outcome="failed") if finding.outcome == "tolerated" else finding for finding in result.findings
    )
    return result if findings == result.findings else replace(result, findings=findings, outcome="failed")


def _outcome(
    requirement: Requirement, results: Mapping[str, CaseResult], cases: Sequence[Case], declared: Mapping[str, str]
) -> tuple[Outcome, str]:
    """The outcome of REQUIREMENT over the CASES that test it, before waivers."""
    said = {case.id: _of_case(results[case.id], requirement.id) for case in cases if case.id in results}
    # Results of cases that aren't in this version's suite, as of recorded traffic, count as well.
    said |= {
        identity: _of_case(result, requirement.id)
        for identity, result in results.items()
        if identity not in said and requirement.id in result.requirements
    }
    for wanted in DECIDING:
        for outcome, reason in said.values():
            if outcome == wanted:
                return outcome, reason
    if requirement.untestable is not None or requirement.id in declared:
        return "untestable", requirement.untestable or declared[requirement.id]
    missing = _missing(requirement, said, cases)
    if missing is None and any(outcome == "passed" for outcome, _ in said.values()):
        return "passed", ""
    return "not tested", missing or next((reason for _, reason in said.values()), "none of its cases was run")


def _missing(requirement: Requirement, said: Mapping[str, tuple[Outcome, str]], cases: Sequence[Case]) -> str | None:
    """Why a case that is about REQUIREMENT didn't test it; None when all of them did, or others in their place."""
    proving = [case for case in cases if requirement.id in case.proves and not case.slow]
    spared = {case.instead_of for case in proving if case.id in said and said[case.id][0] == "passed"}
    for case in proving:
        if case.id in spared or case.instead_of is not None:
            continue
        outcome, reason = said.get(case.id, ("not tested", NOT_RUN.format(case.id)))
        if outcome == "not tested":
            return reason
    return None


def _waive(cases: Sequence[CaseResult], waivers: Sequence[Waiver]) -> dict[tuple[str, str], Waiver]:
    """(case, requirement) of every failed finding that one of WAIVERS covers."""
    covered: dict[tuple[str, str], Waiver] = {}
    for result in cases:
        for finding in result.findings:
            for waiver in waivers:
                if finding.outcome == "failed" and (
                    waiver.requirement == finding.requirement or waiver.case == result.id
                ):
                    covered.setdefault((result.id, finding.requirement), waiver)
    return covered


def _state(waiver: Waiver, today: dt.date, used: bool, ran: bool, known: bool) -> WaiverState:  # noqa: FBT001 (four facts)
    if not known:
        return "unmatched"
    if waiver.expires < today:
        return "expired"
    return "active" if used or not ran else "stale"


def judge_evidence(
    contract: Contract,
    cases: Sequence[Case],
    evidence: Iterable[CaseEvidence],
    policy: Policy,
    *,
    declared: Mapping[str, str],
    no_verdict: str,
) -> Judged:
    """The outcome of what was recorded, wherever and in whatever order the cases ran.

    Args:
        contract: the ledger.
        cases: all cases, in the order of the suite.
        evidence: what they left behind.
        policy: how strictly to judge, and what is accepted.
        declared: requirements that can't be tested as the run is set up, and why.
        no_verdict: why no verdict can be had; "" when it can.
    """
    recorded = {one.id: one for one in evidence}
    ordered = [recorded[case.id] for case in cases if case.id in recorded]
    results = [conclude(attributed) for attributed in attribute(ordered)]
    return judge(contract, cases, results, policy, declared=declared, no_verdict=no_verdict)


def provisional(evidence: CaseEvidence) -> CaseResult:
    """How a case seems to have ended, by what it found itself: for those who watch the run go on."""
    return conclude(attribute([evidence], all_known=False)[0])


def judge(
    contract: Contract,
    cases: Sequence[Case],
    results: Sequence[CaseResult],
    policy: Policy,
    *,
    declared: Mapping[str, str],
    no_verdict: str,
) -> Judged:
    """The outcome of results over the ledger.

    Args:
        contract: the ledger.
        cases: all cases.
        results: of those that ran.
        policy: how strictly to judge, and what is accepted.
        declared: requirements that can't be tested as the run is set up, and why.
        no_verdict: why no verdict can be had; "" when it can.
    """
    if policy.strict:
        results = [_strictly(result) for result in results]
    covered = _waive(results, [waiver for waiver in policy.waivers if waiver.expires >= policy.today])
    by_id = {result.id: result for result in results}
    counting = counted(contract.requirements, policy.release)
    requirements = []
    for requirement in contract.requirements.values():
        testing = [case for case in cases if requirement.id in case.requirements]
        said = _outcome(requirement, by_id, testing, declared)
        outcome, reason = _settled(requirement.id, said, results, covered, no_verdict)
        found = _result(requirement, outcome, reason, testing, by_id)
        requirements.append(replace(found, counts=requirement.id in counting))
    requirements = mask_requirements(requirements, contract)
    uses = _uses(policy, results, covered, contract, cases)
    exit_status, verdict, summary = _verdict(requirements, uses, policy, no_verdict)
    masked = {one.id: one.masked_by for one in requirements if one.masked_by is not None}
    done = mask_cases(list(_waived_cases(results, covered)), masked)
    return Judged(tuple(done), tuple(requirements), uses, exit_status, verdict, summary)


def ended_early(judged: Judged, status: Exit, why: str) -> Judged:
    """JUDGED of a run that ended with STATUS before it was over: never conformant."""
    verdict: Verdict = "incomplete" if judged.verdict == "conformant" else judged.verdict
    return replace(judged, exit_status=status, verdict=verdict, summary=f"{why}{UNTIL_THEN}{judged.summary}")


def _settled(
    requirement: str,
    said: tuple[Outcome, str],
    results: Sequence[CaseResult],
    covered: Mapping[tuple[str, str], Waiver],
    no_verdict: str,
) -> tuple[Outcome, str]:
    """What becomes of what the cases SAID of REQUIREMENT, by waivers and where no verdict can be had."""
    outcome, reason = said
    failing = [
        (result.id, requirement)
        for result in results
        for finding in result.findings
        if finding.requirement == requirement and finding.outcome == "failed"
    ]
    if outcome == "failed" and all(pair in covered for pair in failing):
        waiver = covered[failing[0]]
        outcome, reason = "waived", f"waived until {waiver.expires} ({waiver.owner}): {waiver.reason}"
    # What only the control calls show is why there is no verdict, and no violation beside that.
    unsaid = outcome == "failed" and {identity for identity, _ in failing} <= CONTROLS
    if no_verdict and (unsaid or outcome in ("passed", "tolerated")):
        return "not tested", no_verdict
    return outcome, reason


def _result(
    requirement: Requirement, outcome: Outcome, reason: str, cases: Sequence[Case], results: Mapping[str, CaseResult]
) -> RequirementResult:
    ids = [case.id for case in cases]
    ids += [result.id for result in results.values() if requirement.id in result.requirements and result.id not in ids]
    return RequirementResult(
        id=requirement.id,
        level=requirement.level,
        statement=requirement.statement,
        ground=Ground(Source(requirement.section, requirement.row), requirement.origin, requirement.readings),
        outcome=outcome,
        reason=reason,
        cases=tuple(ids),
        advice=requirement.advice,
        proved_by=tuple(case.id for case in cases if requirement.id in case.proves),
    )


def _waived_cases(results: Iterable[CaseResult], covered: Mapping[tuple[str, str], Waiver]) -> Iterable[CaseResult]:
    def waived(result: CaseResult, finding: Finding) -> bool:
        return finding.outcome != "failed" or (result.id, finding.requirement) in covered

    for result in results:
        if (
            result.outcome == "failed"
            and result.findings
            and all(waived(result, finding) for finding in result.findings)
        ):
            yield replace(result, outcome="waived")
        else:
            yield result


def _uses(
    policy: Policy,
    results: Sequence[CaseResult],
    covered: Mapping[tuple[str, str], Waiver],
    contract: Contract,
    cases: Sequence[Case],
) -> tuple[WaiverUse, ...]:
    ran = {result.id for result in results if result.outcome != "not tested"}
    known_cases = {case.id for case in cases} | {result.id for result in results}
    uses = []
    for waiver in policy.waivers:
        used = waiver in covered.values()
        if waiver.case is not None:
            was_run, known = waiver.case in ran, waiver.case in known_cases
        else:
            was_run = any(
                waiver.requirement in result.requirements and waiver.requirement not in result.untested
                for result in results
                if result.id in ran
            )
            known = waiver.requirement in contract.requirements
        state = _state(waiver, policy.today, used, was_run, known)
        uses.append(
            WaiverUse(waiver.requirement, waiver.case, waiver.reason, waiver.owner, waiver.expires.isoformat(), state)
        )
    return tuple(uses)


def _verdict(
    requirements: Sequence[RequirementResult],
    uses: Sequence[WaiverUse],
    policy: Policy,
    no_verdict: str,
) -> tuple[Exit, Verdict, str]:
    must = [requirement for requirement in requirements if requirement.level == "MUST" and requirement.counts]
    violated = [requirement for requirement in must if requirement.outcome == "failed"]
    untested = [requirement for requirement in must if requirement.outcome in ("not tested", "masked")]
    bad = [use for use in uses if use.state != "active"]
    if no_verdict:
        return Exit.NO_VERDICT, "no verdict", f"No verdict: {no_verdict}"
    if violated:
        reasons = [one.reason for one in requirements if one.outcome in ("failed", "masked")]
        late = next(filter(None, map(SETTLE_TIME.search, reasons)), None)
        more = [f" One was not carried out {late[0]}."] if late else []
        more += [f" The waiver of {use.requirement or use.case} is {use.state}." for use in bad]
        summary = f"Non-conformant: {amount(len(violated), 'MUST')} violated.{''.join(more)}"
        return Exit.NON_CONFORMANT, "non-conformant", summary
    if all(requirement.outcome in ("not tested", "untestable") for requirement in requirements):
        return Exit.NOTHING_TESTED, "incomplete", "Nothing was tested."
    lines = [f"the waiver of {use.requirement or use.case} is {use.state}" for use in bad]
    if untested and not policy.allow_untested:
        lines.insert(0, f"{amount(len(untested), 'MUST')} not tested")
    if lines:
        return Exit.INCOMPLETE, "incomplete", f"Incomplete: no violation found, but {', '.join(lines)}."
    waived = sum(requirement.outcome == "waived" for requirement in must)
    words = [f"{amount(waived, 'MUST')} waived"] if waived else []
    if untested:
        words.append(f"{amount(len(untested), 'MUST')} not tested (allowed)")
    rest = f", with {' and '.join(words)}" if words else ""
    return Exit.CONFORMANT, "conformant", f"Conformant: every MUST that can be tested holds{rest}."
