"""How long a run may still go on."""

from __future__ import annotations

import time
from dataclasses import dataclass

from conformance.exceptions import Blocked

__all__ = ["Budget"]


@dataclass(frozen=True)
class Budget:
    """deadline is on the monotonic clock; None: the run may take as long as it takes."""

    deadline: float | None = None

    def seconds(self, wanted: float) -> float:
        """WANTED seconds, or what is left if that is less; Blocked when nothing is."""
        if self.deadline is None:
            return wanted
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise Blocked("the time of --max-time was over")
        return min(wanted, left)

    def check(self, wanted: float) -> None:
        """Blocked when WANTED seconds are more than what is left."""
        if self.seconds(wanted) < wanted:
            raise Blocked("the time of --max-time was over")
