"""Faults that show at certain moments only: before a task is carried out, after a failure, in a burst, much later."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from conformance.reference.behaviour import PATH, Behaviour
from conformance.reference.call import Call
from conformance.reference.crowd import MEANWHILE, Crowd, in_a_burst
from conformance.reference.edits import Edit, Fault, around, instead, together, wrap
from conformance.reference.errors import FLOW_CONTROL, INTERNAL_ERROR, Error, Refusal
from conformance.reference.flow import MINUTE
from conformance.reference.messages import Answer, End, Part, Pause, Request, Transmission
from conformance.reference.store import CANCELED, DELIVERED, PENDING, Command, Task
from conformance.reference.structures import Members

_SOON = 0.6
_LATER = 1.5
_LONG = 0.2
_SLOW = "slow"
_PAGE = (
    b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 38\r\n\r\n"
    b"<html><h1>502 Bad Gateway</h1></html>\n"
)


def _cancels_what_was_delivered(_inner: object, command: Command) -> None:
    if command.status in {PENDING, DELIVERED}:
        command.status = CANCELED


def _stays_in_the_queue(behaviour: Behaviour) -> None:
    # Revoked where commands are kept, and not where they wait to be sent.
    def deliver(inner: Callable[[Command], None], command: Command) -> None:
        inner(command)
        if command.status == CANCELED and command.task_id is not None:
            command.status = DELIVERED

    wrap(behaviour.store, "deliver", deliver)


def _dropped_when_throttled(behaviour: Behaviour) -> None:
    # What waits to be carried out is thrown away with what is refused.
    waiting: list[Task] = []

    def schedule(_inner: Callable[[Task], None], task: Task) -> None:
        waiting.append(task)
        behaviour.timers.later(_SOON, lambda: behaviour.revocation.carry_out(task) if task in waiting else None)

    def refuse(inner: Callable[[Request, Error], Answer], request: Request, error: Error) -> Answer:
        if error is FLOW_CONTROL:
            waiting.clear()
        return inner(request, error)

    wrap(behaviour, "revocation.schedule", schedule)
    wrap(behaviour, "answers.refused", refuse)


def failing(change: Callable[[Behaviour], None]) -> Edit:
    """Do something whenever a call fails in the state “internal error”."""

    def edit(behaviour: Behaviour) -> None:
        def refuse(inner: Callable[[Request, Error], Answer], request: Request, error: Error) -> Answer:
            if error is INTERNAL_ERROR and behaviour.store.failing:
                change(behaviour)
            return inner(request, error)

        wrap(behaviour, "answers.refused", refuse)

    return edit


def _worker_dies(behaviour: Behaviour) -> None:
    wrap(behaviour, "revocation.carry_out", lambda _inner, _task: None)


def _forgets_what_waits(behaviour: Behaviour) -> None:
    # Tasks wait a while; a failure takes those that wait with it.
    failures = 0

    def failed(_behaviour: Behaviour) -> None:
        nonlocal failures
        failures += 1

    def schedule(_inner: Callable[[Task], None], task: Task) -> None:
        before = failures
        behaviour.timers.later(_LATER, lambda: behaviour.revocation.carry_out(task) if failures == before else None)

    failing(failed)(behaviour)
    wrap(behaviour, "revocation.schedule", schedule)


def _answered_in_a_burst(*parts: Part) -> Edit:
    """Calls that arrive while many others are under way are answered with PARTS; calls take a little longer."""

    def edit(behaviour: Behaviour) -> None:
        crowd = Crowd()

        def transmit(inner: Callable[..., Transmission], request: Request, answer: Answer) -> Transmission:
            if request.path != PATH:
                yield from inner(request, answer)
                return
            with crowd.entered() as many:
                yield Pause(MEANWHILE)
                yield from parts if many else inner(request, answer)

        wrap(behaviour, "wire.transmit", transmit)

    return edit


def _miscounted(behaviour: Behaviour) -> None:
    told = threading.local()

    def tell(_behaviour: Behaviour, _call: Call) -> None:
        told.wrong = True

    def render(inner: Callable[[Task], Members], task: Task) -> Members:
        members = inner(task)
        if getattr(told, "wrong", False):
            told.wrong = False
            return {**members, "totalCount": 0}
        return members

    in_a_burst(tell)(behaviour)
    wrap(behaviour, "answers.task", render)


def _one_at_a_time(behaviour: Behaviour) -> None:
    line = threading.Lock()

    def wait(_behaviour: Behaviour, _call: Call) -> None:
        with line:
            time.sleep(_LONG)

    in_a_burst(wait)(behaviour)


def _busy(_behaviour: Behaviour, _call: Call) -> None:
    raise Refusal(INTERNAL_ERROR)


def _overlooked(_behaviour: Behaviour, call: Call) -> None:
    # Somebody else is thought to have these commands already.
    for command in call.device.commands:
        command.task_id = command.task_id or "another"


def later_minutes(change: Callable[[int, int], int]) -> Edit:
    """Another threshold in later minutes: CHANGE makes it of the threshold and the minutes since the first call."""

    def edit(behaviour: Behaviour) -> None:
        started: list[float] = []

        def threshold(inner: Callable[[], int]) -> int:
            calls = inner()
            if not calls:
                started.clear()
                return calls
            started[:] = started or [behaviour.store.clock()]
            return change(calls, int((behaviour.store.clock() - started[0]) // MINUTE))

        wrap(behaviour, "access.threshold", threshold)

    return edit


FAULTS = (
    Fault(
        "delivered-meanwhile-canceled",
        "keep-delivered",
        "A command that is delivered between the answer and the execution of the task becomes CANCELED.",
        together(instead("revocation.delay", _SOON), around("revocation.revoke", _cancels_what_was_delivered)),
    ),
    Fault(
        "revoked-and-delivered",
        "revoke-all-pending",
        "A command that was revoked is delivered all the same when its device comes online.",
        _stays_in_the_queue,
    ),
    Fault(
        "waiting-tasks-dropped-when-throttled",
        "revoke-all-pending",
        "Tasks that wait to be carried out are dropped when a call over the threshold comes.",
        _dropped_when_throttled,
    ),
    Fault(
        "worker-dies-of-a-failure",
        "revoke-all-pending",
        "After one call has failed with an internal error, no task is carried out any more.",
        failing(_worker_dies),
    ),
    Fault(
        "failure-forgets-what-waits",
        "revoke-all-pending",
        "Tasks that wait while another call fails with an internal error are never carried out.",
        _forgets_what_waits,
    ),
    Fault(
        "busy-in-a-burst",
        "concurrent-calls",
        "With more than eight simultaneous calls, the others fail with an internal error, as with a busy database.",
        in_a_burst(_busy),
    ),
    Fault(
        "overlooked-in-a-burst",
        "concurrent-calls",
        "With more than eight simultaneous calls, the others are answered with empty tasks, and revoke nothing.",
        in_a_burst(_overlooked),
    ),
    Fault(
        "total-count-of-another",
        "concurrent-calls",
        "With more than eight simultaneous calls, the others are answered with a totalCount of 0.",
        _miscounted,
    ),
    Fault(
        "fails-beside-another",
        "concurrent-calls",
        "A call fails with an internal error while another one is in progress.",
        in_a_burst(_busy, 1),
    ),
    Fault(
        "reset-in-a-burst",
        "concurrent-calls",
        "With more than eight simultaneous connections, the others are reset, as if the listener's queue were full.",
        _answered_in_a_burst(End.RESET),
    ),
    Fault(
        "page-in-a-burst",
        "concurrent-calls",
        "With more than eight simultaneous calls, the others are answered with a proxy's error page.",
        _answered_in_a_burst(_PAGE),
    ),
    Fault(
        "one-at-a-time-in-a-burst",
        "concurrent-calls",
        "With more than eight simultaneous calls, the others wait in line, and aren't answered in time.",
        _one_at_a_time,
    ),
    Fault(
        "flow-control-grows",
        "flow-control-enforced",
        "One more call is accepted in every minute after the first.",
        later_minutes(lambda calls, minutes: calls + minutes),
        needs=_SLOW,
    ),
    Fault(
        "flow-control-third-minute-double",
        "flow-control-enforced",
        "In the third minute, twice as many calls are accepted as the threshold allows.",
        later_minutes(lambda calls, minutes: calls * (1 + (minutes == 2))),  # noqa: PLR2004 - the third one
        needs=_SLOW,
    ),
    Fault(
        "flow-control-shrinks",
        "flow-control-allowance",
        "One call fewer is accepted in every minute after the first.",
        later_minutes(lambda calls, minutes: max(calls - minutes, 1)),
        needs=_SLOW,
    ),
    Fault(
        "flow-control-recovers-in-part",
        "flow-control-allowance",
        "After the first minute, only half as many calls are accepted as the threshold allows.",
        later_minutes(lambda calls, minutes: max(calls // 2, 1) if minutes else calls),
        needs=_SLOW,
    ),
)
