"""A whole run against the embedded reference without pytest around it: as fast as the proof needs it."""

from __future__ import annotations

import random
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from conformance.record.results import Conditions, Record, RunInfo, TargetInfo
from conformance.reference import Reference
from conformance.run.context import Options
from conformance.suite.registry import in_order, registered
from conformance.verdict.recording import make_record, today
from tests.running import FACTS, Clock, begin, configured, run, settled

__all__ = ["Rehearsal", "hurried", "rehearse"]

TIMEOUT = 1.0
SETTLE = 3.0
WATCH = 1.2
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

    redacted: bool = True
    """Whether secrets are taken out of the record, which has no say in what is found."""

    shuffled: int | None = None
    """The seed of the order in which cases run; None: the suite's own order."""


def rehearse(rehearsal: Rehearsal) -> Record:
    """The record of a run of the suite against the reference as REHEARSAL has it."""
    clock = Clock(SIMULATED)
    with Reference.start(
        tls=rehearsal.tls, faults=rehearsal.faults, variants=rehearsal.variants, clock=clock.monotonic
    ) as reference:
        toml = reference.configuration(rehearsal.provider)  # type: ignore[arg-type]  # one of the three
        with tempfile.TemporaryDirectory(prefix="conformance-") as cache:
            # What failed in an earlier run has no say in this one.
            return _run_suite(toml, rehearsal, clock, Path(cache))


def hurried(toml: str) -> str:
    """The configuration TOML with limits that are short, and long enough."""
    return settled(toml, {"timeout": TIMEOUT}, settle_time=SETTLE, watch_time=WATCH)


def _run_suite(toml: str, rehearsal: Rehearsal, clock: Clock, cache: Path) -> Record:
    configuration = configured(hurried(toml))
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
        cache=cache,
    )
    course = begin(configuration, options, clock)
    started = time.time()
    untestable = {"flow-control-recovers"} if rehearsal.tls else set(FACTS)
    untestable -= {"flow-control-recovers"} if rehearsal.slow else set()
    facts = {one: FACTS[one] for one in sorted(untestable)}
    judged = run(course, chosen, facts=facts)
    record = make_record(
        judged,
        TargetInfo(configuration.target.base_url, rehearsal.provider),
        RunInfo.until_now(started, course.rig.client.calls, tuple(course.state.notes)),
        Conditions(declared=facts, day=today().isoformat(), no_verdict=course.state.health.no_verdict),
        strict=False,
    )
    return course.rig.redaction.apply(record) if rehearsal.redacted else record
