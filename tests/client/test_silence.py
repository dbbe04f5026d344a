"""A target, or its hook, that answers nothing in time."""

from __future__ import annotations

import pytest

from conformance.client.silence import MOST_TIMEOUTS, Silence
from conformance.evidence.exchange import Exchange, Request, TransportError
from conformance.exceptions import Blocked

TARGET, HOOK = "https://platform.example", "http://hook.example"


def exchange(kind: str | None) -> Exchange:
    """A call that wasn't answered, for a fault of that KIND; answered where there is none."""
    fault = None if kind is None else TransportError(kind, "no answer")
    return Exchange(Request("POST", TARGET, (), b""), None, fault, 0.0, 0.0)


def test_too_many() -> None:
    """Each time-out counts, whatever is answered in time in between; the last one that is borne ends the run."""
    silence = Silence()
    for _ in range(MOST_TIMEOUTS - 1):
        silence.note(TARGET, exchange("timeout"))
        silence.note(TARGET, exchange(None))
        silence.check()
    silence.note(TARGET, exchange("timeout"))

    assert f"{MOST_TIMEOUTS} calls weren't answered in time; the rest wasn't tried" == silence.reason
    with pytest.raises(Blocked, match="weren't answered in time"):
        silence.check()


def test_by_origin() -> None:
    """Target and hook are told apart: neither is given up for what the other leaves unanswered."""
    silence = Silence()
    for origin in (TARGET, HOOK):
        for _ in range(MOST_TIMEOUTS - 1):
            silence.note(origin, exchange("timeout"))

    assert "" == silence.reason


@pytest.mark.parametrize("kind", ["unreachable", "broken", "oversized"])
def test_other_faults(kind: str) -> None:
    """Faults that cost no time aren't counted."""
    silence = Silence()
    for _ in range(MOST_TIMEOUTS):
        silence.note(TARGET, exchange(kind))

    assert "" == silence.reason
