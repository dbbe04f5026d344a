"""The record as Markdown, fit for a job's summary page."""

from __future__ import annotations

import re
from pathlib import Path

from conformance.evidence.glyphs import cut, visible
from conformance.files import write
from conformance.record.results import Record, RequirementResult, WaiverUse
from conformance.report.survey import NEWER, OUTCOMES, Repair, Survey, attribution

__all__ = ["write_markdown"]

_SIGNS = {"conformant": "✅", "non-conformant": "❌", "incomplete": "⚠️", "no verdict": "⚠️"}
_LIMIT = 200
_NAMED = 8
_SPECIAL = str.maketrans({character: f"\\{character}" for character in r"\`*_[]#|~@"} | {"<": "&lt;", "&": "&amp;"})
_OPENING = re.compile(r"^(\d{1,9}(?=[.)])|(?=[-+=>]))")
"""Before what would make a list, a heading or a quotation of a line that begins with it."""

_LINK = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
"""Inside of what readers make a link of by themselves."""


def write_markdown(record: Record, path: Path) -> None:
    """Write the summary of RECORD to PATH."""
    write(path, _render(Survey(record)))


def _text(text: str) -> str:
    """TEXT as one line that Markdown shows as it is: no link, image, mention or HTML comes of it."""
    shown, left_off = cut(" ".join(visible(text).split()), _LIMIT)
    plain = _OPENING.sub(r"\1\\", _LINK.sub(r"\\", shown.translate(_SPECIAL)))
    return plain + ("…" if left_off else "")


def _name(requirement: RequirementResult) -> str:
    """The id of REQUIREMENT; with a word where it has no say in the verdict."""
    return _text(requirement.id) + ("" if requirement.counts else f" ({NEWER})")


def _render(survey: Survey) -> str:
    record = survey.record
    blocks = [
        f"## {_SIGNS[record.verdict]} {record.verdict.capitalize()}: {_text(record.target.base_url)}",
        _text(survey.sentence),
        "\n".join(f"- {_text(note)}" for note in record.run.notes),
        _waivers(record.waivers),
        _table(survey),
        _newer(survey),
        _repairs(survey.repairs()),
        _stray(survey.masks.stray()),
        _gaps(survey),
        _tolerated(survey.repairs("tolerated")),
        _footer(record),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _footer(record: Record) -> str:
    suite = f"{_text(record.suite.name)} {_text(record.suite.version)} · {_text(record.suite.document)}"
    run = record.run
    return f"<sub>{suite} · {run.calls} calls in {run.duration_s:.1f} s · {_text(run.started)}</sub>"


def _table(survey: Survey) -> str:
    must, should, cases = survey.tally("MUST"), survey.tally("SHOULD"), survey.case_tally()
    rows = [f"| {name} | {must[name]} | {should[name]} | {cases[name]} |" for name in OUTCOMES]
    return "\n".join(["| Outcome | MUST | SHOULD | Cases |", "|---|--:|--:|--:|", *rows])


def _newer(survey: Survey) -> str:
    newer = ", ".join(f"{_text(requirement.id)} ({requirement.outcome})" for requirement in survey.newer())
    release = survey.record.conditions.release
    since = f" {_text(release)}" if release else ""
    return f"New since this release{since}, so counted in the table, but not in the verdict: {newer}" if newer else ""


def _waivers(waivers: tuple[WaiverUse, ...]) -> str:
    if not waivers:
        return ""
    rows = [
        f"| {_text(w.requirement or w.case or '')} | {w.state} | {_text(w.expires)} | {_text(w.owner)} "
        f"| {_text(w.reason)} |"
        for w in waivers
    ]
    return "\n".join(["### Waivers", "", "| What | State | Expires | Owner | Reason |", "|---|---|---|---|---|", *rows])


def _repairs(repairs: tuple[Repair, ...]) -> str:
    if not repairs:
        return ""
    lines = ["### What to fix first", ""]
    for repair in repairs:
        requirement, plainest = repair.requirement, repair.plainest
        newer = "" if requirement.counts else f" ({NEWER})"
        lines.append(f"1. **{requirement.level} {_text(requirement.id)}**{newer}: {_text(requirement.statement)}")
        if plainest:
            finding = plainest.finding
            verdict = f"expected {_text(finding.expected)}, got {_text(finding.actual)}"
            lines.append(f"   - {_text(finding.message.rstrip('.'))}: {verdict}")
            if why := attribution(finding):
                lines.append(f"   - Attributed to {_text(finding.requirement)}: {_text(why)}")
        if requirement.advice:
            lines.append(f"   - {_text(requirement.advice)}")
        names = [_text(sighting.case.id) for sighting in (*([plainest] if plainest else []), *repair.others)]
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        lines.append(f"   - Cases: {', '.join(names[:_NAMED]) or 'none recorded'}{more}")
        if repair.masked:
            masked = ", ".join(map(_name, repair.masked))
            lines.append(f"   - Masked by it, so fix this one first: {masked}")
    return "\n".join(lines)


def _stray(requirements: tuple[RequirementResult, ...]) -> str:
    if not requirements:
        return ""
    lines = [f"- {_name(one)}, masked by {_text(one.masked_by or 'another violation')}" for one in requirements]
    return "\n".join(["### Masked", "", *lines])


def _gaps(survey: Survey) -> str:
    lines = []
    for title, gaps in (("Not tested", survey.gaps("not tested")), ("Untestable", survey.gaps("untestable"))):
        if gaps:
            lines += [f"### {title}", ""]
            for gap in gaps:
                names = ", ".join(map(_name, gap.requirements))
                lines.append(f"- {names}: {_text(gap.reason)}")
            lines.append("")
    return "\n".join(lines).rstrip()


def _tolerated(repairs: tuple[Repair, ...]) -> str:
    if not repairs:
        return ""
    lines = [
        f"- {_name(repair.requirement)}: {_text(repair.requirement.reason or repair.sightings[0].finding.message)}"
        for repair in repairs
    ]
    return "\n".join(["### Tolerated", "", *lines])
