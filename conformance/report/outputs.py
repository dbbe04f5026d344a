"""Keeps what a command reads from being written over by what it writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from conformance import files
from conformance.evidence.glyphs import line
from conformance.exceptions import UsageError

__all__ = ["keep"]


def keep(inputs: Sequence[Path], reports: Path, names: Iterable[str]) -> None:
    """UsageError when a file among NAMES in the folder REPORTS is one of INPUTS, under whatever name or by a link."""
    problems = []
    for written in (reports / name for name in names):
        for given in inputs:
            if files.same(written, given):
                words = f"--reports {reports}: {given} would be overwritten by {written.name}; name another folder"
                problems.append(line(words))
    if problems:
        raise UsageError(list(dict.fromkeys(problems)))
