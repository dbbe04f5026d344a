"""Waiting for what is read back to settle."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_delay, wait_exponential

from conformance.case.prepared import Prepared, mismatch
from conformance.contract.meaning import CANCELED, SETTLED, State
from conformance.exceptions import Unprepared
from conformance.provider.states import Device, Provider
from conformance.run.state import Patience, read_back

__all__ = ["Polling", "Standstill"]

REDUCED_SETTLE_TIME = 1.0
"""Seconds that later revocations are given once one wasn't carried out in time: that is found out by then."""


class Standstill:
    """Ends a wait once UNSETTLED, a number that goes down, has stood still for SECONDS."""

    def __init__(self, seconds: float, unsettled: Callable[[Mapping[str, str]], int]) -> None:
        self._seconds, self._unsettled = seconds, unsettled
        self._least: int | None = None
        self._since = 0.0

    def __call__(self, state: RetryCallState) -> bool:
        """Whether to stop now."""
        passed, left = state.seconds_since_start or 0.0, self._unsettled(_latest(state))
        if self._least is None or left < self._least:
            self._least, self._since = left, passed
        return passed - self._since >= self._seconds


def _latest(state: RetryCallState) -> Mapping[str, str]:
    """What was read back last."""
    found: Mapping[str, str] = state.outcome.result() if state.outcome else {}
    return found


class Polling:
    """Reads back by PROVIDER until things are as they should be, or PATIENCE ends."""

    def __init__(self, provider: Provider, patience: Patience) -> None:
        self._provider, self._patience = provider, patience

    def prepared(self, device: Device) -> Mapping[str, str]:
        """The commands of DEVICE once they are what the provider said; Unprepared when they can't be read back."""

        def give_up(last: RetryCallState) -> Mapping[str, str]:
            # The next time it isn't waited for.
            self._patience.preparing_time = 0.0
            return _latest(last)

        poll = Retrying(
            retry=retry_if_result(lambda commands: bool(mismatch(device, commands))),
            wait=wait_exponential(multiplier=0.05, max=0.5),
            stop=stop_after_delay(self._patience.preparing_time),
            retry_error_callback=give_up,
        )
        found: Mapping[str, str] = poll(self._provider.commands, device.id)
        return found

    def settled(
        self, devices: tuple[Prepared, ...], state: State, *, accepted: bool
    ) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """What is read back right after the call, and once all is revoked that should be, or patience ends.

        Unprepared when nothing can be read back.
        """
        unreadable = next((prepared.unreadable for prepared in devices if prepared.commands is None), None)
        if unreadable is not None:
            raise Unprepared(unreadable)

        def unsettled(after: Mapping[str, str]) -> int:
            return sum(after.get(command, CANCELED) not in SETTLED for command in state.pending)

        def give_up(last: RetryCallState) -> Mapping[str, str]:
            self._patience.shortened |= self._patience.settle_time > REDUCED_SETTLE_TIME
            self._patience.settle_time = min(self._patience.settle_time, REDUCED_SETTLE_TIME)
            return _latest(last)

        poll = Retrying(
            retry=retry_if_result(lambda after: unsettled(after) > 0),
            wait=wait_exponential(multiplier=0.05, max=1.0),
            stop=Standstill(self._patience.settle_time, unsettled),
            retry_error_callback=give_up,
        )
        ids = [prepared.id for prepared in devices]
        first = read_back(ids, self._provider.commands)
        if not accepted and not any(first.get(command) == CANCELED for command in state.pending):
            return first, first
        return first, first if not unsettled(first) else poll(read_back, ids, self._provider.commands)
