"""A whole run against the embedded reference without pytest around it: as fast as the proof needs it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from conformance.assembly import assemble
from conformance.case.frame import FRAME
from conformance.case.registry import Case, function_of, in_order, registered
from conformance.contract import documents
from conformance.exceptions import NoVerdict
from conformance.record import Record, TargetInfo
from conformance.recording import make_record, today
from conformance.reference import Reference
from conformance.run import Run
from conformance.target.budget import Budget
from conformance.target.configuration import load
from conformance.verdict import Rules, judge

__all__ = ["Rehearsal", "rehearse"]

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
    limits = f"timeout = {TIMEOUT}\n[provider]\nsettle_time = {SETTLE}\nwatch_time = {WATCH}"
    toml = toml.replace("[provider]", limits)
    configuration = load(None, {}, requirements=documents.load().requirements, embedded=lambda: toml)
    run = assemble(configuration, Budget(), lambda _: None)
    run.client.pacer._sleep = clock.sleep
    run.max_calls, run.seed, run.slow = rehearsal.max_calls, rehearsal.seed, rehearsal.slow
    cases = in_order(registered().values())
    chosen = [case for case in cases if rehearsal.generated or case.chapter != "generated"]
    run.planned = tuple(case.id for case in chosen)
    started = time.time()
    no_verdict = _go_through(run, chosen)
    facts = {} if rehearsal.tls else {"transport-https": "the base URL is http"}
    if not rehearsal.slow:
        facts["flow-control-recovers"] = "it takes more than a minute to see"
    rules = Rules(today=today())
    judged = judge(documents.load(), (*FRAME, *cases), run.results, rules, facts=facts, no_verdict=no_verdict)
    record = make_record(
        judged,
        TargetInfo(configuration.target.base_url, rehearsal.provider),
        started=started,
        duration_s=time.time() - started,
        calls=run.client.calls,
        strict=False,
    )
    return run.redaction.apply(record)


def _go_through(run: Run, cases: list[Case]) -> str:
    """Run CASES between the control calls; why no verdict can be had, or ""."""
    try:
        run.open()
        for case in cases:
            if run.stopped:
                break
            run.run_case(case, function_of(case))
        run.close()
    except NoVerdict as error:
        return str(error)
    return ""
