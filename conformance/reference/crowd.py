"""Calls that are under way at the same time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from conformance.reference.behaviour import Behaviour
from conformance.reference.call import Call
from conformance.reference.edits import Edit, wrap
from conformance.reference.messages import Answer

BURST = 8
MEANWHILE = 0.1
"""Seconds that a call takes longer, so that others arrive while it is under way."""


class Crowd:
    """Counts the calls that are under way; MOST at a time aren't too many."""

    def __init__(self, most: int = BURST) -> None:
        self._most, self._inside, self._guard = most, 0, threading.Lock()

    @contextmanager
    def entered(self) -> Iterator[bool]:
        """One more call is under way; whether it is one of too many."""
        with self._guard:
            self._inside += 1
            many = self._inside > self._most
        try:
            yield many
        finally:
            with self._guard:
                self._inside -= 1


def in_a_burst(react: Callable[[Behaviour, Call], None], most: int = BURST) -> Edit:
    """React to calls that arrive while MOST others are under way; calls take a little longer."""

    def edit(behaviour: Behaviour) -> None:
        crowd = Crowd(most)

        def accept(inner: Callable[[Call], Answer], call: Call) -> Answer:
            with crowd.entered() as many:
                time.sleep(MEANWHILE)
                if many:
                    react(behaviour, call)
                return inner(call)

        wrap(behaviour, "accept", accept)

    return edit
