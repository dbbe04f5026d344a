"""Errors that show the inside of the target, and those that only look as if."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.contract import answer as answers
from conformance.contract.documents import load
from conformance.contract.inside import judge_inside
from conformance.evidence.exchange import Response


def messages(body: Any, status: int = 500) -> list[str]:
    """What is found about an answer with this body."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = Response(status, "", "HTTP/1.1", (("Content-Type", "application/json"),), raw)
    return [finding.message for finding in judge_inside(answers.read(response)).findings]


def of(text: str, **members: object) -> dict[str, object]:
    """An error described so."""
    return {"error_code": "100001", "error_desc": text, **members}


@pytest.mark.parametrize(
    "text",
    [
        "NullPointerException\n\tat com.vendor.iot.CancelService.run(CancelService.java:88)",
        "failed at sun.reflect.NativeMethodAccessorImpl.invoke0(Native Method)",
        "   at Vendor.Iot.Cancel.Run(String id) in C:\\src\\Cancel.cs:line 12",
        "Traceback (most recent call last): ...",
        'File "cancel.py", line 7, in run',
        "panic: nil map goroutine 17 [running]:",
        "thread 'main' panicked at 'index out of bounds'",
        "TypeError: x is undefined at Object.<anonymous> (/srv/app/cancel.js:10:5)",
        "Caused by: java.sql.SQLException: closed",
        "org.springframework.dao.DataIntegrityViolationException: could not execute statement",
        "#0 cancel.php(12): run()",
    ],
)
def test_stack_traces(text: str) -> None:
    """A trace of the usual languages is recognised."""
    (message,) = messages(of(text))

    assert message.startswith(("the error shows a stack trace: ", "the error shows a path of a file: "))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT id, status FROM commands WHERE device_id = ?",
        "error in: select c.id from commands c where c.device = 'x'",
        "could not run INSERT INTO tasks (id) VALUES (?)",
        "SELECT count(*), max(c.id) AS newest FROM commands c",
        "UPDATE commands SET status = 'CANCELED'",
        "DELETE FROM commands",
        "ORA-00942: table or view does not exist",
        "SQLSTATE[42S02]: Base table or view not found",
        "You have an error in your SQL syntax near ''",
        'duplicate key value violates unique constraint "tasks_pkey"',
        'syntax error at or near "\'"',
        "no such table: commands",
    ],
)
def test_sql(text: str) -> None:
    """Statements of SQL and the messages of its servers are recognised."""
    (message,) = messages(of(text))

    assert message.startswith("the error shows SQL: ")


@pytest.mark.parametrize(
    "text",
    [
        "cannot open /var/lib/iot/tasks.db",
        "(/home/iot/app/config)",
        "no such file: /app/data/tasks.db",
        "C:\\inetpub\\iot\\web.config",
        "file:///opt/iot",
        "cancel.go:42: unexpected nil",
        "src/cancel.go:42",
        "/usr/lib/iot",
    ],
)
def test_paths(text: str) -> None:
    """Paths of files and places in source code are recognised."""
    (message,) = messages(of(text))

    assert message.startswith("the error shows a path of a file: ")


@pytest.mark.parametrize(
    "text",
    [
        *(row.description for row in load().rows),
        "",
        "请求被拒绝。",
        "Something is wrong; see the manual.",
        "Select a device from those in the list, where it is shown as offline.",
        "Update the device and set its status. Delete it from the list; insert it into another.",
        "See https://docs.example/opt/errors/usr/100022.html#a or https://docs.example/home/page.php.",
        "POST /iocm/app/cmd/v1.4.0/deviceCommandCancelTasks: deviceId (String 1-64) at line 1, column 14.",
        'Unexpected character at (line 1, column 3): expected a value such as "deviceId": "…"',
        "IllegalArgumentException",
        "com.huawei.iot.DeviceNotFoundException",
        "SELECT ANOTHER DEVICE FROM THE LIST OF YOUR APPLICATION",
        "select a device from your list where appId = yours",
        "/app/cmd/v1.4.0/deviceCommandCancelTasks isn't there; see /data/v1.0, /Users/123 and (/home/faq.html).",
        "See https://iot.example.rs:8743/help, help.example.com.py:443 or https://example.rs:8743.",
        "invalid character in code e:\\u0041",
        "The value at /deviceId is too long; at most 64 characters (and/or a null) are allowed.",
        "Caused by: a deviceId of 65 characters. 24/7 support: iot.example.com, Node.js SDK 1.2, A/B.",
        "application/json is required at 12:30; the ratio is 3:1, the file config.json is not read.",
        "No device named com.vendor.device.Sensor exists.",
    ],
)
def test_ordinary_descriptions(text: str) -> None:
    """Plain words about what is wrong with the call show nothing, the document's own among them."""
    assert [] == messages(of(text))


@pytest.mark.parametrize(
    "body",
    [
        of("Internal server error.", trace="Traceback (most recent call last)"),
        of("Internal server error.", details=[{"debug": {"sql": "DELETE FROM commands"}}]),
        {"resultcode": "1010005", "resultmsg": "/etc/gateway/routes"},
    ],
)
def test_other_members(body: dict[str, object]) -> None:
    """It is shown in whatever member it stands, in both envelopes."""
    assert 1 == len(messages(body))


@pytest.mark.parametrize("body", [b"<html>/var/log/x</html>", {"taskId": "/var/log/x"}, {"message": "/var/log/x"}])
def test_no_error_that_can_be_read(body: Any) -> None:
    """What carries no error code is another mistake, and isn't looked at."""
    response = Response(500, "", "HTTP/1.1", (), body if isinstance(body, bytes) else json.dumps(body).encode())

    judgement = judge_inside(answers.read(response))

    assert ((), {"error-hides-inside": "the answer is no error that can be read"}) == (
        judgement.findings,
        judgement.untested,
    )


@pytest.mark.parametrize(
    "unit", ["at ", "a.", "a/", "SELECT ", "select a ", "at a in a.", "x:\\", "/var", "(", "#1 a."]
)
def test_hostile_texts_take_no_time(unit: str) -> None:
    """Hundreds of long texts that begin like a leak over and over are looked through at once, and for a part only."""
    texts = [unit * (20_000 // len(unit))] * 200

    assert len(messages(of("", texts=texts))) <= 1


def test_long_leaks_are_cut() -> None:
    """Of what an error shows of the inside, a part is told, and an ellipsis says that there is more."""
    trace = f"at {'x' * 200}(Cancel.java:88)"

    assert [f"the error shows a stack trace: {trace[:100]}…"] == messages(of(trace))
