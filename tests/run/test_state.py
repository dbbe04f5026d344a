"""What a run remembers from one case to the next."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest

from conformance.case.prepared import Prepared
from conformance.contract.meaning import MustStay
from conformance.exceptions import Unprepared
from conformance.provider.states import Device
from conformance.record.serialization import structure, unstructure
from conformance.run.state import (
    Devices,
    Given,
    Health,
    Patience,
    RunState,
    Watched,
    Watchlist,
    read_back,
    still_pending,
)
from tests.verdict.samples import as_json

ONE, TWO = Device("one", ("a", "b")), Device("two", ("c",))
STAYS = MustStay("PENDING", "no-effect-input")
NOW = {"one": {"a": "PENDING", "b": "PENDING"}, "two": {"c": "PENDING"}}


def prepared(device: Device = ONE) -> Prepared:
    """DEVICE with its commands pending."""
    return Prepared(device, dict.fromkeys(device.pending, "PENDING"))


def unreadable(_: str) -> Mapping[str, str]:
    """Nothing can be read back."""
    raise Unprepared("no hook")


# ---- the watchlist ---------------------------------------------------------------------------------------------------


def test_first_expectation_stands() -> None:
    """A command that is watched already keeps its expectation; new ones of the same devices are added."""
    watchlist = Watchlist()
    watchlist.watch((ONE,), {"a": STAYS})
    watchlist.watch((ONE,), {"a": MustStay("CANCELED", "other"), "b": STAYS})

    assert [Watched((ONE,), {"a": STAYS, "b": STAYS})] == watchlist.entries


def test_other_devices_are_watched_apart() -> None:
    """Commands of other devices are an entry of their own."""
    watchlist = Watchlist()
    watchlist.watch((ONE,), {"a": STAYS})
    watchlist.watch((ONE, TWO), {"c": STAYS})

    assert [frozenset({"one"}), frozenset({"one", "two"})] == [watched.ids for watched in watchlist.entries]


def test_used_device_is_not_watched() -> None:
    """What others do to a device that isn't fresh isn't told from a late effect; the wait for those counts anyway."""
    watchlist, before = Watchlist(), time.time()
    watchlist.watch((Device("one", fresh=False),), {"a": STAYS})

    assert [] == watchlist.entries
    assert watchlist.last_call >= before


def test_release() -> None:
    """A command that is released isn't looked at any more."""
    watchlist = Watchlist([Watched((ONE,), {"a": STAYS, "b": STAYS})])
    watchlist.release(["a", "unknown"])

    assert [{"b": STAYS}] == [watched.kept for watched in watchlist.entries]


def test_discard() -> None:
    """Whatever involves a device that is discarded isn't looked at any more."""
    both = Watched((ONE, TWO), {"c": STAYS})
    watchlist = Watchlist([Watched((ONE,), {"a": STAYS}), both, Watched((TWO,), {})])
    watchlist.discard("one")

    assert [Watched((TWO,), {})] == watchlist.entries


def test_current_state_is_accepted() -> None:
    """What has changed by now is released; what hasn't, and what can't be read back, is watched on."""
    watchlist = Watchlist([Watched((ONE,), {"a": STAYS, "b": STAYS}), Watched((TWO,), {"c": STAYS})])

    def read(device_id: str) -> Mapping[str, str]:
        return {"a": "CANCELED", "b": "PENDING"} if device_id == "one" else unreadable(device_id)

    watchlist.accept_current_state(read)

    assert [{"b": STAYS}, {"c": STAYS}] == [watched.kept for watched in watchlist.entries]


# ---- devices ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("device", "noted"), [(ONE, ["one"]), (Device("one", ("a",), fresh=False), []), (Device("one"), [])]
)
def test_refused(device: Device, noted: list[str]) -> None:
    """A fresh device with pending commands is called for once more at the end of the run."""
    devices = Devices()
    devices.note_refused(prepared(device), "no-effect-input")

    assert noted == list(devices.refused)


def test_used_again() -> None:
    """What was found out about a device doesn't hold once the provider gives it again; others are spared on."""
    devices = Devices(
        reserved={"a": prepared(ONE), "b": prepared(TWO)},
        refused={"one": (prepared(), "a"), "two": (prepared(TWO), "b")},
        last_revoked=prepared(),
    )
    devices.used_again(ONE)

    assert (["b"], ["two"], None, True) == (
        list(devices.reserved),
        list(devices.refused),
        devices.last_revoked,
        devices.reused,
    )


def test_used_again_though_not_fresh() -> None:
    """That a provider gives a device again that it never called fresh is nothing to tell."""
    devices = Devices(last_revoked=prepared(TWO))
    devices.used_again(Device("one", fresh=False))

    assert (prepared(TWO), False) == (devices.last_revoked, devices.reused)


def test_changed_devices_are_dropped() -> None:
    """A device whose commands aren't pending any more isn't spared."""
    devices = Devices(reserved={"a": prepared(ONE), "b": prepared(TWO)})
    devices.drop_changed({**NOW, "one": {"a": "CANCELED", "b": "PENDING"}}.__getitem__)

    assert ["b"] == list(devices.reserved)


@pytest.mark.parametrize("status", ["PENDING", "DEFAULT", "PENDDING"])
def test_still_pending(status: str) -> None:
    """Under each of its names, an undelivered command is pending; what can't be read back is taken for pending."""
    assert still_pending(prepared(TWO), lambda _: {"c": status})
    assert still_pending(prepared(TWO), unreadable)
    assert not still_pending(prepared(TWO), lambda _: {})


def test_read_back() -> None:
    """Reading several devices back gives the commands of all."""
    assert NOW["one"] | NOW["two"] == read_back(["one", "two"], NOW.__getitem__)


# ---- the rest --------------------------------------------------------------------------------------------------------


def state() -> RunState:
    """A run that has just begun."""
    return RunState(Patience(1.0, 1.0))


def test_once() -> None:
    """A state that lasts for the whole run is set up once."""
    run, setups = state(), iter(["first", "second"])

    assert ["first", "first"] == [run.given.once("expired token", lambda: next(setups)) for _ in range(2)]


def test_unprepared_once() -> None:
    """A state that couldn't be had isn't asked for again, and is told with the same words."""
    run, asked = state(), []

    def setup() -> str:
        asked.append("setup")
        raise Unprepared("no hook")

    for _ in range(2):
        with pytest.raises(Unprepared, match="no hook"):
            run.given.once("expired token", setup)
    assert ["setup"] == asked


def test_note() -> None:
    """What is said twice is told once."""
    run = state()
    for words in ("a", "b", "a"):
        run.note(words)

    assert ["a", "b"] == run.notes


def test_seems_broken() -> None:
    """One of several requirements is enough."""
    run = state()
    run.broken |= {"a"}

    assert (True, False, False) == (run.seems_broken("b", "a"), run.seems_broken("b"), run.seems_broken())


def test_round_trip() -> None:
    """All that a run remembers goes from hand to hand as JSON."""
    run = state()
    run.watchlist.watch(
        (ONE,), {"a": STAYS, "b": MustStay("SENT", "keep-delivered", may_progress=True, if_missing="x")}
    )
    run.devices = Devices(
        {"one"}, {"app"}, {"k": prepared()}, {"one": (prepared(), "r")}, {"two"}, prepared(TWO), {"100022"}
    )
    run.health = Health(opened=True, stopped="why", probes=2)
    run.broken, run.app_id_demanded, run.notes = {"x"}, True, ["n"]
    run.given = Given({"s": "v"}, {"t": "w"}, Device("g", others={"c": "FAILED"}))
    # Times are rounded.
    run.watchlist.last_call = 12.5

    assert run == structure(as_json(unstructure(run)), RunState)
