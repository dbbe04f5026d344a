"""Commands of an answer that contradict themselves, or the time of the answer."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contract.contradiction import CONTRADICTIONS, judge_contradictions
from conformance.evidence.exchange import Exchange, Request, Response

NOW = 1487781600.0
"""2017-02-22T16:40:00Z."""

DATE = "Wed, 22 Feb 2017 16:40:00 GMT"
PENDING: dict[str, Any] = {
    "status": "PENDING",
    "creationTime": "20170222T163000Z",
    "executeTime": None,
    "platformIssuedTime": None,
    "deliveredTime": None,
    "issuedTimes": 0,
}


def exchange(date: str | None, started: float = NOW) -> Exchange:
    """A call that was answered with that Date."""
    headers = () if date is None else (("date", date),)
    return Exchange(
        Request("POST", "http://t", (), None), Response(201, "", "HTTP/1.1", headers, b""), None, started, 0.5
    )


def broken(command: dict[str, Any], date: str | None = DATE, started: float = NOW) -> list[str]:
    """What an answer breaks that lists this one command."""
    judgement = judge_contradictions({"deviceCommands": [command]}, exchange(date, started))
    return [finding.requirement for finding in judgement.findings]


def test_nothing_contradicts_itself() -> None:
    """A pending command that was created before the answer and has no further times is as it should be."""
    judgement = judge_contradictions({"deviceCommands": [PENDING]}, exchange(DATE))

    assert ((), {}) == (judgement.findings, judgement.untested)


@pytest.mark.parametrize("status", ["PENDING", "DEFAULT", "PENDDING"])
@pytest.mark.parametrize("member", ["deliveredTime", "executeTime"])
def test_pending_and_delivered(status: str, member: str) -> None:
    """A command that waits hasn't been delivered or executed."""
    assert ["listed-pending-undelivered"] == broken({**PENDING, "status": status, member: "20170222T163500Z"})


@pytest.mark.parametrize("count", [1, 3, 1.0])
def test_pending_and_issued(count: float) -> None:
    """A command that waits hasn't been issued."""
    assert ["listed-pending-undelivered"] == broken({**PENDING, "issuedTimes": count})


@pytest.mark.parametrize(
    "changed",
    [
        {"deliveredTime": ""},
        {"deliveredTime": " "},
        {"deliveredTime": 7},
        {"deliveredTime": "never"},
        {"deliveredTime": "2017-02-22T16:35:00.0Z"},  # longer than it may be
        {"issuedTimes": -1},
        {"issuedTimes": "1"},
        {"issuedTimes": True},
        {"issuedTimes": None},
        {"platformIssuedTime": "20170222T163500Z"},
        {"status": "CANCELED", "deliveredTime": "20170222T163500Z", "issuedTimes": 5},
        {"status": "SENT", "issuedTimes": 1},
        {"status": None, "issuedTimes": 1},
        {"status": ["PENDING"], "issuedTimes": 1},
    ],
)
def test_nothing_to_contradict(changed: dict[str, Any]) -> None:
    """No value, one of a wrong form, and a command that waits no longer are no contradictions."""
    assert [] == broken({**PENDING, **changed})


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("creationTime", "platformIssuedTime"),
        ("creationTime", "executeTime"),
        ("platformIssuedTime", "deliveredTime"),
        ("deliveredTime", "executeTime"),
    ],
)
def test_out_of_order(earlier: str, later: str) -> None:
    """What comes later isn't timed earlier."""
    times = {earlier: "20170222T163000Z", later: "2017-02-22T16:29:00Z"}
    command = {**PENDING, "status": "CANCELED", "creationTime": "20170222T162000Z"}

    assert ["listed-times-in-order"] == broken({**command, **times})
    assert [] == broken({**command, earlier: times[later], later: times[earlier]})


@pytest.mark.parametrize(
    ("issued", "delivered"),
    [("20170222T163001Z", "20170222T163000Z"), ("2017-02-22T17:30:00", "20170222T163000Z"), ("later", "1")],
)
def test_order_that_is_not_known(issued: str, delivered: str) -> None:
    """A second is a matter of rounding; a time without a zone, and what is no time, can't be put in order."""
    assert [] == broken({**PENDING, "status": "CANCELED", "platformIssuedTime": issued, "deliveredTime": delivered})


@pytest.mark.parametrize(
    ("created", "date", "ahead"),
    [
        ("20170222T164059Z", DATE, False),
        ("20170222T164101Z", DATE, True),
        ("20170223T004000Z", DATE, True),
        ("20170223T004000Z", None, False),
        ("20170223T163900Z", None, False),
        ("20170223T164500Z", None, True),
        ("20170223T163900Z", "no date at all", False),
        ("20170223T164500Z", "Wed, 99 Feb 2017 16:40:00 GMT", True),
        ("2017-02-23T06:39:00", DATE, False),
        ("2017-02-23T06:42:00", DATE, True),
        ("soon", DATE, False),
        (None, DATE, False),
    ],
)
def test_created_after_the_answer(created: str | None, date: str | None, *, ahead: bool) -> None:
    """A minute after the answer's Date, or a day after the suite's own clock, no listed command can have been made."""
    expected = ["listed-creation-time-past"] if ahead else []

    assert expected == broken({**PENDING, "creationTime": created}, date)


def test_answer_without_a_time() -> None:
    """A recorded call of which nobody knows when it was made says nothing about the time of creation."""
    judgement = judge_contradictions({"deviceCommands": [PENDING]}, exchange(None, started=0.0))

    assert {"listed-creation-time-past": "it isn't known when the call was answered"} == judgement.untested


@pytest.mark.parametrize("commands", [None, [], {}])
def test_no_commands(commands: object) -> None:
    """Without a command nothing can contradict itself."""
    judgement = judge_contradictions({"deviceCommands": commands}, exchange(DATE))

    assert dict.fromkeys(CONTRADICTIONS, "no command was listed") == judgement.untested


def test_one_finding_of_a_kind() -> None:
    """Many commands with the same contradiction are told once, with the first one's place."""
    wrong = {**PENDING, "issuedTimes": 1}
    judgement = judge_contradictions({"deviceCommands": [PENDING, "x", wrong, wrong]}, exchange(DATE))
    (finding,) = judgement.findings

    assert "deviceCommands[2] is PENDING and was issued 1 times" == finding.message
