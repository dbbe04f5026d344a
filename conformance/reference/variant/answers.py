"""Variants in the members of tasks, commands and errors, and in how they are written as JSON."""

from __future__ import annotations

import itertools
import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from conformance.reference import structures
from conformance.reference.behaviour import Behaviour
from conformance.reference.call import Call
from conformance.reference.edits import Edit, Variant, around, together, wrap
from conformance.reference.errors import INVALID_INPUT, UNKNOWN_DEVICE, Error, Refusal
from conformance.reference.store import CANCELED, PENDING, Command, Device
from conformance.reference.structures import Members, time_text

_TASK, _COMMAND, _INFORMATION, _ERROR = "answers.task", "answers.command", "answers.information", "answers.error"

_OPTIONAL = (
    "callbackUrl",
    "expireTime",
    "result",
    "executeTime",
    "platformIssuedTime",
    "deliveredTime",
    "issuedTimes",
    "maxRetransmit",
)
_TIMES = ("executeTime", "platformIssuedTime", "deliveredTime")
_VALUELESS: dict[str, Any] = {"callback_url": None, "expire_time": None, "max_retransmit": None}
_FILLED = {"result": {"resultCode": "0", "resultDetail": {}}, **dict.fromkeys(_TIMES, "")}


def queued_with(**values: Any) -> Edit:
    """Have every command queued with these values, so that they are what is listed of it in truth."""

    def edit(behaviour: Behaviour) -> None:
        def new(inner: Callable[..., Command], device: Device, status: str = PENDING) -> Command:
            return replace(inner(device, status), **values)

        wrap(behaviour.store, "new_command", new)

    return edit


def telling(**values: Any) -> Edit:
    """Have every command tell its device these values; what else it tells it stays."""

    def edit(behaviour: Behaviour) -> None:
        def new(inner: Callable[..., Command], device: Device, status: str = PENDING) -> Command:
            command = inner(device, status)
            return replace(command, information=replace(command.information, **values))

        wrap(behaviour.store, "new_command", new)

    return edit


def members(step: str, **values: object) -> Edit:
    """Fixed values for members, in addition or in place of the usual ones."""
    return around(step, lambda inner, one: {**inner(one), **values})


def _valueless(command: Command, names: Iterable[str]) -> set[str]:
    """Those of NAMES for which COMMAND wasn't queued with a value: what it was queued with, an answer must tell."""
    return set(names) - {name for name, value in structures.queued_values(command).items() if value is not None}


def lacking(names: tuple[str, ...]) -> Edit:
    """Without some members of commands, where they have no value."""

    def lack(inner: Callable[[Command], Members], command: Command) -> Members:
        without = _valueless(command, names)
        return {key: value for key, value in inner(command).items() if key not in without}

    return around(_COMMAND, lack)


def null(names: tuple[str, ...]) -> Edit:
    """Null for some members of commands, where they have no value."""

    def nullify(inner: Callable[[Command], Members], command: Command) -> Members:
        return {**inner(command), **dict.fromkeys(_valueless(command, names))}

    return around(_COMMAND, nullify)


def without_nulls(inner: Callable[[Command], Members], command: Command) -> Members:
    """Without the members that are null."""
    return {key: value for key, value in inner(command).items() if value is not None}


def _default_validity(inner: Callable[[Command], Members], command: Command) -> Members:
    members = inner(command)
    return {**members, "expireTime": 172800 if members["expireTime"] is None else members["expireTime"]}


def _extended_time(inner: Callable[[Command], Members], command: Command) -> Members:
    basic = time_text(command.created)
    date = f"{basic[:4]}-{basic[4:6]}-{basic[6:8]}"
    return {**inner(command), "creationTime": f"{date}T{basic[9:11]}:{basic[11:13]}:{basic[13:]}"}


def _reversed(value: object) -> object:
    if isinstance(value, dict):
        return {key: _reversed(one) for key, one in reversed(value.items())}
    return [_reversed(one) for one in value] if isinstance(value, list) else value


def written(**options: Any) -> Edit:
    """Write JSON with other options."""
    return around("answers.encode", lambda _inner, value: json.dumps(value, **options).encode())


def _escaped_slashes(inner: Callable[[object], bytes], value: object) -> bytes:
    return inner(value).replace(b"/", b"\\/")


def _described(text: str) -> Edit:
    def render(inner: Callable[[Error], Mapping[str, object]], error: Error) -> Members:
        return {key: text if key in {"error_desc", "resultmsg"} else one for key, one in inner(error).items()}

    return around(_ERROR, render)


def _service_envelope(_inner: object, error: Error) -> Members:
    return {"error_code": error.code, "error_desc": error.description}


def _gateway_envelope(_inner: object, error: Error) -> Members:
    return {"resultcode": error.code, "resultmsg": error.description}


def _numbered(behaviour: Behaviour) -> None:
    number = itertools.count(100_000_001)
    wrap(behaviour, "revocation.new_task_id", lambda _inner: str(next(number)))
    wrap(behaviour.store, "new_id", lambda _inner: str(next(number)))


def _longest(behaviour: Behaviour) -> None:
    wrap(behaviour, "revocation.new_task_id", lambda _inner: secrets.token_hex(32))
    wrap(behaviour.store, "new_id", lambda _inner: secrets.token_hex(32))


def _urns(behaviour: Behaviour) -> None:
    # An id that can't have been allocated is refused as invalid, before it is looked for.
    number = itertools.count(350_000_000_000_001)
    wrap(behaviour.store, "new_id", lambda _inner: f"urn:imei:{next(number)}")

    def check(inner: Callable[[Call], None], call: Call) -> None:
        if not re.fullmatch(r"urn:imei:\d{15}", call.device_id):
            raise Refusal(INVALID_INPUT if ":" in call.device_id else UNKNOWN_DEVICE)
        inner(call)

    wrap(behaviour, "check_device", check)


_NULL_OR_ABSENT = (
    "The document's example has null for members without a value; the platform was seen to leave them out."
)
_FURTHER = "The tables don't say that there are no other members."
_JSON = "The same JSON can be written in many ways."
_TEXTS = "Clients go by codes; the texts differ between versions and languages."
_STRUCTURE = "The document gives error codes and no structure; the platform was seen to use two."
_IDS = "Ids are strings of 1 to 64 characters; the document says no more."
_BOUND = "The bounds of the tables are inclusive."
_OBJECT = "ObjectNode may be any object."

VARIANTS = (
    Variant("optional-null", _NULL_OR_ABSENT, together(queued_with(**_VALUELESS), null(_OPTIONAL))),
    Variant("optional-absent", _NULL_OR_ABSENT, together(queued_with(**_VALUELESS), lacking(_OPTIONAL))),
    Variant(
        "optional-filled",
        "The table has a value for every member.",
        together(queued_with(expire_time=172800, max_retransmit=3), members(_COMMAND, **_FILLED)),
    ),
    Variant("null-absent", _NULL_OR_ABSENT, around(_COMMAND, without_nulls)),
    Variant(
        "callback-url-absent", _NULL_OR_ABSENT, together(queued_with(callback_url=None), lacking(("callbackUrl",)))
    ),
    Variant("callback-url-empty", "String(1024) has no lower bound.", queued_with(callback_url="")),
    Variant("callback-url-1024", _BOUND, queued_with(callback_url="http://127.0.0.1/" + "x" * 1007)),
    Variant(
        "expire-time-default",
        "48 hours is the validity of a command that was queued without one.",
        around(_COMMAND, _default_validity),
    ),
    Variant("expire-time-zero", _BOUND, queued_with(expire_time=0)),
    Variant("expire-time-large", "Integer(>=0) has no upper bound.", queued_with(expire_time=2**53)),
    Variant("result-empty", _OBJECT, members(_COMMAND, result={})),
    Variant("issued-times-absent", _NULL_OR_ABSENT, lacking(("issuedTimes",))),
    Variant(
        "issued-times-five",
        "Integer(>=0) has no upper bound.",
        members(_COMMAND, issuedTimes=5, status=CANCELED),
    ),
    *(
        Variant(f"max-retransmit-{count}", "Integer(0-3), both bounds inclusive.", queued_with(max_retransmit=count))
        for count in (0, 1, 3)
    ),
    Variant(
        "max-retransmit-null",
        _NULL_OR_ABSENT,
        together(queued_with(max_retransmit=None), null(("maxRetransmit",))),
    ),
    Variant(
        "times-extended",
        "String(20) has room for the extended form of a time, 2017-02-22T16:40:00Z.",
        around(_COMMAND, _extended_time),
    ),
    Variant("times-empty", "String(20) has no lower bound.", members(_COMMAND, **dict.fromkeys(_TIMES, ""))),
    Variant(
        "task-with-word-of-success",
        "The tables don't say that there are no other members.",
        members(_TASK, resultcode="0", resultmsg="success"),
    ),
    Variant("times-absent", _NULL_OR_ABSENT, lacking(_TIMES)),
    Variant("paras-empty", _OBJECT, telling(paras={})),
    Variant(
        "paras-nested",
        "The format of paras depends on the application and the device.",
        telling(paras={"Grüße": {"值": [1, 2.5, True, None, "✓"]}}),
    ),
    Variant("names-longest", _BOUND, telling(service_id="s" * 64, method="m" * 128)),
    Variant(
        "names-not-ascii",
        "String(1-64) isn't ASCII alone.",
        telling(service_id="Schaltgerät", method="开关"),
    ),
    Variant("further-task-members", _FURTHER, members(_TASK, createTime="20170222T164000Z", deviceCommandsRead=None)),
    Variant("further-command-members", _FURTHER, members(_COMMAND, platformIssuedCount=0, extra={"a": [1]})),
    Variant("further-information-members", _FURTHER, members(_INFORMATION, hasMore=0, mid=17)),
    Variant("further-error-members", _FURTHER, members(_ERROR, request_id="0a1b2c", details=[])),
    Variant("members-reversed", _JSON, around("answers.encode", lambda inner, value: inner(_reversed(value)))),
    Variant("members-sorted", _JSON, written(sort_keys=True)),
    Variant("json-escaped", _JSON, written(ensure_ascii=True)),
    Variant("json-escaped-slashes", _JSON, around("answers.encode", _escaped_slashes)),
    Variant("json-indented", _JSON, written(indent=4, ensure_ascii=False)),
    Variant(
        "json-trailing-newline", _JSON, around("answers.encode", lambda inner, value: b"\r\n " + inner(value) + b"\n")
    ),
    Variant("errors-of-the-service", _STRUCTURE, around(_ERROR, _service_envelope)),
    Variant("errors-of-the-gateway", _STRUCTURE, around(_ERROR, _gateway_envelope)),
    Variant("errors-described-otherwise", _TEXTS, _described("Something is wrong; see the manual.")),
    Variant("errors-in-chinese", _TEXTS, _described("请求被拒绝。")),
    *(
        Variant(f"errors-described-{name}", _TEXTS, _described(text))
        for name, text in (
            (
                "with-a-link",
                "Select a device from those in the list; where it went wrong, see https://docs.example/errors/a/b.html#c.",
            ),
            (
                "by-the-call",
                "POST /iocm/app/cmd/v1.4.0/deviceCommandCancelTasks: deviceId (String 1-64) at line 1, column 14.",
            ),
            ("by-a-class-of-error", "IllegalArgumentException"),
        )
    ),
    Variant("ids-numeric", _IDS, _numbered),
    Variant("ids-64-characters", _IDS, _longest),
    Variant("ids-as-urns", _IDS, _urns),
)
