"""Runs classes of generated examples, or the explicit cases, against a reference with a planted bug."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from conformance.case.optional_parts import ABOUT
from conformance.client.draft import Draft
from conformance.evidence.exchange import Exchange
from conformance.evidence.finding import Finding
from conformance.record.results import CaseResult
from conformance.reference import Reference
from conformance.reference.edits import Edit
from conformance.run.context import Options
from conformance.run.course import Course
from conformance.suite.registry import registered
from tests import running

__all__ = ["Outcome", "fixed_classes", "generated_cases", "run_classes"]


@dataclass(frozen=True)
class Outcome:
    """The results of the cases that were asked for, every finding of the run, and the course that was taken.

    sent: what set each call apart, in the order in which they were made.
    """

    results: dict[str, CaseResult]
    findings: tuple[Finding, ...]
    course: Course
    sent: tuple[str, ...]

    @property
    def red(self) -> set[str]:
        """The requirements that were found broken."""
        return {finding.requirement for finding in self.findings if finding.outcome == "failed"}


def generated_cases() -> tuple[str, ...]:
    """Ids of the generated cases."""
    return tuple(case.id for case in registered().values() if case.chapter == "generated")


def fixed_classes(*names: str) -> tuple[str, ...]:
    """Ids of the classes NAMES."""
    return tuple(f"generated-{name}" for name in names)


def run_classes(
    cases: Iterable[str],
    cache: Path,
    *,
    bugs: Iterable[Edit] = (),
    variants: Iterable[str] = (),
    provider: str = "hook",
    max_calls: int = 400,
    seed: int = 1,
    replay: str | None = None,
    timeout: float = 10.0,
) -> Outcome:
    """The outcome of CASES against a reference with BUGS and VARIANTS.

    Args:
        cases: the ids of the cases.
        cache: the folder of failing requests.
        bugs: edits of the reference.
        variants: legal ones of the reference.
        provider: hook, northbound or static.
        max_calls: as the option of that name.
        seed: as the option of that name.
        replay: as the option of that name.
        timeout: seconds that an answer may take.
    """
    with Reference.start(tls=False, variants=variants) as reference:
        for bug in bugs:
            bug(reference.behaviour)
        toml = reference.configuration(provider)  # type: ignore[arg-type]  # one of the three
        toml = running.settled(toml, {"timeout": timeout}, watch_time=0)
        options = Options(seed=seed, max_calls=max_calls, replay=replay, cache=cache)
        course = running.begin(running.configured(toml), options)
        # As in a whole run, in which the cases come first that are about what is put beside an example.
        course.state.done.extend(case for cases_about in ABOUT.values() for case in cases_about)
        sent = _noted(course)
        chosen = running.named(cases)
        judged = running.run(course, chosen)
    ids = {case.id for case in chosen}
    results = {result.id: result for result in judged.cases if result.id in ids}
    findings = tuple(finding for result in judged.cases for finding in result.findings)
    return Outcome(results, findings, course, tuple(sent))


def _noted(course: Course) -> list[str]:
    """What sets each call apart that COURSE makes from now on."""
    sent: list[str] = []
    client = course.rig.client
    send = client.send

    def noted(draft: Draft, *, expected: str = "", fresh: bool = False, paced: bool = True) -> Exchange:
        sent.append(draft.edit)
        return send(draft, expected=expected, fresh=fresh, paced=paced)

    client.send = noted  # type: ignore[method-assign]  # to see all that is sent
    return sent
