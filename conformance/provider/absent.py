"""The provider of a target that offers no states; the other providers override what they can do."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import Any, NoReturn

from conformance.exceptions import Unprepared
from conformance.provider.states import Device, Queued, SecondApplication

__all__ = ["AbsentProvider"]

HOOK = 'write a provider-state hook (conformance init starts one), and set provider.kind = "hook" and provider.url'


class AbsentStates:
    """Knows no state; every method raises Unprepared and says what to configure."""

    queued: Mapping[str, Queued] = MappingProxyType({})
    cannot = "no provider is configured"

    def _no(self, state: str, instead: str = HOOK) -> NoReturn:
        raise Unprepared(f"{self.cannot}, so the state “{state}” can't be prepared: {instead}")

    def device(self, pending: int, delivered: int = 0, others: Mapping[str, int] | None = None) -> Device:
        """Unprepared."""
        self._no("device")

    def foreign_device(self, pending: int) -> Device:
        """Unprepared."""
        self._no("foreign device")

    def queue_command(self, device_id: str) -> str:
        """Unprepared."""
        self._no("queue command")

    def commands(self, device_id: str) -> Mapping[str, str]:
        """Unprepared."""
        self._no("commands")

    def unauthorized_application(self) -> str:
        """Unprepared."""
        self._no("unauthorized application")

    def expired_token(self) -> str:
        """Unprepared."""
        self._no("expired token")

    def flow_control(self, calls_per_minute: int) -> AbstractContextManager[None]:
        """Unprepared."""
        self._no("flow control", f"{HOOK}, or use up the target's real allowance with --exhaust-flow-control")

    def congestion(self) -> AbstractContextManager[None]:
        """Unprepared."""
        self._no("congestion")

    def internal_error(self) -> AbstractContextManager[None]:
        """Unprepared."""
        self._no("internal error")

    def authorized_application(self, pending: int) -> Device:
        """Unprepared."""
        self._no("authorized application")

    def second_application(self, pending: int) -> SecondApplication:
        """Unprepared."""
        self._no("second application")

    def deliver_command(self, device_id: str, command_id: str) -> str:
        """Unprepared."""
        self._no("deliver command")


class AbsentProvider(AbsentStates):
    """Has nothing to spare, to end or to hand over."""

    kind = "none"
    roomy = True
    remedy = HOOK

    def hold(self, device_id: str) -> None:
        """Every device is used once only."""

    def release(self) -> None:
        """Nothing was taken."""

    def begin(self) -> None:
        """No run can have left a state."""

    def close(self) -> None:
        """Nothing was set up."""

    def disconnect(self) -> None:
        """There is no connection."""

    def hand_over(self) -> dict[str, Any]:
        """Nothing is remembered."""
        return {}

    def take_over(self, remembered: Mapping[str, Any]) -> None:
        """Nothing is remembered."""
