"""The figures of the proof, and the README's lines that state them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from conformance.suite.registry import registered
from tests.proof.trial import Trial

__all__ = ["Figures", "written"]

BLOCK = re.compile(r"(<!-- proof:begin -->\n).*?(<!-- proof:end -->)", re.DOTALL)


@dataclass(frozen=True)
class Figures:
    """Counts over all trials. idle_cases found no fault."""

    faults: int
    found: int
    exact: int
    pairs: int
    pairs_found: int
    variants: int
    mixtures: int
    false_alarms: int
    idle_cases: tuple[str, ...]

    @classmethod
    def of(cls, trials: Sequence[Trial]) -> Self:
        """The figures of TRIALS."""
        kinds = {
            kind: [trial for trial in trials if trial.kind == kind] for kind in ("fault", "pair", "variant", "mixture")
        }
        killers = {killer for trial in kinds["fault"] for killer in trial.killers}
        # What a tolerated or a slow case shows isn't a failure, and needn't be.
        cases = [case.id for case in registered().values() if case.id != "flow-control-exhausted"]
        return cls(
            faults=len(kinds["fault"]),
            found=sum(not trial.problem for trial in kinds["fault"]),
            exact=sum(trial.exact for trial in kinds["fault"]),
            pairs=len(kinds["pair"]),
            pairs_found=sum(not trial.problem for trial in kinds["pair"]),
            variants=len(kinds["variant"]),
            mixtures=len(kinds["mixture"]),
            false_alarms=sum(bool(trial.problem) for trial in (*kinds["variant"], *kinds["mixture"])),
            idle_cases=tuple(case for case in cases if case not in killers),
        )

    @property
    def sentence(self) -> str:
        """The figures in words."""
        found, pairs = _of(self.found, self.faults), _of(self.pairs_found, self.pairs)
        alarms = "no false alarm" if not self.false_alarms else f"{self.false_alarms} false alarms"
        return (
            f"{found[:1].upper()}{found[1:]} single faults were found. "
            f"In {pairs} random pairs of faults, neither broken requirement was reported as passed. "
            f"{self.variants} legal variants and {self.mixtures} mixtures of three variants raised {alarms}."
        )


def _of(some: int, total: int) -> str:
    return f"all {total}" if some == total else f"{some} of {total}"


def written(readme: str, figures: Figures) -> str:
    """README with the figures between its marks; ValueError when it has none."""
    if not BLOCK.search(readme):
        raise ValueError("README.md has no lines <!-- proof:begin --> and <!-- proof:end -->")
    sentences = figures.sentence.replace(". ", ".\n")
    return BLOCK.sub(lambda match: f"{match[1]}{sentences}\n{match[2]}", readme)
