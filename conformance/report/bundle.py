"""All reports of a run, in one folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.files import write
from conformance.record.results import Exit, Record
from conformance.report.badge import write_badge
from conformance.report.ctrf import write_ctrf
from conformance.report.drawing import write_html
from conformance.report.har import write_har
from conformance.report.junit import write_junit
from conformance.report.markdown import write_markdown
from conformance.report.statement import write_statement

__all__ = ["FILES", "GUIDE", "write_reports"]

GUIDE = Path(__file__).with_name("requirements.html")
"""What each requirement asks, how it is tested, fails and is fixed: the same page beside every report."""


UNVERIFIED = "No verdict: the recorded one wasn't seen to follow from the evidence."

FILES = (
    "results.json",
    "traffic.har",
    "report.html",
    "junit.xml",
    "ctrf.json",
    "summary.md",
    "badge.svg",
    "statement.json",
    GUIDE.name,
)
"""What is written beside each other."""


def write_reports(
    record: Record,
    directory: Path,
    session: pytest.Session | None = None,
    *,
    source: Path | None = None,
    verified: bool = True,
) -> None:
    """Write every report of RECORD into DIRECTORY, which is made when it isn't there.

    results.json first: the others can be rendered from it again. Raises OSError when the folder can't be written.

    Args:
        record: what is rendered.
        directory: where the reports go.
        session: the pytest session that goes on, where there is one: the page is drawn in it.
        source: the file that the record was read from, which stays as it is.
        verified: whether the verdict follows from the evidence, as far as can be seen. Badge and statement vouch for
            no other.
    """
    directory.mkdir(parents=True, exist_ok=True)
    results = directory / "results.json"
    if source is None or not results.exists() or not results.samefile(source):
        record.write(results)
    write_har(record, directory / "traffic.har")
    write_html(record, directory / "report.html", session)
    write_junit(record, directory / "junit.xml")
    write_ctrf(record, directory / "ctrf.json")
    write_markdown(record, directory / "summary.md")
    vouched = (
        record if verified else replace(record, verdict="no verdict", exit_status=Exit.NO_VERDICT, summary=UNVERIFIED)
    )
    write_badge(vouched, directory / "badge.svg")
    write_statement(vouched, results, directory / "statement.json")
    write(directory / GUIDE.name, GUIDE.read_text("utf-8"))
