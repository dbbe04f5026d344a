"""What one case leaves behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance.case.case import Case
from conformance.evidence.truncation import ANSWER_CUT, LONGEST_BODY
from conformance.exceptions import Blocked
from conformance.record.observation import Inconclusive, Proved, Sampled, TokenShown, Unobserved
from conformance.run.transcript import Transcript
from tests.contract.exchanges import TOKEN, exchange
from tests.verdict.samples import ACCEPTED, INVALID, TIMED_OUT, valid

CASE = Case("case", "It is so.", "chapter", ("request-charset",), ("task-id",))


@pytest.fixture
def transcript() -> Transcript:
    """The transcript of that case."""
    return Transcript(CASE)


def test_calls_are_numbered(transcript: Transcript) -> None:
    """Each call is kept under the index that observations name it by."""
    assert [0, 1] == [transcript.record(one, TOKEN) for one in (ACCEPTED, INVALID)]
    assert [ACCEPTED, INVALID] == transcript.exchanges


def test_token_is_looked_for(transcript: Transcript) -> None:
    """An answer that repeats the token is observed, whatever else the case is about."""
    transcript.record(ACCEPTED, TOKEN)
    transcript.record(exchange(403, {"resultmsg": TOKEN}), TOKEN)

    shown = transcript.evidence("", 0.0, 0).shown
    assert [TokenShown(1, ("the body",)), Sampled(("answer-hides-credentials",), {})] == [
        one.observation for one in shown
    ]


@pytest.mark.parametrize(("answer", "needed"), [(ACCEPTED, False), (INVALID, False), (TIMED_OUT, True)])
def test_health_check(transcript: Transcript, answer: object, needed: bool) -> None:  # noqa: FBT001 (a fact)
    """A call without a complete answer may mean that the target has died; a refusal doesn't."""
    transcript.record(answer, TOKEN)  # type: ignore[arg-type]  # an exchange

    assert needed == transcript.needs_health_check


def test_findings(transcript: Transcript) -> None:
    """What the observations show by themselves tells what has failed so far."""
    transcript.record(INVALID, TOKEN)
    transcript.observe(valid(blame="request-charset"))

    assert ["request-charset"] == [finding.requirement for finding in transcript.findings]
    assert (True, False) == (transcript.failed("task-id", "request-charset"), transcript.failed("task-id"))


MARKS: list[tuple[Callable[[Transcript], None], object]] = [
    (lambda one: one.mark_untested({"b", "a"}, "why"), Unobserved(("a", "b"), "why")),
    (lambda one: one.mark_inconclusive("a", "why"), Inconclusive("a", "why")),
    (lambda one: one.mark_proved("a", "b"), Proved(("a", "b"))),
]


@pytest.mark.parametrize(("mark", "observation"), MARKS)
def test_marks(transcript: Transcript, mark: Callable[[Transcript], None], observation: object) -> None:
    """What a case says outright is an observation like any other, in an order that doesn't depend on chance."""
    mark(transcript)

    assert observation == transcript.evidence("", 0.0, 0).shown[0].observation


def test_skip(transcript: Transcript) -> None:
    """A case with nothing more to say ends with the reason; otherwise it goes on."""
    transcript.skip_if(False, "why")  # noqa: FBT003 (reads as a sentence)
    with pytest.raises(Blocked, match=r"^why$"):
        transcript.skip_if(True, "why")  # noqa: FBT003 (the same)


def test_evidence(transcript: Transcript) -> None:
    """The evidence says which case it is of, how it ended and what it took; long answers are cut."""
    transcript.replay = "ab12"
    transcript.record(exchange(200, b"x" * (LONGEST_BODY + 1)), TOKEN)
    evidence = transcript.evidence("over", 1.5, 3)

    assert ("case", "It is so.", "chapter", ("request-charset",), ("request-charset", "task-id")) == (
        evidence.id,
        evidence.title,
        evidence.chapter,
        evidence.proves,
        evidence.requirements,
    )
    assert ("over", 1.5, 3, "ab12") == (evidence.reason, evidence.duration_s, evidence.calls, evidence.replay)
    assert any(note.startswith(ANSWER_CUT) for note in evidence.exchanges[0].notes)
