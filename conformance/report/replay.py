"""The record played back to pytest, so that pytest-html and pytest's JUnit writer render it.

A nested pytest session that collects nothing and runs nothing: it is handed one report for each case of the record. It
neither prints nor reads configuration, environment or other plugins, and leaves the session around it alone.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, Protocol

import pytest
import pytest_html.extras  # type: ignore[import-untyped]  # these packages have no types
import pytest_html.plugin  # type: ignore[import-untyped]
import pytest_metadata.plugin  # type: ignore[import-untyped]

from conformance.record import CaseResult, Record
from conformance.report import html, junit
from conformance.report.survey import Survey

__all__ = ["write_html_and_junit"]

_Phase = Literal["setup", "call", "teardown"]
_Outcome = Literal["passed", "failed", "skipped"]

_UNFIT = re.compile(r"[^A-Za-z0-9_-]")

_UNUSED = (
    # These hook into the process (output, threads, the debugger, sys.unraisablehook), which isn't ours.
    "terminal",
    "faulthandler",
    "unraisableexception",
    "threadexception",
    "debugging",
    "logging",
    "warnings",
    "cacheprovider",
    "doctest",
    "unittest",
)
_SETTINGS = """\
[pytest]
junit_suite_name = conformance
junit_logging = no
junit_family = xunit2
render_collapsed = all
initial_sort = original
"""


@contextmanager
def _own_environment() -> Iterator[None]:
    """Without the variables through which a user steers the outer session; they are there again afterwards."""
    saved = {name: os.environ.pop(name) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS") if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(saved)


class _Data(Protocol):
    """What pytest-html hands to its hooks: the page's title, and the labels and numbers of its filters."""

    title: str
    outcomes: dict[str, dict[str, str | int]]


class _Playback:
    """The plugin that plays RECORD back: reports in, and pytest-html's hooks answered from the page's parts."""

    def __init__(self, record: Record) -> None:
        self._survey = Survey(record)
        self._page = html.Page(self._survey)
        self._rows: dict[str, html.Row] = {}

    def pytest_metadata(self, metadata: dict[str, object]) -> None:
        # What pytest-metadata gathers of the machine and of CI is no part of the record.
        metadata.clear()
        metadata.update(self._page.environment())

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> bool:
        session.items = []
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for name, message in junit.errors(self._survey.record):
            node = self._node("gate", name)
            report = self._report(node, "setup", "failed", message)
            report.extras = [pytest_html.extras.html(html.error_evidence(message))]  # type: ignore[attr-defined]  # its own
            self._play(session, node, report, html.error_row(name, message))
        for case in self._survey.ordered_cases():
            node = self._node(case.chapter, case.id)
            self._play(session, node, self._judged(case, node), self._page.row(case))
        return True

    def _node(self, chapter: str, name: str) -> str:
        """A node id of its own, fit for pytest also where a results file holds names that are no slugs."""
        node = f"{_UNFIT.sub('_', chapter)}::{_UNFIT.sub('_', name)}"
        return node if node not in self._rows else self._node(chapter, f"{name}_")

    def _play(self, session: pytest.Session, node: str, report: pytest.TestReport, row: html.Row) -> None:
        self._rows[node] = row
        for played in (report, self._report(node, "teardown", "passed")):
            session.config.hook.pytest_runtest_logreport(report=played)

    def _judged(self, case: CaseResult, node: str) -> pytest.TestReport:
        message, text = junit.headline(case, self._survey), junit.detail(case, self._survey)
        properties = [("outcome", case.outcome), *(("requirement", identifier) for identifier in case.requirements)]
        match junit.status(case, self._survey):
            case "passed":
                report = self._report(node, "call", "passed")
            case "failure":
                report = self._report(node, "call", "failed", f"{message}\n\n{text}")
            case "skipped":
                report = self._report(node, "call", "skipped", (case.chapter, 0, f"{case.outcome}: {message}"))
            case "expected":
                report = self._report(node, "call", "skipped", text)
                report.wasxfail = message
        report.duration = case.duration_s
        report.user_properties = properties  # type: ignore[assignment]  # strings are objects
        report.extras = [pytest_html.extras.html(self._page.evidence(case))]  # type: ignore[attr-defined]  # its own
        return report

    def _report(
        self, node: str, when: _Phase, outcome: _Outcome, longrepr: str | tuple[str, int, str] | None = None
    ) -> pytest.TestReport:
        location = (node.partition("::")[0], None, node)
        return pytest.TestReport(node, location, {}, outcome, longrepr, when, start=0.0, stop=0.0)

    def pytest_html_report_title(self, report: _Data) -> None:
        report.title = self._page.title()
        self._outcomes = report.outcomes

    def pytest_html_results_table_header(self, cells: list[str]) -> None:
        cells[:] = html.HEADER

    def pytest_html_results_table_row(self, report: pytest.TestReport, cells: list[str]) -> None:
        cells[:] = self._rows[report.nodeid].cells if report.nodeid in self._rows else cells

    def pytest_html_results_table_html(self, data: list[str]) -> None:
        # The evidence is an extra; the log would only say it again.
        data.clear()

    def pytest_html_results_summary(self, prefix: list[str], postfix: list[str]) -> None:
        for key, (label, value) in html.filters(self._rows.values()).items():
            self._outcomes[key] = {"label": label, "value": value}
        prefix.append(self._page.summary())
        postfix.append(self._page.script())


def write_html_and_junit(record: Record, html_path: Path, junit_path: Path) -> None:
    """Write report.html to HTML_PATH and junit.xml to JUNIT_PATH; RuntimeError when pytest couldn't."""
    with tempfile.TemporaryDirectory() as folder:
        settings, style = Path(folder, "pytest.ini"), Path(folder, "report.css")
        settings.write_text(_SETTINGS, "utf-8")
        style.write_text(html.stylesheet(), "utf-8")
        with _own_environment():
            status = pytest.main(
                [
                    "--disable-plugin-autoload",
                    *(word for name in _UNUSED for word in ("-p", f"no:{name}")),
                    "--capture=no",
                    "--assert=plain",
                    "--noconftest",
                    f"--rootdir={folder}",
                    f"--config-file={settings}",
                    "--self-contained-html",
                    f"--html={html_path}",
                    f"--css={style}",
                    f"--junitxml={junit_path}",
                    "--junitprefix=conformance",
                ],
                plugins=[pytest_html.plugin, pytest_metadata.plugin, _Playback(record)],
            )
        if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED):
            raise RuntimeError(f"The reports could not be rendered: pytest ended with status {int(status)}.")
        html.finish(html_path, style)
    junit.dress_junit(record, junit_path)
