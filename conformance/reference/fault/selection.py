"""Faults in which commands a task lists and how it counts them, in its identity and its status."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.reference.behaviour import Behaviour
from conformance.reference.call import Call
from conformance.reference.documents import write
from conformance.reference.edits import Edit, Fault, around, instead, together, wrap
from conformance.reference.errors import FLOW_CONTROL, UNKNOWN_DEVICE, Error, Refusal
from conformance.reference.fault.members import changed, in_list, nth, valued
from conformance.reference.messages import Answer, Request
from conformance.reference.store import FINISHED, PENDING, Command, Device, Task
from conformance.reference.structures import Members

_TASK, _COMMAND = "answers.task", "answers.command"


def listed_also(which: Callable[[Behaviour, Command, Task], bool]) -> Edit:
    """List more commands than the task revokes; the count goes with them."""

    def edit(behaviour: Behaviour) -> None:
        def render(inner: Callable[[Task], Members], task: Task) -> Members:
            members = inner(task)
            more = [
                behaviour.answers.command(command)
                for command in behaviour.store.all_commands()
                if command not in task.commands and which(behaviour, command, task)
            ]
            commands = [*_commands(members), *more]
            return {**members, "totalCount": len(commands), "deviceCommands": commands}

        wrap(behaviour, _TASK, render)

    return edit


def listed(change: Callable[[list[Any]], list[Any]]) -> Edit:
    """List other commands; the count goes with them."""

    def render(inner: Callable[[Task], Members], task: Task) -> Members:
        members = inner(task)
        if members["deviceCommands"] is None:
            return members
        commands = change(_commands(members))
        return {**members, "totalCount": len(commands), "deviceCommands": commands}

    return around(_TASK, render)


def counted(count: Callable[[Behaviour, Task, int], int]) -> Edit:
    """Count otherwise."""

    def edit(behaviour: Behaviour) -> None:
        def render(inner: Callable[[Task], Members], task: Task) -> Members:
            members = inner(task)
            return {**members, "totalCount": count(behaviour, task, len(task.commands))}

        wrap(behaviour, _TASK, render)

    return edit


def _commands(members: Members) -> list[Any]:
    commands = members["deviceCommands"]
    assert isinstance(commands, list)  # noqa: S101 - as rendered a moment ago; this tells the type checker so
    return commands


def _of_device(command: Command, task: Task) -> bool:
    return command.device_id == task.device_id


def _of_other_device(command: Command, task: Task) -> bool:
    return command.device_id != task.device_id and command.app_id == task.app_id and command.status == PENDING


def _first_again(behaviour: Behaviour) -> None:
    # The first task of a device is answered again and again.
    answers: dict[str, Members] = {}
    wrap(
        behaviour,
        _TASK,
        lambda inner, task: {
            **(members := inner(task)),
            **{key: answers.setdefault(task.device_id, members)[key] for key in ("totalCount", "deviceCommands")},
        },
    )


def _first_added(behaviour: Behaviour) -> None:
    # Every task lists what earlier ones of the device listed, too.
    listed_before: dict[str, list[Any]] = {}

    def render(inner: Callable[[Task], Members], task: Task) -> Members:
        members = inner(task)
        before = listed_before.setdefault(task.device_id, [])
        before[:0] = _commands(members)
        return {**members, "totalCount": len(before), "deviceCommands": list(before)}

    wrap(behaviour, _TASK, render)


def at_second_call(spoil: Callable[[Behaviour, Call], Answer | None]) -> Edit:
    """Answer the second call for a device, and those after it, otherwise."""

    def edit(behaviour: Behaviour) -> None:
        def accept(inner: Callable[[Call], Answer], call: Call) -> Answer:
            seen = any(task.device_id == call.device.device_id for task in behaviour.store.tasks)
            return (spoil(behaviour, call) if seen else None) or inner(call)

        wrap(behaviour, "accept", accept)

    return edit


def at_empty(spoil: Callable[[Behaviour, Call], Answer]) -> Edit:
    """Answer a call that finds nothing pending otherwise."""

    def edit(behaviour: Behaviour) -> None:
        def accept(inner: Callable[[Call], Answer], call: Call) -> Answer:
            return inner(call) if behaviour.revocation.select(call.device) else spoil(behaviour, call)

        wrap(behaviour, "accept", accept)

    return edit


def _no_content(_behaviour: Behaviour, _call: Call) -> Answer:
    return Answer(204, headers=())


def _not_found(_behaviour: Behaviour, _call: Call) -> Answer:
    raise Refusal(UNKNOWN_DEVICE)


def _too_soon(_behaviour: Behaviour, _call: Call) -> Answer:
    raise Refusal(FLOW_CONTROL)


def _crash(_behaviour: Behaviour, _call: Call) -> Answer:
    raise RuntimeError("a fault")


def _empty_object(_behaviour: Behaviour, _call: Call) -> Answer:
    return Answer(201, write({}))


def _code_zero(_behaviour: Behaviour, _call: Call) -> Answer:
    return Answer(200, write({"error_code": "0", "error_desc": "OK"}))


def _task_per_device(behaviour: Behaviour) -> None:
    wrap(behaviour, _TASK, lambda inner, task: {**inner(task), "taskId": f"task-{task.device_id}"})


def _task_per_count(behaviour: Behaviour) -> None:
    wrap(behaviour, _TASK, lambda inner, task: {**inner(task), "taskId": f"task-{len(task.commands)}"})


def _empty_same_id(behaviour: Behaviour) -> None:
    wrap(behaviour, _TASK, lambda inner, task: {**inner(task), **({} if task.commands else {"taskId": "none"})})


def _stranger_owns(behaviour: Behaviour) -> None:
    wrap(behaviour, _TASK, lambda inner, task: {**inner(task), "appId": behaviour.store.parties.stranger.app_id})


def _first_device(behaviour: Behaviour) -> None:
    wrap(behaviour, _TASK, lambda inner, task: {**inner(task), "deviceId": next(iter(behaviour.store.devices))})


def _with_earlier_code(behaviour: Behaviour) -> None:
    # What was refused before has left its code behind.
    left: list[str] = []

    def refuse(inner: Callable[[Request, Error], Answer], request: Request, error: Error) -> Answer:
        left[:] = [error.code]
        return inner(request, error)

    def render(inner: Callable[[Task], Members], task: Task) -> Members:
        return {**inner(task), **({"error_code": left.pop()} if left else {})}

    wrap(behaviour, "answers.refused", refuse)
    wrap(behaviour, _TASK, render)


def _with_query_unlisted(behaviour: Behaviour) -> None:
    # Only a call with appId in the query is answered wrongly: without its commands.
    def accept(inner: Callable[[Call], Answer], call: Call) -> Answer:
        if call.request.parameter("appId") is None:
            return inner(call)
        with behaviour.store.lock:
            task = behaviour.revocation.create_task(call)
            members = {**behaviour.answers.task(task), "totalCount": 0, "deviceCommands": []}
        behaviour.revocation.schedule(task)
        return behaviour.answers.accepted(members)

    wrap(behaviour, "accept", accept)


def _delivered_listed_as_pending(behaviour: Behaviour) -> None:
    def select(inner: Callable[[Device], list[Command]], device: Device) -> list[Command]:
        return inner(device) + [one for one in device.commands if one.status == "DELIVERED"]

    wrap(behaviour, "revocation.select", select)
    wrap(behaviour, _COMMAND, lambda inner, one: {**inner(one), "status": PENDING})


def _final_later(seconds: float) -> Edit:
    return together(instead("revocation.delay", seconds), valued(_TASK, "status", "SUCCESS"))


FAULTS = (
    # ---- which commands are listed
    Fault(
        "lists-first-ten",
        "listed-all",
        "Only the first ten commands are listed.",
        listed(lambda commands: commands[:10]),
    ),
    Fault(
        "lists-first-hundred",
        "listed-all",
        "Only the first hundred commands are listed.",
        listed(lambda commands: commands[:100]),
    ),
    Fault(
        "lists-all-but-last",
        "listed-all",
        "The last command isn't listed.",
        listed(lambda commands: commands[:-1]),
    ),
    Fault(
        "lists-only-newest",
        "listed-all",
        "Only the newest command is listed.",
        listed(lambda commands: commands[:1]),
    ),
    Fault("lists-nothing", "listed-all", "Nothing is ever listed.", listed(lambda _commands: [])),
    Fault(
        "lists-first-ten-counts-all",
        "listed-all",
        "Only the first ten commands are listed, but all are counted.",
        in_list(lambda commands: commands[:10]),
    ),
    Fault(
        "lists-nothing-with-app-id",
        "listed-all",
        "A call with appId in the query is answered without its commands.",
        _with_query_unlisted,
    ),
    Fault(
        "lists-first-twice",
        "listed-once",
        "The newest command is listed twice.",
        listed(lambda commands: commands[:1] + commands),
    ),
    Fault(
        "lists-all-twice",
        "listed-once",
        "The whole list is repeated.",
        listed(lambda commands: commands + commands),
    ),
    Fault(
        "lists-page-boundary-twice",
        "listed-once",
        "In a list of more than ten commands, the tenth is repeated.",
        listed(lambda commands: commands[:10] + commands[9:] if commands[10:] else commands),
    ),
    Fault(
        "lists-one-id-for-all",
        "listed-once",
        "Every listed command has the first one's commandId.",
        in_list(lambda commands: [{**one, "commandId": commands[0]["commandId"]} for one in commands]),
    ),
    Fault(
        "lists-delivered",
        "listed-pending-only",
        "Delivered commands are listed too.",
        listed_also(lambda _b, command, task: _of_device(command, task) and command.status == "DELIVERED"),
    ),
    Fault(
        "lists-delivered-as-pending",
        "listed-pending-only",
        "Delivered commands are listed too, as if they were pending.",
        _delivered_listed_as_pending,
    ),
    Fault(
        "lists-finished",
        "listed-pending-only",
        "Finished commands are listed too.",
        listed_also(lambda _b, command, task: _of_device(command, task) and command.status in FINISHED - {"CANCELED"}),
    ),
    Fault(
        "lists-cancelled",
        "listed-pending-only",
        "Commands that were cancelled before are listed too.",
        listed_also(lambda _b, command, task: _of_device(command, task) and command.status == "CANCELED"),
    ),
    Fault(
        "lists-all-of-device",
        "listed-pending-only",
        "All commands that the device ever had are listed.",
        listed_also(lambda _b, command, task: _of_device(command, task)),
    ),
    Fault(
        "lists-other-devices",
        "listed-pending-only",
        "Pending commands of the application's other devices are listed too.",
        listed_also(lambda _b, command, task: _of_other_device(command, task)),
    ),
    Fault(
        "lists-invented",
        "listed-pending-only",
        "Listed commands have made-up ids.",
        around(_COMMAND, lambda inner, command: {**inner(command), "commandId": command.command_id[::-1]}),
    ),
    Fault(
        "lists-successful",
        "listed-status-true",
        "Commands that are being revoked are listed as SUCCESSFUL.",
        valued(_COMMAND, "status", "SUCCESSFUL"),
    ),
    Fault(
        "lists-failed",
        "listed-status-true",
        "Commands that are being revoked are listed as FAILED.",
        valued(_COMMAND, "status", "FAILED"),
    ),
    Fault(
        "lists-expired",
        "listed-status-true",
        "Commands that are being revoked are listed as EXPIRED.",
        valued(_COMMAND, "status", "EXPIRED"),
    ),
    Fault(
        "lists-timeout-second",
        "listed-status-true",
        "The second command that is being revoked is listed as TIMEOUT.",
        in_list(nth(1, lambda one: {**one, "status": "TIMEOUT"})),
    ),
    # ---- totalCount
    Fault(
        "count-one-more",
        "total-count-matches-list",
        "totalCount is one too many.",
        counted(lambda _b, _task, count: count + 1),
    ),
    Fault(
        "count-one-less",
        "total-count-matches-list",
        "totalCount is one too few, and never below zero.",
        counted(lambda _b, _task, count: max(count - 1, 0)),
    ),
    Fault(
        "count-always-zero",
        "total-count-matches-list",
        "totalCount is always 0.",
        counted(lambda _b, _task, _count: 0),
    ),
    Fault(
        "count-always-one",
        "total-count-matches-list",
        "totalCount is always 1, as in the document's example.",
        counted(lambda _b, _task, _count: 1),
    ),
    Fault(
        "count-at-most-hundred",
        "total-count-matches-list",
        "totalCount is never more than 100.",
        counted(lambda _b, _task, count: min(count, 100)),
    ),
    Fault(
        "count-of-device",
        "total-count-matches-list",
        "totalCount counts all commands that the device ever had.",
        counted(lambda b, task, _count: len(b.store.devices[task.device_id].commands)),
    ),
    Fault(
        "count-of-all-tasks",
        "total-count-matches-list",
        "totalCount adds up over all tasks of the device.",
        counted(lambda b, task, _c: sum(len(t.commands) for t in b.store.tasks if t.device_id == task.device_id)),
    ),
    Fault(
        "task-with-earlier-error-code",
        "error-no-task",
        "A task has the error code of the previous refusal.",
        _with_earlier_code,
    ),
    # ---- the second call
    Fault(
        "second-call-repeats",
        "second-call-empty",
        "Every later call for a device lists what the first listed.",
        _first_again,
    ),
    Fault(
        "second-call-adds",
        "second-call-empty",
        "Every later call for a device also lists what earlier ones listed.",
        _first_added,
    ),
    Fault(
        "second-call-not-found",
        "second-call-empty",
        "A second call for a device is answered as if the device were unknown.",
        at_second_call(_not_found),
    ),
    Fault(
        "second-call-crashes",
        "second-call-empty",
        "A second call for a device fails with an internal error.",
        at_second_call(_crash),
    ),
    Fault(
        "second-call-too-soon",
        "second-call-empty",
        "A second call for a device is refused by flow control.",
        at_second_call(_too_soon),
    ),
    # ---- nothing pending
    Fault(
        "nothing-pending-not-found",
        "nothing-pending-empty-task",
        "A call that finds nothing pending is answered as if the device were unknown.",
        at_empty(_not_found),
    ),
    Fault(
        "nothing-pending-no-content",
        "accepted-status",
        "A call that finds nothing pending is answered with 204 and no body.",
        at_empty(_no_content),
    ),
    Fault(
        "nothing-pending-crashes",
        "nothing-pending-empty-task",
        "A call that finds nothing pending fails with an internal error.",
        at_empty(_crash),
    ),
    Fault(
        "nothing-pending-empty-object",
        "answer-json",
        "A call that finds nothing pending is answered with an empty object.",
        at_empty(_empty_object),
    ),
    Fault(
        "nothing-pending-code-zero",
        "nothing-pending-empty-task",
        "A call that finds nothing pending is answered with 200 and error_code 0.",
        at_empty(_code_zero),
    ),
    # ---- identity
    Fault(
        "task-id-always-the-same",
        "task-id-unique",
        "Every task has the same taskId.",
        valued(_TASK, "taskId", "1"),
    ),
    Fault("task-id-of-device", "task-id-unique", "A device's tasks share one taskId.", _task_per_device),
    Fault(
        "task-id-of-count",
        "task-id-unique",
        "Tasks with the same number of commands share one taskId.",
        _task_per_count,
    ),
    Fault("task-id-of-empty", "task-id-unique", "Tasks without commands share one taskId.", _empty_same_id),
    Fault("task-app-id-stranger", "task-app-id-own", "The task's appId is another application's.", _stranger_owns),
    Fault(
        "task-app-id-upper-case",
        "task-app-id-own",
        "The task's appId is in capitals.",
        changed(_TASK, "appId", lambda app_id: f"{app_id}".upper() if f"{app_id}".upper() != app_id else "A"),
    ),
    Fault("task-device-id-first", "task-device-id-echo", "The task's deviceId is the first device's.", _first_device),
    Fault(
        "task-device-id-upper-case",
        "task-device-id-echo",
        "The task's deviceId is in capitals.",
        changed(_TASK, "deviceId", lambda device_id: f"ID-{device_id}"[:64].upper()),
    ),
    Fault(
        "command-app-id-other",
        "command-app-id-same",
        "The commands' appId is another application's.",
        valued(_COMMAND, "appId", "0"),
    ),
    Fault(
        "second-command-app-id-other",
        "command-app-id-same",
        "The second command's appId is another application's.",
        in_list(nth(1, lambda one: {**one, "appId": "0"})),
    ),
    Fault(
        "command-device-id-other",
        "command-device-id-same",
        "The commands' deviceId is another device's.",
        valued(_COMMAND, "deviceId", "0"),
    ),
    Fault(
        "last-command-device-id-other",
        "command-device-id-same",
        "The last command's deviceId is another device's.",
        in_list(lambda commands: nth(len(commands) - 1, lambda one: {**one, "deviceId": "0"})(commands)),
    ),
    # ---- the task's status
    Fault(
        "success-before-time",
        "task-status-true",
        "The task's status is SUCCESS, but it is carried out three seconds later.",
        _final_later(3.0),
    ),
    Fault(
        "success-never-carried-out",
        "revoke-all-pending",
        "The task's status is SUCCESS, but it is never carried out.",
        together(instead("revocation.carry_out", None), valued(_TASK, "status", "SUCCESS")),
    ),
    Fault(
        "failed-though-done",
        "task-status-true",
        "The task's status is FAILED, but all its commands are revoked.",
        together(
            around(_TASK, lambda inner, task: {**inner(task), **({"status": "FAILED"} if task.commands else {})}),
            instead("revocation.final_status", "FAILED"),
        ),
    ),
)
