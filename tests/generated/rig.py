"""Runs classes of generated examples, or the explicit cases, against a reference with a planted bug."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from conformance.assembly import assemble

from conformance.case.case import Case
from conformance.contract import documents
from conformance.exceptions import NoVerdict
from conformance.record import CaseResult
from conformance.reference import Reference
from conformance.reference.edits import Edit
from conformance.run import Run
from conformance.suite.registry import registered
from conformance.target.budget import Budget
from conformance.target.configuration import load

__all__ = ["Outcome", "conduct", "fixed_classes", "generated_cases"]


@dataclass(frozen=True)
class Outcome:
    """The results by case, and the notes of the run."""

    results: dict[str, CaseResult]
    notes: tuple[str, ...]
    run: Run

    @property
    def red(self) -> set[str]:
        """The requirements that were found broken."""
        return {
            finding.requirement
            for result in self.results.values()
            for finding in result.findings
            if finding.outcome == "failed"
        }


def generated_cases() -> tuple[str, ...]:
    """Ids of the generated cases."""
    return tuple(case.id for case in registered().values() if case.chapter == "generated")


def fixed_classes(*names: str) -> tuple[str, ...]:
    """Ids of the classes NAMES."""
    return tuple(f"generated-{name}" for name in names)


def conduct(
    cases: Iterable[str],
    cache: Path,
    *,
    bugs: Iterable[Edit] = (),
    variants: Iterable[str] = (),
    provider: str = "hook",
    max_calls: int = 400,
    seed: int = 1,
    replay: str | None = None,
    prepare: Callable[[Run], None] = lambda _: None,
) -> Outcome:
    """The outcome of CASES against a reference with BUGS and VARIANTS; NoVerdict where none can be had."""
    with Reference.start(tls=False, variants=variants) as reference:
        for bug in bugs:
            bug(reference.behaviour)
        toml = reference.configuration(provider)  # type: ignore[arg-type]  # one of the three
        configuration = load(None, {}, requirements=documents.load().requirements, embedded=lambda: toml)
        run = assemble(configuration, Budget(), lambda _: None)
        run.max_calls, run.seed, run.cache, run.replay = max_calls, seed, cache, replay
        chosen = [registered()[identity] for identity in cases]
        run.planned = tuple(case.id for case in chosen)
        run.open()
        prepare(run)
        try:
            results = {case.id: _one(run, case) for case in chosen}
        finally:
            run.provider.close()
            run.client.close()
            # The log-in of the northbound provider has a channel of its own.
            getattr(getattr(run.token, "__self__", None), "_channel", run.client).close()
        return Outcome(results, tuple(run.notes), run)


def _one(run: Run, case: Case) -> CaseResult:
    return run.run_case(case, function_of(case))


__all__ += ["NoVerdict"]
