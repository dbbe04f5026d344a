"""What a run says on the terminal while it goes on, and at its end."""

from __future__ import annotations

import math
import os
import shlex
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import pytest

from conformance.case.case import Case
from conformance.evidence.exchange import Request
from conformance.evidence.glyphs import amount, cut, line
from conformance.fuzzing.call_budget import CUT
from conformance.record.observation import Generated
from conformance.record.results import Outcome, Record, RequirementResult
from conformance.report.curl import command
from conformance.report.survey import Gap, Repair, Sighting, Survey, attribution

if TYPE_CHECKING:
    from conformance.plugin.bar import Bar

__all__ = ["WAIT", "Progress", "make", "remark", "summarize"]

WAIT = "for the target's allowance of calls or for late effects"
SHOWN = 20
LONGEST_NOTE = 160
LONGEST_WORDS = 240
LONGEST_COMMAND = 600
NAMED = 4
USUAL = frozenset({CUT})
"""Notes that most runs have, so that only the report has them."""

MARKS: dict[Outcome, str] = {
    "failed": "✗",
    "masked": "↳",
    "not tested": "?",
    "tolerated": "~",
    "waived": "w",
}


class Progress:
    """Says what is being done: on a terminal as a bar of the calls, otherwise in lines when something takes long.

    While there is a bar, pytest's own signs for each case would break it, so it asks for none.
    """

    def __init__(self, most_calls: int, stream: TextIO, *, live: bool, silent: bool) -> None:
        self._stream, self._silent = stream, silent
        self._bar: Bar | None = None
        if live and not silent:
            from conformance.plugin.bar import Bar  # noqa: PLC0415 (it isn't needed elsewhere than on a terminal)

            self._bar = Bar(most_calls, stream)

    def case(self, case: Case, calls: int) -> None:
        """CASE begins, CALLS calls were made before it."""
        if self._bar is not None:
            self._bar.show(f"{case.chapter} · {case.id}", calls)

    def doing(self, words: str) -> None:
        """Something else than a case begins."""
        if self._bar is not None:
            self._bar.show(line(words))

    def waiting(self, seconds: float) -> None:
        """The run waits SECONDS, for the target's allowance or for late effects."""
        if self._bar is not None:
            self._bar.wait(seconds)
        elif seconds >= 1 and not self._silent:
            # On a line of its own: where both streams go to one place, pytest's signs stand before it.
            # Nobody may read it any more; the run goes on.
            with suppress(OSError):
                print(f"\nwaiting {math.ceil(seconds)} s {WAIT}", file=self._stream, flush=True)

    def end(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.end()

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """No sign for a case while there is a bar; pytest still counts them."""
        if self._bar is None:
            return None
        if report.when == "call":
            return report.outcome, "", ""
        return {"passed": "", "skipped": "skipped", "failed": "error"}[report.outcome], "", ""

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """The run is over."""
        self.end()

    def pytest_unconfigure(self) -> None:
        """It is over in whatever way."""
        self.end()


def remark(text: str) -> None:
    """Say TEXT before there is anything to show the progress of."""
    with suppress(OSError):
        sys.stderr.write(f"conformance: {line(text)}\n")
        sys.stderr.flush()


def make(config: pytest.Config, most_calls: int) -> Progress:
    """The progress of a run in CONFIG: workers of a distributed run are silent."""
    silent = hasattr(config, "workerinput")
    # The controller of a distributed run isn't told of cases, and -v has a line for each.
    lines = bool(getattr(config.option, "tx", None)) or config.get_verbosity() > 0
    stream = _uncaptured(config)
    progress = Progress(most_calls, stream, live=stream.isatty() and not lines, silent=silent)
    config.pluginmanager.register(progress, "conformance-progress")
    return progress


def _uncaptured(config: pytest.Config) -> TextIO:
    """The error stream as it is now; while a case runs, pytest captures whatever is written to the usual one."""
    try:
        stream = os.fdopen(os.dup(sys.stderr.fileno()), "w", encoding=sys.stderr.encoding, errors="backslashreplace")
    except (AttributeError, OSError):
        return sys.stderr

    def close() -> None:
        with suppress(OSError):
            stream.close()

    config.add_cleanup(close)
    return stream


def summarize(
    reporter: pytest.TerminalReporter,
    record: Record,
    reports: Path,
    unwritten: str = "",
    *,
    target: Sequence[str] = (),
    unselected: Collection[str] = (),
) -> None:
    """What is wrong, what wasn't tested, the verdict, and where to read on.

    Args:
        reporter: pytest's, which has the terminal.
        record: the run.
        reports: the folder of the reports.
        unwritten: why the reports couldn't be written.
        target: the options that name the target, as they were given.
        unselected: the cases that weren't to run.
    """
    survey = Survey(record)
    reporter.section("conformance", sep="=")
    for note in record.run.notes:
        if note in USUAL:
            continue
        shown, left = cut(line(note), LONGEST_NOTE)
        reporter.write_line(f"{shown}… (the rest is in the report)" if left else shown)
    told: dict[str, str] = {}
    _list(reporter, "failed", [list(_failed(repair, told, target)) for repair in survey.repairs()])
    _list(reporter, "masked", [[_brief("masked", one)] for one in survey.masks.stray()])
    for outcome in ("waived", "tolerated"):
        _list(reporter, outcome, [[_brief(outcome, repair.requirement)] for repair in survey.repairs(outcome)])
    gaps = survey.gaps("not tested")
    untested = [*_undecided(record), *_untested(gaps, unselected)]
    _list(reporter, "not tested", [[words] for words in untested], sum(gap.size for gap in gaps))
    reporter.write_line(
        f"requirements: {_counts(survey.tally())}, of {len(record.requirements)}; "
        f"cases: {_counts(survey.case_tally()) or 'none run'}"
    )
    reporter.write_line(f"{record.run.calls} calls, {record.run.duration_s:.1f} s, seed {record.run.seed}")
    good = record.exit_status == 0
    reporter.write_line(line(record.summary), green=good, red=not good, bold=True)
    if unwritten:
        reporter.write_line(f"There is no whole set of reports: {line(unwritten)}", red=True)
    else:
        reporter.write_line(line(f"Report: {reports / 'report.html'}"))


def _list(reporter: pytest.TerminalReporter, outcome: str, items: list[list[str]], count: int | None = None) -> None:
    """ITEMS of OUTCOME, each some lines, under their number (COUNT, where an item is more than one)."""
    if items:
        reporter.write_line(f"{outcome}: {len(items) if count is None else count}", bold=True)
    for first, *rest in items[:SHOWN]:
        reporter.write_line(first, red=bool(rest))
        for words in rest:
            reporter.write_line(words)
    if len(items) > SHOWN:
        reporter.write_line(f"  … and {len(items) - SHOWN} more, see the report")


def _undecided(record: Record) -> Iterator[str]:
    """A line for each case of generated requests that got wrong answers and accuses nothing all the same."""
    for case in record.cases:
        if case.outcome == "not tested" and any(isinstance(one, Generated) for one in case.evidence.observations):
            yield f"  {MARKS['not tested']} case {line(case.id)}: {_words(case.reason)}"


def _untested(gaps: Iterable[Gap], unselected: Collection[str]) -> Iterator[str]:
    """A line for each of GAPS, and one for all requirements whose case is among UNSELECTED."""
    mark, left_out = MARKS["not tested"], 0
    for gap in gaps:
        if gap.case_not_run in unselected:
            left_out += gap.size
        else:
            yield f"  {mark} {_names(gap.requirements)}: {line(gap.reason)}"
    if left_out:
        yield f"  {mark} {amount(left_out, 'requirement')}: not selected"


def _counts(tally: dict[Outcome, int]) -> str:
    return ", ".join(f"{number} {outcome}" for outcome, number in tally.items() if number)


def _names(requirements: Iterable[RequirementResult]) -> str:
    """REQUIREMENTS by name, the first few; a MUST before a SHOULD."""
    names = [line(one.id) for one in sorted(requirements, key=lambda one: one.level != "MUST")]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _brief(outcome: Outcome, requirement: RequirementResult) -> str:
    return f"  {MARKS[outcome]} {requirement.level} {line(requirement.id)}: {_words(requirement.reason)}"


def _words(text: str) -> str:
    shown, left = cut(line(text), LONGEST_WORDS)
    return f"{shown}…" if left else shown


def _failed(repair: Repair, told: dict[str, str], target: Sequence[str]) -> Iterator[str]:
    """What REPAIR is about: the requirement, the plainest case, how to send it again, and what else it concerns.

    told: the commands that were written already, each with the requirement that it was written for. target: the
    options that name the target.
    """
    requirement, plainest, smallest = repair.requirement, repair.plainest, repair.smallest
    yield f"  {MARKS['failed']} {requirement.level} {line(requirement.id)}: {_words(requirement.statement)}"
    if plainest is None:
        yield f"      {_words(requirement.reason)}"
    else:
        yield from _seen(plainest, told, target)
        if repair.others:
            yield f"      as in {amount(len(repair.others), 'more case')}"
    if smallest is not None:
        edit = smallest.exchange.edit if smallest.exchange else smallest.case.id
        yield f"      smallest generated request: {_words(edit)} ({_replay(smallest.replay or '', target)})"
    for masked in repair.masked:
        yield f"    {MARKS['masked']} {masked.level} {line(masked.id)}, masked by it: {_words(masked.reason)}"


def _seen(sighting: Sighting, told: dict[str, str], target: Sequence[str]) -> Iterator[str]:
    case, finding, exchange = sighting.case, sighting.finding, sighting.exchange
    edit = f", {_words(exchange.edit)}" if exchange and exchange.edit else ""
    yield f"      case {line(case.id)}{edit}"
    yield f"      expected {_words(finding.expected)}"
    yield f"      got      {_words(finding.actual)}"
    if why := attribution(finding):
        yield f"      attributed to {line(finding.requirement)}: {_words(why)}"
    if sighting.replay:
        yield f"      again:   {_replay(sighting.replay, target)}"
    elif exchange:
        again = _again(exchange.request)
        before = told.setdefault(again, finding.requirement)
        if before != finding.requirement:
            again = f"the same call as for {line(before)}"
        yield f"      again:   {again}"


def _replay(identifier: str, target: Sequence[str]) -> str:
    """The command that sends the generated request IDENTIFIER to the same TARGET again."""
    words = shlex.join(("conformance", "run", "--replay", identifier, *target))
    if line(words) == words:
        return words
    return f"conformance run --replay {line(identifier)} with the same --config or --base-url"


def _again(request: Request) -> str:
    """The command that sends REQUEST again, where a terminal can show it as it is."""
    words = command(request).replace(" \\\n  ", " ")
    if line(words) == words and len(words) <= LONGEST_COMMAND:
        return words
    return "the command for curl is in the report"
