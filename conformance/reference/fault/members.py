"""Faults in the members of the three structures: missing, null, mistyped, out of range, misspelt."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformance.reference.edits import Edit, Fault, around
from conformance.reference.structures import Members

_TASK, _COMMAND, _INFORMATION = "answers.task", "answers.command", "answers.information"
_WHERE = {_TASK: "of the task", _COMMAND: "of every command", _INFORMATION: "of every command's information"}


def valued(step: str, member: str, value: object) -> Edit:
    """A fixed value for a member."""
    return around(step, lambda inner, one: {**inner(one), member: value})


def dropped(step: str, member: str) -> Edit:
    """No such member."""
    return around(step, lambda inner, one: {key: value for key, value in inner(one).items() if key != member})


def changed(step: str, member: str, change: Callable[[Any], object]) -> Edit:
    """Another value for a member, made from the right one."""

    def edited(inner: Callable[[object], Members], one: object) -> Members:
        members = inner(one)
        return {**members, member: change(members.get(member))}

    return around(step, edited)


def in_list(change: Callable[[list[Any]], object]) -> Edit:
    """Another list of commands, made from the right one."""
    return changed(_TASK, "deviceCommands", change)


def nth(index: int, change: Callable[[Members], Members]) -> Callable[[list[Any]], object]:
    """Change one command of a list, if there are that many."""
    return lambda commands: [change(one) if at == index else one for at, one in enumerate(commands)]


@dataclass(frozen=True)
class _Member:
    """A member and the values that break it, each with a name and what it is."""

    step: str
    name: str
    requirement: str
    wrong: tuple[tuple[str, object, str], ...]
    mandatory: bool = True

    def faults(self) -> list[Fault]:
        where = f"{self.name} {_WHERE[self.step]}"
        found = [
            Fault(f"{self.requirement}-{name}", self.requirement, f"{where} is {what}.", self._edit(value))
            for name, value, what in self.wrong
        ]
        if self.mandatory:
            found.append(Fault(f"{self.requirement}-null", self.requirement, f"{where} is null.", self._edit(None)))
            found.append(
                Fault(
                    f"{self.requirement}-missing",
                    self.requirement,
                    f"{where} is missing.",
                    dropped(self.step, self.name),
                )
            )
        return found

    def _edit(self, value: object) -> Edit:
        return valued(self.step, self.name, value)


def _text(step: str, name: str, requirement: str, longest: int) -> _Member:
    return _Member(
        step,
        name,
        requirement,
        (
            ("number", 7, "a number"),
            ("empty", "", "empty"),
            ("too-long", "x" * (longest + 1), f"{longest + 1} characters long"),
        ),
    )


def _count(name: str, requirement: str, *, largest: int | None = None) -> _Member:
    wrong: list[tuple[str, object, str]] = [
        ("string", "1", "a number in quotes"),
        ("negative", -1, "-1"),
        ("fraction", 0.5, "0.5"),
    ]
    if largest is not None:
        wrong.append(("too-large", largest + 1, str(largest + 1)))
    return _Member(_COMMAND, name, requirement, tuple(wrong), mandatory=False)


def _time(name: str, requirement: str, *, mandatory: bool = False) -> _Member:
    return _Member(
        _COMMAND,
        name,
        requirement,
        (
            ("number", 1487781600, "a number of seconds"),
            ("too-long", "2017-02-22T16:40:00.0", "21 characters long"),
        ),
        mandatory=mandatory,
    )


_MEMBERS = (
    _text(_TASK, "taskId", "task-id", 64),
    _text(_TASK, "appId", "task-app-id", 64),
    _text(_TASK, "deviceId", "task-device-id", 64),
    _Member(
        _TASK,
        "status",
        "task-status",
        (
            ("unknown", "DONE", "none of the five documented values"),
            ("lower-case", "running", "in lower case"),
            ("number", 1, "a number"),
            ("empty", "", "empty"),
        ),
    ),
    _Member(
        _TASK,
        "totalCount",
        "task-total-count",
        (("negative", -1, "-1"), ("boolean", True, "a boolean")),
    ),
    _Member(
        _TASK,
        "deviceCommands",
        "task-device-commands",
        (("object", {}, "an object"), ("string", "[]", "a string")),
    ),
    _text(_COMMAND, "commandId", "command-id", 64),
    _text(_COMMAND, "appId", "command-app-id", 64),
    _text(_COMMAND, "deviceId", "command-device-id", 64),
    _Member(
        _COMMAND,
        "command",
        "command-command",
        (("string", "SET_STATE", "a string"), ("list", [], "a list")),
    ),
    _Member(
        _COMMAND,
        "callbackUrl",
        "command-callback-url",
        (
            ("too-long", "http://127.0.0.1/" + "x" * 1008, "1025 characters long"),
            ("object", {"url": "http://127.0.0.1/"}, "an object"),
            ("boolean", False, "false"),
        ),
        mandatory=False,
    ),
    _count("expireTime", "command-expire-time"),
    _Member(
        _COMMAND,
        "status",
        "command-status",
        (
            ("unknown", "QUEUED", "not in the document's table"),
            ("lower-case", "pending", "in lower case"),
            ("number", 0, "a number"),
            ("british", "CANCELLED", "spelt CANCELLED"),
        ),
    ),
    _Member(
        _COMMAND,
        "result",
        "command-result",
        (("string", "", "a string"), ("list", [], "a list"), ("number", 0, "a number")),
        mandatory=False,
    ),
    _time("creationTime", "command-creation-time", mandatory=True),
    _time("executeTime", "command-execute-time"),
    _time("platformIssuedTime", "command-platform-issued-time"),
    _time("deliveredTime", "command-delivered-time"),
    _count("issuedTimes", "command-issued-times"),
    _count("maxRetransmit", "command-max-retransmit", largest=3),
    _text(_INFORMATION, "serviceId", "command-service-id", 64),
    _text(_INFORMATION, "method", "command-method", 128),
    _Member(
        _INFORMATION,
        "paras",
        "command-paras",
        (("list", [{"value": "12"}], "a list"), ("string", "value=12", "a string"), ("number", 12, "a number")),
    ),
)


def _tolerated(name: str, requirement: str, description: str, edit: Edit) -> Fault:
    return Fault(name, requirement, description, edit, tolerated=True)


FAULTS = (
    *(fault for member in _MEMBERS for fault in member.faults()),
    Fault(
        "task-total-count-string",
        "task-total-count",
        "totalCount is a number in quotes.",
        changed(_TASK, "totalCount", str),
    ),
    Fault(
        "task-total-count-fraction",
        "task-total-count",
        "totalCount is too large by 0.5.",
        changed(_TASK, "totalCount", lambda count: count + 0.5),
    ),
    Fault(
        "task-members-snake-case",
        "task-device-commands",
        "deviceCommands is called device_commands.",
        around(
            _TASK,
            lambda inner, task: {"device_commands" if k == "deviceCommands" else k: v for k, v in inner(task).items()},
        ),
    ),
    Fault(
        "task-in-envelope",
        "answer-json",
        "The task is one level down, in a member named data.",
        around(_TASK, lambda inner, task: {"data": inner(task)}),
    ),
    Fault(
        "command-list-null-when-empty",
        "task-device-commands",
        "deviceCommands is null when nothing was pending.",
        in_list(lambda commands: commands or None),
    ),
    Fault(
        "command-list-missing-when-empty",
        "task-device-commands",
        "deviceCommands is left out when nothing was pending.",
        around(_TASK, lambda inner, task: {k: v for k, v in inner(task).items() if k != "deviceCommands" or v}),
    ),
    Fault(
        "command-list-object-when-one",
        "task-device-commands",
        "deviceCommands is the command itself when there is one.",
        in_list(lambda commands: commands[0] if len(commands) == 1 else commands),
    ),
    Fault(
        "command-list-of-ids",
        "task-device-commands",
        "deviceCommands lists ids instead of commands.",
        in_list(lambda commands: [one["commandId"] for one in commands]),
    ),
    Fault(
        "command-list-ends-in-null",
        "task-device-commands",
        "A null follows the last command of the list.",
        in_list(lambda commands: [*commands, None] if commands else commands),
    ),
    Fault(
        "command-list-ends-in-empty-object",
        "task-device-commands",
        "An empty object follows the last command of the list.",
        in_list(lambda commands: [*commands, {}] if commands else commands),
    ),
    Fault(
        "command-information-empty",
        "command-command",
        "The information of every command is an empty object.",
        around(_INFORMATION, lambda _inner, _command: {}),
    ),
    Fault(
        "count-null-when-empty",
        "task-total-count",
        "totalCount is null when nothing was pending.",
        changed(_TASK, "totalCount", lambda count: count or None),
    ),
    Fault(
        "status-empty-when-nothing-pending",
        "task-status",
        "status is EMPTY when nothing was pending.",
        around(_TASK, lambda inner, task: {**inner(task), **({} if task.commands else {"status": "EMPTY"})}),
    ),
    Fault(
        "command-list-json-string",
        "task-device-commands",
        "deviceCommands is JSON inside a string.",
        in_list(json.dumps),
    ),
    Fault(
        "second-command-without-id",
        "command-id",
        "The second command of the list has no commandId.",
        in_list(nth(1, lambda one: {key: one[key] for key in one if key != "commandId"})),
    ),
    Fault(
        "second-command-status-misspelt",
        "command-status",
        "The second command of the list has the status Pending.",
        in_list(nth(1, lambda one: {**one, "status": "Pending"})),
    ),
    Fault(
        "last-command-without-information",
        "command-command",
        "The last command of a list of more than one has null for command.",
        in_list(lambda commands: nth(len(commands) - 1 or -1, lambda one: {**one, "command": None})(commands)),
    ),
    Fault(
        "eleventh-command-expire-time-string",
        "command-expire-time",
        "The eleventh command of the list has a string for expireTime.",
        in_list(nth(10, lambda one: {**one, "expireTime": "172800"})),
    ),
    Fault(
        "hundred-and-first-command-issued-times-negative",
        "command-issued-times",
        "The hundred and first command of the list has issuedTimes -1.",
        in_list(nth(100, lambda one: {**one, "issuedTimes": -1})),
    ),
    Fault(
        "command-information-flattened",
        "command-command",
        "The members of command are in the listed command itself.",
        around(_COMMAND, lambda inner, one: _flattened(inner(one))),
    ),
    Fault(
        "creation-time-unreadable",
        "command-times-readable",
        "creationTime is a text that isn't a time.",
        valued(_COMMAND, "creationTime", "a moment ago"),
    ),
    Fault(
        "creation-time-impossible",
        "command-times-readable",
        "creationTime has a thirteenth month.",
        valued(_COMMAND, "creationTime", "20171322T164000Z"),
    ),
    _tolerated(
        "task-status-waitting",
        "task-status",
        "The task's status is WAITTING, as in the document's example.",
        valued(_TASK, "status", "WAITTING"),
    ),
    _tolerated(
        "command-status-pendding",
        "command-status",
        "The commands' status is PENDDING, as in the document's example.",
        valued(_COMMAND, "status", "PENDDING"),
    ),
    _tolerated(
        "command-status-sent",
        "command-status",
        "The commands' status is SENT, which occurs on the wire.",
        valued(_COMMAND, "status", "SENT"),
    ),
    _tolerated(
        "command-paras-json-string",
        "command-paras",
        'paras is a JSON object inside a string, as "jsonString format" can be read.',
        changed(_INFORMATION, "paras", json.dumps),
    ),
)


def _flattened(command: Members) -> Members:
    information = command.pop("command")
    assert isinstance(information, dict)  # noqa: S101 - as rendered a moment ago; this tells the type checker so
    return {**command, **information}
