"""Several calls at the same time: what the document is silent about, and a vendor has to answer for all the same."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from conformance.case.conversation import Conversation
from conformance.case.prepared import Prepared
from conformance.contract.judgement import Judgement
from conformance.contract.meaning import CANCELED, State
from conformance.contract.task import Command
from conformance.exchange import Exchange
from conformance.record import Finding

__all__ = ["revoke_together"]


def revoke_together(talk: Conversation, prepared: Prepared, calls: int, *others: Prepared) -> None:
    """Make several calls for the device at the same time, and one for each of OTHERS.

    The undocumented is judged by concurrent-calls alone.
    """
    device = prepared.device
    ids = [*[device.id] * calls, *(other.device.id for other in others)]
    drafts = tuple(replace(talk.plain(one), edit=f"{len(ids)} calls at the same time") for one in ids)
    exchanges = talk.run.client.send_together(drafts, expected="201 with a task")
    # None of them is the first one; in an order of their own equal runs have equal results.
    indices = [talk.keep(exchange) for exchange in sorted(exchanges[:calls], key=_length, reverse=True)]
    tasks = [talk.judge_accepted(index, device.id, "concurrent-calls", device.pending) for index in indices]
    for other, exchange in zip(others, exchanges[calls:], strict=True):
        talk.judge_accepted(talk.keep(exchange), other.device.id, "concurrent-calls", other.device.pending)
    requirement = "concurrent-calls"
    talk.stop_if(None in tasks, "not every call was accepted")
    lists = [task.commands for task in tasks if task]
    unreadable = any(commands is None or any(command.id is None for command in commands) for commands in lists)
    talk.stop_if(unreadable, "what was listed could not be read")
    devices = (prepared, *others)
    if any(one.commands is None for one in devices):
        talk.cannot((requirement,), talk.run.unreadable)
        return
    pending = tuple(command for one in devices for command in one.device.pending)
    state = State(pending, prepared.kept(), missed=requirement)
    _, after = talk.settled(devices, state, accepted=True)
    talk.stop_if(after is None, talk.run.unreadable)
    listed = {command for commands in lists for command in _ids(commands)}
    unlisted = [command for command in device.pending if command not in listed]
    left = [command for command in pending if (after or {}).get(command) != CANCELED]
    repeated = [command for one in map(_ids, lists) for command in set(one) if one.count(command) > 1]
    problems: list[tuple[Sequence[str | None], str]] = [
        (unlisted, "in neither list"),
        (left, "not cancelled"),
        (repeated, "twice in one list"),
    ]
    findings = tuple(
        Finding(requirement, "failed", f"{len(commands)} commands were {words}", "none", f"{len(commands)}")
        for commands, words in problems
        if commands
    )
    talk.add(Judgement(findings), (requirement,), indices[-1])


def _ids(commands: Collection[Command] | None) -> list[str | None]:
    return [command.id for command in commands or ()]


def _length(exchange: Exchange) -> int:
    return len(exchange.response.body) if exchange.response else 0
