"""A whole run against the embedded reference without pytest around it: as fast as the proof needs it."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field

from conformance.contract import documents
from conformance.record import Conditions, Record, TargetInfo
from conformance.recording import make_record, today
from conformance.reference import Reference
from conformance.run.context import Context, Options
from conformance.run.course import Course, carry_out
from conformance.run.rig import assemble
from conformance.suite.registry import framed, in_order, registered
from conformance.target.configuration import load
from conformance.verdict import Rules, judge_evidence

__all__ = ["LIMITS", "Rehearsal", "rehearse"]

TIMEOUT = 1.0
SETTLE = 3.0
WATCH = 1.2
LIMITS = f"timeout = {TIMEOUT}\n[provider]\nsettle_time = {SETTLE}\nwatch_time = {WATCH}"
"""What takes the place of the line [provider] in a configuration of the reference."""

SIMULATED = 5.0
"""Seconds. Longer waits only move the clock that the reference and the suite's pacer share."""


@dataclass(frozen=True)
class Rehearsal:
    """How to run: what the reference is like, by which provider, and with which cases."""

    faults: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    provider: str = "hook"
    generated: bool = True
    slow: bool = False
    tls: bool = False
    max_calls: int = 200
    seed: int = 1
    cases: tuple[str, ...] = ()
    """Ids of the cases to run; all of them when left out."""

    shuffled: int | None = None
    """The seed of the order in which cases run; None: the suite's own order."""


@dataclass
class _Clock:
    """A clock that long waits move on instead of being waited for."""

    ahead: float = field(default=0.0)

    def now(self) -> float:
        return time.monotonic() + self.ahead

    def sleep(self, seconds: float) -> None:
        if seconds > SIMULATED:
            self.ahead += seconds
        else:
            time.sleep(seconds)


def rehearse(rehearsal: Rehearsal) -> Record:
    """The record of a run of the suite against the reference as REHEARSAL has it."""
    clock = _Clock()
    with Reference.start(
        tls=rehearsal.tls, faults=rehearsal.faults, variants=rehearsal.variants, clock=clock.now
    ) as reference:
        toml = reference.configuration(rehearsal.provider)  # type: ignore[arg-type]  # one of the three
        return _run_suite(toml, rehearsal, clock)


def _run_suite(toml: str, rehearsal: Rehearsal, clock: _Clock) -> Record:
    toml = toml.replace("[provider]", LIMITS)
    configuration = load(None, {}, requirements=documents.load().requirements, embedded=lambda: toml)
    every = in_order(registered().values())
    chosen = [case for case in every if rehearsal.generated or case.chapter != "generated"]
    if rehearsal.cases:
        chosen = [case for case in chosen if case.id in rehearsal.cases]
    if rehearsal.shuffled is not None:
        random.Random(rehearsal.shuffled).shuffle(chosen)  # noqa: S311 (an order, not a secret)
    options = Options(
        seed=rehearsal.seed,
        max_calls=rehearsal.max_calls,
        slow=rehearsal.slow,
    )
    rig = assemble(Context(configuration, options), sleep=clock.sleep)
    started = time.time()
    course = Course(rig)
    carry_out(course, chosen)
    facts = {} if rehearsal.tls else {"transport-https": "the base URL is http"}
    if not rehearsal.slow:
        facts["flow-control-recovers"] = "it takes more than a minute to see"
    judged = judge_evidence(
        documents.load(),
        framed(every),
        course.evidence,
        Rules(today=today()),
        facts=facts,
        no_verdict=course.state.health.no_verdict,
    )
    record = make_record(
        judged,
        TargetInfo(configuration.target.base_url, rehearsal.provider),
        started=started,
        duration_s=time.time() - started,
        calls=rig.client.calls,
        strict=False,
        conditions=Conditions(declared=facts, day=today().isoformat(), no_verdict=course.state.health.no_verdict),
    )
    return rig.redaction.apply(record)
