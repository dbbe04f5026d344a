"""Every member of the three structures: missing, null, of another type, or out of bounds by one, each one fault."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contract.accepted import judge_accepted
from conformance.contract.task import member_requirements, members

from .exchanges import APP, DEVICE, REMOVED, Path, accepted, broken, command, edited, exchange, task

STRING = {"value": "x", "others": [1, 1.5, True, [], {}, ["x"]]}
INTEGER = {"value": 1, "others": ["1", "", 1.5, True, False, [], {}, "one"]}
OBJECT = {"value": {}, "others": ["x", 1, False, [], [{}]]}
LIST = {"value": [], "others": ["[]", 1, {}, True, "none"]}

FIRST: Path = ("deviceCommands", 0)
INNER: Path = (*FIRST, "command")
ROWS: tuple[tuple[Path, dict[str, Any], bool, tuple[object, ...], tuple[object, ...]], ...] = (
    # path, type, mandatory, values that are right at the bounds, values that are wrong by one
    (("taskId",), STRING, True, ("x", "x" * 64, "é" * 64, "😀" * 64), ("", "x" * 65)),
    (("appId",), STRING, True, (), ("", "x" * 65)),
    (("deviceId",), STRING, True, (), ("", "x" * 65)),
    (("status",), STRING, True, ("WAITING", "RUNNING", "SUCCESS", "FAILED", "PART_SUCCESS"), ("", "success", "DONE")),
    (("totalCount",), INTEGER, True, (0, 2, 2.0, 10**20), (-1,)),
    (("deviceCommands",), LIST, True, ([],), ()),
    ((*FIRST, "commandId"), STRING, True, ("x", "x" * 64), ("", "x" * 65)),
    ((*FIRST, "appId"), STRING, True, (), ("", "x" * 65)),
    ((*FIRST, "deviceId"), STRING, True, (), ("", "x" * 65)),
    (INNER, OBJECT, True, (), ()),
    ((*FIRST, "callbackUrl"), STRING, False, ("", "x" * 1024), ("x" * 1025,)),
    ((*FIRST, "expireTime"), INTEGER, False, (0, 172800, 10**12), (-1,)),
    (
        (*FIRST, "status"),
        STRING,
        True,
        ("DEFAULT", "EXPIRED", "SUCCESSFUL", "FAILED", "TIMEOUT", "CANCELED", "PENDING"),
        ("", "CANCELLED", "pending", "SUCCESS"),
    ),
    ((*FIRST, "result"), OBJECT, False, ({}, {"resultCode": "FAILED", "resultDetail": None}), ()),
    ((*FIRST, "creationTime"), STRING, True, ("2017-02-22T16:40:00Z",), ("2017-02-22T16:40:00UTC",)),
    ((*FIRST, "executeTime"), STRING, False, ("2017-02-22T16:40:00Z",), ("2017-02-22T16:40:00UTC",)),
    ((*FIRST, "platformIssuedTime"), STRING, False, ("2017-02-22T16:40:00Z",), ("2017-02-22T16:40:00UTC",)),
    ((*FIRST, "deliveredTime"), STRING, False, ("2017-02-22T16:40:00Z",), ("2017-02-22T16:40:00UTC",)),
    ((*FIRST, "issuedTimes"), INTEGER, False, (0, 7), (-1,)),
    ((*FIRST, "maxRetransmit"), INTEGER, False, (0, 3), (-1, 4)),
    ((*INNER, "serviceId"), STRING, True, ("x", "x" * 64), ("", "x" * 65)),
    ((*INNER, "method"), STRING, True, ("x", "x" * 128), ("", "x" * 129)),
    ((*INNER, "paras"), OBJECT, True, ({}, {"a": None, "b": [1], "c": {"d": 1.5}}), ()),
)
PATHS = [row[0] for row in ROWS]


def requirement(path: Path) -> str:
    """The requirement that the member at PATH belongs to."""
    return str(members()[tuple(part for part in path if isinstance(part, str))]["x-requirement"])


def in_form(path: Path, value: object) -> list[str]:
    """What is found about the form of members when the one at PATH has VALUE."""
    forms = set(member_requirements())
    return [found for found in broken(accepted(edited(path, value))) if found in forms]


def test_every_member_is_here() -> None:
    """The tests below cover every member of the three structures, each with a requirement of its own."""
    assert sorted(members()) == sorted(tuple(part for part in path if isinstance(part, str)) for path in PATHS)
    assert len(PATHS) == len({requirement(path) for path in PATHS}) == len(member_requirements())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: ".".join(map(str, row[0])))
class TestMember:
    """One member of one structure."""

    def test_absent(self, row: tuple[Any, ...]) -> None:
        """A missing or null member is one fault when it is mandatory, and none when it isn't."""
        path, _, mandatory, _, _ = row
        expected = [requirement(path)] if mandatory else []

        assert [expected, expected] == [broken(accepted(edited(path, value))) for value in (REMOVED, None)]

    def test_type(self, row: tuple[Any, ...]) -> None:
        """A value of any other type is that one fault, and hides nothing else."""
        path, kind, _, _, _ = row
        found = {repr(value): in_form(path, value) for value in kind["others"]}

        assert {repr(value): [requirement(path)] for value in kind["others"]} == found

    def test_bounds(self, row: tuple[Any, ...]) -> None:
        """Values at the bounds are right; values beyond them by one are that one fault."""
        path, _, _, right, wrong = row

        assert {repr(value): [] for value in right} == {repr(value): in_form(path, value) for value in right}
        assert {repr(value): [requirement(path)] for value in wrong} == {
            repr(value): in_form(path, value) for value in wrong
        }

    def test_other_name(self, row: tuple[Any, ...]) -> None:
        """A member under its name in other letter case isn't there."""
        path, kind, mandatory, _, _ = row
        whole = edited(path, REMOVED)
        holder: Any = whole
        for part in path[:-1]:
            holder = holder[part]
        holder[str(path[-1]).upper()] = kind["value"]

        assert ([requirement(path)] if mandatory else []) == broken(accepted(whole))


@pytest.mark.parametrize("value", [None, "x", 1, True, [], [[]]])
def test_element_is_no_object(value: object) -> None:
    """A list with an element that is no object is a wrong list; what was listed can't be told."""
    answer = exchange(201, task() | {"deviceCommands": [command(1), value], "totalCount": 2})
    result = judge_accepted(answer, device_id=DEVICE, app_id=APP)

    assert ["task-device-commands"] == broken(result.judgement)
    assert result.task is not None
    assert result.task.commands is None


def test_every_element_is_judged() -> None:
    """A fault of the last command only is found, and told where it is."""
    judgement = accepted(task(*(command(number) for number in range(299)), command(299, method=1, commandId="")))

    assert ["command-id"] == broken(judgement)
    assert 'deviceCommands[299].commandId is ""' == judgement.findings[0].message


def test_command_information_missing() -> None:
    """Where the command information is missing, its members are untested, not failed."""
    judgement = accepted(edited(INNER, REMOVED))

    assert ["command-command"] == broken(judgement)
    assert {"command-service-id", "command-method", "command-paras"} <= set(judgement.untested)


@pytest.mark.parametrize(
    ("path", "value", "reading"),
    [
        (("status",), "WAITTING", "waiting-spelling"),
        ((*FIRST, "status"), "PENDDING", "pending-status"),
        ((*FIRST, "status"), "SENT", "pending-status"),
        ((*FIRST, "status"), "DELIVERED", "pending-status"),
        ((*INNER, "paras"), '{"value": 12}', "paras-json-string"),
        ((*INNER, "paras"), "{}", "paras-json-string"),
    ],
)
def test_tolerated(path: Path, value: object, reading: str) -> None:
    """What a contradiction of the document explains is tolerated, by name of the reading that explains it."""
    findings = accepted(edited(path, value)).findings

    assert [(requirement(path), "tolerated", reading)] == [(f.requirement, f.outcome, f.reading) for f in findings]


@pytest.mark.parametrize("value", ["", "x", "[]", "1", "null", '"{}"', "{", "{'value': 12}"])
def test_paras_as_other_text(value: str) -> None:
    """A string that holds no JSON object isn't excused."""
    assert ["command-paras"] == broken(accepted(edited((*INNER, "paras"), value)))


def test_failure_beside_tolerance() -> None:
    """A command that fails isn't hidden by another one that is tolerated for the same requirement."""
    assert ["command-status"] == broken(accepted(task(command(1, status="PENDDING"), command(2, status="GONE"))))


@pytest.mark.parametrize(
    "value",
    [
        "20170222T164000Z",
        "20170222T164000",
        "20170222T1640Z",
        "20170222T164000+0800",
        "2017-02-22T16:40:00Z",
        "2017-02-22 16:40:00",
        "20170222T164000.123Z",
        "1487781600",
        "1487781600123",
        "20170222164000",
    ],
)
def test_readable_times(value: str) -> None:
    """Times in the usual spellings of ISO 8601, and seconds or milliseconds since 1970, can be read."""
    assert () == accepted(edited((*FIRST, "creationTime"), value)).findings


@pytest.mark.parametrize("name", ["executeTime", "platformIssuedTime", "deliveredTime"])
def test_empty_times(name: str) -> None:
    """A time that hasn't come yet may be empty: String(20) has no least length."""
    assert () == accepted(edited((*FIRST, name), "")).findings


def test_empty_creation_time() -> None:
    """Every command was created at some time."""
    assert ["command-times-readable"] == broken(accepted(edited((*FIRST, "creationTime"), "")))


@pytest.mark.parametrize(
    "value", ["now", "22/02/2017 16:40", "20171322T164000Z", "20170222T254000Z", "20170222T164061Z", "-1", "N/A"]
)
@pytest.mark.parametrize("name", ["creationTime", "executeTime", "platformIssuedTime", "deliveredTime"])
def test_unreadable_times(name: str, value: str) -> None:
    """A time that can't be read as one is that one fault, whichever time it is."""
    assert ["command-times-readable"] == broken(accepted(edited((*FIRST, name), value)))
