"""When to give up a target, or its hook, that is alive and answers nothing in time."""

from __future__ import annotations

from dataclasses import dataclass, field

from conformance.evidence.exchange import Exchange
from conformance.exceptions import Blocked

__all__ = ["Silence"]

MOST_TIMEOUTS = 6
"""Each costs a whole time limit."""


@dataclass
class Silence:
    """Counts time-outs by origin. All channels of a run share it, so that it counts at whatever stage."""

    timeouts: dict[str, int] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """Why nothing more is tried; "" while there is no reason."""
        count = max(self.timeouts.values(), default=0)
        return f"{count} calls weren't answered in time; the rest wasn't tried" if count >= MOST_TIMEOUTS else ""

    def check(self) -> None:
        """Blocked once an origin has been silent too often."""
        if self.reason:
            raise Blocked(self.reason)

    def note(self, origin: str, exchange: Exchange) -> None:
        """EXCHANGE is how ORIGIN answered, or didn't."""
        if exchange.fault is not None and exchange.fault.kind == "timeout":
            self.timeouts[origin] = self.timeouts.get(origin, 0) + 1
