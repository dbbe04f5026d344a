"""Waiting for what is read back to settle: no longer than there is progress, and once only."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.case.prepared import Prepared
from conformance.contract.meaning import State
from conformance.exceptions import Unprepared
from conformance.provider.states import Device
from conformance.run.polling import Polling, Standstill
from conformance.run.state import Patience

from .fakes import Devices

DEVICE = Device("one", ("a", "b"))
PENDING = {"a": "PENDING", "b": "PENDING"}
HALF = {"a": "CANCELED", "b": "PENDING"}
DONE = {"a": "CANCELED", "b": "CANCELED"}


class Script(Devices):
    """A provider that reads back one thing after the other, and the last one from then on."""

    def __init__(self, *read: Mapping[str, str]) -> None:
        super().__init__()
        self.read = list(read)
        self.reads = 0

    def commands(self, device_id: str) -> Mapping[str, str]:
        """The next one."""
        del device_id
        self.reads += 1
        return self.read.pop(0) if len(self.read) > 1 else self.read[0]


def settled(
    *read: Mapping[str, str], accepted: bool = True, patience: float = 5.0
) -> tuple[tuple[Mapping[str, str], Mapping[str, str]], int, Patience]:
    """What settles where the provider reads back READ, how often it was asked, and the patience that is left."""
    script, left = Script(*read), Patience(patience, patience)
    found = Polling(script, left).settled((Prepared(DEVICE, PENDING),), State(DEVICE.pending), accepted=accepted)
    return found, script.reads, left


def test_settled_at_once() -> None:
    """What is revoked right away is read back once."""
    found, reads, _ = settled(DONE)

    assert ((DONE, DONE), 1) == (found, reads)


def test_settles_in_time() -> None:
    """What is revoked a while later is waited for; what was there at first is told too."""
    found, _, patience = settled(PENDING, HALF, DONE)

    assert ((PENDING, DONE), 5.0) == (found, patience.settle_time)


def test_never_settles() -> None:
    """What isn't revoked in time is given up, and told as it was last read."""
    found, _, _ = settled(PENDING, HALF, patience=0.0)

    assert (PENDING, HALF) == found


def test_reduced(monkeypatch: pytest.MonkeyPatch) -> None:
    """One second is enough once a revocation wasn't carried out in time."""
    monkeypatch.setattr("conformance.run.polling.Standstill", lambda *_: lambda _: True)
    _, _, patience = settled(PENDING)

    assert (1.0, True) == (patience.settle_time, patience.shortened)


def test_refused_call_is_not_waited_for() -> None:
    """A call that brought no task and revoked nothing so far isn't given time to."""
    found, reads, _ = settled(PENDING, DONE, accepted=False)

    assert ((PENDING, PENDING), 1) == (found, reads)


def test_refused_call_that_revokes() -> None:
    """One that has begun to revoke is waited for."""
    found, _, _ = settled(HALF, DONE, accepted=False)

    assert (HALF, DONE) == found


@pytest.mark.parametrize("status", ["SUCCESSFUL", "FAILED", "TIMEOUT", "EXPIRED"])
def test_ended_otherwise(status: str) -> None:
    """A command that has ended isn't waited for, however it ended; nor is one that vanished."""
    _, reads, _ = settled({"a": status})

    assert 1 == reads


def test_nothing_to_read_back() -> None:
    """Where a device couldn't be read back when it was prepared, it isn't tried again."""
    script = Script(DONE)
    devices = (Prepared(DEVICE, PENDING), Prepared(DEVICE, None, "no hook"))
    with pytest.raises(Unprepared, match="no hook"):
        Polling(script, Patience(1.0, 1.0)).settled(devices, State(DEVICE.pending), accepted=True)

    assert 0 == script.reads


def test_prepared() -> None:
    """A device is waited for until it reads back as the provider said."""
    patience = Patience(5.0, 5.0)

    assert PENDING == Polling(Script({}, PENDING), patience).prepared(DEVICE)
    assert 5.0 == patience.preparing_time


def test_never_prepared() -> None:
    """One that doesn't is given back as it reads, and no other one is waited for again."""
    patience = Patience(5.0, 0.01)
    polling = Polling(Script({}), patience)

    assert ({}, 0.0) == (polling.prepared(DEVICE), patience.preparing_time)


# ---- the end of a wait -----------------------------------------------------------------------------------------------


def stops(seconds: float, *progress: tuple[float, int]) -> list[bool]:
    """Whether a wait of SECONDS ends at each of those times, so many commands being unsettled then."""
    standstill = Standstill(seconds, lambda found: int(found["left"]))

    def at(passed: float, left: int) -> Any:
        outcome = SimpleNamespace(result=lambda: {"left": str(left)})
        return SimpleNamespace(seconds_since_start=passed, outcome=outcome)

    return [standstill(at(passed, left)) for passed, left in progress]


def test_standstill() -> None:
    """A wait ends once nothing has changed for so long."""
    assert [False, False, True] == stops(2.0, (0.0, 5), (1.9, 5), (2.0, 5))


def test_progress() -> None:
    """Progress begins the time anew."""
    assert [False, False, False, True] == stops(2.0, (0.0, 5), (1.9, 4), (3.8, 4), (3.9, 4))


def test_backwards() -> None:
    """What goes back is no progress, nor is what comes forth again."""
    assert [False, False, True] == stops(2.0, (0.0, 4), (1.0, 5), (2.0, 4))


def test_long_progress() -> None:
    """However long it takes, a wait isn't ended while there is progress: what is left to revoke bounds it."""
    times = [(1.9 * number, 1000 - number) for number in range(1000)]

    assert [False] * 1000 == stops(2.0, *times)
