"""The exchanges of a record as an HTTP Archive (HAR 1.2), one entry each."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import harfile

from conformance.evidence.exchange import Exchange, Headers
from conformance.files import replacing
from conformance.record.results import CaseResult, Record

__all__ = ["write_har"]


def write_har(record: Record, path: Path) -> None:
    """Write all exchanges of RECORD to PATH in the order of their calls; each entry's comment names its case."""
    calls = [(exchange, case) for case in record.cases for exchange in case.evidence.exchanges]
    creator = harfile.Creator(name=record.suite.name, version=record.suite.version)
    with replacing(path) as file, harfile.HarFile(file, creator=creator) as archive:
        for exchange, case in sorted(calls, key=lambda call: call[0].started):
            milliseconds = round(exchange.duration_s * 1000, 3)
            archive.add_entry(
                startedDateTime=datetime.fromtimestamp(exchange.started, UTC).isoformat(timespec="milliseconds"),
                time=milliseconds,
                request=_request(exchange),
                response=_response(exchange),
                timings=harfile.Timings(send=0, wait=milliseconds, receive=0),
                comment=_comment(case, exchange),
            )


def _comment(case: CaseResult, exchange: Exchange) -> str:
    return f"case {case.id}" + (f": {exchange.edit}" if exchange.edit else "")


def _headers(headers: Headers) -> list[harfile.Record]:
    return [harfile.Record(name=name, value=value) for name, value in headers]


def _text(body: bytes) -> tuple[str, str | None]:
    try:
        return body.decode("utf-8"), None
    except UnicodeDecodeError:
        return base64.b64encode(body).decode("ascii"), "base64"


def _request(exchange: Exchange) -> harfile.Request:
    request = exchange.request
    query = parse_qsl(urlsplit(request.url).query, keep_blank_values=True)
    post = None
    if request.body is not None:
        # HAR has no member that says how a request's text is encoded, so the comment does.
        text, encoding = _text(request.body)
        post = harfile.PostData(mimeType=request.header("content-type") or "", params=[], text=text, comment=encoding)
    return harfile.Request(
        method=request.method,
        url=request.url,
        httpVersion="HTTP/1.1",
        headers=_headers(request.headers),
        queryString=[harfile.Record(name=name, value=value) for name, value in query],
        postData=post,
        bodySize=len(request.body or b""),
    )


def _response(exchange: Exchange) -> harfile.Response:
    response = exchange.response
    if response is None:
        fault = exchange.fault
        reason = f"{fault.kind}: {fault.message}" if fault else None
        return harfile.Response(status=0, statusText="", httpVersion="", comment=reason)
    text, encoding = _text(response.body)
    return harfile.Response(
        status=response.status,
        statusText=response.reason,
        httpVersion=response.http_version,
        headers=_headers(response.headers),
        content=harfile.Content(
            size=len(response.body), mimeType=response.header("content-type") or "", text=text, encoding=encoding
        ),
        redirectURL=response.header("location") or "",
    )
