"""Runs the suite in this process, without pytest around it: put together, carried out and judged as users' runs are.

Everything that a run goes by is given to it before it is made: settings, options, clock.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from conformance.case.case import Case
from conformance.client.budget import UNLIMITED, Budget
from conformance.configuration.loader import load
from conformance.configuration.settings import Configuration
from conformance.contract import documents
from conformance.run.case_context import CaseContext
from conformance.run.context import Context, Options
from conformance.run.course import Course, carry_out
from conformance.run.rig import assemble
from conformance.suite.registry import framed, registered
from conformance.verdict import Judged, Policy, judge_evidence
from conformance.verdict.recording import today

__all__ = ["FACTS", "Clock", "begin", "case_context", "configured", "judged", "named", "run", "settled", "written"]

FACTS = {"transport-https": "the base URL is http", "flow-control-recovers": "testing it takes about five minutes"}
"""What a run over plain HTTP can't test when it waits for nothing."""


@dataclass
class Clock:
    """A clock that waits of more than SIMULATED seconds move on instead of being waited for."""

    simulated: float = 0.0
    ahead: float = field(default=0.0)

    def now(self) -> float:
        """Seconds since the epoch, and what was skipped."""
        return time.time() + self.ahead

    def monotonic(self) -> float:
        """The same for those who measure how long something takes."""
        return time.monotonic() + self.ahead

    def sleep(self, seconds: float) -> None:
        """Wait SECONDS, or move on by them."""
        if seconds > self.simulated:
            self.ahead += seconds
        else:
            time.sleep(seconds)


def settled(toml: str, target: Mapping[str, object] | None = None, **provider: object) -> str:
    """The configuration TOML with further settings of [target] and of [provider], each as TOML or as a plain value."""
    for table, settings in (("[target]\n", target or {}), ("[provider]\n", provider)):
        lines = "".join(f"{key} = {str(value).replace(chr(39), chr(34))}\n" for key, value in settings.items())
        toml = toml.replace(table, table + lines)
    return toml


def configured(toml: str) -> Configuration:
    """What the configuration TOML says, whatever the environment says."""
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        file = Path(folder) / "conformance.toml"
        file.write_text(toml, "utf-8")
        return load(file, {}, requirements=documents.load().requirements)


def begin(
    configuration: Configuration, options: Options | None = None, clock: Clock | None = None, budget: Budget = UNLIMITED
) -> Course:
    """The course of a run, before its first call."""
    context = Context(configuration, options or Options())
    if clock is None:
        return Course(assemble(context, budget=budget))
    return Course(assemble(context, budget=budget, clock=clock.now, sleep=clock.sleep))


def case_context(course: Course, case: str = "accepted-several-pending") -> CaseContext:
    """What the case of that id is handed in COURSE."""
    return CaseContext(course.rig, course.state, registered()[case])


def named(identities: Iterable[str]) -> list[Case]:
    """The cases of these ids."""
    return [registered()[identity] for identity in identities]


def written() -> list[Case]:
    """The cases that aren't generated, in the order of the suite."""
    return [case for case in framed(registered().values())[1:-2] if case.chapter != "generated"]


def judged(course: Course, *, facts: Mapping[str, str] | None = None, policy: Policy | None = None) -> Judged:
    """The judgement of what COURSE left behind; FACTS are those of plain HTTP when left out."""
    declared = {one.requirement: one.reason for one in course.rig.context.configuration.untestable}
    return judge_evidence(
        documents.load(),
        framed(registered().values()),
        course.evidence,
        policy or Policy(today=today()),
        declared=declared | dict(FACTS if facts is None else facts),
        no_verdict=course.state.health.no_verdict,
    )


def run(
    course: Course, cases: Sequence[Case], *, facts: Mapping[str, str] | None = None, policy: Policy | None = None
) -> Judged:
    """Carry CASES out in this order, between the control calls, and judge them."""
    carry_out(course, cases)
    return judged(course, facts=facts, policy=policy)
