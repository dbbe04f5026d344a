"""The published schema of results.json."""

from __future__ import annotations

import json
from dataclasses import fields
from importlib import resources
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from conformance.evidence import exchange
from conformance.record import results as record

SCHEMA = json.loads(resources.files("conformance.report").joinpath("results.schema.json").read_text("utf-8"))
DEFINITIONS = SCHEMA["$defs"]
CLASSES = (
    (record.Record, SCHEMA),
    (record.SuiteInfo, SCHEMA["properties"]["suite"]),
    (record.TargetInfo, SCHEMA["properties"]["target"]),
    (record.WaiverUse, DEFINITIONS["waiver"]),
    (record.RequirementResult, DEFINITIONS["requirement"]),
    (record.Source, DEFINITIONS["requirement"]["properties"]["source"]),
    (record.CaseResult, DEFINITIONS["case"]),
    (record.Finding, DEFINITIONS["finding"]),
    (record.Rule, DEFINITIONS["finding"]["properties"]["rule"]),
    (record.Event, DEFINITIONS["event"]),
    (exchange.Exchange, DEFINITIONS["exchange"]),
    (exchange.Request, DEFINITIONS["exchange"]["properties"]["request"]),
    (exchange.Response, DEFINITIONS["exchange"]["properties"]["response"]),
    (exchange.Fault, DEFINITIONS["exchange"]["properties"]["fault"]),
)


def test_schema_is_valid() -> None:
    """The schema is itself a JSON Schema of the dialect that it names."""
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", ["conformant", "non-conformant", "incomplete", "no-verdict"])
def test_results_conform(folder: Path, name: str) -> None:
    """What is written as results.json conforms to the schema."""
    results = json.loads((folder / name / "results.json").read_text("utf-8"))

    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(results)] == []


@pytest.mark.parametrize(("kind", "schema"), CLASSES, ids=lambda value: getattr(value, "__name__", ""))
def test_schema_is_complete(kind: type, schema: dict[str, Any]) -> None:
    """The schema describes every member of the record, and no other."""
    assert {field.name for field in fields(kind)} == set(schema["properties"])


def test_format_is_pinned(samples: ModuleType) -> None:
    """The schema is of the format that records are written in, and of those before; its identifier names the newest."""
    formats = SCHEMA["properties"]["format"]["enum"]

    assert samples.conformant().format == record.FORMAT
    assert record.FORMAT in formats
    assert SCHEMA["$id"].endswith(f":{formats[-1]}")


def test_wrong_results_are_refused(folder: Path) -> None:
    """A verdict that doesn't exist, or a case without an id, doesn't conform."""
    results = json.loads((folder / "conformant" / "results.json").read_text("utf-8"))
    results["verdict"] = "good"
    del results["cases"][0]["id"]

    assert len(list(Draft202012Validator(SCHEMA).iter_errors(results))) == 2
