"""The task of an accepted call, held against the schemas of the OpenAPI document, member by member."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from conformance.contract import answer as answers
from conformance.contract import documents, names, times
from conformance.contract.judgement import Judgement, failed, tolerated, untested
from conformance.evidence.exchange import Response
from conformance.evidence.finding import Finding

__all__ = ["Command", "Task", "member_requirements", "members", "read_form", "shown"]

MOST_ERRORS = 300
MOST_COMMANDS = 1000
"""An answer with more wrong members or commands is judged by the first ones; a hostile one could have very many."""

LONGEST = 120
TASK = "#/components/schemas/Task"
TIME_MEMBERS = ("creationTime", "executeTime", "platformIssuedTime", "deliveredTime")


@dataclass(frozen=True)
class Command:
    """A listed command: the members that the meaning of the call turns on, None where their form is wrong."""

    id: str | None
    app_id: str | None
    device_id: str | None
    status: str | None


@dataclass(frozen=True)
class Task:
    """The task, None for members whose form is wrong; commands is None when the list is."""

    id: str | None
    app_id: str | None
    device_id: str | None
    status: str | None
    total_count: int | None
    commands: tuple[Command, ...] | None


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(_without_references({"$ref": TASK}))


def _without_references(schema: Any) -> Any:
    """SCHEMA with everything in the place of its $ref: following those takes long where a list has many items."""
    if isinstance(schema, list):
        return [_without_references(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {name: _without_references(part) for name, part in _resolve(schema).items()}


def _resolve(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """SCHEMA with its $ref followed; siblings of the $ref win."""
    while "$ref" in schema:
        target: Any = documents.load().openapi
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


@cache
def members() -> Mapping[tuple[str, ...], Mapping[str, Any]]:
    """Every member of the three structures by its path of names, lists left out: ("deviceCommands", "command", …)."""
    found: dict[tuple[str, ...], Mapping[str, Any]] = {}

    def walk(schema: Mapping[str, Any], path: tuple[str, ...]) -> None:
        schema = _resolve(schema)
        if "items" in schema:
            walk(schema["items"], path)
        for name, member in schema.get("properties", {}).items():
            found[*path, name] = _resolve(member)
            walk(member, (*path, name))

    walk({"$ref": TASK}, ())
    return found


def member_requirements(*, nested: bool | None = None) -> tuple[str, ...]:
    """Ids of the requirements on the form of members; nested: only those inside (True) or outside of the list."""
    return tuple(
        member["x-requirement"]
        for path, member in members().items()
        if "x-requirement" in member and nested in (None, len(path) > 1)
    )


def _names(path: tuple[str | int, ...]) -> tuple[str, ...]:
    return tuple(part for part in path if isinstance(part, str))


def _place(path: tuple[str | int, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def shown(value: Any) -> str:
    """VALUE as JSON, short enough for a line."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"


def _wanted(schema: Mapping[str, Any]) -> str:
    """What the schema of a member asks for, in words."""
    types = schema.get("type", "object")
    wanted = types if isinstance(types, str) else " or ".join(types)
    if "enum" in schema:
        wanted = "one of " + ", ".join(str(value) for value in schema["enum"] if value is not None)
    low, high = schema.get("minLength"), schema.get("maxLength")
    if high is not None:
        wanted += f" of {low} to {high} characters" if low else f" of at most {high} characters"
    if "maximum" in schema:
        wanted += f" from {schema.get('minimum', 0)} to {schema['maximum']}"
    elif "minimum" in schema:
        wanted += f" of {schema['minimum']} or more"
    return wanted


def _json_object(text: Any) -> bool:
    try:
        return isinstance(text, str) and isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _explained(schema: Mapping[str, Any], value: Any) -> str | None:
    """The interpretation that explains VALUE although SCHEMA doesn't allow it, or None."""
    readings = schema.get("x-tolerated", {})
    if isinstance(value, str) and value in readings:
        return str(readings[value])
    if "x-tolerated-json-string" in schema and _json_object(value):
        return str(schema["x-tolerated-json-string"])
    return None


def _misformed(error: ValidationError) -> Iterator[tuple[tuple[str | int, ...], Finding]]:
    """The findings that one schema error stands for, each with the path of the member."""
    path = tuple(error.absolute_path)
    instance: Any = error.instance
    mandatory: Any = error.validator_value if error.validator == "required" else ()
    # One that has none of them isn't a command with so many mistakes, it is no command.
    nothing = bool(path and mandatory) and instance.keys().isdisjoint(mandatory)
    if mandatory and not nothing:
        for name in mandatory:
            if name not in instance:
                schema = members()[(*_names(path), name)]
                where = _place((*path, name))
                yield (
                    (*path, name),
                    failed(
                        schema["x-requirement"], f"{where} is missing", f"{where}: {_wanted(schema)}", "no such member"
                    ),
                )
        return
    schema = members().get(_names(path), {})
    requirement = schema.get("x-requirement")
    if requirement is None:
        return
    where, expected, actual = _place(path), _wanted(schema), shown(instance)
    if nothing:
        expected = f"an object with {', '.join(mandatory)}"
    elif path and isinstance(path[-1], int):
        expected = "an object"
    reading = _explained(schema, instance)
    if reading is not None:
        yield (
            path,
            tolerated(requirement, reading, f"{where} is {actual}, off the table", f"{where}: {expected}", actual),
        )
        return
    yield path, failed(requirement, f"{where} is {actual}", f"{where}: {expected}", f"{where}: {actual}")


def _first_of_each(
    findings: Iterator[tuple[tuple[str | int, ...], Finding]],
) -> tuple[tuple[Finding, ...], set[tuple[str | int, ...]]]:
    """One finding for each requirement and outcome, and the paths of all members that failed."""
    first: dict[tuple[str, str], Finding] = {}
    wrong: set[tuple[str | int, ...]] = set()
    for path, finding in findings:
        first.setdefault((finding.requirement, finding.outcome), finding)
        if finding.outcome == "failed":
            wrong.add(path)
    return tuple(first.values()), wrong


def _times(value: Mapping[str, Any]) -> Iterator[Finding]:
    commands = value.get("deviceCommands")
    for index, command in enumerate(commands if isinstance(commands, list) else ()):
        for name in TIME_MEMBERS:
            text = command.get(name) if isinstance(command, dict) else None
            # String(20) has no least length, and an optional member may say so that it has no value.
            unset = text == "" and name != "creationTime"
            if isinstance(text, str) and not unset and times.read(text) is None:
                where = f"deviceCommands[{index}].{name}"
                yield failed(
                    names.COMMAND_TIMES_READABLE,
                    f"{where} is no time: {shown(text)}",
                    "a time like 20170222T164000Z",
                    shown(text),
                )
                return


@lru_cache(maxsize=2)
def read_form(response: Response) -> tuple[Task, Judgement] | None:
    """The task in RESPONSE, and how it is formed; None where it holds none. Several ask for that of one call."""
    answer = answers.read(response)
    return _judge_form(answer.value) if answer.kind == "task" else None


def _judge_form(value: Mapping[str, Any]) -> tuple[Task, Judgement]:
    """Hold VALUE, the body of an accepted call, against the schemas; the task with what is usable of it."""
    listed = value.get("deviceCommands")
    judged = {**value, "deviceCommands": listed[:MOST_COMMANDS]} if isinstance(listed, list) else value
    errors = islice(_validator().iter_errors(judged), MOST_ERRORS)
    findings, wrong = _first_of_each(item for error in errors for item in _misformed(error))
    unusable = [path for path in wrong if path[:1] == ("deviceCommands",) and not path[2:]]
    reasons: dict[str, str] = {}
    if ("deviceCommands",) in wrong or not isinstance(listed, list):
        reasons = untested(member_requirements(nested=True), "the list of commands could not be read")
    elif not listed:
        reasons = untested(member_requirements(nested=True), "no command was listed")
    elif any(path[-1] == "command" for path in wrong):
        inner = [
            member["x-requirement"] for path, member in members().items() if path[1:2] == ("command",) and path[2:]
        ]
        reasons = untested(inner, "the command information could not be read")

    def usable(holder: Any, name: str, *path: str | int) -> str | None:
        # The type is looked at once more: not everything has been held against the schema.
        found = holder.get(name) if isinstance(holder, dict) and (*path, name) not in wrong else None
        return found if isinstance(found, str) else None

    commands: tuple[Command, ...] | None = None
    if not unusable and isinstance(listed, list):
        commands = tuple(
            Command(
                id=usable(command, "commandId", "deviceCommands", index),
                app_id=usable(command, "appId", "deviceCommands", index),
                device_id=usable(command, "deviceId", "deviceCommands", index),
                status=usable(command, "status", "deviceCommands", index),
            )
            for index, command in enumerate(listed)
        )
    count: Any = value.get("totalCount") if ("totalCount",) not in wrong else None
    task = Task(
        id=usable(value, "taskId"),
        app_id=usable(value, "appId"),
        device_id=usable(value, "deviceId"),
        status=usable(value, "status"),
        total_count=count if type(count) in (int, float) else None,
        commands=commands,
    )
    return task, Judgement((*findings, *_times(value)), reasons)
