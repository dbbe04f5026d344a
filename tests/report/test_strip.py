"""The strip that shows how a run went."""

from __future__ import annotations

from types import ModuleType

from conformance.evidence.exchange import TransportError
from conformance.record.results import Event, Finding
from conformance.report.strip import Strip
from tests.records import changed

START = 1_767_225_600.0


def test_lanes_tell_how_calls_ended(samples: ModuleType) -> None:
    """Accepted, refused, wrongly answered and unanswered calls, waits and hook calls each have a lane."""
    wrong = Finding("x", "failed", "", "", "", exchange=1)
    calls = (
        samples.exchange(started=START),
        samples.exchange(answer=samples.response(404, {}), started=START + 1),
        samples.exchange(answer=samples.response(400, {}), started=START + 2),
        samples.exchange(
            response=None, fault=TransportError("timeout", "no answer"), started=START + 3, duration_s=10.0
        ),
    )
    events = (Event("wait", START + 13, 61.0, "for the allowance"), Event("hook", START + 0.5, 0.25, "device"))
    case = samples.case("c", ("x",), "failed", findings=(wrong,), exchanges=calls)
    strip = Strip(changed(samples.conformant(), cases=(case,), timeline=events, calls=4, duration_s=74.0))

    assert {
        "accepted": [0.0],
        "wrong": [1.0],
        "refused": [2.0],
        "silent": [3.0],
        "wait": [13.0],
        "hook": [0.5],
    } == {lane.kind: [mark.offset for mark in lane.marks] for lane in strip.lanes}
    assert strip.first_wrong is not None
    assert (1.0, "c") == (strip.first_wrong.offset, strip.first_wrong.case)
    assert [
        "4 calls in 74.0 s: 1 accepted, 1 not accepted, 1 answered wrongly, 1 no answer.",
        "The run waited once, 61.0 s.",
        "1 request to the hook took 0.2 s.",
    ] == strip.sentences


def test_retries_have_a_lane(samples: ModuleType) -> None:
    """A call that was sent again shows as that, too, whatever its answer."""
    calls = (samples.exchange(started=START), samples.exchange(started=START + 1, resent=1))
    strip = Strip(changed(samples.conformant(), cases=(samples.case("c", ("x",), exchanges=calls),), duration_s=2.0))

    assert {"accepted": [0.0, 1.0], "retry": [1.0]} == {
        lane.kind: [mark.offset for mark in lane.marks] for lane in strip.lanes
    }
    assert "1 call had to be sent again." == strip.sentences[1]


def test_notes_are_no_retries(samples: ModuleType) -> None:
    """What is noted of a call, that its answer was cut, say, doesn't make it one that was sent again."""
    calls = (samples.exchange(started=START, notes=("the body is cut after 100 bytes",)),)
    strip = Strip(changed(samples.conformant(), cases=(samples.case("c", ("x",), exchanges=calls),), calls=1))

    assert ["accepted"] == [lane.kind for lane in strip.lanes]


def test_recorded_calls(samples: ModuleType) -> None:
    """Of a recording, whose calls the suite didn't make, all are told, in the time that they took."""
    calls = (samples.exchange(started=START, duration_s=0.5), samples.exchange(started=START + 4, duration_s=0.5))
    cases = (
        samples.case("traffic-1", ("x",), exchanges=calls[:1]),
        samples.case("traffic-2", ("x",), exchanges=calls[1:]),
    )
    strip = Strip(changed(samples.conformant(), cases=cases, calls=0, duration_s=0.0, timeline=()))

    assert "2 recorded calls in 4.5 s: 2 accepted." == strip.sentences[0]


def test_waits_are_counted(samples: ModuleType) -> None:
    """How often the run waited is told in words, and how long in all."""
    waits = tuple(Event("wait", START + offset, 2.4, "for the allowance") for offset in range(3))
    told = [Strip(changed(samples.conformant(), timeline=waits[:number])).sentences for number in (1, 2, 3)]

    assert [
        "The run waited once, 2.4 s.",
        "The run waited twice, 4.8 s in all.",
        "The run waited 3 times, 7.2 s in all.",
    ] == [next(sentence for sentence in sentences if "waited" in sentence) for sentences in told]


def test_calls_that_are_not_recorded(samples: ModuleType) -> None:
    """Where more calls were made than are recorded, the reason is told."""
    first, *_ = Strip(changed(samples.conformant(), calls=200)).sentences

    assert first.endswith("(3 calls are recorded; of generated requests, only examples are kept).")


def test_pause_is_told(samples: ModuleType) -> None:
    """The longest time without a call is told, with when it began."""
    calls = tuple(samples.exchange(started=START + offset, duration_s=0.5) for offset in (0, 1, 9))
    strip = Strip(changed(samples.conformant(), cases=(samples.case("c", ("x",), exchanges=calls),), duration_s=9.5))

    assert "The longest pause between two calls was 7.5 s, 1.5 s into the run." == strip.sentences[-1]


def test_marks_fill_the_width(samples: ModuleType) -> None:
    """The drawing spans the run, and no mark lies outside of it."""
    calls = tuple(samples.exchange(started=START + offset, duration_s=1.0) for offset in (0, 9))
    (lane,) = Strip(
        changed(samples.conformant(), cases=(samples.case("c", ("x",), exchanges=calls),), duration_s=10)
    ).lanes

    assert "M0 3h100v14h-100zM900 3h100v14h-100z" == lane.path(0)


def test_run_without_calls(samples: ModuleType) -> None:
    """A run that made no call has a sentence and nothing to draw."""
    strip = Strip(changed(samples.no_verdict(), calls=0, duration_s=0.0))

    assert ((), None) == (strip.lanes, strip.first_wrong)
    assert ["0 calls in 0.0 s."] == strip.sentences
