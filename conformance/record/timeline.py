"""What takes time in a run besides the calls of its cases, noted as it happens: waits and requests to the hook."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Literal

from conformance.record.results import Event

__all__ = ["Timeline"]


class Timeline:
    """The events of a run, as far as it went in this process. clock gives seconds since the epoch."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._events: list[Event] = []

    @property
    def events(self) -> tuple[Event, ...]:
        """What happened, in the order in which it began."""
        return tuple(sorted(self._events, key=lambda event: event.started))

    def waiting(self, seconds: float, words: str = "") -> None:
        """A wait of SECONDS begins."""
        self._events.append(Event("wait", self._clock(), seconds, words))

    def hand_over(self) -> list[Event]:
        """What happened since this was asked last, for another process to add."""
        events, self._events = self._events, []
        return events

    def add(self, events: Iterable[Event]) -> None:
        """Add EVENTS, which another process noted."""
        self._events.extend(events)

    @contextmanager
    def during(self, kind: Literal["wait", "hook"], words: str) -> Iterator[None]:
        """Note how long the block takes, also where it fails. WORDS say what it is for."""
        started = self._clock()
        try:
            yield
        finally:
            self._events.append(Event(kind, started, self._clock() - started, words))
