"""The ledger of requirements and the interpretations: complete, unique, and agreeing with each other and OpenAPI."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from conformance.case.refusals import LOOKED_FOR_THERE

if TYPE_CHECKING:
    from collections.abc import Iterator

OPENAPI = Path(__file__).parents[2] / "openapi"
CALL = yaml.safe_load((OPENAPI / "device-command-cancel-tasks.yaml").read_text("utf-8"))
LEDGER = yaml.safe_load((OPENAPI / "requirements.yaml").read_text("utf-8"))
READINGS = yaml.safe_load((OPENAPI / "interpretations.yaml").read_text("utf-8"))
REQUIREMENTS: dict[str, dict[str, Any]] = {entry["id"]: entry for entry in LEDGER["requirements"]}
INTERPRETATIONS: dict[str, dict[str, Any]] = {entry["id"]: entry for entry in READINGS["interpretations"]}

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
EFFECTS = {"pass", "settled", "tolerated", "advisory", "untestable", "untested"}
# The headings of the source document under which something is stated.
SECTIONS = {
    "Typical Scenario",
    "API Function",
    "API Prototype",
    "Request Parameters",
    "Response Parameters",
    "DeviceCommandResp structure",
    "CommandDTO structure",
    "Request Example",
    "Response Example",
    "Error Codes",
}


def values_of(key: str, node: object = CALL) -> Iterator[Any]:
    """Every value of KEY, wherever it stands in the OpenAPI document."""
    if isinstance(node, dict):
        if key in node:
            yield node[key]
        for child in node.values():
            yield from values_of(key, child)
    elif isinstance(node, list):
        for child in node:
            yield from values_of(key, child)


def openapi_readings() -> set[str]:
    """Every interpretation that the OpenAPI document refers to."""
    read = {reading for readings in values_of("x-reading") for reading in readings}
    excused = {reading for tolerated in values_of("x-tolerated") for reading in tolerated.values()}
    return read | excused | set(values_of("x-tolerated-json-string"))


class TestLedger:
    """requirements.yaml."""

    def test_ids_are_unique_slugs(self) -> None:
        """No two requirements have one id, and each id is a slug without positions, brackets or spaces."""
        counts = Counter(entry["id"] for entry in LEDGER["requirements"])

        assert [] == [key for key, count in counts.items() if count > 1 or not SLUG.fullmatch(key)]

    def test_levels_are_must_or_should(self) -> None:
        """There are two levels, and both occur."""
        assert {"MUST", "SHOULD"} == {entry["level"] for entry in REQUIREMENTS.values()}

    def test_sections_exist(self) -> None:
        """Each requirement stands under a heading of the source document."""
        assert [] == [key for key, entry in REQUIREMENTS.items() if entry["section"] not in SECTIONS]

    @pytest.mark.parametrize("member", ["row", "statement", "advice"])
    def test_entries_are_complete(self, member: str) -> None:
        """Each requirement says where it stands, what is asked, and what to look at."""
        assert [] == [key for key, entry in REQUIREMENTS.items() if not str(entry[member]).strip()]

    def test_entries_have_known_members(self) -> None:
        """No requirement has a member that the ledger's heading doesn't explain, such as a misspelt one."""
        known = {"id", "level", "section", "row", "statement", "advice", "reading", "untestable", "origin"}
        known |= {"masked_by", "subsumes", "since"}

        assert {name for entry in REQUIREMENTS.values() for name in entry} <= known

    def test_our_own_are_should(self) -> None:
        """What the source document doesn't state is never a MUST, and every SHOULD says that it is ours."""
        ours = {key for key, entry in REQUIREMENTS.items() if entry.get("origin") == "ours"}

        assert ours == {key for key, entry in REQUIREMENTS.items() if entry["level"] == "SHOULD"}

    def test_readings_exist(self) -> None:
        """Each interpretation that a requirement rests on is written down."""
        assert {reading for entry in REQUIREMENTS.values() for reading in entry.get("reading", [])} <= set(
            INTERPRETATIONS
        )

    def test_documents_name_one_source(self) -> None:
        """Ledger and interpretations are about the same edition of the source document."""
        assert LEDGER["document"] == READINGS["document"]


class TestOpenAPI:
    """What the OpenAPI document refers to."""

    def test_requirements_exist(self) -> None:
        """Each requirement that a member, an answer or the call refers to is in the ledger."""
        assert set(values_of("x-requirement")) <= set(REQUIREMENTS)

    def test_rows_requirements_exist(self) -> None:
        """Each error row's requirement is in the ledger, and is the one that names the row's code."""
        for row in CALL["x-error-rows"]:
            assert row["requirement"] in REQUIREMENTS
            assert row["requirement"].startswith(f"error-{row['code']}-")

    def test_every_error_requirement_has_a_row(self) -> None:
        """No requirement about an error code is without a row."""
        coded = {key for key in REQUIREMENTS if re.match(r"error-\d+-", key)}

        assert coded == {row["requirement"] for row in CALL["x-error-rows"]}

    @pytest.mark.parametrize(
        ("structure", "prefix"), [("Task", "task-"), ("DeviceCommandResp", "command-"), ("CommandDTO", "command-")]
    )
    def test_members_refer_to_their_requirement(self, structure: str, prefix: str) -> None:
        """Each member of an answer refers to the requirement named after it, which is about that very row."""
        for member, schema in CALL["components"]["schemas"][structure]["properties"].items():
            words = re.sub("([A-Z])", r"-\1", member).lower()
            requirement = schema["x-requirement"]
            heading = "Response Parameters" if structure == "Task" else f"{structure} structure"

            assert requirement == prefix + words.removeprefix(prefix)
            assert (REQUIREMENTS[requirement]["section"], REQUIREMENTS[requirement]["row"]) == (heading, member)

    def test_readings_exist(self) -> None:
        """Each interpretation that the document refers to is written down."""
        assert openapi_readings() <= set(INTERPRETATIONS)


class TestInterpretations:
    """interpretations.yaml."""

    def test_ids_are_unique_slugs(self) -> None:
        """No two interpretations have one id, and each id is a slug."""
        counts = Counter(entry["id"] for entry in READINGS["interpretations"])

        assert [] == [key for key, count in counts.items() if count > 1 or not SLUG.fullmatch(key)]

    @pytest.mark.parametrize("entry", INTERPRETATIONS.values(), ids=INTERPRETATIONS)
    def test_entry_is_complete(self, entry: dict[str, Any]) -> None:
        """Each entry says where it arises, whether by silence or contradiction, how it is read and what follows."""
        either = {"silence", "contradiction"} & set(entry)
        used = {"used_by", "free_standing"} & set(entry)

        assert 1 == len(either)
        assert 1 == len(used)
        assert set(entry) == {"id", "title", "source", "readings", "ours", "facts", "effect"} | either | used
        assert {"section", "row"} == set(entry["source"])
        assert entry["source"]["section"] in SECTIONS
        assert entry["effect"] in EFFECTS
        assert len(entry["readings"]) > 1
        assert all(
            isinstance(text, str) for text in (entry["title"], entry["ours"], *entry["readings"], *entry["facts"])
        )

    def test_used_by_exists(self) -> None:
        """Each requirement that an interpretation says it shapes is in the ledger."""
        used = {
            requirement for entry in INTERPRETATIONS.values() for requirement in entry.get("used_by", ["call-accepted"])
        }

        assert used <= set(REQUIREMENTS)

    def test_used_by_covers_the_ledger(self) -> None:
        """Where the ledger refers to an interpretation, the interpretation refers back."""
        one_sided = [
            (key, reading)
            for key, entry in REQUIREMENTS.items()
            for reading in entry.get("reading", [])
            if key not in INTERPRETATIONS[reading].get("used_by", [])
        ]

        assert [] == one_sided

    def test_tolerated_values_rest_on_tolerating_entries(self) -> None:
        """What the OpenAPI document or a refusal tolerates, and what the interpretations do, are the same."""
        marked = {reading for tolerated in values_of("x-tolerated") for reading in tolerated.values()}
        marked |= set(values_of("x-tolerated-json-string"))
        marked |= {reading for _, reading in LOOKED_FOR_THERE}

        assert marked == {key for key, entry in INTERPRETATIONS.items() if entry["effect"] == "tolerated"}
