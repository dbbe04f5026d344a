"""What a task lists of its commands, held against what they were queued with."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.contract.values import VALUES, Queued, judge_values

COMMAND: dict[str, Any] = {"serviceId": "Switch", "method": "SET", "paras": {"value": "12", "list": [1, {"a": None}]}}
QUEUED = Queued(COMMAND, "http://app/1", 3600, 2, "20170222T164000Z")
LISTED: dict[str, Any] = {
    "commandId": "c1",
    "command": COMMAND,
    "callbackUrl": "http://app/1",
    "expireTime": 3600,
    "maxRetransmit": 2,
    "creationTime": "20170222T164000Z",
    "status": "PENDING",
}
UNSAID = "the provider doesn't say what commands were queued with"


def broken(listed: dict[str, Any], queued: Queued = QUEUED) -> list[str]:
    """The members that are untrue in a task that lists this one command."""
    judgement = judge_values({"deviceCommands": [listed]}, {"c1": queued})
    assert {"listed-values-true"} >= {finding.requirement for finding in judgement.findings}
    return [finding.actual.partition(": ")[0].removeprefix("deviceCommands[0].") for finding in judgement.findings]


def test_true() -> None:
    """A command that is listed as it was queued breaks nothing, and every value was compared."""
    judgement = judge_values({"deviceCommands": [LISTED]}, {"c1": QUEUED})

    assert ((), {}) == (judgement.findings, judgement.untested)


@pytest.mark.parametrize(
    ("member", "value", "untrue"),
    [
        ("command", {**COMMAND, "serviceId": "SET", "method": "Switch"}, ["command.serviceId", "command.method"]),
        ("command", {**COMMAND, "serviceId": "switch"}, ["command.serviceId"]),
        ("command", {**COMMAND, "paras": {}}, ["command.paras"]),
        ("command", {**COMMAND, "paras": {"value": 12, "list": [1, {}]}}, ["command.paras"]),
        ("command", {**COMMAND, "paras": {"value": "12", "list": [True, {}]}}, ["command.paras"]),
        ("command", {**COMMAND, "paras": {"value": "12", "list": [1]}}, ["command.paras"]),
        ("command", {**COMMAND, "paras": {**COMMAND["paras"], "more": 0}}, ["command.paras"]),
        ("command", {**COMMAND, "paras": '{"value": "13"}'}, ["command.paras"]),
        ("callbackUrl", None, ["callbackUrl"]),
        ("callbackUrl", "", ["callbackUrl"]),
        ("callbackUrl", "http://app/", ["callbackUrl"]),
        ("expireTime", 3_600_000, ["expireTime"]),
        ("expireTime", None, ["expireTime"]),
        ("expireTime", 172_800, ["expireTime"]),
        ("maxRetransmit", 3, ["maxRetransmit"]),
        ("maxRetransmit", None, ["maxRetransmit"]),
        ("creationTime", "20170222T160200Z", ["creationTime"]),  # the month for the minute
        ("creationTime", "20170222T044000Z", ["creationTime"]),  # a clock of twelve hours
        ("creationTime", "20170223T004000Z", ["creationTime"]),  # another zone
        ("creationTime", "20170222T164000+0100", ["creationTime"]),
        ("creationTime", "20170222T164002Z", ["creationTime"]),
        ("creationTime", "20170222T1638Z", ["creationTime"]),
        ("creationTime", "20170222T1641Z", ["creationTime"]),
        ("creationTime", "2017-02-22T12:34:00", ["creationTime"]),
    ],
)
def test_untrue(member: str, value: Any, untrue: list[str]) -> None:
    """A member that is listed otherwise than it was queued is found, and no other one."""
    assert untrue == broken({**LISTED, member: value})


@pytest.mark.parametrize("member", ["callbackUrl", "expireTime", "maxRetransmit"])
def test_absent_is_null(member: str) -> None:
    """A member that is left out is like one that is null."""
    rest = {name: value for name, value in LISTED.items() if name != member}

    assert broken({**LISTED, member: None}) == broken(rest) != []


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("command", {**COMMAND, "paras": {"value": "12", "list": [1.0, {}], "none": None}}),
        ("command", {**COMMAND, "paras": json.dumps(COMMAND["paras"])}),
        ("command", {**COMMAND, "further": 1}),
        ("expireTime", 3600.0),
        ("creationTime", "2017-02-22T16:40:00Z"),
        ("creationTime", "20170222T174000+0100"),
        ("creationTime", "20170222T164001Z"),
        ("creationTime", "20170222T1640Z"),  # to the minute, as far as it goes
        ("creationTime", "2017-02-22T18:40:00"),  # without a zone it may be the time of another
        ("creationTime", "1487781600"),
    ],
)
def test_other_spellings(member: str, value: Any) -> None:
    """The same value in another spelling is true."""
    assert [] == broken({**LISTED, member: value})


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("command", "SET"),
        ("command", None),
        ("command", {"serviceId": 1, "method": None, "paras": []}),
        ("command", {**COMMAND, "serviceId": "s" * 65, "method": "m" * 129}),
        ("callbackUrl", 7),
        ("callbackUrl", "x" * 1025),
        ("expireTime", "3600"),
        ("expireTime", -1),
        ("expireTime", 0.5),
        ("maxRetransmit", True),
        ("maxRetransmit", 4),
        ("creationTime", "2017-02-22T16:39:00.0Z"),
        ("creationTime", "a moment ago"),
        ("creationTime", 1487781600),
        ("creationTime", None),
    ],
)
def test_wrong_form(member: str, value: Any) -> None:
    """Whether a member has the right form is another matter."""
    assert [] == broken({**LISTED, member: value})


def test_unknown_values_are_not_compared() -> None:
    """What the provider doesn't say of a command isn't compared."""
    assert ["command.method"] == broken(LISTED, Queued({"method": "other"}, expire_time=3600))
    assert [] == broken({**LISTED, "callbackUrl": "x", "maxRetransmit": 0}, Queued(expire_time=3600))


def test_nothing_to_compare() -> None:
    """Where nothing could be compared, the requirement stays untested."""
    judgement = judge_values({"deviceCommands": [{**LISTED, "expireTime": "x"}]}, {"c1": Queued(expire_time=3600)})

    assert ((), {VALUES: UNSAID}) == (judgement.findings, judgement.untested)


@pytest.mark.parametrize("commands", [[], [{**LISTED, "commandId": "c2"}], [{**LISTED, "commandId": 1}], ["c1", None]])
def test_other_commands(commands: list[Any]) -> None:
    """Commands that nothing is known of leave everything untested."""
    judgement = judge_values({"deviceCommands": commands}, {"c1": QUEUED})

    assert ((), {VALUES: UNSAID}) == (judgement.findings, judgement.untested)


def test_no_list() -> None:
    """Without a list there is nothing to compare."""
    judgement = judge_values({"deviceCommands": None}, {"c1": QUEUED})

    assert {VALUES: "the list of commands could not be read"} == judgement.untested


def test_message() -> None:
    """The finding says which member of which command is wrong, and what it was queued with, once for each kind."""
    wrong = {**LISTED, "expireTime": 3_600_000}
    judgement = judge_values({"deviceCommands": [LISTED, wrong, wrong]}, {"c1": QUEUED})
    (finding,) = judgement.findings

    assert (
        "deviceCommands[1].expireTime is 3600000, but the command was queued with 3600",
        "deviceCommands[1].expireTime: 3600",
        "deviceCommands[1].expireTime: 3600000",
    ) == (finding.message, finding.expected, finding.actual)
