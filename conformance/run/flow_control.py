"""Flow control: exhausting, exceeding and regaining the call allowance."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from conformance.case.identifiers import unknown_device
from conformance.case.optional_parts import ACCEPTED
from conformance.case.prepared import Prepared
from conformance.case.refusals import THROTTLED
from conformance.client.client import is_throttled
from conformance.client.draft import Draft
from conformance.client.pacing import MINUTE
from conformance.contract import codes, names
from conformance.contract.classification import is_task
from conformance.contract.meaning import State
from conformance.exceptions import Unprepared
from conformance.record.observation import Overrun
from conformance.run.calls import CALL_ACCEPTED
from conformance.run.case_context import CaseContext

__all__ = ["exceed", "exhaust", "recover"]

NO_EFFECT = names.NO_EFFECT_FLOW_CONTROL
SOME_SECONDS = 2.2
WITHIN_THE_MINUTE = 50.0
WINDOWS = 3
"""Minutes, each with the whole allowance and no more."""

MOMENTS = (25.0, 25.0, 30.0)
"""Seconds to wait, one after the other; any two of them together are less than a minute."""


@dataclass(frozen=True)
class Exceeded:
    """The calls of a minute: those within the allowance and those beyond it, by exchange, each with its device."""

    within: tuple[tuple[Prepared, int], ...]
    beyond: tuple[tuple[Prepared, int], ...]


def exceed(ctx: CaseContext, thresholds: Sequence[int]) -> None:
    """Bring the target's threshold down to the first of THRESHOLDS that can be had, and make calls beyond it."""
    threshold, exceeded = _exceed_first(ctx, thresholds)
    carried_out = any(is_task(ctx.transcript.exchanges[index]) for _, index in exceeded.beyond)
    if carried_out and all(ctx.revocations.accepted(index) for _, index in exceeded.within):
        # A minute that ended just then may have begun the count anew; it doesn't end twice in a row.
        for prepared, index in exceeded.beyond:
            if ctx.revocations.accepted(index):
                ctx.calls.observe_valid(index, prepared.id, pending=prepared.pending)
            else:
                ctx.refusals.observe(index, THROTTLED)
        exceeded = _exceed(ctx, threshold)
    for prepared, index in exceeded.within:
        ctx.revocations.observe_count(index)
        if prepared.pending:
            # It is carried out, though more calls than the allowance come before its task's turn.
            ctx.revocations.observe(index, (prepared,), State(prepared.pending, prepared.kept()))
    if not all(ctx.revocations.accepted(index) for _, index in exceeded.within):
        ctx.transcript.mark_untested(
            (*THROTTLED.requirements, NO_EFFECT), "calls under the threshold weren't all accepted"
        )
        return
    ctx.transcript.mark_proved(names.FLOW_CONTROL_ALLOWANCE)
    for _, index in exceeded.beyond:
        ctx.refusals.observe(index, THROTTLED)
    # One of them is named twice, and the second call may have been accepted.
    last = {prepared.id: (prepared, index) for prepared, index in exceeded.beyond}
    for prepared, index in last.values():
        ctx.refusals.unchanged_unless_accepted(prepared, THROTTLED, NO_EFFECT, index)


def _exceed_first(ctx: CaseContext, thresholds: Sequence[int]) -> tuple[int, Exceeded]:
    """The first of THRESHOLDS that can be had, and the calls."""
    problems: list[Unprepared] = []
    for threshold in thresholds:
        try:
            return threshold, _exceed(ctx, threshold)
        except Unprepared as problem:
            problems.append(problem)
    # The first threshold needs the least.
    raise problems[0]


def _exceed(ctx: CaseContext, threshold: int) -> Exceeded:
    """Make THRESHOLD calls that must be admitted, and three more: one, one for an idle device, and the first again.

    Calls are counted, not devices or commands: no two within the allowance are for the same device, and most of them
    revoke two commands. So does the last of them, which a call that is refused right after it must not undo.
    """
    state = ctx.provider.flow_control(threshold)
    idle, busy = ctx.devices.device(pending=0), ctx.devices.device(pending=2)
    more = [ctx.devices.device(pending=2) for _ in range(threshold - 2)]
    admitted: list[int] = []
    beyond: list[tuple[Prepared, int]] = []
    with state:
        ctx.client.pacer.admit(threshold + 3)
        called = (*more, idle, busy)
        for prepared in called:
            draft = replace(ctx.calls.plain(prepared.id), edit=f"one of {threshold} calls within the minute")
            # A valid call has no parts that no case has shown to be accepted.
            if prepared is idle and ctx.state.are_over(ACCEPTED):
                draft = ctx.calls.with_optional_parts(draft)
            admitted.append(ctx.calls.send(draft, "201 with a task", fresh=True, paced=False))
        for prepared, index in zip(called, admitted, strict=True):
            throttled = is_throttled(ctx.transcript.exchanges[index])
            blame = names.FLOW_CONTROL_ALLOWANCE if throttled else CALL_ACCEPTED
            special = () if prepared.pending or throttled else (names.NOTHING_PENDING_EMPTY_TASK,)
            ctx.calls.observe_valid(index, prepared.id, blame, prepared.pending, special=special)
        # Prepared only now, so that what those calls do elsewhere isn't taken for an effect of the refused ones.
        another = ctx.devices.device(pending=2)
        ids = {prepared.id for prepared in (*called, another)}
        if len(ids) < threshold + 1:
            raise Unprepared(f"{threshold + 1} devices are needed at a time, the provider gave {len(ids)}")
        for number, prepared in enumerate((another, idle, another), threshold + 1):
            draft = replace(ctx.calls.plain(prepared.id), edit=f"call {number} within the minute")
            if prepared is idle:
                draft = ctx.calls.with_optional_parts(draft)
            elif beyond:
                # A window of some seconds instead of a minute would have passed by now.
                ctx.client.pacer.wait(min(SOME_SECONDS, ctx.context.configuration.provider.watch_time))
            # On one connection: what is counted are calls.
            index = ctx.calls.send(draft, THROTTLED.describe(), fresh=not beyond, paced=False)
            beyond.append((prepared, index))
    return Exceeded(tuple(zip(called, admitted, strict=True)), tuple(beyond))


def recover(ctx: CaseContext, threshold: int) -> None:
    """Exceed the threshold, wait a minute out, and be admitted again; then exceed it at some moments of a minute.

    A minute may begin anew on the clock, and so end once in any minute, but not at two moments one after the other.
    """
    device = ctx.devices.device(pending=0)
    draft = ctx.calls.plain(device.id)

    def burst(edit: str) -> tuple[list[int], list[int]]:
        """One call more than the threshold: those that were carried out, and the others."""
        made = [
            ctx.calls.send(replace(draft, edit=edit), THROTTLED.describe(), fresh=True, paced=False)
            for _ in range(threshold + 1)
        ]
        carried_out = [index for index in made if is_task(ctx.transcript.exchanges[index])]
        return carried_out, [index for index in made if index not in carried_out]

    with ctx.provider.flow_control(threshold):
        ctx.client.pacer.admit((WINDOWS + 1 + len(MOMENTS)) * (threshold + 1) + 1)
        carried_out, refused = burst(f"one of {threshold + 1} calls at a threshold of {threshold}")
        for index in refused or carried_out[-1:]:
            ctx.refusals.observe(index, THROTTLED)
        ctx.skip_if(bool(ctx.transcript.findings), "the threshold isn't enforced")
        # Refused calls may count, so that the minute begins with the last of them.
        ctx.client.pacer.wait(MINUTE)
        after = replace(draft, edit="after a minute without calls")
        index = ctx.calls.must_accept(after, device.id, names.FLOW_CONTROL_RECOVERS, paced=False)
        ctx.skip_if(not ctx.revocations.accepted(index), "calls aren't admitted again")
        burst("exceeding the threshold again")
        for window in range(2, WINDOWS + 1):
            ctx.client.pacer.wait(MINUTE + SOME_SECONDS)
            carried_out, refused = burst(f"one of {threshold + 1} calls in minute {window}")
            if len(carried_out) < threshold:
                ctx.transcript.observe(Overrun(refused[0], len(carried_out) + 1, threshold))
            for index in refused or carried_out[-1:]:
                ctx.refusals.observe(index, THROTTLED)
            ctx.skip_if(bool(ctx.transcript.findings), f"minute {window} isn't like the first")
        before: list[int] = []
        for moment in MOMENTS:
            ctx.client.pacer.wait(moment)
            carried_out, refused = burst(f"over the threshold, {moment:g} seconds after the calls before")
            for index in refused + (carried_out if before else []):
                ctx.refusals.observe(index, THROTTLED)
            before = carried_out


def exhaust(ctx: CaseContext) -> None:
    """Use up the target's real allowance, make one call more, and look a minute later what that one did."""
    threshold = ctx.context.configuration.target.calls_per_minute
    ctx.skip_if(not threshold, "target.calls_per_minute is 0: the target has no threshold")
    # Asked for beside --max-calls, and twice at most.
    ctx.allow(2 * (threshold + 1))
    idle = prepared = None
    try:
        prepared = ctx.devices.device(pending=2)
    except Unprepared as error:
        ctx.transcript.mark_untested((NO_EFFECT,), str(error))
    with suppress(Unprepared):
        idle = ctx.devices.device(pending=0)
    if idle is not None and prepared is not None and idle.id == prepared.id:
        # The calls within the allowance would revoke what the one over it must leave alone.
        idle, prepared = None, ctx.devices.device(pending=2)
    draft = ctx.calls.plain(idle.id if idle else unknown_device())
    draft = replace(draft, edit=f"one of {threshold} calls within a minute")
    last = replace(
        ctx.calls.plain(prepared.id if prepared else unknown_device()),
        edit=f"call {threshold + 1} within the minute",
    )
    refusal = replace(THROTTLED, blames=((codes.UNKNOWN_DEVICE, THROTTLED.accepted),))
    # A minute that ended just then may have begun the count anew; it doesn't end twice in a row.
    for _ in range(2):
        if _use_up(ctx, draft, threshold):
            return
        ctx.transcript.mark_proved(names.FLOW_CONTROL_ALLOWANCE)
        index = ctx.calls.send(last, refusal.describe(), fresh=True, paced=False)
        if is_throttled(ctx.transcript.exchanges[index]):
            break
        # Calls that are refused for an unknown device need not count.
        ctx.skip_if(idle is None, "calls for unknown devices may not be counted: have a device without commands")
    ctx.refusals.observe(index, refusal)
    if prepared is not None:
        # Reading back may be a call that flow control counts.
        ctx.client.pacer.exhaust()
        ctx.refusals.unchanged_unless_accepted(prepared, refusal, NO_EFFECT, index)


def _use_up(ctx: CaseContext, draft: Draft, threshold: int) -> bool:
    """Make as many calls as are admitted in a minute; whether one of them was refused, which is told then."""
    ctx.client.pacer.exhaust()
    ctx.client.pacer.admit(threshold)
    started = time.monotonic()
    for number in range(1, threshold + 1):
        exchange = ctx.client.send(draft, paced=False)
        if is_throttled(exchange):
            ctx.transcript.observe(Overrun(ctx.calls.record(exchange), number, threshold))
            return True
    ctx.calls.record(exchange)
    slow = time.monotonic() - started > WITHIN_THE_MINUTE
    ctx.skip_if(slow, f"the target answers too slowly for {threshold} calls within a minute")
    return False
