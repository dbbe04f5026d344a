"""junit.xml: the cases in the words and the few outcomes that JUnit's readers know."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Literal

from conformance.evidence.glyphs import visible
from conformance.files import write
from conformance.record.results import CaseResult, Exit, Finding, Record, WaiverUse
from conformance.report.curl import command
from conformance.report.survey import Survey, attribution, replays

__all__ = ["Status", "detail", "errors", "headline", "status", "write_junit"]

Status = Literal["passed", "failure", "expected", "skipped"]
"""passed, failure and skipped as everybody reads them; expected is a deviation that stops no pipeline."""


_SETTLED = (Exit.CONFORMANT, Exit.NON_CONFORMANT)
"""The exit statuses that the cases themselves account for."""


def status(case: CaseResult, survey: Survey) -> Status:
    """What CASE is to a reader that only knows whether to stop a pipeline.

    It agrees with the exit status: what is tolerated passes; what is waived, breaks only a SHOULD, or is masked by
    another violation, which fails by itself, doesn't fail.
    """
    if case.outcome in ("passed", "tolerated"):
        return "passed"
    if case.outcome == "waived" or survey.advisory(case):
        return "expected"
    return "failure" if case.outcome == "failed" else "skipped"


def headline(case: CaseResult, survey: Survey) -> str:
    """One line: what was found, or why nothing could be."""
    prefix = "SHOULD: " if survey.advisory(case) else ""
    messages = list(dict.fromkeys(f"{finding.requirement}: {finding.message}" for finding in case.findings))
    more = f" (and {len(messages) - 1} more)" if len(messages) > 1 else ""
    found = messages[0] + more if messages else ""
    if case.outcome == "masked":
        found = "; ".join(part for part in (f"masked by {case.masked_by or 'another violation'}", found) if part)
    if case.outcome == "waived":
        found = "; ".join(part for part in (f"waived: {case.reason}" if case.reason else "waived", found) if part)
    return _line(prefix + (found or case.reason or case.outcome))


def detail(case: CaseResult, survey: Survey) -> str:
    """The whole story as plain text: each finding with its source, expected against got, advice, and a curl command."""
    blocks = [case.title, *(_finding(case, finding, survey) for finding in case.findings)]
    if case.reason and not case.findings:
        blocks.append(f"Reason: {case.reason}")
    blocks += [f"Replay: conformance run --replay {identifier}" for identifier in replays(case)]
    return visible("\n\n".join(blocks))


def _finding(case: CaseResult, finding: Finding, survey: Survey) -> str:
    requirement = survey.requirements.get(finding.requirement)
    lines = [f"{finding.requirement} ({finding.outcome}): {finding.message}"]
    if requirement:
        lines.append(f"  {requirement.level}: {requirement.statement}")
        lines.append(f"  Source:   {requirement.ground.source.section} / {requirement.ground.source.row}")
    lines.append(f"  Expected: {finding.expected}")
    lines.append(f"  Got:      {finding.actual}")
    if why := attribution(finding):
        lines.append(f"  Attributed to {finding.requirement}: {why}")
    if finding.reading:
        lines.append(f"  Reading:  {finding.reading}")
    if requirement and requirement.advice:
        lines.append(f"  Advice:   {requirement.advice}")
    if finding.exchange is not None and finding.exchange < len(case.evidence.exchanges):
        lines.append("  " + command(case.evidence.exchanges[finding.exchange].request).replace("\n", "\n  "))
    return "\n".join(lines)


def _line(text: str) -> str:
    return " ".join(visible(text).split())


def errors(record: Record) -> tuple[tuple[str, str], ...]:
    """What keeps the run from a verdict although no case failed: (name, message) of each.

    They are JUnit errors, so that a reader of junit.xml alone doesn't take such a run for a good one.
    """
    found = []
    if record.exit_status not in _SETTLED:
        found.append(("verdict", _line(record.summary or record.verdict)))
    for number, waiver in enumerate(record.waivers, 1):
        if waiver.state != "active":
            found.append((f"waiver-{number}", _line(_waiver(waiver))))
    return tuple(found)


def _waiver(waiver: WaiverUse) -> str:
    what = {
        "stale": "is stale: it passes now",
        "expired": f"expired on {waiver.expires}",
        "unmatched": "matches nothing",
    }
    return f"The waiver of {waiver.requirement or waiver.case} ({waiver.owner}) {what[waiver.state]}."


def write_junit(record: Record, path: Path) -> None:
    """Write RECORD to PATH: a suite of cases, in which a bad waiver or a missing verdict is an error."""
    survey = Survey(record)
    cases = [_gate(*error) for error in errors(record)]
    cases += [_testcase(case, survey) for case in survey.ordered_cases()]
    root = ET.Element("testsuites", name=_xml(record.suite.name))
    counts = {plural: str(sum(case.find(tag) is not None for case in cases)) for tag, plural in _COUNTED}
    attributes = {
        "name": "conformance",
        "tests": str(len(cases)),
        **counts,
        "time": f"{record.run.duration_s:.3f}",
        "timestamp": record.run.started,
        # The machine's name says nothing of the target, and a report may be rendered on another machine.
        "hostname": "localhost",
    }
    suite = ET.SubElement(root, "testsuite", attributes)
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(record):
        ET.SubElement(properties, "property", name=name, value=_xml(value))
    suite.extend(cases)
    ET.indent(root, " ")
    write(path, ET.tostring(root, encoding="utf-8", xml_declaration=True).decode("utf-8"))


_COUNTED = (("failure", "failures"), ("error", "errors"), ("skipped", "skipped"))


def _xml(text: str) -> str:
    """TEXT without what XML can't hold: all of that is invisible, too."""
    return visible(text)


def _element(chapter: str, name: str, seconds: float) -> ET.Element:
    return ET.Element("testcase", classname=_xml(f"conformance.{chapter}"), name=_xml(name), time=f"{seconds:.3f}")


def _gate(name: str, message: str) -> ET.Element:
    element = _element("gate", name, 0)
    ET.SubElement(element, "error", message=_xml(message)).text = _xml(message)
    return element


def _testcase(case: CaseResult, survey: Survey) -> ET.Element:
    element = _element(case.chapter, case.id, case.evidence.duration_s)
    properties = ET.SubElement(element, "properties")
    for name, value in (("outcome", case.outcome), *(("requirement", each) for each in case.requirements)):
        ET.SubElement(properties, "property", name=name, value=_xml(value))
    result = status(case, survey)
    message = headline(case, survey)
    if result == "failure":
        ET.SubElement(element, "failure", message=_xml(message)).text = _xml(f"{message}\n\n{detail(case, survey)}")
    elif result == "skipped":
        words = message if case.outcome == "masked" else f"{case.outcome}: {message}"
        ET.SubElement(element, "skipped", message=_xml(words), type="conformance.skip")
    elif result == "expected":
        found = ET.SubElement(element, "skipped", message=_xml(message), type="conformance.expected")
        found.text = _xml(detail(case, survey))
    return element


def _properties(record: Record) -> tuple[tuple[str, str], ...]:
    return (
        ("verdict", record.verdict),
        ("exit_status", str(record.exit_status)),
        ("target", record.target.base_url),
        ("document", record.suite.document),
        ("suite_version", record.suite.version),
        ("strict", str(record.strict).lower()),
        ("seed", str(record.run.seed)),
        ("calls", str(record.run.calls)),
    )
