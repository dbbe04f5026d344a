"""report.html, drawn by pytest-html in a pytest session: it knows no other place to be than one, with its hooks.

At the end of a run that is the session of the run. Where there is none, as for `conformance report`, it is one that
collects and runs nothing, neither prints nor reads configuration, environment or other plugins, and leaves a session
around it alone. In either, pytest-html is handed one report for each case of the record, and nobody else is.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Protocol

import pytest
import pytest_html.plugin  # type: ignore[import-untyped]  # these packages have no types
from pytest_metadata.plugin import metadata_key  # type: ignore[import-untyped]

from conformance.files import write
from conformance.record.results import Record
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

_OUTCOMES: dict[str, tuple[Literal["setup", "call"], Any]] = {
    "passed": ("call", "passed"),
    "failed": ("call", "failed"),
    "error": ("setup", "failed"),
    "skipped": ("call", "skipped"),
    "xfailed": ("call", "skipped"),
    "xpassed": ("call", "passed"),
    "rerun": ("call", "rerun"),
}
"""How pytest, or a plugin that runs a test again, reports what pytest-html files under each of its seven results."""


def write_html(record: Record, path: Path, session: pytest.Session | None = None) -> None:
    """Write report.html of RECORD to PATH, drawn in SESSION, or in one of its own where there is none.

    Raises OSError when PATH can't be written.
    """
    page = html.Page(record)
    with tempfile.TemporaryDirectory() as folder:
        canvas = _Canvas(page, Path(folder, "report.html"), Path(folder, html.STYLE.name))
        if session is None:
            _in_a_session_of_its_own(canvas)
        else:
            canvas.draw(session)
        write(path, html.finish(canvas.file.read_text("utf-8"), canvas.style))


class _Canvas:
    """What pytest-html draws: PAGE, into FILE, by STYLE."""

    def __init__(self, page: html.Page, file: Path, style: Path) -> None:
        self.page, self.file, self.style = page, file, style

    def draw(self, session: pytest.Session) -> None:
        """Have pytest-html draw the page in SESSION, which is afterwards what it was before."""
        self.style.write_text(html.stylesheet(), "utf-8")
        options = {"htmlpath": str(self.file), "self_contained_html": True, "css": [str(self.style)]}
        config, hooks = session.config, _Hooks(self.page)
        with _set(config, options), _registered(config, hooks):
            drawer = _drawer(config)
            try:
                tell = _teller(config, drawer)
                tell("pytest_sessionstart")(session=session)
                for number, entry in enumerate(self.page.entries):
                    node = f"{number}::{_UNFIT.sub('_', entry.name)}"
                    hooks.rows[node] = entry.row
                    for report in _reports(node, entry):
                        tell("pytest_runtest_logreport")(report=report)
                tell("pytest_sessionfinish")(session=session, exitstatus=0)
            finally:
                config.pluginmanager.unregister(drawer)


def _drawer(config: pytest.Config) -> object:
    """The plugin that draws the page that CONFIG asks for; a page that the user asks for has another one."""
    before = config.pluginmanager.get_plugins()
    if pytest_html.plugin in before:
        pytest_html.plugin.pytest_configure(config)
    else:
        config.pluginmanager.register(pytest_html.plugin)
    (drawer,) = config.pluginmanager.get_plugins() - before - {pytest_html.plugin}
    return drawer


def _teller(config: pytest.Config, drawer: object) -> Any:
    """What gives the hook of a name such that calling it reaches DRAWER only."""
    others = config.pluginmanager.get_plugins() - {drawer}
    return lambda name: config.pluginmanager.subset_hook_caller(name, others)


@contextmanager
def _set(config: pytest.Config, options: dict[str, object]) -> Iterator[None]:
    """With OPTIONS in CONFIG, and without what pytest-metadata gathered of the machine and of CI."""
    saved = {name: getattr(config.option, name) for name in options if hasattr(config.option, name)}
    metadata = config.stash.get(metadata_key, None)
    vars(config.option).update(options)
    config.stash[metadata_key] = {}
    try:
        yield
    finally:
        for name in options:
            delattr(config.option, name)
        vars(config.option).update(saved)
        del config.stash[metadata_key]
        if metadata is not None:
            config.stash[metadata_key] = metadata


@contextmanager
def _registered(config: pytest.Config, plugin: object) -> Iterator[None]:
    config.pluginmanager.register(plugin)
    try:
        yield
    finally:
        config.pluginmanager.unregister(plugin)


class _Data(Protocol):
    """What pytest-html hands to its hooks: the page's title, and the labels and numbers of its filters."""

    title: str
    outcomes: dict[str, dict[str, str | int]]


class _Hooks:
    """pytest-html's hooks, answered from the parts of PAGE, after whatever hooks of the user's had to say."""

    def __init__(self, page: html.Page) -> None:
        self._page = page
        self.rows: dict[str, html.Row] = {}

    @pytest.hookimpl(optionalhook=True, trylast=True)
    def pytest_html_report_title(self, report: _Data) -> None:
        report.title = self._page.title()
        self._outcomes = report.outcomes

    @pytest.hookimpl(optionalhook=True, trylast=True)
    def pytest_html_results_table_header(self, cells: list[str]) -> None:
        cells[:] = html.HEADER

    @pytest.hookimpl(optionalhook=True, trylast=True)
    def pytest_html_results_table_row(self, report: pytest.TestReport, cells: list[str]) -> None:
        # The end of a case is a report without a row.
        cells[:] = self.rows[report.nodeid].cells if report.when != "teardown" else []

    @pytest.hookimpl(optionalhook=True, trylast=True)
    def pytest_html_results_table_html(self, data: list[str]) -> None:
        # The evidence stands in the page already; the log would only say it again.
        data.clear()

    @pytest.hookimpl(optionalhook=True, trylast=True)
    def pytest_html_results_summary(self, prefix: list[str], summary: list[str], postfix: list[str]) -> None:
        for key, (label, value) in html.filters(self.rows.values()).items():
            self._outcomes[key] = {"label": label, "value": value}
        prefix[:], summary[:], postfix[:] = [self._page.summary()], [], [self._page.script()]


def _reports(node: str, entry: html.Entry) -> Iterator[pytest.TestReport]:
    """What pytest would have reported of ENTRY: its outcome, and an end that passes."""
    when, outcome = _OUTCOMES[entry.row.category]
    location = (node, None, node)
    report = pytest.TestReport(node, location, {}, outcome, None, when)
    report.duration = entry.case.evidence.duration_s if entry.case else 0
    if entry.row.category.startswith("x"):
        report.wasxfail = ""
    yield report
    yield pytest.TestReport(node, location, {}, "passed", None, "teardown")


class _Host:
    """The plugin of a session that is there for CANVAS only; problem is what went wrong."""

    def __init__(self, canvas: _Canvas) -> None:
        self._canvas = canvas
        self.problem: Exception | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> bool:
        session.items = []
        try:
            self._canvas.draw(session)
        except Exception as error:  # noqa: BLE001 (raised outside of the session, which has a way of its own with it)
            self.problem = error
        return True


@contextmanager
def _own_environment() -> Iterator[None]:
    """Without the variables through which a user steers the outer session; they are there again afterwards."""
    saved = {name: os.environ.pop(name) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS") if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(saved)


def _in_a_session_of_its_own(canvas: _Canvas) -> None:
    host = _Host(canvas)
    with _own_environment():
        status = pytest.main(
            [
                "--disable-plugin-autoload",
                *(word for name in _UNUSED for word in ("-p", f"no:{name}")),
                "--capture=no",
                "--assert=plain",
                "--noconftest",
                f"--rootdir={canvas.file.parent}",
                f"--config-file={os.devnull}",
            ],
            plugins=[host],
        )
    if host.problem is not None:
        raise host.problem
    if status != pytest.ExitCode.NO_TESTS_COLLECTED:
        raise RuntimeError(f"The page could not be drawn: pytest ended with status {int(status)}.")
