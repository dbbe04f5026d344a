"""The entry point for pytest: makes room for the suite's plugin where its cases are asked for, and else does nothing.

Every pytest of an environment that the suite is installed in loads this file. It imports nothing of the suite, adds no
option, and takes its one hook back as soon as that was called.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

__all__ = ["asks_for_suite", "names_among"]

PACKAGE = "conformance"
MARKS = ("suite/__init__.py", "contract/__init__.py", "plugin/__init__.py")
"""What is in the folder of the package; other people have packages of this name, too."""


def is_package(path: Path) -> bool:
    return path.name == PACKAGE and all((path / mark).is_file() for mark in MARKS)


def asks_for_suite(names: Sequence[str], folder: Path, *, pyargs: bool) -> bool:
    """Whether one of NAMES, arguments of a pytest in FOLDER, is the package, its suite, or something in it."""
    for name in names:
        text = name.partition("::")[0]
        if pyargs and text.partition(".")[0] == PACKAGE:
            return True
        path = (folder / text).resolve()
        if any(is_package(place) for place in (path, *path.parents) if place.name == PACKAGE):
            return True
    return False


def names_among(args: Sequence[str], parser: pytest.Parser) -> list[str]:
    """What ARGS name to be collected, and the values of options that PARSER doesn't know."""
    known, unknown = parser.parse_known_and_unknown_args(args)
    # Before pytest 9, what follows an option may be among those that are unknown.
    return [*known.file_or_dir, *(word for word in unknown if not word.startswith("-"))]


def _named(config: pytest.Config, parser: pytest.Parser, args: Sequence[str]) -> bool:
    """Whether ARGS, or the settings of CONFIG where they name nothing, ask for the suite."""
    folder, pyargs = config.invocation_params.dir, bool(parser.parse_known_args(args).pyargs)
    if asks_for_suite(names_among(args, parser), folder, pyargs=pyargs):
        return True
    places = config.getini("testpaths") if folder == config.rootpath else ()
    if not asks_for_suite(places, folder, pyargs=pyargs):
        return False
    from conformance.plugin import selection  # noqa: PLC0415 (other people's test runs needn't load it)

    # A value of the suite's options looks like a path as long as pytest doesn't know them.
    return not names_among(selection.foreign(list(args)), parser)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> Generator[None, object, object]:
    """Give way to the plugin itself, behind all others, so that their options are known by then."""
    early_config.pluginmanager.unregister(sys.modules[__name__])
    result = yield
    if _named(early_config, parser, args):
        from conformance.plugin import selection  # noqa: PLC0415 (other people's test runs needn't load the suite)

        recognition = selection.Recognition(asks_for_suite, is_package)
        selection.take_part(early_config, parser, args, recognition)
    return result
