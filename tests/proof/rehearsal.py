"""A whole run against the embedded reference without pytest around it: as fast as the proof needs it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from conformance.assembly import assemble
from conformance.case.frame import FRAME
from conformance.case.registry import function_of, registered
from conformance.contract import documents
from conformance.exceptions import NoVerdict
from conformance.record import Record, TargetInfo
from conformance.recording import make_record, today
from conformance.reference import Reference
from conformance.target.budget import Budget
from conformance.target.configuration import load
from conformance.verdict import Rules, judge

TIMEOUT = 1.0
SETTLE = 3.0
WATCH = 1.2


@dataclass(frozen=True)
class Rehearsal:
    """How to run: faults and variants of the reference, and which chapters' cases."""

    faults: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    provider: str = "hook"
    generated: bool = False
    max_calls: int = 200
    calls_per_minute: int = 0


def rehearse(rehearsal: Rehearsal) -> Record:
    """The record of a run of the suite against the reference as REHEARSAL has it."""
    with Reference.start(
        tls=False,
        faults=rehearsal.faults,
        variants=rehearsal.variants,
        calls_per_minute=rehearsal.calls_per_minute,
    ) as reference:
        return run_suite(reference.configuration(rehearsal.provider), rehearsal)  # type: ignore[arg-type]  # a kind


def run_suite(toml: str, rehearsal: Rehearsal) -> Record:
    """The record of a run of the suite by the configuration TOML."""
    toml = toml.replace("[provider]", f"timeout = {TIMEOUT}\n[provider]\nsettle_time = {SETTLE}\nwatch_time = {WATCH}")
    configuration = load(None, {}, requirements=documents.load().requirements, embedded=lambda: toml)
    run = assemble(configuration, Budget(), lambda _: None)
    run.max_calls, run.seed = rehearsal.max_calls, 1
    started, no_verdict = time.time(), ""
    cases = sorted(registered().values(), key=lambda case: case.order)
    try:
        run.open()
        for case in _chosen(cases, generated=rehearsal.generated):
            if run.stopped:
                break
            run.run_case(case, function_of(case))
        run.close()
    except NoVerdict as error:
        no_verdict = str(error)
    rules = Rules(today=today())
    facts = {"transport-https": "http", "flow-control-recovers": "slow"}
    judged = judge(documents.load(), (*FRAME, *cases), run.results, rules, facts=facts, no_verdict=no_verdict)
    record = make_record(
        judged,
        TargetInfo(configuration.target.base_url, "hook"),
        started=started,
        duration_s=time.time() - started,
        calls=run.client.calls,
        strict=False,
    )
    return run.redaction.apply(record)


def _chosen(cases: Iterable, *, generated: bool) -> Iterable:  # type: ignore[type-arg]
    return [case for case in cases if generated or case.chapter != "generated"]
