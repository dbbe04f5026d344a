"""What a record says, sorted the way a reader needs it: the view that every report shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from conformance.record import CaseResult, Finding, Outcome, Record, RequirementResult, WaiverUse

__all__ = ["OUTCOMES", "Gap", "Repair", "Survey"]

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

_FEW = 3
_URGENCY: dict[str, int] = {
    "failed": 0,
    "waived": 2,
    "tolerated": 3,
    "not tested": 4,
    "untestable": 5,
    "passed": 6,
}


@dataclass(frozen=True)
class Repair:
    """A requirement with what was found against it, each finding with the case that found it."""

    requirement: RequirementResult
    findings: tuple[tuple[CaseResult, Finding], ...]

    @property
    def cases(self) -> tuple[CaseResult, ...]:
        """The cases that found something, each once, in their order."""
        return tuple({case.id: case for case, _ in self.findings}.values())

    @property
    def distinct(self) -> tuple[tuple[Finding, tuple[CaseResult, ...]], ...]:
        """What was found, each thing once, with the cases that found it; what most cases found comes first."""
        groups: dict[tuple[str, str, str], tuple[Finding, dict[str, CaseResult]]] = {}
        for case, finding in self.findings:
            key = (finding.message, finding.expected, finding.actual)
            groups.setdefault(key, (finding, {}))[1][case.id] = case
        found = ((finding, tuple(cases.values())) for finding, cases in groups.values())
        return tuple(sorted(found, key=lambda group: -len(group[1])))


@dataclass(frozen=True)
class Gap:
    """Requirements that share the reason why nothing can be said about them."""

    reason: str
    requirements: tuple[RequirementResult, ...]

    @property
    def size(self) -> int:
        """How many requirements they are."""
        return len(self.requirements)


class Survey:
    """A record with its indexes: who is a MUST, what to fix first, what is missing."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.requirements = {requirement.id: requirement for requirement in record.requirements}
        self.cases = {case.id: case for case in record.cases}

    @property
    def sentence(self) -> str:
        """The record's summary, without the verdict's word where it opens with it: every report says that apart."""
        word, colon, rest = self.record.summary.partition(": ")
        return rest[:1].upper() + rest[1:] if colon and word.lower() == self.record.verdict else self.record.summary

    def main_requirements(self, case: CaseResult) -> tuple[str, ...]:
        """The few requirements that CASE is about: those that it speaks against, else the first of its own."""
        found = tuple(dict.fromkeys(finding.requirement for finding in case.findings))
        return tuple(dict.fromkeys((*found, *case.requirements)))[: max(_FEW, len(found))]

    def must(self, identifier: str) -> bool:
        """Whether the requirement is a MUST; one that the record doesn't list counts as one."""
        requirement = self.requirements.get(identifier)
        return requirement is None or requirement.level == "MUST"

    def binding(self, case: CaseResult) -> bool:
        """Whether a failed case breaks a MUST, and not only a SHOULD."""
        broken = [finding.requirement for finding in case.findings if finding.outcome == "failed"]
        return any(map(self.must, broken or case.requirements or [""]))

    def advisory(self, case: CaseResult) -> bool:
        """Whether a case failed only against SHOULDs."""
        return case.outcome == "failed" and not self.binding(case)

    def tally(self, level: Literal["MUST", "SHOULD"] | None = None) -> dict[Outcome, int]:
        """How many requirements (of LEVEL) have each outcome; all six outcomes are there."""
        counts = Counter(r.outcome for r in self.record.requirements if level in (None, r.level))
        return {outcome: counts[outcome] for outcome in OUTCOMES}

    def case_tally(self) -> dict[Outcome, int]:
        """How many cases have each outcome; all six outcomes are there."""
        counts = Counter(case.outcome for case in self.record.cases)
        return {outcome: counts[outcome] for outcome in OUTCOMES}

    def repairs(self, outcome: Outcome = "failed") -> tuple[Repair, ...]:
        """The requirements with OUTCOME: MUST before SHOULD, those that most cases speak against first."""
        repairs = [
            Repair(requirement, tuple(self._against(requirement.id)))
            for requirement in self.record.requirements
            if requirement.outcome == outcome
        ]
        return tuple(sorted(repairs, key=lambda r: (r.requirement.level != "MUST", -len(r.cases))))

    def gaps(self, outcome: Literal["not tested", "untestable"]) -> tuple[Gap, ...]:
        """The requirements with OUTCOME, grouped by reason; groups with a MUST, then the larger ones, first."""
        groups: dict[str, list[RequirementResult]] = {}
        for requirement in self.record.requirements:
            if requirement.outcome == outcome:
                groups.setdefault(requirement.reason, []).append(requirement)
        gaps = (Gap(reason, tuple(members)) for reason, members in groups.items())
        return tuple(
            sorted(gaps, key=lambda gap: (all(r.level != "MUST" for r in gap.requirements), -len(gap.requirements)))
        )

    def ordered_cases(self) -> tuple[CaseResult, ...]:
        """All cases, those first that a reader must see first."""
        return tuple(sorted(self.record.cases, key=lambda case: _URGENCY[case.outcome] + self.advisory(case)))

    def defective_waivers(self) -> tuple[WaiverUse, ...]:
        """The waivers that are stale, expired or match nothing."""
        return tuple(waiver for waiver in self.record.waivers if waiver.state != "active")

    def _against(self, identifier: str) -> Iterable[tuple[CaseResult, Finding]]:
        for case in self.record.cases:
            for finding in case.findings:
                if finding.requirement == identifier:
                    yield case, finding
