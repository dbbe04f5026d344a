"""The states that cases ask for, and what every provider offers."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from conformance.contract.values import Queued

__all__ = ["STATES", "Device", "Provider", "Queued", "SecondApplication", "StateProvider"]

STATES = (
    "device",
    "foreign device",
    "queue command",
    "commands",
    "unauthorized application",
    "expired token",
    "flow control",
    "congestion",
    "internal error",
    "authorized application",
    "second application",
    "deliver command",
)


@dataclass(frozen=True)
class Device:
    """A device as prepared: its commands by state. app_id: the application it belongs to, when not the caller's.

    fresh: nobody else uses it, so that its commands can still be watched after the case. queued: what its commands were
    queued with, for those of which the provider says so.
    """

    id: str
    pending: tuple[str, ...] = ()
    delivered: tuple[str, ...] = ()
    others: Mapping[str, str] = field(default_factory=dict)
    app_id: str | None = None
    fresh: bool = True
    queued: Mapping[str, Queued] = field(default_factory=dict)


@dataclass(frozen=True)
class SecondApplication:
    """An application with valid credentials of its own; neither it nor the caller has authorised the other."""

    app_key: str
    access_token: str
    app_id: str
    device: Device


class StateProvider(Protocol):
    """Brings the target into states. Each method raises Unprepared, with the reason, where it can't."""

    @property
    def queued(self) -> Mapping[str, Queued]:
        """What commands were queued with, of all for which it is known so far, those of queue_command included."""

    def device(self, pending: int, delivered: int = 0, others: Mapping[str, int] | None = None) -> Device:
        """A device of the authorised application with that many commands in each state."""

    def foreign_device(self, pending: int) -> Device:
        """Such a device of another application, which has not authorised the caller."""

    def queue_command(self, device_id: str) -> str:
        """Queue one more pending command; its id."""

    def commands(self, device_id: str) -> Mapping[str, str]:
        """What the target holds for the device: command id to status."""

    def unauthorized_application(self) -> str:
        """The appId of an application that exists and has not authorised the caller."""

    def expired_token(self) -> str:
        """A token that was issued to the authorised application and has expired."""

    def flow_control(self, calls_per_minute: int) -> AbstractContextManager[None]:
        """While it lasts, the target counts from zero and admits that many calls a minute."""

    def congestion(self) -> AbstractContextManager[None]:
        """While it lasts, the target is congested."""

    def internal_error(self) -> AbstractContextManager[None]:
        """While it lasts, every call fails with an internal error."""

    def authorized_application(self, pending: int) -> Device:
        """A device of another application, its app_id, which has authorised the caller."""

    def second_application(self, pending: int) -> SecondApplication:
        """An application with credentials of its own, and such a device."""

    def deliver_command(self, device_id: str, command_id: str) -> str:
        """Deliver the command, if it is still pending; the status that it has now."""


class Provider(StateProvider, Protocol):
    """What the run has to do with whoever brings the target into states, too."""

    kind: str
    roomy: bool
    """Whether it can spare a device for the whole run."""

    remedy: str
    """What to do where a device lacks some of the commands that were asked for."""

    def hold(self, device_id: str) -> None:
        """Spare that device for the whole run."""

    def release(self) -> None:
        """A case is over: devices that aren't fresh may be used again."""

    def begin(self) -> None:
        """End the states of the whole target that a run which was killed may have left."""

    def close(self) -> None:
        """End every state that was set up."""

    def disconnect(self) -> None:
        """Close connections, and end no state: another process goes on."""

    def hand_over(self) -> dict[str, Any]:
        """What it remembers, for another process to go on with: what JSON can hold."""

    def take_over(self, remembered: Mapping[str, Any]) -> None:
        """Go on with what another process REMEMBERED."""
