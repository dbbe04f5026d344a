"""The same fault under other circumstances: in another order and several processes, with some cases, in an odd target.

However the cases ran, the same requirements are red. With a selection of cases less may be found; nothing is accused
that a whole run clears. What is legal raises no alarm in whatever order the cases run.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

from conformance.contract import documents
from conformance.record.reading import read_record
from conformance.record.results import Record
from conformance.reference import Reference
from conformance.suite.registry import framed, registered
from conformance.verdict.verification import verify
from tests.proof.rehearsal import Rehearsal, hurried, rehearse
from tests.proof.trial import SEED, Trial, be_quiet

__all__ = ["carry_out", "circumstances"]

ROOT = Path(__file__).resolve().parents[2]
SAMPLE, SHUFFLED = 60, 20
LATE = frozenset({"late-effects", "control-last"})
"""The cases that see what only shows at the end of a run."""

PLUGINS = ("-p", "no:cacheprovider", "-p", "tests.proof.disorder")
"""The second puts the cases into another order, as plugins of other people do."""

LONGEST = 120
"""Seconds that a distributed run may take."""


def circumstances(done: Sequence[Trial]) -> list[Trial]:
    """Faults of DONE, each to be tried again under other circumstances.

    Those that only the end of a run finds all come up shared out among two processes that a project has put into
    another order, and so does a sample of the others; another sample comes up with a selection of cases, and one in a
    target that is a legal variant as well; some legal variants come up with all cases in another order.
    """
    chance = random.Random(SEED)  # noqa: S311 (a sample, not a secret)
    usable = [trial for trial in done if trial.kind == "fault" and not trial.needs and not trial.tolerated]
    late = [trial for trial in usable if trial.killers and LATE.issuperset(trial.killers)]
    others = chance.sample([trial for trial in usable if trial not in late], min(SAMPLE, len(usable) - len(late)))
    selected = chance.sample(usable, min(SAMPLE, len(usable)))
    legal = [trial for trial in done if trial.kind == "variant" and not trial.problem]
    shuffled = chance.sample(legal, min(SHUFFLED, len(legal)))
    # What a hook leaves out may be what a fault shows in.
    odd = [trial.names[0] for trial in legal if not trial.names[0].startswith("hook-")]
    varied = chance.sample(usable, min(SAMPLE, len(usable))) if odd else []
    return [
        *(replace(trial, kind="distributed") for trial in (*late, *others)),
        *(replace(trial, kind="selected") for trial in selected),
        *(replace(trial, kind="shuffled") for trial in shuffled),
        *(replace(trial, kind="varied", names=(*trial.names, chance.choice(odd))) for trial in varied),
    ]


def carry_out(trials: Sequence[Trial], workers: int) -> list[Trial]:
    """TRIALS with what came of them; those that went wrong on a busy machine are tried once more, alone."""
    # A distributed run is three processes by itself.
    with ProcessPoolExecutor(max(workers // 3, 1), initializer=be_quiet) as executor:
        distributed = list(executor.map(_carry_out, _of(trials, "distributed")))
    with ProcessPoolExecutor(workers, initializer=be_quiet) as executor:
        others = list(executor.map(_carry_out, _of(trials, "shuffled", "selected", "varied"), chunksize=4))
    with ProcessPoolExecutor(1, initializer=be_quiet) as executor:
        return [
            executor.submit(_carry_out, trial).result() if trial.problem else trial for trial in (*distributed, *others)
        ]


def _of(trials: Sequence[Trial], *kinds: str) -> Iterator[Trial]:
    return (replace(trial, problem="") for trial in trials if trial.kind in kinds)


def _carry_out(trial: Trial) -> Trial:
    chance = random.Random(f"{SEED}{trial.names}")  # noqa: S311 (an order, not a secret)
    if trial.kind == "distributed":
        return _compared(trial, _distributed(trial.names))
    if trial.kind == "shuffled":
        return _compared(trial, rehearse(Rehearsal(variants=trial.names, shuffled=chance.randrange(2**32))))
    if trial.kind == "varied":
        fault, variant = trial.names
        return _compared(trial, rehearse(Rehearsal(faults=(fault,), variants=(variant,))))
    every = list(registered())
    cases = tuple(chance.sample(every, chance.randrange(1, len(every) // 2)))
    record = rehearse(Rehearsal(faults=trial.names, cases=cases))
    accused = [one for one in _red(record) if one not in (*trial.red, *trial.masked)]
    problem = f"with {', '.join(sorted(cases))} it accuses {', '.join(accused)}" if accused else ""
    return replace(trial, problem=problem)


def _compared(trial: Trial, record: Record | str) -> Trial:
    """TRIAL, a problem where RECORD, of the same fault, isn't what it was."""
    if isinstance(record, str):
        return replace(trial, problem=record)
    wrong = verify(record, documents.load(), framed(registered().values())).problems
    if wrong:
        return replace(trial, problem=f"judged anew: {'; '.join(wrong[:3])}")
    now, before = (_red(record), record.exit_status), (trial.red, trial.exit_status)
    return replace(trial, problem="" if now == before else f"(red, exit status) is {now} instead of {before}")


def _red(record: Record) -> tuple[str, ...]:
    return tuple(one.id for one in record.requirements if one.outcome == "failed")


def _distributed(faults: tuple[str, ...]) -> Record | str:
    """The record of a run by two processes against the reference with FAULTS, or what the run said instead."""
    with tempfile.TemporaryDirectory() as name, Reference.start(tls=False, faults=faults) as reference:
        folder = Path(name)
        file = folder / "conformance.toml"
        file.write_text(hurried(reference.configuration("hook")), "utf-8")
        options = ("--config", str(file), "--reports", str(folder / "reports"), "--seed", "1", "--max-calls", "200")
        command = (sys.executable, "-m", "conformance", "run", *PLUGINS, *options, "-n", "2")
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        ended = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=LONGEST, check=False
        )
        results = folder / "reports" / "results.json"
        return read_record(results) if results.exists() else f"no results: {ended.stdout[-500:]}{ended.stderr[-500:]}"
