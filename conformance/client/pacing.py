"""Keeps to the target's flow-control threshold: so many calls in any minute, the whole allowance used at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.client.budget import UNLIMITED, Budget

if TYPE_CHECKING:
    from pyrate_limiter import AbstractBucket

__all__ = ["MINUTE", "Clock", "Pacer"]

MINUTE = 61.0
"""Seconds. The target's minute begins when a call arrives, ours when it is sent; the surplus covers the way."""

Clock = Callable[[], float]


def _to_ms(seconds: float) -> int:
    return int(seconds * 1000)


def _bucket(calls_per_minute: int, shared: Path | None) -> AbstractBucket:
    """What counts the calls of the last minute, in this process or in the file SHARED."""
    # Slow to import, and not needed for a target without a threshold.
    from pyrate_limiter import InMemoryBucket, Rate, SQLiteBucket  # noqa: PLC0415 (see above)

    rates = [Rate(calls_per_minute, _to_ms(MINUTE))]
    if shared is None:
        return InMemoryBucket(rates)
    return SQLiteBucket.init_from_file(rates, db_path=str(shared), use_file_lock=True)


class Pacer:
    """Admits calls at CALLS_PER_MINUTE in a sliding minute; 0 admits all.

    shared: a file by which several processes keep one pace. clock and sleep, in seconds, can be simulated; on_wait is
    told the seconds of every wait before it begins.
    """

    def __init__(
        self,
        calls_per_minute: int,
        *,
        shared: Path | None = None,
        clock: Clock = time.time,
        sleep: Callable[[float], None] = time.sleep,
        on_wait: Callable[[float], None] = lambda _: None,
        budget: Budget = UNLIMITED,
    ) -> None:
        self.calls_per_minute = calls_per_minute
        self.on_wait, self._budget = on_wait, budget
        self._clock, self._sleep = clock, sleep
        self._bucket = _bucket(calls_per_minute, shared) if calls_per_minute else None

    def admit(self, calls: int = 1) -> None:
        """Wait until CALLS calls may be made at once, and count them as made."""
        if self._bucket is None:
            return
        from pyrate_limiter import RateItem  # noqa: PLC0415 (as above)

        calls = min(calls, self.calls_per_minute)
        while True:
            now = _to_ms(self._clock())
            item = RateItem("call", now, weight=calls)
            if self._bucket.put(item):
                self._bucket.leak(now)
                return
            milliseconds: Any = self._bucket.waiting(item)  # an int, for the buckets that aren't asynchronous
            self.wait(max(milliseconds, 1) / 1000)

    def close(self) -> None:
        """Leave the shared file; no call is admitted any more."""
        if self._bucket is not None:
            self._bucket.close()

    def wait(self, seconds: float) -> None:
        """Wait SECONDS, and say so first; Blocked when the run must be over before."""
        self._budget.check(seconds)
        self.on_wait(seconds)
        self._sleep(seconds)

    def exhaust(self) -> None:
        """The target says that its threshold is reached: somebody else calls it too. Wait out the minute."""
        self.wait(MINUTE)
