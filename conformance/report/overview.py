"""Several records as one page: implementation by requirement."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.record import Record
from conformance.report import html

__all__ = ["render_overview"]


def render_overview(records: Sequence[Record]) -> str:
    """A self-contained HTML page with a column for each of RECORDS and a row for each requirement that any has."""
    requirements = {requirement.id: requirement for record in records for requirement in record.requirements}
    outcomes = [{requirement.id: requirement for requirement in record.requirements} for record in records]
    page = html.render(
        "overview.html.jinja",
        records=records,
        requirements=list(requirements.values()),
        outcomes=outcomes,
        style=html.Markup(html.stylesheet()),
    )
    return html.seal(page)
