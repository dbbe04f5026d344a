"""A target that is a function of the request, and a provider that holds its devices in a dictionary."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from conformance.case.case import Case
from conformance.client.channel import Channel
from conformance.client.client import Client
from conformance.client.pacing import Pacer
from conformance.configuration.settings import Configuration, ProviderSettings, TargetSettings
from conformance.evidence.exchange import Request
from conformance.evidence.redaction import Redaction
from conformance.exceptions import Unprepared
from conformance.provider.states import Device, Queued, SecondApplication
from conformance.run.case_context import CaseContext
from conformance.run.context import Context, Options
from conformance.run.rig import Rig
from conformance.run.state import Patience, RunState
from conformance.suite.registry import registered
from tests.contract.exchanges import APP, TOKEN, command, task
from tests.provider.channels import Answer, FakeChannel

__all__ = ["Devices", "Target", "context", "error", "in_turn", "platform"]

Target = Callable[[Request], Answer]


def error(code: str, status: int) -> Answer:
    """A refusal."""
    if code == "1010005":
        return status, {"resultcode": code, "resultmsg": "refused"}
    return status, {"error_code": code, "error_desc": "refused"}


@dataclass
class Devices:
    """A provider whose devices are here: commands by device, with the status of each.

    Attributes:
        commands_of: the commands of each device.
        ids: those that it gives, one after the other; new ones when they are used up.
        lacks: the states that it can't bring about.
        held: devices that were spared for the whole run.
        kind: as a provider has it.
        roomy: as a provider has it.
        foreign_app: the application of foreign devices.
        asked: the states that it was asked for.
        queued: what commands were queued with; nothing is known of it.
    """

    commands_of: dict[str, dict[str, str]] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    lacks: set[str] = field(default_factory=set)
    held: list[str] = field(default_factory=list)
    kind: str = "hook"
    roomy: bool = True
    remedy: str = "have more devices"
    foreign_app: str = "another-application"
    asked: list[str] = field(default_factory=list)
    queued: Mapping[str, Queued] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def _ask(self, state: str) -> None:
        self.asked.append(state)
        if state in self.lacks:
            raise Unprepared(f"the state {state} can't be had")

    def device(self, pending: int, delivered: int = 0, others: Mapping[str, int] | None = None) -> Device:
        """A device with new commands of each kind."""
        self._ask("device")
        if self.lacks & set(others or ()) or (delivered and "delivered" in self.lacks):
            raise Unprepared(f"no commands that are {', '.join(others or ['delivered'])}")
        device_id = self.ids.pop(0) if self.ids else f"device-{next(self._numbers)}"
        made = self.commands_of.setdefault(device_id, {})

        def add(status: str, count: int) -> tuple[str, ...]:
            new = tuple(f"command-{next(self._numbers)}" for _ in range(count))
            made.update(dict.fromkeys(new, status))
            return new

        finished = {one: status for status, count in (others or {}).items() for one in add(status, count)}
        return Device(device_id, add("PENDING", pending), add("DELIVERED", delivered), finished)

    def foreign_device(self, pending: int) -> Device:
        """A device of the other application."""
        self._ask("foreign device")
        made = self.device(pending)
        return Device(made.id, made.pending, app_id=self.foreign_app)

    def queue_command(self, device_id: str) -> str:
        """One more pending command."""
        self._ask("queue command")
        new = f"command-{next(self._numbers)}"
        self.commands_of[device_id][new] = "PENDING"
        return new

    def commands(self, device_id: str) -> Mapping[str, str]:
        """What is there now."""
        self._ask("commands")
        return dict(self.commands_of[device_id])

    def unauthorized_application(self) -> str:
        """The other application."""
        self._ask("unauthorized application")
        return self.foreign_app

    def expired_token(self) -> str:
        """A token that is none."""
        self._ask("expired token")
        return "expired-token-of-the-application"

    def flow_control(self, calls_per_minute: int) -> AbstractContextManager[None]:
        """Nothing that lasts."""
        self._ask(f"flow control {calls_per_minute}")
        return nullcontext()

    def congestion(self) -> AbstractContextManager[None]:
        """Nothing that lasts."""
        self._ask("congestion")
        return nullcontext()

    def internal_error(self) -> AbstractContextManager[None]:
        """Nothing that lasts."""
        self._ask("internal error")
        return nullcontext()

    def authorized_application(self, pending: int) -> Device:
        """None: no other application has authorised the caller."""
        raise Unprepared(f"no authorized application with {pending} commands")

    def second_application(self, pending: int) -> SecondApplication:
        """None: the caller has one account."""
        raise Unprepared(f"no second application with {pending} commands")

    def deliver_command(self, device_id: str, command_id: str) -> str:
        """The command has reached its device."""
        self._ask("deliver command")
        self.commands_of[device_id][command_id] = "DELIVERED"
        return "DELIVERED"

    def hold(self, device_id: str) -> None:
        """Remember it."""
        self.held.append(device_id)

    def release(self) -> None:
        """Nothing is in use."""

    def begin(self) -> None:
        """No run can have left a state."""

    def close(self) -> None:
        """Nothing is left."""

    def disconnect(self) -> None:
        """There is no connection."""

    def hand_over(self) -> dict[str, Any]:
        """What was spared."""
        return {"held": list(self.held)}

    def take_over(self, remembered: Mapping[str, Any]) -> None:
        """Go on with what was spared."""
        self.held = list(remembered.get("held", ()))


def platform(devices: Devices, misses: int = 0) -> Target:
    """A right target, which knows the devices that the provider holds; it MISSES so many commands of each call."""
    numbers = itertools.count(1)

    def answer(request: Request) -> Answer:
        if request.header("Authorization") != f"Bearer {TOKEN}" or request.header("app_key") != APP:
            return error("1010005", 403)
        try:
            device_id = json.loads(request.body or b"")["deviceId"]
        except (ValueError, LookupError, TypeError):
            return error("100022", 400)
        if device_id not in devices.commands_of:
            return error("100418", 200)
        held = devices.commands_of[device_id]
        revoked = [one for one, status in held.items() if status == "PENDING"][misses:]
        held.update(dict.fromkeys(revoked, "CANCELED"))
        listed = [command(0, commandId=one, deviceId=device_id) for one in reversed(revoked)]
        members = {"taskId": f"task-{next(numbers)}", "deviceId": device_id}
        return 201, {**task(), **members, "totalCount": len(listed), "deviceCommands": listed}

    return answer


def in_turn(*answers: Answer | Target, then: Target) -> Target:
    """A target that gives ANSWERS first, one for each call, and goes on as THEN."""
    left = list(answers)

    def answer(request: Request) -> Answer:
        one = left.pop(0) if left else then
        return one(request) if callable(one) else one

    return answer


class _Client(Client):
    """The client, its channel leading to a function."""

    def __init__(self, settings: TargetSettings, target: Target) -> None:
        self._target = target
        super().__init__(settings, Pacer(0, sleep=lambda _: None))

    def channel(self) -> Channel:
        return FakeChannel(self._target, self.silence)


CASE = registered()["accepted-several-pending"]


def context(
    target: Target | None = None,
    provider: Devices | None = None,
    case: Case = CASE,
    state: RunState | None = None,
    options: Options | None = None,
) -> CaseContext:
    """What CASE is handed in a run of its own, against TARGET with the states of PROVIDER.

    Args:
        target: a right one that knows the provider's devices when left out.
        provider: one that has every state when left out.
        case: a case that accepts calls when left out.
        state: a run that has just begun, and waits for nothing, when left out.
        options: the usual ones when left out.
    """
    provider = provider or Devices()
    settings = TargetSettings("http://target.example", APP, TOKEN, APP, 0, 1.0)
    configuration = Configuration(settings, ProviderSettings("hook", "http://hook.example", watch_time=0.0))
    client = _Client(settings, target or platform(provider))
    rig = Rig(Context(configuration, options or Options()), client, provider, Redaction(), lambda: TOKEN)
    return CaseContext(rig, state or RunState(Patience(0.0, 0.0)), case)
