"""The run as a conformance statement: an in-toto Statement with the test-result predicate."""

from __future__ import annotations

import hashlib
import json
import shlex
from pathlib import Path
from typing import Any

from conformance.files import content, write
from conformance.record.results import Outcome, Record
from conformance.report.survey import Survey

__all__ = ["write_statement"]

_STATEMENT = "https://in-toto.io/Statement/v1"
_PREDICATE = "https://in-toto.io/attestation/test-result/v0.1"


def write_statement(record: Record, results: Path, path: Path) -> None:
    """Write the statement that RECORD, as it stands in the file RESULTS, supports to PATH."""
    write(path, json.dumps(_statement(record, _digest(content(results))), indent=1) + "\n")


def _digest(data: bytes) -> dict[str, str]:
    return {"sha256": hashlib.sha256(data).hexdigest()}


def _statement(record: Record, results: dict[str, str]) -> dict[str, Any]:
    return {
        "_type": _STATEMENT,
        # A running deployment has no digest. What can be pinned down is the evidence, so the digest is the evidence's,
        # and the subject says so.
        "subject": [
            {
                "name": record.target.base_url,
                "uri": record.target.base_url,
                "digest": results,
                "annotations": {"digestOf": "results.json, the record of this run"},
            }
        ],
        "predicateType": _PREDICATE,
        "predicate": _predicate(Survey(record)),
    }


def _predicate(survey: Survey) -> dict[str, Any]:
    record = survey.record
    failed = _names(survey, "failed", "MUST")
    warned = [*_names(survey, "failed", "SHOULD"), *_names(survey, "tolerated"), *_names(survey, "waived")]
    result = "FAILED"
    if record.verdict == "conformant":
        result = "WARNED" if warned or _left_open(record) else "PASSED"
    return {
        "result": result,
        "configuration": _configuration(record),
        "passedTests": _names(survey, "passed"),
        "warnedTests": warned,
        "failedTests": failed,
        # Members of our own; a reader of the predicate skips what it doesn't know.
        "verdict": record.verdict,
        "summary": record.summary,
        "tolerated": _names(survey, "tolerated"),
        "waived": _names(survey, "waived"),
        "notTested": _reasons(survey, "not tested") | _masked(survey),
        "untestable": _reasons(survey, "untestable"),
        "started": record.run.started,
        "calls": record.run.calls,
        "reproduce": _command(record),
    }


def _left_open(record: Record) -> bool:
    """Whether something that cases of the suite could have tested wasn't."""
    return any(r.outcome == "not tested" or (r.outcome == "untestable" and r.cases) for r in record.requirements)


def _names(survey: Survey, outcome: Outcome, level: str | None = None) -> list[str]:
    return [r.id for r in survey.record.requirements if r.outcome == outcome and level in (None, r.level)]


def _reasons(survey: Survey, outcome: Outcome) -> dict[str, str]:
    return {r.id: r.reason for r in survey.record.requirements if r.outcome == outcome}


def _masked(survey: Survey) -> dict[str, str]:
    """What was violated together with something that it can't be told apart from: nothing is known of it by itself."""
    masked = [r for r in survey.record.requirements if r.outcome == "masked"]
    return {r.id: f"masked by {r.masked_by or 'another violation'}: {r.reason}" for r in masked}


def _configuration(record: Record) -> list[dict[str, Any]]:
    documents = [{"name": name, "digest": {"sha256": digest}} for name, digest in record.suite.digests.items()]
    asked = [[r.id, r.level, r.statement, r.ground.source.section, r.ground.source.row] for r in record.requirements]
    return [
        {
            "name": f"{record.suite.name} {record.suite.version}",
            "uri": f"pkg:pypi/{record.suite.name}@{record.suite.version}",
        },
        *documents,
        {
            "name": "requirements",
            "digest": _digest(json.dumps(asked, ensure_ascii=False, separators=(",", ":")).encode()),
            "annotations": {
                "document": record.suite.document,
                "digestOf": "[id, level, statement, section, row] of each requirement in results.json, as compact JSON",
            },
        },
    ]


def _command(record: Record) -> str:
    words = ["conformance", "run", "--base-url", record.target.base_url, "--seed", str(record.run.seed)]
    return shlex.join([*words, "--strict"] if record.strict else words)
