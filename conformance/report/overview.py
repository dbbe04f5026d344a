"""Several records as one page: the document's tables, row by implementation, and requirement by implementation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from conformance.record.results import Record, RequirementResult
from conformance.report import html
from conformance.report.document import Place, Row, chart
from conformance.report.survey import Survey

__all__ = ["render_overview"]


@dataclass(frozen=True)
class _Column:
    name: str
    record: Record
    survey: Survey


@dataclass(frozen=True)
class _Row:
    requirement: RequirementResult
    results: tuple[RequirementResult | None, ...]

    @property
    def urgency(self) -> tuple[bool, int]:
        """Sorts what most implementations fail first, MUST before SHOULD."""
        failures = sum(result is not None and result.outcome == "failed" for result in self.results)
        return not (failures and self.requirement.level == "MUST"), -failures


@dataclass(frozen=True)
class _Sheet:
    """A table of the document: its title, and each row with what every record says of it (None: nothing)."""

    title: str
    rows: tuple[tuple[Row, tuple[Place | None, ...]], ...]


def render_overview(records: Sequence[Record]) -> str:
    """A self-contained HTML page with a column for each of RECORDS and a row for each requirement that any has."""
    columns = _columns(records)
    known = {requirement.id: requirement for record in records for requirement in record.requirements}
    rows = [
        _Row(requirement, tuple(column.survey.requirements.get(identifier) for column in columns))
        for identifier, requirement in known.items()
    ]
    page = html.render(
        "overview.html.jinja",
        columns=columns,
        sheets=_sheets(columns),
        rows=sorted(rows, key=lambda row: row.urgency),
        documents=list(dict.fromkeys(record.suite.document for record in records)),
        style=Markup(html.stylesheet()),  # noqa: S704 (our own file)
    )
    return html.seal(page)


def _sheets(columns: Sequence[_Column]) -> list[_Sheet]:
    """The document's tables; a row that only some records know stands in its table's end."""
    charts = [chart(column.record.requirements) for column in columns]
    places = [{place.row: place for sheet in sheets for place in sheet.places} for sheets in charts]
    rows: dict[str, dict[Row, None]] = {}
    for sheets in charts:
        for sheet in sheets:
            rows.setdefault(sheet.table.title, {}).update(dict.fromkeys(place.row for place in sheet.places))
    return [
        _Sheet(title, tuple((row, tuple(known.get(row) for known in places)) for row in found))
        for title, found in rows.items()
    ]


def _columns(records: Sequence[Record]) -> list[_Column]:
    """The records under their targets' names; several of one target are told apart by when they ran."""
    counts = Counter(record.target.base_url for record in records)
    return [
        _Column(
            record.target.base_url + (f" ({record.run.started})" if counts[record.target.base_url] > 1 else ""),
            record,
            Survey(record),
        )
        for record in records
    ]
