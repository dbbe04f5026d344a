"""What a record says, sorted the way a reader needs it: the view that every report shares."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

from conformance.evidence.exchange import Exchange
from conformance.record.observation import Generated
from conformance.record.results import NOT_RUN, CaseResult, Finding, Outcome, Record, RequirementResult, WaiverUse

__all__ = [
    "FEW",
    "NEWER",
    "OUTCOMES",
    "SEVERAL",
    "Gap",
    "Proof",
    "Repair",
    "Sighting",
    "Survey",
    "attribution",
    "replays",
    "sightings",
]

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

NEWER = "new since this release, doesn't count"
"""What every report says of a requirement that is newer than the release whose requirements count."""

FEW = 3
"""As many requirements of a case as are told at once."""

SEVERAL = 7
"""As many cases as are shown of a requirement of which the record doesn't say which cases prove it."""

_DIRECT = "direct"
"""The name of the rule by which a finding speaks against the requirement that it was judged by."""

_NOT_RUN = re.compile(NOT_RUN.format(r"(\S+)"))
"""The reason why a requirement isn't tested whose case wasn't run."""

_URGENCY: dict[str, int] = {
    "failed": 0,
    "masked": 2,
    "waived": 3,
    "tolerated": 4,
    "not tested": 5,
    "untestable": 6,
    "passed": 7,
}


@dataclass(frozen=True)
class Sighting:
    """A finding, the case that made it, and the exchange in which it shows (None: in no single one)."""

    case: CaseResult
    finding: Finding
    exchange: Exchange | None

    @property
    def replay(self) -> str | None:
        """The id by which its generated request is sent again; None for a request that was written.

        A case may find several things, each in a request of its own.
        """
        if not self.case.evidence.observations:
            # Results of format 1 know one id for each case.
            return self.case.evidence.replay
        generated = (one for one in self.case.evidence.observations if isinstance(one, Generated))
        return next((one.example for one in generated if one.exchange == self.finding.exchange), None)

    @property
    def generated(self) -> bool:
        """Whether its request was made rather than written."""
        return self.replay is not None

    @property
    def effort(self) -> tuple[bool, bool, bool, int]:
        """Sorts what a reader understands soonest first: one written request and its answer."""
        return (
            self.finding.outcome == "tolerated",
            self.generated,
            self.exchange is None,
            len(self.case.evidence.exchanges),
        )

    @property
    def size(self) -> tuple[int, int]:
        """Sorts small requests first."""
        if self.exchange is None:
            return sys.maxsize, 0
        return len(self.exchange.request.body or b""), len(self.exchange.edit)


def sightings(case: CaseResult) -> Iterator[Sighting]:
    """The findings of CASE, each with the exchange in which it shows."""
    for finding in case.findings:
        shown = finding.exchange is not None and finding.exchange < len(case.evidence.exchanges)
        yield Sighting(case, finding, case.evidence.exchanges[finding.exchange or 0] if shown else None)


def attribution(finding: Finding) -> str:
    """Why FINDING was attributed to its requirement; "" where the answer shows it by itself."""
    return "" if finding.rule is None or finding.rule.name == _DIRECT else finding.rule.sentence


def replays(case: CaseResult) -> tuple[str, ...]:
    """The ids of the generated requests that the findings of CASE are about, each once."""
    return tuple(dict.fromkeys(one.replay for one in sightings(case) if one.replay is not None))


@dataclass(frozen=True)
class Repair:
    """A requirement with what was found against it, each finding with the case that found it.

    masked are the requirements whose violation can't be told apart from this one's.
    """

    requirement: RequirementResult
    sightings: tuple[Sighting, ...]
    masked: tuple[RequirementResult, ...] = ()

    @property
    def cases(self) -> tuple[CaseResult, ...]:
        """The cases that found something, each once, in their order."""
        return tuple({sighting.case.id: sighting.case for sighting in self.sightings}.values())

    @property
    def plainest(self) -> Sighting | None:
        """The one that says most with least: it stands for all of them."""
        return min(self.sightings, key=lambda sighting: sighting.effort, default=None)

    @property
    def smallest(self) -> Sighting | None:
        """The one with the smallest generated request, unless it is the plainest itself."""
        generated = [sighting for sighting in self.sightings if sighting.generated]
        smallest = min(generated, key=lambda sighting: sighting.size, default=None)
        return None if smallest is self.plainest else smallest

    @property
    def others(self) -> tuple[Sighting, ...]:
        """The first sighting of every other case than the plainest's."""
        first = {sighting.case.id: sighting for sighting in reversed(self.sightings)}
        plainest = self.plainest
        return tuple(first[case.id] for case in self.cases if plainest is None or case.id != plainest.case.id)


@dataclass(frozen=True)
class Proof:
    """The cases of a requirement: those that are about it, and whether more are judged by it beside something else."""

    proving: tuple[str, ...]
    judging: tuple[str, ...]


@dataclass(frozen=True)
class Gap:
    """Requirements that share the reason why nothing can be said about them."""

    reason: str
    requirements: tuple[RequirementResult, ...]

    @property
    def size(self) -> int:
        """How many requirements they are."""
        return len(self.requirements)

    @property
    def case_not_run(self) -> str | None:
        """The case whose absence is the reason; None where that is another."""
        found = _NOT_RUN.fullmatch(self.reason)
        return found and found[1]


class Levels:
    """A record with its indexes, and what in it is a MUST."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.requirements = {requirement.id: requirement for requirement in record.requirements}
        self.cases = {case.id: case for case in record.cases}

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


class Masks:
    """What in RECORD can't be told apart from a violation, and from which one."""

    def __init__(self, record: Record) -> None:
        self._requirements = {requirement.id: requirement for requirement in record.requirements}
        self._masked = [requirement for requirement in record.requirements if requirement.outcome == "masked"]

    def masked_by(self, identifier: str) -> tuple[RequirementResult, ...]:
        """The masked requirements that are behind the one IDENTIFIER, also by way of others."""
        return tuple(requirement for requirement in self._masked if self._first(requirement) == identifier)

    def _first(self, requirement: RequirementResult) -> str:
        """The requirement that is to be put right before anything can be said of REQUIREMENT, which is masked."""
        seen = {requirement.id}
        mask = requirement.masked_by or ""
        while (behind := self._requirements.get(mask)) is not None and behind.outcome == "masked" and mask not in seen:
            seen.add(mask)
            mask = behind.masked_by or ""
        return mask

    def stray(self) -> tuple[RequirementResult, ...]:
        """Masked requirements that stand under no violation of this record, as of a waived or unknown requirement."""
        shown = {requirement.id for requirement in self._requirements.values() if requirement.outcome == "failed"}
        return tuple(requirement for requirement in self._masked if self._first(requirement) not in shown)


class Survey(Levels):
    """What to fix first in a record, and what is missing."""

    def __init__(self, record: Record) -> None:
        super().__init__(record)
        self.masks = Masks(record)

    @property
    def sentence(self) -> str:
        """The record's summary, without the verdict's word where it opens with it: every report says that apart."""
        word, colon, rest = self.record.summary.partition(": ")
        return rest[:1].upper() + rest[1:] if colon and word.lower() == self.record.verdict else self.record.summary

    def main_requirements(self, case: CaseResult) -> tuple[str, ...]:
        """The few requirements that CASE is about: those that it speaks against, and the first that it proves."""
        found = tuple(dict.fromkeys(finding.requirement for finding in case.findings))
        return tuple(dict.fromkeys((*found, *self.about(case))))[: max(FEW, len(found))]

    def about(self, case: CaseResult) -> tuple[str, ...]:
        """The requirements that CASE proves; where none is told, all that it can say something about."""
        return case.proves or case.requirements

    def in_order(self, identifiers: Iterable[str]) -> list[str]:
        """IDENTIFIERS, of requirements, in the record's order; those that it doesn't list come last."""
        places = {identifier: place for place, identifier in enumerate(self.requirements)}
        return sorted(identifiers, key=lambda identifier: places.get(identifier, len(places)))

    def tally(self, level: Literal["MUST", "SHOULD"] | None = None) -> dict[Outcome, int]:
        """How many requirements (of LEVEL) have each outcome; all outcomes are there."""
        counts = Counter(r.outcome for r in self.record.requirements if level in (None, r.level))
        return {outcome: counts[outcome] for outcome in OUTCOMES}

    def case_tally(self) -> dict[Outcome, int]:
        """How many cases have each outcome; all outcomes are there."""
        counts = Counter(case.outcome for case in self.record.cases)
        return {outcome: counts[outcome] for outcome in OUTCOMES}

    def repairs(self, outcome: Outcome = "failed") -> tuple[Repair, ...]:
        """The requirements with OUTCOME: MUST before SHOULD, those that most cases speak against first.

        Behind them all come those that are newer than the release whose requirements count.
        """
        repairs = [
            Repair(requirement, tuple(self._against(requirement.id)), self.masks.masked_by(requirement.id))
            for requirement in self.record.requirements
            if requirement.outcome == outcome
        ]
        return tuple(
            sorted(repairs, key=lambda r: (not r.requirement.counts, r.requirement.level != "MUST", -len(r.cases)))
        )

    def newer(self) -> tuple[RequirementResult, ...]:
        """The requirements that have no say in the verdict, as they are newer than the release that counts."""
        return tuple(requirement for requirement in self.record.requirements if not requirement.counts)

    def proof(self, requirement: RequirementResult) -> Proof:
        """The cases of REQUIREMENT; those that speak against it come first."""
        against = {sighting.case.id for sighting in self._against(requirement.id)}
        ordered = sorted(requirement.cases, key=lambda identifier: identifier not in against)
        proving = [identifier for identifier in ordered if self._proves(identifier, requirement)]
        return Proof(tuple(proving), tuple(identifier for identifier in ordered if identifier not in proving))

    def _proves(self, identifier: str, requirement: RequirementResult) -> bool:
        case = self.cases.get(identifier)
        if self._proof_told:
            return identifier in requirement.proved_by or (case is not None and requirement.id in case.proves)
        # Results of format 1 don't say what a case is about. What many requirements share, no case is about.
        return case is not None and (len(requirement.cases) <= SEVERAL or self._sharing[requirement.cases] < FEW)

    @cached_property
    def _proof_told(self) -> bool:
        """Whether the record says which cases prove what."""
        proved = any(requirement.proved_by for requirement in self.record.requirements)
        return proved or any(case.proves for case in self.record.cases)

    @cached_property
    def _sharing(self) -> Counter[tuple[str, ...]]:
        return Counter(requirement.cases for requirement in self.record.requirements)

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

    def _against(self, identifier: str) -> Iterable[Sighting]:
        for case in self.record.cases:
            yield from (one for one in sightings(case) if one.finding.requirement == identifier)
