"""The run record: everything a run found out, and the one source that every report is rendered from.

A record is redacted before it is made: no secret is in it. It is written as results.json and read back from there.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import cattrs

from conformance.exceptions import RecordError
from conformance.exchange import Exchange

__all__ = [
    "FORMAT",
    "CaseResult",
    "Event",
    "Finding",
    "Outcome",
    "Record",
    "RequirementResult",
    "Rule",
    "Source",
    "SuiteInfo",
    "TargetInfo",
    "Verdict",
    "WaiverUse",
]

FORMAT = 1
"""Version of the results format; it rises when a reader of the old one would misread the new."""

Outcome = Literal["passed", "failed", "masked", "tolerated", "waived", "untestable", "not tested"]
Verdict = Literal["conformant", "non-conformant", "incomplete", "no verdict"]


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
class Source:
    """Where a requirement stands in the source document."""

    section: str
    row: str


@dataclass(frozen=True)
class Rule:
    """The rule of attribution that chose a finding's requirement, and what it says to a reader."""

    name: str
    sentence: str


@dataclass(frozen=True)
class Finding:
    """One thing that was wrong, with the requirement it breaks.

    exchange is an index into the case's exchanges (None: no single one). reading is the interpretation that explains
    a tolerated finding, else None.
    """

    requirement: str
    outcome: Literal["failed", "masked", "tolerated", "waived"]
    message: str
    expected: str
    actual: str
    exchange: int | None = None
    reading: str | None = None
    rule: Rule | None = None


@dataclass(frozen=True)
class CaseResult:
    """One case: what it proved, found, and sent.

    untested maps those of its requirements that it could say nothing about to the reason. calls counts calls to the
    endpoint under test. replay is the argument of `--replay` for a generated case with findings, else None.
    """

    id: str
    title: str
    chapter: str
    requirements: tuple[str, ...]
    outcome: Outcome
    reason: str
    duration_s: float
    calls: int
    findings: tuple[Finding, ...] = ()
    untested: dict[str, str] = field(default_factory=dict)
    exchanges: tuple[Exchange, ...] = ()
    replay: str | None = None
    masked_by: str | None = None


@dataclass(frozen=True)
class RequirementResult:
    """One requirement of the ledger and what the run says about it. readings are ids of interpretations."""

    id: str
    level: Literal["MUST", "SHOULD"]
    statement: str
    source: Source
    outcome: Outcome
    reason: str
    cases: tuple[str, ...]
    advice: str = ""
    origin: Literal["document", "ours"] = "document"
    readings: tuple[str, ...] = ()
    masked_by: str | None = None


@dataclass(frozen=True)
class WaiverUse:
    """A waiver of the configuration and what became of it: active, stale, expired or unmatched."""

    requirement: str | None
    case: str | None
    reason: str
    owner: str
    expires: str
    state: Literal["active", "stale", "expired", "unmatched"]


@dataclass(frozen=True)
class Event:
    """What took time beside the calls of the cases: a wait, a call of the hook, or a call that was sent again.

    started is seconds since the epoch; words say what it was for.
    """

    kind: Literal["wait", "hook", "retry"]
    started: float
    duration_s: float
    words: str


@dataclass(frozen=True)
class Record:
    """A whole run. started is ISO 8601 in UTC, duration_s seconds, calls the HTTP calls to the endpoint under test."""

    suite: SuiteInfo
    target: TargetInfo
    started: str
    duration_s: float
    seed: int
    calls: int
    exit_status: int
    verdict: Verdict
    strict: bool
    summary: str
    notes: tuple[str, ...]
    waivers: tuple[WaiverUse, ...]
    requirements: tuple[RequirementResult, ...]
    cases: tuple[CaseResult, ...]
    format: int = FORMAT
    timeline: tuple[Event, ...] = ()

    def write(self, path: Path) -> None:
        """Write the record to PATH as JSON."""
        members = _converter.unstructure(self).items()
        text = "{\n" + ",\n".join(f"{_json(name)}: {_spread(value)}" for name, value in members) + "\n}\n"
        # A target may answer with half of a surrogate pair, which UTF-8 can't hold; the escape is JSON's own.
        path.write_text(text, "utf-8", errors="backslashreplace")

    @classmethod
    def read(cls, path: Path) -> Record:
        """Read a record from PATH; RecordError when it can't be read, is no record, or of a newer format."""
        try:
            data = json.loads(path.read_text("utf-8"))
        except OSError as error:
            raise RecordError(f"{path}: {error.strerror or error}") from error
        except ValueError as error:
            raise RecordError(f"{path}: not JSON ({error})") from error
        if not isinstance(data, dict) or not isinstance(data.get("format"), int):
            raise RecordError(f"{path}: no results of this suite (the member format is missing)")
        if data["format"] > FORMAT:
            raise RecordError(f"{path}: results format {data['format']}; this version reads up to {FORMAT}: upgrade")
        try:
            return _converter.structure(data, cls)
        except (cattrs.BaseValidationError, KeyError, ValueError, TypeError) as error:
            causes = "; ".join(cattrs.transform_error(error))
            raise RecordError(f"{path}: damaged results: {causes}") from error

    def evolve(self, **changes: Any) -> Record:
        """A copy with CHANGES."""
        return replace(self, **changes)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _spread(value: object) -> str:
    """VALUE as JSON, a line for each element of a list: requirements and cases can be compared line by line."""
    if not value or not isinstance(value, list | tuple):
        return _json(value)
    return "[\n " + ",\n ".join(map(_json, value)) + "\n]"


def _bytes_out(body: bytes) -> dict[str, str]:
    """Bodies stay readable where they are text; what is no UTF-8 goes as base64."""
    try:
        return {"text": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode("ascii")}


def _bytes_in(value: dict[str, str], _: object) -> bytes:
    return value["text"].encode("utf-8") if "text" in value else base64.b64decode(value["base64"])


def _make_converter() -> cattrs.Converter:
    converter = cattrs.Converter()
    converter.register_unstructure_hook(bytes, _bytes_out)
    converter.register_structure_hook(bytes, _bytes_in)
    converter.register_unstructure_hook(float, lambda value: round(value, 4))
    return converter


_converter = _make_converter()
