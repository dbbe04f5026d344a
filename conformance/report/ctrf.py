"""The record in the Common Test Report Format."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from conformance.files import write
from conformance.record.results import CaseResult, Record
from conformance.report.junit import Status, detail, headline, status
from conformance.report.survey import Survey

__all__ = ["write_ctrf"]

_STATUS: dict[Status, str] = {
    "passed": "passed",
    "failure": "failed",
    "expected": "other",
    "skipped": "skipped",
}


def write_ctrf(record: Record, path: Path) -> None:
    """Write RECORD to PATH.

    What is waived, breaks only a SHOULD, or is masked by another violation has the status other, and a raw status.
    """
    write(path, json.dumps(_report(record), indent=1) + "\n")


def _report(record: Record) -> dict[str, Any]:
    survey = Survey(record)
    start = round(datetime.fromisoformat(record.run.started).timestamp() * 1000)
    tests = [_test(case, survey) for case in survey.ordered_cases()]
    counts = {
        name: sum(test["status"] == name for test in tests)
        for name in ("passed", "failed", "skipped", "pending", "other")
    }
    return {
        "reportFormat": "CTRF",
        "specVersion": "0.0.0",
        "generatedBy": f"{record.suite.name} {record.suite.version}",
        "results": {
            "tool": {"name": record.suite.name, "version": record.suite.version},
            "summary": {
                "tests": len(tests),
                **counts,
                "start": start,
                "stop": start + round(record.run.duration_s * 1000),
                "extra": {"verdict": record.verdict, "exitStatus": record.exit_status, "requirements": survey.tally()},
            },
            "tests": tests,
            "environment": {
                "reportName": record.suite.document,
                "appName": record.target.base_url,
                "extra": {"strict": record.strict, "seed": record.run.seed, "provider": record.target.provider},
            },
        },
    }


def _test(case: CaseResult, survey: Survey) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": case.id,
        "status": "other" if case.outcome == "masked" else _STATUS[status(case, survey)],
        "duration": round(case.evidence.duration_s * 1000),
        "suite": [case.chapter],
        "rawStatus": case.outcome,
        "tags": list(case.requirements),
        "extra": {"title": case.title, "calls": case.evidence.calls},
    }
    if case.outcome != "passed":
        test["message"] = headline(case, survey)
        test["trace"] = detail(case, survey)
    return test
