"""Where results contradict themselves, or the version that they say they are of, whatever their evidence shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from conformance.case.case import Case
from conformance.configuration.addresses import CALL
from conformance.contract import codes, names
from conformance.contract.delivery import SECRECY
from conformance.contract.documents import Contract
from conformance.contract.meaning import READ_BACK
from conformance.record.observation import Generated, Proved, RefusedCall, Revocation, Sampled, Unchanged
from conformance.record.results import CaseResult, Exit, Record

__all__ = ["GENERATED", "bare_claim", "calls_of", "inconsistencies", "unlike_this_version", "within"]

GENERATED = "generated"
PROVED_BY_THE_COURSE = frozenset({names.TRANSPORT_HTTPS, names.FLOW_CONTROL_ALLOWANCE})
"""What no single call shows, but that a case came so far."""

LOOKED_FOR_EVERYWHERE = frozenset({SECRECY})
"""What is looked for in every answer, also those that are about something else."""

STATUSES: dict[str, frozenset[int]] = {
    "conformant": frozenset({Exit.CONFORMANT}),
    "non-conformant": frozenset({Exit.NON_CONFORMANT, Exit.INTERRUPTED, Exit.INTERNAL_ERROR}),
    "incomplete": frozenset({Exit.INTERRUPTED, Exit.INTERNAL_ERROR, Exit.NOTHING_TESTED, Exit.INCOMPLETE}),
    "no verdict": frozenset({Exit.INTERRUPTED, Exit.INTERNAL_ERROR, Exit.NO_VERDICT}),
}
"""The exit statuses that go with each verdict."""

A_DAY = dt.timedelta(days=1)
"""By so much a clock may have been put right while a run went on."""


def inconsistencies(record: Record) -> Iterator[str]:
    """Where RECORD contradicts itself, whatever its evidence is."""
    if record.exit_status not in STATUSES[record.verdict]:
        yield f"verdict: {record.verdict} doesn't go with exit status {record.exit_status}"
    failed = (one for one in record.requirements if (one.level, one.outcome) == ("MUST", "failed"))
    violated = [one.id for one in failed if one.counts]
    if violated and record.verdict in ("conformant", "incomplete"):
        yield f"verdict: {record.verdict}, although the MUST {violated[0]} failed"
    if not violated and record.verdict == "non-conformant":
        yield "verdict: non-conformant, although no MUST failed"
    # A case that lacks a state has made calls until then, and what these showed counts.
    ran = [result for result in record.cases if result.outcome != "not tested" or result.evidence.exchanges]
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


def _of_another_run(record: Record) -> Iterator[str]:
    """Where calls or days of RECORD aren't those of one run against its target."""
    started = dt.datetime.fromisoformat(record.run.started).astimezone(dt.UTC)
    ended = started + dt.timedelta(seconds=record.run.duration_s)
    day = dt.date.fromisoformat(record.conditions.day)
    if record.waivers and not started.date() <= day <= ended.date():
        yield f"conditions.day: {record.conditions.day} isn't the day of the run, by which waivers are judged"
    for result in record.cases:
        for number, exchange in enumerate(result.evidence.exchanges, 1):
            if exchange.request.url.partition("?")[0] != record.target.base_url + CALL:
                yield f"case {result.id}: call {number} wasn't made to {record.target.base_url}"
            if not started - A_DAY <= dt.datetime.fromtimestamp(exchange.started, dt.UTC) <= ended + A_DAY:
                yield f"case {result.id}: call {number} wasn't made while the run went on"
    made = sum(result.evidence.calls for result in record.cases)
    if record.run.calls != made:
        yield f"calls: {record.run.calls}, although the cases made {made}"


def unlike_this_version(record: Record, contract: Contract, cases: Sequence[Case]) -> Iterator[str]:
    """Where RECORD, of this version, tells of its cases or of the document what this version doesn't.

    Args:
        record: the results of a run.
        contract: the ledger of this version.
        cases: its cases.
    """
    if record.suite.document != contract.document:
        yield "suite.document: it isn't the document of this version"
    known = {case.id: case for case in cases}
    for result in record.cases:
        case = known.get(result.id)
        if case is None:
            yield f"case {result.id}: this version has no such case"
            continue
        # What a finding was put down to is said of the case, too.
        more = {finding.requirement for finding in result.findings}
        others = set(result.requirements) ^ set(case.requirements)
        if (result.chapter, result.proves) != (case.chapter, case.proves) or not others <= more:
            yield f"case {result.id}: its chapter or requirements aren't those of this version"
        yield from _other_expectations(result, case)
    yield from _of_another_run(record)


def _other_expectations(result: CaseResult, case: Case) -> Iterator[str]:
    """Where calls of RESULT are judged by other answers than were expected of them, or than CASE ever expects."""
    # Whether some identifiers are valid input at all is left open.
    ever = case.codes | {codes.INVALID_INPUT}
    for one in result.evidence.observations:
        if not within(one, len(result.evidence.exchanges)):
            continue
        if isinstance(one, RefusedCall) and not one.optional:
            judged_by = one.refusal.describe()
        elif isinstance(one, Generated):
            judged_by = one.expectation.describe()
        else:
            continue
        if result.evidence.exchanges[one.exchange].expected != judged_by:
            yield f"case {result.id}: call {one.exchange + 1} is judged by other answers than were expected of it"
        elif isinstance(one, RefusedCall) and result.chapter != GENERATED and not ever.issuperset(one.refusal.codes):
            yield f"case {result.id}: call {one.exchange + 1} is judged by other codes than this version expects"


def calls_of(observation: object) -> list[int]:
    """The calls that OBSERVATION speaks of."""
    single = (getattr(observation, name, None) for name in ("exchange", "again", "alone", "plainly", "named"))
    return [index for index in (*single, *getattr(observation, "exchanges", ())) if index is not None]


def within(observation: object, exchanges: int) -> bool:
    """Whether OBSERVATION speaks of calls that are there."""
    return all(0 <= index < exchanges for index in calls_of(observation))


def bare_claim(observation: object, result: CaseResult) -> bool:
    """Whether OBSERVATION of RESULT claims what only calls can show."""
    if isinstance(observation, Proved):
        return not PROVED_BY_THE_COURSE.issuperset(observation.requirements)
    if isinstance(observation, Sampled) and result.chapter != GENERATED:
        return not LOOKED_FOR_EVERYWHERE.issuperset(observation.judged)
    if isinstance(observation, Unchanged):
        return not READ_BACK.issuperset(kept.requirement for kept in observation.kept.values())
    if isinstance(observation, Revocation):
        return not READ_BACK.issuperset(kept.requirement for kept in observation.state.kept.values())
    return False
