"""Faults in what is said of commands and of errors: contradictions, and what is nobody's business outside."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from conformance.reference.edits import Edit, Fault, around
from conformance.reference.errors import INTERNAL_ERROR, INVALID_CREDENTIALS, INVALID_INPUT, UNKNOWN_DEVICE, Error
from conformance.reference.framing import with_headers
from conformance.reference.store import CANCELED, PENDING
from conformance.reference.structures import time_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.messages import Answer, Request
    from conformance.reference.store import Command
    from conformance.reference.structures import Members

_HOUR = 3600.0
_TRACE = "java.lang.NullPointerException\n\tat com.vendor.iot.CancelService.run(CancelService.java:88)"


def listed(**changed: Callable[[Command], object]) -> Edit:
    """Other values for members of listed commands, made from the commands."""

    def render(inner: Callable[[Command], Members], command: Command) -> Members:
        return {**inner(command), **{name: change(command) for name, change in changed.items()}}

    return around("render_command", render)


def pending(**values: Callable[[Command], object]) -> Edit:
    """The same for those that are pending."""

    def render(inner: Callable[[Command], Members], command: Command) -> Members:
        further = {name: change(command) for name, change in values.items()} if command.status == PENDING else {}
        return {**inner(command), **further}

    return around("render_command", render)


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

    return around("render_error", render)


def _clock_an_hour_slow(inner: Callable[[Request], Answer], request: Request) -> Answer:
    return with_headers(inner(request), ("Date", formatdate(time.time() - _HOUR, usegmt=True)))


FAULTS = (
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
        "Commands are listed as cancelled, and executeTime is before deliveredTime.",
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
        "The answer's Date is an hour slow, so that commands are younger than the answer.",
        around("respond", _clock_an_hour_slow),
    ),
    # ---- errors that show the inside
    Fault(
        "internal-error-shows-trace",
        "error-hides-inside",
        "An internal error is described by its stack trace.",
        described(INTERNAL_ERROR, _TRACE),
    ),
    Fault(
        "invalid-input-shows-parser",
        "error-hides-inside",
        "Invalid input is described by the parser's exception.",
        described(INVALID_INPUT, "com.fasterxml.jackson.core.JsonParseException: Unexpected character ('x')"),
    ),
    Fault(
        "unknown-device-shows-query",
        "error-hides-inside",
        "An unknown device is described by the query that didn't find it.",
        described(UNKNOWN_DEVICE, "no row: SELECT id FROM devices WHERE id = ? AND app_id = ?"),
    ),
    Fault(
        "credentials-show-path",
        "error-hides-inside",
        "Invalid credentials are described by the file that they were looked up in.",
        described(INVALID_CREDENTIALS, "no such key in /etc/gateway/keys.json"),
    ),
    Fault(
        "invalid-input-with-trace",
        "error-hides-inside",
        "A stack trace stands beside the description of invalid input.",
        described(INVALID_INPUT, "The input is invalid.", debug={"trace": _TRACE}),
    ),
)
