"""Calls that must be refused: how they are observed, what is held against them, what they leave to the end."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.case.optional_parts import ACCEPTED
from conformance.case.refusals import INVALID_BODY, THROTTLED
from conformance.case.refusals import UNKNOWN_DEVICE as REFUSAL
from conformance.client.draft import Draft
from conformance.evidence.exchange import Request
from conformance.record.observation import RefusedCall, Repeated, Revocation, Unchanged, Unobserved, ValidCall
from conformance.run.case_context import CaseContext
from tests.provider.channels import Answer

from .fakes import Devices, Target, context, error, in_turn, platform

NO_EFFECT = "no-effect-input"


def observed(ctx: CaseContext, *kinds: type) -> list[Any]:
    """The observations of those kinds, in their order."""
    shown = ctx.transcript.evidence("", 0.0, 0).shown
    return [one.observation for one in shown if isinstance(one.observation, kinds)]


def without_body(draft: Draft) -> Draft:
    """The edit that these calls are refused for."""
    return draft.with_body(b"[]", "a list as its body")


def refusing(*answers: Answer | Target, provider: Devices | None = None) -> CaseContext:
    """A case whose one call had to be refused, by a target that gives ANSWERS first and is right from then on."""
    provider = provider or Devices()
    ctx = context(in_turn(*answers, then=platform(provider)), provider)
    ctx.refusals.must_refuse(without_body, INVALID_BODY, NO_EFFECT)
    return ctx


def test_right_refusal() -> None:
    """A right refusal is one call, after which the device is as it was; a call for it is owed at the end."""
    ctx = refusing()
    (refused, unchanged) = observed(ctx, RefusedCall, Unchanged)

    assert (1, 0, 0) == (ctx.client.calls, refused.exchange, unchanged.exchange)
    assert {NO_EFFECT} == {kept.requirement for kept in unchanged.kept.values()}
    assert [NO_EFFECT] == [requirement for _, requirement in ctx.state.devices.refused.values()]
    assert [unchanged.kept] == [watched.kept for watched in ctx.state.watchlist.entries]


def test_carried_out() -> None:
    """A call that was taken as a valid one says nothing about the effects of refused ones; its device is given up."""
    provider = Devices()
    ctx = refusing(lambda request: platform(provider)(_valid(request, provider)), provider=provider)

    assert ["body-json-object"] == [finding.requirement for finding in ctx.transcript.findings]
    assert [Unobserved((NO_EFFECT,), "the call was taken as a valid one")] == observed(ctx, Unobserved, Unchanged)
    assert ({}, {}) == (ctx.state.devices.refused, ctx.state.devices.reserved)


def _valid(request: Request, provider: Devices) -> Request:
    """REQUEST as if it had named the one device there is."""
    (device_id,) = provider.commands_of
    return Request(request.method, request.url, request.headers, f'{{"deviceId": "{device_id}"}}'.encode())


def test_effect() -> None:
    """A refused call that revokes all the same is told, and its device isn't used for other refusals."""
    provider = Devices()

    def revoking(request: Request) -> Answer:
        platform(provider)(_valid(request, provider))
        return error("100022", 400)

    ctx = refusing(revoking, provider=provider)

    assert [NO_EFFECT] == [finding.requirement for finding in ctx.transcript.findings]
    assert ({}, {}) == (ctx.state.devices.refused, ctx.state.devices.reserved)
    assert [] == ctx.state.watchlist.entries


@pytest.mark.parametrize("answer", [error("100001", 500), error("1010005", 403)])
def test_now_and_then(answer: Answer) -> None:
    """A failure that the edit can't explain, and that doesn't come again, is observed as that."""
    ctx = refusing(answer)

    assert [Repeated(0, 1, INVALID_BODY.row), RefusedCall(1, INVALID_BODY)] == observed(ctx, Repeated, RefusedCall)


def test_every_time() -> None:
    """One that comes again is the answer to this call."""
    ctx = refusing(error("100001", 500), error("100001", 500))

    assert [RefusedCall(0, INVALID_BODY)] == observed(ctx, Repeated, RefusedCall)
    assert 2 == ctx.client.calls


def test_wrong_refusal_is_not_asked_for_again() -> None:
    """A refusal for another reason that the edit may explain is taken at its word."""
    ctx = refusing(error("100418", 200))

    assert 1 == ctx.client.calls


def test_unexpected_refusal_of_the_credentials() -> None:
    """A refusal of good credentials may mean that they have ended."""
    assert refusing(error("1010005", 403), error("1010005", 403)).transcript.needs_health_check
    assert not refusing(error("100001", 500), error("100001", 500)).transcript.needs_health_check


@pytest.mark.parametrize(("code", "status", "noted"), [("100022", 400, {"100022"}), ("100418", 200, {"100418"})])
def test_what_an_earlier_call_left_behind(code: str, status: int, noted: set[str]) -> None:
    """A refused call is held against it, by the code that it was refused with and not by the one that was likely."""
    provider = Devices()
    ctx = context(in_turn(error(code, status), then=platform(provider)), provider)
    ctx.state.devices.last_revoked = ctx.devices.device(1)
    ctx.refusals.must_refuse(without_body, INVALID_BODY, NO_EFFECT)

    assert noted == ctx.state.devices.leftovers


def test_without_a_device() -> None:
    """Without a device the call is made for one that doesn't exist; that it has no effect stays untested."""
    ctx = refusing(provider=Devices(lacks={"device"}))
    (refused,) = observed(ctx, RefusedCall)

    assert ("100418", "body-json-object") == refused.refusal.blames[0]
    assert [Unobserved((NO_EFFECT,), "the state device can't be had")] == observed(ctx, Unobserved, Unchanged)


def test_carried_out_without_a_device() -> None:
    """For a device that doesn't exist, being carried out shows as the answer for an unknown device."""
    ctx = context(provider=Devices(lacks={"device"}))
    ctx.refusals.must_refuse(lambda draft: draft, THROTTLED, "no-effect-flow-control")

    assert ["flow-control-enforced"] == [finding.requirement for finding in ctx.transcript.findings]


def test_not_read_back() -> None:
    """Where nothing can be read back, no call is owed for the device at the end."""
    ctx = refusing(provider=Devices(lacks={"commands"}))
    (unchanged,) = observed(ctx, Unchanged)

    assert (None, "the state commands can't be had") == (unchanged.after, unchanged.unreadable)
    assert {} == ctx.state.devices.refused
    assert [] == ctx.state.watchlist.entries


def test_what_was_left() -> None:
    """A refused call must not act on what an earlier call left behind either: the device revoked last is looked at."""
    provider = Devices()
    ctx = context(provider=provider)
    ctx.state.devices.last_revoked = ctx.devices.device(1)
    ctx.refusals.must_refuse(without_body, INVALID_BODY, NO_EFFECT)
    own, left = observed(ctx, Unchanged)

    assert (2, 1) == (len(own.kept), len(left.kept))
    # A call that revokes it later is right to.
    assert not left.kept.keys() & {command for watched in ctx.state.watchlist.entries for command in watched.kept}


# ---- what is left open -----------------------------------------------------------------------------------------------


def left_open(*answers: Answer | Target) -> CaseContext:
    """A case with a call that may be accepted or refused."""
    provider = Devices()
    ctx = context(in_turn(*answers, then=platform(provider)), provider)
    prepared = ctx.devices.device(pending=2)
    ctx.refusals.accept_or_refuse(prepared, ctx.calls.plain(prepared.device.id), "100022", "request-charset")
    return ctx


@pytest.mark.parametrize("over", [(), ("accepted-own-app-id",), ACCEPTED])
def test_optional_parts(over: tuple[str, ...]) -> None:
    """A call that must be refused has optional parts only once the cases about them are over."""
    ctx = context(provider=Devices())
    ctx.state.done.extend(over)
    ctx.refusals.must_refuse(without_body, INVALID_BODY, NO_EFFECT, optional_parts=True)
    (exchange,) = ctx.transcript.exchanges

    with_parts = over == ACCEPTED
    assert ("appId=" in exchange.request.url) == with_parts
    assert (("Content-Type", "application/json; charset=UTF-8") in exchange.request.headers) == with_parts


def test_left_open_and_accepted() -> None:
    """Accepted, it is a valid call with an effect."""
    ctx = left_open()

    assert [] == ctx.transcript.findings
    assert [ValidCall, Revocation] == [type(one) for one in observed(ctx, ValidCall, Revocation, RefusedCall)]


def test_left_open_and_refused() -> None:
    """Refused, it is a refused call, which might have been accepted."""
    ctx = left_open(error("100022", 400))

    assert [] == ctx.transcript.findings
    assert [True] == [one.optional for one in observed(ctx, RefusedCall)]


def test_left_open_and_failing() -> None:
    """A failure that doesn't come again is one of chance; one that does is wrong in any case."""
    once, twice = left_open(error("100001", 500)), left_open(error("100001", 500), error("100001", 500))

    assert [Repeated(0, 1, "request-charset")] == observed(once, Repeated)
    assert ["request-charset"] == [finding.requirement for finding in twice.transcript.findings]
    assert [] == observed(twice, Repeated)


def test_unknown_device() -> None:
    """The right refusal of a device that doesn't exist needs no other blame."""
    ctx = context(provider=Devices(lacks={"device"}))
    ctx.refusals.must_refuse(lambda draft: draft, REFUSAL, "no-effect-device")
    (refused,) = observed(ctx, RefusedCall)

    assert (REFUSAL, []) == (refused.refusal, ctx.transcript.findings)
