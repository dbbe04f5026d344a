"""What judging one exchange yields: findings, and the requirements that nothing could be said about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from conformance.evidence.finding import Finding

__all__ = ["Judgement", "failed", "tolerated", "untested"]

LONGEST_MESSAGE = 600
LONGEST_VALUE = 2000
"""Characters. What a target sends may be of any length; what is told of it isn't."""


def _told(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"


def _finding(
    outcome: Literal["failed", "tolerated"], requirement: str, *texts: str, reading: str | None = None
) -> Finding:
    message, expected, actual = texts
    return Finding(
        requirement,
        outcome,
        _told(message, LONGEST_MESSAGE),
        _told(expected, LONGEST_VALUE),
        _told(actual, LONGEST_VALUE),
        reading=reading,
    )


def failed(requirement: str, message: str, expected: str = "", actual: str = "") -> Finding:
    """A violation of REQUIREMENT."""
    return _finding("failed", requirement, message, expected, actual)


def tolerated(requirement: str, reading: str, message: str, expected: str = "", actual: str = "") -> Finding:
    """Something off the tables that the interpretation READING explains."""
    return _finding("tolerated", requirement, message, expected, actual, reading=reading)


@dataclass(frozen=True)
class Judgement:
    """Findings, and untested: requirement id to the reason why this exchange says nothing about it."""

    findings: tuple[Finding, ...] = ()
    untested: Mapping[str, str] = field(default_factory=dict)

    def __add__(self, other: Judgement) -> Judgement:
        return Judgement((*self.findings, *other.findings), {**self.untested, **other.untested})

    def at(self, exchange: int) -> Judgement:
        """The same, its findings tied to the exchange with that index."""
        return replace(self, findings=tuple(replace(finding, exchange=exchange) for finding in self.findings))

    @property
    def failures(self) -> tuple[Finding, ...]:
        """The findings that aren't tolerated."""
        return tuple(finding for finding in self.findings if finding.outcome == "failed")


def untested(requirements: Iterable[str], reason: str) -> dict[str, str]:
    """REQUIREMENTS, all untested for one reason."""
    return dict.fromkeys(requirements, reason)
