"""The pytest plugin, where the suite's cases are asked for: its options, its files, its session. Decides nothing."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pytest

from conformance import options
from conformance.exceptions import UsageError
from conformance.plugin import PACKAGE, asks_for_suite, is_package

__all__ = ["foreign", "take_part"]

SUITE = (PACKAGE, "suite")


def foreign(args: list[str]) -> list[str]:
    """ARGS without the suite's options; pytest.UsageError for a wrong value of one."""
    return _read(args)[1]


def _read(args: list[str]) -> tuple[argparse.Namespace, list[str]]:
    try:
        return options.read(args)
    except UsageError as error:
        raise pytest.UsageError(*error.problems) from error


def take_part(config: pytest.Config, parser: pytest.Parser, args: list[str]) -> None:
    """Read the suite's options from ARGS and register this plugin in CONFIG; pytest.UsageError for a wrong value.

    What pytest will parse next is ARGS: an option that another plugin understands otherwise is taken out.
    """
    options.give(config, _read(args)[0])
    taken = options.add_to(parser)
    args[:] = options.without(args, [name for name in taken if name not in options.SHARED])
    config.pluginmanager.register(sys.modules[__name__], options.DISTRIBUTION)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start a session, unless the cases are only listed."""
    if not asks_for_suite(config.args, config.invocation_params.dir, pyargs=config.option.pyargs):
        # As in `pytest --pyargs --reports $EMPTY conformance`.
        raise pytest.UsageError("an option took the suite's name for its value, which must be missing")
    if config.option.collectonly:
        return
    from conformance.session import Session  # noqa: PLC0415 (listing cases needn't load what makes calls)

    # pytest-base-url has other ways to be told the base URL. What it knows isn't ignored: a run that went on to test
    # the embedded reference instead would pass for one of that implementation.
    known = options.given(config)
    known.base_url = known.base_url or getattr(config.option, "base_url", None) or None
    session = Session.begin(config)
    config.pluginmanager.register(session, "conformance-session")
    config.add_cleanup(session.end)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """The modules of the suite aren't called test_*.py; their names are the chapters."""
    ours = file_path.suffix == ".py" and file_path.parts[-3:-1] == SUITE and is_package(file_path.parent.parent)
    # Named on the command line it is collected by pytest itself.
    if not ours or file_path.name.startswith("_") or parent.session.isinitpath(file_path):
        return None
    module: pytest.Module = pytest.Module.from_parent(parent, path=file_path)
    return module


@pytest.fixture
def talk() -> None:
    """Stands for the case's conversation with the target, which the session hands in."""
