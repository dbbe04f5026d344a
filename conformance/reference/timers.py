"""What is done later, and no longer once the reference is stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Timers:
    """Runs actions after a while; `cancel` drops those that haven't run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: set[threading.Timer] = set()
        self._stopped = False

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Run the action in that many seconds; 0: now, in this thread."""
        if not seconds:
            action()
            return

        def run() -> None:
            with self._lock:
                self._waiting.discard(timer)
            action()

        timer = threading.Timer(seconds, run)
        timer.daemon = True
        with self._lock:
            if self._stopped:
                return
            self._waiting.add(timer)
        timer.start()

    def cancel(self) -> None:
        """Drop everything that waits, and whatever comes after."""
        with self._lock:
            self._stopped = True
            waiting, self._waiting = self._waiting, set()
        for timer in waiting:
            timer.cancel()
