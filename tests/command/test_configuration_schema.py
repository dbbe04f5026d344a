"""The published schema of conformance.toml."""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from conformance.command.catalogue import all_cases
from conformance.command.initialization import PROVIDERS, Answers
from conformance.command.initialization.files import SCHEMA_FILE, files, schema
from conformance.configuration import keys, provider, settings
from conformance.contract import documents
from conformance.reference import Reference

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads(resources.files("conformance").joinpath("configuration.schema.json").read_text("utf-8"))
DEFINITIONS, PROPERTIES = SCHEMA["definitions"], SCHEMA["properties"]
TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", list: "array", dict: "object"}
SECTIONS = {"target": keys.TARGET_KEYS, "provider": keys.PROVIDER_KEYS}
TABLES = {
    "the file": (SCHEMA, keys.SECTIONS),
    **{name: (PROPERTIES[name], [key.name for key in keys]) for name, keys in SECTIONS.items()},
    "provider.static": (PROPERTIES["provider"]["properties"]["static"], keys.STATIC_KEYS),
    "suite": (PROPERTIES["suite"], keys.SUITE_KEYS),
    "device": (DEFINITIONS["device"], keys.DEVICE_KEYS),
    **{name: (DEFINITIONS[name], list(keys)) for name, keys in keys.APPLICATION_KEYS.items()},
    "waiver": (PROPERTIES["waiver"]["items"], keys.WAIVER_KEYS),
    "untestable": (PROPERTIES["untestable"]["items"], keys.UNTESTABLE_KEYS),
}


def as_json(value: Any) -> Any:
    """VALUE, read from TOML, as editors hand it to a schema: a date is a string."""
    if isinstance(value, dict):
        return {key: as_json(element) for key, element in value.items()}
    if isinstance(value, list):
        return [as_json(element) for element in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def problems(text: str, against: dict[str, Any] | None = None) -> list[str]:
    """What the schema has against the configuration TEXT."""
    validator = Draft7Validator(SCHEMA if against is None else against)
    return [error.message for error in validator.iter_errors(as_json(tomllib.loads(text)))]


def examples() -> list[str]:
    """The configurations in the documentation."""
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    return [
        block.replace("…", "x")
        for page in pages
        for block in re.findall(r"^```toml\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    ]


def test_it_is_a_schema() -> None:
    """The schema is itself a JSON Schema, of the dialect that editors of TOML know."""
    Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(("table", "keys"), TABLES.values(), ids=TABLES)
def test_it_is_complete(table: dict[str, Any], keys: list[str]) -> None:
    """It has every key that the configuration takes, no other, and each with words for an editor to show."""
    assert set(keys) == set(table["properties"])
    assert table["additionalProperties"] is False
    for key in table["properties"].values():
        described = DEFINITIONS[key["$ref"].rpartition("/")[2]] if "$ref" in key else key
        assert {"title", "description"} & set(described)


@pytest.mark.parametrize("section", SECTIONS)
def test_types(section: str) -> None:
    """A key has the type that the configuration asks for."""
    properties = PROPERTIES[section]["properties"]
    expected = {key.name: TYPES[key.type] for key in SECTIONS[section]}
    actual = {name: key.get("type", "string") for name, key in properties.items()}

    assert expected == actual
    assert list(provider.PROVIDERS) == PROPERTIES["provider"]["properties"]["kind"]["enum"]


def test_defaults() -> None:
    """A default that an editor shows is the one that the suite takes."""
    classes = {"target": settings.TargetSettings, "provider": settings.ProviderSettings}
    shown = {
        (section, name): key["default"]
        for section in classes
        for name, key in PROPERTIES[section]["properties"].items()
        if "default" in key
    }

    assert 5 == len(shown)
    assert {(section, name): getattr(classes[section], name) for section, name in shown} == shown


def test_releases() -> None:
    """The releases that an editor offers are those whose requirements can count."""
    assert documents.releases(documents.load().requirements) == tuple(
        PROPERTIES["suite"]["properties"]["requirements"]["enum"]
    )


@pytest.mark.parametrize("text", examples())
def test_examples_of_the_documentation(text: str) -> None:
    """Every configuration in the documentation is valid, also by the ids of this version."""
    assert [] == problems(text)
    assert [] == problems(text, schema())


@pytest.mark.parametrize("kind", ["hook", "northbound", "static"])
def test_configurations_of_the_reference(kind: Any) -> None:
    """So is every configuration that serve writes."""
    with Reference.start(tls=False) as reference:
        assert [] == problems(reference.configuration(kind), schema())


@pytest.mark.parametrize("provider", PROVIDERS)
def test_configurations_of_init(provider: str) -> None:
    """So is every configuration that init writes, by the schema that it writes beside it."""
    language = "python" if provider == "hook" else None
    made = files(Answers("https://a.example", provider, language, "none"))

    assert [] == problems(made[Path("conformance.toml")], json.loads(made[SCHEMA_FILE]))


@pytest.mark.parametrize(
    "text",
    [
        'target.base_url = "platform.example"',
        "target.calls_per_minute = -1",
        "target.calls_per_minute = 1.5",
        'target.calls_per_minute = "100"',
        "target.timeout = 0",
        "target.verify_hostname = 1",
        "target.port = 8743",
        'provider.kind = "pact"',
        "provider.device_ids = [1]",
        'provider.static.devices = [{pending = ["1"]}]',
        '[[waiver]]\ncase = "a"\nrequirement = "b"\nreason = "r"\nowner = "o"\nexpires = 2099-01-31',
        '[[waiver]]\ncase = "a"\nowner = "o"\nexpires = 2099-01-31',
        '[[waiver]]\ncase = "a"\nreason = "r"\nowner = "o"\nexpires = "soon"',
        '[[untestable]]\nrequirement = "a"',
        "[sweet]",
        'suite.requirements = "9.9"',
        'provider.static.second_application = {app_key = "k", access_token = "t"}',
    ],
)
def test_wrong_configurations(text: str) -> None:
    """What the suite refuses is invalid, with one problem each."""
    assert 1 == len(problems(text))


def test_the_written_one_has_ids() -> None:
    """The schema that init writes is the published one and the ids of this version, so a misspelt one is seen."""
    written = schema()
    ids = {name: written["definitions"][name].pop("enum") for name in ("requirement", "case")}

    assert SCHEMA == written
    assert ids == {"requirement": list(documents.load().requirements), "case": [case.id for case in all_cases()]}
    assert 1 == len(problems('[[untestable]]\nrequirement = "congestion-refuse"\nreason = "r"', schema()))
