"""The published schema of results.json."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import fields
from importlib import resources
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from conformance.contract.expectation import Expectation
from conformance.contract.meaning import MustStay, State
from conformance.contract.refused import Refusal
from conformance.contract.values import Queued
from conformance.evidence import exchange
from conformance.record import results as record
from conformance.record.observation import Observation
from tests.records import member_names

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
    (record.Conditions, DEFINITIONS["conditions"]),
    (MustStay, DEFINITIONS["kept"]),
    (State, DEFINITIONS["state"]),
    (Refusal, DEFINITIONS["refusal"]),
    (Queued, DEFINITIONS["queued"]),
    (Expectation, DEFINITIONS["expectation"]),
    (exchange.Exchange, DEFINITIONS["exchange"]),
    (exchange.Request, DEFINITIONS["exchange"]["properties"]["request"]),
    (exchange.Response, DEFINITIONS["exchange"]["properties"]["response"]),
    (exchange.TransportError, DEFINITIONS["exchange"]["properties"]["fault"]),
)


def test_schema_is_valid() -> None:
    """The schema is itself a JSON Schema of the dialect that it names."""
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", ["conformant", "non-conformant", "incomplete", "no-verdict"])
def test_results_conform(folder: Path, name: str) -> None:
    """What is written as results.json conforms to the schema."""
    results = json.loads((folder / name / "results.json").read_text("utf-8"))

    assert [] == [error.message for error in Draft202012Validator(SCHEMA).iter_errors(results)]


@pytest.mark.parametrize(("kind", "schema"), CLASSES, ids=lambda value: getattr(value, "__name__", ""))
def test_schema_is_complete(kind: type, schema: dict[str, Any]) -> None:
    """The schema describes every member of the record, and no other."""
    assert member_names(kind) == set(schema["properties"])


@pytest.mark.parametrize("kind", get_args(Observation), ids=lambda kind: kind.__name__)
def test_every_kind_of_observation_is_described(kind: type) -> None:
    """The schema knows each kind of observation by its name, with every member, and none more."""
    schema = DEFINITIONS[kind.__name__]

    assert {"kind", *(field.name for field in fields(kind))} == set(schema["properties"]) == set(schema["required"])
    assert {"const": kind.__name__} == schema["properties"]["kind"]
    assert {"$ref": f"#/$defs/{kind.__name__}"} in DEFINITIONS["observation"]["oneOf"]


def test_results_of_a_run_conform(tmp_path: Path) -> None:
    """What a run writes, observations of several kinds included, conforms, and no member of it is undescribed."""
    words = "accepted or token or same-time or generated-json-spelling or generated-device-id-type"
    command = [sys.executable, "-m", "conformance", "run", "--seed", "1", "-k", words, "--reports", "reports"]
    subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, timeout=300)
    results = json.loads((tmp_path / "reports" / "results.json").read_text("utf-8"))
    observations = [one for case in results["cases"] for one in case["observations"]]

    assert [] == [f"{error.json_path}: {error.message}" for error in Draft202012Validator(SCHEMA).iter_errors(results)]
    assert {"ValidCall", "RefusedCall", "Revocation", "Unchanged", "Sampled"} <= {one["kind"] for one in observations}
    assert any(requirement["proved_by"] for requirement in results["requirements"])
    assert set(results) == set(SCHEMA["properties"])


def test_format_is_pinned(samples: ModuleType) -> None:
    """The schema is of the format that records are written in, and of those before; its identifier names the newest."""
    formats = SCHEMA["properties"]["format"]["enum"]

    assert record.FORMAT == samples.conformant().format
    assert record.FORMAT in formats
    assert SCHEMA["$id"].endswith(f":{formats[-1]}")


def test_wrong_results_are_refused(folder: Path) -> None:
    """A verdict that doesn't exist, or a case without an id, doesn't conform."""
    results = json.loads((folder / "conformant" / "results.json").read_text("utf-8"))
    results["verdict"] = "good"
    del results["cases"][0]["id"]

    assert 2 == len(list(Draft202012Validator(SCHEMA).iter_errors(results)))
