"""Concurrent calls: the document doesn't mention them, but implementations must still handle them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from conformance.case.prepared import Prepared
from conformance.contract import answer as answers
from conformance.contract import codes, names
from conformance.contract.classification import is_task
from conformance.contract.meaning import State
from conformance.evidence.exchange import Exchange
from conformance.exceptions import Unprepared
from conformance.record.observation import Simultaneous
from conformance.run.case_context import CaseContext

__all__ = ["busy", "revoke_together"]

REQUIREMENT = names.CONCURRENT_CALLS
BUSY = frozenset({codes.CONGESTION, codes.FLOW_CONTROL})
"""Codes by which a target may refuse some of many calls: congestion and flow control."""


def busy(exchanges: Iterable[Exchange]) -> list[str]:
    """The codes of BUSY among the answers of EXCHANGES."""
    found = {answers.read(exchange.response).code for exchange in exchanges if exchange.response}
    return sorted(BUSY.intersection(found))


def revoke_together(ctx: CaseContext, prepared: Prepared, calls: int, *others: Prepared) -> None:
    """Make several calls for the device at the same time, and one for each of OTHERS.

    Everything about them is attributed to concurrent-calls alone.
    """
    device = prepared.device
    ids = [*[device.id] * calls, *(other.id for other in others)]
    drafts = tuple(replace(ctx.calls.plain(one), edit=f"{len(ids)} calls at the same time") for one in ids)
    exchanges = ctx.client.send_together(drafts, expected="201 with a task")
    if any(exchange.fault is not None and exchange.fault.kind == "timeout" for exchange in exchanges):
        # A target that works them off one by one is still at it; the next calls aren't to wait in its line.
        ctx.client.pacer.wait(ctx.client.settings.timeout)
    # None of them is the first one; in an order of their own equal runs have equal results.
    indices = [ctx.calls.record(exchange) for exchange in sorted(exchanges[:calls], key=_length, reverse=True)]
    found = busy(exchanges)
    ctx.skip_if(bool(found), f"the target is congested, or under flow control: {', '.join(found)}")
    for index in indices:
        ctx.calls.observe_valid(index, device.id, REQUIREMENT, device.pending)
    carried_out, told = [], list(indices)
    for other, exchange in zip(others, exchanges[calls:], strict=True):
        index = ctx.calls.record(exchange)
        ctx.calls.observe_valid(index, other.id, REQUIREMENT, other.pending)
        if is_task(exchange):
            carried_out.append(other)
            told.append(index)
    accepted = all(is_task(ctx.transcript.exchanges[index]) for index in indices)
    ctx.skip_if(not accepted, "not every call was accepted")
    devices = (prepared, *carried_out)
    pending = tuple(command for one in devices for command in one.pending)
    state = State(pending, prepared.kept(), missed=REQUIREMENT)
    after, unreadable = None, ""
    try:
        _, after = ctx.polling.settled(devices, state, accepted=True)
    except Unprepared as error:
        unreadable = str(error)
    ctx.transcript.observe(Simultaneous(tuple(told), pending, pending, after, unreadable))


def _length(exchange: Exchange) -> int:
    return len(exchange.response.body) if exchange.response else 0
