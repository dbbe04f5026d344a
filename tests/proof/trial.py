"""One trial of the suite: a fault that must be found, two at once, or legal variants that must pass."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

from conformance.contract import documents
from conformance.record.results import Record
from conformance.reference import faults, variants
from tests.proof.rehearsal import Rehearsal, rehearse

__all__ = ["SEED", "Trial", "all_trials", "be_quiet", "carry_out"]

PAIRS = 60
MIXTURES = 60
SEED = 20170505
INCOMPLETE = 7
EXPIRING, SLOW = "commands-expire-meanwhile", "slow"
"""Together they leave nothing to hold against a refused call: commands are gone before such a target has answered."""

STATES = ("congestion", "internal-error", "flow-control")


@dataclass(frozen=True)
class Trial:
    """What was tried and what came of it: red requirements, and the cases that failed."""

    kind: str
    names: tuple[str, ...]
    requirements: tuple[str, ...] = ()
    needs: str = ""
    tolerated: bool = False
    exit_status: int = 0
    red: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()
    killers: tuple[str, ...] = ()
    calls: int = 0
    problem: str = ""

    @property
    def exact(self) -> bool:
        """Whether the one requirement that the fault breaks, and no other, is red."""
        return self.red == self.requirements or (self.tolerated and not self.red)


def all_trials(only: Sequence[str] = ()) -> list[Trial]:
    """Every fault, every variant, and random pairs and mixtures of them; or those with the names in ONLY."""
    every = [
        Trial("fault", (fault.name,), (fault.requirement,), needs=fault.needs or "", tolerated=fault.tolerated)
        for fault in faults()
    ]
    singles = [*every, *(Trial("variant", (variant.name,)) for variant in variants())]
    if only:
        return [trial for trial in singles if trial.names[0] in only]
    return [*singles, *_pairs(every), *_mixtures()]


def _pairs(every: Sequence[Trial]) -> Iterator[Trial]:
    chance = random.Random(SEED)  # noqa: S311 (a sample, not a secret)
    usable = [trial for trial in every if not trial.tolerated and not trial.needs]
    for _ in range(PAIRS):
        first, second = chance.sample(usable, 2)
        # Two edits of the answer to one error, or of what holds in one state, undo each other.
        while second.requirements == first.requirements or _row(second) == _row(first) != "":
            second = chance.choice(usable)
        yield Trial("pair", (*first.names, *second.names), (*first.requirements, *second.requirements))


def _row(trial: Trial) -> str:
    """The error code, or the state of the platform, that the fault of TRIAL is about; "" where it is about none."""
    code = trial.names[0].partition("-")[0]
    state = next((state for state in STATES if trial.names[0].startswith(state)), "")
    return code if code.isdigit() else state


def _mixtures() -> Iterator[Trial]:
    chance = random.Random(SEED)  # noqa: S311 (a sample, not a secret)
    names = [variant.name for variant in variants() if not variant.name.startswith("hook-without")]
    for _ in range(MIXTURES):
        yield Trial("mixture", tuple(chance.sample(names, 3)))


def carry_out(trials: Sequence[Trial], workers: int) -> list[Trial]:
    """TRIALS with what came of them; WORKERS run at a time.

    On a busy machine an answer may come too late for what is tried; what went wrong is tried once more, alone.
    """
    with ProcessPoolExecutor(workers, initializer=be_quiet) as executor:
        done = list(executor.map(_carry_out, trials, chunksize=4))
    with ProcessPoolExecutor(1, initializer=be_quiet) as executor:
        return [executor.submit(_carry_out, trial).result() if trial.problem else trial for trial in done]


def be_quiet() -> None:
    """Faults that crash the reference are meant to; their tracebacks are of no use here."""
    logging.disable(logging.CRITICAL)


def _carry_out(trial: Trial) -> Trial:
    faulty = trial.kind in ("fault", "pair")
    record = rehearse(
        Rehearsal(
            faults=trial.names if faulty else (),
            variants=() if faulty else trial.names,
            slow=trial.needs == "slow",
            tls="tls" in trial.needs,
            redacted=False,
        )
    )
    done = replace(
        trial,
        exit_status=record.exit_status,
        red=tuple(one.id for one in record.requirements if one.outcome == "failed"),
        open=tuple(one.id for one in record.requirements if one.outcome in ("not tested", "masked")),
        masked=tuple(one.id for one in record.requirements if one.outcome == "masked"),
        killers=tuple(result.id for result in record.cases if result.outcome == "failed"),
        calls=record.run.calls,
    )
    return replace(done, problem=_problem(done, record))


def _problem(trial: Trial, record: Record) -> str:
    """What is wrong with how the suite judged, or ""."""
    if trial.kind in ("variant", "mixture"):
        return _false_alarm(trial, record)
    if trial.tolerated:
        off = [one.id for one in record.requirements if one.outcome == "tolerated"]
        wanted = set(trial.requirements) <= set(off) and not trial.red
        return "" if wanted else f"tolerated {off}, red {list(trial.red)}"
    levels = {one: documents.load().requirements[one].level for one in trial.requirements}
    missed = [one for one in trial.requirements if one not in trial.red]
    if trial.kind == "pair":
        # Of two faults one may hide the other; then the other's requirement is open, never green.
        missed = [one for one in missed if one not in trial.open]
    if missed:
        return f"missed {', '.join(missed)}; exit status {trial.exit_status}, red {list(trial.red)}: {record.summary}"
    levels |= {one: documents.load().requirements[one].level for one in trial.red}
    wanted_status = 1 if "MUST" in levels.values() else 0
    if trial.kind == "fault" and trial.exit_status != wanted_status:
        return f"exit status {trial.exit_status}, {wanted_status} was expected"
    return ""


def _false_alarm(trial: Trial, record: Record) -> str:
    if trial.red or any(one.outcome == "tolerated" for one in record.requirements):
        reasons = {one.id: one.reason for one in record.requirements if one.outcome in ("failed", "tolerated")}
        return f"false alarm: {reasons}"
    partial = any(name.startswith("hook-without") for name in trial.names) or {EXPIRING, SLOW} <= set(trial.names)
    if trial.exit_status != (INCOMPLETE if partial else 0):
        return f"exit status {trial.exit_status}: {record.summary}"
    return ""
