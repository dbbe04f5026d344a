"""Variants in when a task is carried out, and in what the answer therefore says of it."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable

from conformance.reference.behaviour import Behaviour
from conformance.reference.call import Call
from conformance.reference.edits import Edit, Variant, around, instead, together, wrap
from conformance.reference.store import PENDING, Command, Device, Task
from conformance.reference.structures import Members


def created_as(status: str) -> Edit:
    """Give a fresh task another status."""

    def create(inner: Callable[[Call], Task], call: Call) -> Task:
        task = inner(call)
        task.status = status
        return task

    return around("revocation.create_task", create)


def at_once(behaviour: Behaviour) -> None:
    """Carry the task out before the answer is written."""

    def create(inner: Callable[[Call], Task], call: Call) -> Task:
        task = inner(call)
        behaviour.revocation.carry_out(task)
        return task

    wrap(behaviour, "revocation.create_task", create)


def listed_as(status: str) -> Edit:
    """List commands in another status than they are in."""
    return around("answers.command", lambda inner, command: {**inner(command), "status": status})


def _claimed(behaviour: Behaviour) -> None:
    wrap(behaviour.store, "deliver", lambda inner, command: None if command.task_id else inner(command))


def _expiring(behaviour: Behaviour) -> None:
    def expire(command: Command) -> None:
        if command.status == PENDING and command.task_id is None:
            command.status = "EXPIRED"

    behaviour.store.when_queued.append(
        lambda command: behaviour.timers.later(_VALIDITY, functools.partial(expire, command))
    )


def _one_by_one(behaviour: Behaviour) -> None:
    # So slowly that a long list takes longer than anybody waits who looks at nothing but its end.
    def carry_out(_inner: Callable[[Task], None], task: Task) -> None:
        for number, command in enumerate(task.commands, 1):
            behaviour.timers.later(number * 0.03, functools.partial(behaviour.revocation.revoke, command))

    wrap(behaviour, "revocation.carry_out", carry_out)


def _one_worker(behaviour: Behaviour) -> None:
    # One worker for all tasks, which takes its time for each command: what many calls ask for piles up before it.
    free_at = 0.0

    def carry_out(inner: Callable[[Task], None], task: Task) -> None:
        nonlocal free_at
        with behaviour.store.lock:
            begin = max(free_at, time.monotonic())
            for number, command in enumerate(task.commands, 1):
                wait = begin + number * _EACH - time.monotonic()
                behaviour.timers.later(wait, functools.partial(behaviour.revocation.revoke, command))
            free_at = begin + len(task.commands) * _EACH
        behaviour.timers.later(free_at - time.monotonic() + _EACH, lambda: inner(task))

    wrap(behaviour, "revocation.carry_out", carry_out)


def _empty_as(status: str) -> Edit:
    def create(inner: Callable[[Call], Task], call: Call) -> Task:
        task = inner(call)
        task.status = task.status if task.commands else status
        return task

    return together(
        around("revocation.create_task", create),
        around("revocation.final_status", lambda inner, task: inner(task) if task.commands else status),
    )


def _oldest_first(inner: Callable[[Device], list[Command]], device: Device) -> list[Command]:
    return inner(device)[::-1]


def _by_id(inner: Callable[[Device], list[Command]], device: Device) -> list[Command]:
    return sorted(inner(device), key=lambda command: command.command_id)


def _half_done(inner: Callable[[Task], Members], task: Task) -> Members:
    # The first command has been revoked by the time that the answer is written.
    members = inner(task)
    commands = members["deviceCommands"]
    if isinstance(commands, list) and commands:
        commands[0] = {**commands[0], "status": "CANCELED"}
    return members


_EACH = 0.05
_VALIDITY = 1.5
_TASK_LATER = "A task may be waiting or running when it is answered: its status has a value for each."
_NOTHING = "The document doesn't say how a task over nothing ends."
_NO_LIST_ORDER = "The document gives no order of deviceCommands."

VARIANTS = (
    Variant("done-at-once", "A task may have been executed when it is answered: its status is SUCCESS.", at_once),
    Variant(
        "done-at-once-listed-pending",
        "deviceCommands lists commands to be revoked; the document doesn't say as of when.",
        together(at_once, listed_as("PENDING")),
    ),
    Variant(
        "listed-as-default",
        "DEFAULT is the table's status of a command that hasn't been delivered.",
        listed_as("DEFAULT"),
    ),
    Variant(
        "listed-as-canceled",
        "deviceCommands lists commands to be revoked; the document doesn't say as of when.",
        listed_as("CANCELED"),
    ),
    Variant("listed-half-done", "A task that is RUNNING may have revoked some.", around("answers.task", _half_done)),
    Variant("waiting", _TASK_LATER, created_as("WAITING")),
    Variant("running-for-0.3-s", _TASK_LATER, instead("revocation.delay", 0.3)),
    Variant(
        "running-claims-its-commands",
        "A command that a running task is about to revoke isn't delivered any more.",
        together(instead("revocation.delay", 0.3), _claimed),
    ),
    Variant(
        "commands-expire-meanwhile",
        "A command isn't delivered after its time has elapsed; the document gives no least time.",
        _expiring,
    ),
    Variant("waiting-for-0.3-s", _TASK_LATER, together(created_as("WAITING"), instead("revocation.delay", 0.3))),
    Variant("running-for-2-s", _TASK_LATER, instead("revocation.delay", 2.0)),
    Variant("waiting-for-2-s", _TASK_LATER, together(created_as("WAITING"), instead("revocation.delay", 2.0))),
    Variant("running-one-by-one", "A task that is RUNNING may revoke one command after the other.", _one_by_one),
    Variant(
        "running-on-one-worker",
        "A task may be waiting or running for as long as it takes; one was seen to take 19 seconds.",
        _one_worker,
    ),
    Variant("nothing-pending-failed", _NOTHING, _empty_as("FAILED")),
    Variant("nothing-pending-success", _NOTHING, _empty_as("SUCCESS")),
    Variant("nothing-pending-part-success", _NOTHING, _empty_as("PART_SUCCESS")),
    Variant("oldest-first", _NO_LIST_ORDER, around("revocation.select", _oldest_first)),
    Variant("ordered-by-id", _NO_LIST_ORDER, around("revocation.select", _by_id)),
)
