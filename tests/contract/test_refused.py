"""The answer to a call that must be refused: the right row of the error table, and how an error is carried."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import Any

import pytest

from conformance.contract import documents
from conformance.contract.documents import ErrorRow
from conformance.contract.judgement import Judgement
from conformance.contract.refused import REFUSED_GENERAL, Refusal, judge_refused

from .exchanges import broken, exchange, task, unanswered

ROWS = documents.load().rows
DOCUMENTED = [
    (200, "100203"),
    (200, "100217"),
    (200, "100418"),
    (400, "100022"),
    (403, "100203"),
    (403, "100217"),
    (403, "1010009"),
    (403, "1010005"),
    (500, "100001"),
    (500, "100220"),
    (503, "100501"),
]
INPUT = Refusal(("100022",), accepted="device-id-string", row="error-100022-invalid-input")
ENVELOPE = {"error_code": "100022", "error_desc": "The input is invalid."}
HTML = b"<!doctype html><title>400</title><h1>Bad Request</h1>"

rows = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)


def refusal(row: ErrorRow) -> Refusal:
    """A refusal by ROW; what it must not be taken as stands under a name that no requirement has."""
    return Refusal((row.code,), accepted="carried-out", row=row.requirement)


def refused(
    status: int, body: object, media_type: str | None = "application/json", *, by: Refusal = INPUT
) -> Judgement:
    """How the answer to a call that must be refused is judged."""
    return judge_refused(exchange(status, body, media_type), by)


def test_rows() -> None:
    """The error table has the document's eleven rows."""
    assert sorted(DOCUMENTED) == sorted((row.status, row.code) for row in ROWS)


@rows
@pytest.mark.parametrize("names", [("error_code", "error_desc"), ("resultcode", "resultmsg")])
def test_right(row: ErrorRow, names: tuple[str, str]) -> None:
    """Each row is right in either envelope, whatever the words of the description, further members aside."""
    code, description = names
    body = {code: row.code, description: "说明", "status": row.status, "path": "/x", "details": [{"code": 1}]}

    judgement = refused(row.status, body, "application/json;charset=UTF-8", by=refusal(row))

    assert () == judgement.findings
    assert {} == judgement.untested


@rows
@pytest.mark.parametrize("status", [200, 201, 204, 301, 400, 401, 403, 404, 415, 422, 429, 500, 502, 503])
def test_status(row: ErrorRow, status: int) -> None:
    """The right code under a status that the table doesn't give it is that row's fault alone."""
    body = {"error_code": row.code, "error_desc": row.description}
    right = (status, row.code) in DOCUMENTED

    assert ([] if right else [row.requirement]) == broken(refused(status, body, by=refusal(row)))


@rows
@pytest.mark.parametrize("code", [*sorted({row.code for row in ROWS}), "0", "", "100000", "0100022", "E1"])
def test_code(row: ErrorRow, code: str) -> None:
    """Another code under the right status is that row's fault alone."""
    body = {"error_code": code, "error_desc": row.description}

    assert ([] if code == row.code else [row.requirement]) == broken(refused(row.status, body, by=refusal(row)))


@rows
@pytest.mark.parametrize("media_type", [None, "text/html", "text/plain;charset=UTF-8", "application/problem+json"])
def test_media_type(row: ErrorRow, media_type: str | None) -> None:
    """The right error under another media type is that one fault."""
    body = {"error_code": row.code, "error_desc": row.description}

    assert ["error-media-type"] == broken(refused(row.status, body, media_type, by=refusal(row)))


@rows
def test_badly_carried(row: ErrorRow) -> None:
    """The right code carried in another way than as a string in one of the two envelopes is that one fault."""
    number = int(row.code)
    bodies: list[dict[str, Any]] = [
        {"error_code": number, "error_desc": row.description},
        {"resultcode": number, "resultmsg": row.description},
        {"code": row.code, "message": row.description},
        {"errorCode": row.code, "errorDesc": row.description},
        {"ERROR_CODE": row.code},
        {"error": {"error_code": row.code, "error_desc": row.description}},
        {"error": {"code": number}},
        {"errors": [{"error_code": row.code}]},
        {"error_code": None, "code": row.code},
        {"error_code": row.code, "resultcode": "100000", "error_desc": "x", "resultmsg": "x"},
    ]

    found = {json.dumps(body): broken(refused(row.status, body, by=refusal(row))) for body in bodies}

    assert {json.dumps(body): ["error-envelope"] for body in bodies} == found


def test_both_envelopes() -> None:
    """An error in both envelopes is right when they agree."""
    body = {**ENVELOPE, "resultcode": "100022", "resultmsg": "The input is invalid."}

    assert [] == broken(refused(400, body))


@pytest.mark.parametrize("description", [None, "", "  ", 7, [], {}])
def test_description(description: object) -> None:
    """An error whose description is missing, empty or no text is that one fault."""
    assert ["error-description"] == broken(refused(400, {"error_code": "100022", "error_desc": description}))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  ",
        b"100022",
        b'"100022"',
        b"null",
        b'[{"error_code": "100022"}]',
        HTML,
        b"error_code=100022",
        json.dumps(ENVELOPE).encode()[:-1],
        json.dumps(ENVELOPE).encode() + b",",
        b"\xef\xbb\xbf" + json.dumps(ENVELOPE).encode(),
        json.dumps(ENVELOPE).encode("utf-16"),
        b'{"error_code": "100022", "error_desc": "\xe9"}',
        b'{"error_code": "100022", "error_desc": NaN}',
        gzip.compress(json.dumps(ENVELOPE).encode(), mtime=0),
    ],
    ids=lambda body: repr(body[:24]),
)
def test_not_json(body: bytes) -> None:
    """The right status with a body that isn't one JSON object in UTF-8 is that one fault."""
    judgement = refused(400, body, "text/html" if body == HTML else "application/json")

    assert ["error-json"] == broken(judgement)
    assert {"error-envelope", "error-media-type", INPUT.row, INPUT.accepted} <= set(judgement.untested)


@pytest.mark.parametrize("body", [{}, {"status": 400, "error": "Bad Request"}, {"message": "100023"}])
def test_no_code(body: object) -> None:
    """The right status with a JSON object in which no code can be made out is that one fault."""
    assert ["error-envelope"] == broken(refused(400, body))


@pytest.mark.parametrize("status", [200, 202, 301, 302, 401, 404, 405, 413, 415, 422, 429, 500, 502])
@pytest.mark.parametrize("body", [b"", HTML, b"{}", b'{"status": 404, "error": "Not Found"}'])
def test_another_refusal(status: int, body: bytes) -> None:
    """Another status without a code is another refusal than the documented one; how it is written is no second one."""
    assert [INPUT.row] == broken(refused(status, body, "text/html"))


@pytest.mark.parametrize("status", [200, 201, 202, 400])
@pytest.mark.parametrize("wrapped", [False, True])
def test_carried_out(status: int, wrapped: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    """A task says that the call was carried out, whatever its status; so does the status 201, whatever the body."""
    body = {"data": task()} if wrapped else task()
    judgement = refused(status, body)
    carried_out = not wrapped or status == 201

    if carried_out:
        assert [INPUT.accepted] == broken(judgement)
        assert INPUT.row in judgement.untested
    elif status == 400:
        assert ["error-envelope"] == broken(judgement)
    else:
        assert [INPUT.row] == broken(judgement)


@pytest.mark.parametrize("body", [b"", b"OK", b"{}", b"[]"])
def test_created_without_a_task(body: bytes) -> None:
    """The status 201 says that the call was carried out."""
    assert [INPUT.accepted] == broken(refused(201, body))


def test_created_with_an_error() -> None:
    """The right error under the status 201 is the row's fault: the code says that the call was refused."""
    assert [INPUT.row] == broken(refused(201, ENVELOPE))


def test_error_with_task_members() -> None:
    """An error that bears a task's members is that one fault; null ones, and a lone status, are no task's."""
    beside: list[dict[str, object]] = [
        {"deviceCommands": []},
        {"taskId": "7", "status": "FAILED"},
        {"taskId": "7"},
        {"totalCount": 0},
        {"taskId": None, "status": None, "totalCount": None, "deviceCommands": None},
        {"status": 400},
    ]

    found = [broken(refused(400, {**ENVELOPE, **members})) for members in beside]

    assert [["error-no-task"]] * 4 + [[], []] == found


def test_refused_by_http_itself() -> None:
    """Where HTTP may refuse a call before the service sees it, its own answer is right whatever its body."""
    limited = replace(INPUT, statuses=frozenset({413}))
    judged = judge_refused(exchange(413, b"<html>", "text/html"), limited)

    assert () == judged.findings
    assert {"error-json", "error-media-type"} <= set(judged.untested)
    assert [INPUT.row] == broken(judge_refused(exchange(413, b"<html>", "text/html"), INPUT))
    assert [INPUT.accepted] == broken(judge_refused(exchange(201, task()), limited))


def test_repeated_members() -> None:
    """Two members of one name in an error are that one fault."""
    body = b'{"error_code": "1", "error_code": "100022", "error_desc": "x"}'

    assert ["answer-json-unique-members"] == broken(refused(400, body))


def test_alternatives() -> None:
    """Of several codes that are right, each is right under each status that the table gives it."""
    either = Refusal(("1010005", "100203"), accepted="app-key-valid", row="error-1010005-invalid-credentials")
    found = {
        (status, code): broken(refused(status, {"error_code": code, "error_desc": "x"}, by=either))
        for status in (200, 403)
        for code in ("1010005", "100203", "100217")
    }

    row = ["error-1010005-invalid-credentials"]
    assert {
        (200, "1010005"): row,
        (200, "100203"): [],
        (200, "100217"): row,
        (403, "1010005"): [],
        (403, "100203"): [],
        (403, "100217"): row,
    } == found


def test_own_answer_is_described_first() -> None:
    """The answer of the row that a refusal is about is told before the others that are right too."""
    codes = ("1010005", "100203")
    either = Refusal(codes, "app-key-valid", "error-1010005-invalid-credentials", statuses=frozenset({431}))
    other = Refusal(codes, "app-key-valid", "error-100203-unknown-application")

    assert [
        "403 with code 1010005 (also right: 200 with code 100203, 403 with code 100203, 431)",
        "200 with code 100203 (also right: 403 with code 100203, 403 with code 1010005)",
        "400 with code 100022",
    ] == [refusal.describe() for refusal in (either, other, INPUT)]


def test_blames() -> None:
    """A code that tells more than that the row is wrong breaks what it tells, and says nothing of the row."""
    blaming = Refusal(("100022",), accepted="device-id-string", row=INPUT.row, blames=(("100418", "device-id-string"),))
    judgement = refused(200, {"error_code": "100418", "error_desc": "x"}, by=blaming)

    assert ["device-id-string"] == broken(judgement)
    assert {INPUT.row} == set(judgement.untested)


def test_two_faults_at_once() -> None:
    """The wrong row, badly carried, are two faults of the one answer: each is repaired in another place."""
    assert [INPUT.row, "error-media-type", "error-envelope"] == broken(
        refused(500, {"error_code": 100001}, "text/html")
    )


@pytest.mark.parametrize("kind", ["timeout", "broken", "oversized", "unreachable"])
def test_no_answer(kind: str) -> None:
    """No complete answer is one fault, and leaves everything else untested."""
    judgement = judge_refused(unanswered(kind), INPUT)

    assert ["answer-in-time" if kind == "timeout" else "answer-complete"] == broken(judgement)
    assert {*REFUSED_GENERAL, *INPUT.requirements} - {"answer-hides-credentials"} <= {
        *judgement.untested,
        *broken(judgement),
    }


def test_unknown_code() -> None:
    """A refusal can't demand a code that the error table doesn't have."""
    with pytest.raises(KeyError, match="100000"):
        _ = Refusal(("100022", "100000"), accepted="a", row="b").rows
