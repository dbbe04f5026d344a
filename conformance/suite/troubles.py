"""States of the platform in which every call is refused: congestion and internal errors."""

from __future__ import annotations

from conformance.case.refusals import CONGESTED, FAILED_INSIDE
from conformance.contract.meaning import State
from conformance.run.case_context import CaseContext
from conformance.suite.registry import case


@case("congestion", proves=("no-effect-congestion",), refuses=(CONGESTED,), order=1)
def test_congestion(ctx: CaseContext) -> None:
    """While the network is congested, every call is refused with 503 and 100501, and changes nothing."""
    # Whether there is such a state at all comes first; then in this order, as a hook may have one device only.
    state = ctx.provider.congestion()
    idle, device = ctx.devices.device(pending=0), ctx.devices.device(pending=2)
    calls = (ctx.calls.plain(device.id), ctx.calls.with_optional_parts(ctx.calls.plain(idle.id)))
    ctx.client.pacer.admit(len(calls))
    with state:
        # The second one on the connection of the first, which may have been let in for good.
        indices = [
            ctx.calls.send(call, CONGESTED.describe(), fresh=not number, paced=False)
            for number, call in enumerate(calls)
        ]
    for index in indices:
        ctx.refusals.observe(index, CONGESTED)
    ctx.refusals.unchanged_unless_accepted(device, CONGESTED, "no-effect-congestion", indices[0])


@case("internal-error", general=("revoke-all-pending",), accepts=True, refuses=(FAILED_INSIDE,), order=1, calls=3)
def test_internal_error(ctx: CaseContext) -> None:
    """A call that fails with an internal error is answered with 500 and 100001; earlier calls are still carried out."""
    state = ctx.provider.internal_error()
    device, before = ctx.devices.device(pending=1), ctx.devices.device(pending=1)
    pending = before.pending
    # Its task may still wait while the next calls fail. What is accepted after them, the last control calls show.
    accepted = ctx.calls.must_accept(ctx.calls.plain(before.id), before.id, pending=pending)
    plain = ctx.calls.plain(device.id)
    with state:
        calls = (plain, ctx.calls.with_optional_parts(plain))
        indices = [
            ctx.calls.send(call, FAILED_INSIDE.describe(), fresh=not number) for number, call in enumerate(calls)
        ]
    for index in indices:
        ctx.refusals.observe(index, FAILED_INSIDE)
    ctx.revocations.observe(accepted, (before,), State(pending, before.kept()))
