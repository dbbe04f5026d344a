"""How a run went, as a strip over time: calls by how they ended, retries, waits, and hook requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from conformance.evidence.exchange import Exchange
from conformance.evidence.glyphs import amount
from conformance.record.results import CaseResult, Event, Record

__all__ = ["Lane", "Mark", "Strip"]

_CREATED = 201
_LONG = 1.0
_SHORT = 0.1
"""Seconds. A pause shorter than _LONG is none that a reader wonders about, and a wait shorter than _SHORT is none."""

_CALLS = (
    ("accepted", "Accepted"),
    ("refused", "Not accepted"),
    ("wrong", "Answered wrongly"),
    ("silent", "No answer"),
)
_RETRIES = (("retry", "Sent again"),)
_EVENTS = (("wait", "Waits"), ("hook", "Hook requests"))


@dataclass(frozen=True)
class Mark:
    """Something that took its time: when it began, in seconds since the run did, and how long it took."""

    offset: float
    duration: float
    case: str = ""


@dataclass(frozen=True)
class Lane:
    """A row of the strip: everything of one kind. scale is how many units of the drawing a second is."""

    kind: str
    name: str
    marks: tuple[Mark, ...]
    scale: float

    def path(self, number: int) -> str:
        """The marks as the path of an SVG, where this is the lane NUMBER."""
        top, height = number * Strip.LANE + 3, Strip.LANE - 6
        boxes = dict.fromkeys(
            (round(mark.offset * self.scale, 1), round(max(mark.duration * self.scale, 1.5), 1)) for mark in self.marks
        )
        return "".join(f"M{x:g} {top}h{width:g}v{height}h-{width:g}z" for x, width in boxes)


class Strip:
    """The course of the run in RECORD, as lanes to draw and as sentences that say the same."""

    WIDTH = 1000
    LANE = 20

    def __init__(self, record: Record) -> None:
        self._record = record
        calls = [
            (exchange, case, number) for case in record.cases for number, exchange in enumerate(case.evidence.exchanges)
        ]
        self._calls = sorted(calls, key=lambda call: call[0].started)
        # The record's own start is in whole seconds.
        moments = [call[0].started for call in self._calls] + [event.started for event in record.run.timeline]
        self._start = min(moments, default=datetime.fromisoformat(record.run.started).timestamp())
        ends = [exchange.started + exchange.duration_s for exchange, _, _ in self._calls]
        ends += [event.started + event.duration_s for event in record.run.timeline]
        self.duration = max(max(ends, default=0.0) - self._start, record.run.duration_s, 0.001)

    @cached_property
    def lanes(self) -> tuple[Lane, ...]:
        """What there is to draw; kinds that don't occur have no lane."""
        marks: dict[str, list[Mark]] = {}
        for exchange, case, number in self._calls:
            kinds = (_ending(exchange, case, number), *(("retry",) if exchange.resent else ()))
            for kind in kinds:
                marks.setdefault(kind, []).append(self._mark(exchange, case.id))
        for event in self._record.run.timeline:
            marks.setdefault(event.kind, []).append(self._mark(event))
        scale = self.WIDTH / self.duration
        known = (*_CALLS, *_RETRIES, *_EVENTS)
        return tuple(Lane(kind, name, tuple(marks[kind]), scale) for kind, name in known if kind in marks)

    def _mark(self, happened: Exchange | Event, case: str = "") -> Mark:
        return Mark(happened.started - self._start, happened.duration_s, case)

    @property
    def height(self) -> int:
        """Units of the drawing."""
        return self.LANE * len(self.lanes)

    @property
    def first_wrong(self) -> Mark | None:
        """The first call that was answered wrongly, or not at all where an answer was due."""
        return next((lane.marks[0] for lane in self.lanes if lane.kind == "wrong"), None)

    @property
    def sentences(self) -> list[str]:
        """What the strip shows, in words."""
        record = self._record
        counts = {lane.kind: len(lane.marks) for lane in self.lanes}
        shown = [f"{counts[kind]} {name.lower()}" for kind, name in _CALLS if kind in counts]
        first = f"{record.run.calls} calls in {record.run.duration_s:.1f} s"
        if self._calls and not record.run.calls:
            # Somebody else made and recorded them.
            first = f"{amount(len(self._calls), 'recorded call')} in {self.duration:.1f} s"
        first += f": {', '.join(shown)}" if shown else ""
        if self._calls and record.run.calls not in (0, len(self._calls)):
            first += f" ({len(self._calls)} calls are recorded; of generated requests, only examples are kept)"
        sentences = [f"{first}."]
        if "retry" in counts:
            sentences.append(f"{amount(counts['retry'], 'call')} had to be sent again.")
        waits = [
            event.duration_s for event in record.run.timeline if event.kind == "wait" and event.duration_s >= _SHORT
        ]
        if waits:
            times = {1: "once", 2: "twice"}.get(len(waits), f"{len(waits)} times")
            sentences.append(f"The run waited {times}, {sum(waits):.1f} s{' in all' if waits[1:] else ''}.")
        hooks = [event.duration_s for event in record.run.timeline if event.kind == "hook"]
        if hooks:
            sentences.append(f"{amount(len(hooks), 'request')} to the hook took {sum(hooks):.1f} s.")
        pause, after = self._longest_pause()
        if pause >= _LONG and record.run.calls in (0, len(self._calls)):
            # Where calls aren't recorded, what looks like a pause may have been full of them.
            sentences.append(f"The longest pause between two calls was {pause:.1f} s, {after:.1f} s into the run.")
        return sentences

    def _longest_pause(self) -> tuple[float, float]:
        """How long the longest time without a call was, and when it began."""
        ends = [exchange.started + exchange.duration_s - self._start for exchange, _, _ in self._calls]
        begins = [exchange.started - self._start for exchange, _, _ in self._calls[1:]]
        return max(((begin - end, end) for begin, end in zip(begins, ends, strict=False)), default=(0.0, 0.0))


def _ending(exchange: Exchange, case: CaseResult, number: int) -> str:
    if exchange.response is None:
        return "silent"
    if any(finding.exchange == number and finding.outcome != "tolerated" for finding in case.findings):
        return "wrong"
    return "accepted" if exchange.response.status == _CREATED else "refused"
