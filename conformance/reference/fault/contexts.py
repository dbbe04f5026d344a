"""Faults that show only beside what a valid call may have, at a second call, at an idle device or in a long list."""

from __future__ import annotations

import threading
from collections.abc import Callable

from conformance.reference.behaviour import Behaviour
from conformance.reference.call import Call
from conformance.reference.edits import Edit, Fault, around, wrap
from conformance.reference.errors import Refusal
from conformance.reference.messages import Answer, Request
from conformance.reference.store import CANCELED, DELIVERED, PENDING, Application, Command, Device, Task
from conformance.reference.structures import Members

When = Callable[[Behaviour, Call], bool]

PAGE = 200
BUFFER = 1000


def with_app_id(_behaviour: Behaviour, call: Call) -> bool:
    """Whether the query names the caller's own application."""
    return call.request.parameter("appId") is not None


def with_charset(_behaviour: Behaviour, call: Call) -> bool:
    """Whether the content type has a charset."""
    return "charset" in (call.request.header("content-type") or "")


def idle(behaviour: Behaviour, call: Call) -> bool:
    """Whether the call is for a device with nothing pending."""
    device = behaviour.store.devices.get(_named(behaviour, call))
    return device is not None and all(command.status != PENDING for command in device.commands)


def _named(behaviour: Behaviour, call: Call) -> str:
    try:
        return behaviour.reading.device_id(behaviour.reading.json(call.request))
    except ValueError:
        return ""


def unchecked(check: str, when: When) -> Edit:
    """Leave a check out in a context."""

    def edit(behaviour: Behaviour) -> None:
        def checked(inner: Callable[[Call], None], call: Call) -> None:
            if not when(behaviour, call):
                inner(call)

        wrap(behaviour, f"check_{check}", checked)

    return edit


def _any_length(behaviour: Behaviour) -> None:
    # How long an id may be is looked at only where it is looked up without an application.
    names_one = threading.local()

    def check(inner: Callable[[Call], None], call: Call) -> None:
        names_one.now = with_app_id(behaviour, call)
        inner(call)

    wrap(behaviour, "check_body", check)
    wrap(behaviour, "reading.good_length", lambda inner, text: getattr(names_one, "now", False) or inner(text))


def any_token(when: When) -> Edit:
    """Take any token, or none, in a context."""

    def edit(behaviour: Behaviour) -> None:
        def check(inner: Callable[[Call], None], call: Call) -> None:
            try:
                inner(call)
            except Refusal:
                caller = behaviour.access.find_caller(call)
                if caller is None or not when(behaviour, call):
                    raise
                call.caller = caller

        wrap(behaviour, "check_credentials", check)

    return edit


def any_app_key(when: When) -> Edit:
    """Take every app_key for the authorised application's in a context."""

    def edit(behaviour: Behaviour) -> None:
        def find(inner: Callable[[Call], Application | None], call: Call) -> Application | None:
            return behaviour.store.parties.own if when(behaviour, call) else inner(call)

        wrap(behaviour, "access.find_caller", find)

    return edit


def delivered_become(status: str, when: When) -> Edit:
    """Give the device's delivered commands another status, in a context."""

    def edit(behaviour: Behaviour) -> None:
        def accept(inner: Callable[[Call], Answer], call: Call) -> Answer:
            for command in call.device.commands if when(behaviour, call) else ():
                command.status = status if command.status == DELIVERED else command.status
            return inner(call)

        wrap(behaviour, "accept", accept)

    return edit


def _called_before(behaviour: Behaviour, call: Call) -> bool:
    return any(task.device_id == call.device.device_id for task in behaviour.store.tasks)


def counted(calls: Callable[[Behaviour, Call], int]) -> Edit:
    """Count a call as so many."""

    def edit(behaviour: Behaviour) -> None:
        def check(inner: Callable[[Call], None], call: Call) -> None:
            inner(call)
            for _ in range(calls(behaviour, call) - 1):
                behaviour.access.within_allowance(call.request)

        wrap(behaviour, "check_flow_control", check)

    return edit


def _pending(behaviour: Behaviour, call: Call) -> int:
    device = behaviour.store.devices.get(_named(behaviour, call))
    return sum(command.status == PENDING for command in device.commands) if device else 0


def _devices_counted(behaviour: Behaviour) -> None:
    # A further call for a device that was called for already isn't counted.
    called: set[str] = set()

    def check(inner: Callable[[Call], None], call: Call) -> None:
        if behaviour.access.threshold() == 0:
            called.clear()
        name = _named(behaviour, call)
        if name not in called:
            inner(call)
            called.add(name)

    wrap(behaviour, "check_flow_control", check)


def _third_over(behaviour: Behaviour) -> None:
    # Every third call over the threshold is let through.
    over = 0

    def check(inner: Callable[[Call], None], call: Call) -> None:
        nonlocal over
        try:
            inner(call)
        except Refusal:
            over += 1
            if over % 3:
                raise

    wrap(behaviour, "check_flow_control", check)


def _first_page(behaviour: Behaviour) -> None:
    wrap(behaviour, "revocation.select", lambda inner, device: inner(device)[:PAGE])


def _listed_again(behaviour: Behaviour) -> None:
    # A later call with appId lists what the device's first task did.
    def accept(inner: Callable[[Call], Answer], call: Call) -> Answer:
        earlier = [task for task in behaviour.store.tasks if task.device_id == call.device.device_id]
        if not earlier or not with_app_id(behaviour, call):
            return inner(call)

        def render(plain: Callable[[Task], Members], task: Task) -> Members:
            members = plain(task)
            commands = [behaviour.answers.command(command) for command in (*task.commands, *earlier[0].commands)]
            return {**members, "totalCount": len(commands), "deviceCommands": commands}

        whole = behaviour.answers.task
        wrap(behaviour, "answers.task", render)
        try:
            return inner(call)
        finally:
            behaviour.answers.task = whole  # type: ignore[method-assign]  # as it was

    wrap(behaviour, "accept", accept)


def _second_lists_nothing(behaviour: Behaviour) -> None:
    # What is queued after a device's first task is revoked by the second one, which doesn't list it.
    def render(inner: Callable[[Task], Members], task: Task) -> Members:
        second = any(one is not task and one.device_id == task.device_id for one in behaviour.store.tasks)
        return {**inner(task), "totalCount": 0, "deviceCommands": []} if second else inner(task)

    wrap(behaviour, "answers.task", render)


def _rolled_back(behaviour: Behaviour) -> None:
    # A call with wrong credentials makes the device's revoked commands pending again.
    def check(inner: Callable[[Call], None], call: Call) -> None:
        try:
            inner(call)
        except Refusal:
            device = behaviour.store.devices.get(_named(behaviour, call))
            for command in device.commands if device else ():
                if command.status == CANCELED and command.task_id is not None:
                    command.status, command.task_id = PENDING, None
            raise

    wrap(behaviour, "check_credentials", check)


def _foreign_by_app_id(behaviour: Behaviour) -> None:
    # With appId the device is looked up whosever it is.
    def check(inner: Callable[[Call], None], call: Call) -> None:
        device = behaviour.store.devices.get(call.device_id)
        if device is None or not with_app_id(behaviour, call):
            inner(call)
        else:
            call.device = device

    wrap(behaviour, "check_device", check)


def _short_buffer(behaviour: Behaviour) -> None:
    # Only the beginning of a body is read.
    def read(inner: Callable[[Request], object], request: Request) -> object:
        if len(request.body) > BUFFER:
            raise ValueError("cut")
        return inner(request)

    wrap(behaviour, "reading.json", read)


def _header_order(behaviour: Behaviour) -> None:
    # Authorization is seen only behind app_key.
    def read(inner: Callable[[Request], str | None], request: Request) -> str | None:
        names = [name.lower() for name, _ in request.headers]
        in_order = {"app_key", "authorization"} <= set(names) and names.index("app_key") < names.index("authorization")
        return inner(request) if in_order else None

    wrap(behaviour, "reading.token", read)


def _thirtieth_of_february(inner: Callable[[Command], Members], command: Command) -> Members:
    return {**inner(command), "creationTime": "20260230T121212Z"}


def _first_that_is_idle(behaviour: Behaviour) -> None:
    # A call that finds nothing cancels what is pending for the application's other devices.
    def select(inner: Callable[[Device], list[Command]], device: Device) -> list[Command]:
        found = inner(device)
        for other in behaviour.store.devices.values() if not found else ():
            for command in other.commands if other.app_id == device.app_id and other is not device else ():
                command.status = CANCELED if command.status == PENDING else command.status
        return found

    wrap(behaviour, "revocation.select", select)


FAULTS = (
    # ---- checks that are left out in a context
    Fault("app-id-any-token", "access-token-valid", "Calls with appId need no token.", any_token(with_app_id)),
    Fault("charset-any-token", "access-token-valid", "Calls with a charset need no token.", any_token(with_charset)),
    Fault("app-id-any-app-key", "app-key-valid", "Calls with appId may have any app_key.", any_app_key(with_app_id)),
    Fault(
        "app-id-any-length", "device-id-max-length", "Calls with appId may have a deviceId of any length.", _any_length
    ),
    Fault(
        "app-id-foreign-device", "device-own", "Calls with appId find other applications' devices.", _foreign_by_app_id
    ),
    Fault(
        "app-id-during-congestion",
        "congestion-refused",
        "Calls with appId are carried out during congestion.",
        unchecked("congestion", with_app_id),
    ),
    Fault(
        "idle-during-congestion",
        "congestion-refused",
        "Calls for devices with nothing pending are accepted during congestion.",
        unchecked("congestion", idle),
    ),
    Fault(
        "app-id-during-failure",
        "internal-error-reported",
        "Calls with appId are accepted even while the platform fails with an internal error.",
        unchecked("internal_error", with_app_id),
    ),
    # ---- what flow control counts
    Fault(
        "flow-control-charset-free",
        "flow-control-enforced",
        "Calls with a charset are neither counted nor refused.",
        unchecked("flow_control", with_charset),
    ),
    Fault(
        "flow-control-idle-free",
        "flow-control-enforced",
        "Calls for devices with nothing pending are neither counted nor refused.",
        unchecked("flow_control", idle),
    ),
    Fault(
        "flow-control-by-devices",
        "flow-control-enforced",
        "Further calls for the same device aren't counted.",
        _devices_counted,
    ),
    Fault(
        "flow-control-third-over",
        "flow-control-enforced",
        "Every third call above the threshold is accepted.",
        _third_over,
    ),
    Fault(
        "flow-control-app-id-twice",
        "flow-control-allowance",
        "A call with appId counts as two.",
        counted(lambda behaviour, call: 1 + with_app_id(behaviour, call)),
    ),
    Fault(
        "flow-control-by-commands",
        "flow-control-allowance",
        "Flow control counts the commands that are revoked, not the calls.",
        counted(_pending),
    ),
    # ---- what the call does
    Fault(
        "app-id-revokes-delivered",
        "keep-delivered",
        "Calls with appId revoke delivered commands too.",
        delivered_become(CANCELED, with_app_id),
    ),
    Fault(
        "second-call-revokes-delivered",
        "keep-delivered",
        "A second call for a device revokes its delivered commands.",
        delivered_become(CANCELED, _called_before),
    ),
    Fault(
        "delivered-become-pending",
        "keep-delivered",
        "Delivered commands become pending again, and are delivered a second time.",
        delivered_become(PENDING, lambda _behaviour, _call: True),
    ),
    Fault("page-of-two-hundred", "revoke-all-pending", "At most 200 commands are listed and revoked.", _first_page),
    Fault(
        "app-id-lists-again",
        "second-call-empty",
        "A later call with appId lists the commands of the device's first task again.",
        _listed_again,
    ),
    Fault(
        "second-call-lists-nothing",
        "later-commands-revoked-next",
        "A device's second task revokes what was queued in the meantime, but doesn't list it.",
        _second_lists_nothing,
    ),
    Fault(
        "revocation-rolled-back",
        "second-call-empty",
        "A call with wrong credentials makes the device's revoked commands pending again.",
        _rolled_back,
    ),
    Fault(
        "idle-call-revokes-elsewhere",
        "keep-other-devices",
        "A call that finds nothing pending revokes the commands of other devices.",
        _first_that_is_idle,
    ),
    # ---- how requests are read, and times written
    Fault(
        "body-of-a-thousand-bytes",
        "request-json-equivalence",
        "A body of more than a thousand bytes isn't understood.",
        _short_buffer,
    ),
    Fault(
        "authorization-before-app-key",
        "request-header-case",
        "The Authorization header is overlooked if it comes before app_key.",
        _header_order,
    ),
    Fault(
        "creation-on-30-february",
        "command-times-readable",
        "creationTime is on the thirtieth of February.",
        around("answers.command", _thirtieth_of_february),
    ),
)
