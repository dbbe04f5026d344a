"""Attributes each finding to one requirement, from all that was recorded, after the last case.

Judging an observation names a requirement. Seen together with other observations it may be another one: a call that
was answered rightly when it was repeated says nothing about what sets it apart.

Cases are gone through in the order of the suite, wherever and in whatever order they ran, so that what an earlier one
found broken is known to those that follow it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conformance.case import frame
from conformance.contract import names
from conformance.evidence.finding import Finding
from conformance.record.observation import Generated, Inconclusive, ValidCall
from conformance.verdict.case_rules import CASE_RULES
from conformance.verdict.evidence import Attributed, CaseEvidence, Shown
from conformance.verdict.facts import Facts, facts_of
from conformance.verdict.rules import DIRECT, Seen, blame_of, ruled

__all__ = ["attribute"]


def attribute(cases: Sequence[CaseEvidence], *, all_known: bool = True) -> tuple[Attributed, ...]:
    """CASES, in the order of the suite, with every finding attributed to a requirement.

    all_known: no other cases run; else what only they could tell is told as far as can be seen.
    """
    facts = facts_of(cases)
    facts = facts if all_known else replace(facts, tried=None)
    tasks = _TaskIds(sum(len(shown.task_ids) for case in cases for shown in case.shown))
    done = []
    for case in cases:
        attributed = _one(case, facts, tasks)
        done.append(attributed)
        broken = {finding.requirement for finding in attributed.findings if finding.outcome == "failed"}
        facts = replace(facts, broken=facts.broken | broken)
    return tuple(done)


class _TaskIds:
    """Which case was given each taskId first: they are compared across the whole run."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._first: dict[str, str] = {}

    def compare(self, shown: Shown, case: str) -> Finding | None:
        """A finding where a task of SHOWN, of the CASE, has the id of an earlier one; the first such stands for all."""
        earlier = []
        for given in shown.task_ids:
            if given in self._first:
                earlier.append((given, self._first[given]))
            else:
                self._first[given] = case
        if not earlier:
            return None
        given, first = earlier[0]
        words = f"the taskId {given} was given to an earlier task too (case {first})"
        exchange = getattr(shown.observation, "exchange", None)
        return Finding(names.TASK_ID_UNIQUE, "failed", words, "an identifier of its own", given, exchange, rule=DIRECT)

    @property
    def comparable(self) -> bool:
        """Whether there is more than one task."""
        return self._total > 1


def _one(case: CaseEvidence, facts: Facts, tasks: _TaskIds) -> Attributed:
    findings: list[Finding] = []
    judged: set[str] = set()
    unobserved: dict[str, str] = {}
    partly: dict[str, str] = {}
    same_ids = [tasks.compare(shown, case.id) for shown in case.shown]
    remembered = frozenset(same.exchange for same in same_ids if same is not None and same.exchange is not None)
    known = replace(facts, broken=facts.broken | _bounds(case))
    for shown, same_id in zip(case.shown, same_ids, strict=True):
        found = [ruled(Seen(finding, shown.observation, case, known, remembered)) for finding in shown.findings]
        findings += found if same_id is None else [*found, same_id]
        judged.update(shown.judged, (finding.requirement for finding in found))
        if shown.task_ids and tasks.comparable:
            judged.add(names.TASK_ID_UNIQUE)
        for requirement, reason in shown.unobserved:
            unobserved.setdefault(requirement, reason)
        if isinstance(shown.observation, Inconclusive):
            partly[shown.observation.requirement] = shown.observation.reason
        blame = blame_of(shown.observation)
        uncontrolled = not facts.controlled and case.id != frame.CONTROL_FIRST.id
        if uncontrolled and blame is not None and blame != names.CALL_ACCEPTED:
            judged.discard(blame)
            unobserved[blame] = "the plain valid call isn't accepted either"
        elif isinstance(shown.observation, ValidCall) and blame is not None:
            # A call whose failure is put down to something else doesn't prove what it was made for.
            elsewhere = [one for one, was in zip(found, shown.findings, strict=True) if was.requirement == blame]
            if elsewhere and all(one.requirement != blame for one in elsewhere):
                judged.discard(blame)
                unobserved.setdefault(blame, elsewhere[0].message)
    attributed = Attributed(case, tuple(findings), frozenset(judged), unobserved, partly)
    for of_the_case in CASE_RULES:
        attributed = of_the_case(attributed, facts)
    return attributed


def _bounds(case: CaseEvidence) -> frozenset[str]:
    """The bounds that the generated requests of CASE break, as each explains how others are answered."""
    return frozenset(
        finding.requirement
        for shown in case.shown
        if isinstance(shown.observation, Generated)
        for finding in shown.findings
        if finding.requirement in names.BOUNDS
    )
