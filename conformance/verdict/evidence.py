"""What a case leaves behind: its exchanges, its observations with what each shows, and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.evidence.exchange import Exchange
from conformance.evidence.finding import Finding
from conformance.record.observation import Observation

__all__ = ["Attributed", "CaseEvidence", "Shown"]


@dataclass(frozen=True)
class Shown:
    """An observation with what it shows by itself, before it is seen together with others.

    Attributes:
        observation: the fact.
        findings: what is wrong, each attributed to the requirement that the observation names.
        judged: requirements that it was judged by.
        unobserved: requirements that it says nothing about, and why.
        task_ids: the ids of the tasks that it brought.
    """

    observation: Observation
    findings: tuple[Finding, ...] = ()
    judged: tuple[str, ...] = ()
    unobserved: tuple[tuple[str, str], ...] = ()
    task_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class CaseEvidence:
    """One case: what it is about, and all that was recorded of it.

    Attributes:
        id: the case's id.
        title: the fact that it states.
        chapter: the chapter that it stands in.
        proves: the requirements that it is about.
        requirements: all requirements that it can say something about.
        shown: its observations, in their order.
        exchanges: its calls.
        reason: why it ended early; "" when it didn't.
        duration_s: seconds.
        calls: calls to the endpoint under test.
        replay: the argument of --replay for its smallest failing generated request.
    """

    id: str
    title: str
    chapter: str
    proves: tuple[str, ...]
    requirements: tuple[str, ...]
    shown: tuple[Shown, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    reason: str = ""
    duration_s: float = 0.0
    calls: int = 0
    replay: str | None = None


@dataclass(frozen=True)
class Attributed:
    """A case with its findings attributed to requirements.

    Attributes:
        evidence: what the case left behind.
        findings: what is wrong.
        judged: requirements that something was said about.
        unobserved: requirements that nothing could be said about, and why.
        partly: requirements that were looked at in part, and why.
    """

    evidence: CaseEvidence
    findings: tuple[Finding, ...]
    judged: frozenset[str]
    unobserved: Mapping[str, str]
    partly: Mapping[str, str]
