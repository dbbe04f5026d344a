"""The contract's documents, read once and turned into values: requirements, error rows, interpretations, schemas."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import yaml

__all__ = [
    "Contract",
    "ErrorRow",
    "Interpretation",
    "Requirement",
    "command_statuses",
    "counted",
    "digests",
    "document_path",
    "load",
    "releases",
]

FIRST_RELEASE = "0.1"
"""The release that requirements came with of which the ledger says nothing else."""


@dataclass(frozen=True)
class Requirement:
    """One entry of the ledger. untestable is the reason why it has no case, or None.

    masked_by: if one of these is violated, a violation here can't be told apart from it. subsumes: if this and all of
    these are violated, only this one is reported. since: the release of the suite that it came with, "0.1" say.
    """

    id: str
    level: Literal["MUST", "SHOULD"]
    section: str
    row: str
    statement: str
    advice: str
    origin: Literal["document", "ours"]
    readings: tuple[str, ...]
    untestable: str | None
    masked_by: tuple[str, ...] = ()
    subsumes: tuple[str, ...] = ()
    since: str = FIRST_RELEASE


@dataclass(frozen=True)
class ErrorRow:
    """One row of the document's error table, with the requirement that its cases prove."""

    id: str
    status: int
    code: str
    description: str
    handling: str
    requirement: str


@dataclass(frozen=True)
class Interpretation:
    """How a silence or contradiction of the document is read."""

    id: str
    title: str
    ours: str


@dataclass(frozen=True)
class Contract:
    """Everything that the documents say, by id."""

    document: str
    requirements: Mapping[str, Requirement]
    rows: tuple[ErrorRow, ...]
    interpretations: Mapping[str, Interpretation]
    openapi: Mapping[str, Any]

    def answers(self, *codes: str) -> tuple[ErrorRow, ...]:
        """The rows of the error table that carry one of CODES; KeyError for a code that the table doesn't have."""
        rows = tuple(row for row in self.rows if row.code in codes)
        missing = set(codes) - {row.code for row in rows}
        if missing:
            raise KeyError(*sorted(missing))
        return rows


def command_statuses() -> tuple[str, ...]:
    """What a command's status may be, as the document is read."""
    status = load().openapi["components"]["schemas"]["DeviceCommandResp"]["properties"]["status"]
    return (*status["enum"], *status["x-tolerated"])


def _release(text: str) -> tuple[int, ...]:
    """A release as numbers: 0.10 comes after 0.9."""
    return tuple(map(int, text.split(".")))


def releases(requirements: Mapping[str, Requirement]) -> tuple[str, ...]:
    """The releases that one of REQUIREMENTS came with, the oldest first."""
    return tuple(sorted({one.since for one in requirements.values()}, key=_release))


def counted(requirements: Mapping[str, Requirement], configured: str | None) -> frozenset[str]:
    """Ids of those of REQUIREMENTS that count for the verdict: all up to the release CONFIGURED (None: the newest).

    Later ones are tested and reported, and change neither verdict nor exit status.
    """
    if configured is None:
        return frozenset(requirements)
    newest = _release(configured)
    return frozenset(name for name, one in requirements.items() if _release(one.since) <= newest)


def document_path(name: str) -> Path:
    """Where the document NAME is: beside the code in an installation, in openapi/ in a checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "openapi" / name
    return installed if installed.exists() else package.parent / "openapi" / name


def _read(name: str) -> Any:
    text = document_path(name).read_bytes()
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (both are the safe loader)


def _requirement(entry: Mapping[str, Any]) -> Requirement:
    return Requirement(
        id=entry["id"],
        level=entry["level"],
        section=entry["section"],
        row=str(entry["row"]),
        statement=entry["statement"],
        advice=entry["advice"],
        origin=entry.get("origin", "document"),
        readings=tuple(entry.get("reading", ())),
        untestable=entry.get("untestable"),
        masked_by=tuple(entry.get("masked_by", ())),
        subsumes=tuple(entry.get("subsumes", ())),
        since=entry.get("since", FIRST_RELEASE),
    )


@cache
def load() -> Contract:
    """Read the documents; each process does it once."""
    ledger = _read("requirements.yaml")
    openapi = _read("device-command-cancel-tasks.yaml")
    return Contract(
        document=ledger["document"],
        requirements=MappingProxyType({entry["id"]: _requirement(entry) for entry in ledger["requirements"]}),
        rows=tuple(
            ErrorRow(
                id=row["id"],
                status=int(row["status"]),
                code=str(row["code"]),
                description=row["description"],
                handling=row["handling"],
                requirement=row["requirement"],
            )
            for row in openapi["x-error-rows"]
        ),
        interpretations=MappingProxyType(
            {
                entry["id"]: Interpretation(entry["id"], entry["title"], str(entry["ours"]))
                for entry in _read("interpretations.yaml")["interpretations"]
            }
        ),
        openapi=MappingProxyType(openapi),
    )


@cache
def digests() -> dict[str, str]:
    """The SHA-256, in hexadecimal, of each document that the contract is read from."""
    names = ("device-command-cancel-tasks.yaml", "interpretations.yaml", "requirements.yaml")
    return {name: hashlib.sha256(document_path(name).read_bytes()).hexdigest() for name in names}
