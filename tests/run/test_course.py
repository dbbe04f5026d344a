"""The course of a run: the control call, the cases, the look for late effects, the last control call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from conformance.case.case import Case
from conformance.client.silence import MOST_TIMEOUTS
from conformance.evidence.exchange import Request, TransportError
from conformance.exceptions import Blocked, NoVerdict, Unprepared
from conformance.run.case_context import CaseContext
from conformance.run.context import Options
from conformance.run.course import KINDS, Body, Course, carry_out
from conformance.suite.registry import registered
from tests.contract.exchanges import exchange
from tests.provider.channels import Answer

from .fakes import CASE, Devices, Target, context, error, in_turn, platform


def course(*answers: Answer | Target, then: Target | None = None, max_calls: int = 50) -> Course:
    """A course against a target that gives ANSWERS first, and then is right or as THEN."""
    provider = Devices()
    target = in_turn(*answers, then=then or platform(provider))
    return Course(context(target, provider, options=Options(max_calls=max_calls)).rig)


def calling(times: int = 1) -> Callable[[CaseContext], None]:
    """A case that makes so many calls for devices that don't exist."""

    def body(ctx: CaseContext) -> None:
        for _ in range(times):
            ctx.calls.send(ctx.calls.plain("none-such"), "")

    return body


def raising(problem: Exception) -> Callable[[CaseContext], None]:
    """A case that a problem ends."""

    def body(_: CaseContext) -> None:
        raise problem

    return body


def doing(body: Body) -> Case:
    """The case, with another body."""
    return replace(CASE, body=body)


def test_whole_run() -> None:
    """A run has a control call before the cases, and looks for late effects and makes another after them."""
    one = course()
    carry_out(one, [registered()["device-unknown"], registered()["accepted-several-pending"]])

    assert ["control-first", "device-unknown", "accepted-several-pending", "late-effects", "control-last"] == [
        evidence.id for evidence in one.evidence
    ]
    assert ["device-unknown", "accepted-several-pending"] == [case.id for case in one.planned]
    assert set() == one.state.broken
    assert (True, True) == (one.state.health.opened, one.state.health.controlled)


def test_no_verdict_at_first() -> None:
    """Where no verdict can be had no case is run, and no further call is made."""
    one = course(then=lambda _: TransportError("unreachable", "refused"))
    carry_out(one, [CASE])

    assert ["control-first"] == [evidence.id for evidence in one.evidence]
    assert 1 == one.rig.client.calls
    assert one.state.health.no_verdict


@pytest.mark.parametrize("problem", [Unprepared("no hook"), Blocked("nothing more to say")])
def test_case_that_ends_early(problem: Exception) -> None:
    """A case that can't go on keeps what it has seen, and the reason; the run goes on."""
    one = course()
    evidence = one.run(doing(raising(problem)))

    assert evidence is not None
    assert str(problem) == evidence.reason
    assert ("", "") == (one.state.health.stopped, one.state.health.no_verdict)


def test_no_verdict_meanwhile() -> None:
    """A case that shows that no verdict can be had ends the run."""
    one = course()

    assert one.run(doing(raising(NoVerdict("gone")))) is None
    assert "gone" == one.state.health.no_verdict
    assert one.run(doing(calling())) is None


def test_fault_of_the_suite() -> None:
    """What isn't raised on purpose isn't caught."""
    with pytest.raises(ZeroDivisionError):
        course().run(doing(raising(ZeroDivisionError())))


def test_stopped() -> None:
    """Once the run is stopped no case is run."""
    one = course()
    one.state.health.stopped = "the time is over"

    assert one.run(doing(calling())) is None
    assert 0 == one.rig.client.calls


def test_evidence() -> None:
    """What a case left says how many calls it made; what it broke is known to those that follow."""
    one = course(error("100022", 400))

    def body(ctx: CaseContext) -> None:
        index = ctx.calls.send(ctx.calls.plain("none-such"), "")
        ctx.calls.observe_valid(index, "none-such", "request-charset")

    evidence = one.run(doing(body))

    assert evidence is not None
    assert (1, [evidence]) == (evidence.calls, one.evidence)
    assert {"request-charset"} == one.state.broken


def test_budget() -> None:
    """Cases may make all calls but those that the end of the run takes: one for each kind of refused calls, and one."""
    one = course(max_calls=KINDS + 3)
    for _ in range(2):
        provider = one.rig.provider
        prepared = CaseContext(one.rig, one.state, CASE).devices.checked(provider.device(1))
        one.state.devices.note_refused(prepared, "no-effect-input")
    evidence = one.run(doing(calling(10)))

    assert evidence is not None
    assert (2, "the budget of calls (--max-calls) is used up") == (evidence.calls, evidence.reason)
    one.close()
    assert 3 == one.rig.client.calls


def test_extra_calls() -> None:
    """What the user asked for besides isn't taken from the budget."""
    one = course(max_calls=KINDS + 5)

    def body(ctx: CaseContext) -> None:
        ctx.allow(4)
        calling(10)(ctx)

    evidence = one.run(doing(body))

    assert evidence is not None
    assert 8 == evidence.calls


def test_target_that_answers_nothing_in_time() -> None:
    """A target that lives and answers nothing in time, case after case, is given up."""
    provider = Devices()
    right = platform(provider)

    def slow(request: Request) -> Answer:
        if b"none-such" in (request.body or b""):
            return TransportError("timeout", "no whole answer", answered=True)
        return right(request)

    one = course(then=slow)
    for _ in range(MOST_TIMEOUTS):
        assert "" == one.state.health.stopped
        one.run(doing(calling()))

    assert one.state.health.stopped.startswith(f"{MOST_TIMEOUTS} calls weren't answered in time")


def test_turns() -> None:
    """Each case has its turn, and the frame needs none."""
    one, turns = course(), []

    @contextmanager
    def turn(case: str) -> Iterator[None]:
        turns.append(f"begin {case}")
        yield
        turns.append(f"end {case}")

    one.turn = turn
    carry_out(one, [registered()["device-unknown"]])

    assert ["begin device-unknown", "end device-unknown"] == turns


@pytest.mark.parametrize(("code", "status", "told"), [("100501", 503, True), ("100022", 400, False)])
def test_state_that_lingers(code: str, status: int, told: bool) -> None:  # noqa: FBT001 (a fact)
    """Where the first call after a state that lames the target is answered as in it, that is said."""
    one = course()
    whole: Case = registered()["congestion"]
    for number, (case, answer) in enumerate(((whole, "100501"), (CASE, code))):
        evidence = one.run(replace(case, body=lambda ctx: ctx.transcript.mark_proved()))
        assert evidence is not None
        made = exchange(status, {"error_code": answer, "error_desc": "x"})
        one.evidence[-1] = replace(evidence, exchanges=(replace(made, started=float(number)),))
    one.close()

    assert told == any("The first call after the case congestion" in note for note in one.state.notes)


def test_reused_devices() -> None:
    """That a provider gives a device more than once is said once."""
    one = course()
    for _ in range(2):
        one.state.devices.reused = True
        one.run(doing(calling()))

    assert ["The provider gave the same device more than once."] == [
        note.partition(" Late")[0] for note in one.state.notes
    ]
