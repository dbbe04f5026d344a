"""The map of the document: every row of it, every requirement of the ledger, each in its place."""

from __future__ import annotations

from collections import Counter
from types import ModuleType

import pytest

from conformance.contract import documents
from conformance.record.results import Ground, RequirementResult, Source
from conformance.report.document import TABLES, chart, outcome_of

OPENAPI = documents.load().openapi
SCHEMAS = OPENAPI["components"]["schemas"]


def _ledger() -> list[RequirementResult]:
    return [
        RequirementResult(one.id, one.level, one.statement, Ground(Source(one.section, one.row)), "passed", "", ())
        for one in documents.load().requirements.values()
    ]


def _names(title: str) -> list[str]:
    """The rows of the table TITLE."""
    return [row.name for table in TABLES if table.title == title for row in table.rows]


def test_every_requirement_stands_in_one_place() -> None:
    """Each requirement of the ledger stands in exactly one row of the map."""
    placed = Counter(one.id for sheet in chart(_ledger()) for place in sheet.places for one in place.requirements)

    assert dict.fromkeys(documents.load().requirements, 1) == placed


def test_every_row_has_a_requirement() -> None:
    """No row of the document is without a requirement, and the map adds no row of its own."""
    sheets = chart(_ledger())

    assert [table.title for table in TABLES] == [sheet.table.title for sheet in sheets]
    assert [row for table in TABLES for row in table.rows] == [place.row for s in sheets for place in s.places]
    assert [] == [place.row for sheet in sheets for place in sheet.places if not place.all]


def test_members_are_the_contracts() -> None:
    """The members of the answer are those of the OpenAPI document, in its order, behind the status code."""
    tables = {
        "Response Parameters": "Task",
        "DeviceCommandResp structure": "DeviceCommandResp",
        "CommandDTO structure": "CommandDTO",
    }
    members = {title: list(SCHEMAS[schema]["properties"]) for title, schema in tables.items()}

    assert members == {title: [name for name in _names(title) if name != "Status Code"] for title in tables}
    assert [6, 14, 3] == [len(names) for names in members.values()]


def test_error_rows_are_the_contracts() -> None:
    """The error rows are the eleven of the OpenAPI document, in its order, in its words."""
    rows = documents.load().rows
    shown = [(row.name, row.facts) for table in TABLES for row in table.rows if row.name[:1].isdigit()]

    assert 11 == len(rows)
    assert [(f"{row.status} {row.code}", row.description) for row in rows] == shown


def test_requirement_of_several_rows_speaks_in_each(samples: ModuleType) -> None:
    """One that names two rows stands in the first, and the second shows its outcome, too."""
    both = samples.requirement("x", "failed", source=Source("Error Codes", "200 100203, 403 100203"))
    by_code = samples.requirement("y", "masked", source=Source("Error Codes", "100217"))
    places = {place.row.name: place for sheet in chart([both, by_code]) for place in sheet.places}

    assert (places["200 100203"].requirements, places["403 100203"].requirements) == ([both], [])
    assert "failed" == places["403 100203"].outcome
    assert ("masked", "masked") == (places["200 100217"].outcome, places["403 100217"].outcome)
    assert places["200 100418"].outcome is None


def test_rows_of_which_only_a_should_failed_are_counted_apart(samples: ModuleType) -> None:
    """A table's tally tells failed MUSTs from failed SHOULDs."""
    source = Source("Error Codes", "200 100203, 403 100203")
    requirements = (
        samples.requirement("x", "failed", source=source),
        samples.requirement("y", "failed", source=Source("Error Codes", "200 100418"), level="SHOULD"),
    )
    (sheet,) = (sheet for sheet in chart(requirements) if any(place.all for place in sheet.places))

    assert {("failed", False): 2, ("failed", True): 1} == sheet.tally()


def test_unknown_rows_get_a_place(samples: ModuleType) -> None:
    """A requirement of a row, or of a section, that the document hasn't is shown all the same."""
    row = samples.requirement("x", source=Source("Request Parameters", "traceId"))
    section = samples.requirement("y", source=Source("Appendix", "z"))
    sheets = {sheet.table.title: sheet for sheet in chart([row, section])}

    assert [row] == sheets["Request Parameters"].places[-1].requirements
    assert [[section]] == [place.requirements for place in sheets["Appendix"].places]


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (("passed", "untestable"), "passed"),
        (("untestable",), "untestable"),
        (("passed", "not tested"), "not tested"),
        (("not tested", "tolerated", "waived"), "waived"),
        (("masked", "waived"), "masked"),
        (("passed", "failed", "masked"), "failed"),
    ],
)
def test_the_worst_speaks_for_a_row(samples: ModuleType, outcomes: tuple[str, ...], expected: str) -> None:
    """A row is as bad as the worst of its requirements; one that can't be tested hides none that passed."""
    assert expected == outcome_of([samples.requirement(outcome, outcome) for outcome in outcomes])
