"""Each rule by which a finding is attributed to a requirement: where it applies, and where it doesn't."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from conformance.contract.expectation import Expectation
from conformance.contract.meaning import MustStay, State
from conformance.contract.refused import REFUSED_GENERAL
from conformance.evidence.exchange import Exchange
from conformance.evidence.finding import Finding
from conformance.record.observation import (
    AppIdDemanded,
    Inconclusive,
    Observation,
    Reconnected,
    RefusedCall,
    Repeated,
    Revocation,
    Unchanged,
    Unobserved,
)
from conformance.verdict.attribution import attribute
from conformance.verdict.case_rules import ALREADY_FOUND, FAILS_NOW, UNDECIDED, WHATEVER_REFUSED
from conformance.verdict.evidence import Attributed, CaseEvidence
from conformance.verdict.facts import Facts
from conformance.verdict.outcomes import conclude
from conformance.verdict.rules import DIRECT, RULES, Seen, ruled
from tests.contract.exchanges import exchange, task

from .samples import (
    ACCEPTED,
    CANCELED,
    COMMANDS,
    FAILED,
    INPUT,
    INVALID,
    NOT_FOUND,
    TIMED_OUT,
    UNKNOWN,
    accepted_for,
    evidence,
    generated,
    refusal_of,
    shown,
    valid,
)

MISSED = {**CANCELED, COMMANDS[0]: "PENDING"}
FINE = Revocation(0, State(COMMANDS), CANCELED, CANCELED, control=True)
MISSING = Revocation(0, State(COMMANDS), MISSED, MISSED, control=True)
AFTER_REFUSALS = Revocation(
    0, State(COMMANDS, missed="no-effect-input"), MISSED, MISSED, after_refusals="no-effect-input"
)
UNCONTROLLED = Facts(controlled=False)


@dataclass(frozen=True)
class Given:
    """An observation of a case with its calls, and what is known besides."""

    observation: Observation
    exchanges: tuple[Exchange, ...]
    case: str = "case"
    facts: Facts = field(default_factory=Facts)
    remembered: frozenset[int] = frozenset()


def given(observation: Observation, *exchanges: Exchange, **more: Any) -> Given:
    """OBSERVATION of EXCHANGES, with MORE."""
    return Given(observation, exchanges, **more)


def chosen(given: Given) -> list[tuple[str, str]]:
    """The first rule that applies to each finding of the observation, with what it blames."""
    case = evidence(given.case, given.observation, exchanges=given.exchanges)
    found = []
    for finding in shown(given.observation, *given.exchanges).findings:
        ruling = ruled(Seen(finding, given.observation, case, given.facts, given.remembered))
        found.append(_told(ruling)[::-1])
    return found


def known(*requirements: str, control_missed: frozenset[str] | None = None) -> Facts:
    """What is known where earlier cases found REQUIREMENTS broken."""
    return Facts(broken=frozenset(requirements), control_missed=control_missed)


REFUSED_PLAIN = valid(0, blame="app-id-optional", plainly=1, otherwise="call-accepted")
SERVED = replace(REFUSED_PLAIN, special=("second-call-empty",))
SPECIAL = valid(0, special=("second-call-empty", "nothing-pending-empty-task"))
ELSEWHERE = replace(valid(0), app_id="another-application", apart="callers-kept-apart")
OPTIONAL = RefusedCall(0, UNKNOWN, optional=True)
EITHER = RefusedCall(0, replace(UNKNOWN, codes=("100022", "100418")))
INVOLVED = generated(0, Expectation("generated-token", UNKNOWN, involves=("request-json-equivalence",)))

REPEATED = Revocation(0, State(COMMANDS), MISSED, MISSED)
VANISHED = Unchanged({"c": MustStay("CANCELED", "revoke-keeps-record")}, {})
REVIVED = Unchanged({"c": MustStay("CANCELED", "revoke-all-pending")}, {"c": "PENDING"})
CHANGED_LATE = Unchanged({"c": MustStay("PENDING", "no-effect-device")}, {"c": "CANCELED"}, late=True)
CHANGED_LATE_TOO = Unchanged({"d": MustStay("PENDING", "no-effect-credentials")}, {"d": "CANCELED"}, late=True)
BOTH = frozenset({"no-effect-device", "no-effect-credentials"})
NAMED_BY_BOTH = Facts(named_by={"c": BOTH}, late=frozenset({"no-effect-credentials"}))
FINISHED_VANISH = Facts(finished_vanish=True)

TABLE: dict[str, tuple[str, Given, Given]] = {
    "repeated": (
        "call-accepted",
        given(Repeated(0, 1, "request-charset"), FAILED, ACCEPTED),
        given(valid(blame="request-charset"), FAILED),
    ),
    "connection": (
        "answer-complete",
        given(Reconnected(0, 1, "request-charset"), INVALID, ACCEPTED),
        given(valid(blame="request-charset"), INVALID),
    ),
    "remembered": (
        "second-call-empty",
        given(REPEATED, ACCEPTED, facts=known("second-call-empty"), remembered=frozenset({0})),
        given(REPEATED, ACCEPTED, remembered=frozenset({0})),
    ),
    "no-control": (
        "call-accepted",
        given(valid(blame="request-charset"), INVALID, facts=UNCONTROLLED),
        given(valid(blame="request-charset"), INVALID, facts=replace(UNCONTROLLED, controlled=True)),
    ),
    "plain-call-too": ("call-accepted", given(REFUSED_PLAIN, INVALID, INVALID), given(SERVED, INVALID, ACCEPTED)),
    "sets-it-apart": (
        "nothing-pending-empty-task",
        given(SPECIAL, INVALID, facts=known("nothing-pending-empty-task")),
        given(SPECIAL, INVALID, facts=Facts(hold=frozenset(SPECIAL.special))),
    ),
    "refused-anyway": (
        "call-accepted",
        given(OPTIONAL, FAILED, facts=known("call-accepted")),
        given(replace(OPTIONAL, optional=False), INVALID, facts=known("call-accepted")),
    ),
    "answered-alike": (
        "error-100022-invalid-input",
        given(EITHER, FAILED, facts=Facts(misanswers={INPUT.row: frozenset({(500, "100001")})})),
        given(EITHER, FAILED, facts=Facts(misanswers={INPUT.row: frozenset({(500, "100022")})})),
    ),
    "any-call-misses": (
        "revoke-all-pending",
        given(AFTER_REFUSALS, ACCEPTED, facts=known(control_missed=frozenset({"revoke-all-pending"}))),
        given(AFTER_REFUSALS, ACCEPTED, facts=known(control_missed=frozenset())),
    ),
    "only-together": (
        "concurrent-calls",
        given(valid(blame="concurrent-calls"), TIMED_OUT),
        given(valid(blame="concurrent-calls"), TIMED_OUT, facts=known("answer-in-time")),
    ),
    "fails-together": (
        "concurrent-calls",
        given(replace(valid(blame="callers-kept-apart"), apart="callers-kept-apart"), FAILED),
        given(replace(valid(blame="callers-kept-apart"), apart="callers-kept-apart"), NOT_FOUND),
    ),
    "revived-like-others": (
        "keep-finished",
        given(REVIVED, case="late-effects", facts=Facts(broken=frozenset({"keep-finished"}))),
        given(REVIVED, case="late-effects"),
    ),
    "vanished-like-others": (
        "keep-finished",
        given(VANISHED, case="late-effects", facts=FINISHED_VANISH),
        given(VANISHED, case="late-effects", facts=replace(FINISHED_VANISH, finished_vanish=False)),
    ),
    "named-by-several": (
        "no-effect-credentials",
        given(CHANGED_LATE, case="late-effects", facts=NAMED_BY_BOTH),
        given(CHANGED_LATE, case="late-effects", facts=replace(NAMED_BY_BOTH, late=frozenset({"no-effect-device"}))),
    ),
    "one-of-several": (
        "no-effect-device",
        given(CHANGED_LATE, case="late-effects", facts=replace(NAMED_BY_BOTH, late=frozenset())),
        given(
            CHANGED_LATE_TOO,
            case="late-effects",
            facts=NAMED_BY_BOTH,
        ),
    ),
    "calls-before": (
        "keep-other-devices",
        given(CHANGED_LATE, case="control-last"),
        given(CHANGED_LATE, case="control-last", facts=Facts(hold=frozenset({"keep-other-devices"}))),
    ),
    "somebody-elses": (
        "callers-kept-apart",
        given(ELSEWHERE, ACCEPTED),
        given(ELSEWHERE, ACCEPTED, facts=known("task-app-id-own")),
    ),
    "known-to-be-broken": (
        "request-json-equivalence",
        given(INVOLVED, FAILED, facts=known("request-json-equivalence")),
        given(INVOLVED, FAILED, facts=known("task-id")),
    ),
}


def test_every_rule_is_tried() -> None:
    """No rule goes untested, and each has a name of its own and a sentence."""
    assert [one.rule.name for one in RULES] == list(TABLE)
    assert all(one.rule.sentence for one in RULES)


@pytest.mark.parametrize("name", TABLE)
def test_rule_applies(name: str) -> None:
    """Each rule is the first to apply to what it is made for, and blames one requirement."""
    blamed, applies, _ = TABLE[name]

    assert [(name, blamed)] == chosen(applies)


@pytest.mark.parametrize("name", TABLE)
def test_rule_does_not_apply(name: str) -> None:
    """Where its condition isn't met, what the call is about stays to blame."""
    blamed, _, otherwise = TABLE[name]
    found = chosen(otherwise)

    assert [DIRECT.name] == [rule for rule, _ in found]
    assert blamed not in {requirement for _, requirement in found}


def test_first_control_call_is_its_own_control() -> None:
    """The first control call is judged as it stands, though no control was accepted before it."""
    assert [("direct", "request-charset")] == chosen(
        given(valid(blame="request-charset"), INVALID, case="control-first", facts=Facts(controlled=False))
    )


def test_refusal_that_must_come_is_no_matter_of_chance() -> None:
    """Where only a refusal is right, that the target fails now and then explains nothing."""
    assert [("direct", UNKNOWN.row)] == chosen(given(RefusedCall(0, UNKNOWN), FAILED, facts=known("call-accepted")))


@pytest.mark.parametrize("broken", ["revoke-all-pending", "revoke-keeps-record", "listed-all"])
def test_any_call_misses_by_what_is_known(broken: str) -> None:
    """Where any call is known to miss commands, refused ones aren't to blame, whatever the control call did."""
    facts = known(broken, control_missed=frozenset())

    assert [("any-call-misses", broken)] == chosen(given(AFTER_REFUSALS, ACCEPTED, facts=facts))


def test_any_call_misses_without_control() -> None:
    """Where no control call was made, the plainer requirement is named."""
    assert [("any-call-misses", "revoke-all-pending")] == chosen(given(AFTER_REFUSALS, ACCEPTED))


# ---- all cases together ----------------------------------------------------------------------------------------------


def red(*cases: CaseEvidence) -> dict[str, list[tuple[str, str]]]:
    """The requirements that each of CASES is found to break, with the rule; cases without findings are left out."""
    return {one.evidence.id: [_told(finding) for finding in one.findings] for one in attribute(cases) if one.findings}


def _told(finding: Finding) -> tuple[str, str]:
    assert finding.rule is not None
    return finding.requirement, finding.rule.name


def last(*cases: CaseEvidence) -> Attributed:
    """The last one of CASES, attributed."""
    return attribute(cases)[-1]


def test_direct() -> None:
    """A finding that no rule applies to stays with what the call is about, and says so."""
    assert {"one": [("request-charset", "direct")]} == red(
        evidence("one", valid(blame="request-charset"), exchanges=(INVALID,))
    )


def test_what_sets_a_call_apart() -> None:
    """What sets a call apart is blamed for it, unless a case that is about it found that it holds."""
    cause = evidence("cause", valid(blame="second-call-empty"), exchanges=(INVALID,))
    effect = evidence("effect", valid(special=("second-call-empty",)), exchanges=(INVALID,))

    proof = evidence("proof", valid(blame="second-call-empty"), exchanges=(ACCEPTED,), proves=("second-call-empty",))

    assert [("second-call-empty", "sets-it-apart")] == red(cause, effect)["effect"] == red(effect, cause)["effect"]
    assert [("call-accepted", "direct")] == red(effect, proof)["effect"]


@pytest.mark.parametrize(
    ("first", "blamed"),
    [
        (evidence("control-first", valid(), exchanges=(ACCEPTED,)), ("request-charset", "direct")),
        (evidence("control-first", RefusedCall(0, UNKNOWN), exchanges=(NOT_FOUND,)), ("request-charset", "direct")),
        (
            evidence("control-first", AppIdDemanded(0, 1), valid(1), exchanges=(INVALID, ACCEPTED)),
            ("request-charset", "direct"),
        ),
        (evidence("control-first", valid(), exchanges=(INVALID,)), ("call-accepted", "no-control")),
        (evidence("control-first", RefusedCall(0, UNKNOWN), exchanges=(INVALID,)), ("call-accepted", "no-control")),
    ],
)
def test_control(first: CaseEvidence, blamed: tuple[str, str]) -> None:
    """The control call was accepted when it brought a task, or the right refusal where there was no device for it."""
    special = evidence("one", valid(blame="request-charset"), exchanges=(INVALID,))

    assert [blamed] == red(first, special)["one"]


def test_without_control_nothing_special_is_judged() -> None:
    """Where the plain call isn't accepted, what sets another call apart stays unobserved."""
    first = evidence("control-first", valid(), exchanges=(INVALID,))
    one = last(first, evidence("one", valid(blame="request-charset"), exchanges=(INVALID,)))

    assert "request-charset" not in one.judged
    assert "the plain valid call isn't accepted either" == one.unobserved["request-charset"]


@pytest.mark.parametrize(("control", "blamed"), [(FINE, "no-effect-input"), (MISSING, "revoke-all-pending")])
def test_control_of_refused_calls(control: Revocation, blamed: str) -> None:
    """What shows only after refused calls is held against them when a call that none preceded does it right."""
    case = evidence("control-last", AFTER_REFUSALS, control, exchanges=(ACCEPTED,))

    assert blamed == red(case)["control-last"][0][0]


def test_control_that_could_not_be_read_back() -> None:
    """A control call whose effect can't be read back clears nobody."""
    blind = replace(FINE, first=None, after=None, unreadable="no hook")
    case = evidence("control-last", AFTER_REFUSALS, blind, exchanges=(ACCEPTED,))

    assert [("revoke-all-pending", "any-call-misses")] == red(case)["control-last"]


def test_task_ids() -> None:
    """A taskId that an earlier task had, of the same case or another, breaks task-id-unique."""
    first = evidence("first", valid(), exchanges=(accepted_for("t-1"),))
    other = evidence("other", valid(), exchanges=(accepted_for("t-2"),))
    again = evidence("again", valid(), exchanges=(accepted_for("t-1"),))
    both = evidence("both", valid(0), valid(1), exchanges=(accepted_for("t-1"), accepted_for("t-1")))

    assert {} == red(first, other)
    assert {"again": [("task-id-unique", "direct")]} == red(first, other, again)
    assert {"both": [("task-id-unique", "direct")]} == red(both)
    assert {"task-id-unique"} <= last(first, other).judged


def test_one_task() -> None:
    """A single task has nothing to be compared with."""
    assert "task-id-unique" not in last(evidence("only", valid(), exchanges=(ACCEPTED,))).judged


def test_unobserved() -> None:
    """The first reason why nothing is said stands, and what was looked at in part is told apart."""
    one = last(
        evidence(
            "one",
            Unobserved(("keep-finished",), "first"),
            Unobserved(("keep-finished",), "second"),
            Inconclusive("task-id", "why"),
        )
    )

    assert ({"keep-finished": "first"}, {"task-id": "why"}) == (one.unobserved, one.partly)


# ---- rules about a case as a whole -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (FAILED, [("call-accepted", FAILS_NOW.name)]),
        (INVALID, [(UNKNOWN.row, "direct"), ("call-accepted", "direct")]),
    ],
)
def test_fails_now(now: Exchange, expected: list[tuple[str, str]]) -> None:
    """An internal error isn't the case's if the plain call, which was accepted before, now fails with one too."""
    case = evidence("one", RefusedCall(0, UNKNOWN), valid(1, replaces_failures=True), exchanges=(FAILED, now))

    assert expected == red(case)["one"]


def missed_after(*kinds: str) -> tuple[Revocation, ...]:
    """Calls that miss commands after refusals of KINDS, and one that nothing preceded and that misses none."""
    missing = (replace(AFTER_REFUSALS, state=State(COMMANDS, missed=kind), after_refusals=kind) for kind in kinds)
    return (*missing, FINE)


def test_whatever_was_refused() -> None:
    """Where the last control call misses commands after refusals of several kinds, no one kind is to blame."""
    both = evidence("control-last", *missed_after("no-effect-input", "no-effect-device"), exchanges=(ACCEPTED,))
    single = evidence("control-last", *missed_after("no-effect-input"), exchanges=(ACCEPTED,))

    assert [("revoke-all-pending", WHATEVER_REFUSED.name)] * 2 == red(both)["control-last"]
    assert "revoke-all-pending" in last(both).judged
    assert [("no-effect-input", "direct")] == red(single)["control-last"]


REFUSING = (*REFUSED_GENERAL, UNKNOWN.row, "device-known", "no-effect-input")
REFUSED_FIRST = evidence("control-first", valid(), exchanges=(INVALID,))


def test_refusals_without_control() -> None:
    """Where the plain call isn't accepted, how a call was refused says nothing: nothing of the case counts."""
    one = last(REFUSED_FIRST, evidence("one", RefusedCall(0, UNKNOWN), exchanges=(INVALID,), requirements=REFUSING))

    assert ((), frozenset()) == (one.findings, one.judged)
    assert set(REFUSING) <= set(one.unobserved)


def test_what_stands_without_control() -> None:
    """That a call was carried out, or changed something, stands even then."""
    changed = Unchanged({"c": MustStay("PENDING", "no-effect-input")}, {}, exchange=0)
    carried_out = evidence("one", RefusedCall(0, UNKNOWN), exchanges=(ACCEPTED,), requirements=REFUSING)
    effect = evidence("two", RefusedCall(0, UNKNOWN), changed, exchanges=(INVALID,), requirements=REFUSING)

    found = red(REFUSED_FIRST, carried_out, effect)

    assert [("device-known", "direct")] == found["one"]
    assert [("no-effect-input", "direct")] == found["two"]


def late(requirement: str, case: str = "late-effects") -> CaseEvidence:
    """A command that had to stay, under REQUIREMENT, and is gone at the end."""
    return evidence(case, Unchanged({"c": MustStay("PENDING", requirement)}, {}))


def test_already_found() -> None:
    """What changed late isn't a second fault where refused calls are known to have had effects."""
    cause = late("no-effect-device", "cause")
    attributed = last(cause, late("keep-other-devices"))

    assert [("no-effect-device", ALREADY_FOUND.name)] == red(cause, late("keep-other-devices"))["late-effects"]
    assert "keep-other-devices" not in attributed.judged
    assert ALREADY_FOUND.sentence == attributed.unobserved["keep-other-devices"]


def test_effect_seen_at_once() -> None:
    """What another case saw changed right after its own call stays its own, whatever refused calls did before."""
    cause, other = late("no-effect-device", "cause"), late("keep-other-devices", "other")

    assert [("keep-other-devices", "direct")] == red(cause, other)["other"]


def test_device_that_several_kinds_of_calls_named() -> None:
    """What changed late for a device of two kinds of calls is put down to the one that another device shows alone."""
    calls = [
        evidence(kind, Unchanged({"c": MustStay("PENDING", kind)}, {"c": "PENDING"}, exchange=0), exchanges=(INVALID,))
        for kind in sorted(BOTH)
    ]
    known, unknown = evidence("late-effects", CHANGED_LATE, CHANGED_LATE_TOO), evidence("late-effects", CHANGED_LATE)

    assert {"no-effect-credentials"} == {requirement for requirement, _ in red(*calls, known)["late-effects"]}
    assert [("no-effect-device", "one-of-several")] == red(*calls, unknown)["late-effects"]


def test_late_effect_of_its_own() -> None:
    """Where no refused call is known to have had an effect, what changed late stays as it is."""
    assert [("keep-other-devices", "direct")] == red(late("keep-other-devices"))["late-effects"]


@pytest.mark.parametrize(
    "seen",
    [
        given(VANISHED, facts=FINISHED_VANISH),
        given(
            VANISHED,
            case="late-effects",
            facts=replace(FINISHED_VANISH, broken=frozenset({"revoke-keeps-record"})),
        ),
        given(replace(VANISHED, after={"c": "PENDING"}), case="late-effects", facts=FINISHED_VANISH),
    ],
)
def test_did_not_vanish_like_others(seen: Given) -> None:
    """A revoked command that is gone at once, as others are, or not gone at all, is a matter of its own."""
    assert [("direct", "revoke-keeps-record")] == chosen(seen)


def test_finished_commands_that_vanish() -> None:
    """Commands that finished by themselves and vanished explain that revoked ones vanish late; revoked ones don't."""
    end = evidence("late-effects", VANISHED)
    finished, revoked = (
        evidence("before", Unchanged({"d": MustStay(status, "keep-finished")}, {}))
        for status in ("SUCCESSFUL", "CANCELED")
    )

    assert [("keep-finished", "vanished-like-others")] == red(finished, end)["late-effects"]
    assert [("revoke-keeps-record", "direct")] == red(revoked, end)["late-effects"]


def test_remembered() -> None:
    """An answer with an earlier task's id says nothing new where equal calls are known to be answered from memory."""
    cause = evidence("cause", Unchanged({"c": MustStay("CANCELED", "second-call-empty")}, {}))
    first = evidence("first", valid(), exchanges=(accepted_for("t-1"),))
    again = evidence("again", REPEATED, valid(), exchanges=(accepted_for("t-1"),))
    other = evidence("other", REPEATED, valid(), exchanges=(accepted_for("t-2"),))

    blamed = red(cause, first, again, other)
    assert [("second-call-empty", "remembered"), ("task-id-unique", "direct")] == blamed["again"]
    assert [("revoke-all-pending", "direct")] == blamed["other"]


def test_wrong_answers_of_one_row() -> None:
    """A wrong answer for which two rows were right is put down to that which gets it where it alone is right."""
    either = evidence("either", EITHER, exchanges=(FAILED,))
    cause = evidence("cause", RefusedCall(0, INPUT), exchanges=(FAILED,))
    both = evidence("both", RefusedCall(0, UNKNOWN), exchanges=(FAILED,))

    assert [(INPUT.row, "answered-alike")] == red(either, cause)["either"]
    assert [(UNKNOWN.row, "direct")] == red(either, cause, both)["either"]
    assert [(UNKNOWN.row, "direct")] == red(either)["either"]


NOT_FOUND_BODY = {"error_code": "100418", "error_desc": "not found"}
HALF_AND_HALF = exchange(200, {"error_code": "100022", "error_desc": "invalid"})
WRONG = generated(0, Expectation("generated-body-encoding", EITHER.refusal))


def test_generated_requests_that_the_selected_cases_cannot_explain() -> None:
    """Where the case about one of two right rows didn't run, a wrong answer is neither's and the case isn't tested."""
    requirements = (UNKNOWN.row, INPUT.row)
    wrong = evidence("generated", WRONG, exchanges=(HALF_AND_HALF,), requirements=requirements)
    known = evidence("known", RefusedCall(0, INPUT), exchanges=(INVALID,), proves=(INPUT.row,))
    other = evidence("other", RefusedCall(0, UNKNOWN), exchanges=(NOT_FOUND,), proves=(UNKNOWN.row,))
    cause = evidence("cause", RefusedCall(0, UNKNOWN), exchanges=(FAILED,), proves=(UNKNOWN.row,))

    assert "not tested" == conclude(last(known, wrong)).outcome
    assert conclude(last(known, wrong)).reason.startswith(UNDECIDED)
    assert {"generated": [(INPUT.row, "direct")]} == red(known, other, wrong)
    assert (UNKNOWN.row, "known-to-be-broken") in red(cause, wrong)["generated"]


@pytest.mark.parametrize(("answer", "row"), [(FAILED, UNKNOWN.row), (exchange(404, NOT_FOUND_BODY), UNKNOWN.row)])
def test_generated_requests_whose_answers_tell(answer: Exchange, row: str) -> None:
    """A failure inside, and an answer with the code of one row alone, need no other case to be told."""
    wrong = evidence("generated", WRONG, exchanges=(answer,))

    assert {"generated": [(row, "direct")]} == red(wrong)


def test_second_answer_of_simultaneous_calls() -> None:
    """What is wrong in an answer that lists none isn't put down to simultaneity where none such was made alone."""
    empty = exchange(201, task(deviceCommands=[], totalCount=0, status="WAITING", taskId=""))
    together = evidence("burst", replace(valid(blame="concurrent-calls"), pending=()), exchanges=(empty,))
    alone = evidence("alone", valid(), exchanges=(ACCEPTED,), proves=("nothing-pending-empty-task",))

    assert {"direct"} == {rule for _, rule in red(together)["burst"]}
    assert {"only-together"} == {rule for _, rule in red(alone, together)["burst"]}


def test_what_ended_first_is_told_as_it_is_known() -> None:
    """While other cases may still come, a wrong answer is told at once."""
    wrong = evidence("generated", WRONG, exchanges=(FAILED,))

    assert [UNKNOWN.row] == [finding.requirement for finding in attribute([wrong], all_known=False)[0].findings]


def test_what_set_an_accepted_call_apart() -> None:
    """A call like it that was accepted, at any time, shows that it isn't what another one is refused for."""
    refused = evidence("refused", valid(special=("second-call-empty",)), exchanges=(FAILED,))
    accepted = evidence("accepted", valid(special=("second-call-empty",)), exchanges=(ACCEPTED,))

    assert [("second-call-empty", "sets-it-apart")] == red(refused)["refused"]
    assert [("call-accepted", "direct")] == red(accepted, refused)["refused"]


def test_refused_for_the_second_time() -> None:
    """Where the plain call for a device that was called before is refused too, it is that, if that may be broken."""
    refused = (INVALID, INVALID)

    assert [("plain-call-too", "second-call-empty")] == chosen(given(SERVED, *refused))
    holds = Facts(hold=frozenset({"second-call-empty"}))
    assert [("plain-call-too", "call-accepted")] == chosen(given(SERVED, *refused, facts=holds))


def test_tolerated_findings_break_nothing() -> None:
    """What an interpretation explains isn't known as broken to later cases."""
    odd = refusal_of()
    explained = replace(odd, explained=(("100022", "reading"),), blames=())
    cause = evidence("cause", RefusedCall(0, explained), exchanges=(INVALID,))
    (attributed,) = attribute([cause])

    assert ["tolerated"] == [finding.outcome for finding in attributed.findings]
    special = ("second-call-empty", attributed.findings[0].requirement)
    effect = evidence("effect", valid(special=special), exchanges=(INVALID,))
    assert [("second-call-empty", "sets-it-apart")] == red(cause, effect)["effect"]


def test_task_is_a_task() -> None:
    """What these tests take for an accepted call lists what they take for its commands."""
    assert COMMANDS == tuple(one["commandId"] for one in task()["deviceCommands"])
