"""Two records side by side: which requirements got worse, better, are newly tested or no longer tested."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.evidence.glyphs import line
from conformance.record.results import Outcome, Record, RequirementResult

__all__ = ["Change", "Comparison", "compare"]

_RANK: dict[Outcome, int] = {"passed": 3, "tolerated": 2, "waived": 1, "failed": 0}
"""The outcomes that say something of the target, better ones higher; masked, untestable and not tested say nothing."""


@dataclass(frozen=True)
class Change:
    """A requirement whose outcome is another than before."""

    id: str
    level: str
    old: Outcome
    new: Outcome


@dataclass(frozen=True)
class Comparison:
    """What changed from an older record to a newer one; added and removed are requirements only one of them has."""

    worse: tuple[Change, ...]
    better: tuple[Change, ...]
    newly_tested: tuple[Change, ...]
    no_longer_tested: tuple[Change, ...]
    added: tuple[RequirementResult, ...]
    removed: tuple[RequirementResult, ...]
    differences: tuple[str, ...]
    verdicts: tuple[str, str]

    @property
    def exit_status(self) -> int:
        """1 when something got worse, else 0. What is newly tested, or only one of the sets has, was never better."""
        return int(bool(self.worse))

    def text(self) -> str:
        """The comparison for a terminal."""
        old, new = self.verdicts
        blocks = [[f"Verdict: {old} before, {new} now."], list(self.differences)]
        for title, changes in (
            ("Got worse", self.worse),
            ("Got better", self.better),
            ("Newly tested", self.newly_tested),
            ("No longer tested", self.no_longer_tested),
        ):
            blocks.append(_listed(title, [f"{c.level:6} {line(c.id)}: {c.old} -> {c.new}" for c in changes]))
        for title, requirements in (("Only in the new results", self.added), ("Only in the old results", self.removed)):
            blocks.append(_listed(title, [f"{r.level:6} {line(r.id)}: {r.outcome}" for r in requirements]))
        if len(blocks) == sum(not block for block in blocks[2:]) + 2:
            blocks.append(["No requirement changed."])
        return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _listed(title: str, lines: list[str]) -> list[str]:
    return [f"{title} ({len(lines)}):", *(f"  {one}" for one in lines)] if lines else []


def compare(old: Record, new: Record) -> Comparison:
    """What changed between the records OLD and NEW, requirement by requirement."""
    before = {requirement.id: requirement for requirement in old.requirements}
    after = {requirement.id: requirement for requirement in new.requirements}
    changes = [
        Change(identifier, after[identifier].level, requirement.outcome, after[identifier].outcome)
        for identifier, requirement in before.items()
        if identifier in after and after[identifier].outcome != requirement.outcome
    ]
    both = [c for c in changes if c.old in _RANK and c.new in _RANK]
    return Comparison(
        worse=tuple(c for c in both if _RANK[c.new] < _RANK[c.old]),
        better=tuple(c for c in both if _RANK[c.new] > _RANK[c.old]),
        newly_tested=tuple(c for c in changes if c.old not in _RANK and c.new in _RANK),
        no_longer_tested=tuple(c for c in changes if c.old in _RANK and c.new not in _RANK),
        added=tuple(requirement for identifier, requirement in after.items() if identifier not in before),
        removed=tuple(requirement for identifier, requirement in before.items() if identifier not in after),
        differences=tuple(_differences(old, new)),
        verdicts=(old.verdict, new.verdict),
    )


def _differences(old: Record, new: Record) -> list[str]:
    """What else than the target may explain a change."""
    pairs = (
        ("Suite", f"{old.suite.name} {old.suite.version}", f"{new.suite.name} {new.suite.version}"),
        ("Document", old.suite.document, new.suite.document),
        ("Target", old.target.base_url, new.target.base_url),
        ("Provider", old.target.provider, new.target.provider),
        ("Strict", str(old.strict).lower(), str(new.strict).lower()),
    )
    return [f"{name} differs: {line(before)} before, {line(now)} now." for name, before, now in pairs if before != now]
