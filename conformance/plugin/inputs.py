"""What a run reads, which nothing that it writes may take the place of."""

from __future__ import annotations

import os
import tomllib
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from conformance import files
from conformance.configuration.loader import DEFAULT_FILE
from conformance.evidence.crash import CRASH
from conformance.evidence.glyphs import line
from conformance.exceptions import UsageError

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
    reports = suite.reports or DEFAULT_REPORTS
    if reports.is_dir():
        from conformance.report.bundle import FILES  # noqa: PLC0415 (it loads what renders reports)

        written += [(f"--reports {reports}", reports / name) for name in (*FILES, CRASH)]
    problems = [
        line(f"{option}: {one}, which the run reads, would be written over; name another place")
        for option, path in written
        for one in read
        if files.same(path, one)
    ]
    if problems:
        raise UsageError(list(dict.fromkeys(problems)))


def _read(config: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    """The configuration file CONFIG and the files that it, or the ENVIRON, names."""
    yield config
    target: Any = {}
    with suppress(OSError, ValueError):
        # What is wrong with it is told when it is loaded.
        target = tomllib.loads(config.read_text("utf-8-sig")).get("target")
    for key in FILES_OF_TARGET:
        if isinstance(target, dict) and isinstance(target.get(key), str):
            yield config.parent / Path(target[key]).expanduser()
        if environ.get(f"CONFORMANCE_{key.upper()}"):
            yield Path(environ[f"CONFORMANCE_{key.upper()}"]).expanduser()
