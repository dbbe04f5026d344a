"""The control calls, and what is looked for in between: is the target alive, did effects come late?"""

from __future__ import annotations

from typing import Any

import pytest

from conformance.case.frame import CONTROL_FIRST, CONTROL_LAST, LATE_EFFECTS
from conformance.evidence.exchange import Request, TransportError
from conformance.exceptions import NoVerdict
from conformance.record.observation import AppIdDemanded, RefusedCall, Revocation, Unchanged, ValidCall
from conformance.run.case_context import CaseContext
from conformance.run.control import check_alive, control, late_effects, still_refused, still_serving
from tests.contract.exchanges import APP
from tests.provider.channels import Answer

from .fakes import Devices, Target, context, error, in_turn, platform

REFUSED_CREDENTIALS = error("1010005", 403)
FAILING = error("100001", 500)


def observed(ctx: CaseContext, *kinds: type) -> list[Any]:
    """The observations of those kinds, in their order."""
    shown = ctx.transcript.evidence("", 0.0, 0).shown
    return [one.observation for one in shown if isinstance(one.observation, kinds)]


def first(*answers: Answer | Target, provider: Devices | None = None, then: Target | None = None) -> CaseContext:
    """The first control call's case, against a target that gives ANSWERS first, and then is right or as THEN."""
    provider = provider or Devices()
    return context(in_turn(*answers, then=then or platform(provider)), provider, CONTROL_FIRST)


def red(ctx: CaseContext) -> set[str]:
    """What is wrong by itself."""
    return {finding.requirement for finding in ctx.transcript.findings}


# ---- the first one ---------------------------------------------------------------------------------------------------


def test_accepted() -> None:
    """One call for a prepared device is enough where it is accepted."""
    ctx = first()

    assert "" == control(ctx)
    assert (1, True, set()) == (ctx.client.calls, ctx.state.health.controlled, red(ctx))
    assert [ValidCall, Revocation] == [type(one) for one in observed(ctx, ValidCall, Revocation)]


def test_without_a_device() -> None:
    """Without a device the call is made for one that doesn't exist; that its refusal is right controls as well."""
    ctx = first(provider=Devices(lacks={"device"}))

    assert "no device could be prepared, so the control call named one that doesn't exist" == control(ctx)
    assert (1, True, "the state device can't be had") == (
        ctx.client.calls,
        ctx.state.health.controlled,
        ctx.state.health.unreadable,
    )
    assert [RefusedCall] == [type(one) for one in observed(ctx, ValidCall, RefusedCall)]


@pytest.mark.parametrize(
    ("answer", "notes"),
    [
        ((404, b"<h1>Not found</h1>"), 1),
        (error("100022", 400), 0),
    ],
    ids=["a page", "a refusal"],
)
def test_another_server(answer: Answer, notes: int) -> None:
    """An answer that can't be the call's own is noted: the base URL may be that of something else."""
    ctx = first(answer)
    control(ctx)

    assert notes == len([words for words in ctx.state.notes if "is target.base_url (--base-url) right" in words])


def test_without_a_device_and_wrong() -> None:
    """A wrong refusal controls nothing."""
    ctx = first(error("100022", 400), provider=Devices(lacks={"device"}))
    control(ctx)

    assert (False, {"error-100418-unknown-device"}) == (ctx.state.health.controlled, red(ctx))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (REFUSED_CREDENTIALS, "the target refuses the configured credentials (403 with code 1010005)"),
        ((401, {}), "the target refuses the configured credentials (401"),
        (error("100220", 500), "the header app_key was sent, and didn't arrive"),
        (TransportError("timeout", "no whole answer within 1 second"), "no whole answer"),
    ],
)
def test_no_verdict(answer: Answer, words: str) -> None:
    """Where the credentials are refused, or nothing is answered, no verdict can be had; it is tried more than once."""
    ctx = first(then=lambda _: answer)

    with pytest.raises(NoVerdict) as raised:
        control(ctx)
    assert words in str(raised.value)
    assert 1 < ctx.client.calls <= 5


def test_unreachable() -> None:
    """A target that nobody can connect to isn't tried again."""
    ctx = first(then=lambda _: TransportError("unreachable", "connection refused"))

    with pytest.raises(NoVerdict):
        control(ctx)
    assert 1 == ctx.client.calls


@pytest.mark.parametrize(
    ("answer", "broken"),
    [
        (REFUSED_CREDENTIALS, "call-accepted"),
        (TransportError("timeout", "so it was"), "answer-in-time"),
        (TransportError("broken", "so it was"), "answer-complete"),
    ],
)
def test_second_try(answer: Answer, broken: str) -> None:
    """A target that is right the next time lives; the first answer counts as what it was."""
    ctx = first(answer)
    control(ctx)

    assert (False, {broken}) == (ctx.state.health.controlled, red(ctx))


@pytest.mark.parametrize(
    "answer", [FAILING, error("100022", 400), TransportError("broken", "so it was", answered=True)]
)
def test_living_target(answer: Answer) -> None:
    """A target that fails, or refuses for other reasons, lives."""
    ctx = first(then=lambda _: answer)
    control(ctx)

    assert not ctx.state.health.controlled
    assert red(ctx)


def demanding(*, known: bool = True) -> tuple[Target, Devices]:
    """A target that refuses calls whose query names no application; KNOWN: it accepts those that name one."""
    provider = Devices()
    right = platform(provider)

    def answer(request: Any) -> Answer:
        return right(request) if known and f"appId={APP}" in request.url else error("100203", 404)

    return answer, provider


def test_app_id_demanded() -> None:
    """A target that demands appId gets it from then on; that is its one fault."""
    target, provider = demanding()
    ctx = context(target, provider, CONTROL_FIRST)
    control(ctx)

    assert (True, True) == (ctx.state.app_id_demanded, ctx.state.health.controlled)
    assert [AppIdDemanded(0, 1)] == observed(ctx, AppIdDemanded)
    assert {"app-id-optional"} == red(ctx)


def test_app_id_not_accepted_either() -> None:
    """Where naming the application doesn't help, no verdict can be had: the credentials are refused."""
    target, provider = demanding(known=False)
    ctx = context(target, provider, CONTROL_FIRST)

    with pytest.raises(NoVerdict, match="refuses the configured credentials"):
        control(ctx)
    assert not ctx.state.app_id_demanded


# ---- the last one ----------------------------------------------------------------------------------------------------


def last(*requirements: str, misses: int = 0, fewer: int = 0) -> CaseContext:
    """The last control call's case, with devices that refused calls of those kinds were made for, made.

    The target MISSES so many commands of each of those; where it has missed some FEWER times, it misses none any more.
    """
    provider = Devices()
    wrong, right = platform(provider, misses), platform(provider)
    target = in_turn(*[wrong] * fewer, then=right) if fewer else wrong
    ctx = context(target, provider, CONTROL_LAST)
    ctx.state.health.opened = True
    for requirement in requirements:
        ctx.state.devices.note_refused(ctx.devices.device(2), requirement)
    control(ctx, still_refused(ctx))
    return ctx


def test_closing_call_that_revokes_another_device() -> None:
    """A device that an earlier closing call revoked isn't called for; that it wasn't left alone is observed."""
    provider = Devices()

    def everywhere(request: Request) -> Answer:
        right = platform(provider)(request)
        for held in provider.commands_of.values():
            held.update(dict.fromkeys(held, "CANCELED"))
        return right

    ctx = context(everywhere, provider, CONTROL_LAST)
    ctx.state.health.controlled = ctx.state.health.opened = True
    for requirement in ("no-effect-input", "no-effect-device"):
        ctx.state.devices.note_refused(ctx.devices.device(2), requirement)
    control(ctx, still_refused(ctx))
    (changed,) = observed(ctx, Unchanged)

    assert ["no-effect-input"] == [one.after_refusals for one in observed(ctx, Revocation) if not one.control]
    assert {"no-effect-device"} == {kept.requirement for kept in changed.kept.values()}
    assert changed.late


def test_refused_calls_left_nothing() -> None:
    """Each device that refused calls were made for is called for once; nothing else is needed where all is right."""
    ctx = last("no-effect-input", "no-effect-device")

    assert (2, set()) == (ctx.client.calls, red(ctx))
    assert ["no-effect-input", "no-effect-device"] == [one.after_refusals for one in observed(ctx, Revocation)]


def test_control_of_what_was_left() -> None:
    """Where such a call misses commands, one for a device of the same size that nothing preceded is held against it."""
    ctx = last("no-effect-input", "no-effect-device", misses=1, fewer=2)
    revocations = observed(ctx, Revocation)

    assert [False, False, True] == [one.control for one in revocations]
    assert [2, 2, 2] == [len(one.state.pending) for one in revocations]
    assert {"no-effect-input", "no-effect-device"} == red(ctx)


def test_control_that_misses_too() -> None:
    """One that misses commands as well shows that by itself."""
    assert {"no-effect-input", "listed-all", "revoke-all-pending"} == red(last("no-effect-input", misses=1))


def test_no_device_to_compare() -> None:
    """Without another device nothing is compared."""
    provider = Devices()
    ctx = context(platform(provider, misses=1), provider, CONTROL_LAST)
    ctx.state.devices.note_refused(ctx.devices.device(2), "no-effect-input")
    provider.lacks.add("device")
    control(ctx, still_refused(ctx))

    assert [False] == [one.control for one in observed(ctx, Revocation)]


def test_what_changed_meanwhile_is_not_owed() -> None:
    """A device whose commands were revoked meanwhile isn't called for."""
    provider = Devices()
    ctx = context(provider=provider)
    for _ in range(2):
        ctx.state.devices.note_refused(ctx.devices.device(1), "no-effect-input")
    provider.commands_of["device-1"] = dict.fromkeys(provider.commands_of["device-1"], "CANCELED")

    assert 1 == len(still_refused(ctx))
    assert "device-1" not in {prepared.device.id for prepared, _ in still_refused(ctx)}


def test_what_is_called_for_is_not_watched() -> None:
    """Commands that the last call revokes aren't late effects."""
    ctx = last("no-effect-input")

    assert {"revoke-all-pending"} == {
        kept.requirement for one in ctx.state.watchlist.entries for kept in one.kept.values()
    }


# ---- in between ------------------------------------------------------------------------------------------------------


def test_alive() -> None:
    """A call without effect shows that the target lives and knows the credentials; it isn't the case's."""
    ctx = first()
    check_alive(ctx)

    assert (1, []) == (ctx.client.calls, ctx.transcript.exchanges)


def test_fails_at_accepted_calls_only() -> None:
    """A target that answers nothing to accepted calls may live all the same: a refused one tells."""
    ctx = first(TransportError("timeout", "so it was"))
    check_alive(ctx)

    assert 2 == ctx.client.calls


def failing_case(*answers: Answer | Target, provider: Devices | None = None) -> CaseContext:
    """A case whose call failed inside, against a target that then gives ANSWERS, and is right afterwards."""
    provider = provider or Devices()
    ctx = context(in_turn(FAILING, *answers, then=platform(provider)), provider)
    index = ctx.calls.send(ctx.calls.plain("device-1"), "")
    ctx.calls.observe_valid(index, "device-1", "request-charset")
    still_serving(ctx)
    return ctx


def test_still_serving() -> None:
    """A target that fails at one call, and not at the plain one, goes on being tested."""
    ctx = failing_case()

    assert ("", 1) == (ctx.state.health.stopped, len(ctx.transcript.exchanges))


def test_serving_no_longer() -> None:
    """One that fails at the plain call by now as well isn't tested any further; that stands for what failed."""
    ctx = failing_case(FAILING)

    assert (
        "the plain valid call, which was accepted before, now fails with an internal error too"
        == ctx.state.health.stopped
    )
    assert [False, True] == [one.replaces_failures for one in observed(ctx, ValidCall)]


@pytest.mark.parametrize("settings", [{"kind": "static"}, {"lacks": {"device"}}])
def test_nothing_to_probe_with(settings: dict[str, Any]) -> None:
    """Where a device would be used up, or none can be had, it isn't tried."""
    assert 1 == failing_case(FAILING, provider=Devices(**settings)).client.calls


def test_probes_are_few() -> None:
    """It is tried a few times in a run only."""
    ctx = first(then=lambda _: FAILING)
    index = ctx.calls.send(ctx.calls.plain("device-1"), "")
    ctx.calls.observe_valid(index, "device-1", "request-charset")
    ctx.state.health.probes = 3
    still_serving(ctx)

    assert 1 == ctx.client.calls


def test_nothing_failed() -> None:
    """A case without a failure inside needs no probe."""
    ctx = first()
    still_serving(ctx)

    assert 0 == ctx.client.calls


# ---- late effects ----------------------------------------------------------------------------------------------------


def watching(*, lacks: str = "") -> CaseContext:
    """The look for late effects, in a run that watches one command."""
    provider = Devices()
    ctx = context(provider=provider, case=LATE_EFFECTS)
    prepared = ctx.devices.device(1)
    ctx.state.watchlist.watch((prepared.device,), prepared.bystander("no-effect-input"))
    provider.lacks.add(lacks)
    return ctx


def test_no_late_effect() -> None:
    """What is as it was is observed as such."""
    ctx = watching()

    assert ("", set(), 1) == (late_effects(ctx), red(ctx), len(observed(ctx, Unchanged)))


def test_late_effect() -> None:
    """What has changed breaks what it was watched for."""
    ctx = watching()
    provider = ctx.provider
    assert isinstance(provider, Devices)
    provider.commands_of["device-1"] = dict.fromkeys(provider.commands_of["device-1"], "CANCELED")
    late_effects(ctx)

    assert {"no-effect-input"} == red(ctx)


def test_nothing_watched() -> None:
    """Where nothing was watched, or nothing can be read back, the reason is told."""
    assert "no device could be watched" == late_effects(context(case=LATE_EFFECTS))
    assert "the state commands can't be had" == late_effects(watching(lacks="commands"))
