"""Faults of a memory: what was refused once, or let in on a connection, isn't looked at again."""

from __future__ import annotations

import threading
from collections.abc import Callable

from conformance.reference.behaviour import Behaviour
from conformance.reference.call import Call
from conformance.reference.edits import Edit, Fault, wrap
from conformance.reference.errors import Refusal
from conformance.reference.store import Application, Device


def once_per_connection(check: str) -> Edit:
    """Make a check for the first call on each connection only."""

    def edit(behaviour: Behaviour) -> None:
        # The reference has a thread for each connection.
        connection = threading.local()

        def checked(inner: Callable[[Call], None], call: Call) -> None:
            if not hasattr(connection, "checked"):
                connection.checked = True
                inner(call)

        wrap(behaviour, f"check_{check}", checked)

    return edit


def _expiry_once_per_connection(behaviour: Behaviour) -> None:
    connection = threading.local()

    def tokens(inner: Callable[[Application], list[str]], application: Application) -> list[str]:
        # A connection on which a token was looked up isn't asked for its age again.
        if getattr(connection, "application", None) is application:
            return [token.text for token in application.tokens]
        connection.application = application
        return inner(application)

    wrap(behaviour, "access.accepted_tokens", tokens)


def _owner_once_per_connection(behaviour: Behaviour) -> None:
    connection = threading.local()

    def find(inner: Callable[[Application, str], Device | None], owner: Application, device_id: str) -> Device | None:
        if getattr(connection, "owned", False):
            return behaviour.store.devices.get(device_id)
        device = inner(owner, device_id)
        connection.owned = device is not None
        return device

    wrap(behaviour, "access.find_device", find)


def _device_registered(behaviour: Behaviour) -> None:
    def check(inner: Callable[[Call], None], call: Call) -> None:
        try:
            inner(call)
        except Refusal:
            with behaviour.store.lock:
                behaviour.store.devices.setdefault(call.device_id, Device(call.owner.app_id, call.device_id))
            raise

    wrap(behaviour, "check_device", check)


def _refused_once(read: Callable[[Behaviour, Call], str | None]) -> Edit:
    """Refuse the credentials that READ reads once, and take them for the authorised application's from then on."""

    def edit(behaviour: Behaviour) -> None:
        refused: set[str] = set()

        def check(inner: Callable[[Call], None], call: Call) -> None:
            try:
                inner(call)
            except Refusal:
                value = read(behaviour, call)
                if value is None or value not in refused:
                    refused.update(() if value is None else (value,))
                    raise
                call.caller = behaviour.store.parties.own

        wrap(behaviour, "check_credentials", check)

    return edit


def _wrong_token(behaviour: Behaviour, call: Call) -> str | None:
    return behaviour.reading.token(call.request) if behaviour.access.find_caller(call) is not None else None


def _wrong_app_key(behaviour: Behaviour, call: Call) -> str | None:
    return call.app_key if behaviour.access.find_caller(call) is None else None


def _app_id_refused_once(behaviour: Behaviour) -> None:
    refused: set[str] = set()

    def find(inner: Callable[..., Application], caller: Application, app_id: str | None) -> Application:
        if app_id in refused:
            return caller
        if app_id is not None and app_id not in behaviour.store.applications:
            refused.add(app_id)
        return inner(caller, app_id)

    wrap(behaviour, "access.find_owner", find)


FAULTS = (
    # ---- what was refused once
    Fault(
        "device-registered-when-named",
        "device-known",
        "A call for an unknown device is refused, but registers the device, so the next call finds it.",
        _device_registered,
    ),
    Fault(
        "app-id-refused-once",
        "app-id-known",
        "An appId that names no application is refused once, and then treated as the caller's own.",
        _app_id_refused_once,
    ),
    Fault(
        "token-refused-once",
        "access-token-valid",
        "A token that was never issued is refused once, and then accepted.",
        _refused_once(_wrong_token),
    ),
    Fault(
        "app-key-refused-once",
        "app-key-valid",
        "An app_key that was never allocated is refused once, and then accepted.",
        _refused_once(_wrong_app_key),
    ),
    # ---- what a connection is let in for
    Fault(
        "congestion-once-per-connection",
        "congestion-refused",
        "Congestion is only checked for the first call on each connection.",
        once_per_connection("congestion"),
    ),
    Fault(
        "flow-control-once-per-connection",
        "flow-control-enforced",
        "Flow control only counts and refuses the first call on each connection.",
        once_per_connection("flow_control"),
    ),
    Fault(
        "failure-once-per-connection",
        "internal-error-reported",
        "During an internal error, only the first call on each connection fails.",
        once_per_connection("internal_error"),
    ),
    Fault(
        "token-expiry-once-per-connection",
        "access-token-unexpired",
        "Whether a token has expired is only checked for the first call on each connection.",
        _expiry_once_per_connection,
    ),
    Fault(
        "device-owner-once-per-connection",
        "device-own",
        "Once a call on a connection has named a device of its application, later ones may name anybody's.",
        _owner_once_per_connection,
    ),
)
