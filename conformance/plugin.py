"""The pytest plugin: adds the options, and starts a session when the suite's cases are asked for. Decides nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance import selection

__all__: list[str] = []

NUMBER: dict[str, Any] = {"type": int, "metavar": "N"}
OPTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("--base-url", {"metavar": "URL", "help": "the implementation to test (default: the embedded reference)"}),
    ("--config", {"metavar": "FILE", "type": Path, "help": "configuration file (default: conformance.toml, if there)"}),
    ("--reports", {"metavar": "DIR", "type": Path, "help": "where the reports go (default: reports)"}),
    ("--allow-untested", {"action": "store_true", "help": "exit 0 although a MUST was not tested"}),
    (
        "--max-calls",
        {**NUMBER, "help": "calls to the endpoint at most (default: 200; 1000 for the embedded reference)"},
    ),
    ("--max-time", {"type": float, "metavar": "SECONDS", "help": "end the run after so many seconds"}),
    ("--seed", {**NUMBER, "help": "seed of the generated cases (default: random, see the results)"}),
    ("--replay", {"metavar": "ID", "help": "send one generated request of an earlier run again"}),
    ("--slow", {"action": "store_true", "help": "run the cases too that wait for a minute to pass"}),
    (
        "--exhaust-flow-control",
        {"action": "store_true", "help": "use up the target's real allowance, as the very last case"},
    ),
    (
        "--write-waivers",
        {"metavar": "FILE", "type": Path, "help": "write a starting file of waivers from the failures"},
    ),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the command line; --strict is pytest's own."""
    group = parser.getgroup("conformance", "conformance suite")
    for name, settings in OPTIONS:
        group.addoption(name, default=None, **settings)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start a session when the arguments ask for the suite's cases."""
    if config.option.collectonly or not selection.asks_for_suite(config):
        return
    from conformance.session import Session  # noqa: PLC0415 (other people's test runs needn't load the suite)

    session = Session.begin(config)
    config.pluginmanager.register(session, "conformance-session")
    config.add_cleanup(session.end)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """The modules of the suite aren't called test_*.py; their names are the chapters."""
    return selection.collector(file_path, parent)


@pytest.fixture
def ctx() -> None:
    """Stands for what a case is handed, which the session hands in."""
