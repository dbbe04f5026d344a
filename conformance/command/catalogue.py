"""Every requirement with the cases that test it: what `conformance list` prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from conformance.case.case import Case
from conformance.case.frame import FRAME
from conformance.contract import documents
from conformance.contract.documents import Requirement
from conformance.evidence.glyphs import amount
from conformance.suite.registry import registered

__all__ = ["Entry", "all_cases", "entries", "show"]


@dataclass(frozen=True)
class Entry:
    """A requirement; proving are the cases that are about it, cases all that can say something about it."""

    requirement: Requirement
    proving: tuple[str, ...]
    cases: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The entry for machines."""
        requirement = self.requirement
        return {
            "id": requirement.id,
            "level": requirement.level,
            "statement": requirement.statement,
            "source": {"section": requirement.section, "row": requirement.row},
            "origin": requirement.origin,
            "untestable": requirement.untestable,
            "cases": list(self.cases),
        }


def all_cases() -> tuple[Case, ...]:
    """Every case: those that frame a run, and those of the suite's chapters."""
    return (*FRAME, *registered().values())


def entries() -> list[Entry]:
    """The ledger in its order, with the cases of each requirement."""
    cases = all_cases()
    return [
        Entry(
            requirement,
            tuple(case.id for case in cases if requirement.id in case.proves),
            tuple(case.id for case in cases if requirement.id in case.requirements),
        )
        for requirement in documents.load().requirements.values()
    ]


def _tested_by(entry: Entry) -> str:
    if entry.requirement.untestable:
        return f"untestable: {entry.requirement.untestable}"
    if entry.proving:
        return ", ".join(entry.proving)
    return f"the answers in {amount(len(entry.cases), 'case')}"


def show(listed: Sequence[Entry]) -> None:
    """Print LISTED as a table."""
    table = Table("Level", "Requirement", "Source", "Tested by", box=None, pad_edge=False, header_style="bold")
    table.columns[1].no_wrap = True
    for entry in listed:
        source = f"{entry.requirement.section}: {entry.requirement.row}"
        table.add_row(entry.requirement.level, entry.requirement.id, source, _tested_by(entry))
    # Through a pipe nothing is cut: other programs read it.
    console = Console(highlight=False, markup=False)
    Console(highlight=False, markup=False, width=console.width if console.is_terminal else 240).print(table)
