"""The provider-state hook: brings the platform into states that no client can.

It is apart from the API: no flow control, congestion, internal error or credentials stand in its way.
"""

from __future__ import annotations

from conformance.reference import documents, structures
from conformance.reference.messages import Answer, Request
from conformance.reference.store import DELIVERED, OTHER_STATUSES, PENDING, Application, Command, Device, Store

PATH = "/provider-states"

_MOST, _MOST_CALLS = 10_000, 1_000_000

Values = dict[str, object]


class UnsupportedStateError(Exception):
    """The platform can't be brought into that state."""


class Hook:
    """Answers the hook's calls. `states` are those that it knows, by name."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.states = {
            "device": self.device,
            "foreign device": self.foreign_device,
            "queue command": self.queue_command,
            "commands": self.commands,
            "unauthorized application": self.unauthorized_application,
            "expired token": self.expired_token,
            "flow control": self.flow_control,
            "congestion": self.congestion,
            "internal error": self.internal_error,
            "authorized application": self.authorized_application,
            "second application": self.second_application,
            "deliver command": self.deliver_command,
        }

    def respond(self, request: Request) -> Answer:
        """200 with the state's values; 400, 405 or 501 with a reason."""
        if request.method != "POST":
            return Answer(405, documents.write({"reason": "POST only"}))
        try:
            call = documents.read_object(request.body)
            action, state, params = call.get("action"), call.get("state"), call.get("params")
            params = {} if params is None else params
            if action not in {"setup", "teardown"} or not isinstance(state, str) or not isinstance(params, dict):
                raise documents.InputError("action, state or params")
            return Answer(200, documents.write(self.bring(action == "setup", state, params)))
        except UnsupportedStateError as refusal:
            return Answer(501, documents.write({"reason": str(refusal)}))
        except ValueError as error:
            return Answer(400, documents.write({"reason": str(error)}))

    def bring(self, begin: bool, state: str, params: Values) -> Values:  # noqa: FBT001 - the two actions of the hook
        """Begin or end a state; the values of the state that begins. Raises UnsupportedStateError and InputError."""
        if state not in self.states:
            raise UnsupportedStateError(f"no state {state}")
        with self.store.lock:
            if begin:
                return self.states[state](params)
            self.end(state)
            return {}

    def end(self, state: str) -> None:
        """End a state; most leave nothing to end."""
        if state == "flow control":
            self.store.flow.limit(None)
        elif state == "congestion":
            self.store.congested = False
        elif state == "internal error":
            self.store.failing = False

    # ---- the states ----------------------------------------------------------------------------------------------

    def device(self, params: Values) -> Values:
        """A fresh device of the authorised application with commands in the statuses asked for."""
        others = params.get("others") or {}
        if not isinstance(others, dict):
            raise documents.InputError("others")
        unknown = set(others) - OTHER_STATUSES
        if unknown:
            raise UnsupportedStateError(f"no commands {', '.join(sorted(map(str, unknown)))}")
        wanted = [(PENDING, _count(params, "pending")), (DELIVERED, _count(params, "delivered"))]
        wanted += [(status, _count(others, status)) for status in others]
        device = self.store.register(self.store.parties.own)
        pending, delivered, *rest = (self._queue(device, status, count) for status, count in wanted)
        return {
            "deviceId": device.device_id,
            "pending": list(pending),
            "delivered": list(delivered),
            "others": {key: status for part in rest for key, status in part.items()},
            "queued": self.queued_with(device.commands),
        }

    def foreign_device(self, params: Values) -> Values:
        """A fresh device of the stranger's, with pending commands."""
        return self._device_of(self.store.parties.stranger, params)

    def authorized_application(self, params: Values) -> Values:
        """A fresh device of the partner's, which has authorised the caller."""
        return self._device_of(self.store.parties.partner, params)

    def second_application(self, params: Values) -> Values:
        """A fresh device of the second application's, and its credentials."""
        second = self.store.parties.second
        credentials = {"appKey": second.app_id, "accessToken": second.tokens[-1].text}
        return {**credentials, **self._device_of(second, params)}

    def queue_command(self, params: Values) -> Values:
        """One more pending command."""
        device = self._device(params)
        (command_id,) = self._queue(device, PENDING, 1)
        return {"commandId": command_id, "queued": self.queued_with(device.commands[-1:])}

    def deliver_command(self, params: Values) -> Values:
        """A command that is still pending has been delivered; what it is now."""
        command_id = params.get("commandId")
        command = next((one for one in self._device(params).commands if one.command_id == command_id), None)
        if command is None:
            raise documents.InputError("commandId")
        self.store.deliver(command)
        return {"status": command.status}

    def commands(self, params: Values) -> Values:
        """What is held for a device."""
        return {"commands": {command.command_id: command.status for command in self._device(params).commands}}

    def unauthorized_application(self, _params: Values) -> Values:
        """The stranger."""
        return {"appId": self.store.parties.stranger.app_id}

    def expired_token(self, _params: Values) -> Values:
        """A token of the authorised application's that has expired."""
        return {"accessToken": self.store.issue_expired_token(self.store.parties.own).text}

    def flow_control(self, params: Values) -> Values:
        """Another threshold, counted from zero."""
        self.store.flow.limit(_count(params, "calls_per_minute", least=1, most=_MOST_CALLS))
        return {}

    def congestion(self, _params: Values) -> Values:
        """Every call is refused for congestion."""
        self.store.congested = True
        return {}

    def internal_error(self, _params: Values) -> Values:
        """Every call fails with an internal error."""
        self.store.failing = True
        return {}

    # ---- what they share -----------------------------------------------------------------------------------------

    def _device(self, params: Values) -> Device:
        device = self.store.devices.get(str(params.get("deviceId")))
        if device is None:
            raise ValueError("deviceId")
        return device

    def queued_with(self, commands: list[Command]) -> dict[str, Values]:
        """What these commands were queued with."""
        return {command.command_id: structures.queued_values(command) for command in commands}

    def _device_of(self, application: Application, params: Values) -> Values:
        count = _count(params, "pending")
        device = self.store.register(application)
        pending = list(self._queue(device, PENDING, count))
        queued = self.queued_with(device.commands)
        return {"deviceId": device.device_id, "appId": device.app_id, "pending": pending, "queued": queued}

    def _queue(self, device: Device, status: str, count: int) -> dict[str, str]:
        queued = [self.store.queue(device, self.store.new_command(device, status)) for _ in range(count)]
        return {command.command_id: command.status for command in queued}


def _count(params: Values, name: str, least: int = 0, most: int = _MOST) -> int:
    value = params.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise documents.InputError(name)
    return value
