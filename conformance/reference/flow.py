"""Flow control: a threshold, and a sliding minute of admitted calls for each application."""

from __future__ import annotations

from collections import defaultdict, deque

MINUTE = 60.0


class FlowControl:
    """Counts admitted calls by key. Not thread-safe by itself: the store's lock guards it."""

    def __init__(self, calls_per_minute: int) -> None:
        self.calls_per_minute = calls_per_minute
        self.calls_per_minute_now: int | None = None  # set by the provider state, until its teardown
        self._admitted: defaultdict[str, deque[float]] = defaultdict(deque)

    @property
    def threshold(self) -> int:
        """Calls a minute that are admitted now; 0: flow control is off."""
        return self.calls_per_minute if self.calls_per_minute_now is None else self.calls_per_minute_now

    def limit(self, calls_per_minute: int | None) -> None:
        """Have another threshold for now, None: the usual one; the count begins anew."""
        self.calls_per_minute_now = calls_per_minute
        self.forget()

    def admit(self, key: str, threshold: int, now: float, window: float = MINUTE) -> bool:
        """True, and counted, when fewer than `threshold` calls were admitted in the last minute (0: no threshold).

        A refused call isn't counted, so that a client that goes on trying gets through again.
        """
        calls = self._admitted[key]
        while calls and calls[0] <= now - window:
            calls.popleft()
        if threshold and len(calls) >= threshold:
            return False
        calls.append(now)
        return True

    def forget(self) -> None:
        """Count from zero again."""
        self._admitted.clear()
