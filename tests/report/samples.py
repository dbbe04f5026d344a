"""Fixed records that the report tests render: one of each kind of run, hostile strings included."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from conformance.contract.expectation import Expectation
from conformance.evidence.exchange import Exchange, Request, Response, TransportError
from conformance.record.observation import Generated
from conformance.record.results import (
    CaseResult,
    Event,
    Evidence,
    Finding,
    Ground,
    Outcome,
    Record,
    RequirementResult,
    Rule,
    RunInfo,
    Source,
    SuiteInfo,
    TargetInfo,
    WaiverUse,
)
from conformance.record.serialization import structure, unstructure
from tests.records import changed

URL = "https://platform.example:8743/iocm/app/cmd/v1.4.0/deviceCommandCancelTasks"
DEVICE = "6f1c9c0e-4a5b-4f0a-9d0e-1f5f2a3b4c5d"
SCRIPT = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
HOSTILE = (
    SCRIPT + "\x1b[2J\x1b[31mred\x00 \u202egnp.exe\u2066 \ufeff' onmouseover='document.title=1' `whoami` $(id) | @all"
)

TASK = {
    "taskId": "59f1c1b2-1c0e-4e2b-8f6a-0b7a8c6d5e4f",
    "appId": "app-1",
    "deviceId": DEVICE,
    "status": "RUNNING",
    "totalCount": 1,
    "deviceCommands": [
        {
            "commandId": "c-1",
            "appId": "app-1",
            "deviceId": DEVICE,
            "command": {"serviceId": "Meter", "method": "SET", "paras": {"value": "12"}},
            "callbackUrl": "https://application.example/callback",
            "expireTime": None,
            "status": "PENDING",
            "result": None,
            "creationTime": "20170505T094818Z",
            "executeTime": None,
            "platformIssuedTime": None,
            "deliveredTime": None,
            "issuedTimes": 0,
        }
    ],
}


def request(body: bytes | None = None, **headers: str | None) -> Request:
    """The plain valid request with BODY and with HEADERS put in (or left out: None) instead."""
    lines = {
        "Host": "platform.example:8743",
        "app_key": "$APP_KEY",
        "Authorization": "Bearer $ACCESS_TOKEN",
        "Content-Type": "application/json",
    } | headers
    body = json.dumps({"deviceId": DEVICE}).encode() if body is None else body
    return Request("POST", URL, tuple((name, value) for name, value in lines.items() if value is not None), body)


def response(status: int, body: object, reason: str = "") -> Response:
    """An answer with BODY, as JSON unless it is bytes."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status, reason, "HTTP/1.1", (("Content-Type", "application/json;charset=UTF-8"),), content)


def exchange(sent: Request | None = None, answer: Response | None = None, **changes: Any) -> Exchange:
    """A call and its answer: the accepted control call unless said otherwise."""
    plain = Exchange(
        request=sent or request(),
        response=answer or response(201, TASK, "Created"),
        fault=None,
        started=1_767_225_600.25,
        duration_s=0.0421,
        expected="201 with a task",
    )
    return replace(plain, **changes)


def requirement(identifier: str, outcome: Outcome = "passed", **changes: Any) -> RequirementResult:
    """A requirement of the ledger with its outcome."""
    plain = RequirementResult(
        id=identifier,
        level="MUST",
        statement=f"The statement of {identifier} in the suite's own words.",
        ground=Ground(Source("Response Parameters", identifier)),
        outcome=outcome,
        reason="",
        cases=(f"case-of-{identifier}",),
        advice=f"Look at {identifier} first.",
    )
    return changed(plain, **changes)


def case(identifier: str, requirements: tuple[str, ...], outcome: Outcome = "passed", **changes: Any) -> CaseResult:
    """A case with its outcome, and the accepted control call as its evidence."""
    plain = CaseResult(
        id=identifier,
        title=f"What {identifier} proves, as a sentence",
        chapter="accepted",
        requirements=requirements,
        outcome=outcome,
        reason="",
        evidence=Evidence(duration_s=0.05, calls=1, exchanges=(exchange(),)),
    )
    return changed(plain, **changes)


def generated(exchange: int, example: str) -> Generated:
    """What was observed at the exchange of a generated request, which EXAMPLE sends again."""
    return Generated(
        exchange=exchange,
        expectation=Expectation("generated-x", None, "device"),
        finding=0,
        app_id="app-1",
        revoked=(),
        count=1,
        sent=1,
        edit="a NUL",
        edits=("a NUL",),
        example=example,
    )


def of_two_requests() -> Record:
    """A run in which one generated case found two things, each in a request of its own."""
    findings = tuple(Finding(name, "failed", "404 came.", "201", "404", exchange=at) for at, name in enumerate("xy"))
    found = case(
        "generated",
        ("x", "y"),
        "failed",
        findings=findings,
        replay="1f",
        exchanges=tuple(exchange(edit=edit) for edit in ("a NUL", "an emoji")),
        observations=(generated(0, "1f"), generated(1, "2e")),
    )
    requirements = tuple(requirement(name, "failed", cases=("generated",)) for name in "xy")
    return changed(conformant(), requirements=requirements, cases=(found,))


def conformant() -> Record:
    """A run in which everything was tested and holds."""
    requirements = tuple(requirement(name) for name in ("accepted-status", "task-id", "task-status"))
    return Record(
        suite=SuiteInfo(
            "revocation-conformance", "0.1.0", "Creating Device Command Revocation Tasks, updated 2022-02-24"
        ),
        target=TargetInfo("https://platform.example:8743", "hook"),
        exit_status=0,
        verdict="conformant",
        strict=False,
        summary="Every MUST was tested and holds.",
        waivers=(),
        requirements=requirements,
        cases=tuple(case(f"case-of-{r.id}", (r.id,)) for r in requirements),
        run=RunInfo("2026-01-01T00:00:00+00:00", duration_s=4.2, seed=1, calls=3, notes=()),
    )


def non_conformant() -> Record:
    """A run with every outcome in it, against a target that answers with hostile strings."""
    long_device = "d" * 65
    requirements = (
        requirement("accepted-status", cases=("accepted",)),
        requirement("error-description", "failed", level="SHOULD", origin="ours", cases=("description-empty",)),
        requirement(
            "error-100418-unknown-device",
            "failed",
            statement="An unknown device is refused with status 200 and code 100418.",
            source=Source("Error Codes", "200 100418"),
            cases=("unknown-device",),
            advice="Answer 200 with error_code 100418 when the device isn't there; clients tell it by the code.",
        ),
        requirement("device-id-max-length", "failed", cases=("device-id-65", "device-id-66"), reason=HOSTILE),
        requirement(
            "device-known",
            "masked",
            reason=f"A call for an unknown device was carried out {SCRIPT}",
            cases=("device-unregistered",),
            masked_by="error-100418-unknown-device",
        ),
        requirement(
            "task-status",
            "tolerated",
            reason="WAITTING is the document's own misspelling.",
            readings=("waiting-spelling",),
        ),
        requirement("task-id-unique", "waived", reason="Fixed in release 7.", cases=("same-task-id",)),
        requirement(
            "congestion-refused",
            "not tested",
            reason="The hook answered 501 for the state congestion: implement it.",
            cases=("congested",),
        ),
        requirement(
            "internal-error-reported",
            "not tested",
            reason="The hook answered 501 for the state congestion: implement it.",
            cases=(),
        ),
        requirement(
            "transport-https", "untestable", reason="The base URL is http: nothing can be said about HTTPS.", cases=()
        ),
    )
    cases = (
        case("accepted", ("accepted-status",)),
        case(
            "unknown-device",
            ("error-100418-unknown-device", "accepted-status"),
            "failed",
            chapter="refused",
            findings=(
                Finding(
                    "error-100418-unknown-device",
                    "failed",
                    "The code is another one.",
                    "status 200, code 100418",
                    f"status 404, body {HOSTILE}",
                    exchange=1,
                    rule=Rule("plain-refusal", f"nothing else was wrong with the call {SCRIPT}"),
                ),
            ),
            exchanges=(
                exchange(),
                exchange(
                    request(json.dumps({"deviceId": "no-such-device"}).encode()),
                    response(404, {"error_code": HOSTILE}, "Not Found"),
                    edit="a deviceId that was never registered",
                    expected="200 with code 100418",
                    notes=("waited 2 s for the allowance",),
                ),
                exchange(
                    request(b'{"deviceId": "\xff\xfe"}'),
                    response(200, SCRIPT.encode() * 200),
                    edit="a deviceId that is no UTF-8",
                ),
            ),
        ),
        case(
            "device-id-65",
            ("device-id-max-length",),
            "failed",
            chapter="bounds",
            reason="",
            findings=(
                Finding(
                    "device-id-max-length", "failed", "65 characters are accepted.", "400 / 100022", HOSTILE, exchange=0
                ),
            ),
            exchanges=(
                exchange(request(json.dumps({"deviceId": long_device}).encode()), edit="deviceId of 65 characters"),
            ),
            replay="generated-65-1",
        ),
        case(
            "device-id-66",
            ("device-id-max-length",),
            "failed",
            chapter="bounds",
            findings=(Finding("device-id-max-length", "failed", "66 characters are accepted.", "400 / 100022", "201"),),
        ),
        case(
            "device-unregistered",
            ("device-known",),
            "masked",
            chapter="device",
            masked_by="error-100418-unknown-device",
            findings=(
                Finding(
                    "device-known", "masked", "The call was carried out.", "a refusal", "201 with a task", exchange=0
                ),
            ),
        ),
        case(
            "description-empty",
            ("error-description",),
            "failed",
            chapter="refused",
            findings=(Finding("error-description", "failed", "The description is empty.", "some words", '""'),),
        ),
        case(
            "misspelt-status",
            ("task-status",),
            "tolerated",
            findings=(
                Finding(
                    "task-status",
                    "tolerated",
                    "The status is WAITTING.",
                    "WAITING",
                    "WAITTING",
                    reading="waiting-spelling",
                ),
            ),
        ),
        case(
            "same-task-id",
            ("task-id-unique",),
            "waived",
            reason="Fixed in release 7.",
            findings=(Finding("task-id-unique", "failed", "Two tasks have one id.", "two ids", "one"),),
        ),
        case(
            "congested",
            ("congestion-refused",),
            "not tested",
            chapter="states",
            reason="The hook answered 501 for the state congestion: implement it.",
            calls=0,
            exchanges=(),
        ),
        case(
            "plain-http",
            ("transport-https",),
            "untestable",
            chapter="transport",
            reason="The base URL is http.",
            calls=0,
            exchanges=(),
        ),
        case(
            "no-answer",
            ("accepted-status",),
            "passed",
            title=HOSTILE,
            exchanges=(exchange(response=None, fault=TransportError("timeout", f"no answer within 10 s {SCRIPT}")),),
            untested={"accepted-status": "The connection was cut."},
        ),
    )
    return changed(
        conformant(),
        exit_status=1,
        verdict="non-conformant",
        target=TargetInfo("http://platform.example:8743", "hook"),
        summary="2 MUSTs are violated: error-100418-unknown-device, device-id-max-length.",
        notes=("The base URL is http: HTTPS counts as untestable.", f"The target names itself {HOSTILE}"),
        waivers=(
            WaiverUse("task-id-unique", None, "Fixed in release 7.", "Ana", "2027-01-31", "active"),
            WaiverUse(None, "no-such-case", f"Old. {SCRIPT}", "Bo", "2025-01-31", "unmatched"),
        ),
        requirements=requirements,
        cases=cases,
        timeline=(
            Event("wait", 1_767_225_600.5, 2.0, "for the target's allowance of calls"),
            Event("hook", 1_767_225_602.75, 0.25, f"device {HOSTILE}"),
        ),
    )


def incomplete() -> Record:
    """A run in which nothing failed and a MUST wasn't tested."""
    return changed(
        conformant(),
        exit_status=7,
        verdict="incomplete",
        summary="1 MUST was not tested.",
        requirements=(
            *conformant().requirements,
            requirement("congestion-refused", "not tested", reason="The provider can't congest the target.", cases=()),
        ),
    )


def no_verdict() -> Record:
    """A run that ended at the control call."""
    return changed(
        conformant(),
        exit_status=6,
        verdict="no verdict",
        summary="The target refused the configured credentials at the start.",
        calls=1,
        requirements=tuple(
            replace(r, outcome="not tested", reason="The run ended early.") for r in conformant().requirements
        ),
        cases=(),
    )


def hostile() -> Record:
    """The richest run with a hostile string in the place of every text, ids included, as a forged file may hold it."""
    kept = {"started", "verdict", "level", "outcome", "origin", "state", "kind", "text", "base64"}

    def poisoned(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: poisoned(element, name) for name, element in value.items()}
        if isinstance(value, list):
            return [poisoned(element, key) for element in value]
        return HOSTILE + "\\x \\" if isinstance(value, str) and key not in kept else value

    return structure(poisoned(unstructure(non_conformant())), Record)


def all_records() -> dict[str, Record]:
    """Every sample, by name."""
    return {
        "conformant": conformant(),
        "non-conformant": non_conformant(),
        "incomplete": incomplete(),
        "no-verdict": no_verdict(),
        "hostile": hostile(),
    }
