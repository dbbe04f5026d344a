"""From what a request is to the answers that are right, and the judgement of the answer that came."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from conformance.case.refusals import LOOKED_FOR_THERE
from conformance.contract import answer as answers
from conformance.contract.accepted import accepted_requirements, judge_accepted
from conformance.contract.answer import Answer
from conformance.contract.delivery import DELIVERY
from conformance.contract.judgement import Judgement
from conformance.contract.meaning import CANCELED, Kept, State, judge_listing
from conformance.contract.refused import REFUSED_GENERAL, Refusal, judge_refused
from conformance.contract.task import Task
from conformance.exchange import Exchange
from conformance.generated.deviation import BOUNDS, DEVICE, DEVICE_UNKNOWN, INVALID, LONGEST, Reading
from conformance.generated.example import Values

__all__ = ["Expectation", "Judged", "expect", "judge"]

FAILED = 500
SHORT = 16
"""Characters. A deviceId longer than this, and no longest one, shows neither bound."""

CREDENTIAL_CODES = frozenset({"1010005", "100220"})
STANDS_FOR = {
    200: (DEVICE_UNKNOWN, "100203"),
    400: (INVALID,),
    401: ("1010005",),
    403: ("1010005", "100203"),
    404: (DEVICE_UNKNOWN, "100203"),
    415: (INVALID,),
    422: (INVALID,),
    500: ("100220",),
}
"""What an answer of this status is meant as, where its code doesn't tell: the first of these that would be right."""

IDENTIFYING = ("generated-app-id", "generated-app-key", "generated-token")
"""Classes of requests that say wrongly who calls, or for whom."""


@dataclass(frozen=True)
class Expectation:
    """Every right answer to one request: an error of `refusal`, a task when `accepts` (the deviceId), HTTP's statuses.

    refusal is None where the call must be accepted; blame is then what a refusal breaks.
    """

    strand: str
    refusal: Refusal | None
    accepts: str | None = None
    blame: str = "call-accepted"
    statuses: frozenset[int] = frozenset()
    absent: tuple[str, ...] = ()
    """Devices that the request may be taken to name, and that don't exist."""

    involves: tuple[str, ...] = ()
    """As in Reading."""

    def describe(self) -> str:
        """In words, for the "expected" side of a finding."""
        words = ["201 with a task"] if self.accepts is not None else []
        words += [self.refusal.describe()] if self.refusal else []
        return " or ".join([*words, *(f"{status}" for status in sorted(self.statuses))])


@dataclass(frozen=True)
class Judged:
    """A judgement, the requirements it was made by, and the task when the call was carried out."""

    judgement: Judgement
    by: frozenset[str]
    task: Task | None = None


def expect(reading: Reading, values: Values) -> Expectation:
    """What is right for a request that reads so, at a target that has VALUES."""
    return replace(_expect(reading, values), involves=reading.involves)


def _expect(reading: Reading, values: Values) -> Expectation:
    """What is right for a request that reads so, at a target that has VALUES.

    Where several things are wrong, any error is right that the table has for one of them (check-order).
    """
    strict = [deviation for deviation in reading.deviations if not deviation.tolerable]
    codes = {code: None for deviation in reading.deviations for code in deviation.codes}
    statuses = frozenset[int]().union(*(deviation.statuses for deviation in reading.deviations))
    exists = values.exists and values.device_id in reading.device_ids
    if any(device_id != values.device_id or not values.exists for device_id in reading.device_ids):
        codes[DEVICE_UNKNOWN] = None
    if strict:
        first = strict[0]
        # That the device isn't there means that the input was taken as valid, or who calls for somebody known.
        telling = first.codes == (INVALID,) or first.strand in IDENTIFYING
        blames = ((DEVICE_UNKNOWN, first.accepted),) if telling and DEVICE_UNKNOWN not in codes else ()
        refusal = Refusal(tuple(codes), first.accepted, first.wrong, blames)
        if first.strand == "generated-app-id":
            # Or that it was looked for in the application that the appId names.
            refusal = replace(refusal, blames=(), explained=LOOKED_FOR_THERE if blames else ())
        return Expectation(first.strand, refusal, statuses=statuses)
    if not reading.deviations:
        if exists:
            return Expectation("generated-json-spelling", None, values.device_id, reading.shows)
        device_id = next(iter(reading.device_ids), "")
        wrong = reading.shows if reading.shows == "request-charset" else DEVICE
        refusal = Refusal(tuple(codes), "device-known", wrong, _bounds(device_id))
        return Expectation("generated-device-id-plain", refusal)
    # A body that can't be decoded isn't read any further, whatever its content type says.
    encoded = [deviation for deviation in reading.deviations if deviation.strand == "generated-body-encoding"]
    first = (*encoded, *reading.deviations)[0]
    # All of it may be passed over, so that being carried out is wrong for one reason alone: there is no such device.
    coerced = ((DEVICE_UNKNOWN, first.coerced),) if first.coerced and DEVICE_UNKNOWN not in codes else ()
    refusal = Refusal(tuple(codes), "device-known", first.wrong, coerced)
    absent = tuple(one for one in reading.device_ids if one != values.device_id)
    return Expectation(first.strand, refusal, values.device_id if exists else None, first.wrong, statuses, absent)


def _bounds(device_id: str) -> tuple[tuple[str, str], ...]:
    """Refusing a plain deviceId as invalid breaks the bound that it comes near, unless it is of digits alone."""
    if SHORT < len(device_id) < LONGEST or device_id.isdigit():
        return ()
    return ((INVALID, "device-id-min-length" if len(device_id) <= SHORT else "device-id-max-length"),)


def judge(exchange: Exchange, expectation: Expectation, values: Values, known: Collection[str] = ()) -> Judged:
    """Judge the answer of a target that has VALUES; KNOWN are requirements that are known to be broken."""
    answer = None if exchange.response is None else answers.read(exchange.response)
    if answer is not None and answer.status in expectation.statuses and answer.kind != "task":
        return Judged(Judgement(), frozenset(DELIVERY))
    refusal = expectation.refusal
    carried_out = answer is not None and (
        answer.kind == "task" or (answer.kind == "neither" and answer.status == answers.CREATED)
    )
    for_absent = (
        answer is not None
        and answer.kind == "task"
        and answer.value.get("deviceId") in expectation.absent
        # Where tasks are known to name wrong devices, that doesn't say which one was taken.
        and "task-device-id-echo" not in known
    )
    if refusal is None or (expectation.accepts is not None and carried_out and not for_absent):
        return _accepted(exchange, expectation, values)
    refusal = _involved(_meant(refusal, answer, known), answer, [one for one in expectation.involves if one in known])
    return Judged(judge_refused(exchange, refusal), frozenset({*refusal.requirements, *REFUSED_GENERAL}))


def _meant(refusal: Refusal, answer: Answer | None, known: Collection[str]) -> Refusal:
    """REFUSAL with the row that a wrong ANSWER seems to stand for: where several are right, that is the broken one.

    Its code may tell, or its status, or that a row is KNOWN to be broken: of those that it may stand for, if it tells.
    """
    if answer is None:
        return refusal
    codes = [code for code in (answer.code, *STANDS_FOR.get(answer.status, ())) if code in refusal.codes]
    meant = sorted((row for row in refusal.rows if row.code in codes), key=lambda row: codes.index(row.code))
    broken = [row for row in meant or refusal.rows if row.requirement in known]
    return replace(refusal, row=row.requirement) if (row := next(iter(broken or meant), None)) else refusal


def _involved(refusal: Refusal, answer: Answer | None, broken: Sequence[str]) -> Refusal:
    """REFUSAL with the one of BROKEN that explains ANSWER: a failure inside, good credentials or a length refused."""
    if answer is None or answer.code in refusal.codes:
        return refusal
    bounds = [one for one in broken if one in BOUNDS]
    if bounds and answer.code == INVALID:
        return replace(refusal, row=bounds[0])
    refused = answer.code in CREDENTIAL_CODES
    explaining = [one for one in broken if one not in BOUNDS and (one == "call-accepted") == refused]
    if explaining and (refused or answer.status >= FAILED or answer.code == DEVICE_UNKNOWN):
        return replace(refusal, row=explaining[0])
    return refusal


def _accepted(exchange: Exchange, expectation: Expectation, values: Values) -> Judged:
    device_id, blame = expectation.accepts or "", expectation.blame
    accepted = judge_accepted(exchange, device_id=device_id, app_id=values.app_id, blame=blame, pending=())
    by = frozenset({*accepted_requirements(), expectation.blame})
    judgement = accepted.judgement
    if accepted.task is not None:
        # The device has nothing pending, so nothing may be listed.
        done = {command: Kept(CANCELED, "keep-finished", listed="second-call-empty") for command in values.revoked}
        judgement = judgement + judge_listing(accepted.task, State((), done), None)
    return Judged(judgement, by, accepted.task)
