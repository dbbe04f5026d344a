"""What a run says on the terminal while it goes on, and at its end."""

from __future__ import annotations

import math
import sys
from collections import Counter
from pathlib import Path

import pytest

from conformance.case.case import Case
from conformance.record import Record
from conformance.report import glyphs
from conformance.report.glyphs import cut

__all__ = ["Progress", "line", "make", "remark", "summarize"]

SHOWN = 20
LONGEST_NOTE = 160
MARKS = {"failed": "✗", "not tested": "?", "tolerated": "~", "waived": "w"}


class Progress:
    """Says what is being done: on a terminal in one line that changes, otherwise only when something takes long."""

    def __init__(self, most_calls: int, *, live: bool, silent: bool) -> None:
        self._most_calls, self._live, self._silent = most_calls, live, silent

    def case(self, case: Case, calls: int) -> None:
        """CASE begins, CALLS calls were made before it."""
        self._line(f"{calls} of at most {self._most_calls} calls · {case.chapter} · {case.id}", lasting=False)

    def doing(self, words: str) -> None:
        """Something else than a case begins."""
        self._line(words, lasting=False)

    def waiting(self, seconds: float) -> None:
        """The run waits SECONDS, for the target's allowance or for late effects."""
        if seconds >= 1:
            self._line(
                f"waiting {math.ceil(seconds)} s for the target's allowance of calls or for late effects", lasting=True
            )

    def _line(self, text: str, *, lasting: bool) -> None:
        if self._silent:
            return
        if self._live:
            sys.stderr.write(f"\r\x1b[2K{text[:100]}")
            sys.stderr.flush()
        elif lasting:
            sys.stderr.write(f"{text}\n")
            sys.stderr.flush()

    def end(self) -> None:
        """Clear the line that changes."""
        if self._live and not self._silent:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()


def remark(text: str) -> None:
    """Say TEXT before there is anything to show the progress of."""
    sys.stderr.write(f"conformance: {line(text)}\n")
    sys.stderr.flush()


def line(text: str) -> str:
    """TEXT from elsewhere as one line that does nothing to a terminal, nor passes for more than one."""
    return glyphs.line(text)


def make(config: pytest.Config, most_calls: int) -> Progress:
    """The progress of a run in CONFIG: workers of a distributed run are silent."""
    silent = hasattr(config, "workerinput")
    return Progress(most_calls, live=sys.stderr.isatty() and not silent, silent=silent)


def summarize(reporter: pytest.TerminalReporter, record: Record, reports: Path) -> None:
    """The verdict, what is wrong, what wasn't tested, and where to read on."""
    reporter.section("conformance", sep="=")
    for note in record.notes:
        shown, left = cut(line(note), LONGEST_NOTE)
        reporter.write_line(f"{shown}… (the rest is in the report)" if left else shown)
    for outcome in ("failed", "waived", "tolerated", "not tested"):
        these = [requirement for requirement in record.requirements if requirement.outcome == outcome]
        if these:
            reporter.write_line(f"{outcome}: {len(these)}", bold=True)
        for requirement in these[:SHOWN]:
            reason = line(requirement.reason)
            reporter.write_line(f"  {MARKS[outcome]} {requirement.level:6} {requirement.id}: {reason}")
        if len(these) > SHOWN:
            reporter.write_line(f"  … and {len(these) - SHOWN} more, see the report")
    passed = sum(requirement.outcome == "passed" for requirement in record.requirements)
    cases = Counter(case.outcome for case in record.cases)
    reporter.write_line(
        f"{passed} of {len(record.requirements)} requirements passed; "
        f"cases: {', '.join(f'{number} {outcome}' for outcome, number in cases.most_common()) or 'none run'}"
    )
    reporter.write_line(f"{record.calls} calls, {record.duration_s:.1f} s, seed {record.seed}")
    good = record.exit_status == 0
    reporter.write_line(line(record.summary), green=good, red=not good, bold=True)
    reporter.write_line(f"Report: {reports / 'report.html'}")
