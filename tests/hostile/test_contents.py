"""Complete answers whose body no client can read."""

from __future__ import annotations

import codecs
import json
import time

import pytest

from conformance.client.channel import LARGEST_ANSWER
from conformance.contract import body as bodies
from conformance.contract.accepted import judge_accepted
from conformance.contract.meaning import State, judge_listing
from conformance.evidence.exchange import Exchange, Request, Response

TASK = {
    "taskId": "task-1",
    "appId": "app-1",
    "deviceId": "device-1",
    "status": "SUCCESS",
    "totalCount": 0,
    "deviceCommands": [],
}
TEXT = json.dumps(TASK)
LARGEST_NESTING = 100
MOST_SECONDS = 20.0


def _command(number: int, **others: object) -> dict[str, object]:
    return {
        "commandId": f"command-{number}",
        "appId": "app-1",
        "deviceId": "device-1",
        "command": {"serviceId": "s", "method": "m", "paras": {}},
        "status": "PENDING",
        "creationTime": "20170505T094818Z",
        **others,
    }


def _answer(body: bytes, *headers: tuple[str, str]) -> Exchange:
    response = Response(201, "Created", "HTTP/1.1", (("Content-Type", "application/json"), *headers), body)
    return Exchange(Request("POST", "http://target/", (), b"{}"), response, None, 0.0, 0.0)


def _broken(body: bytes) -> dict[str, str]:
    """The requirements that a valid call answered with BODY breaks, each with the message."""
    judgement = judge_accepted(_answer(body), device_id="device-1", app_id="app-1").judgement
    return {finding.requirement: finding.message for finding in judgement.failures}


def _nested(levels: int) -> bytes:
    return b'{"taskId": ' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


NO_JSON = {
    "binary": (bytes(range(256)), "not UTF-8 (byte 128)"),
    "invalid UTF-8": (TEXT.replace("task-1", "task-\xff").encode("latin-1"), "not UTF-8 (byte 17)"),
    "UTF-16": (TEXT.encode("utf-16"), "not UTF-8 (byte 0)"),
    "UTF-16 without a mark": (TEXT.encode("utf-16-be"), "Expecting value: line 1 column 1 (char 0)"),
    "a byte order mark": (codecs.BOM_UTF8 + TEXT.encode(), "a byte order mark stands before the JSON text"),
    "NaN": (TEXT.replace("0", "NaN").encode(), "NaN is no JSON number"),
    "Infinity": (TEXT.replace("0", "-Infinity").encode(), "-Infinity is no JSON number"),
    "100000 levels": (_nested(100_000), "nested deeper than 100 levels"),
    "101 levels": (_nested(LARGEST_NESTING + 1), "nested deeper than 100 levels"),
    "a million digits": (TEXT.replace("0", "1" * 10**6).encode(), "a number of 1000000 digits"),
    "a million values": (b'{"deviceCommands": [' + b"0," * 10**6 + b"0]}", "more than 500000 values"),
    "two texts": (TEXT.encode() * 2, f"Extra data: line 1 column {len(TEXT) + 1} (char {len(TEXT)})"),
    "a list": (b"[" + TEXT.encode() + b"]", "not an object but a list"),
    "HTML": (b"<html><script>alert(1)</script></html>", "Expecting value: line 1 column 1 (char 0)"),
    "nothing": (b"", "the body is empty"),
    "nothing but space": (b" " * LARGEST_ANSWER, "the body is empty"),
    "a string of quotes": (b'"' * LARGEST_ANSWER, "Extra data: line 1 column 3 (char 2)"),
}


@pytest.mark.parametrize("name", NO_JSON)
def test_unreadable_body_breaks_answer_json(name: str) -> None:
    """A body that is no JSON object in UTF-8 breaks that requirement alone, and the message says why it is none."""
    body, why = NO_JSON[name]
    started = time.monotonic()
    assert {"answer-json": f"the body is no JSON object: {why}"} == _broken(body)
    assert time.monotonic() - started < MOST_SECONDS


def test_deepest_nesting_is_read() -> None:
    """A body that is nested just as deep as is still read is JSON, and no task."""
    assert {"answer-json": "the body's object is no task"} == _broken(_nested(LARGEST_NESTING))


def test_every_nesting_is_survived() -> None:
    """At no depth does a body exhaust the recursion of parser, schema or words."""
    for levels in range(1, 1200, 7):
        for body in (_nested(levels), b'{"deviceCommands": [], "status": ' + _nested(levels) + b"}"):
            assert _broken(body)


def test_repeated_members_are_told_once() -> None:
    """A name that an object has twice breaks its requirement; a hundred thousand such names are told by the first."""
    body = TEXT[:-1].encode() + b"".join(b', "n%d": 0, "n%d": 1' % (n, n) for n in range(50_000)) + b"}"
    started = time.monotonic()
    broken = _broken(body)
    assert {"answer-json-unique-members": "an object has two members n0, n1, n10"} == broken
    assert time.monotonic() - started < MOST_SECONDS


@pytest.mark.parametrize(
    "raw",
    [
        b"[" + b"[]," * 166_000 + b"0]",
        b"[" + b'{"":0},' * 166_000 + b"0]",
        b"1." + b"1" * (LARGEST_ANSWER - 2),
        b"1e" + b"9" * (LARGEST_ANSWER - 2),
        b'"' + b"a" * (LARGEST_ANSWER - 10) + "\U0001f600".encode() + b'"',
        b'"' + b"\\ud800" * (LARGEST_ANSWER // 6 - 1) + b'"',
    ],
)
def test_costly_json_is_read_in_time(raw: bytes) -> None:
    """The costliest texts within the limits take seconds at most."""
    started = time.monotonic()
    assert () == bodies.parse(raw).repeated
    assert time.monotonic() - started < MOST_SECONDS


@pytest.mark.parametrize(("step", "requirement"), [(1, "listed-pending-only"), (2, "listed-once")])
def test_endless_list_is_judged_in_time(step: int, requirement: str) -> None:
    """A list of twenty thousand commands, each once or twice, is judged within seconds, and each is looked at."""
    numbers = [number // step for number in range(20_000)]
    body = json.dumps({**TASK, "totalCount": 20_000, "deviceCommands": [*map(_command, numbers)]}).encode()
    started = time.monotonic()
    task = judge_accepted(_answer(body), device_id="device-1", app_id="app-1").task
    assert task is not None
    findings = judge_listing(task, State(("command-1",)), None).failures
    assert time.monotonic() - started < MOST_SECONDS
    assert requirement in {finding.requirement for finding in findings}


@pytest.mark.parametrize("entry", [5, None, [], "x", {"commandId": {}}, {"commandId": ["x"]}, {"commandId": 1}])
@pytest.mark.parametrize("before", [0, 299, 400, 1500])
def test_nonsense_far_down_the_list_is_survived(entry: object, before: int) -> None:
    """Entries that aren't held against the schema any more, because so many came before, stop nothing."""
    wrong = [_command(number, status=5) for number in range(before)]
    for commands in ([*wrong, entry], [*(_command(number) for number in range(before)), entry]):
        body = json.dumps({**TASK, "deviceCommands": commands}).encode()
        task = judge_accepted(_answer(body), device_id="device-1", app_id="app-1").task
        assert task is not None
        judge_listing(task, State(("command-1",)), None)


def test_what_is_told_is_bounded() -> None:
    """However long the target's values are, no finding is."""
    huge = "x" * 10**6
    task = {**dict.fromkeys(TASK, huge), "deviceCommands": [_command(0, commandId=huge, status=huge)] * 5, huge: 1}
    bodies_ = [
        json.dumps(task).encode(),
        json.dumps({"error_code": huge, "error_desc": huge}).encode(),
        (TEXT[:-1] + f', "{huge}": 1, "{huge}": 2}}').encode(),
    ]
    for body in bodies_:
        exchange = _answer(body, ("Content-Type", huge))
        findings = judge_accepted(exchange, device_id="device-1", app_id="app-1").judgement.findings
        assert findings
        assert max(len(text) for one in findings for text in (one.message, one.expected, one.actual)) <= 2001
