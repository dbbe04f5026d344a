"""The pace and the time of a run, with a clock that only moves when somebody waits."""

from __future__ import annotations

import time
from collections import deque
from pathlib import Path

import pytest

from conformance.client.budget import Budget
from conformance.client.pacing import MINUTE, Pacer
from conformance.exceptions import Blocked


class Clock:
    """A clock in seconds; sleeping moves it."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.waits: list[float] = []

    def read(self) -> float:
        """The time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let SECONDS pass."""
        self.waits.append(seconds)
        self.now += seconds


def _pacer(clock: Clock, calls: int, shared: Path | None = None) -> Pacer:
    return Pacer(calls, shared=shared, clock=clock.read, sleep=clock.sleep)


@pytest.mark.parametrize("calls", [1, 3, 100])
def test_never_more_calls_than_admitted_in_any_minute(calls: int) -> None:
    """In no window of a minute are there more calls than the threshold says, wherever the window begins."""
    clock = Clock()
    pacer = _pacer(clock, calls)
    window: deque[float] = deque()
    for _ in range(calls * 3 + 1):
        pacer.admit()
        window.append(clock.now)
        while window[0] <= clock.now - 60:
            window.popleft()
        assert len(window) <= calls


def test_allowance_is_used_at_once() -> None:
    """As many calls as the threshold says wait for nothing; the next one waits until the first is a minute old."""
    clock = Clock()
    pacer = _pacer(clock, 5)
    for _ in range(5):
        pacer.admit()
    assert [] == clock.waits
    pacer.admit()
    assert sum(clock.waits) == pytest.approx(MINUTE, abs=0.01)


def test_no_threshold_admits_all() -> None:
    """A target without a threshold is called without a wait."""
    clock = Clock()
    pacer = _pacer(clock, 0)
    for _ in range(1000):
        pacer.admit()
    assert [] == clock.waits


def test_several_calls_are_admitted_together() -> None:
    """Calls that must be made at once wait until all of them may be; more than the threshold never could."""
    clock = Clock()
    pacer = _pacer(clock, 3)
    pacer.admit()
    pacer.admit(3)
    assert sum(clock.waits) == pytest.approx(MINUTE, abs=0.01)
    pacer.admit(10)
    assert sum(clock.waits) == pytest.approx(2 * MINUTE, abs=0.02)


def test_processes_share_one_pace(tmp_path: Path) -> None:
    """Two pacers with one file admit together what one admits alone."""
    clock = Clock()
    pacers = [_pacer(clock, 4, tmp_path / "pace.sqlite") for _ in range(2)]
    for _ in range(2):
        for pacer in pacers:
            pacer.admit()
    assert [] == clock.waits
    pacers[0].admit()
    assert sum(clock.waits) == pytest.approx(MINUTE, abs=0.01)
    for pacer in pacers:
        pacer.close()


def test_wait_is_told_before_it_begins() -> None:
    """Whoever watches is told the seconds of a wait first."""
    clock = Clock()
    told: list[tuple[float, float]] = []
    pacer = Pacer(1, clock=clock.read, sleep=clock.sleep, on_wait=lambda seconds: told.append((clock.now, seconds)))
    pacer.exhaust()
    assert [(1_000_000.0, MINUTE)] == told


def test_wait_that_is_too_long_is_not_begun() -> None:
    """A wait that ends after the run must be over isn't waited; nor is one after that."""
    clock = Clock()
    pacer = Pacer(1, clock=clock.read, sleep=clock.sleep, budget=Budget(time.monotonic() + 30))
    pacer.wait(5)
    with pytest.raises(Blocked, match="--max-time"):
        pacer.exhaust()
    assert [5] == clock.waits


def test_budget_shortens_what_is_wanted() -> None:
    """Within the deadline a limit is what is wanted or what is left; without one it is what is wanted."""
    assert 10 == Budget().seconds(10)
    assert 10 == Budget(time.monotonic() + 100).seconds(10)
    assert 4 < Budget(time.monotonic() + 5).seconds(10) <= 5


def test_budget_that_is_used_up() -> None:
    """After the deadline there is nothing left, but for what must be done in any case."""
    budget = Budget(time.monotonic())
    with pytest.raises(Blocked, match="--max-time"):
        budget.seconds(10)
    assert 2 == budget.seconds(10, at_least=2)
