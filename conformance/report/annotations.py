"""The record as annotations of a job on GitHub, and as the outputs that later steps of a job decide by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from conformance.evidence.glyphs import cut, line
from conformance.record.results import Record
from conformance.report.survey import Repair, Survey

__all__ = ["annotate", "outputs"]

Kind = Literal["error", "warning", "notice"]

MOST = 10
"""A step shows ten annotations of a kind; whatever is beyond is dropped without a word."""

LONGEST = 2000


def annotate(record: Record) -> Iterator[str]:
    """The lines that make GitHub show what is wrong: errors for MUSTs and waivers, warnings for what isn't certain."""
    survey = Survey(record)
    failed = survey.repairs()
    yield from _shown("error", [*_verdict(record), *_waivers(survey), *_repairs(failed, "MUST")])
    yield from _shown("warning", [*_untested(survey), *_repairs(failed, "SHOULD")])
    yield from _shown("notice", _tolerated(survey))


def outputs(record: Record) -> dict[str, str]:
    """Verdict and counts of RECORD by name; no value needs quotes or holds a line end."""
    counts = Survey(record).tally()
    return {
        "verdict": record.verdict,
        "exit_status": str(record.exit_status),
        **{outcome.replace(" ", "_"): str(count) for outcome, count in counts.items()},
        "calls": str(record.run.calls),
    }


def _verdict(record: Record) -> Iterator[tuple[str, str]]:
    if record.verdict == "no verdict":
        yield "No verdict", _lines(record.summary)


def _waivers(survey: Survey) -> Iterator[tuple[str, str]]:
    for waiver in survey.defective_waivers():
        yield (
            f"Waiver of {waiver.requirement or waiver.case}",
            _lines(f"The waiver is {waiver.state} ({waiver.owner})."),
        )


def _repairs(repairs: Iterable[Repair], level: Literal["MUST", "SHOULD"]) -> Iterator[tuple[str, str]]:
    for repair in repairs:
        requirement = repair.requirement
        if requirement.level == level:
            words = [requirement.statement, requirement.reason, f"To fix it: {requirement.advice}"]
            yield f"{level} {requirement.id}", _lines(*words)


def _untested(survey: Survey) -> Iterator[tuple[str, str]]:
    for gap in survey.gaps("not tested"):
        names = ", ".join(requirement.id for requirement in gap.requirements)
        yield f"Not tested: {gap.size}", _lines(names, gap.reason)


def _tolerated(survey: Survey) -> Iterator[tuple[str, str]]:
    for repair in survey.repairs("tolerated"):
        yield f"Tolerated: {repair.requirement.id}", _lines(repair.requirement.reason)


def _shown(kind: Kind, items: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The lines for ITEMS, titles with messages; the last one that fits counts those that don't."""
    listed = list(items)
    if len(listed) > MOST:
        left = len(listed) - MOST + 1
        listed[MOST - 1 :] = [(f"{left} more", "See the report.")]
    for title, message in listed:
        yield f"::{kind} title={_property(title)}::{_data(message)}"


def _lines(*texts: str) -> str:
    """TEXTS, each as a line of its own, whatever line ends it holds."""
    return "\n".join(line(cut(text, LONGEST)[0]) for text in texts)


def _data(text: str) -> str:
    """TEXT, lines of ours, so that nothing in it ends the command."""
    return cut(text, LONGEST)[0].replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(line(text)).replace(":", "%3A").replace(",", "%2C")
