"""Flow control: a sliding minute of admitted calls for each application."""

from __future__ import annotations

from collections import defaultdict, deque

MINUTE = 60.0


class SlidingMinute:
    """Counts admitted calls by key. Not thread-safe by itself: the store's lock guards it."""

    def __init__(self) -> None:
        self._admitted: defaultdict[str, deque[float]] = defaultdict(deque)

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
