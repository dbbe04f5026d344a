"""Valid calls for prepared devices: what is observed of them, and what is watched until the end of the run."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contract.meaning import CANCELED, MustStay
from conformance.exceptions import Blocked
from conformance.provider.states import Device
from conformance.record.observation import Counted, Revocation, Unchanged, Unobserved, ValidCall
from conformance.run.case_context import CaseContext
from conformance.run.revocations import REVOKED

from .fakes import Devices, context, error, in_turn, platform


def observed(ctx: CaseContext, *kinds: type) -> list[Any]:
    """The observations of those kinds, in their order."""
    shown = ctx.transcript.evidence("", 0.0, 0).shown
    return [one.observation for one in shown if isinstance(one.observation, kinds)]


def red(ctx: CaseContext) -> set[str]:
    """What is wrong by itself."""
    return {finding.requirement for finding in ctx.transcript.findings}


def watched(ctx: CaseContext) -> dict[str, MustStay]:
    """All that is read back at the end of the run."""
    return {command: kept for one in ctx.state.watchlist.entries for command, kept in one.kept.items()}


def test_right_call() -> None:
    """A call that revokes what was pending, and nothing else, is right; both is watched until the end."""
    ctx = context()
    prepared = ctx.devices.device(2, 1, {"FAILED": 1})
    accepted = ctx.revocations.revoke(prepared)

    assert (True, set()) == (accepted, red(ctx))
    assert {**dict.fromkeys(prepared.device.pending, REVOKED), **prepared.kept()} == watched(ctx)
    assert prepared == ctx.state.devices.last_revoked


def test_commands_that_were_watched() -> None:
    """Commands that had to stay so far are rightly revoked now: from then on they must stay revoked."""
    ctx = context()
    prepared = ctx.devices.device(2)
    ctx.state.watchlist.watch((prepared.device,), prepared.bystander("no-effect-input"))
    ctx.revocations.revoke(prepared)

    assert dict.fromkeys(prepared.device.pending, REVOKED) == watched(ctx)


def test_missed_command() -> None:
    """A command that stays pending is told here, and isn't looked for again at the end."""
    provider = Devices()
    ctx = context(platform(provider, misses=1), provider)
    prepared = ctx.devices.device(2)
    ctx.revocations.revoke(prepared)

    assert {"listed-all", "revoke-all-pending"} == red(ctx)
    assert {prepared.device.pending[1]: REVOKED} == watched(ctx)
    assert ctx.state.devices.last_revoked is None


def test_refused_call() -> None:
    """A valid call that is refused breaks what it is about; nothing it might have done is watched."""
    provider = Devices()
    ctx = context(in_turn(error("100022", 400), error("100022", 400), then=platform(provider)), provider)
    accepted = ctx.revocations.revoke(ctx.devices.device(1), blame="request-charset")

    assert (False, {"request-charset"}, {}) == (accepted, red(ctx), watched(ctx))


def test_bystanders() -> None:
    """Commands of other devices are kept under a requirement of their own."""
    provider = Devices()
    ctx = context(provider=provider)
    prepared, other = ctx.devices.device(1), ctx.devices.device(1)
    provider.commands_of[other.device.id] = dict.fromkeys(other.device.pending, "CANCELED")
    ctx.revocations.revoke(prepared, bystanders=(other,))

    assert {"keep-other-devices"} == red(ctx)
    assert set(prepared.device.pending) == set(watched(ctx))


def test_bystander_that_is_the_device() -> None:
    """The device itself is no other device: that stays untested."""
    ctx = context()
    prepared = ctx.devices.device(1)
    ctx.revocations.revoke(prepared, bystanders=(prepared,))

    assert set() == red(ctx)
    (unobserved,) = observed(ctx, Unobserved)
    assert ("keep-other-devices",) == unobserved.requirements


def test_what_is_recorded_for_attribution() -> None:
    """That refused calls came before, or that none did, is recorded with the effect."""
    ctx = context()
    for settings in ({"after_refusals": "no-effect-input"}, {"control": True}):
        ctx.revocations.revoke(ctx.devices.device(1), **settings)

    assert [("no-effect-input", False), (None, True)] == [
        (one.after_refusals, one.control) for one in observed(ctx, Revocation)
    ]


def test_not_read_back() -> None:
    """Where nothing can be read back the call is judged by its answer alone, and the run keeps the reason."""
    ctx = context(provider=Devices(lacks={"commands"}))
    ctx.revocations.revoke(ctx.devices.device(1))
    (revocation,) = observed(ctx, Revocation)

    assert (None, None, "the state commands can't be had") == (
        revocation.first,
        revocation.after,
        revocation.unreadable,
    )
    assert ({}, set()) == (watched(ctx), red(ctx))
    assert "the state commands can't be had" == ctx.state.health.unreadable


def test_several_in_turn() -> None:
    """Calls for several devices are all made before what they did is read back."""
    ctx = context()
    first, second = ctx.devices.device(1), ctx.devices.device(2)
    ctx.revocations.revoke_in_turn((first, second))

    assert [ValidCall, ValidCall, Revocation, Revocation] == [type(one) for one in observed(ctx, ValidCall, Revocation)]
    assert set() == red(ctx)


def test_command_queued_meanwhile() -> None:
    """A command that is queued right after the call isn't the call's, and must stay."""
    provider = Devices()
    ctx = context(provider=provider)
    ctx.revocations.revoke_and_queue(ctx.devices.device(1))
    (revocation,) = observed(ctx, Revocation)

    assert ["later-commands-stay"] == [kept.requirement for kept in revocation.state.kept.values()]
    assert set() == red(ctx)


def test_no_command_queued_meanwhile() -> None:
    """Where none can be queued, that stays untested."""
    ctx = context(provider=Devices(lacks={"queue command"}))
    ctx.revocations.revoke_and_queue(ctx.devices.device(1))

    assert [Unobserved(("later-commands-stay",), "the state queue command can't be had")] == observed(ctx, Unobserved)


@pytest.mark.parametrize(
    ("lacks", "otherwise"),
    [(set[str](), "later-commands-revoked-next"), ({"queue command"}, "nothing-pending-empty-task")],
)
def test_call_after_the_call(lacks: set[str], otherwise: str) -> None:
    """The next call revokes what was queued since, and lists nothing that was revoked before."""
    provider = Devices(lacks=lacks)
    ctx = context(provider=provider)
    prepared = ctx.devices.device(1)
    ctx.revocations.revoke(prepared)
    ctx.revocations.revoke_queued(prepared, ctx.calls.plain(prepared.device.id), "request-charset")
    valid = observed(ctx, ValidCall)[-1]

    assert set() == red(ctx)
    assert ("request-charset", otherwise) == (valid.blame, valid.otherwise)
    assert {CANCELED} == set(provider.commands_of[prepared.device.id].values())


@pytest.mark.parametrize(("answer", "counted"), [(None, [Counted(0)]), (error("100418", 200), [])])
def test_count(answer: Any, counted: list[Counted]) -> None:
    """The count of an accepted call is held against its list, where its commands aren't known."""
    provider = Devices()
    ctx = context(in_turn(*([answer] if answer else []), then=platform(provider)), provider)
    device: Device = provider.device(1)
    ctx.revocations.observe_count(ctx.calls.send(ctx.calls.plain(device.id), ""))

    assert counted == observed(ctx, Counted)


def test_still_pending() -> None:
    """Commands that must be pending before the next call are looked at; without them the case ends."""
    provider = Devices()
    ctx = context(provider=provider)
    prepared = ctx.devices.device(1)
    ctx.revocations.still_pending(prepared, "later-commands-stay")
    provider.commands_of[prepared.device.id] = {}

    with pytest.raises(Blocked, match="were gone already"):
        ctx.revocations.still_pending(prepared, "later-commands-stay")
    assert {"later-commands-stay"} == red(ctx)
    assert 2 == len(observed(ctx, Unchanged))


def test_revoked_and_delivered() -> None:
    """A command that was revoked and then reads back otherwise is told once, and not looked for again at the end."""
    provider = Devices()
    ctx = context(provider=provider)
    prepared = ctx.devices.device(1)
    (command,) = prepared.device.pending
    ctx.state.watchlist.watch((prepared.device,), {command: REVOKED})
    provider.commands_of[prepared.device.id] = {command: "DELIVERED"}

    assert not ctx.revocations.stays(prepared, {command: REVOKED})
    assert {"revoke-all-pending"} == red(ctx)
    assert {} == watched(ctx)
