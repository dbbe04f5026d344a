"""One thing that is wrong, and the rule by which it was attributed to a requirement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Finding", "Rule"]


@dataclass(frozen=True)
class Rule:
    """A rule of attribution: its name, and the sentence that tells a reader why this requirement was chosen."""

    name: str
    sentence: str


@dataclass(frozen=True)
class Finding:
    """One thing that was wrong, with the requirement it breaks.

    exchange is an index into the case's exchanges (None: no single one). reading is the interpretation that explains
    a tolerated finding, else None. rule is the rule that chose the requirement; None before attribution.
    """

    requirement: str
    outcome: Literal["failed", "tolerated", "masked", "waived"]
    message: str
    expected: str
    actual: str
    exchange: int | None = None
    reading: str | None = None
    rule: Rule | None = None
