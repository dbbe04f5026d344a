"""What is known of a run as a whole."""

from __future__ import annotations

from conformance.verdict.facts import facts_of

from .samples import ACCEPTED, TIMED_OUT, evidence, valid


def test_what_calls_break_alone() -> None:
    """What a call breaks on its own isn't due to calls at the same time, in whatever case it is found."""
    together = evidence("burst-for-one-device", valid(blame="concurrent-calls"), exchanges=(TIMED_OUT,))
    alone = evidence("control-last", valid(), exchanges=(TIMED_OUT,))

    assert "answer-in-time" not in facts_of([together]).broken_alone
    assert "answer-in-time" in facts_of([together, alone]).broken_alone


def test_control() -> None:
    """The plain valid call was accepted if the first case's was; without that case, nothing says otherwise."""
    assert facts_of([]).controlled
    assert facts_of([evidence("control-first", valid(), exchanges=(ACCEPTED,))]).controlled
    assert not facts_of([evidence("control-first", valid(), exchanges=(TIMED_OUT,))]).controlled
