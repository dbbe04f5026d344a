"""Judges recorded calls: the exchanges of this call in a HAR file, without making any."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from conformance.contract import answer as answers
from conformance.contract import body as bodies
from conformance.contract import documents
from conformance.contract.accepted import accepted_requirements, judge_accepted
from conformance.contract.delivery import DELIVERY
from conformance.contract.judgement import Judgement, failed
from conformance.contract.meaning import judge_count
from conformance.contract.refused import REFUSED_GENERAL, Refusal, judge_refused
from conformance.evidence.redaction import Redaction
from conformance.exceptions import RecordError
from conformance.exchange import Exchange, Request, Response
from conformance.record import CaseResult, Record, TargetInfo
from conformance.recording import make_record
from conformance.target.client import PATH
from conformance.verdict import Rules, judge

__all__ = ["judge_file", "judge_traffic", "read_har"]

CHAPTER = "traffic"


def read_har(path: Path) -> list[Exchange]:
    """The exchanges of the call in the HAR file PATH, in their order; RecordError when it is no HAR."""
    try:
        data = json.loads(path.read_bytes())
        entries = data["log"]["entries"]
        return [_exchange(entry) for entry in entries if _is_ours(entry["request"])]
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RecordError(f"{path}: no HAR file ({type(error).__name__}: {error})") from error


def _is_ours(request: Mapping[str, Any]) -> bool:
    return bool(request["method"] == "POST" and urlsplit(request["url"]).path == PATH)


def _headers(entry: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(header["name"]), str(header["value"])) for header in entry.get("headers", ()))


def _content(content: Mapping[str, Any]) -> bytes:
    text = content.get("text") or ""
    return base64.b64decode(text) if content.get("encoding") == "base64" else str(text).encode("utf-8", "surrogatepass")


def _exchange(entry: Mapping[str, Any]) -> Exchange:
    request, response = entry["request"], entry["response"]
    posted = request.get("postData")
    if posted is not None and posted.get("comment") == "base64":
        posted = {**posted, "encoding": "base64"}
    status = int(response["status"])
    answer = Response(
        status=status,
        reason=str(response.get("statusText", "")),
        http_version=str(response.get("httpVersion", "")),
        headers=_headers(response),
        body=_content(response.get("content", {})),
    )
    return Exchange(
        request=Request("POST", str(request["url"]), _headers(request), None if posted is None else _content(posted)),
        # Browsers and proxies record a call that got no answer with the status 0.
        response=answer if status else None,
        fault=None,
        started=0.0,
        duration_s=float(entry.get("time") or 0) / 1000,
        edit="as recorded",
    )


def _device_id(exchange: Exchange) -> str | None:
    try:
        value = bodies.parse(exchange.request.body or b"").value
    except bodies.NotJSON:
        return None
    device_id = value.get("deviceId") if isinstance(value, dict) else None
    return device_id if isinstance(device_id, str) else None


def _app_id(exchange: Exchange) -> str | None:
    """The application that the call was made for, where the recording still shows it."""
    query = parse_qs(urlsplit(exchange.request.url).query).get("appId", [])
    value = query[0] if query else exchange.request.header("app_key")
    return value if value and value.isascii() and not set(value) & set("*$…[]<>") else None


def _judged(exchange: Exchange) -> tuple[Judgement, set[str]]:
    """What EXCHANGE shows, and the requirements that it was judged by."""
    if exchange.response is None:
        return Judgement(), set()
    answer = answers.read(exchange.response)
    device_id = _device_id(exchange)
    if answer.kind == "task" or answer.status == answers.CREATED:
        accepted = judge_accepted(exchange, device_id=device_id or "", app_id=_app_id(exchange))
        judgement = accepted.judgement
        if device_id is None:
            unknown = ("task-device-id-echo", "command-device-id-same")
            kept = tuple(finding for finding in judgement.findings if finding.requirement not in unknown)
            judgement = replace(judgement, findings=kept)
        if accepted.task is not None:
            judgement += judge_count(accepted.task)
        return judgement, set(accepted_requirements())
    rows = documents.load().rows
    matching = [row for row in rows if row.code == answer.code]
    if not matching:
        codes = tuple(row.code for row in rows if row.status == answer.status)
        if not codes:
            message = f"the call was answered {answer.describe()}, which the error table doesn't have"
            return Judgement((failed("error-envelope", message, "a row of the error table", answer.describe()),)), set()
        matching = [row for row in rows if row.status == answer.status]
    row = matching[0]
    refusal = Refusal((row.code,), accepted=row.requirement, row=row.requirement)
    return judge_refused(exchange, refusal), {*REFUSED_GENERAL, row.requirement}


def judge_traffic(exchanges: list[Exchange]) -> Iterator[CaseResult]:
    """One case for each of EXCHANGES."""
    redaction = Redaction()
    for number, exchange in enumerate(exchanges, 1):
        token = (exchange.request.header("authorization") or "").removeprefix("Bearer ")
        redaction.learn(token, "ACCESS_TOKEN")
        redaction.learn(exchange.request.header("app_key"), "APP_KEY")
        judgement, judged = _judged(exchange)
        # That an answer was recorded doesn't show that it was complete, or in time.
        requirements = [requirement for requirement in judged if requirement not in DELIVERY]
        findings = judgement.at(0).findings
        outcome = "failed" if judgement.failures else "tolerated" if findings else "passed" if judged else "not tested"
        yield redaction.apply(
            CaseResult(
                id=f"traffic-{number}",
                title=f"Recorded exchange number {number}.",
                chapter=CHAPTER,
                requirements=tuple(sorted({*requirements, *(finding.requirement for finding in findings)})),
                outcome=outcome,  # type: ignore[arg-type]  # one of the four
                reason="; ".join(dict.fromkeys(finding.message for finding in findings)),
                duration_s=exchange.duration_s,
                calls=0,
                findings=findings,
                untested={key: value for key, value in judgement.untested.items() if key in requirements},
                exchanges=(exchange,),
            )
        )


def judge_file(path: Path, *, strict: bool, allow_untested: bool) -> Record:
    """The record of judging the HAR file PATH; RecordError when it is no HAR."""
    started = time.time()
    exchanges = read_har(path)
    rules = Rules(strict=strict, allow_untested=allow_untested)
    unseen = dict.fromkeys(DELIVERY, "a recording shows answers as they were stored, not how they came")
    judged = judge(documents.load(), (), list(judge_traffic(exchanges)), rules, facts=unseen, no_verdict="")
    hosts = sorted(
        {f"{urlsplit(exchange.request.url).scheme}://{urlsplit(exchange.request.url).netloc}" for exchange in exchanges}
    )
    return make_record(
        judged,
        TargetInfo(", ".join(hosts) or "none", "none"),
        started=started,
        duration_s=time.time() - started,
        calls=0,
        strict=strict,
        notes=(f"{len(exchanges)} recorded calls of {path.name} were judged; no call was made.",),
    )
