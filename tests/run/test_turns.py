"""The processes of a distributed run take turns, in the order of the suite, and go on with what the others remember."""

from __future__ import annotations

import multiprocessing
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from conformance.client.client import Tally
from conformance.contract.meaning import MustStay
from conformance.provider.states import Device
from conformance.run import turns as module
from conformance.run.turns import Order, Turns
from tests.run.turning import CASES, LOG, LONGEST, course, evidence, run_cases

ROOT = Path(__file__).parents[2]
PROCESSES = multiprocessing.get_context("spawn")


def given(folder: Path, *planned: str) -> tuple[Any, Turns]:
    """The controller's course, handed over, and its turns."""
    controller = course(*planned)
    turns = Turns(folder, controller, "controller")
    turns.give()
    return controller, turns


@pytest.mark.parametrize("shares", [(("one", "three"), ("two", "four")), (("four",), ("one", "two", "three"))])
def test_order(tmp_path: Path, shares: tuple[tuple[str, ...], ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """However the cases are shared out, they run one at a time and in the order of the suite."""
    # The processes import the tests, too, by the path that they are handed.
    monkeypatch.setattr(sys, "path", [*sys.path, str(ROOT)])
    _, turns = given(tmp_path)
    workers = [
        PROCESSES.Process(target=run_cases, args=(tmp_path, f"gw{number}", *cases))
        for number, cases in enumerate(shares)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(LONGEST)
    baton = turns.take_back()

    assert [0, 0] == [worker.exitcode for worker in workers]
    log = (tmp_path / LOG).read_text("ascii").splitlines()
    assert [f"{word} {case}" for case in CASES for word in ("begin", "end")] == log
    assert (list(CASES), list(CASES), 4) == (baton.state.done, baton.state.notes, baton.client.calls)


def test_handed_over(tmp_path: Path) -> None:
    """What one process found out, another one goes on with: state, counts, the provider's memory, secrets."""
    main, controller = given(tmp_path)
    first, second = course(), course()
    with Turns(tmp_path, first, "gw0").turn("one"):
        first.state.broken.add("task-id")
        first.state.watchlist.watch((Device("d", ("c",)),), {"c": MustStay("PENDING", "no-effect-input")})
        first.rig.client.tally = Tally(5, 2, 1, congestion_passes=False)
        first.rig.client.silence.timeouts = {"https://platform.example": 3}
        first.rig.provider.hold("d")
        first.rig.redaction.learn("a-secret-of-the-run", "SECRET")
        first.rig.timeline.waiting(61.0, "for the allowance")
    with Turns(tmp_path, second, "gw1").turn("two"):
        assert ({"task-id"}, {"d"}) == (second.state.broken, second.state.watchlist.entries[0].ids)
        assert Tally(5, 2, 1, congestion_passes=False, timeouts={"https://platform.example": 3}) == (
            second.rig.client.hand_over()
        )
        assert ["d"] == second.rig.provider.held
        assert {"a-secret-of-the-run": "SECRET"} == dict(second.rig.redaction.known)
        assert () == second.rig.timeline.events
        second.state.broken.add("task-status")
        second.rig.timeline.waiting(1.0, "for late effects")

    baton = controller.take_back()
    assert {"task-id", "task-status"} == baton.state.broken
    assert ["for the allowance", "for late effects"] == [event.words for event in main.rig.timeline.events]


def test_taken_back(tmp_path: Path) -> None:
    """The controller goes on with the last state, and has the evidence of every case, secrets left out."""
    controller, turns = given(tmp_path)
    for name, case in (("gw0", "one"), ("gw1", "two")):
        worker = course()
        with Turns(tmp_path, worker, name).turn(case):
            worker.rig.redaction.learn("a-secret-of-the-run", "SECRET")
            worker.rig.client.tally.calls += 3
            worker.evidence.append(evidence(case, "said a-secret-of-the-run"))
    turns.take_back()

    assert {"one": "said $SECRET", "two": "said $SECRET"} == {one.id: one.reason for one in controller.evidence}
    assert 6 == controller.rig.client.calls


def test_evidence_of_earlier_turns_is_kept_once(tmp_path: Path) -> None:
    """A process that had a turn before leaves just what the new case left."""
    controller, turns = given(tmp_path)
    worker = course()
    own = Turns(tmp_path, worker, "gw0")
    for case in ("one", "two"):
        with own.turn(case):
            worker.evidence.append(evidence(case))
    (tmp_path / "case-one.json").unlink()
    turns.take_back()

    assert ["two"] == [one.id for one in controller.evidence]


def test_files_are_for_this_user_alone(tmp_path: Path) -> None:
    """What is handed over holds secrets."""
    given(tmp_path)
    worker = course()
    with Turns(tmp_path, worker, "gw0").turn("one"):
        worker.evidence.append(evidence("one"))

    assert {"baton.json": 0o600, "case-one.json": 0o600, "order.json": 0o600} == {
        path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("*.json")
    }


def failing(worker: Any) -> None:
    """Leave a note in the course of WORKER, and fail."""
    worker.state.note("done")
    raise ZeroDivisionError


def test_case_that_raises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A case that the suite fails at is over, and told; what it did is handed on, and the next case needn't wait."""
    monkeypatch.setattr(module, "GRACE", LONGEST)
    _, turns = given(tmp_path)
    worker, other = course(), course()
    with pytest.raises(ZeroDivisionError), Turns(tmp_path, worker, "gw0").turn("one"):
        failing(worker)
    started = time.monotonic()
    with Turns(tmp_path, other, "gw1").turn("two"):
        assert ["done"] == other.state.notes
    baton = turns.take_back()

    assert time.monotonic() - started < module.GRACE
    assert (["one", "two"], ["one"]) == (baton.state.done, baton.crashed)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_interruption_is_no_crash(tmp_path: Path, error: type[BaseException]) -> None:
    """Who stops a run doesn't find a fault in the suite."""
    _, turns = given(tmp_path)
    with pytest.raises(error), Turns(tmp_path, course(), "gw0").turn("one"):
        raise error

    assert [] == turns.take_back().crashed


def test_grace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A case whose predecessors don't come in time goes ahead of them: their process may be waiting for this one."""
    monkeypatch.setattr(module, "GRACE", 0.1)
    given(tmp_path)
    started = time.monotonic()
    with Turns(tmp_path, course(), "gw0").turn("three") as baton:
        assert [] == baton.state.done
    assert 0.05 < time.monotonic() - started


def test_grace_is_for_the_first_that_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of those that wait, the one whose case comes first goes ahead."""
    monkeypatch.setattr(module, "GRACE", 0.0)
    given(tmp_path)
    waiting = Order(waiting={"gw1": CASES.index("two"), "gw0": CASES.index("three")})

    assert [False, True] == [
        Turns(tmp_path, course(), name)._goes_first(waiting, CASES.index(case))
        for name, case in (("gw0", "three"), ("gw1", "two"))
    ]


def test_no_grace_while_others_go_on(tmp_path: Path) -> None:
    """As long as turns are taken, nobody goes ahead of those before."""
    _, turns = given(tmp_path)
    now = time.time()

    assert [True, False] == [turns._goes_first(Order(changed=now), place) for place in (0, 1)]
    assert [True, False] == [turns._goes_first(Order(["one"], changed=now), place) for place in (1, 2)]
