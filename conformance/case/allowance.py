"""The target's allowance of calls: used up within a minute, gone beyond, and had again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from conformance.case.answered import is_task
from conformance.case.conversation import STEADY, Conversation
from conformance.case.identifiers import unknown_device
from conformance.case.prepared import Prepared
from conformance.case.refusals import THROTTLED
from conformance.contract.judgement import Judgement
from conformance.contract.task import Task
from conformance.exceptions import Unprepared
from conformance.record import Finding
from conformance.target.client import Draft, is_throttled
from conformance.target.pacing import MINUTE

__all__ = ["exceed", "exhaust", "recover"]

UNKNOWN_DEVICE = "100418"
NO_EFFECT = "no-effect-flow-control"
SOME_SECONDS = 2.2
WITHIN_THE_MINUTE = 50.0
MOMENTS = (25.0, 25.0, 30.0)
"""Seconds to wait, one after the other; any two of them together are less than a minute."""


def exceed(talk: Conversation, thresholds: Sequence[int]) -> None:
    """Bring the target's threshold down to the first of THRESHOLDS that can be had, and make calls beyond it."""
    problems: list[Unprepared] = []
    for threshold in thresholds:
        try:
            admitted, over = _exceed(talk, threshold)
            break
        except Unprepared as problem:
            problems.append(problem)
    else:
        # The first threshold needs the least.
        raise problems[0]
    carried_out = any(is_task(talk.exchanges[index]) for _, index in over)
    if carried_out and None not in [task for task, _ in admitted]:
        # A minute that ended just then may have begun the count anew; it doesn't end twice in a row.
        admitted, over = _exceed(talk, threshold)
    for task, index in admitted:
        talk.count_only(task, index)
    if any(task is None for task, _ in admitted):
        talk.cannot((*THROTTLED.requirements, NO_EFFECT), "calls under the threshold were refused already")
        return
    talk.judged.add("flow-control-allowance")
    for prepared, index in over:
        talk.judge_refused(index, THROTTLED)
        talk.unchanged_unless_accepted(prepared, THROTTLED, NO_EFFECT, index)


def _exceed(talk: Conversation, threshold: int) -> tuple[list[tuple[Task | None, int]], list[tuple[Prepared, int]]]:
    """Make THRESHOLD calls that must be admitted, and three more: the tasks, the devices, each with its exchange.

    Calls are counted, whatever they are: no two have the same device, commands, parameters and content type.
    """
    state = talk.run.provider.flow_control(threshold)
    idle, busy = talk.device(pending=0), talk.device(pending=2)
    more = [talk.device(pending=number % 2) for number in range(threshold - 3)]
    admitted: list[tuple[Task | None, int]] = []
    over: list[tuple[Prepared, int]] = []
    with state:
        talk.run.client.pacer.admit(threshold + 3)
        for number, prepared in enumerate((idle, busy, idle, *more)):
            draft = replace(talk.plain(prepared.device.id), edit=f"one of {threshold} calls within the minute")
            draft = draft if number else talk.in_context(draft)
            index = talk.send(draft, "201 with a task", fresh=True, paced=False)
            pending = prepared.device.pending
            special = ("second-call-empty",) if prepared is idle and number else ()
            known = (one for one in (*special, "nothing-pending-empty-task") if not pending and talk.run.broken(one))
            blame = next(known, "flow-control-allowance" if is_throttled(talk.exchanges[index]) else STEADY)
            admitted.append((talk.judge_accepted(index, prepared.device.id, blame, pending), index))
        # Prepared only now, so that what those calls do elsewhere isn't taken for an effect of the refused ones.
        first, last = talk.device(pending=2), talk.device(pending=2)
        ids = {prepared.device.id for prepared in (idle, busy, *more, first, last)}
        if len(ids) < threshold + 1:
            raise Unprepared(f"{threshold + 1} devices are needed at a time, the provider gave {len(ids)}")
        for number, prepared in enumerate((first, idle, last), threshold + 1):
            draft = replace(talk.plain(prepared.device.id), edit=f"call {number} within the minute")
            if prepared is last:
                # A window of some seconds instead of a minute would have passed by now.
                talk.run.client.pacer.wait(min(SOME_SECONDS, talk.run.configuration.provider.watch_time))
                draft = talk.in_context(draft)
            over.append((prepared, talk.send(draft, THROTTLED.describe(), fresh=True, paced=False)))
    return admitted, over


def recover(talk: Conversation, threshold: int) -> None:
    """Exceed the threshold, wait a minute out, and be admitted again; then exceed it at some moments of a minute.

    A minute may begin anew on the clock, and so end once in any minute, but not at two moments one after the other.
    """
    device = talk.device(pending=0)
    draft = talk.plain(device.device.id)

    def burst(edit: str) -> tuple[list[int], list[int]]:
        """One call more than the threshold: those that were carried out, and the others."""
        made = [
            talk.send(replace(draft, edit=edit), THROTTLED.describe(), fresh=True, paced=False)
            for _ in range(threshold + 1)
        ]
        carried_out = [index for index in made if is_task(talk.exchanges[index])]
        return carried_out, [index for index in made if index not in carried_out]

    with talk.run.provider.flow_control(threshold):
        talk.run.client.pacer.admit((2 + len(MOMENTS)) * (threshold + 1) + 1)
        carried_out, refused = burst(f"one of {threshold + 1} calls at a threshold of {threshold}")
        for index in refused or carried_out[-1:]:
            talk.judge_refused(index, THROTTLED)
        talk.stop_if(bool(talk.findings), "the threshold isn't enforced")
        # Refused calls may count, so that the minute begins with the last of them.
        talk.run.client.pacer.wait(MINUTE)
        after = replace(draft, edit="after a minute without calls")
        task, _ = talk.must_accept(after, device.device.id, "flow-control-recovers", paced=False)
        talk.stop_if(task is None, "calls aren't admitted again")
        burst("exceeding the threshold again")
        before: list[int] = []
        for moment in MOMENTS:
            talk.run.client.pacer.wait(moment)
            carried_out, refused = burst(f"over the threshold, {moment:g} seconds after the calls before")
            for index in refused + (carried_out if before else []):
                talk.judge_refused(index, THROTTLED)
            before = carried_out


def exhaust(talk: Conversation) -> None:
    """Use up the target's real allowance, make one call more, and look a minute later what that one did."""
    threshold = talk.run.configuration.target.calls_per_minute
    talk.stop_if(not threshold, "target.calls_per_minute is 0: the target has no threshold")
    # Asked for beside --max-calls, and twice at most.
    talk.run.allow(2 * (threshold + 1))
    idle = prepared = None
    try:
        prepared = talk.device(pending=2)
    except Unprepared as error:
        talk.cannot((NO_EFFECT,), str(error))
    with suppress(Unprepared):
        idle = talk.device(pending=0)
    if idle is not None and prepared is not None and idle.device.id == prepared.device.id:
        # The calls within the allowance would revoke what the one over it must leave alone.
        idle, prepared = None, talk.device(pending=2)
    draft = talk.plain(idle.device.id if idle else unknown_device())
    draft = replace(draft, edit=f"one of {threshold} calls within a minute")
    last = replace(
        talk.plain(prepared.device.id if prepared else unknown_device()),
        edit=f"call {threshold + 1} within the minute",
    )
    refusal = replace(THROTTLED, blames=((UNKNOWN_DEVICE, THROTTLED.accepted),))
    # A minute that ended just then may have begun the count anew; it doesn't end twice in a row.
    for _ in range(2):
        if _use_up(talk, draft, threshold):
            return
        talk.judged.add("flow-control-allowance")
        index = talk.send(last, refusal.describe(), fresh=True, paced=False)
        if is_throttled(talk.exchanges[index]):
            break
        # Calls that are refused for an unknown device need not count.
        talk.stop_if(idle is None, "calls for unknown devices may not be counted: have a device without commands")
    talk.judge_refused(index, refusal)
    if prepared is not None:
        # Reading back may be a call that flow control counts.
        talk.run.client.pacer.exhaust()
        talk.unchanged_unless_accepted(prepared, refusal, NO_EFFECT, index)


def _use_up(talk: Conversation, draft: Draft, threshold: int) -> bool:
    """Make as many calls as are admitted in a minute; whether one of them was refused, which is told then."""
    talk.run.client.pacer.exhaust()
    talk.run.client.pacer.admit(threshold)
    started = time.monotonic()
    for number in range(1, threshold + 1):
        exchange = talk.run.client.send(draft, paced=False)
        if is_throttled(exchange):
            message = f"call {number} of {threshold} within a minute was refused by flow control"
            finding = Finding(
                "flow-control-allowance", "failed", message, f"{threshold} calls admitted", f"{number - 1}"
            )
            talk.add(Judgement((finding,)), ("flow-control-allowance",), talk.keep(exchange))
            return True
    talk.keep(exchange)
    slow = time.monotonic() - started > WITHIN_THE_MINUTE
    talk.stop_if(slow, f"the target answers too slowly for {threshold} calls within a minute")
    return False
