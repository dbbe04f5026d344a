"""The processes of a distributed run take turns: a target is one thing, and what one case does to it must not be taken
for what another one did. What the run remembers goes from hand to hand, so that N processes see what one would see.

All of it lies in a folder that only this user can read, and goes with the run.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import fasteners

from conformance.client.client import Tally
from conformance.record.results import Event
from conformance.record.serialization import structure, unstructure
from conformance.run.course import Course
from conformance.run.state import RunState
from conformance.verdict.evidence import CaseEvidence

__all__ = ["Baton", "Order", "Turns"]

Kept = TypeVar("Kept")

GRACE = 1.0
"""Seconds without a turn after which a case goes ahead of those before it: their process may wait for this one."""

LOOK = 0.02
"""Seconds between two looks at whose turn it is."""


@dataclass
class Baton:
    """What is handed from one turn to the next.

    Attributes:
        state: what the run remembers.
        client: what the client remembers.
        provider: what the provider remembers.
        secrets: what must not be shown, each with its name.
        crashed: the ids of the cases that the suite itself failed at.
    """

    state: RunState
    client: Tally = field(default_factory=Tally)
    provider: Mapping[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    crashed: list[str] = field(default_factory=list)


@dataclass
class Order:
    """Whose turn it is: little, as those that wait read it again and again.

    Attributes:
        done: the ids of the cases that are over.
        waiting: for each process that waits, the place of its case in the order.
        changed: when the last turn ended, in seconds since the epoch.
        last: the process whose turn it was.
    """

    done: list[str] = field(default_factory=list)
    waiting: dict[str, int] = field(default_factory=dict)
    changed: float = 0.0
    last: str = ""


@dataclass(frozen=True)
class Left:
    """What a turn left behind: the evidence of its case, and what took time beside the calls."""

    evidence: tuple[CaseEvidence, ...]
    events: tuple[Event, ...]


class Turns:
    """The turns that COURSE takes as the process NAME, by the files in FOLDER."""

    def __init__(self, folder: Path, course: Course, name: str) -> None:
        self._folder, self._course, self._name = folder, course, name
        self._lock = fasteners.InterProcessLock(str(folder / "turn.lock"))
        self._baton, self._order = folder / "baton.json", folder / "order.json"
        self._held: Baton | None = None
        """What this process handed on last; nothing is new in it where no other had a turn since."""

    def give(self) -> None:
        """Hand over what the course remembers, before the first turn."""
        self._hand_on(Baton(self._course.state), Order())

    def take_back(self) -> Baton:
        """What is remembered after the last turn, and all that the cases left behind."""
        baton = _read(self._baton, Baton)
        self._take(baton)
        for path in sorted(self._folder.glob("case-*.json")):
            left = structure(json.loads(path.read_text("utf-8")), Left)
            self._course.evidence.extend(left.evidence)
            self._course.rig.timeline.add(left.events)
        return baton

    @contextmanager
    def turn(self, case: str) -> Iterator[Baton]:
        """The time in which CASE, and no other, runs."""
        order = self._await([planned.id for planned in self._course.planned].index(case))
        try:
            known = len(self._course.evidence)
            baton = self._taken(order)
            try:
                yield baton
            except Exception:
                baton.crashed.append(case)
                raise
            finally:
                # Those that follow don't wait for it, however it ended.
                if case not in self._course.state.done:
                    self._course.state.done.append(case)
                try:
                    self._leave(case, self._course.evidence[known:])
                finally:
                    self._hand_on(baton, order)
        finally:
            self._lock.release()

    def _taken(self, order: Order) -> Baton:
        """What is remembered now, which the course goes on with."""
        if self._held is not None and order.last == self._name:
            return self._held
        baton = _read(self._baton, Baton)
        self._take(baton)
        return baton

    def _await(self, place: int) -> Order:
        seen, changed = 0, 0.0
        while True:
            # Nothing is new in an order that is as it was, unless it has been so for too long.
            news = self._order.stat().st_mtime_ns != seen or time.time() - changed > GRACE
            if news and self._lock.acquire(blocking=False):
                order = _read(self._order, Order)
                if self._goes_first(order, place):
                    order.waiting.pop(self._name, None)
                    return order
                if order.waiting.get(self._name) != place:
                    order.waiting[self._name] = place
                    _save(self._order, order)
                seen, changed = self._order.stat().st_mtime_ns, order.changed
                self._lock.release()
            time.sleep(LOOK)

    def _goes_first(self, order: Order, place: int) -> bool:
        """Whether no case before PLACE is still to come; or none that comes in time."""
        before = {planned.id for planned in self._course.planned[:place]} - set(order.done)
        if not before:
            return True
        others = [other for name, other in order.waiting.items() if name != self._name]
        return time.time() - order.changed > GRACE and all(place < other for other in others)

    def _take(self, baton: Baton) -> None:
        course = self._course
        course.state = baton.state
        course.rig.client.take_over(baton.client)
        course.rig.provider.take_over(baton.provider)
        for secret, name in baton.secrets.items():
            course.rig.redaction.learn(secret, name)

    def _hand_on(self, baton: Baton, order: Order) -> None:
        course = self._course
        baton.state = course.state
        baton.client = course.rig.client.hand_over()
        baton.provider = course.rig.provider.hand_over()
        baton.secrets = dict(course.rig.redaction.known)
        _save(self._baton, baton)
        self._held = baton
        order.done, order.changed, order.last = list(course.state.done), time.time(), self._name
        # Last of all, as the others go by it.
        _save(self._order, order)

    def _leave(self, case: str, evidence: Sequence[CaseEvidence]) -> None:
        rig = self._course.rig
        left = rig.redaction.apply(Left(tuple(evidence), tuple(rig.timeline.hand_over())))
        path = self._folder / f"case-{case}.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(unstructure(left)), "ascii")


def _save(path: Path, value: Baton | Order) -> None:
    unfinished = path.with_suffix(".new")
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(unstructure(value)), "ascii")
    unfinished.replace(path)


def _read(path: Path, kind: type[Kept]) -> Kept:
    return structure(json.loads(path.read_text("ascii")), kind)
