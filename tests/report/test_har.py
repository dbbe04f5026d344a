"""traffic.har, as an HTTP Archive 1.2."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from jsonschema import Draft202012Validator

from conformance.report.har import write_har
from tests.records import changed

_PAIRS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name", "value"],
        "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
    },
}
_SIZES = {"headersSize": {"type": "integer"}, "bodySize": {"type": "integer"}}
SCHEMA = {
    "type": "object",
    "required": ["log"],
    "properties": {
        "log": {
            "type": "object",
            "required": ["version", "creator", "entries"],
            "properties": {
                "version": {"const": "1.2"},
                "creator": {"type": "object", "required": ["name", "version"]},
                "entries": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["startedDateTime", "time", "request", "response", "cache", "timings"],
                        "properties": {
                            "startedDateTime": {
                                "type": "string",
                                "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+Z]",
                            },
                            "time": {"type": "number", "minimum": 0},
                            "request": {
                                "type": "object",
                                "required": [
                                    "method",
                                    "url",
                                    "httpVersion",
                                    "cookies",
                                    "headers",
                                    "queryString",
                                    *_SIZES,
                                ],
                                "properties": {
                                    "headers": _PAIRS,
                                    "queryString": _PAIRS,
                                    "postData": {"type": "object", "required": ["mimeType", "text"]},
                                    **_SIZES,
                                },
                            },
                            "response": {
                                "type": "object",
                                "required": [
                                    "status",
                                    "statusText",
                                    "httpVersion",
                                    "cookies",
                                    "headers",
                                    "content",
                                    "redirectURL",
                                    *_SIZES,
                                ],
                                "properties": {
                                    "status": {"type": "integer"},
                                    "headers": _PAIRS,
                                    "content": {
                                        "type": "object",
                                        "required": ["size", "mimeType"],
                                        "properties": {"encoding": {"const": "base64"}},
                                    },
                                },
                            },
                            "timings": {"type": "object", "required": ["send", "wait", "receive"]},
                        },
                    },
                },
            },
        }
    },
}


def _entries(folder: Path, name: str = "non-conformant") -> list[dict[str, Any]]:
    archive: dict[str, Any] = json.loads((folder / name / "traffic.har").read_text("utf-8"))
    entries: list[dict[str, Any]] = archive["log"]["entries"]
    return entries


def test_archive_is_valid(folder: Path) -> None:
    """Every archive has the members that HAR 1.2 demands, also one without an entry."""
    for name in ("conformant", "non-conformant", "no-verdict", "hostile"):
        archive = json.loads((folder / name / "traffic.har").read_text("utf-8"))

        assert [] == [error.message for error in Draft202012Validator(SCHEMA).iter_errors(archive)]


def test_every_exchange_is_an_entry(folder: Path, samples: ModuleType) -> None:
    """There is one entry for each exchange, and its comment names the case."""
    exchanges = [(case.id, exchange) for case in samples.non_conformant().cases for exchange in case.evidence.exchanges]
    comments = [entry["comment"] for entry in _entries(folder)]

    assert len(exchanges) == len(comments)
    assert "case unknown-device: a deviceId that was never registered" in comments


def test_entries_are_in_the_order_of_the_calls(samples: ModuleType, tmp_path: Path) -> None:
    """Entries are sorted by when the calls were made."""
    early, late = (samples.exchange(started=moment, edit=str(moment)) for moment in (1.0, 2.0))
    record = changed(samples.conformant(), cases=(samples.case("a", ("task-id",), exchanges=(late, early)),))
    write_har(record, tmp_path / "x.har")
    entries = json.loads((tmp_path / "x.har").read_text("utf-8"))["log"]["entries"]

    assert ["case a: 1.0", "case a: 2.0"] == [entry["comment"] for entry in entries]


def test_bodies_survive(folder: Path, samples: ModuleType) -> None:
    """Text bodies are text, others base64; nothing is lost either way."""
    entry = next(entry for entry in _entries(folder) if "no UTF-8" in entry["comment"])

    assert b'{"deviceId": "\xff\xfe"}' == base64.b64decode(entry["request"]["postData"]["text"])
    assert "base64" == entry["request"]["postData"]["comment"]
    assert samples.SCRIPT * 200 == entry["response"]["content"]["text"]


def test_binary_answer_is_base64(samples: ModuleType, tmp_path: Path) -> None:
    """An answer that is no UTF-8 is base64 with HAR's own member saying so."""
    exchange = samples.exchange(answer=samples.response(200, b"\xff\x00"))
    record = changed(samples.conformant(), cases=(samples.case("a", ("task-id",), exchanges=(exchange,)),))
    write_har(record, tmp_path / "x.har")
    content = json.loads((tmp_path / "x.har").read_text("utf-8"))["log"]["entries"][0]["response"]["content"]

    assert ("base64", b"\xff\x00", 2) == (content["encoding"], base64.b64decode(content["text"]), content["size"])


def test_fault_has_status_0(folder: Path) -> None:
    """A call without an answer has status 0, and the fault as the comment."""
    response = next(entry["response"] for entry in _entries(folder) if entry["comment"] == "case no-answer")

    assert 0 == response["status"]
    assert response["comment"].startswith("timeout: no answer within 10 s")


def test_no_body_is_no_post_data(samples: ModuleType, tmp_path: Path) -> None:
    """A request without a body has no postData; one with an empty body has an empty one."""
    none, empty = (
        samples.exchange(replace(samples.request(), body=body), started=float(number))
        for number, body in enumerate((None, b""))
    )
    record = changed(samples.conformant(), cases=(samples.case("a", ("task-id",), exchanges=(none, empty)),))
    write_har(record, tmp_path / "x.har")
    first, second = json.loads((tmp_path / "x.har").read_text("utf-8"))["log"]["entries"]

    assert "postData" not in first["request"]
    assert "" == second["request"]["postData"]["text"]
