"""Faults in keeping applications apart: grants, credentials of another, and what one caller leaves for the next."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from conformance.reference.behaviour import Behaviour
from conformance.reference.call import Call
from conformance.reference.edits import Edit, Fault, wrap
from conformance.reference.errors import INVALID_INPUT, UNAUTHORIZED_APPLICATION, Refusal
from conformance.reference.fault.credentials import owner_when
from conformance.reference.messages import Answer, Request
from conformance.reference.store import CANCELED, DELIVERED, PENDING, Application, Device, Task

_MEANWHILE = 0.05


def _granted(behaviour: Behaviour, caller: Application, app_id: str) -> bool:
    owner = behaviour.store.applications.get(app_id)
    return owner is not None and caller.app_id in owner.authorised


def _grant_refused(behaviour: Behaviour, caller: Application, app_id: str) -> Application | None:
    if _granted(behaviour, caller, app_id):
        raise Refusal(UNAUTHORIZED_APPLICATION)
    return None


def _grant_crashes(behaviour: Behaviour, caller: Application, app_id: str) -> Application | None:
    if _granted(behaviour, caller, app_id):
        raise RuntimeError("a fault")
    return None


def _granted_as_caller(behaviour: Behaviour, caller: Application, app_id: str) -> Application | None:
    return caller if _granted(behaviour, caller, app_id) else None


def _grant_in_reverse(behaviour: Behaviour, caller: Application, app_id: str) -> Application | None:
    owner = behaviour.store.applications.get(app_id)
    if owner is not None and owner is not caller and owner.app_id not in caller.authorised:
        raise Refusal(UNAUTHORIZED_APPLICATION)
    return owner


def _granted_to_anybody(behaviour: Behaviour, _caller: Application, app_id: str) -> Application | None:
    owner = behaviour.store.applications.get(app_id)
    return owner if owner is not None and owner.authorised else None


def _unchecked(name: str) -> Edit:
    """Of our calls for an authorising application, take the header NAME for the right one, whatever it is."""

    def edit(behaviour: Behaviour) -> None:
        def handle(inner: Callable[[Request], Answer], request: Request) -> Answer:
            own = behaviour.store.parties.own
            right = {"app_key": own.app_id, "authorization": f"Bearer {own.tokens[-1].text}"}
            others = {key: request.header(key) for key in right if key != name}
            if not _granted(behaviour, own, request.parameter("appId") or "") or others.items() - right.items():
                return inner(request)
            return inner(replace(request, headers=(*_without(request, name), (name, right[name]))))

        wrap(behaviour, "handle", handle)

    return edit


def _without(request: Request, name: str) -> list[tuple[str, str]]:
    return [(key, text) for key, text in request.headers if key.lower() != name]


def acting_finds(choose: Callable[[Behaviour, Call], Device | None]) -> Edit:
    """A call for an authorising application finds the device that CHOOSE gives it, if it gives any."""

    def edit(behaviour: Behaviour) -> None:
        def check(inner: Callable[[Call], None], call: Call) -> None:
            device = None if call.owner is call.caller else choose(behaviour, call)
            if device is None:
                inner(call)
            else:
                call.device = device

        wrap(behaviour, "check_device", check)

    return edit


def _anybodys(behaviour: Behaviour, call: Call) -> Device | None:
    return behaviour.store.devices.get(call.device_id)


def _made_up(behaviour: Behaviour, call: Call) -> Device | None:
    known = call.device_id in behaviour.store.devices
    return None if known else Device(call.owner.app_id, call.device_id)


def _foreign_idle(behaviour: Behaviour) -> None:
    # Whose device it is, is read off its pending commands.
    def find(inner: Callable[[Application, str], Device | None], owner: Application, device_id: str) -> Device | None:
        device = behaviour.store.devices.get(device_id)
        idle = device is not None and not any(command.status == PENDING for command in device.commands)
        return device if idle else inner(owner, device_id)

    wrap(behaviour, "access.find_device", find)


def _grant_with_charset(behaviour: Behaviour) -> None:
    def accept(inner: Callable[[Call], Answer], call: Call) -> Answer:
        if call.owner is not call.caller and "charset" in (call.request.header("content-type") or ""):
            raise Refusal(INVALID_INPUT)
        return inner(call)

    wrap(behaviour, "accept", accept)


def _grant_remembered(behaviour: Behaviour) -> None:
    # Once somebody has acted for an application rightly, everybody may.
    remembered: set[str] = set()

    def find(inner: Callable[..., Application], caller: Application, app_id: str | None) -> Application:
        if app_id in remembered:
            return behaviour.store.applications[app_id]
        owner = inner(caller, app_id)
        if owner is not caller:
            remembered.add(owner.app_id)
        return owner

    wrap(behaviour, "access.find_owner", find)


def acting(change: Callable[[Behaviour, Call, Task], None]) -> Edit:
    """Do something to the task of a call that is made for another application."""

    def edit(behaviour: Behaviour) -> None:
        def create(inner: Callable[[Call], Task], call: Call) -> Task:
            task = inner(call)
            if call.owner is not call.caller:
                change(behaviour, call, task)
            return task

        wrap(behaviour, "revocation.create_task", create)

    return edit


def _nothing_selected(_behaviour: Behaviour, _call: Call, task: Task) -> None:
    task.commands = []


def _of_the_caller(_behaviour: Behaviour, call: Call, task: Task) -> None:
    task.app_id = call.caller.app_id


def _delivered_too(_behaviour: Behaviour, call: Call, _task: Task) -> None:
    for command in call.device.commands:
        if command.status == DELIVERED:
            command.status = CANCELED


def all_of(choose: Callable[[Call], str]) -> Callable[[Behaviour, Call, Task], None]:
    """Revoke what is pending for any device of the application that CHOOSE names."""

    def change(behaviour: Behaviour, call: Call, _task: Task) -> None:
        for device in behaviour.store.devices.values():
            for command in device.commands if device.app_id == choose(call) else ():
                behaviour.revocation.revoke(command)

    return change


def _of_strangers(behaviour: Behaviour, call: Call, _task: Task) -> None:
    for command in behaviour.store.all_commands():
        if command.app_id not in {call.caller.app_id, call.owner.app_id}:
            behaviour.revocation.revoke(command)


def _acting_once(behaviour: Behaviour) -> None:
    # Whoever acts for another application gets each device's commands from memory.
    served: set[str] = set()

    def change(_behaviour: Behaviour, call: Call, task: Task) -> None:
        if call.device.device_id in served:
            task.commands = []
        served.add(call.device.device_id)

    acting(change)(behaviour)


def _own_app_id_for_all(behaviour: Behaviour) -> None:
    def create(inner: Callable[[Call], Task], call: Call) -> Task:
        task = inner(call)
        if call.request.parameter("appId") == call.caller.app_id:
            all_of(lambda one: one.caller.app_id)(behaviour, call, task)
        return task

    wrap(behaviour, "revocation.create_task", create)


def _acting_listed_only(behaviour: Behaviour) -> None:
    # The worker looks for the task among the caller's own.
    wrap(
        behaviour,
        "revocation.carry_out",
        lambda inner, task: None if task.app_id == behaviour.store.parties.partner.app_id else inner(task),
    )


def token_also_of(choose: Callable[[Behaviour], tuple[Application, Application]]) -> Edit:
    """Accept with one application's app_key the token of another: the two that CHOOSE names, in this order."""

    def edit(behaviour: Behaviour) -> None:
        def tokens(inner: Callable[[Application], list[str]], application: Application) -> list[str]:
            named, other = choose(behaviour)
            return [*inner(application), *(inner(other) if application is named else [])]

        wrap(behaviour, "access.accepted_tokens", tokens)

    return edit


def _app_id_sticks(behaviour: Behaviour) -> None:
    # The appId of an earlier call is used for those that name none.
    named: dict[str, str] = {}

    def find(inner: Callable[..., Application], caller: Application, app_id: str | None) -> Application:
        if app_id is None:
            return inner(caller, named.get(caller.app_id))
        owner = inner(caller, app_id)
        named[caller.app_id] = app_id
        return owner

    wrap(behaviour, "access.find_owner", find)


def _last_device_revoked(behaviour: Behaviour) -> None:
    # A refused call is carried out for the device that the application named last.
    last: dict[str, Call] = {}

    def check(inner: Callable[[Call], None], call: Call) -> None:
        try:
            inner(call)
        except Refusal:
            if call.caller.app_id in last:
                before = last[call.caller.app_id]
                for command in behaviour.revocation.select(before.device):
                    command.status = CANCELED
            raise
        last[call.caller.app_id] = call

    wrap(behaviour, "check_device", check)


def _last_app_id_used(behaviour: Behaviour) -> None:
    # The first appId of the query is checked, and the last one is used.
    def check(inner: Callable[[Call], None], call: Call) -> None:
        inner(call)
        *others, last = [value for name, value in call.request.query if name == "appId"] or [""]
        if others:
            call.owner = behaviour.store.applications.get(last, call.owner)

    wrap(behaviour, "check_application", check)


def _device_cached(behaviour: Behaviour) -> None:
    # A device that was found once is found again by its id alone.
    cached: dict[str, Device] = {}

    def find(inner: Callable[..., Device | None], owner: Application, device_id: str) -> Device | None:
        device = cached.get(device_id) or inner(owner, device_id)
        if device is not None:
            cached[device_id] = device
        return device

    wrap(behaviour, "access.find_device", find)


def _caller_of_the_connection(behaviour: Behaviour) -> None:
    # Who calls is asked once for each connection; later credentials are checked, and not looked at again.
    kept = threading.local()

    def check(inner: Callable[[Call], None], call: Call) -> None:
        inner(call)
        call.caller = kept.caller = getattr(kept, "caller", call.caller)

    wrap(behaviour, "check_credentials", check)


def _caller_of_the_newest_call(behaviour: Behaviour) -> None:
    # The caller is kept where all calls keep it.
    callers: list[Application] = []

    def check_credentials(inner: Callable[[Call], None], call: Call) -> None:
        inner(call)
        callers[:] = [call.caller]
        time.sleep(_MEANWHILE)

    def check_application(inner: Callable[[Call], None], call: Call) -> None:
        call.caller = callers[0]
        inner(call)

    wrap(behaviour, "check_credentials", check_credentials)
    wrap(behaviour, "check_application", check_application)


def _device_of_the_newest_call(behaviour: Behaviour) -> None:
    # The same of the device: one call revokes what the other one named.
    devices: list[Device] = []

    def check(inner: Callable[[Call], None], call: Call) -> None:
        inner(call)
        devices[:] = [call.device]
        time.sleep(_MEANWHILE)
        if call.device.app_id != devices[0].app_id:
            call.device = devices[0]

    wrap(behaviour, "check_device", check)


def _owner_from_the_body(behaviour: Behaviour) -> None:
    # An appId in the body says whose device it is, and nobody asks whether it may.
    def check(inner: Callable[[Call], None], call: Call) -> None:
        body = behaviour.reading.json(call.request)
        named = body.get("appId") if isinstance(body, dict) else None
        owner = behaviour.store.applications.get(named) if isinstance(named, str) else None
        if owner is not None:
            call.owner = owner
        inner(call)

    wrap(behaviour, "check_device", check)


FAULTS = (
    # ---- acting for an application that has authorised the caller
    Fault(
        "authorized-app-id-refused",
        "app-id-acting-for",
        "The appId of an application that has authorised the caller is refused.",
        owner_when(_grant_refused),
    ),
    Fault(
        "authorized-app-id-crashes",
        "app-id-acting-for",
        "The appId of an application that has authorised the caller causes an internal error.",
        owner_when(_grant_crashes),
    ),
    Fault(
        "authorized-app-id-as-own",
        "app-id-acting-for",
        "The appId of an application that has authorised the caller is treated as the caller's own.",
        owner_when(_granted_as_caller),
    ),
    Fault(
        "authorized-app-id-in-reverse",
        "app-id-acting-for",
        "The check is whether the caller has authorised the application, not the other way round.",
        owner_when(_grant_in_reverse),
    ),
    Fault(
        "authorized-app-id-without-effect",
        "app-id-acting-for",
        "A call for an application that has authorised the caller is answered with an empty task, and revokes nothing.",
        acting(_nothing_selected),
    ),
    Fault(
        "authorized-app-id-lists-only",
        "app-id-acting-for",
        "A call for an application that has authorised the caller lists the commands, and revokes none.",
        _acting_listed_only,
    ),
    Fault(
        "authorized-app-id-task-of-the-caller",
        "task-app-id-own",
        "The task of a call for another application has the caller's appId.",
        acting(_of_the_caller),
    ),
    Fault(
        "authorized-app-id-revokes-delivered",
        "keep-delivered",
        "A call for an application that has authorised the caller revokes delivered commands, too.",
        acting(_delivered_too),
    ),
    Fault(
        "authorized-app-id-revokes-all-of-it",
        "keep-other-devices",
        "A call for an application that has authorised the caller revokes the commands of all of its devices.",
        acting(all_of(lambda call: call.owner.app_id)),
    ),
    Fault(
        "authorized-app-id-revokes-the-callers",
        "keep-other-devices",
        "A call for an application that has authorised the caller revokes those of the caller's devices.",
        acting(all_of(lambda call: call.caller.app_id)),
    ),
    Fault(
        "authorized-app-id-once-per-device",
        "app-id-acting-for",
        "The second call for a device of an application that has authorised the caller does nothing.",
        _acting_once,
    ),
    Fault(
        "own-app-id-revokes-all-devices",
        "keep-other-devices",
        "A call that names the caller's own appId revokes the commands of all of its devices.",
        _own_app_id_for_all,
    ),
    Fault(
        "acting-with-any-token",
        "access-token-valid",
        "The token of a call for an application that has authorised the caller isn't checked.",
        _unchecked("authorization"),
    ),
    Fault(
        "acting-with-any-app-key",
        "app-key-valid",
        "The app_key of a call for an application that has authorised the caller isn't checked.",
        _unchecked("app_key"),
    ),
    Fault(
        "acting-for-any-device",
        "device-own",
        "A call for an application that has authorised the caller may name any application's device.",
        acting_finds(_anybodys),
    ),
    Fault(
        "acting-for-unknown-device",
        "device-known",
        "A call for an application that has authorised the caller is answered with an empty task for any deviceId.",
        acting_finds(_made_up),
    ),
    # ---- acting for one that hasn't
    Fault(
        "app-id-authorized-to-anybody",
        "app-id-authorized",
        "The check is whether an application has authorised anybody, not whether it has authorised the caller.",
        owner_when(_granted_to_anybody),
    ),
    Fault(
        "app-id-grant-remembered",
        "app-id-authorized",
        "Once one application has acted for another, every application may.",
        _grant_remembered,
    ),
    # ---- credentials of two applications
    Fault(
        "token-of-second-application-accepted",
        "app-key-valid",
        "A second application's token is accepted with the caller's app_key.",
        token_also_of(lambda behaviour: (behaviour.store.parties.own, behaviour.store.parties.second)),
    ),
    Fault(
        "app-key-of-second-application-accepted",
        "app-key-valid",
        "The caller's token is accepted with a second application's app_key.",
        token_also_of(lambda behaviour: (behaviour.store.parties.second, behaviour.store.parties.own)),
    ),
    # ---- what one caller leaves for the next
    Fault(
        "device-cached-across-applications",
        "device-own",
        "Once a device's own application has named it, every other application finds it too.",
        _device_cached,
    ),
    Fault(
        "last-app-id-used",
        "device-own",
        "Of several appIds in the query the first one is checked, and the last one is used.",
        _last_app_id_used,
    ),
    Fault(
        "app-id-sticks",
        "call-accepted",
        "A call that names no application is carried out for the one that the caller named last.",
        _app_id_sticks,
    ),
    Fault(
        "refused-call-revokes-last-device",
        "no-effect-device",
        "A call for an unknown device revokes what is pending for the device that the caller named last.",
        _last_device_revoked,
    ),
    Fault(
        "body-app-id-carried-out",
        "device-own",
        "With an appId in the body, a call for that application's device is carried out.",
        _owner_from_the_body,
    ),
    Fault(
        "caller-kept-on-the-connection",
        "callers-kept-apart",
        "The first caller on a connection is taken for the caller of all later calls on it.",
        _caller_of_the_connection,
    ),
    Fault(
        "caller-of-the-newest-call",
        "callers-kept-apart",
        "Two simultaneous calls by two applications are both taken for calls by the later one.",
        _caller_of_the_newest_call,
    ),
    Fault(
        "device-of-the-newest-call",
        "callers-kept-apart",
        "Two simultaneous calls by two applications both revoke what is pending for the later one's device.",
        _device_of_the_newest_call,
    ),
    Fault(
        "foreign-idle-device-accepted",
        "device-own",
        "Another application's device without pending commands is accepted.",
        _foreign_idle,
    ),
    Fault(
        "app-id-acting-charset-refused",
        "app-id-acting-for",
        "A call for an application that has authorised the caller is refused if its media type has a charset.",
        _grant_with_charset,
    ),
    Fault(
        "app-id-acting-revokes-strangers",
        "keep-other-devices",
        "A call for an application that has authorised the caller also revokes what other applications have pending.",
        acting(_of_strangers),
    ),
)
