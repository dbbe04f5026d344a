"""The answer to a call that must be accepted, as a whole: what it is, how it is carried, whose task it holds."""

from __future__ import annotations

import gzip
import json

import pytest

from conformance.contract.accepted import accepted_requirements, judge_accepted
from conformance.contract.values import Queued

from .exchanges import APP, DEVICE, TOKEN, accepted, broken, command, edited, exchange, task, unanswered

EXAMPLE = """
{"taskId": "********", "appId": "********", "deviceId": "********", "status": "WAITTING", "totalCount": 1,
 "deviceCommands": [
  {"commandId": "********", "appId": "********", "deviceId": "********",
   "command": {"serviceId": "********", "method": "********",
    "paras": {"paraName1": "paraValue1", "paraName2": "paraValue2"}},
   "callbackUrl": "http://127.0.0.1:9999/cmd/callbackUrl", "expireTime": null, "status": "PENDDING", "result": null,
   "creationTime": "20170222T164000Z", "executeTime": null, "platformIssuedTime": null, "deliveredTime": null,
   "issuedTimes": null, "maxRetransmit": 3}]}
"""
MASK = "********"


def test_real_platform() -> None:
    """The real platform's answer is right, and true to what is known of its commands."""
    headers = (("Connection", "close"), ("Date", "Fri, 05 May 2017 09:48:20 GMT"))
    answer = exchange(201, task(), "application/json;charset=UTF-8", headers)

    queued = {
        one["commandId"]: Queued(one["command"], one["callbackUrl"], creation_time=one["creationTime"])
        for one in task()["deviceCommands"]
    }

    result = judge_accepted(answer, device_id=DEVICE, app_id=APP, queued=queued)

    assert () == result.judgement.findings
    assert {} == result.judgement.untested
    assert result.task is not None
    assert ("RUNNING", 2) == (result.task.status, result.task.total_count)


def test_later_captures() -> None:
    """Members without a value may be left out, and expireTime filled."""
    sparse = {key: value for key, value in command(1, expireTime=172800).items() if value is not None}

    assert () == accepted(task(sparse)).findings


def test_documents_example() -> None:
    """The document's own example is off its tables in the spelling of two statuses only; its readings excuse them."""
    result = judge_accepted(exchange(201, EXAMPLE.encode()), device_id=MASK, app_id=MASK)

    assert [
        ("task-status", "tolerated", "waiting-spelling"),
        ("command-status", "tolerated", "pending-status"),
    ] == sorted(
        ((one.requirement, one.outcome, one.reading) for one in result.judgement.findings),
        key=lambda one: one[0],
        reverse=True,
    )
    assert () == result.judgement.failures


def test_empty_task() -> None:
    """A task of no commands is right, and says nothing of commands."""
    judgement = accepted(task() | {"deviceCommands": [], "totalCount": 0, "status": "FAILED"})

    assert () == judgement.findings
    assert "no command was listed" == judgement.untested["command-id"]
    assert "no command was listed" == judgement.untested["command-app-id-same"]


def test_further_members() -> None:
    """Members that the document doesn't have are ignored, at every level; null ones of an error too."""
    further: dict[str, object] = {"error_code": None, "resultmsg": None, "creator": {"code": 100022}, "links": []}
    inner = command(1, x=[1], command={"serviceId": "s", "method": "m", "paras": {"n": 100418}, "y": 0})

    assert () == accepted(task(inner, **further)).findings


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "Application/JSON", "application/json ; charset=utf-8", 'application/json;charset="UTF-8"'],
)
def test_media_type(media_type: str) -> None:
    """The media type is application/json in any letter case, with any parameters."""
    judged = judge_accepted(exchange(201, task(), media_type), device_id=DEVICE, app_id=APP)

    assert () == judged.judgement.findings


@pytest.mark.parametrize(
    "media_type", [None, "", "text/html", "text/plain", "application/jsonp", "application/hal+json"]
)
def test_wrong_media_type(media_type: str | None) -> None:
    """Any other media type, and none, is that one fault."""
    judged = judge_accepted(exchange(201, task(), media_type), device_id=DEVICE, app_id=APP)

    assert ["accepted-media-type"] == broken(judged.judgement)


@pytest.mark.parametrize("status", [200, 202, 203, 207, 299, 400, 403, 500])
def test_wrong_status(status: int) -> None:
    """A task with another status than 201 is that one fault, and the task is judged all the same."""
    judged = judge_accepted(exchange(status, task()), device_id=DEVICE, app_id=APP)

    assert ["accepted-status"] == broken(judged.judgement)
    assert judged.task is not None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \r\n",
        b"OK",
        b"<!doctype html><title>Created</title>",
        b"null",
        b"true",
        b"42",
        b'"done"',
        b"[]",
        json.dumps([task()]).encode(),
        json.dumps({"data": task()}).encode(),
        json.dumps({"task": task(), "error_code": None}).encode(),
        json.dumps(json.dumps(task())).encode(),
        b"{}",
        b'{"taskId": "7"}',
        json.dumps(task()).encode() + b"}",
        json.dumps(task()).encode() * 2,
        json.dumps(task()).encode()[:-1],
        b"\xef\xbb\xbf" + json.dumps(task()).encode(),
        json.dumps(task()).encode("utf-16"),
        json.dumps(task(appId="é"), ensure_ascii=False).encode("latin-1"),
        json.dumps(task(x=float("nan"))).encode(),
        json.dumps(task(x=float("-inf"))).encode(),
        gzip.compress(json.dumps(task()).encode(), mtime=0),
        b"[" * 100_000,
        b'{"a":' * 500 + b"1" + b"}" * 500,
        b'{"taskId": ' + b"9" * 5000 + b"}",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_body_is_no_task(body: bytes) -> None:
    """A body with status 201 that isn't one JSON object in UTF-8, or whose object is no task, is that one fault."""
    judged = judge_accepted(exchange(201, body), device_id=DEVICE, app_id=APP)

    assert ["answer-json"] == broken(judged.judgement)
    assert judged.task is None
    general = set(accepted_requirements()) - {"answer-complete", "answer-in-time", "answer-hides-credentials"}
    assert general - {"answer-json", "accepted-status"} == set(judged.judgement.untested)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"error_code": "100418", "error_desc": "The deviceData is not existed."}),
        (201, {"error_code": "100418", "error_desc": "The deviceData is not existed."}),
        (403, {"resultcode": "1010005", "resultmsg": "Invalid access token or appId."}),
        (500, {"error_code": "100001", "error_desc": "Internal server error."}),
        (200, {"error_code": "100203", "error_desc": "", "taskId": None, "deviceCommands": None}),
        (400, {"error_code": 100022}),
        (404, b"<h1>Not Found</h1>"),
        (302, b""),
        (200, b"OK"),
    ],
)
def test_refused(status: int, body: object) -> None:
    """A valid call that is answered with an error, a redirection, or something else than a task, was refused."""
    judged = judge_accepted(exchange(status, body), device_id=DEVICE, app_id=APP, blame="app-id-optional")

    assert ["app-id-optional"] == broken(judged.judgement)
    assert judged.task is None
    assert "the answer holds no task" == judged.judgement.untested["task-id"]


@pytest.mark.parametrize("status", [202, 204, 206])
def test_accepted_otherwise(status: int) -> None:
    """Another status of success without a task is that one fault: what it lacks comes with it."""
    judged = judge_accepted(exchange(status, b""), device_id=DEVICE, app_id=APP, blame="app-id-optional")

    assert ["accepted-status"] == broken(judged.judgement)
    assert judged.task is None


@pytest.mark.parametrize("kind", ["timeout", "broken", "oversized", "unreachable"])
def test_no_answer(kind: str) -> None:
    """No complete answer is one fault; a late one is another."""
    judged = judge_accepted(unanswered(kind), device_id=DEVICE, app_id=APP)

    assert ["answer-in-time" if kind == "timeout" else "answer-complete"] == broken(judged.judgement)
    assert judged.task is None
    assert "there was no complete answer" == judged.judgement.untested["call-accepted"]


@pytest.mark.parametrize(
    "error",
    [
        {"error_code": "100001", "error_desc": "Internal server error."},
        {"resultcode": "1010005", "resultmsg": ""},
        {"error_code": "0"},
        {"error_code": 0},
        {"error_code": "0", "resultcode": "0"},
    ],
)
def test_task_with_error_code(error: dict[str, object]) -> None:
    """A task that bears an error code, a number too, is taken for an error by clients: that one fault."""
    assert ["error-no-task"] == broken(accepted(task(**error)))


@pytest.mark.parametrize("code", ["0", 0])
def test_task_with_a_word_of_success(code: object) -> None:
    """The gateway's code for success is a further member: only error_code is an error whatever it is."""
    assert () == accepted(task(resultcode=code, resultmsg="success")).findings


@pytest.mark.parametrize("label", ["utf-16", "UTF-16LE", '"utf-32"', "none-such", "punycode", "idna", "hex"])
def test_wrong_charset(label: str) -> None:
    """A charset by which the task doesn't read, or that nobody knows, is a wrong media type."""
    found = judge_accepted(exchange(201, task(), f"application/json; charset={label}"), device_id=DEVICE, app_id=APP)
    assert ["accepted-media-type"] == broken(found.judgement)


@pytest.mark.parametrize("label", ["utf-8", "UTF-8", '"utf-8"', "us-ascii", "iso-8859-1", "gbk"])
def test_charset_that_reads_the_same(label: str) -> None:
    """A charset by which the task reads as it does by UTF-8 does no harm."""
    found = judge_accepted(exchange(201, task(), f"application/json;charset={label}"), device_id=DEVICE, app_id=APP)
    assert () == found.judgement.findings


def test_repeated_members() -> None:
    """Two members of one name in an object are that one fault, at any depth."""
    text = json.dumps(task()).replace('"method": "SET"', '"method": "GET", "method": "SET"')

    assert ["answer-json-unique-members"] == broken(accepted(text.encode()))


@pytest.mark.parametrize(
    ("path", "requirement"),
    [
        (("appId",), "task-app-id-own"),
        (("deviceId",), "task-device-id-echo"),
        (("deviceCommands", 1, "appId"), "command-app-id-same"),
        (("deviceCommands", 1, "deviceId"), "command-device-id-same"),
    ],
)
@pytest.mark.parametrize("value", ["another", "", " "])
def test_identities(path: tuple[str | int, ...], requirement: str, value: str) -> None:
    """Another application's or device's id is one fault, of the task or of the one command that has it."""
    found = broken(accepted(edited(path, value)))

    assert [requirement] == found if value else requirement not in found


@pytest.mark.parametrize("value", [APP.lower(), APP + " ", APP[:-1]])
def test_identities_are_compared_exactly(value: str) -> None:
    """An appId that is nearly the application's own is another one."""
    assert ["task-app-id-own"] == broken(accepted(task(appId=value)))


def test_unknown_application() -> None:
    """Where the application's appId isn't known, the task's isn't judged by it."""
    judgement = judge_accepted(exchange(201, task()), device_id=DEVICE, app_id=None).judgement

    assert () == judgement.findings
    assert "task-app-id-own" in judgement.untested


def test_strangers_commands() -> None:
    """A listed command that shouldn't be there at all isn't judged by whose it is: one fault is one finding."""
    stranger = command(9, deviceId="another device", appId="another application")

    assert [] == broken(accepted(task(command(1), stranger), pending=[command(1)["commandId"]]))


def test_many_wrong_members() -> None:
    """However many commands have the same fault, it is found once."""
    commands = [command(number, appId="x", method=1) for number in range(2000)]

    assert ["command-app-id-same"] == broken(accepted(task(*commands)))


@pytest.mark.parametrize("value", [TOKEN, f"Bearer {TOKEN}"])
def test_identifiers_may_look_like_credentials(value: str) -> None:
    """The token has no part in judging whose task it is."""
    judged = judge_accepted(exchange(201, task(appId=value)), device_id=DEVICE, app_id=value)

    assert "task-app-id-own" not in broken(judged.judgement)
