"""Calls: what a valid one holds, and what is asked for once more before it is judged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.client.draft import Draft
from conformance.contract.classification import is_task
from conformance.evidence.exchange import Exchange
from conformance.record.observation import Reconnected, Repeated, ValidCall
from conformance.run.case_context import CaseContext
from tests.contract.exchanges import APP, TOKEN
from tests.provider.channels import Answer

from .fakes import Devices, context, error, in_turn, platform


def observed(ctx: CaseContext, *kinds: type) -> list[Any]:
    """The observations of those kinds."""
    shown = ctx.transcript.evidence("", 0.0, 0).shown
    return [one.observation for one in shown if isinstance(one.observation, kinds)]


def answering(*answers: Answer) -> tuple[CaseContext, str]:
    """A case against a target that gives ANSWERS first and is right from then on, and a device that it knows."""
    provider = Devices()
    device_id = provider.device(pending=1).id
    return context(in_turn(*answers, then=platform(provider)), provider), device_id


def test_plain() -> None:
    """The plain call has the credentials and the device, and names no application."""
    ctx = context()
    draft = ctx.calls.plain("device-1")

    assert ("POST", b'{"deviceId": "device-1"}', None) == (draft.method, draft.body, draft.app_id)
    assert (APP, f"Bearer {TOKEN}") == (draft.header("app_key"), draft.header("Authorization"))


def test_app_id_demanded() -> None:
    """A target that demands the appId gets it with every call."""
    ctx = context()
    ctx.state.app_id_demanded = True

    assert APP == ctx.calls.plain("device-1").app_id


@pytest.mark.parametrize(
    ("broken", "app_id", "charset"),
    [
        ((), APP, True),
        (("app-id-optional",), None, True),
        (("request-charset",), APP, False),
        (("app-id-optional", "request-charset"), None, False),
    ],
)
def test_optional_parts(broken: tuple[str, ...], app_id: str | None, charset: bool) -> None:  # noqa: FBT001 (a fact)
    """A valid call may have an appId and a charset; a target that refuses one of them gets it without."""
    ctx = context()
    ctx.state.broken |= set(broken)
    draft = ctx.calls.with_optional_parts(ctx.calls.plain("device-1"))

    assert (app_id, charset) == (draft.app_id, "charset" in (draft.header("Content-Type") or ""))


def test_accepted_call() -> None:
    """A call that is accepted is made once, and observed as one that had to be."""
    ctx, device_id = answering()
    index = ctx.calls.must_accept(ctx.calls.plain(device_id), device_id, "request-charset")

    assert (0, 1) == (index, ctx.client.calls)
    assert [ValidCall(0, device_id, APP, "request-charset")] == observed(ctx, ValidCall, Repeated)


def test_call_for_a_device_that_was_called_before() -> None:
    """What sets a plain call apart is that it is the second one for its device; another edit is told by itself."""
    ctx, device_id = answering()
    for blame in ("call-accepted", "call-accepted", "request-charset"):
        ctx.calls.must_accept(ctx.calls.plain(device_id), device_id, blame)

    assert [(), ("second-call-empty",), ()] == [call.special for call in observed(ctx, ValidCall)]


def test_refused_now_and_then() -> None:
    """A call that is refused, and accepted when it is made again, is observed as that."""
    ctx, device_id = answering(error("100022", 400))
    index = ctx.calls.must_accept(ctx.calls.plain(device_id), device_id, "request-charset")

    assert 1 == index
    assert [Repeated(0, 1, "request-charset"), ValidCall(1, device_id, APP, "request-charset")] == observed(
        ctx, ValidCall, Repeated
    )


def test_refused_every_time() -> None:
    """One that is refused twice is held against the plain call, where another requirement explains that."""
    ctx, device_id = answering(error("100022", 400), error("100022", 400))
    ctx.calls.must_accept(ctx.calls.plain(device_id), device_id, "request-charset", otherwise="task-id")

    (valid,) = observed(ctx, ValidCall)
    assert (0, 2, "task-id") == (valid.exchange, valid.plainly, valid.otherwise)
    assert is_task(ctx.transcript.exchanges[2])


@pytest.mark.parametrize("settings", [{"blame": "call-accepted"}, {"blame": "request-charset", "paced": False}])
def test_not_made_again(settings: dict[str, Any]) -> None:
    """The plain call isn't made again to be held against itself, nor is one that counts towards the allowance."""
    ctx, device_id = answering(error("100022", 400))
    ctx.calls.must_accept(ctx.calls.plain(device_id), device_id, **settings)

    assert 1 == ctx.client.calls


@pytest.mark.parametrize(
    ("answer", "suspicious"),
    [
        (error("1010005", 403), True),
        (error("100203", 404), True),
        ((401, {}), True),
        (error("100022", 400), False),
        (error("100001", 500), False),
    ],
)
def test_suspicion(answer: Answer, suspicious: bool) -> None:  # noqa: FBT001 (a fact)
    """A valid call that is refused for its credentials may mean that they have ended."""
    ctx, device_id = answering(answer)
    ctx.calls.must_accept(ctx.calls.plain(device_id), device_id)

    assert suspicious == ctx.transcript.needs_health_check


# ---- connections -----------------------------------------------------------------------------------------------------


def mixing_up(monkeypatch: pytest.MonkeyPatch, ctx: CaseContext, *right: bool) -> None:
    """Have the calls of CTX answered rightly or wrongly, one after the other; those that share one are marked."""
    left = list(right)

    def send(draft: Draft, *, expected: str = "", fresh: bool = False, paced: bool = True) -> Exchange:
        del expected, paced
        request = draft.request("http://target.example")
        whole = Exchange(request, None, None, 0.0, 0.0, edit="right" if left.pop(0) else "wrong")
        return replace(whole, reused=not fresh)

    monkeypatch.setattr(ctx.client, "send", send)


@pytest.mark.parametrize(
    ("answers", "to_blame"),
    [
        ((False, True, True, True, False, True, False), True),
        ((False, True, True, True, False, True, True), False),
        ((False, True, True, True, False, False), False),
        ((False, True, True, True, True), False),
        ((False, True, True, False), False),
        ((True,), False),
    ],
)
def test_connection(monkeypatch: pytest.MonkeyPatch, answers: tuple[bool, ...], to_blame: bool) -> None:  # noqa: FBT001 (a fact)
    """A connection is to blame where the call is right whenever it has one of its own, and wrong when it hasn't."""
    ctx = context()
    mixing_up(monkeypatch, ctx, *answers)
    draft = ctx.calls.plain("device-1")
    first = ctx.client.send(draft)

    alone = ctx.calls.alone(first, draft, lambda exchange: exchange.edit == "right")

    assert to_blame == (alone is not None)
    assert (1 if not answers[0] else 2) == ctx.state.intermittence.reconnects


def test_connection_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that shared none isn't held against others, nor is any once that was done often enough."""
    ctx = context()
    mixing_up(monkeypatch, ctx, *[False] * 2)
    draft = ctx.calls.plain("device-1")
    fresh, shared = ctx.client.send(draft, fresh=True), ctx.client.send(draft)
    ctx.state.intermittence.reconnects = 0

    assert [None, None] == [ctx.calls.alone(one, draft, lambda _: False) for one in (fresh, shared)]


def test_mixed_up_connections() -> None:
    """Once connections are known to mix up calls, no later call of the run shares one."""
    ctx, device_id = answering()
    first = ctx.calls.send(ctx.calls.plain(device_id), "")
    index = ctx.calls.record_connection_mixup(first, ctx.transcript.exchanges[0], "request-charset")

    assert [Reconnected(0, index, "request-charset")] == observed(ctx, Reconnected)
    assert (True, True) == (ctx.state.intermittence.reconnecting, ctx.client.reconnecting)
