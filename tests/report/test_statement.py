"""statement.json, the in-toto statement."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from conformance.report.statement import write_statement
from tests.records import changed


def _statement(folder: Path, name: str) -> dict[str, Any]:
    statement: dict[str, Any] = json.loads((folder / name / "statement.json").read_text("utf-8"))
    return statement


def test_frame(folder: Path) -> None:
    """It is a Statement v1 with the test-result predicate."""
    statement = _statement(folder, "conformant")

    assert "https://in-toto.io/Statement/v1" == statement["_type"]
    assert "https://in-toto.io/attestation/test-result/v0.1" == statement["predicateType"]


def test_subject_is_the_target_by_its_evidence(folder: Path) -> None:
    """The subject is the base URL; its digest is that of results.json, and it says so."""
    (subject,) = _statement(folder, "conformant")["subject"]
    digest = hashlib.sha256((folder / "conformant" / "results.json").read_bytes()).hexdigest()

    assert "https://platform.example:8743" == subject["name"]
    assert {"sha256": digest} == subject["digest"]
    assert "results.json" in subject["annotations"]["digestOf"]


@pytest.mark.parametrize(
    ("name", "result"),
    [("conformant", "PASSED"), ("non-conformant", "FAILED"), ("incomplete", "FAILED"), ("no-verdict", "FAILED")],
)
def test_result(folder: Path, name: str, result: str) -> None:
    """Only a conformant run passes: what wasn't tested is never a pass."""
    assert result == _statement(folder, name)["predicate"]["result"]


def test_conformant_with_a_blemish_is_warned(samples: ModuleType, tmp_path: Path) -> None:
    """A conformant run in which something was waived, tolerated or untestable has the result WARNED."""
    for outcome in ("waived", "tolerated", "untestable"):
        record = samples.conformant()
        record = changed(record, requirements=(*record.requirements, samples.requirement("x", outcome)))
        record.write(tmp_path / "results.json")
        write_statement(record, tmp_path / "results.json", tmp_path / "statement.json")

        assert "WARNED" == json.loads((tmp_path / "statement.json").read_text("utf-8"))["predicate"]["result"]


def test_every_requirement_is_somewhere(folder: Path, samples: ModuleType) -> None:
    """Each requirement is in one list: passed, warned, failed, not tested or untestable."""
    predicate = _statement(folder, "non-conformant")["predicate"]
    listed = [
        identifier
        for name in ("passedTests", "warnedTests", "failedTests", "notTested", "untestable")
        for identifier in predicate[name]
    ]

    assert sorted(requirement.id for requirement in samples.non_conformant().requirements) == sorted(listed)
    assert ["error-100418-unknown-device", "device-id-max-length"] == predicate["failedTests"]


def test_configuration_names_suite_and_documents(samples: ModuleType, tmp_path: Path) -> None:
    """The configuration is the suite by its version, and the contract's documents by their digests."""
    record = samples.conformant()
    record = changed(record, suite=replace(record.suite, digests={"requirements.yaml": "0" * 64}))
    record.write(tmp_path / "results.json")
    write_statement(record, tmp_path / "results.json", tmp_path / "statement.json")
    suite, document, requirements = json.loads((tmp_path / "statement.json").read_text("utf-8"))["predicate"][
        "configuration"
    ]

    assert "pkg:pypi/revocation-conformance@0.1.0" == suite["uri"]
    assert {"name": "requirements.yaml", "digest": {"sha256": "0" * 64}} == document
    assert record.suite.document == requirements["annotations"]["document"]


def test_it_says_how_to_reproduce(folder: Path) -> None:
    """The command that repeats the run is in it."""
    reproduce = _statement(folder, "conformant")["predicate"]["reproduce"]

    assert "conformance run --base-url https://platform.example:8743 --seed 1" == reproduce
