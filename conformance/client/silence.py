"""When to give up a target, or its hook, that is alive and answers nothing in time."""

from __future__ import annotations

from dataclasses import dataclass, field

from conformance.evidence.exchange import Exchange
from conformance.exceptions import Blocked

__all__ = ["Silence"]

MOST_TIMEOUTS = 6
"""Time-outs in a row; each costs a whole time limit."""


@dataclass
class Silence:
    """Counts time-outs in a row, by origin. All channels of a run share it, so that it counts at whatever stage."""

    timeouts: dict[str, int] = field(default_factory=dict)

    def check(self) -> None:
        """Blocked once an origin has been silent for too long."""
        for count in self.timeouts.values():
            if count >= MOST_TIMEOUTS:
                raise Blocked(f"{count} calls weren't answered in time; the rest wasn't tried")

    def note(self, origin: str, exchange: Exchange) -> None:
        """EXCHANGE is how ORIGIN answered, or didn't."""
        silent = exchange.fault is not None and exchange.fault.kind == "timeout"
        self.timeouts[origin] = self.timeouts.get(origin, 0) + 1 if silent else 0
