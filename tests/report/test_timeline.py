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


def test_what_fails_is_noted() -> None:
    """A hook call that fails took its time as well."""
    moments = iter([100.0, 110.0])
    timeline = Timeline(lambda: next(moments))
    with pytest.raises(TimeoutError), timeline.during("hook", "device"):
        raise TimeoutError

    assert timeline.events == (Event("hook", 100.0, 10.0, "device"),)
