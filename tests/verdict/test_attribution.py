"""Each rule by which a finding is attributed to a requirement: where it applies, and where it doesn't."""

from __future__ import annotations

from dataclasses import replace

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
from conformance.verdict.attribution import (
    ALREADY_FOUND,
    DIRECT,
    FAILS_NOW,
    RULES,
    UNDECIDED,
    WHATEVER_REFUSED,
    Attributed,
    Seen,
    attribute,
)
from conformance.verdict.evidence import CaseEvidence
from conformance.verdict.facts import Facts
from conformance.verdict.outcomes import conclude
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
UNCONTROLLED = Facts(case="case", controlled=False)


def ruled(observation: Observation, *exchanges: Exchange, facts: Facts | None = None) -> list[tuple[str, str]]:
    """The first rule that applies to each finding of OBSERVATION, with what it blames."""
    chosen = []
    for finding in shown(observation, *exchanges).findings:
        seen = Seen(finding, observation, exchanges, facts or Facts(case="case"))
        blamed = [(one.rule.name, one.blames(seen)) for one in RULES]
        chosen += [(name, str(blame)) for name, blame in blamed if blame is not None][:1] or [
            (DIRECT.name, finding.requirement)
        ]
    return chosen


def known(*requirements: str, control_missed: frozenset[str] | None = None) -> Facts:
    """What is known where earlier cases found REQUIREMENTS broken."""
    return Facts(case="case", broken=frozenset(requirements), control_missed=control_missed)


REFUSED_PLAIN = valid(0, blame="app-id-optional", plainly=1, otherwise="call-accepted")
SERVED = replace(REFUSED_PLAIN, special=("second-call-empty",))
SPECIAL = valid(0, special=("second-call-empty", "nothing-pending-empty-task"))
ELSEWHERE = replace(valid(0), app_id="another-application", apart="callers-kept-apart")
OPTIONAL = RefusedCall(0, UNKNOWN, optional=True)
EITHER = RefusedCall(0, replace(UNKNOWN, codes=("100022", "100418")))
INVOLVED = generated(0, Expectation("generated-token", UNKNOWN, involves=("request-json-equivalence",)))

REPEATED = Revocation(0, State(COMMANDS), MISSED, MISSED)
KNOWN_AS_REMEMBERED = replace(known("second-call-empty"), remembered=frozenset({0}))
VANISHED = Unchanged({"c": MustStay("CANCELED", "revoke-keeps-record")}, {})
REVIVED = Unchanged({"c": MustStay("CANCELED", "revoke-all-pending")}, {"c": "PENDING"})
CHANGED_LATE = Unchanged({"c": MustStay("PENDING", "no-effect-device")}, {"c": "CANCELED"}, late=True)
CREDENTIALS_ALONE = {"d": MustStay("PENDING", "no-effect-credentials")}
BOTH = frozenset({"no-effect-device", "no-effect-credentials"})
NAMED_BY_BOTH = Facts(case="late-effects", named_by={"c": BOTH}, late=frozenset({"no-effect-credentials"}))
FINISHED_VANISH = Facts(case="late-effects", finished_vanish=True)

TABLE: dict[str, tuple[list[tuple[str, str]], list[tuple[str, str]]]] = {
    "repeated": (
        ruled(Repeated(0, 1, "request-charset"), FAILED, ACCEPTED),
        ruled(valid(blame="request-charset"), FAILED),
    ),
    "connection": (
        ruled(Reconnected(0, 1, "request-charset"), INVALID, ACCEPTED),
        ruled(valid(blame="request-charset"), INVALID),
    ),
    "remembered": (
        ruled(REPEATED, ACCEPTED, facts=KNOWN_AS_REMEMBERED),
        ruled(REPEATED, ACCEPTED, facts=replace(KNOWN_AS_REMEMBERED, broken=frozenset())),
    ),
    "no-control": (
        ruled(valid(blame="request-charset"), INVALID, facts=UNCONTROLLED),
        ruled(valid(blame="request-charset"), INVALID, facts=replace(UNCONTROLLED, controlled=True)),
    ),
    "plain-call-too": (ruled(REFUSED_PLAIN, INVALID, INVALID), ruled(SERVED, INVALID, ACCEPTED)),
    "sets-it-apart": (
        ruled(SPECIAL, INVALID, facts=known("nothing-pending-empty-task")),
        ruled(SPECIAL, INVALID, facts=Facts(case="case", hold=frozenset(SPECIAL.special))),
    ),
    "refused-anyway": (
        ruled(OPTIONAL, FAILED, facts=known("call-accepted")),
        ruled(replace(OPTIONAL, optional=False), INVALID, facts=known("call-accepted")),
    ),
    "answered-alike": (
        ruled(EITHER, FAILED, facts=Facts(case="case", misanswers={INPUT.row: frozenset({(500, "100001")})})),
        ruled(EITHER, FAILED, facts=Facts(case="case", misanswers={INPUT.row: frozenset({(500, "100022")})})),
    ),
    "any-call-misses": (
        ruled(AFTER_REFUSALS, ACCEPTED, facts=known(control_missed=frozenset({"revoke-all-pending"}))),
        ruled(AFTER_REFUSALS, ACCEPTED, facts=known(control_missed=frozenset())),
    ),
    "only-together": (
        ruled(valid(blame="concurrent-calls"), TIMED_OUT),
        ruled(valid(blame="concurrent-calls"), TIMED_OUT, facts=known("answer-in-time")),
    ),
    "fails-together": (
        ruled(replace(valid(blame="callers-kept-apart"), apart="callers-kept-apart"), FAILED),
        ruled(replace(valid(blame="callers-kept-apart"), apart="callers-kept-apart"), NOT_FOUND),
    ),
    "revived-like-others": (
        ruled(REVIVED, facts=Facts(case="late-effects", broken=frozenset({"keep-finished"}))),
        ruled(REVIVED, facts=Facts(case="late-effects")),
    ),
    "vanished-like-others": (
        ruled(VANISHED, facts=FINISHED_VANISH),
        ruled(VANISHED, facts=replace(FINISHED_VANISH, finished_vanish=False)),
    ),
    "named-by-several": (
        ruled(CHANGED_LATE, facts=NAMED_BY_BOTH),
        ruled(CHANGED_LATE, facts=replace(NAMED_BY_BOTH, late=frozenset({"no-effect-device"}))),
    ),
    "one-of-several": (
        ruled(CHANGED_LATE, facts=replace(NAMED_BY_BOTH, late=frozenset())),
        ruled(replace(CHANGED_LATE, kept=CREDENTIALS_ALONE, after={"d": "CANCELED"}), facts=NAMED_BY_BOTH),
    ),
    "calls-before": (
        ruled(CHANGED_LATE, facts=Facts(case="control-last")),
        ruled(CHANGED_LATE, facts=Facts(case="control-last", hold=frozenset({"keep-other-devices"}))),
    ),
    "somebody-elses": (
        ruled(ELSEWHERE, ACCEPTED),
        ruled(ELSEWHERE, ACCEPTED, facts=known("task-app-id-own")),
    ),
    "known-to-be-broken": (
        ruled(INVOLVED, FAILED, facts=known("request-json-equivalence")),
        ruled(INVOLVED, FAILED, facts=known("task-id")),
    ),
}
BLAMED = {
    "repeated": "call-accepted",
    "connection": "answer-complete",
    "remembered": "second-call-empty",
    "no-control": "call-accepted",
    "plain-call-too": "call-accepted",
    "sets-it-apart": "nothing-pending-empty-task",
    "refused-anyway": "call-accepted",
    "answered-alike": "error-100022-invalid-input",
    "any-call-misses": "revoke-all-pending",
    "only-together": "concurrent-calls",
    "fails-together": "concurrent-calls",
    "revived-like-others": "keep-finished",
    "vanished-like-others": "keep-finished",
    "named-by-several": "no-effect-credentials",
    "one-of-several": "no-effect-device",
    "calls-before": "keep-other-devices",
    "somebody-elses": "callers-kept-apart",
    "known-to-be-broken": "request-json-equivalence",
}


def test_every_rule_is_tried() -> None:
    """No rule goes untested, and each has a name of its own and a sentence."""
    assert [one.rule.name for one in RULES] == list(TABLE)
    assert all(one.rule.sentence for one in RULES)


@pytest.mark.parametrize("name", TABLE)
def test_rule_applies(name: str) -> None:
    """Each rule is the first to apply to what it is made for, and blames one requirement."""
    applies, _ = TABLE[name]

    assert [(name, BLAMED[name])] == applies


@pytest.mark.parametrize("name", TABLE)
def test_rule_does_not_apply(name: str) -> None:
    """Where its condition isn't met, what the call is about stays to blame."""
    _, otherwise = TABLE[name]

    assert [DIRECT.name] == [rule for rule, _ in otherwise]
    assert BLAMED[name] not in {blamed for _, blamed in otherwise}


def test_first_control_call_is_its_own_control() -> None:
    """The first control call is judged as it stands, though no control was accepted before it."""
    assert [("direct", "request-charset")] == ruled(
        valid(blame="request-charset"), INVALID, facts=Facts("control-first", controlled=False)
    )


def test_refusal_that_must_come_is_no_matter_of_chance() -> None:
    """Where only a refusal is right, that the target fails now and then explains nothing."""
    assert [("direct", UNKNOWN.row)] == ruled(RefusedCall(0, UNKNOWN), FAILED, facts=known("call-accepted"))


@pytest.mark.parametrize("broken", ["revoke-all-pending", "revoke-keeps-record", "listed-all"])
def test_any_call_misses_by_what_is_known(broken: str) -> None:
    """Where any call is known to miss commands, refused ones aren't to blame, whatever the control call did."""
    facts = known(broken, control_missed=frozenset())

    assert [("any-call-misses", broken)] == ruled(AFTER_REFUSALS, ACCEPTED, facts=facts)


def test_any_call_misses_without_control() -> None:
    """Where no control call was made, the plainer requirement is named."""
    assert [("any-call-misses", "revoke-all-pending")] == ruled(AFTER_REFUSALS, ACCEPTED)


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
    alone = replace(CHANGED_LATE, kept=CREDENTIALS_ALONE, after={"d": "CANCELED"})
    known, unknown = evidence("late-effects", CHANGED_LATE, alone), evidence("late-effects", CHANGED_LATE)

    assert {"no-effect-credentials"} == {requirement for requirement, _ in red(*calls, known)["late-effects"]}
    assert [("no-effect-device", "one-of-several")] == red(*calls, unknown)["late-effects"]


def test_late_effect_of_its_own() -> None:
    """Where no refused call is known to have had an effect, what changed late stays as it is."""
    assert [("keep-other-devices", "direct")] == red(late("keep-other-devices"))["late-effects"]


@pytest.mark.parametrize(
    ("facts", "now"),
    [
        (replace(FINISHED_VANISH, case="case"), {}),
        (replace(FINISHED_VANISH, broken=frozenset({"revoke-keeps-record"})), {}),
        (FINISHED_VANISH, {"c": "PENDING"}),
    ],
)
def test_did_not_vanish_like_others(facts: Facts, now: dict[str, str]) -> None:
    """A revoked command that is gone at once, as others are, or not gone at all, is a matter of its own."""
    assert [("direct", "revoke-keeps-record")] == ruled(replace(VANISHED, after=now), facts=facts)


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

    assert [("plain-call-too", "second-call-empty")] == ruled(SERVED, *refused)
    holds = Facts(case="case", hold=frozenset({"second-call-empty"}))
    assert [("plain-call-too", "call-accepted")] == ruled(SERVED, *refused, facts=holds)


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
