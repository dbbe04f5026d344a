"""Courses that call nothing, and a process that takes turns with one."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from conformance.client.client import Client
from conformance.client.pacing import Pacer
from conformance.configuration.settings import TargetSettings
from conformance.evidence.redaction import Redaction
from conformance.record.timeline import Timeline
from conformance.run import turns as module
from conformance.run.state import Patience, RunState
from conformance.run.turns import Turns
from conformance.verdict.evidence import CaseEvidence
from tests.run.fakes import Devices

__all__ = ["CASES", "LOG", "LONGEST", "course", "evidence", "run_cases"]

CASES = ("one", "two", "three", "four")
LOG = "log"
LONGEST = 60.0


def course(*planned: str) -> Any:
    """A course with nothing but what turns hand over; its cases are PLANNED."""
    cases = tuple(SimpleNamespace(id=case) for case in planned or CASES)
    client = Client(TargetSettings("http://127.0.0.1:9", "key", "token", "key"), Pacer(0))
    rig = SimpleNamespace(client=client, provider=Devices(), redaction=Redaction(), timeline=Timeline())
    return SimpleNamespace(rig=rig, state=RunState(Patience(1.0, 1.0)), evidence=[], planned=cases)


def evidence(case: str, reason: str = "") -> CaseEvidence:
    """What a case of that id left."""
    return CaseEvidence(case, "It is so.", "chapter", (), (), reason=reason)


def run_cases(folder: Path, name: str, *cases: str) -> None:
    """As the process NAME, run CASES in this order: each is written to a log when it begins and when it ends.

    It waits for those before it as long as it takes.
    """
    module.GRACE = LONGEST
    one = course()
    turns = Turns(folder, one, name)
    for case in cases:
        with turns.turn(case):
            _log(folder, f"begin {case}")
            one.rig.client.tally.calls += 1
            one.state.note(case)
            one.evidence.append(evidence(case))
            _log(folder, f"end {case}")


def _log(folder: Path, words: str) -> None:
    with (folder / LOG).open("a", encoding="ascii") as file:
        file.write(f"{words}\n")
