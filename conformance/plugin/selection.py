"""The pytest plugin, where the suite's cases are asked for: its options, its files, its session. Decides nothing."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from conformance import distribution
from conformance.exceptions import UsageError
from conformance.plugin import options
from conformance.plugin.inputs import keep_inputs

__all__ = ["Participation", "Recognition", "foreign", "take_part"]

SUITE = "suite"
NO_CHAPTERS = ("__init__", "registry")
LISTING = {
    "showfixtures": "--fixtures",
    "show_fixtures_per_test": "--fixtures-per-test",
    "markers": "--markers",
    "setupplan": "--setup-plan",
    "setuponly": "--setup-only",
    "cacheshow": "--cache-show",
}
"""Options of pytest that show something instead of a run, by the names of their values."""


def foreign(args: list[str]) -> list[str]:
    """ARGS without the suite's options; pytest.UsageError for a wrong value of one."""
    return _read(args)[1]


def _read(args: list[str]) -> tuple[argparse.Namespace, list[str]]:
    try:
        return options.read(args)
    except UsageError as error:
        raise options.as_pytest(error) from error


class Asking(Protocol):
    """Whether one of NAMES, arguments of a pytest in FOLDER, is the suite or something in it."""

    def __call__(self, names: Sequence[str], folder: Path, *, pyargs: bool) -> bool:
        """Whether that is so."""


@dataclass(frozen=True)
class Recognition:
    """What the entry point knows of the suite's files, which it tells without loading the suite.

    Attributes:
        asks_for_suite: whether arguments of a pytest ask for the suite.
        is_package: whether a path is the folder of the package.
    """

    asks_for_suite: Asking
    is_package: Callable[[Path], bool]


def take_part(config: pytest.Config, parser: pytest.Parser, args: list[str], recognition: Recognition) -> None:
    """Read the suite's options and register its plugin; pytest.UsageError for a wrong value.

    Args:
        config: the configuration of pytest.
        parser: what pytest will parse the arguments by.
        args: the arguments; an option that another plugin understands otherwise is taken out of them.
        recognition: what knows the suite's files.
    """
    suite = _read(args)[0]
    if not hasattr(config, "workerinput"):
        try:
            keep_inputs(suite, config.known_args_namespace)
        except UsageError as error:
            raise options.as_pytest(error) from error
    options.give(config, suite)
    taken = options.add_to(parser)
    args[:] = options.without(args, [name for name in taken if name not in options.SHARED])
    config.pluginmanager.register(Participation(recognition), distribution.NAME)


class Participation:
    """The hooks of a pytest that is asked for the suite's cases."""

    def __init__(self, recognition: Recognition) -> None:
        self._recognition = recognition

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Start a session, unless the cases are only listed."""
        folder = config.invocation_params.dir
        if config.option.help:
            # pytest prints its help before it knows the arguments.
            return
        if not self._recognition.asks_for_suite(config.args, folder, pyargs=config.option.pyargs):
            # As in `pytest --pyargs --reports $EMPTY conformance`.
            raise pytest.UsageError("an option took the suite's name for its value, which must be missing")
        listing = next((option for name, option in LISTING.items() if getattr(config.option, name, None)), None)
        if listing is not None:
            # pytest would end with 0, which says that the target is conformant.
            raise pytest.UsageError(f"{listing} tests nothing; conformance list and --collect-only show the cases")
        if config.option.collectonly:
            return
        from conformance.plugin.session import Session  # noqa: PLC0415 (listing cases needn't load what makes calls)

        # pytest-base-url has other ways to be told the base URL. What it knows isn't ignored: a run that went on to
        # test the embedded reference instead would pass for one of that implementation.
        known = options.given(config)
        known.base_url = known.base_url or getattr(config.option, "base_url", None) or None
        session = Session.begin(config)
        config.pluginmanager.register(session, "conformance-session")
        config.add_cleanup(session.end)

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """The modules of the suite aren't called test_*.py; their names are the chapters."""
        package = file_path.parent.parent
        ours = file_path.suffix == ".py" and file_path.parent.name == SUITE and self._recognition.is_package(package)
        # Named on the command line it is collected by pytest itself.
        if not ours or file_path.stem in NO_CHAPTERS or parent.session.isinitpath(file_path):
            return None
        module: pytest.Module = pytest.Module.from_parent(parent, path=file_path)
        return module

    @pytest.fixture
    def ctx(self) -> None:
        """Stands for what a case is handed, which the session hands in."""
