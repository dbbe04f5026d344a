"""Methods other than POST."""

from __future__ import annotations

from urllib.parse import urlencode

from conformance.contract.meaning import PENDING, MustStay
from conformance.run.case_context import CaseContext
from conformance.suite.registry import case


@case("method-get", proves=("other-methods-safe",))
def test_get(ctx: CaseContext) -> None:
    """A GET request to the path, which lists tasks on the real platform, revokes nothing, even if it names a device."""
    _other_method(ctx, "GET")


@case("method-put", proves=("other-methods-safe",))
def test_put(ctx: CaseContext) -> None:
    """A PUT request instead of POST, which real clients have been seen to send, revokes nothing."""
    _other_method(ctx, "PUT")


def _other_method(ctx: CaseContext, method: str) -> None:
    device = ctx.devices.device(pending=1)
    ctx.skip_if(device.commands is None, ctx.state.health.unreadable)
    draft = ctx.calls.plain(device.id).with_method(method, f"the method is {method}")
    if method == "GET":
        draft = draft.with_parameter(urlencode({"deviceId": device.id}), draft.edit)
    index = ctx.calls.send(draft, "any answer; nothing is revoked")
    kept = {command: MustStay(PENDING, "other-methods-safe") for command in device.pending}
    ctx.refusals.observe_unchanged(device, kept, index)
