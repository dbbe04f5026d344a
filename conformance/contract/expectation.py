"""Every right answer to one generated request, and the judgement of the answer that came."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from conformance.contract import answer as answers
from conformance.contract import codes, names
from conformance.contract.accepted import accepted_requirements, judge_accepted
from conformance.contract.answer import Answer
from conformance.contract.delivery import DELIVERY
from conformance.contract.documents import ErrorRow
from conformance.contract.judgement import Judgement
from conformance.contract.meaning import CANCELED, MustStay, State, judge_listing
from conformance.contract.refused import REFUSED_GENERAL, Refusal, describe, judge_refused
from conformance.contract.statuses import CREATED, FAILED
from conformance.contract.task import Task
from conformance.evidence.exchange import Exchange

__all__ = ["Expectation", "Judged", "judge", "suspects"]

STANDS_FOR = {
    200: (codes.UNKNOWN_DEVICE, codes.UNKNOWN_APPLICATION),
    400: (codes.INVALID_INPUT,),
    401: (codes.INVALID_CREDENTIALS,),
    403: (codes.INVALID_CREDENTIALS, codes.UNKNOWN_APPLICATION),
    404: (codes.UNKNOWN_DEVICE, codes.UNKNOWN_APPLICATION),
    415: (codes.INVALID_INPUT,),
    422: (codes.INVALID_INPUT,),
    500: (codes.NO_APP_KEY,),
}
"""What an answer of this status is meant as, where its code doesn't tell: the first of these that would be right."""


@dataclass(frozen=True)
class Expectation:
    """Every right answer to one request: an error of `refusal`, a task when `accepts` (the deviceId), HTTP's statuses.

    refusal is None where the call must be accepted; blame is then what a refusal breaks. absent: devices that the
    request may be taken to name, and that don't exist. involves: requirements whose violation would spoil the answer
    too; when one of them is known to be broken, it is to blame.
    """

    input_class: str
    refusal: Refusal | None
    accepts: str | None = None
    blame: str = names.CALL_ACCEPTED
    statuses: frozenset[int] = frozenset()
    absent: tuple[str, ...] = ()
    involves: tuple[str, ...] = ()

    def describe(self) -> str:
        """In words, for the "expected" side of a finding."""
        words = ["201 with a task"] if self.accepts is not None else []
        words += self.refusal.right if self.refusal else ()
        return describe([*words, *(f"{status}" for status in sorted(self.statuses))])


@dataclass(frozen=True)
class Judged:
    """A judgement, the requirements it was made by, and the task when the call was carried out."""

    judgement: Judgement
    by: frozenset[str]
    task: Task | None = None


def judge(
    exchange: Exchange,
    expectation: Expectation,
    app_id: str,
    revoked: Collection[str] = (),
    known: Collection[str] = (),
) -> Judged:
    """Judge the answer to a generated request.

    Args:
        exchange: the request with its answer.
        expectation: the answers that are right.
        app_id: the application's own appId.
        revoked: the commands of the request's device, which are all revoked.
        known: requirements that are known to be broken.
    """
    answer = None if exchange.response is None else answers.read(exchange.response)
    if answer is not None and answer.status in expectation.statuses and answer.kind != "task":
        return Judged(Judgement(), frozenset(DELIVERY))
    refusal = expectation.refusal
    if refusal is None and names.CALL_ACCEPTED in known and answer is not None and _fails_anyway(answer):
        expectation = replace(expectation, blame=names.CALL_ACCEPTED)
    carried_out = answer is not None and (
        answer.kind == "task" or (answer.kind == "neither" and answer.status == CREATED)
    )
    for_absent = (
        answer is not None
        and answer.kind == "task"
        and answer.value.get("deviceId") in expectation.absent
        # Where tasks are known to name wrong devices, that doesn't say which one was taken.
        and names.TASK_DEVICE_ID_ECHO not in known
    )
    if refusal is None or (expectation.accepts is not None and carried_out and not for_absent):
        return _accepted(exchange, expectation, app_id, revoked)
    if refusal.row == names.REQUEST_CHARSET in known:
        # Where charsets are known to be refused, a refusal says nothing about what else is in the call.
        refusal = replace(refusal, blames=())
    else:
        broken = [one for one in expectation.involves if one in known]
        refusal = _involved(_meant(refusal, answer, known), answer, broken)
    return Judged(judge_refused(exchange, refusal), frozenset({*refusal.requirements, *REFUSED_GENERAL}))


def _meant(refusal: Refusal, answer: Answer | None, known: Collection[str]) -> Refusal:
    """REFUSAL with the row that a wrong ANSWER seems to stand for: where several are right, that is the broken one.

    Its code may tell, or its status, or that a row is KNOWN to be broken: of those that it may stand for, if it tells.
    """
    if answer is None:
        return refusal
    meant = _rows_meant(refusal, answer)
    broken = [row for row in meant or refusal.rows if row.requirement in known]
    return replace(refusal, row=row.requirement) if (row := next(iter(broken or meant), None)) else refusal


def _rows_meant(refusal: Refusal, answer: Answer) -> list[ErrorRow]:
    """The rows of REFUSAL that ANSWER has something of, its code or its status, the likeliest first."""
    codes = [code for code in (answer.code, *STANDS_FOR.get(answer.status, ())) if code in refusal.codes]
    return sorted((row for row in refusal.rows if row.code in codes), key=lambda row: codes.index(row.code))


def suspects(exchange: Exchange, expectation: Expectation) -> tuple[str, ...]:
    """The rows, by requirement, of which the answer of EXCHANGE may be a wrong form; none where none was right."""
    refusal = expectation.refusal
    if refusal is None or exchange.response is None:
        return ()
    rows = _rows_meant(refusal, answers.read(exchange.response)) or refusal.rows
    return tuple(dict.fromkeys(row.requirement for row in rows))


def _fails_anyway(answer: Answer) -> bool:
    """Whether ANSWER, to a valid call, is one that a target gives to any call now and then."""
    return answer.code in codes.UNPROVEN_CREDENTIALS or answer.status >= FAILED


def _involved(refusal: Refusal, answer: Answer | None, broken: Sequence[str]) -> Refusal:
    """REFUSAL with the one of BROKEN that explains ANSWER: a failure inside, good credentials or a length refused."""
    if answer is None or answer.code in refusal.codes:
        return refusal
    bounds = [one for one in broken if one in names.BOUNDS]
    if bounds and answer.code == codes.INVALID_INPUT:
        return replace(refusal, row=bounds[0])
    refused = answer.code in codes.UNPROVEN_CREDENTIALS
    explaining = [one for one in broken if one not in names.BOUNDS and (one == names.CALL_ACCEPTED) == refused]
    if explaining and (refused or answer.status >= FAILED or answer.code == codes.UNKNOWN_DEVICE):
        return replace(refusal, row=explaining[0])
    return refusal


def _accepted(exchange: Exchange, expectation: Expectation, app_id: str, revoked: Collection[str]) -> Judged:
    device_id, blame = expectation.accepts or "", expectation.blame
    accepted = judge_accepted(exchange, device_id=device_id, app_id=app_id, blame=blame, pending=())
    by = frozenset({*accepted_requirements(), expectation.blame})
    judgement = accepted.judgement
    if accepted.task is not None:
        # The device has nothing pending, so nothing may be listed.
        done = {
            command: MustStay(CANCELED, names.KEEP_FINISHED, if_listed=names.SECOND_CALL_EMPTY) for command in revoked
        }
        judgement = judgement + judge_listing(accepted.task, State((), done), None)
    return Judged(judgement, by, accepted.task)
