"""The suite's own options of the command line, and what a user gave for them.

They are read from the arguments by a parser of the suite's own. Pytest is told of them too, so that it doesn't take
them for mistakes; but other plugins may have options of the same names, and then the values in pytest's configuration
are theirs.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import pytest

from conformance import distribution
from conformance.evidence.glyphs import line
from conformance.exceptions import ConformanceError, UsageError
from conformance.files import content

__all__ = ["OPTIONS", "SHARED", "STRICT", "add_to", "as_pytest", "give", "given", "read", "without"]


LARGEST = 2**63
"""What programs that read the results can hold."""


def _text(value: str) -> str:
    """A value that isn't empty, as a variable that isn't set leaves it."""
    if not value.strip():
        raise argparse.ArgumentTypeError("is empty; give a value, or leave the option out")
    return value


def _path(value: str) -> Path:
    return Path(_text(value))


def _whole_number(value: str) -> int:
    try:
        number = int(_text(value))
    except ValueError:
        raise argparse.ArgumentTypeError("must be a whole number") from None
    if not -LARGEST <= number < LARGEST:
        raise argparse.ArgumentTypeError("must be a whole number of at most 63 bits")
    return number


def _seconds(value: str) -> float:
    try:
        seconds = float(_text(value))
    except ValueError:
        seconds = math.nan
    if not math.isfinite(seconds):
        raise argparse.ArgumentTypeError("must be a finite number of seconds")
    return seconds


NUMBER: dict[str, Any] = {"type": _whole_number, "metavar": "N"}
OPTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "--base-url",
        {"metavar": "URL", "type": _text, "help": "the implementation to test (default: the embedded reference)"},
    ),
    (
        "--config",
        {"metavar": "FILE", "type": _path, "help": "configuration file (default: conformance.toml, if it exists)"},
    ),
    (
        "--require-target",
        {"action": "store_true", "help": "exit with 4 if no target is configured; never test the embedded reference"},
    ),
    ("--reports", {"metavar": "DIR", "type": _path, "help": "the folder for the reports (default: reports)"}),
    ("--allow-untested", {"action": "store_true", "help": "exit with 0 even if a MUST was not tested"}),
    (
        "--max-calls",
        {**NUMBER, "help": "maximum number of calls to the endpoint (default: 200; 1000 for the embedded reference)"},
    ),
    ("--max-time", {"type": _seconds, "metavar": "SECONDS", "help": "end the run after this many seconds"}),
    ("--seed", {**NUMBER, "help": "seed of the generated requests (default: random; the reports name it)"}),
    ("--replay", {"metavar": "ID", "type": _text, "help": "send a failing generated request of an earlier run again"}),
    (
        "--requirements",
        {
            "metavar": "RELEASE",
            "type": _text,
            "help": "count only the requirements of this release of the suite (default: the newest)",
        },
    ),
    (
        "--slow",
        {
            "action": "store_true",
            "help": "also test that flow control's minute is a minute, which takes about five minutes",
        },
    ),
    (
        "--exhaust-flow-control",
        {
            "action": "store_true",
            "help": "test flow control by exceeding the configured threshold, as the very last case",
        },
    ),
    (
        "--write-waivers",
        {"metavar": "FILE", "type": _path, "help": "write a waiver for each failure into FILE, for you to complete"},
    ),
)
STRICT: tuple[str, dict[str, Any]] = (
    "--strict",
    {"action": "store_true", "help": "treat tolerated responses as violations"},
)
"""Pytest has an option of this name too, whose own meaning is of no account to the suite."""

SHARED = ("--base-url", "--slow", "--strict")
"""Where another plugin has an option of this name, it is meant for both: as the base URL of pytest-base-url is."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        words = message.removeprefix("argument ").replace(
            "expected one argument", "needs a value (a variable that is empty, and not in quotes, leaves none)"
        )
        option, colon, rest = words.partition(": ")
        raise UsageError([f"{option} {rest}" if colon and option.startswith("-") else words])


def _parser() -> _Parser:
    # What begins with @ names a file of arguments, as for pytest.
    parser = _Parser(add_help=False, allow_abbrev=False, fromfile_prefix_chars="@")
    for name, settings in (*OPTIONS, STRICT):
        parser.add_argument(name, default=None, **settings)
    return parser


def read(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """What ARGUMENTS say for the suite's options (None: nothing), and the other arguments.

    UsageError when a value is missing, empty, or not of the option's kind.
    """
    for argument in arguments:
        if argument.startswith("@"):
            _check_readable(argument)
    try:
        return _parser().parse_known_args(list(arguments))
    except (RecursionError, UnicodeDecodeError) as error:
        words = "they name each other in a circle" if isinstance(error, RecursionError) else "they aren't in UTF-8"
        raise UsageError([f"@…, files of arguments: {words}"]) from None


def _check_readable(argument: str) -> None:
    """UsageError when ARGUMENT, @ and a name, names what is no file: a pipe would be waited for, twice."""
    try:
        content(Path(argument[1:]))
    except OSError as error:
        raise UsageError([f"{argument}: no file of arguments can be read: {error.strerror or error}"]) from error


def as_pytest(error: ConformanceError) -> pytest.UsageError:
    """ERROR as pytest knows it, which prints it as it is: a line for each thing to put right."""
    return pytest.UsageError(*map(line, error.problems if isinstance(error, UsageError) else [str(error)]))


def add_to(parser: pytest.Parser) -> list[str]:
    """Tell PARSER of the options, and return the names of those that another plugin has already.

    Their values are kept apart from other plugins' too: in attributes that begin with "conformance_".
    """
    group = parser.getgroup(distribution.NAME, "conformance suite")
    taken = [name for name, settings in (*OPTIONS, STRICT) if _is_known(parser, name, settings)]
    for name, settings in (*OPTIONS, STRICT):
        if name not in taken:
            destination = f"conformance_{name.strip('-').replace('-', '_')}"
            group.addoption(name, dest=destination, default=None, **settings)
    return taken


def _is_known(parser: pytest.Parser, name: str, settings: dict[str, Any]) -> bool:
    """Whether PARSER has an option NAME; it is asked by what it makes of an argument."""
    word = name if "action" in settings else f"{name}=0"
    try:
        _, unknown = parser.parse_known_and_unknown_args([word])
    except (pytest.UsageError, SystemExit):
        # It wants another kind of value.
        return True
    return word not in unknown


def without(arguments: Sequence[str], names: Sequence[str]) -> list[str]:
    """ARGUMENTS without the suite's options NAMES and their values."""
    parser = _Parser(add_help=False, allow_abbrev=False)
    for name, settings in OPTIONS:
        if name in names:
            parser.add_argument(name, **settings)
    return parser.parse_known_args(list(arguments))[1]


_GIVEN = pytest.StashKey[argparse.Namespace]()


def give(config: pytest.Config, options: argparse.Namespace) -> None:
    """Have OPTIONS stand for what was given in CONFIG."""
    config.stash[_GIVEN] = options


def given(config: pytest.Config) -> argparse.Namespace:
    """What was given for the suite's options in CONFIG: base_url, config, reports and so on, None where nothing was."""
    return config.stash[_GIVEN]
