"""Faults in what is said of commands and of errors: contradictions, and what is nobody's business outside."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

from conformance.reference.edits import Edit, Fault, around
from conformance.reference.errors import INTERNAL_ERROR, INVALID_CREDENTIALS, INVALID_INPUT, UNKNOWN_DEVICE, Error
from conformance.reference.framing import with_headers
from conformance.reference.messages import Answer, Request
from conformance.reference.store import CANCELED, PENDING, Command, Task
from conformance.reference.structures import Members, time_text

_HOUR = 3600.0
_TRACE = "java.lang.NullPointerException\n\tat com.vendor.iot.CancelService.run(CancelService.java:88)"


def listed(**changed: Callable[[Command], object]) -> Edit:
    """Other values for members of listed commands, made from the commands."""

    def render(inner: Callable[[Command], Members], command: Command) -> Members:
        return {**inner(command), **{name: change(command) for name, change in changed.items()}}

    return around("answers.command", render)


def _left(command: Command) -> int | None:
    return command.expire_time and round(command.expire_time - (time.time() - command.created))


def pending(**values: Callable[[Command], object]) -> Edit:
    """The same for those that are pending."""

    def render(inner: Callable[[Command], Members], command: Command) -> Members:
        further = {name: change(command) for name, change in values.items()} if command.status == PENDING else {}
        return {**inner(command), **further}

    return around("answers.command", render)


def at(seconds: float) -> Callable[[Command], object]:
    """The time so many seconds after the command was created."""
    return lambda command: time_text(command.created + seconds)


def described(error: Error, text: str, **further: Any) -> Edit:
    """One error with another description, or with further members."""

    def render(inner: Callable[[Error], Members], one: Error) -> Members:
        members = inner(one)
        if one is not error:
            return members
        return {name: text if name in {"error_desc", "resultmsg"} else was for name, was in members.items()} | further

    return around("answers.error", render)


def _clock_an_hour_slow(inner: Callable[[Request], Answer], request: Request) -> Answer:
    return with_headers(inner(request), ("Date", formatdate(time.time() - _HOUR, usegmt=True)))


def information(change: Callable[[Members], Members]) -> Edit:
    """Other information of listed commands, made from the right one."""
    return around("answers.information", lambda inner, command: change(inner(command)))


def _swapped(members: Members) -> Members:
    return {**members, "serviceId": members["method"], "method": members["serviceId"]}


def _texts_as_numbers(members: Members) -> Members:
    paras = members["paras"]
    assert isinstance(paras, dict)  # noqa: S101 - as rendered a moment ago; this tells the type checker so
    return {**members, "paras": {name: int(one) if str(one).isdigit() else one for name, one in paras.items()}}


def _of_the_newest(inner: Callable[[Task], Members], task: Task) -> Members:
    members = inner(task)
    commands = members["deviceCommands"]
    assert isinstance(commands, list)  # noqa: S101 - as above
    return {**members, "deviceCommands": [{**one, "command": commands[0]["command"]} for one in commands]}


def _month_for_minute(command: Command) -> str:
    right = time_text(command.created)
    month = right[4:6]
    # In the minute of that number it would be right.
    return right[:11] + (month if month != right[11:13] else f"{int(month) - 1:02}") + right[13:]


def _other_half_of_the_day(command: Command) -> str:
    right = time_text(command.created)
    return f"{right[:9]}{(int(right[9:11]) + 12) % 24:02}{right[11:]}"


FAULTS = (
    # ---- what commands were queued with
    Fault(
        "information-swapped",
        "listed-values-true",
        "serviceId and method are swapped.",
        information(_swapped),
    ),
    Fault(
        "information-of-the-newest",
        "listed-values-true",
        "Every command is listed with the information of the newest one.",
        around("answers.task", _of_the_newest),
    ),
    Fault(
        "paras-empty-listed",
        "listed-values-true",
        "The parameters of commands are listed as an empty object.",
        information(lambda members: {**members, "paras": {}}),
    ),
    Fault(
        "paras-as-numbers",
        "listed-values-true",
        "Parameters that are strings of digits are listed as numbers.",
        information(_texts_as_numbers),
    ),
    Fault(
        "service-id-in-small-letters",
        "listed-values-true",
        "serviceId is listed in small letters.",
        information(lambda members: {**members, "serviceId": str(members["serviceId"]).lower()}),
    ),
    Fault(
        "callback-url-dropped",
        "listed-values-true",
        "callbackUrl is listed as null, whatever it was.",
        listed(callbackUrl=lambda _command: None),
    ),
    Fault(
        "callback-url-cut",
        "listed-values-true",
        "callbackUrl is listed without its path.",
        listed(callbackUrl=lambda command: (command.callback_url or "").rpartition("/")[0]),
    ),
    Fault(
        "expire-time-in-milliseconds",
        "listed-values-true",
        "expireTime is listed in milliseconds.",
        listed(expireTime=lambda command: command.expire_time and command.expire_time * 1000),
    ),
    Fault(
        "expire-time-that-is-left",
        "listed-values-true",
        "expireTime is listed as the seconds that are left of it.",
        listed(expireTime=_left),
    ),
    Fault(
        "expire-time-always-default",
        "listed-values-true",
        "expireTime is listed as 48 hours, whatever it was.",
        listed(expireTime=lambda _command: 172_800),
    ),
    Fault(
        "expire-time-dropped",
        "listed-values-true",
        "expireTime is listed as null, whatever it was.",
        listed(expireTime=lambda _command: None),
    ),
    Fault(
        "max-retransmit-changed",
        "listed-values-true",
        "maxRetransmit is listed as three minus its value.",
        listed(maxRetransmit=lambda one: None if one.max_retransmit is None else 3 - one.max_retransmit),
    ),
    Fault(
        "max-retransmit-dropped",
        "listed-values-true",
        "maxRetransmit is never listed.",
        listed(maxRetransmit=lambda _command: None),
    ),
    Fault(
        "creation-time-month-for-minute",
        "listed-values-true",
        "creationTime has the month in place of the minute.",
        listed(creationTime=_month_for_minute),
    ),
    Fault(
        "creation-time-of-twelve-hours",
        "listed-values-true",
        "The hour of creationTime is twelve hours off.",
        listed(creationTime=_other_half_of_the_day),
    ),
    Fault(
        "creation-time-in-another-zone",
        "listed-values-true",
        "creationTime is in another zone, but is marked as UTC.",
        listed(creationTime=at(8 * _HOUR)),
    ),
    Fault(
        "creation-time-of-the-answer",
        "listed-values-true",
        "creationTime is a minute too late, as if it were another command's.",
        listed(creationTime=at(60)),
    ),
    # ---- commands that contradict themselves
    Fault(
        "pending-with-delivered-time",
        "listed-pending-undelivered",
        "Pending commands are listed with a deliveredTime.",
        pending(deliveredTime=at(0)),
    ),
    Fault(
        "pending-with-execute-time",
        "listed-pending-undelivered",
        "Pending commands are listed with an executeTime.",
        pending(executeTime=at(0)),
    ),
    Fault(
        "pending-issued-once",
        "listed-pending-undelivered",
        "Pending commands are listed as issued once.",
        pending(issuedTimes=lambda _command: 1),
    ),
    Fault(
        "issued-before-creation",
        "listed-times-in-order",
        "platformIssuedTime is an hour before creationTime.",
        listed(platformIssuedTime=at(-_HOUR)),
    ),
    Fault(
        "executed-before-delivery",
        "listed-times-in-order",
        "Commands are listed as cancelled, with an executeTime before their deliveredTime.",
        listed(
            status=lambda _command: CANCELED,
            platformIssuedTime=at(0),
            deliveredTime=at(60),
            executeTime=at(30),
        ),
    ),
    Fault(
        "clock-an-hour-slow",
        "listed-creation-time-past",
        "The answer's Date is an hour slow, so commands seem to be created after the answer.",
        around("respond", _clock_an_hour_slow),
    ),
    # ---- errors that show the inside
    Fault(
        "100001-shows-trace",
        "error-hides-inside",
        "The description of an internal error is its stack trace.",
        described(INTERNAL_ERROR, _TRACE),
    ),
    Fault(
        "100022-shows-parser",
        "error-hides-inside",
        "The description of invalid input is the parser's exception.",
        described(INVALID_INPUT, "com.fasterxml.jackson.core.JsonParseException: Unexpected character ('x')"),
    ),
    Fault(
        "100418-shows-query",
        "error-hides-inside",
        "The description of an unknown device is the SQL query that didn't find it.",
        described(UNKNOWN_DEVICE, "no row: SELECT id FROM devices WHERE id = ? AND app_id = ?"),
    ),
    Fault(
        "1010005-shows-path",
        "error-hides-inside",
        "The description of invalid credentials names the file in which they were looked up.",
        described(INVALID_CREDENTIALS, "no such key in /etc/gateway/keys.json"),
    ),
    Fault(
        "100022-with-trace",
        "error-hides-inside",
        "A stack trace follows the description of invalid input.",
        described(INVALID_INPUT, "The input is invalid.", debug={"trace": _TRACE}),
    ),
)
