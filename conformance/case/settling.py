"""When to stop waiting for what is read back to settle."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tenacity import RetryCallState

__all__ = ["Standstill", "latest"]


class Standstill:
    """Ends a wait once UNSETTLED, a number that goes down, has stood still for SECONDS; or after ten times as long."""

    def __init__(self, seconds: float, unsettled: Callable[[Mapping[str, str]], int]) -> None:
        self._seconds, self._unsettled = seconds, unsettled
        self._least: int | None = None
        self._since = 0.0

    def __call__(self, state: RetryCallState) -> bool:
        """Whether to stop now."""
        passed, left = state.seconds_since_start or 0.0, self._unsettled(latest(state))
        if self._least is None or left < self._least:
            self._least, self._since = left, passed
        return passed - self._since >= self._seconds or passed >= 10 * self._seconds


def latest(state: RetryCallState) -> Mapping[str, str]:
    """What was read back last."""
    found: Mapping[str, str] = state.outcome.result() if state.outcome else {}
    return found
