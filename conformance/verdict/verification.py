"""Judges the recorded evidence anew, and says where findings, outcomes and verdict don't follow from it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version

from conformance.case.case import Case
from conformance.configuration.settings import Waiver
from conformance.contract import names
from conformance.contract.delivery import SECRECY
from conformance.contract.documents import Contract, digests
from conformance.distribution import NAME as DISTRIBUTION
from conformance.evidence.exchange import Exchange
from conformance.evidence.truncation import LONGEST_BODY, LONGEST_HEADERS
from conformance.record.observation import Proved, Sampled
from conformance.record.results import CaseResult, Record, RequirementResult
from conformance.verdict.attribution import attribute
from conformance.verdict.evidence import CaseEvidence
from conformance.verdict.judging import show
from conformance.verdict.outcomes import conclude
from conformance.verdict.verdict import Exit, Judged, Rules, judge

__all__ = ["Verification", "verify"]

GENERATED = "generated"
PROVED_BY_THE_COURSE = frozenset({names.TRANSPORT_HTTPS, names.FLOW_CONTROL_ALLOWANCE})
"""What no single call shows, but that a case came so far."""

LOOKED_FOR_EVERYWHERE = frozenset({SECRECY})
"""What is looked for in every answer, also those that are about something else."""

CUT = "is cut after"
"""What the note of an exchange says whose answer was too large to be kept whole."""


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
    problems = list(_inconsistencies(record))
    unverified: list[str] = []
    if record.format < 2:  # noqa: PLR2004 (the first format that has observations)
        if any(result.observations for result in record.cases):
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
    attributed = attribute(tuple(map(_evidence, ordered)))
    judged_anew = {one.evidence.id: conclude(one) for one in attributed}
    results = []
    for result in ordered:
        anew = judged_anew[result.id]
        if not result.observations and result.outcome != "not tested":
            without = f"case {result.id}: it is {result.outcome}, and holds no observations"
            (unverified if recorded_only else problems).append(without)
            results.append(_before_masking(result))
        elif any(map(_is_cut, result.exchanges)):
            unverified.append(f"case {result.id}: an answer was too large to be kept whole")
            results.append(_before_masking(result))
        else:
            problems += _differences(result, anew)
            results.append(replace(anew, duration_s=result.duration_s))
    judged = judge(
        contract,
        () if recorded_only else cases,
        results,
        _rules(record),
        facts=record.conditions.declared,
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
        one for one in result.observations if _within(one, len(result.exchanges)) and not _bare_claim(one, result)
    ]
    return CaseEvidence(
        id=result.id,
        title=result.title,
        chapter=result.chapter,
        proves=result.proves,
        requirements=result.requirements,
        shown=tuple(show(observation, result.exchanges, result.requirements) for observation in usable),
        exchanges=result.exchanges,
        reason=result.ended,
        duration_s=result.duration_s,
        calls=result.calls,
        replay=result.replay,
    )


def _is_cut(exchange: Exchange) -> bool:
    """Whether the answer was too large to be kept whole: it says so, and is as large as what is kept."""
    response = exchange.response
    if response is None or not any(CUT in note for note in exchange.notes):
        return False
    headers = sum(len(name) + len(value) for name, value in response.headers)
    return len(response.body) >= LONGEST_BODY or headers >= LONGEST_HEADERS


def _calls(observation: object) -> list[int]:
    """The calls that OBSERVATION speaks of."""
    single = (getattr(observation, name, None) for name in ("exchange", "again", "alone", "plainly", "named"))
    return [index for index in (*single, *getattr(observation, "exchanges", ())) if index is not None]


def _within(observation: object, exchanges: int) -> bool:
    """Whether OBSERVATION speaks of calls that are there."""
    return all(0 <= index < exchanges for index in _calls(observation))


def _bare_claim(observation: object, result: CaseResult) -> bool:
    """Whether OBSERVATION of RESULT claims what only calls can show."""
    if isinstance(observation, Proved):
        return not PROVED_BY_THE_COURSE.issuperset(observation.requirements)
    if isinstance(observation, Sampled) and result.chapter != GENERATED:
        return not LOOKED_FOR_EVERYWHERE.issuperset(observation.judged)
    return False


def _unspoken(result: CaseResult) -> list[int]:
    """The calls of RESULT that none of its observations speaks of; of generated requests samples are kept."""
    spoken = {index for observation in result.observations for index in _calls(observation)}
    return [] if result.chapter == GENERATED else sorted(set(range(len(result.exchanges))) - spoken)


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
    if not all(_within(one, len(recorded.exchanges)) for one in recorded.observations):
        yield f"case {recorded.id}: an observation speaks of a call that isn't recorded"
    if any(_bare_claim(one, recorded) for one in recorded.observations):
        yield f"case {recorded.id}: an observation claims what only calls can show"
    if anew.outcome == "passed" and not recorded.ended and (unspoken := _unspoken(recorded)):
        yield f"case {recorded.id}: nothing is said about call {unspoken[0] + 1}"
    yield from _words(recorded, anew)
    had, has = (Counter((one.requirement, one.exchange) for one in result.findings) for result in (recorded, anew))
    for requirement, exchange in sorted((had - has).elements(), key=str):
        yield f"case {recorded.id}: a finding against {requirement}{_at(exchange)} doesn't follow from the evidence"
    for requirement, exchange in sorted((has - had).elements(), key=str):
        yield f"case {recorded.id}: the evidence shows a finding against {requirement}{_at(exchange)}, none is recorded"


def _words(recorded: CaseResult, anew: CaseResult) -> Iterator[str]:
    """Where the suite's own words in RECORDED aren't those of the case, or of the rules that put its findings down."""
    by_finding: dict[tuple[str, int | None], list[object]] = {}
    for one in anew.findings:
        by_finding.setdefault((one.requirement, one.exchange), []).append((one.rule, one.reading))
    for one in recorded.findings:
        known = by_finding.get((one.requirement, one.exchange))
        if known is not None and (one.rule, one.reading) not in known:
            yield f"case {recorded.id}: the finding against {one.requirement}{_at(one.exchange)} has another rule"
            return


def _at(exchange: int | None) -> str:
    return "" if exchange is None else f" (call {exchange + 1})"


def _rules(record: Record) -> Rules:
    waivers = tuple(
        Waiver(use.requirement, use.case, use.reason, use.owner, dt.date.fromisoformat(use.expires))
        for use in record.waivers
    )
    return Rules(
        strict=record.strict,
        allow_untested=record.conditions.allow_untested,
        waivers=waivers,
        today=dt.date.fromisoformat(record.conditions.day),
        release=record.conditions.release,
    )


def _retold(record: Record, judged: Judged) -> Iterator[str]:
    """Where RECORD doesn't say what the suite says where it is JUDGED so."""
    told = {requirement.id: _told(requirement) for requirement in judged.requirements}
    for requirement in record.requirements:
        if requirement.id in told and told[requirement.id] != _told(requirement):
            yield f"requirement {requirement.id}: it isn't told as the ledger has it"
    if not record.conditions.ended and judged.summary != record.summary:
        yield f"summary: recorded as “{record.summary}”, by the evidence it is “{judged.summary}”"


def _outcomes(record: Record, judged: Judged) -> Iterator[str]:
    """Where the outcomes and the verdict of RECORD aren't those JUDGED anew."""
    anew = {requirement.id: requirement.outcome for requirement in judged.requirements}
    recorded = {requirement.id: requirement.outcome for requirement in record.requirements}
    for identity in sorted(anew.keys() | recorded.keys()):
        if anew.get(identity) != recorded.get(identity):
            was, should = recorded.get(identity, "missing"), anew.get(identity, "no requirement of the ledger")
            yield f"requirement {identity}: recorded as {was}, by the evidence it is {should}"
    cases = {result.id: result.outcome for result in judged.cases}
    for result in record.cases:
        if result.id in cases and cases[result.id] != result.outcome:
            yield f"case {result.id}: recorded as {result.outcome}, by the evidence it is {cases[result.id]}"
    if record.conditions.ended and judged.verdict == "conformant":
        judged = replace(judged, verdict="incomplete", exit_status=Exit(record.exit_status))
    elif record.conditions.ended:
        judged = replace(judged, exit_status=Exit(record.exit_status))
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
        requirement.source,
        requirement.advice,
        requirement.origin,
        requirement.readings,
        requirement.counts,
        requirement.proved_by,
        requirement.masked_by,
    )


STATUSES: dict[str, frozenset[int]] = {
    "conformant": frozenset({0}),
    "non-conformant": frozenset({1, 2, 3}),
    "incomplete": frozenset({2, 3, 5, 7}),
    "no verdict": frozenset({2, 3, 6}),
}
"""The exit statuses that go with each verdict."""


def _inconsistencies(record: Record) -> Iterator[str]:
    """Where RECORD contradicts itself, whatever its evidence is."""
    if record.exit_status not in STATUSES[record.verdict]:
        yield f"verdict: {record.verdict} doesn't go with exit status {record.exit_status}"
    failed = (one for one in record.requirements if (one.level, one.outcome) == ("MUST", "failed"))
    violated = [one.id for one in failed if one.counts]
    if violated and record.verdict in ("conformant", "incomplete"):
        yield f"verdict: {record.verdict}, although the MUST {violated[0]} failed"
    if not violated and record.verdict == "non-conformant":
        yield "verdict: non-conformant, although no MUST failed"
    ran = [result for result in record.cases if result.outcome != "not tested"]
    if not ran and record.verdict in ("conformant", "non-conformant"):
        yield f"verdict: {record.verdict}, although no case was run"
    ids = {result.id for result in ran}
    found = {one.requirement for result in record.cases for one in result.findings if one.outcome == "failed"}
    for requirement in record.requirements:
        if requirement.outcome == "passed" and requirement.id in found:
            yield f"requirement {requirement.id}: passed, although a case found it violated"
        if requirement.outcome == "passed" and ids.isdisjoint(requirement.cases):
            yield f"requirement {requirement.id}: passed, although none of its cases was run"
        if requirement.outcome == "failed" and requirement.id not in found:
            yield f"requirement {requirement.id}: failed, although no case found it violated"
    yield from _repeated("case", [result.id for result in record.cases])
    yield from _repeated("requirement", [requirement.id for requirement in record.requirements])


def _repeated(what: str, ids: Iterable[str]) -> Iterator[str]:
    for identity, count in Counter(ids).items():
        if count > 1:
            yield f"{what} {identity}: recorded {count} times"
