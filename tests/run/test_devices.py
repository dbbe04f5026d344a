"""The devices that a case is given: read back first, spared where that serves a purpose, never mixed up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from conformance.contract.meaning import SETTLED
from conformance.exceptions import Blocked, Unprepared
from conformance.provider.states import Device
from conformance.record.observation import Inconclusive, Unobserved
from conformance.run.case_context import CaseContext
from tests.contract.exchanges import APP

from .fakes import Devices, context


def observed(ctx: CaseContext, *kinds: type) -> list[Any]:
    """The observations of those kinds."""
    shown = ctx.transcript.evidence("", 0.0, 0).shown
    return [one.observation for one in shown if isinstance(one.observation, kinds)]


class Lying(Devices):
    """A provider that says it queued one command more than it did."""

    def device(self, *counts: Any, **more: Any) -> Device:
        """With one command that nobody queued."""
        made = super().device(*counts, **more)
        return Device(made.id, (*made.pending, "never-queued"))


def test_device() -> None:
    """A device is given with what is read back of it, and is known to exist from then on."""
    ctx = context()
    prepared = ctx.devices.device(2, 1)

    statuses = {**dict.fromkeys(prepared.device.pending, "PENDING"), prepared.device.delivered[0]: "DELIVERED"}
    assert statuses == prepared.commands
    assert {prepared.device.id} == set(ctx.devices.taken()) == ctx.transcript.named


def test_lie() -> None:
    """A device that doesn't read back as the provider said isn't given."""
    with pytest.raises(Unprepared, match="prepared never-queued as pending, but it reads back as absent"):
        context(provider=Lying()).devices.device(1)


def test_not_read_back() -> None:
    """A device that can't be read back is given with the reason, which the run keeps."""
    ctx = context(provider=Devices(lacks={"commands"}))
    prepared = ctx.devices.device(1)

    assert (None, "the state commands can't be had") == (prepared.commands, prepared.unreadable)
    assert prepared.unreadable == ctx.state.health.unreadable


def test_foreign_device() -> None:
    """Another application's device that can't be read back says nothing of the caller's own; its owner is known."""
    ctx = context(provider=Devices(lacks={"commands"}))
    ctx.devices.foreign_device(1)

    assert ("", {"another-application"}) == (ctx.state.health.unreadable, ctx.state.devices.app_ids)


def test_foreign_device_that_is_none() -> None:
    """A foreign device that is the caller's own is the provider's mistake."""
    with pytest.raises(Unprepared, match="the provider is at fault"):
        context(provider=Devices(foreign_app=APP)).devices.foreign_device(1)


def test_used_again() -> None:
    """A device that was given before isn't fresh any more, and what was watched about it is forgotten."""
    ctx = context(provider=Devices(ids=["one", "one"]))
    first = ctx.devices.device(1)
    ctx.state.watchlist.watch((first.device,), first.kept())
    again = ctx.devices.device(1)

    assert (True, False, True) == (first.device.fresh, again.device.fresh, ctx.state.devices.reused)
    assert [] == ctx.state.watchlist.entries


def test_history() -> None:
    """A hook's device comes with delivered and finished commands where it has such, with fewer where it hasn't."""
    full, some, delivered, plain = (
        context(provider=Devices(lacks=lacks)).devices.device_with_history(1).device
        for lacks in (set[str](), {"FAILED"}, {"SUCCESSFUL"}, {"SUCCESSFUL", "delivered"})
    )

    assert (1, set(SETTLED)) == (len(full.delivered), set(full.others.values()))
    assert (1, {"SUCCESSFUL", "CANCELED"}) == (len(some.delivered), set(some.others.values()))
    assert (1, {}) == (len(delivered.delivered), delivered.others)
    assert (0, {}) == (len(plain.delivered), plain.others)


def test_mixed_device() -> None:
    """A device with commands in every state leaves nothing untested."""
    ctx = context()
    prepared = ctx.devices.mixed_device(1, 1, {"FAILED": 1, "TIMEOUT": 1})

    assert {"FAILED", "TIMEOUT"} == set(prepared.device.others.values())
    assert [] == observed(ctx, Unobserved, Inconclusive)


@pytest.mark.parametrize(
    ("lacks", "expected"),
    [
        (
            {"FAILED"},
            [Inconclusive("keep-finished", "the provider prepared no commands that are FAILED: have more devices")],
        ),
        ({"FAILED", "TIMEOUT"}, [Unobserved(("keep-finished",), "no commands that are FAILED, TIMEOUT")]),
    ],
)
def test_mixed_device_with_less(lacks: set[str], expected: list[object]) -> None:
    """What the provider has no commands of is left out, and said."""
    ctx = context(provider=Devices(lacks=lacks))
    ctx.devices.mixed_device(1, 1, {"FAILED": 1, "TIMEOUT": 1})

    assert expected == observed(ctx, Unobserved, Inconclusive)


def test_mixed_device_without_two_statuses() -> None:
    """A provider that lacks several statuses prepares the others all the same."""
    ctx = context(provider=Devices(lacks={"FAILED", "EXPIRED"}))
    statuses = dict.fromkeys(("SUCCESSFUL", "FAILED", "EXPIRED", "CANCELED"), 1)
    prepared = ctx.devices.mixed_device(1, 1, statuses)

    words = "the provider prepared no commands that are EXPIRED, FAILED: have more devices"
    assert {"SUCCESSFUL", "CANCELED"} == set(prepared.device.others.values())
    assert [Inconclusive("keep-finished", words)] == observed(ctx, Unobserved, Inconclusive)


class OneAtATime(Devices):
    """A provider whose devices have commands in one final status each."""

    def device(self, pending: int, delivered: int = 0, others: Mapping[str, int] | None = None) -> Device:
        """A device, if it is to have no more."""
        if len(others or ()) > 1:
            raise Unprepared("one status at a time")
        return super().device(pending, delivered, others)


def test_mixed_device_with_one_status() -> None:
    """Where several statuses can't be had at once, one of them is had, and the others are said to lack."""
    ctx = context(provider=OneAtATime())
    prepared = ctx.devices.mixed_device(1, 1, {"FAILED": 1, "TIMEOUT": 1})

    words = "the provider prepared no commands that are TIMEOUT: have more devices"
    assert ["FAILED"] == list(prepared.device.others.values())
    assert [Inconclusive("keep-finished", words)] == observed(ctx, Unobserved, Inconclusive)


def test_no_device_at_all() -> None:
    """Where none can be had, the reason is told."""
    with pytest.raises(Unprepared, match="the state device can't be had"):
        context(provider=Devices(lacks={"device"})).devices.mixed_device(1, 1, {"FAILED": 1})


def test_bystander() -> None:
    """Another device is one that the case wasn't given yet; without one, other devices stay untested."""
    ctx, alone = context(), context()
    ctx.devices.device(1)
    (other,) = ctx.devices.bystander(1)
    alone.provider.lacks.add("device")  # type: ignore[attr-defined]  # the fake's

    assert other.device.id != "device-1"
    assert () == alone.devices.bystander(1)
    assert [Unobserved(("keep-other-devices",), "the state device can't be had")] == observed(alone, Unobserved)


def test_bystander_that_is_the_same_device() -> None:
    """A provider with one device only ends the case: preparing it anew undid what was prepared before."""
    ctx = context(provider=Devices(ids=["one", "one"]))
    ctx.devices.device(1)
    with pytest.raises(Blocked, match="no other device than one"):
        ctx.devices.bystander(1)


# ---- devices that are spared -----------------------------------------------------------------------------------------


def test_reserved() -> None:
    """Refused calls of one kind are made for one device, those of another kind for another; each is held."""
    provider = Devices()
    ctx = context(provider=provider)
    kinds = ("no-effect-input", "no-effect-device", "no-effect-input")
    ids = [prepared.device.id for kind in kinds if (prepared := ctx.devices.reserved(kind)[0]) is not None]

    assert ids[0] == ids[2] != ids[1]
    assert ids[:2] == provider.held


def test_reserved_where_devices_are_few() -> None:
    """Where devices are few, one serves for all kinds of refusals."""
    provider = Devices(kind="northbound")
    ctx = context(provider=provider)
    first, second = (ctx.devices.reserved(kind)[0] for kind in ("no-effect-input", "no-effect-device"))

    assert first is second
    assert 1 == len(provider.held)


def test_reserved_though_given_before() -> None:
    """A device that other cases were given before is spared all the same: no second one is held."""
    provider = Devices(kind="northbound", ids=["one", "one", "two"])
    ctx = context(provider=provider)
    ctx.devices.device(1)
    first, second = (ctx.devices.reserved("no-effect-input")[0] for _ in range(2))

    assert first is second
    assert ["one"] == provider.held


def test_nothing_to_spare() -> None:
    """A provider that can't spare a device gives one each time; without any, the reason is told."""
    provider = Devices(roomy=False)
    ctx = context(provider=provider)
    first, second = (ctx.devices.reserved("no-effect-input")[0] for _ in range(2))

    assert first is not second
    assert [] == provider.held
    assert (None, "the state device can't be had") == context(provider=Devices(lacks={"device"})).devices.reserved(
        "no-effect-input"
    )


def test_discarded() -> None:
    """A device that a call changed isn't spared any longer: the next case doesn't inherit the fault."""
    ctx = context()
    first, _ = ctx.devices.reserved("no-effect-input")
    assert first is not None
    ctx.state.watchlist.watch((first.device,), first.bystander("no-effect-input"))
    ctx.devices.discard("no-effect-input")
    second, _ = ctx.devices.reserved("no-effect-input")

    assert [] == ctx.state.watchlist.entries
    assert first is not second


def test_current_state() -> None:
    """A device whose commands were revoked meanwhile isn't spared any longer."""
    provider = Devices()
    ctx = context(provider=provider)
    prepared, _ = ctx.devices.reserved("no-effect-input")
    assert prepared is not None
    provider.commands_of[prepared.device.id] = dict.fromkeys(prepared.device.pending, "CANCELED")
    ctx.devices.accept_current_state()

    assert {} == ctx.state.devices.reserved


# ---- what was left of an earlier call --------------------------------------------------------------------------------


def revoked(**settings: Any) -> CaseContext:
    """A case of a run in which a call revoked all commands of a device."""
    provider = Devices(**settings)
    ctx = context(provider=provider)
    ctx.state.devices.last_revoked = ctx.devices.device(1)
    return ctx


def test_last_revoked() -> None:
    """The device that was revoked last gets one new command, until a call was refused by the code."""
    ctx = revoked()
    first, again = (ctx.devices.last_revoked("100022") for _ in range(2))
    ctx.state.devices.leftovers.add("100022")
    other = ctx.devices.last_revoked("100418")

    assert first is not None
    assert again is not None
    assert other is not None
    assert ctx.devices.last_revoked("100022") is None
    assert (1, (), {}) == (len(first.device.pending), first.device.delivered, first.device.others)
    assert first.device.id == other.device.id


@pytest.mark.parametrize("settings", [{"kind": "northbound"}, {"lacks": {"queue command"}}])
def test_no_last_revoked(settings: dict[str, Any]) -> None:
    """Where no command can be queued for it, there is none."""
    assert revoked(**settings).devices.last_revoked("100022") is None


def test_nothing_revoked_yet() -> None:
    """Before the first call that revoked something there is none, and no code is used up."""
    ctx = context()

    assert ctx.devices.last_revoked("100022") is None
    assert set() == ctx.state.devices.leftovers


class Eager(Devices):
    """A target that carries out commands as soon as they are queued."""

    def queue_command(self, device_id: str) -> str:
        """Delivered at once."""
        new = super().queue_command(device_id)
        self.commands_of[device_id][new] = "SENT"
        return new


def test_command_that_does_not_stay_pending() -> None:
    """Where a queued command isn't pending by then, no further one is tried for any code."""
    ctx = context(provider=Eager())
    ctx.state.devices.last_revoked = ctx.devices.device(1)

    assert [None, None] == [ctx.devices.last_revoked(code) for code in ("100022", "100418")]
    assert ["queue command"] == [one for one in ctx.provider.asked if one == "queue command"]  # type: ignore[attr-defined]  # the fake's
