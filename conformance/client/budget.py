"""How long a run may still go on."""

from __future__ import annotations

import time
from dataclasses import dataclass

from conformance.exceptions import Blocked

__all__ = ["UNLIMITED", "Budget"]

OVER = "the time of --max-time was over"


@dataclass(frozen=True)
class Budget:
    """deadline is on the monotonic clock; None: the run may take as long as it takes."""

    deadline: float | None = None

    def seconds(self, wanted: float, at_least: float = 0.0) -> float:
        """WANTED seconds, or the time left if that is less, but AT_LEAST so many; raises Blocked if no time is left."""
        if self.deadline is None:
            return wanted
        left = max(self.deadline - time.monotonic(), at_least)
        if left <= 0:
            raise Blocked(OVER)
        return min(wanted, left)

    def check(self, wanted: float) -> None:
        """Raise Blocked if less than WANTED seconds are left."""
        if self.seconds(wanted) < wanted:
            raise Blocked(OVER)


UNLIMITED = Budget()
