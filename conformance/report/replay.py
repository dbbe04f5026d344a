"""The record played back to pytest, so that pytest-html draws the table of its cases.

pytest-html's public surface is a pytest session and the hooks that it adds to one. This session collects and runs
nothing: it is handed one report for each case of the record. It neither prints nor reads configuration, environment or
other plugins, and leaves a session around it alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Literal, Protocol

import pytest
import pytest_html.plugin  # type: ignore[import-untyped]  # these packages have no types
import pytest_metadata.plugin  # type: ignore[import-untyped]

from conformance.record import Record
from conformance.report import html

__all__ = ["write_html"]

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

_OUTCOMES: dict[str, tuple[Literal["setup", "call"], Literal["passed", "failed", "skipped"]]] = {
    "passed": ("call", "passed"),
    "failed": ("call", "failed"),
    "error": ("setup", "failed"),
    "skipped": ("call", "skipped"),
    "xfailed": ("call", "skipped"),
    "xpassed": ("call", "passed"),
    "rerun": ("call", "rerun"),  # type: ignore[dict-item]  # as pytest-rerunfailures reports it
}
"""How pytest reports what pytest-html files under each of its seven results."""


class _Data(Protocol):
    """What pytest-html hands to its hooks: the page's title, and the labels and numbers of its filters."""

    title: str
    outcomes: dict[str, dict[str, str | int]]


class _Playback:
    """The plugin that plays PAGE back: reports in, and pytest-html's hooks answered from the page's parts."""

    def __init__(self, page: html.Page) -> None:
        self._page = page
        self._rows: dict[str, html.Row] = {}

    def pytest_metadata(self, metadata: dict[str, object]) -> None:
        # What pytest-metadata gathers of the machine and of CI is no part of the record; the page has its own table.
        metadata.clear()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> bool:
        session.items = []
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for number, entry in enumerate(self._page.entries):
            node = f"{number}::{_UNFIT.sub('_', entry.name)}"
            self._rows[node] = entry.row
            for report in _reports(node, entry):
                session.config.hook.pytest_runtest_logreport(report=report)
        return True

    def pytest_html_report_title(self, report: _Data) -> None:
        report.title = self._page.title()
        self._outcomes = report.outcomes

    def pytest_html_results_table_header(self, cells: list[str]) -> None:
        cells[:] = html.HEADER

    def pytest_html_results_table_row(self, report: pytest.TestReport, cells: list[str]) -> None:
        cells[:] = self._rows[report.nodeid].cells

    def pytest_html_results_table_html(self, data: list[str]) -> None:
        # The evidence stands in the page already; the log would only say it again.
        data.clear()

    def pytest_html_results_summary(self, prefix: list[str], postfix: list[str]) -> None:
        for key, (label, value) in html.filters(self._rows.values()).items():
            self._outcomes[key] = {"label": label, "value": value}
        prefix.append(self._page.summary())
        postfix.append(self._page.script())


def _reports(node: str, entry: html.Entry) -> Iterator[pytest.TestReport]:
    """What pytest would have reported of ENTRY: its outcome, and an end that passes."""
    when, outcome = _OUTCOMES[entry.row.category]
    location = (node, None, node)
    report = pytest.TestReport(node, location, {}, outcome, None, when)
    report.duration = entry.case.duration_s if entry.case else 0
    if entry.row.category.startswith("x"):
        report.wasxfail = ""
    yield report
    yield pytest.TestReport(node, location, {}, "passed", None, "teardown")


@contextmanager
def _own_environment() -> Iterator[None]:
    """Without the variables through which a user steers the outer session; they are there again afterwards."""
    saved = {name: os.environ.pop(name) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS") if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(saved)


def write_html(record: Record, path: Path) -> None:
    """Write report.html of RECORD to PATH; RuntimeError when pytest couldn't."""
    page = html.Page(record)
    with resources.as_file(html.STYLE) as style, _own_environment():
        status = pytest.main(
            [
                "--disable-plugin-autoload",
                *(word for name in _UNUSED for word in ("-p", f"no:{name}")),
                "--capture=no",
                "--assert=plain",
                "--noconftest",
                f"--rootdir={path.parent}",
                f"--config-file={os.devnull}",
                "--override-ini=render_collapsed=all",
                "--override-ini=initial_sort=original",
                "--self-contained-html",
                f"--html={path}",
                f"--css={style}",
            ],
            plugins=[pytest_html.plugin, pytest_metadata.plugin, _Playback(page)],
        )
        if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED):
            raise RuntimeError(f"The page could not be rendered: pytest ended with status {int(status)}.")
        path.write_text(html.finish(path.read_text("utf-8"), style), "utf-8")
