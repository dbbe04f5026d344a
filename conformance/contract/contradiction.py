"""Finds where the commands of one answer contradict themselves: what can't be true whatever stood on the target."""

from __future__ import annotations

import email.utils
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from conformance.contract import names, times
from conformance.contract.bounds import LONGEST_TIME
from conformance.contract.judgement import Judgement, failed, untested
from conformance.contract.meaning import UNDELIVERED
from conformance.contract.task import shown
from conformance.evidence.exchange import Exchange
from conformance.evidence.finding import Finding

__all__ = ["CONTRADICTIONS", "judge_contradictions"]

UNDELIVERED_ONLY = names.LISTED_PENDING_UNDELIVERED
ORDER, AHEAD = names.LISTED_TIMES_IN_ORDER, names.LISTED_CREATION_TIME_PAST
CONTRADICTIONS = (UNDELIVERED_ONLY, ORDER, AHEAD)
"""Ids of the requirements that an answer is judged by here."""

IN_ORDER = ("creationTime", "platformIssuedTime", "deliveredTime", "executeTime")
BY_ITS_CLOCK, BY_OURS = 60.0, 86_400.0
"""Seconds that a command may be younger than its answer by: machines of a platform keep roughly one time, while its
clock and the suite's may differ by much."""


def judge_contradictions(value: Mapping[str, Any], exchange: Exchange) -> Judgement:
    """Judge the commands in VALUE, the body of the accepted call EXCHANGE, by themselves and by the answer's time."""
    commands = value.get("deviceCommands")
    if not isinstance(commands, list) or not commands:
        return Judgement((), untested(CONTRADICTIONS, "no command was listed"))
    first: dict[str, Finding] = {}
    now = _answered(exchange)
    for index, command in enumerate(commands):
        for finding in _of_one(f"deviceCommands[{index}]", command, now) if isinstance(command, dict) else ():
            first.setdefault(finding.requirement, finding)
    return Judgement(tuple(first.values()), {AHEAD: "it isn't known when the call was answered"} if now is None else {})


def _answered(exchange: Exchange) -> tuple[float, float, str] | None:
    """(seconds since the epoch when it was answered, how far off that may be, whose clock says so), None: not known."""
    given = exchange.response.header("Date") if exchange.response else None
    try:
        date = email.utils.parsedate_to_datetime(given).timestamp() if given else 0.0
    except (ValueError, TypeError, OverflowError):
        date = 0.0
    if date > 0:
        return date, BY_ITS_CLOCK, f"the answer's Date, {given}"
    if exchange.started > 0:
        return exchange.started + exchange.duration_s, BY_OURS, "the suite's clock"
    return None


def _of_one(place: str, command: Mapping[str, Any], now: tuple[float, float, str] | None) -> Iterator[Finding]:
    if isinstance(status := command.get("status"), str) and status in UNDELIVERED:
        yield from _undelivered(place, command)
    known = [(name, time) for name in IN_ORDER if (time := _time(command.get(name))) is not None]
    for (earlier, one), (later, other) in pairwise(known):
        if one.zoned == other.zoned and one.seconds > other.seconds + other.open + times.ROUNDING:
            words = f"{place}.{later}, {shown(command[later])}, is before {earlier}, {shown(command[earlier])}"
            yield failed(ORDER, words, f"{earlier} not after {later}", f"{later} before {earlier}")
    created = _time(command.get("creationTime"))
    if created is not None and now is not None:
        answered, tolerance, clock = now
        if created.seconds > answered + tolerance + (0 if created.zoned else times.ZONES):
            words = f"{place}.creationTime, {shown(command['creationTime'])}, is later than {clock}"
            yield failed(AHEAD, words, "a time before the answer", shown(command["creationTime"]))


def _undelivered(place: str, command: Mapping[str, Any]) -> Iterator[Finding]:
    status = command["status"]
    for name in ("deliveredTime", "executeTime"):
        if _time(command.get(name)) is not None:
            words = f"{place} is {status} and has the {name} {shown(command[name])}"
            yield failed(UNDELIVERED_ONLY, words, f"no {name} while it is {status}", shown(command[name]))
    count = command.get("issuedTimes")
    if isinstance(count, (int, float)) and not isinstance(count, bool) and count > 0:
        words = f"{place} is {status} and was issued {shown(count)} times"
        yield failed(UNDELIVERED_ONLY, words, f"issuedTimes 0 while it is {status}", shown(count))


def _time(text: Any) -> times.Instant | None:
    """The instant that TEXT names; None where it is no time, or of a form that is another matter."""
    return times.read(text) if isinstance(text, str) and len(text) <= LONGEST_TIME else None
