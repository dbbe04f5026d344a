"""What is noted of a run while it goes on."""

from __future__ import annotations

import pytest

from conformance.record.results import Event
from conformance.record.timeline import Timeline


def test_events_in_their_order() -> None:
    """Each event has its beginning and its duration, and they come in the order in which they began."""
    moments = iter([100.0, 101.0, 104.0])
    timeline = Timeline(lambda: next(moments))
    with timeline.during("hook", "device"):
        timeline.waiting(61.0, "for the allowance")

    assert timeline.events == (Event("hook", 100.0, 4.0, "device"), Event("wait", 101.0, 61.0, "for the allowance"))


def test_handed_over() -> None:
    """What is handed to another process is handed over once, and the other one adds it to its own."""
    moments = iter([2.0, 1.0, 3.0])
    first, second = Timeline(lambda: next(moments)), Timeline(lambda: next(moments))
    first.waiting(1.0, "b")
    second.waiting(1.0, "a")
    second.add(first.hand_over())
    first.waiting(1.0, "c")

    assert ["a", "b"] == [event.words for event in second.events]
    assert ["c"] == [event.words for event in first.hand_over()]


def test_what_fails_is_noted() -> None:
    """A request to the hook that fails took its time as well."""
    moments = iter([100.0, 110.0])
    timeline = Timeline(lambda: next(moments))
    with pytest.raises(TimeoutError), timeline.during("hook", "device"):
        raise TimeoutError

    assert timeline.events == (Event("hook", 100.0, 10.0, "device"),)
