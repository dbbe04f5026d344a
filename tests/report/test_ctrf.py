"""ctrf.json, the Common Test Report Format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

_COUNTS = ("tests", "passed", "failed", "skipped", "pending", "other")
SCHEMA = {
    "type": "object",
    "required": ["results", "reportFormat", "specVersion"],
    "additionalProperties": False,
    "properties": {
        "reportFormat": {"const": "CTRF"},
        "specVersion": {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
        "generatedBy": {"type": "string"},
        "results": {
            "type": "object",
            "required": ["tool", "summary", "tests"],
            "additionalProperties": False,
            "properties": {
                "tool": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {"name": {"type": "string", "minLength": 1}},
                },
                "summary": {
                    "type": "object",
                    "required": [*_COUNTS, "start", "stop"],
                    "additionalProperties": False,
                    "properties": {name: {"type": "integer"} for name in (*_COUNTS, "start", "stop")}
                    | {"extra": {"type": "object"}},
                },
                "tests": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["name", "status", "duration"],
                        "additionalProperties": False,
                        "properties": {
                            "name": {"type": "string"},
                            "status": {"enum": ["passed", "failed", "skipped", "pending", "other"]},
                            "duration": {"type": "integer"},
                            "suite": {"type": "array", "minItems": 1, "items": {"type": "string"}},
                            "rawStatus": {"type": "string"},
                            "tags": {"type": "array", "items": {"type": "string"}},
                            "message": {"type": "string"},
                            "trace": {"type": "string"},
                            "extra": {"type": "object"},
                        },
                    },
                },
                "environment": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "reportName": {"type": "string"},
                        "appName": {"type": "string"},
                        "extra": {"type": "object"},
                    },
                },
            },
        },
    },
}


def _report(folder: Path, name: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder / name / "ctrf.json").read_text("utf-8"))
    return report


def test_report_is_valid(folder: Path) -> None:
    """Every report has the members that CTRF demands, and no unknown one."""
    for name in ("conformant", "non-conformant", "incomplete", "no-verdict", "hostile"):
        assert [] == [error.message for error in Draft202012Validator(SCHEMA).iter_errors(_report(folder, name))]


def test_counts_agree_with_the_tests(folder: Path) -> None:
    """The summary counts the tests by their status."""
    results = _report(folder, "non-conformant")["results"]
    statuses = [test["status"] for test in results["tests"]]

    assert {
        "tests": 11,
        "passed": 3,
        "failed": 3,
        "skipped": 2,
        "pending": 0,
        "other": 3,
    } == {name: results["summary"][name] for name in _COUNTS}
    assert {name: statuses.count(name) for name in ("passed", "failed", "skipped", "other")} == {
        name: results["summary"][name] for name in ("passed", "failed", "skipped", "other")
    }


def test_outcomes_stay_readable(folder: Path) -> None:
    """The suite's own outcome is the raw status, and whatever isn't passed says why."""
    tests = {test["name"]: test for test in _report(folder, "non-conformant")["results"]["tests"]}

    assert ("other", "waived") == (tests["same-task-id"]["status"], tests["same-task-id"]["rawStatus"])
    assert "SHOULD: error-description: The description is empty." == tests["description-empty"]["message"]
    assert "message" not in tests["accepted"]
    assert ("other", "masked") == (tests["device-unregistered"]["status"], tests["device-unregistered"]["rawStatus"])
    assert tests["device-unregistered"]["message"].startswith("masked by error-100418-unknown-device; ")
