"""What a run reads, which nothing that it writes may take the place of."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from conformance import files
from conformance.configuration.keys import variable_of
from conformance.configuration.settings import inside
from conformance.configuration.source import DEFAULT_FILE, file_table
from conformance.evidence.crash import CRASH
from conformance.evidence.glyphs import line
from conformance.exceptions import UsageError
from conformance.files import is_own

__all__ = ["DEFAULT_REPORTS", "keep_inputs"]

DEFAULT_REPORTS = Path("reports")

FILES_OF_TARGET = ("ca_bundle", "client_cert", "client_key")
PYTEST_WRITES = {"log_file": "--log-file", "xmlpath": "--junit-xml", "debug": "--debug"}
"""Options of pytest that name a file to be written, by the names of their values."""


def keep_inputs(suite: Namespace, pytest: Namespace) -> None:
    """UsageError where a file that the run reads would be written over.

    Args:
        suite: what was given for the suite's options.
        pytest: what was given for pytest's.
    """
    read = list(_read(suite.config or DEFAULT_FILE, os.environ))
    written = [
        (option, Path(value)) for name, option in PYTEST_WRITES.items() if (value := getattr(pytest, name, None))
    ]
    number, reports = len(written), suite.reports or DEFAULT_REPORTS
    if _is(Path.is_dir, reports):
        from conformance.report.bundle import FILES  # noqa: PLC0415 (it loads what renders reports)

        written += [(f"--reports {reports}", reports / name) for name in (*FILES, CRASH)]
    problems = [
        line(f"{option}: {one}, which the run reads, would be written over; name another place")
        for option, path in written
        for one in read
        if files.same(path, one)
    ]
    # pytest would wait for a pipe's other end, and crash for a folder.
    problems += [
        line(f"{option}: it is no regular file; name another place")
        for option, path in written[:number]
        if any(_is(kind, path) for kind in (Path.is_fifo, Path.is_dir)) and not is_own(path)
    ]
    if problems:
        raise UsageError(list(dict.fromkeys(problems)))


def _read(config: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    """The configuration file CONFIG and the files that it, or the ENVIRON, names."""
    yield config
    table: Mapping[str, object] = {}
    # What is wrong with it is told when it is loaded; a pipe can't be read a second time.
    if _is(Path.is_file, config):
        with suppress(UsageError):
            table, _ = file_table(config)
    for key in FILES_OF_TARGET:
        for folder, named in (
            (config.parent, inside(table, "target", key)),
            (Path(), environ.get(variable_of("target", key))),
        ):
            with suppress(RuntimeError):
                if named:
                    yield folder / Path(named).expanduser()


def _is(kind: Callable[[Path], bool], path: Path) -> bool:
    """Whether PATH is of that KIND; what can't be looked at is of none."""
    with suppress(OSError, ValueError):
        return kind(path)
    return False
