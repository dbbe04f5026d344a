"""The proof that the suite works: every fault of the reference against every case, and every legal variant.

Writes reports/matrix.json and reports/matrix.html, and holds the figures in the README against the run; with --write
it puts the new figures there. Exit status 1 when a fault is missed, a variant isn't passed, a case kills nothing, or
the README's figures are off.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from tests.proof import circumstances
from tests.proof.figures import Figures, written
from tests.proof.page import render
from tests.proof.trial import Trial, all_trials, carry_out

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"


def main() -> int:
    """Carry the proof out; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the figures into the README")
    parser.add_argument("--workers", type=int, default=10, help="runs at a time; they mostly wait (10)")
    parser.add_argument("--only", nargs="*", default=[], help="names of faults and variants")
    options = parser.parse_args()
    started = time.monotonic()
    trials = carry_out(all_trials(options.only), options.workers)
    figures = Figures.of(trials)
    print(f"the catalogue took {time.monotonic() - started:.0f} s")
    again = circumstances.circumstances(trials)
    for kinds in (("distributed", "selected"), ("shuffled", "varied")):
        before = time.monotonic()
        trials += circumstances.carry_out([trial for trial in again if trial.kind in kinds], options.workers)
        print(f"the {' and '.join(kinds)} runs took {time.monotonic() - before:.0f} s")
    for trial in trials:
        if trial.problem:
            print(f"{trial.kind} {' + '.join(trial.names)}: {trial.problem}")
    if not options.only:
        _write(trials, figures)
    print(f"{figures.sentence} ({time.monotonic() - started:.0f} s)")
    print(f"{figures.exact} of the faults turned exactly one requirement red.")
    failed = sum(bool(trial.problem) for trial in trials)
    idle = () if options.only else figures.idle_cases
    if idle:
        print(f"no fault is found by: {', '.join(idle)}")
    stale = False
    if not options.only:
        text = README.read_text("utf-8")
        new = written(text, figures)
        if options.write:
            README.write_text(new, "utf-8")
        elif new != text:
            stale = True
            print("the figures in README.md are off: python -m tests.proof --write")
    print(f"{len(trials) - failed} passed, {failed} failed")
    return int(bool(failed or idle or stale))


def _write(trials: list[Trial], figures: Figures) -> None:
    folder = ROOT / "reports"
    folder.mkdir(exist_ok=True)
    data = {"figures": asdict(figures), "trials": [asdict(trial) for trial in trials]}
    (folder / "matrix.json").write_text(json.dumps(data, indent=1) + "\n", "utf-8")
    (folder / "matrix.html").write_text(render(trials, figures), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
