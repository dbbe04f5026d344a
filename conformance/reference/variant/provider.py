"""Variants in flow control and in the provider-state hook."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import replace

from conformance.reference.behaviour import Behaviour
from conformance.reference.call import Call
from conformance.reference.crowd import in_a_burst
from conformance.reference.edits import Edit, Step, Variant, wrap
from conformance.reference.errors import CONGESTION, Refusal
from conformance.reference.flow import MINUTE
from conformance.reference.hook import Hook, Values
from conformance.reference.messages import Answer, Request
from conformance.reference.store import DELIVERED, Command

_UNSUPPORTED = 501


def lacking(*states: str) -> Callable[[Hook], None]:
    """The hook doesn't know some states."""

    def edit(hook: Hook) -> None:
        for state in states:
            del hook.states[state]

    return edit


def _congestion(_behaviour: Behaviour, _call: Call) -> None:
    raise Refusal(CONGESTION)


def _as_not_found(hook: Hook) -> None:
    def respond(inner: Callable[[Request], Answer], request: Request) -> Answer:
        answer = inner(request)
        if answer.status != _UNSUPPORTED:
            return answer
        return replace(answer, status=404, body=b"not found", headers=(("Content-Type", "text/plain"),))

    lacking("foreign device", "unauthorized application", "expired token")(hook)
    wrap(hook, "respond", respond)


def _without_later_states(hook: Hook) -> None:
    lacking("authorized application", "second application", "deliver command")(hook)
    _nothing_said(hook)


def _further_members(hook: Hook) -> None:
    wrap(hook, "bring", lambda inner, *call: {**inner(*call), "note": "made for a test", "at": {"node": 1}})


def _silent_end(hook: Hook) -> None:
    def respond(inner: Callable[[Request], Answer], request: Request) -> Answer:
        answer = inner(request)
        return replace(answer, body=b"") if b'"teardown"' in request.body else answer

    wrap(hook, "respond", respond)


def _no_others(hook: Hook) -> None:
    def bring(inner: Step, *call: object) -> Values:
        values: Values = inner(*call)
        return {key: value for key, value in values.items() if key != "others"}

    wrap(hook, "bring", bring)


def _delivered_as_successful(hook: Hook) -> None:
    wrap(
        hook,
        "_queue",
        lambda inner, device, status, count: inner(device, "SUCCESSFUL" if status == "DELIVERED" else status, count),
    )


def queued_as(change: Callable[[Values], Values]) -> Callable[[Hook], None]:
    """The hook says of what commands were queued with what CHANGE makes of it."""

    def edit(hook: Hook) -> None:
        def queued_with(inner: Step, commands: list[Command]) -> dict[str, Values]:
            return {command_id: change(values) for command_id, values in inner(commands).items()}

        wrap(hook, "queued_with", queued_with)

    return edit


def _nothing_said(hook: Hook) -> None:
    def bring(inner: Step, *call: object) -> Values:
        values: Values = inner(*call)
        return {key: value for key, value in values.items() if key != "queued"}

    wrap(hook, "bring", bring)


def _extended(values: Values) -> Values:
    day, _, hour = str(values["creationTime"]).partition("T")
    time_text = f"{day[:4]}-{day[4:6]}-{day[6:]}T{hour[:2]}:{hour[2:4]}:{hour[4:6]}.000+00:00"
    return {**values, "creationTime": time_text}


def _in_part(values: Values) -> Values:
    command = values["command"]
    assert isinstance(command, dict)  # noqa: S101 - as the hook has just written it; this tells the type checker so
    return {"command": {"serviceId": command["serviceId"]}, "expireTime": values["expireTime"], "note": "made up"}


def _executed_at_once(hook: Hook) -> None:
    # A device executes what it is given before anybody can look.
    def deliver(inner: Callable[[Values], Values], params: Values) -> Values:
        values = inner(params)
        for command in hook.store.all_commands():
            if command.command_id == params.get("commandId") and command.status == DELIVERED:
                command.status = "SUCCESSFUL"
                return {"status": command.status}
        return values

    hook.states["deliver command"] = functools.partial(deliver, hook.states["deliver command"])


def _threshold(behaviour: Behaviour) -> None:
    behaviour.store.flow.calls_per_minute = 100


def _trailing(hook: Hook) -> None:
    # What is read back is what was held a moment ago; a device that is new has no commands yet.
    seen: dict[str, float] = {}

    def commands(inner: Callable[[Values], Values], params: Values) -> Values:
        asked = seen.setdefault(str(params.get("deviceId")), time.monotonic())
        return inner(params) if time.monotonic() - asked > _LAG else {"commands": {}}

    hook.states["commands"] = functools.partial(commands, hook.states["commands"])


def _minute_ends(amid: int) -> Edit:
    """The count begins anew with every full minute; the first time that there is a threshold it ends AMID the calls."""

    def edit(behaviour: Behaviour) -> None:
        calls = 0

        def allowed(inner: Callable[[Request], bool], request: Request) -> bool:
            nonlocal calls
            calls += bool(behaviour.access.threshold())
            if calls == amid:
                behaviour.store.flow.forget()
            return inner(request)

        wrap(behaviour, "access.within_allowance", allowed)

    return edit


def _full_minutes(behaviour: Behaviour) -> None:
    # The count begins anew with every full minute of the clock.
    minute = 0

    def allowed(inner: Callable[[Request], bool], request: Request) -> bool:
        nonlocal minute
        now = int(behaviour.store.clock() // MINUTE)
        if now != minute:
            minute = now
            behaviour.store.flow.forget()
        return inner(request)

    wrap(behaviour, "access.within_allowance", allowed)


def _refused_count(behaviour: Behaviour) -> None:
    # Refused calls count too; a minute without calls ends that.
    def allowed(inner: Callable[[Request], bool], request: Request) -> bool:
        store = behaviour.store
        if inner(request):
            return True
        with store.lock:
            store.flow.admit(request.header("app_key") or "", 0, store.clock())
        return False

    wrap(behaviour, "access.within_allowance", allowed)


def _congested_at_times(behaviour: Behaviour) -> None:
    calls = 0

    def check(inner: Callable[[Call], None], call: Call) -> None:
        nonlocal calls
        calls += 1
        if calls % _AT_TIMES == 0:
            raise Refusal(CONGESTION)
        inner(call)

    wrap(behaviour, "check_congestion", check)


_LAG = 0.3
_AT_TIMES = 45
_QUEUED = "What commands were queued with is optional, and so is every member of it."
_NOT_EVERY_STATE = "A vendor's hook answers 404 or 501 for a state that it can't bring about."

VARIANTS = (
    Variant("flow-control-100", "The threshold is 100 calls a minute by default.", _threshold),
    Variant(
        "flow-control-minute-ends",
        "The document doesn't say over which minute calls are counted.",
        _minute_ends(amid=3),
    ),
    Variant(
        "flow-control-minute-ends-late",
        "A minute may end between two calls over the threshold.",
        _minute_ends(amid=5),
    ),
    Variant("flow-control-full-minutes", "A minute may begin on the clock.", _full_minutes),
    Variant("flow-control-counts-refused", "The document doesn't say whether refused calls count.", _refused_count),
    Variant(
        "congested-by-two-calls",
        "Congestion occurs; the document doesn't say how many calls at a time make it.",
        in_a_burst(_congestion, 1),
    ),
    Variant("congested-at-times", "Congestion occurs, and passes.", _congested_at_times),
    Variant("hook-trailing", "What is read back settles within a few seconds.", edit_hook=_trailing),
    Variant(
        "hook-without-platform-states",
        _NOT_EVERY_STATE,
        edit_hook=lacking("flow control", "congestion", "internal error"),
    ),
    Variant("hook-without-other-applications", _NOT_EVERY_STATE, edit_hook=_as_not_found),
    Variant(
        "hook-without-later-states",
        _NOT_EVERY_STATE,
        edit_hook=_without_later_states,
    ),
    Variant(
        "hook-without-most-states",
        _NOT_EVERY_STATE,
        edit_hook=lacking(
            *("foreign device", "queue command", "unauthorized application", "expired token", "flow control"),
            *("congestion", "internal error", "authorized application", "second application", "deliver command"),
        ),
    ),
    Variant("hook-without-queued", _QUEUED, edit_hook=_nothing_said),
    Variant("hook-queued-in-part", _QUEUED, edit_hook=queued_as(_in_part)),
    Variant("hook-without-known-values", _QUEUED, edit_hook=queued_as(dict.fromkeys)),
    Variant(
        "hook-queued-extended-times", "A time is the same in each of its usual forms.", edit_hook=queued_as(_extended)
    ),
    Variant("hook-delivers-and-executes", "A delivered command may have been executed.", edit_hook=_executed_at_once),
    Variant("hook-further-members", "Further members of the hook's answers are ignored.", edit_hook=_further_members),
    Variant("hook-silent-teardown", "The body of a teardown's answer is ignored.", edit_hook=_silent_end),
    Variant("hook-silent-others", "The value others is optional: what reads back says the same.", edit_hook=_no_others),
    Variant(
        "hook-delivered-as-successful",
        "A delivered command may have been executed.",
        edit_hook=_delivered_as_successful,
    ),
)
