"""Judges the recorded evidence anew, and says where findings, outcomes and verdict don't follow from it."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version

from conformance.case.case import Case
from conformance.configuration.settings import Waiver
from conformance.contract.documents import Contract, digests
from conformance.distribution import NAME as DISTRIBUTION
from conformance.evidence.exchange import Exchange
from conformance.evidence.finding import Finding
from conformance.evidence.redaction import CUT
from conformance.evidence.truncation import ANSWER_CUT, LONGEST_BODY, LONGEST_HEADERS
from conformance.record.results import CaseResult, Record, RequirementResult
from conformance.verdict.attribution import attribute
from conformance.verdict.consistency import (
    GENERATED,
    bare_claim,
    calls_of,
    inconsistencies,
    unlike_this_version,
    within,
)
from conformance.verdict.evidence import CaseEvidence
from conformance.verdict.judging import show
from conformance.verdict.outcomes import conclude
from conformance.verdict.verdict import UNTIL_THEN, Exit, Judged, Policy, ended_early, judge

__all__ = ["Verification", "verify"]

FOREIGN = re.compile(r"['\"“$…\d]")
"""Where the suite's own words in a text end: it quotes, counts or measures what may be hidden, or cut, in evidence."""


@dataclass(frozen=True)
class Verification:
    """What judging anew showed.

    Attributes:
        problems: where the results don't follow from the evidence.
        unverified: what couldn't be judged anew, and why.
        judged: whether anything could be judged anew.
    """

    problems: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    judged: bool = True


def verify(record: Record, contract: Contract, cases: Sequence[Case]) -> Verification:
    """Whether the findings, outcomes and verdict of RECORD follow from its evidence.

    Args:
        record: the results of a run.
        contract: the ledger to judge by.
        cases: the cases of this version, in the order of the suite.
    """
    problems = list(inconsistencies(record))
    unverified: list[str] = []
    if record.format < 2:  # noqa: PLR2004 (the first format that has observations)
        if any(result.evidence.observations for result in record.cases):
            problems.append("format: results of format 1 hold no observations, and these do")
        why = "results of format 1 hold no observations, so that their findings can't be judged anew"
        return Verification(tuple(problems), (why,), judged=False)
    this = version(DISTRIBUTION)
    if record.suite.version != this:
        # Another version may judge the same evidence, or tell the same thing, in another way.
        why = f"version {record.suite.version} judged, and this is version {this}; verify them with that one"
        return Verification(tuple(problems), (why,), judged=False)
    if record.suite.digests != digests():
        problems.append(f"suite: version {this} judged by other documents than this one has, and is this one")
        return Verification(tuple(problems), judged=False)
    ordered = _ordered(record.cases, cases)
    recorded_only = {case.id for case in cases}.isdisjoint(result.id for result in record.cases)
    if not recorded_only:
        problems += unlike_this_version(record, contract, cases)
    attributed = attribute(tuple(map(_evidence, ordered)))
    judged_anew = {one.evidence.id: conclude(one) for one in attributed}
    results = []
    for result in ordered:
        anew = judged_anew[result.id]
        if not result.evidence.observations and result.outcome != "not tested":
            without = f"case {result.id}: it is {result.outcome}, and holds no observations"
            (unverified if recorded_only else problems).append(without)
            results.append(_before_masking(result))
        elif any(map(_is_cut, result.evidence.exchanges)):
            unverified.append(f"case {result.id}: an answer was too large to be kept whole")
            results.append(_before_masking(result))
        else:
            problems += _differences(result, anew)
            results.append(replace(anew, evidence=replace(anew.evidence, duration_s=result.evidence.duration_s)))
    judged = judge(
        contract,
        () if recorded_only else cases,
        results,
        _policy(record),
        declared=record.conditions.declared,
        no_verdict=record.conditions.no_verdict,
    )
    problems += (*_retold(record, judged), *_outcomes(record, judged))
    return Verification(tuple(problems), tuple(unverified))


def _ordered(results: Sequence[CaseResult], cases: Sequence[Case]) -> list[CaseResult]:
    """RESULTS in the order of the suite; those of no case of this version last."""
    place = {case.id: number for number, case in enumerate(cases)}
    return sorted(results, key=lambda result: place.get(result.id, len(place)))


def _evidence(result: CaseResult) -> CaseEvidence:
    """What the case of RESULT left behind, each of its observations judged anew."""
    usable = [
        one
        for one in result.evidence.observations
        if within(one, len(result.evidence.exchanges)) and not bare_claim(one, result)
    ]
    return CaseEvidence(
        id=result.id,
        title=result.title,
        chapter=result.chapter,
        proves=result.proves,
        requirements=result.requirements,
        shown=tuple(show(observation, result.evidence.exchanges, result.requirements) for observation in usable),
        exchanges=result.evidence.exchanges,
        reason=result.evidence.ended,
        duration_s=result.evidence.duration_s,
        calls=result.evidence.calls,
        replay=result.evidence.replay,
    )


def _is_cut(exchange: Exchange) -> bool:
    """Whether the answer was too large to be kept whole: it says so, ends so, and is about as large as what is kept.

    What stands for a secret may be shorter.
    """
    response = exchange.response
    if response is None or not any(note.startswith(ANSWER_CUT) for note in exchange.notes):
        return False
    headers = sum(len(name) + len(value) for name, value in response.headers)
    body_cut = response.body.endswith(CUT.encode("utf-8")) and len(response.body) >= LONGEST_BODY // 2
    last = response.headers[-1][1] if response.headers else ""
    return body_cut or (last.endswith(CUT) and headers >= LONGEST_HEADERS // 2)


def _unspoken(result: CaseResult) -> list[int]:
    """The calls of RESULT that none of its observations speaks of; of generated requests samples are kept."""
    spoken = {index for observation in result.evidence.observations for index in calls_of(observation)}
    return [] if result.chapter == GENERATED else sorted(set(range(len(result.evidence.exchanges))) - spoken)


def _before_masking(result: CaseResult) -> CaseResult:
    """RESULT as it was before it was seen together with others."""
    findings = tuple(
        replace(finding, outcome="failed") if finding.outcome in ("masked", "waived") else finding
        for finding in result.findings
    )
    outcome = "failed" if result.outcome in ("masked", "waived") else result.outcome
    return replace(result, findings=findings, outcome=outcome, masked_by=None)


def _differences(recorded: CaseResult, anew: CaseResult) -> Iterator[str]:
    """Where the findings of RECORDED aren't those that its evidence shows ANEW."""
    if not all(within(one, len(recorded.evidence.exchanges)) for one in recorded.evidence.observations):
        yield f"case {recorded.id}: an observation speaks of a call that isn't recorded"
    if any(bare_claim(one, recorded) for one in recorded.evidence.observations):
        yield f"case {recorded.id}: an observation claims what only calls can show"
    if anew.outcome == "passed" and not recorded.evidence.ended and (unspoken := _unspoken(recorded)):
        yield f"case {recorded.id}: nothing is said about call {unspoken[0] + 1}"
    yield from _words(recorded, anew)
    had, has = (Counter((one.requirement, one.exchange) for one in result.findings) for result in (recorded, anew))
    for requirement, exchange in sorted((had - has).elements(), key=str):
        yield f"case {recorded.id}: a finding against {requirement}{_at(exchange)} doesn't follow from the evidence"
    for requirement, exchange in sorted((has - had).elements(), key=str):
        yield f"case {recorded.id}: the evidence shows a finding against {requirement}{_at(exchange)}, none is recorded"


def _words(recorded: CaseResult, anew: CaseResult) -> Iterator[str]:
    """Where the findings of RECORDED are told otherwise than those that its evidence shows ANEW."""
    by_finding: dict[tuple[str, int | None], list[Finding]] = {}
    for one in anew.findings:
        by_finding.setdefault((one.requirement, one.exchange), []).append(one)
    for one in recorded.findings:
        known = by_finding.get((one.requirement, one.exchange))
        if known is not None and not any(_told_alike(one, other) for other in known):
            yield f"case {recorded.id}: the finding against {one.requirement}{_at(one.exchange)} is told otherwise"
            return


def _told_alike(recorded: Finding, anew: Finding) -> bool:
    return (
        (recorded.rule, recorded.reading) == (anew.rule, anew.reading)
        # What is merely tolerated fails in a strict run; what failed may be masked or waived since.
        and (recorded.outcome == anew.outcome or recorded.outcome != "tolerated")
        and _alike(recorded.message, anew.message)
        and _alike(recorded.expected, anew.expected)
    )


def _alike(recorded: str, anew: str) -> bool:
    """Whether both begin with the same words of the suite's own."""
    return FOREIGN.split(recorded, maxsplit=1)[0] == FOREIGN.split(anew, maxsplit=1)[0]


def _at(exchange: int | None) -> str:
    return "" if exchange is None else f" (call {exchange + 1})"


def _policy(record: Record) -> Policy:
    waivers = tuple(
        Waiver(use.requirement, use.case, use.reason, use.owner, dt.date.fromisoformat(use.expires))
        for use in record.waivers
    )
    return Policy(
        strict=record.strict,
        allow_untested=record.conditions.allow_untested,
        waivers=waivers,
        today=dt.date.fromisoformat(record.conditions.day),
        release=record.conditions.release,
    )


def _retold(record: Record, judged: Judged) -> Iterator[str]:
    """Where RECORD doesn't say what the suite says where it is JUDGED so."""
    told = {requirement.id: _told(requirement) for requirement in judged.requirements}
    reasons = {requirement.id: requirement.reason for requirement in judged.requirements}
    for requirement in record.requirements:
        if requirement.id in told and told[requirement.id] != _told(requirement):
            yield f"requirement {requirement.id}: it isn't told as the ledger has it"
        elif requirement.outcome == "failed" and not _alike(requirement.reason, reasons[requirement.id]):
            yield f"requirement {requirement.id}: the reason is in other words than the evidence gives"
    of_cases = {case.id: case for case in judged.cases}
    for case in record.cases:
        anew = of_cases[case.id]
        if case.outcome == "failed" == anew.outcome and not _alike(case.reason, anew.reason):
            yield f"case {case.id}: the reason is in other words than the evidence gives"
    if not (judged.summary == record.summary or (record.conditions.ended and _ended_so(record, judged.summary))):
        yield f"summary: recorded as “{record.summary}”, by the evidence it is “{judged.summary}”"


def _ended_so(record: Record, summary: str) -> bool:
    """Whether RECORD, of a run or recording that ended early, says so before the SUMMARY that its evidence gives."""
    return record.summary == record.conditions.ended and record.summary.endswith(UNTIL_THEN + summary)


def _outcomes(record: Record, judged: Judged) -> Iterator[str]:
    """Where the outcomes and the verdict of RECORD aren't those JUDGED anew."""
    anew = {requirement.id: requirement.outcome for requirement in judged.requirements}
    recorded = {requirement.id: requirement.outcome for requirement in record.requirements}
    for identity in sorted(anew.keys() | recorded.keys()):
        if anew.get(identity) != recorded.get(identity):
            was, should = recorded.get(identity, "missing"), anew.get(identity, "no requirement of the ledger")
            yield f"requirement {identity}: recorded as {was}, by the evidence it is {should}"
    cases = {result.id: result.outcome for result in judged.cases}
    masked = {result.id: result.masked_by for result in judged.cases}
    for result in record.cases:
        if result.id in cases and cases[result.id] != result.outcome:
            yield f"case {result.id}: recorded as {result.outcome}, by the evidence it is {cases[result.id]}"
        elif result.id in masked and masked[result.id] != result.masked_by:
            yield f"case {result.id}: another violation masks it than the one that is recorded"
    if record.conditions.ended:
        judged = ended_early(judged, Exit(record.exit_status), record.conditions.ended)
    if (judged.verdict, judged.exit_status) != (record.verdict, record.exit_status):
        yield (
            f"verdict: recorded as {record.verdict} (exit status {record.exit_status}), "
            f"by the evidence it is {judged.verdict} ({int(judged.exit_status)})"
        )


def _told(requirement: RequirementResult) -> tuple[object, ...]:
    """What REQUIREMENT says of itself, in the suite's words."""
    return (
        requirement.level,
        requirement.statement,
        requirement.ground.source,
        requirement.advice,
        requirement.ground.origin,
        requirement.ground.readings,
        requirement.counts,
        requirement.proved_by,
        requirement.masked_by,
    )
