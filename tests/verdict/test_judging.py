"""What each kind of observation shows by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest

from conformance.contract.expectation import Expectation
from conformance.contract.meaning import MustStay, State
from conformance.evidence.exchange import Exchange
from conformance.record.observation import (
    AppIdDemanded,
    Counted,
    Inconclusive,
    Observation,
    Overrun,
    Proved,
    Reconnected,
    RefusedCall,
    Repeated,
    Revocation,
    Sampled,
    Simultaneous,
    TokenShown,
    Unchanged,
    Unobserved,
)
from conformance.verdict.evidence import Shown
from conformance.verdict.judging import generated_findings, secrecy, show, task_of
from tests.contract.exchanges import command, exchange, task

from .samples import (
    ACCEPTED,
    CANCELED,
    COMMANDS,
    FAILED,
    INPUT,
    INVALID,
    NOT_FOUND,
    OBSERVATIONS,
    THROTTLED,
    TIMED_OUT,
    UNKNOWN,
    generated,
    shown,
    valid,
)

STATE = State(COMMANDS)


def red(found: Shown) -> list[tuple[str, int | None]]:
    """The requirements that were found broken, each with the exchange that shows it."""
    return [(finding.requirement, finding.exchange) for finding in found.findings if finding.outcome == "failed"]


@pytest.mark.parametrize("kind", get_args(Observation), ids=lambda kind: kind.__name__)
def test_every_kind_has_a_judge(kind: type) -> None:
    """No kind of observation goes unjudged, and what is shown keeps the observation."""
    observation, exchanges = OBSERVATIONS[kind]

    assert observation == shown(observation, *exchanges).observation


def test_something_else_has_none() -> None:
    """What is no observation is an error of the suite, and no silent pass."""
    not_one: Any = "observation"
    with pytest.raises(TypeError, match="no observation"):
        show(not_one, (), ())


# ---- calls -----------------------------------------------------------------------------------------------------------


def test_accepted_call() -> None:
    """An accepted call was judged by what it is about and by what its case says anything about; its task is kept."""
    found = shown(valid(blame="request-charset"), ACCEPTED, requirements=("task-id", "listed-all"))

    assert ([], ("request-charset", "task-id")) == (red(found), found.judged)
    assert (task()["taskId"],) == found.task_ids


@pytest.mark.parametrize("answer", [NOT_FOUND, INVALID, FAILED])
def test_refused_valid_call(answer: Exchange) -> None:
    """A valid call that is refused breaks what it is about, at its exchange, and brings no task."""
    found = shown(valid(1, blame="request-charset"), ACCEPTED, answer)

    assert ([("request-charset", 1)], ()) == (red(found), found.task_ids)


def test_right_refusal() -> None:
    """A right refusal breaks nothing, and was judged by its row and by what being carried out would break."""
    found = shown(RefusedCall(0, UNKNOWN), NOT_FOUND)

    assert ([], ("device-known", "error-100418-unknown-device")) == (red(found), found.judged)


@pytest.mark.parametrize(
    ("answer", "broken"),
    [(ACCEPTED, "body-json-object"), (FAILED, INPUT.row), (NOT_FOUND, INPUT.row), (TIMED_OUT, "answer-in-time")],
)
def test_wrong_refusal(answer: Exchange, broken: str) -> None:
    """A call that must be refused breaks one requirement when it is carried out, and its row when it isn't."""
    assert [(broken, 0)] == red(shown(RefusedCall(0, INPUT), answer))


def test_repeated() -> None:
    """A wrong answer that was right the next time names, for now, what the call is about."""
    found = shown(Repeated(0, 1, "app-id-optional"), FAILED, ACCEPTED)

    assert [("app-id-optional", 0)] == red(found)
    assert "answered 500 with code 100001, and" in found.findings[0].message


def test_reconnected() -> None:
    """The same holds of one that was right on a connection of its own."""
    found = shown(Reconnected(0, 1, "app-id-optional"), INVALID, ACCEPTED)

    assert [("app-id-optional", 0)] == red(found)
    assert "on a connection that was used before" in found.findings[0].message


def test_app_id_demanded() -> None:
    """A target that demands appId breaks app-id-optional."""
    assert [("app-id-optional", 0)] == red(shown(AppIdDemanded(0, 1), INVALID, ACCEPTED))


@pytest.mark.parametrize(("answer", "broken"), [(THROTTLED, [("flow-control-allowance", 0)]), (NOT_FOUND, [])])
def test_overrun(answer: Exchange, broken: list[tuple[str, int]]) -> None:
    """A call within the allowance that flow control refuses breaks it; one that is refused otherwise doesn't."""
    assert broken == red(shown(Overrun(0, 3, 5), answer))


@pytest.mark.parametrize(("count", "broken"), [(2, []), (3, [("total-count-matches-list", 0)])])
def test_counted(count: int, broken: list[tuple[str, int]]) -> None:
    """The member totalCount is held against the list where the commands aren't known."""
    assert broken == red(shown(Counted(0), exchange(201, task(totalCount=count))))


def test_nothing_to_count() -> None:
    """A call that brought no task says nothing about its count."""
    assert Shown(Counted(0)) == shown(Counted(0), NOT_FOUND)


# ---- effects ---------------------------------------------------------------------------------------------------------


def test_revoked() -> None:
    """A call that lists and revokes what was pending breaks nothing, and was judged by its effects."""
    found = shown(Revocation(0, STATE, CANCELED, CANCELED), ACCEPTED)

    assert [] == red(found)
    assert {"listed-all", "revoke-all-pending"} <= set(found.judged)


def test_missed() -> None:
    """A pending command that stays pending breaks what the state names, once."""
    after = {**CANCELED, COMMANDS[0]: "PENDING"}
    state = replace(STATE, missed="no-effect-input")

    assert [("no-effect-input", 0)] == red(shown(Revocation(0, state, after, after), ACCEPTED))


def test_not_read_back() -> None:
    """Where nothing can be read back, effects aren't judged, and the reason is told."""
    found = shown(Revocation(0, STATE, None, None, "no hook"), ACCEPTED)

    assert "revoke-all-pending" not in found.judged
    assert "no hook" == dict(found.unobserved)["revoke-all-pending"]


def test_refused_revocation() -> None:
    """What a refused call did isn't its effect."""
    found = shown(Revocation(0, STATE, CANCELED, CANCELED), NOT_FOUND)

    assert [] == red(found)
    assert "the call was not accepted" == dict(found.unobserved)["revoke-all-pending"]


@pytest.mark.parametrize(
    ("now", "broken"),
    [({"c": "PENDING"}, []), ({"c": "CANCELED"}, [("no-effect-input", 0)]), ({}, [("no-effect-input", 0)])],
)
def test_unchanged(now: dict[str, str], broken: list[tuple[str, int]]) -> None:
    """A command that a call had to leave alone breaks its requirement when it is changed or gone."""
    found = shown(Unchanged({"c": MustStay("PENDING", "no-effect-input")}, now, exchange=0), INVALID)

    assert (broken, ("no-effect-input",)) == (red(found), found.judged)


def test_unchanged_not_read_back() -> None:
    """Where nothing can be read back nothing was judged."""
    found = shown(Unchanged({"c": MustStay("PENDING", "no-effect-input")}, None, "no hook"))

    assert ((), (("no-effect-input", "no hook"),)) == (found.judged, found.unobserved)


TWICE = exchange(201, task(command(1), command(1)))


@pytest.mark.parametrize(
    ("answer", "after", "words"),
    [
        (ACCEPTED, CANCELED, []),
        (exchange(201, task(command(1))), CANCELED, ["1 command was in none of the lists"]),
        (ACCEPTED, {}, ["2 commands were not cancelled"]),
        (TWICE, CANCELED, ["1 command was in none of the lists", "1 command was twice in one list"]),
    ],
)
def test_simultaneous(answer: Exchange, after: dict[str, str], words: list[str]) -> None:
    """Calls at the same time together list all, once each, and revoke all; else concurrent-calls is broken."""
    found = shown(Simultaneous((0,), COMMANDS, COMMANDS, after), answer)

    assert words == [finding.message for finding in found.findings]
    assert {"concurrent-calls"} == {finding.requirement for finding in found.findings} | set(found.judged)


def test_simultaneous_not_read_back() -> None:
    """Where nothing can be read back they aren't judged."""
    found = shown(Simultaneous((0,), COMMANDS, COMMANDS, None, "no hook"), ACCEPTED)

    assert ((), (("concurrent-calls", "no hook"),)) == (found.judged, found.unobserved)


# ---- secrets ---------------------------------------------------------------------------------------------------------


def test_token_shown() -> None:
    """An answer that repeats the token breaks answer-hides-credentials, with the places; an unclear one doesn't."""
    told = shown(TokenShown(0, ("the body", "X-Echo")), ACCEPTED)
    unclear = shown(TokenShown(0, (), "too short"), ACCEPTED)

    assert ["the answer repeats the access token: the body, X-Echo"] == [one.message for one in told.findings]
    assert ((), (("answer-hides-credentials", "too short"),)) == (unclear.findings, unclear.unobserved)


@pytest.mark.parametrize(
    ("exchanges", "judged", "unobserved"),
    [
        ((ACCEPTED,), ("answer-hides-credentials",), ()),
        (
            (ACCEPTED, TIMED_OUT),
            ("answer-hides-credentials",),
            (("answer-hides-credentials", "there was no complete answer"),),
        ),
        ((TIMED_OUT,), (), (("answer-hides-credentials", "there was no complete answer"),)),
    ],
)
def test_secrecy(
    exchanges: tuple[Exchange, ...], judged: tuple[str, ...], unobserved: tuple[tuple[str, str], ...]
) -> None:
    """Answers in which the token wasn't seen keep it to themselves, as far as they are complete."""
    found = secrecy(exchanges, ())

    assert (judged, unobserved) == (found.judged, found.unobserved)


def test_secrecy_of_what_is_spoken_of() -> None:
    """An answer that an observation speaks of isn't spoken of twice."""
    assert () == secrecy((ACCEPTED,), (shown(TokenShown(0, ("the body",)), ACCEPTED),)).judged


# ---- generated requests ----------------------------------------------------------------------------------------------


def test_generated() -> None:
    """A group of failing requests is one finding, which tells how many they were and how to send the smallest."""
    (finding,) = shown(generated(0, Expectation("generated-token", UNKNOWN)), FAILED).findings

    assert (UNKNOWN.row, 0) == (finding.requirement, finding.exchange)
    assert "(2 of 9 generated requests; the smallest: an edit, replayed by --replay ab12)" in finding.message


def test_generated_and_known() -> None:
    """Where what a request rests on is known to be broken, that explains its failure."""
    one = generated(0, Expectation("generated-token", UNKNOWN, involves=("request-json-equivalence",)))
    judged = [generated_findings(one, (FAILED,), known) for known in ((), ("request-json-equivalence",))]

    assert [[UNKNOWN.row], ["request-json-equivalence"]] == [[finding.requirement for finding in two] for two in judged]


def test_generated_and_right() -> None:
    """An answer that is right after all is no finding."""
    assert () == generated_findings(generated(0, Expectation("generated-token", UNKNOWN)), (NOT_FOUND,), ())


# ---- what is said outright -------------------------------------------------------------------------------------------


def test_said_outright() -> None:
    """What was sampled, unobserved, inconclusive or proved shows just that."""
    sampled = shown(Sampled(("answer-json",), {"task-id": "none"}, ("t",)))

    assert (("answer-json",), (("task-id", "none"),), ("t",)) == (sampled.judged, sampled.unobserved, sampled.task_ids)
    assert (("a", "why"), ("b", "why")) == shown(Unobserved(("a", "b"), "why")).unobserved
    assert ("a",) == shown(Proved(("a",))).judged
    assert Shown(Inconclusive("a", "why")) == shown(Inconclusive("a", "why"))


@pytest.mark.parametrize("answer", [NOT_FOUND, FAILED, TIMED_OUT, exchange(201, b"{}")])
def test_no_task(answer: Exchange) -> None:
    """A refusal, a failure and no answer hold no task."""
    assert task_of(answer) is None
