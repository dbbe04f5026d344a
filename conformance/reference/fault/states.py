"""Faults in flow control, congestion and internal errors."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from conformance.reference.behaviour import Behaviour
from conformance.reference.call import Call
from conformance.reference.edits import Edit, Fault, around, together, without, wrap
from conformance.reference.errors import CONGESTION, FLOW_CONTROL, INTERNAL_ERROR, INVALID_INPUT, Error, Refusal
from conformance.reference.messages import Answer, Request
from conformance.reference.store import PENDING, Application, Device, Task

_SLOW = "slow"


def admitted(key: Callable[[Request], str], *, window: float = 60.0) -> Edit:
    """Count calls by another key, or over another window."""

    def edit(behaviour: Behaviour) -> None:
        def allowed(_inner: object, request: Request) -> bool:
            store = behaviour.store
            with store.lock:
                return store.flow.admit(key(request), behaviour.access.threshold(), store.clock(), window)

        wrap(behaviour, "access.within_allowance", allowed)

    return edit


def threshold(change: Callable[[int], int]) -> Edit:
    """Another threshold, where there is one."""
    return around("access.threshold", lambda inner: change(inner()) if inner() else 0)


def _app_key(request: Request) -> str:
    return request.header("app_key") or ""


def _forgetful(behaviour: Behaviour) -> None:
    # A refused call empties the count.
    def allowed(inner: Callable[[Request], bool], request: Request) -> bool:
        if inner(request):
            return True
        behaviour.store.flow.forget()
        return False

    wrap(behaviour, "access.within_allowance", allowed)


def _again_admitted(behaviour: Behaviour) -> None:
    # The same call as one that was refused is admitted.
    refused: set[bytes] = set()

    def allowed(inner: Callable[[Request], bool], request: Request) -> bool:
        admitted = inner(request) or request.body in refused
        refused.add(request.body)
        return admitted

    wrap(behaviour, "access.within_allowance", allowed)


def _undone_by_a_refusal(behaviour: Behaviour) -> None:
    # What the last task revoked is pending again once a call is refused by flow control.
    def refuse(inner: Callable[[Request, Error], Answer], request: Request, error: Error) -> Answer:
        if error is FLOW_CONTROL and behaviour.store.tasks:
            for command in behaviour.store.tasks[-1].commands:
                command.status = PENDING
        return inner(request, error)

    wrap(behaviour, "answers.refused", refuse)


def _failure_swallowed(behaviour: Behaviour) -> None:
    # A call for a device with pending commands is answered with a task while the platform fails; nothing is done.
    def check(inner: Callable[[Call], None], call: Call) -> None:
        if not behaviour.store.failing:
            inner(call)

    def failing(inner: Callable[[Call], Answer], call: Call) -> Answer:
        if not behaviour.store.failing:
            return inner(call)
        pending = behaviour.revocation.select(call.device)
        if not pending:
            raise Refusal(INTERNAL_ERROR)
        task = Task(behaviour.revocation.new_task_id(), call.owner.app_id, call.device.device_id, pending)
        return behaviour.answers.accepted(behaviour.answers.task(task))

    wrap(behaviour, "check_internal_error", check)
    wrap(behaviour, "accept", failing)


def refused_with(error: Error, instead: Error) -> Edit:
    """Take one error for another."""
    return around("answers.refused", lambda inner, request, one: inner(request, instead if one is error else one))


def refused_as_accepted(error: Error) -> Edit:
    """Answer 201 with an empty task where the call is refused."""

    def edit(behaviour: Behaviour) -> None:
        def refuse(inner: Callable[[Request, Error], Answer], request: Request, one: Error) -> Answer:
            if one is not error:
                return inner(request, one)
            task = {
                "taskId": behaviour.revocation.new_task_id(),
                "appId": behaviour.store.parties.own.app_id,
                "deviceId": str(behaviour.reading.device_id(behaviour.reading.json(request))),
                "status": "WAITING",
                "totalCount": 0,
                "deviceCommands": [],
            }
            return behaviour.answers.accepted(task)

        wrap(behaviour, "answers.refused", refuse)

    return edit


def _first_only(behaviour: Behaviour) -> None:
    # Only the first call of a congestion is refused.
    refused = False

    def check(inner: Callable[[Call], None], call: Call) -> None:
        nonlocal refused
        if not behaviour.store.congested:
            refused = False
        elif not refused:
            refused = True
            inner(call)

    wrap(behaviour, "check_congestion", check)


def _congestion_queues(behaviour: Behaviour) -> None:
    # The call is refused only after it has been carried out.
    def accept(inner: Callable[[Call], Answer], call: Call) -> Answer:
        answer = inner(call)
        if behaviour.store.congested:
            raise Refusal(CONGESTION)
        return answer

    wrap(behaviour, "accept", accept)


def worn_out_after(count: int) -> Edit:
    """Fail with an internal error at every call but the first COUNT."""

    def edit(behaviour: Behaviour) -> None:
        calls = 0

        def handle(inner: Callable[[Request], Answer], request: Request) -> Answer:
            nonlocal calls
            calls += 1
            if calls > count:
                raise Refusal(INTERNAL_ERROR)
            return inner(request)

        wrap(behaviour, "handle", handle)

    return edit


def _trace(answer: Answer) -> Answer:
    page = b"<html><body><pre>Traceback: NullPointerException at RevocationService</pre></body></html>"
    return replace(answer, body=page, headers=(("Content-Type", "text/html"),))


def _page_for(error: Error) -> Edit:
    def refuse(inner: Callable[[Request, Error], Answer], request: Request, one: Error) -> Answer:
        return _trace(inner(request, one)) if one is error else inner(request, one)

    return around("answers.refused", refuse)


def _refuse_all() -> Answer:
    raise Refusal(INVALID_INPUT)


def _every_fourth_late(behaviour: Behaviour) -> None:
    # One instance of four hears of new devices half a second later.
    known: dict[str, float] = {}
    calls = 0

    def find(inner: Callable[[Application, str], Device | None], owner: Application, device_id: str) -> Device | None:
        nonlocal calls
        calls += 1
        heard = known.setdefault(device_id, time.monotonic() + 0.5)
        return None if calls % 4 == 0 and time.monotonic() < heard else inner(owner, device_id)

    wrap(behaviour, "access.find_device", find)


def _every(count: int) -> Edit:
    def edit(behaviour: Behaviour) -> None:
        calls = 0

        def accept(inner: Callable[[Call], Answer], call: Call) -> Answer:
            nonlocal calls
            calls += 1
            if calls % count == 0:
                raise Refusal(INTERNAL_ERROR)
            return inner(call)

        wrap(behaviour, "accept", accept)

    return edit


FAULTS = (
    Fault(
        "worn-out", "call-accepted", "After fifty calls, every call fails with an internal error.", worn_out_after(50)
    ),
    # ---- flow control
    Fault("flow-control-none", "flow-control-enforced", "There is no flow control.", without("flow_control")),
    Fault(
        "flow-control-one-more",
        "flow-control-enforced",
        "One call above the threshold is accepted.",
        threshold(lambda calls: calls + 1),
    ),
    Fault(
        "flow-control-double",
        "flow-control-enforced",
        "Twice as many calls are accepted as the threshold allows.",
        threshold(lambda calls: calls * 2),
    ),
    Fault(
        "flow-control-by-device",
        "flow-control-enforced",
        "Calls are counted separately for each request body, not for each application.",
        admitted(lambda request: request.body.hex()),
    ),
    Fault(
        "flow-control-by-query",
        "flow-control-enforced",
        "Calls are counted separately for each application and query.",
        admitted(lambda request: f"{_app_key(request)} {request.query}"),
    ),
    Fault(
        "flow-control-refusal-resets",
        "flow-control-enforced",
        "A call that is refused by flow control resets the count.",
        _forgetful,
    ),
    Fault(
        "flow-control-ten-seconds",
        "flow-control-enforced",
        "Calls are accepted again after ten seconds.",
        admitted(_app_key, window=10.0),
        needs=_SLOW,
    ),
    Fault(
        "flow-control-one-second",
        "flow-control-enforced",
        "The threshold is applied to each second instead of each minute.",
        admitted(_app_key, window=1.0),
    ),
    Fault(
        "flow-control-one-less",
        "flow-control-allowance",
        "One call fewer is accepted than the threshold allows.",
        threshold(lambda calls: calls - 1 or -1),
    ),
    Fault(
        "flow-control-half",
        "flow-control-allowance",
        "Half as many calls are accepted as the threshold allows.",
        threshold(lambda calls: calls // 2 or -1),
    ),
    Fault(
        "flow-control-always",
        "flow-control-allowance",
        "Every call is refused while there is a threshold.",
        threshold(lambda _calls: -1),
    ),
    Fault(
        "flow-control-never-recovers",
        "flow-control-recovers",
        "Calls are never accepted again.",
        admitted(_app_key, window=1e9),
        needs=_SLOW,
    ),
    Fault(
        "flow-control-two-minutes",
        "flow-control-recovers",
        "Calls are accepted again only after two minutes.",
        admitted(_app_key, window=120.0),
        needs=_SLOW,
    ),
    Fault(
        "flow-control-half-a-minute",
        "flow-control-enforced",
        "Calls are accepted again after half a minute.",
        admitted(_app_key, window=30.0),
        needs=_SLOW,
    ),
    Fault(
        "flow-control-as-congestion",
        "error-1010009-flow-control",
        "Calls above the threshold are answered as if the network were congested.",
        refused_with(FLOW_CONTROL, CONGESTION),
    ),
    Fault(
        "flow-control-answered-as-accepted",
        "flow-control-enforced",
        "Calls above the threshold are answered with 201 and an empty task.",
        refused_as_accepted(FLOW_CONTROL),
    ),
    # ---- congestion
    Fault(
        "congestion-ignored",
        "congestion-refused",
        "Calls are carried out while the network is congested.",
        without("congestion"),
    ),
    Fault(
        "congestion-answered-as-accepted",
        "congestion-refused",
        "Calls made while the network is congested are answered with 201 and an empty task.",
        refused_as_accepted(CONGESTION),
    ),
    Fault(
        "congestion-refuses-first-only",
        "congestion-refused",
        "Only the first call made while the network is congested is refused.",
        _first_only,
    ),
    Fault(
        "congestion-refused-afterwards",
        "no-effect-congestion",
        "A call made while the network is congested is carried out, and then refused.",
        together(without("congestion"), _congestion_queues),
    ),
    Fault(
        "congestion-as-flow-control",
        "error-100501-congestion",
        "Calls in congestion are answered as if they were above the threshold.",
        refused_with(CONGESTION, FLOW_CONTROL),
    ),
    Fault(
        "congestion-as-internal-error",
        "error-100501-congestion",
        "Calls in congestion are answered as if an internal error had occurred.",
        refused_with(CONGESTION, INTERNAL_ERROR),
    ),
    Fault(
        "congestion-html",
        "error-json",
        "Calls in congestion are answered with a proxy's error page.",
        _page_for(CONGESTION),
    ),
    # ---- internal error
    Fault(
        "internal-error-answered-as-accepted",
        "internal-error-reported",
        "A call that fails with an internal error is answered with 201 and an empty task.",
        refused_as_accepted(INTERNAL_ERROR),
    ),
    Fault(
        "internal-error-ignored",
        "internal-error-reported",
        "A call that fails with an internal error is answered as if it had been carried out.",
        together(
            without("internal_error"),
            lambda b: wrap(b, "revocation.carry_out", lambda inner, task: None if b.store.failing else inner(task)),
        ),
    ),
    Fault(
        "internal-error-html",
        "error-json",
        "A call that fails with an internal error is answered with a stack trace in HTML.",
        _page_for(INTERNAL_ERROR),
    ),
    Fault(
        "internal-error-as-congestion",
        "error-100001-internal-error",
        "A call that fails with an internal error is answered as if the network were congested.",
        refused_with(INTERNAL_ERROR, CONGESTION),
    ),
    Fault(
        "internal-error-every-seventh",
        "call-accepted",
        "Every seventh valid call fails with an internal error.",
        _every(7),
    ),
    Fault(
        "internal-error-accepted-200",
        "error-100001-internal-error",
        "A call that fails with an internal error is answered with status 200 and code 100001.",
        around("answers.error_status", lambda inner, error: 200 if error is INTERNAL_ERROR else inner(error)),
    ),
    Fault(
        "refuses-all",
        "call-accepted",
        "Every call is refused as invalid input.",
        around("accept", lambda _inner, _call: _refuse_all()),
    ),
    Fault(
        "flow-control-not-twice",
        "flow-control-enforced",
        "A call that was refused by flow control is accepted when it is made again.",
        _again_admitted,
    ),
    Fault(
        "flow-control-refusal-undoes",
        "revoke-all-pending",
        "A call that is refused by flow control undoes what the call before it revoked.",
        _undone_by_a_refusal,
    ),
    Fault(
        "internal-error-swallowed",
        "internal-error-reported",
        "A call that fails with an internal error is answered with a task if there is something to revoke.",
        _failure_swallowed,
    ),
    Fault(
        "new-device-unknown-every-fourth",
        "call-accepted",
        "One of four instances hears of a device half a second after the first call for it.",
        _every_fourth_late,
    ),
)
