"""All reports of a run, in one folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conformance.record import Record
from conformance.report.badge import write_badge
from conformance.report.ctrf import write_ctrf
from conformance.report.drawing import write_html
from conformance.report.har import write_har
from conformance.report.junit import write_junit
from conformance.report.markdown import write_markdown
from conformance.report.statement import write_statement

__all__ = ["GUIDE", "write_reports"]

GUIDE = Path(__file__).with_name("requirements.html")
"""What each requirement asks, how it is tested, fails and is fixed: the same page beside every report."""


def write_reports(record: Record, directory: Path, session: pytest.Session | None = None) -> None:
    """Write every report of RECORD into DIRECTORY, which is made when it isn't there.

    results.json first: the others can be rendered from it again. SESSION is the pytest session that goes on, where
    there is one: the page is drawn in it. Raises OSError when the folder can't be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    results = directory / "results.json"
    record.write(results)
    write_har(record, directory / "traffic.har")
    write_html(record, directory / "report.html", session)
    write_junit(record, directory / "junit.xml")
    write_ctrf(record, directory / "ctrf.json")
    write_markdown(record, directory / "summary.md")
    write_badge(record, directory / "badge.svg")
    write_statement(record, results, directory / "statement.json")
    shutil.copyfile(GUIDE, directory / GUIDE.name)
