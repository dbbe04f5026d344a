"""The run record: everything a run found out, and the one source that every report is rendered from.

A record is redacted before it is made: no secret is in it. It is written as results.json and read back from there.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Literal, Self

from conformance.evidence.exchange import Exchange
from conformance.evidence.finding import Finding, Rule
from conformance.files import replacing
from conformance.record.members import AMONG, members
from conformance.record.observation import Observation
from conformance.record.serialization import unstructure

__all__ = [
    "FORMAT",
    "SLUG",
    "CaseResult",
    "Conditions",
    "Event",
    "Evidence",
    "Exit",
    "Finding",
    "Ground",
    "Outcome",
    "Record",
    "RequirementResult",
    "Rule",
    "RunInfo",
    "Source",
    "SuiteInfo",
    "TargetInfo",
    "Verdict",
    "WaiverState",
    "WaiverUse",
]

FORMAT = 2
"""Version of the results format; it rises when a reader of the old one would misread the new."""

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
"""What the ids of requirements and cases are."""

Outcome = Literal["passed", "failed", "masked", "tolerated", "waived", "untestable", "not tested"]
WaiverState = Literal["active", "stale", "expired", "unmatched"]
NOT_RUN = "the case {} wasn't run"
"""Why a requirement isn't tested that only this case proves."""

Verdict = Literal["conformant", "non-conformant", "incomplete", "no verdict"]


class Exit(IntEnum):
    """Exit statuses, as promised to outsiders."""

    CONFORMANT = 0
    NON_CONFORMANT = 1
    INTERRUPTED = 2
    INTERNAL_ERROR = 3
    USAGE_ERROR = 4
    NOTHING_TESTED = 5
    NO_VERDICT = 6
    INCOMPLETE = 7


@dataclass(frozen=True)
class SuiteInfo:
    """Which suite ran: its name and version, and the document that it tests for.

    digests: of each contract document that it judged by, by file name, the SHA-256 in hexadecimal.
    """

    name: str
    version: str
    document: str
    digests: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TargetInfo:
    """What was tested: the base URL and the kind of provider (hook, northbound, static, none)."""

    base_url: str
    provider: str


@dataclass(frozen=True)
class Evidence:
    """What was recorded of a case.

    Attributes:
        duration_s: seconds.
        calls: calls to the endpoint under test.
        exchanges: its calls.
        observations: what it observed; its findings follow from these and from the exchanges.
        ended: why it ended early; "" when it didn't.
        replay: the argument of `--replay` for a generated case with findings, else None.
    """

    duration_s: float
    calls: int
    exchanges: tuple[Exchange, ...] = ()
    observations: tuple[Observation, ...] = ()
    ended: str = ""
    replay: str | None = None


@dataclass(frozen=True)
class CaseResult:
    """One case: what it proved, found, and sent.

    Attributes:
        id: the case's id.
        title: the fact that it states.
        chapter: the chapter that it stands in.
        requirements: all requirements that it can say something about.
        outcome: how it ended.
        reason: why, in words.
        evidence: what was recorded of it.
        findings: what was wrong.
        untested: those of its requirements that it could say nothing about, and why.
        proves: the requirements that it is about.
        masked_by: the requirement from whose violation its failures can't be told apart.
    """

    id: str
    title: str
    chapter: str
    requirements: tuple[str, ...]
    outcome: Outcome
    reason: str
    evidence: Evidence = field(metadata=AMONG)
    findings: tuple[Finding, ...] = ()
    untested: dict[str, str] = field(default_factory=dict)
    proves: tuple[str, ...] = ()
    masked_by: str | None = None


@dataclass(frozen=True)
class Source:
    """Where a requirement stands in the source document."""

    section: str
    row: str


@dataclass(frozen=True)
class Ground:
    """What a requirement rests on: a row of the source document or our own words, and the ids of interpretations."""

    source: Source
    origin: Literal["document", "ours"] = "document"
    readings: tuple[str, ...] = ()


@dataclass(frozen=True)
class RequirementResult:
    """One requirement of the ledger and what the run says about it.

    Attributes:
        id: its id.
        level: MUST or SHOULD.
        statement: what it requires.
        ground: what it rests on.
        outcome: how it ended.
        reason: why, in words.
        cases: those that can say something about it.
        advice: what to do where it is violated.
        masked_by: the requirement from whose violation this one's can't be told apart.
        proved_by: the cases that are about it.
        counts: it has a say in the verdict; those that are newer than the configured release haven't.
    """

    id: str
    level: Literal["MUST", "SHOULD"]
    statement: str
    ground: Ground = field(metadata=AMONG)
    outcome: Outcome
    reason: str
    cases: tuple[str, ...]
    advice: str = ""
    masked_by: str | None = None
    proved_by: tuple[str, ...] = ()
    counts: bool = True


@dataclass(frozen=True)
class WaiverUse:
    """A waiver of the configuration and what became of it: active, stale, expired or unmatched."""

    requirement: str | None
    case: str | None
    reason: str
    owner: str
    expires: str
    state: WaiverState


@dataclass(frozen=True)
class Conditions:
    """What else than the evidence the verdict rests on.

    Attributes:
        allow_untested: a MUST that wasn't tested doesn't count.
        declared: requirements that are untestable as the run was set up, and why.
        day: the day by which waivers were judged, in ISO 8601.
        no_verdict: why no verdict can be had; "" when it can.
        ended: why the run ended early; "" when it didn't.
        release: the release of the suite whose requirements counted; None: the newest.
    """

    allow_untested: bool = False
    declared: dict[str, str] = field(default_factory=dict)
    day: str = "0001-01-01"
    no_verdict: str = ""
    ended: str = ""
    release: str | None = None


@dataclass(frozen=True)
class Event:
    """What took time besides the calls of the cases: a wait, or a request to the hook.

    started is seconds since the epoch; words say what it was for.
    """

    kind: Literal["wait", "hook"]
    started: float
    duration_s: float
    words: str


@dataclass(frozen=True)
class RunInfo:
    """What took place.

    Attributes:
        started: when the run began, in ISO 8601 and UTC.
        duration_s: seconds.
        seed: of the generated cases.
        calls: HTTP calls to the endpoint under test.
        notes: what is to be said about the run as a whole.
        versions: of what it ran with, by name.
        timeline: what took time besides the calls.
    """

    started: str
    duration_s: float
    seed: int
    calls: int
    notes: tuple[str, ...]
    versions: dict[str, str] = field(default_factory=dict)
    timeline: tuple[Event, ...] = ()

    @classmethod
    def until_now(
        cls,
        started: float,
        calls: int,
        notes: tuple[str, ...],
        *,
        seed: int = 0,
        versions: Mapping[str, str] | None = None,
        timeline: tuple[Event, ...] = (),
    ) -> Self:
        """Of a run that ends now and began at STARTED, in seconds since the epoch."""
        moment = dt.datetime.fromtimestamp(started, dt.UTC).isoformat(timespec="seconds")
        return cls(moment, time.time() - started, seed, calls, notes, dict(versions or {}), timeline)


@dataclass(frozen=True)
class Record:
    """A whole run, its verdict, and what both rest on. strict: what is tolerated counted as failed."""

    suite: SuiteInfo
    target: TargetInfo
    exit_status: int
    verdict: Verdict
    strict: bool
    summary: str
    waivers: tuple[WaiverUse, ...]
    requirements: tuple[RequirementResult, ...]
    cases: tuple[CaseResult, ...]
    run: RunInfo = field(metadata=AMONG)
    format: int = FORMAT
    conditions: Conditions = Conditions()

    def write(self, path: Path) -> None:
        """Write the record to PATH as JSON."""
        # A target may answer with half of a surrogate pair, which UTF-8 can't hold; the escape is JSON's own.
        with replacing(path, errors="backslashreplace") as file:
            file.writelines(_lines(self))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _lines(record: Record) -> Iterator[str]:
    """RECORD as JSON, a line for each element of a list, so that results can be compared line by line.

    One element after the other: all of them at once would take several times their size.
    """
    start = "{\n"
    for name, value in members(record):
        yield f"{start}{_json(name)}: "
        if value and isinstance(value, tuple):
            yield "[\n "
            for number, element in enumerate(value):
                yield (",\n " if number else "") + _json(unstructure(element))
            yield "\n]"
        else:
            yield _json(unstructure(value))
        start = ",\n"
    yield "\n}\n"
