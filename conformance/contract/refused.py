"""Judges the answer to a call that must be refused: for the documented reason, and for no other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.contract import answer as answers
from conformance.contract import documents, names
from conformance.contract.delivery import DELIVERY, SECRECY, judge_delivery
from conformance.contract.documents import ErrorRow
from conformance.contract.inside import INSIDE, judge_inside
from conformance.contract.judgement import Judgement, failed, tolerated, untested
from conformance.contract.label import judge_label, judge_members
from conformance.contract.statuses import CREATED
from conformance.evidence.exchange import Exchange
from conformance.evidence.finding import Finding

__all__ = ["REFUSED_GENERAL", "Refusal", "describe", "judge_refused"]

ENVELOPE = (
    names.ERROR_JSON,
    names.ERROR_MEDIA_TYPE,
    names.ERROR_ENVELOPE,
    names.ERROR_DESCRIPTION,
    names.ANSWER_JSON_UNIQUE_MEMBERS,
    names.ERROR_NO_TASK,
    INSIDE,
)
REFUSED_GENERAL = (*DELIVERY, SECRECY, *ENVELOPE)
"""Ids of every requirement that any refusal is judged by, beside its error row and what the case is about."""


@dataclass(frozen=True)
class Refusal:
    """What a refusal must look like.

    codes: the error codes, any of which is right, under each status that the table gives it. accepted: the requirement
    that is broken when the call is carried out, or its input taken as valid, instead. row: the requirement that is
    broken when the refusal is another one. blames: for some other codes a requirement that tells more than the row
    does; 100418 where the input is invalid, for instance, shows that it was taken as valid. explained: for some other
    codes the interpretation by which the document itself explains them. statuses: HTTP's own answers that are right
    too, whatever their body.
    """

    codes: tuple[str, ...]
    accepted: str
    row: str
    blames: tuple[tuple[str, str], ...] = ()
    explained: tuple[tuple[str, str], ...] = ()
    statuses: frozenset[int] = frozenset()

    @property
    def rows(self) -> tuple[ErrorRow, ...]:
        """The rows of the error table that are right."""
        return documents.load().answers(*self.codes)

    @property
    def requirements(self) -> tuple[str, ...]:
        """The requirements that this refusal is specific to."""
        return tuple(dict.fromkeys((self.row, self.accepted, *(requirement for _, requirement in self.blames))))

    def blamed(self, answer: answers.Answer) -> str | None:
        """The requirement that ANSWER tells more of than the row does; None where there is none."""
        return _for_row(answer, self.blames)

    def reading(self, answer: answers.Answer) -> str | None:
        """The interpretation that explains ANSWER; None where there is none."""
        return _for_row(answer, self.explained)

    @property
    def right(self) -> tuple[str, ...]:
        """Each right answer in a few words: the row's own, then all others."""
        rows = sorted(self.rows, key=lambda row: (row.requirement != self.row, row.code != self.codes[0]))
        return (*(f"{row.status} with code {row.code}" for row in rows), *map(str, sorted(self.statuses)))

    def describe(self) -> str:
        """The refusal in a few words, for the "expected" side of a finding."""
        return describe(self.right)


def describe(right: Sequence[str]) -> str:
    """The answers that are RIGHT, the first of them before all others."""
    first, *others = right or ("",)
    return f"{first} (also right: {', '.join(others)})" if others else first


def _for_row(answer: answers.Answer, known: tuple[tuple[str, str], ...]) -> str | None:
    """What is KNOWN of the code of ANSWER, if that is a row of the table as it stands there.

    The code of one row under the status of another is a mistake in that row, and tells nothing else.
    """
    found = dict(known).get(answer.code or "")
    if found is None or answer.code is None:
        return None
    return found if answer.status in {row.status for row in documents.load().answers(answer.code)} else None


def judge_refused(exchange: Exchange, refusal: Refusal) -> Judgement:
    """Judge the answer to a call that must be refused by REFUSAL."""
    delivery = judge_delivery(exchange)
    if exchange.response is None:
        beyond = (*ENVELOPE, *refusal.requirements)
        return delivery + Judgement((), untested(beyond, "there was no complete answer"))
    return delivery + _judge(answers.read(exchange.response), refusal)


def _judge(answer: answers.Answer, refusal: Refusal) -> Judgement:
    expected, actual = refusal.describe(), answer.describe()
    if answer.status in refusal.statuses and answer.kind != "task":
        return Judgement((), untested(ENVELOPE, "HTTP itself refused the call, which takes no error code"))
    if answer.kind == "task" or (answer.kind == "neither" and answer.status == CREATED):
        rest = untested((*ENVELOPE, *refusal.requirements), "the call was not refused")
        del rest[refusal.accepted]
        return Judgement((failed(refusal.accepted, f"the call was carried out: {actual}", expected, actual),), rest)
    if answer.undecided:
        return Judgement(tuple(_carried(answer, refusal)), untested(refusal.requirements, "the answer has two codes"))
    blamed = refusal.blamed(answer)
    if blamed is not None:
        rest = untested(refusal.requirements, "the call was refused for another reason")
        rest.pop(blamed)
        mistake = failed(blamed, f"the call was answered {actual}", expected, actual)
        return Judgement((mistake, *_carried(answer, refusal)), rest)
    if answer.kind == "error":
        return Judgement((*_right_row(answer, refusal), *_carried(answer, refusal)))
    return _unreadable(answer, refusal)


def _right_row(answer: answers.Answer, refusal: Refusal) -> Iterator[Finding]:
    if (answer.status, answer.code) not in {(row.status, row.code) for row in refusal.rows}:
        expected, actual, reading = refusal.describe(), answer.describe(), refusal.reading(answer)
        message = f"the call was answered {actual}"
        if reading is None:
            yield failed(refusal.row, message, expected, actual)
        else:
            yield tolerated(refusal.row, reading, message, expected, actual)


def _carried(answer: answers.Answer, refusal: Refusal) -> Iterator[Finding]:
    """How an error is carried, whichever it is."""
    if answer.kind != "error":
        return
    yield from _labelled(answer)
    if answer.envelope_problem is not None:
        yield failed(
            names.ERROR_ENVELOPE,
            answer.envelope_problem,
            f'{{"error_code": "{refusal.codes[0]}", "error_desc": "…"}}',
            answer.envelope_problem,
        )
    elif answer.description_missing:
        yield failed(names.ERROR_DESCRIPTION, "the error has no description", "error_desc or resultmsg", "none")
    yield from judge_members(answer)
    yield from judge_inside(answer).findings
    if answer.task_members[1:] or not {"taskId", "totalCount", "deviceCommands"}.isdisjoint(answer.task_members):
        members = ", ".join(answer.task_members)
        yield failed(names.ERROR_NO_TASK, f"the error carries members of a task: {members}", "an error only", members)


def _labelled(answer: answers.Answer) -> Iterator[Finding]:
    return judge_label(answer, "the error", names.ERROR_MEDIA_TYPE)


def _unreadable(answer: answers.Answer, refusal: Refusal) -> Judgement:
    """No code can be made out. The status tells whether the refusal is another one, or only badly written."""
    actual = answer.describe()
    rest = untested((*ENVELOPE, *refusal.requirements), "no error code could be made out in the answer")
    if answer.status not in {row.status for row in refusal.rows}:
        culprit = failed(refusal.row, f"the call was answered {actual}", refusal.describe(), actual)
    elif answer.not_json is not None:
        culprit = failed(
            names.ERROR_JSON,
            f"the error's body is no JSON object: {answer.not_json}",
            "one JSON object",
            actual,
        )
    else:
        message = "the error's body carries no code, neither in error_code nor in resultcode"
        culprit = failed(names.ERROR_ENVELOPE, message, f"code {refusal.codes[0]} as a string", actual)
    rest.pop(culprit.requirement)
    labelled = tuple(_labelled(answer)) if culprit.requirement == names.ERROR_ENVELOPE else ()
    return Judgement((culprit, *labelled), rest)
