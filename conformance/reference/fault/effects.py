"""Faults in what is really revoked: too much, too little, elsewhere, at another time, or though the call is refused."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable

from conformance.reference.behaviour import Behaviour
from conformance.reference.call import Call
from conformance.reference.edits import Edit, Fault, around, instead, together, wrap
from conformance.reference.errors import INTERNAL_ERROR, INVALID_CREDENTIALS, Error, Refusal
from conformance.reference.messages import Answer, Request
from conformance.reference.store import CANCELED, DELIVERED, FINISHED, PENDING, Command, Device, Task

_LATER = 1.0
_FEW = 10


def revokes_also(which: Callable[[Command, Task], bool]) -> Edit:
    """Cancel more commands than the task has, behind its back."""

    def edit(behaviour: Behaviour) -> None:
        def carry_out(inner: Callable[[Task], None], task: Task) -> None:
            inner(task)
            with behaviour.store.lock:
                for command in behaviour.store.all_commands():
                    if command not in task.commands and which(command, task):
                        command.status = CANCELED

        wrap(behaviour, "revocation.carry_out", carry_out)

    return edit


def revokes_only(which: Callable[[list[Command]], list[Command]]) -> Edit:
    """Cancel fewer commands than the task lists."""

    def edit(behaviour: Behaviour) -> None:
        def carry_out(_inner: Callable[[Task], None], task: Task) -> None:
            with behaviour.store.lock:
                for command in which(task.commands):
                    behaviour.revocation.revoke(command)
                task.status = behaviour.revocation.final_status(task)

        wrap(behaviour, "revocation.carry_out", carry_out)

    return edit


def selects_only(which: Callable[[list[Command]], list[Command]]) -> Edit:
    """Have the task both list and revoke fewer commands than are pending."""
    return around("revocation.select", lambda inner, device: which(inner(device)))


def despite(code: str, seconds: float = 0, *, own: bool = False) -> Edit:
    """Revoke the commands of every device (of the caller's OWN only) that a refused call names, at once or later."""

    def edit(behaviour: Behaviour) -> None:
        def refuse(inner: Callable[[Request, Error], Answer], request: Request, error: Error) -> Answer:
            if error.code == code:
                behaviour.timers.later(seconds, lambda: _revoke_named(behaviour, request, own=own))
            return inner(request, error)

        wrap(behaviour, "answers.refused", refuse)

    return edit


def _revoke_named(behaviour: Behaviour, request: Request, *, own: bool) -> None:
    # A body that is refused can be anything: whatever device it names in clear is meant.
    text = request.body.decode("utf-8", "replace")
    with behaviour.store.lock:
        for device in behaviour.store.devices.values():
            if device.device_id in text and (not own or device.app_id == behaviour.store.parties.own.app_id):
                for command in device.commands:
                    behaviour.revocation.revoke(command)


def _standing_order(seconds: float) -> Edit:
    # Commands queued after a device's first task are revoked too.
    def edit(behaviour: Behaviour) -> None:
        def notice(command: Command) -> None:
            if any(task.device_id == command.device_id for task in behaviour.store.tasks):
                behaviour.timers.later(seconds, lambda: behaviour.revocation.revoke(command))

        behaviour.store.when_queued.append(notice)

    return edit


def _unsuccessful_cancelled(when: Callable[[Behaviour, Call], bool]) -> Edit:
    # Commands that failed, timed out or expired are cancelled as well, by some calls.
    def edit(behaviour: Behaviour) -> None:
        def accept(inner: Callable[[Call], Answer], call: Call) -> Answer:
            if when(behaviour, call):
                for command in call.device.commands:
                    if command.status in {"FAILED", "TIMEOUT", "EXPIRED"}:
                        command.status = CANCELED
            return inner(call)

        wrap(behaviour, "accept", accept)

    return edit


def _locked(behaviour: Behaviour) -> None:
    # A device that three calls with wrong credentials named isn't revoked any more.
    named: Counter[bytes] = Counter()

    def refuse(inner: Callable[[Request, Error], Answer], request: Request, error: Error) -> Answer:
        named[request.body] += error is INVALID_CREDENTIALS
        return inner(request, error)

    def carry_out(inner: Callable[[Task], None], task: Task) -> None:
        if max((count for body, count in named.items() if task.device_id.encode() in body), default=0) < 3:  # noqa: PLR2004 (as described)
            inner(task)

    wrap(behaviour, "answers.refused", refuse)
    wrap(behaviour, "revocation.carry_out", carry_out)


def _stops_at_delivered(behaviour: Behaviour) -> None:
    # The task is carried out a while later, and ends where a command was delivered meanwhile.
    def carry_out(_inner: Callable[[Task], None], task: Task) -> None:
        with behaviour.store.lock:
            for command in task.commands:
                if command.status == DELIVERED:
                    break
                behaviour.revocation.revoke(command)
            task.status = behaviour.revocation.final_status(task)

    wrap(behaviour, "revocation.delay", lambda _inner, _task: 0.3)
    wrap(behaviour, "revocation.carry_out", carry_out)


def _late_selection(behaviour: Behaviour) -> None:
    # The task is carried out half a second later, over whatever is pending then.
    wrap(behaviour, "revocation.delay", lambda _inner, _task: 0.5)

    def carry_out(inner: Callable[[Task], None], task: Task) -> None:
        inner(task)
        with behaviour.store.lock:
            for command in behaviour.store.devices[task.device_id].commands:
                behaviour.revocation.revoke(command)

    wrap(behaviour, "revocation.carry_out", carry_out)


def _once_only(behaviour: Behaviour) -> None:
    # A device that has had a task is done with: later tasks find nothing.
    def select(inner: Callable[[Device], list[Command]], device: Device) -> list[Command]:
        done = any(task.device_id == device.device_id for task in behaviour.store.tasks)
        return [] if done else inner(device)

    wrap(behaviour, "revocation.select", select)


def _later_listed_only(behaviour: Behaviour) -> None:
    # A device's later tasks list the right commands, and revoke none.
    def carry_out(inner: Callable[[Task], None], task: Task) -> None:
        if next(one for one in behaviour.store.tasks if one.device_id == task.device_id) is task:
            inner(task)

    wrap(behaviour, "revocation.carry_out", carry_out)


def _uncancelled(behaviour: Behaviour) -> None:
    # A device's second task makes the commands of the first pending again.
    def carry_out(inner: Callable[[Task], None], task: Task) -> None:
        inner(task)
        with behaviour.store.lock:
            for earlier in behaviour.store.tasks:
                if earlier.device_id == task.device_id and earlier is not task:
                    for command in earlier.commands:
                        command.status, command.task_id = PENDING, None

    wrap(behaviour, "revocation.carry_out", carry_out)


def _deleted(behaviour: Behaviour) -> None:
    def carry_out(inner: Callable[[Task], None], task: Task) -> None:
        inner(task)
        _tidied_up(behaviour, task)

    wrap(behaviour, "revocation.carry_out", carry_out)


def _all_deleted(behaviour: Behaviour) -> None:
    wrap(
        behaviour,
        "revocation.carry_out",
        lambda _inner, task: behaviour.store.devices[task.device_id].commands.clear(),
    )


def _finished_deleted(behaviour: Behaviour) -> None:
    def carry_out(inner: Callable[[Task], None], task: Task) -> None:
        with behaviour.store.lock:
            device = behaviour.store.devices[task.device_id]
            device.commands = [command for command in device.commands if command.status not in FINISHED]
            inner(task)

    wrap(behaviour, "revocation.carry_out", carry_out)


def _revoked_come_back(behaviour: Behaviour) -> None:
    def carry_out(inner: Callable[[Task], None], task: Task) -> None:
        listed = {command.command_id for command in task.commands}
        with behaviour.store.lock:
            for command in behaviour.store.devices[task.device_id].commands:
                if command.status == CANCELED and command.command_id not in listed:
                    command.status = PENDING
            inner(task)

    wrap(behaviour, "revocation.carry_out", carry_out)


def _later_again(change: Callable[[Behaviour, Task], None]) -> Edit:
    """Do something to a task's commands a second after it was carried out."""

    def edit(behaviour: Behaviour) -> None:
        def carry_out(inner: Callable[[Task], None], task: Task) -> None:
            inner(task)
            behaviour.timers.later(_LATER, lambda: change(behaviour, task))

        wrap(behaviour, "revocation.carry_out", carry_out)

    return edit


def _undone(behaviour: Behaviour, task: Task) -> None:
    with behaviour.store.lock:
        for command in task.commands:
            command.status = PENDING


def _tidied_up(behaviour: Behaviour, task: Task) -> None:
    with behaviour.store.lock:
        device = behaviour.store.devices[task.device_id]
        device.commands = [command for command in device.commands if command not in task.commands]


def _neighbour(behaviour: Behaviour) -> None:
    # The commands of the device that was registered next are revoked too.
    def carry_out(inner: Callable[[Task], None], task: Task) -> None:
        inner(task)
        with behaviour.store.lock:
            ids = list(behaviour.store.devices)
            for device_id in ids[ids.index(task.device_id) + 1 :][:1]:
                for command in behaviour.store.devices[device_id].commands:
                    behaviour.revocation.revoke(command)

    wrap(behaviour, "revocation.carry_out", carry_out)


def _newest_only(behaviour: Behaviour) -> None:
    # Tasks are carried out a moment later, by a worker that looks up what the newest one is then.
    wrap(behaviour, "revocation.delay", lambda _inner, _task: 0.15)
    wrap(behaviour, "revocation.carry_out", lambda inner, _task: inner(behaviour.store.tasks[-1]))


def taken_despite(code: str) -> Edit:
    """Have a refused call claim the pending commands of the device that it names, so that no later task gets them."""

    def edit(behaviour: Behaviour) -> None:
        def refuse(inner: Callable[[Request, Error], Answer], request: Request, error: Error) -> Answer:
            if error.code == code:
                text = request.body.decode("utf-8", "replace")
                with behaviour.store.lock:
                    for command in behaviour.store.all_commands():
                        if command.device_id in text:
                            command.task_id = command.task_id or "a task that never was"
            return inner(request, error)

        wrap(behaviour, "answers.refused", refuse)

    return edit


def remembered_despite(code: str) -> Edit:
    """Have a refused call revoke what is pending for the device of the call before it, of which something is left."""

    def edit(behaviour: Behaviour) -> None:
        def refuse(inner: Callable[[Request, Error], Answer], request: Request, error: Error) -> Answer:
            with behaviour.store.lock:
                if error.code == code and behaviour.store.tasks:
                    for command in behaviour.store.devices[behaviour.store.tasks[-1].device_id].commands:
                        behaviour.revocation.revoke(command)
            return inner(request, error)

        wrap(behaviour, "answers.refused", refuse)

    return edit


def nothing_after(code: str) -> Edit:
    """Have the first call after a refused one list its commands, and revoke none."""

    def edit(behaviour: Behaviour) -> None:
        refused: list[str] = []

        def refuse(inner: Callable[[Request, Error], Answer], request: Request, error: Error) -> Answer:
            refused[:] = [error.code]
            return inner(request, error)

        def carry_out(inner: Callable[[Task], None], task: Task) -> None:
            if refused != [code]:
                inner(task)
            refused.clear()

        wrap(behaviour, "answers.refused", refuse)
        wrap(behaviour, "revocation.carry_out", carry_out)

    return edit


def _other_device_instead(behaviour: Behaviour) -> None:
    # The commands of the application's next device are revoked in place of those of the device named.
    def carry_out(_inner: Callable[[Task], None], task: Task) -> None:
        with behaviour.store.lock:
            for command in behaviour.store.all_commands():
                if command.app_id == task.app_id and command.device_id != task.device_id:
                    behaviour.revocation.revoke(command)

    wrap(behaviour, "revocation.carry_out", carry_out)


def ends_as(status: str) -> Edit:
    """Give revoked commands another status than CANCELED."""

    def revoke(_inner: object, command: Command) -> None:
        if command.status == PENDING:
            command.status = status

    return around("revocation.revoke", revoke)


def _fails_halfway(behaviour: Behaviour) -> None:
    # Where there are many commands, the call fails when half of them are cancelled.
    def accept(inner: Callable[[Call], Answer], call: Call) -> Answer:
        commands = behaviour.revocation.select(call.device)
        if len(commands) > _FEW:
            for command in commands[: len(commands) // 2]:
                behaviour.revocation.revoke(command)
            raise Refusal(INTERNAL_ERROR)
        return inner(call)

    wrap(behaviour, "accept", accept)


def _answered_from_memory(behaviour: Behaviour) -> None:
    # Whoever asks again is given the answer that there was the first time, and nothing else is done.
    answers: dict[str, Answer] = {}

    def accept(inner: Callable[[Call], Answer], call: Call) -> Answer:
        if call.device_id not in answers:
            answers[call.device_id] = inner(call)
        return answers[call.device_id]

    wrap(behaviour, "accept", accept)


def crowded(react: Callable[[Behaviour, str], None]) -> Edit:
    """React to a call that arrives while another for the same device is under way; calls take a little longer."""

    def edit(behaviour: Behaviour) -> None:
        inside: list[bytes] = []
        guard = threading.Lock()

        def accept(inner: Callable[[Call], Answer], call: Call) -> Answer:
            body = call.request.body
            with guard:
                inside.append(body)
                crowd = inside.count(body) > 1
            try:
                if crowd:
                    react(behaviour, call.device_id)
                time.sleep(0.05)
                return inner(call)
            finally:
                with guard:
                    inside.remove(body)

        wrap(behaviour, "accept", accept)

    return edit


def _crowd_crashes(_behaviour: Behaviour, _device_id: str) -> None:
    raise Refusal(INTERNAL_ERROR)


def _crowd_claims_all(behaviour: Behaviour, device_id: str) -> None:
    # Each of the two calls thinks that the other has the commands.
    for command in behaviour.store.devices[device_id].commands:
        command.task_id = command.task_id or "another"


def _crowd_lists_twice(behaviour: Behaviour, device_id: str) -> None:
    # What both calls put into the list stands there twice, and no more often than that when there are many calls.
    def select(inner: Callable[[Device], list[Command]], device: Device) -> list[Command]:
        found = inner(device)
        once = len({command.command_id for command in found}) == len(found)
        return found * (1 + (once and device.device_id == device_id))

    wrap(behaviour, "revocation.select", select)


FAULTS = (
    # ---- too much
    Fault(
        "revokes-delivered",
        "keep-delivered",
        "Delivered commands of the device are cancelled too.",
        revokes_also(lambda command, task: command.device_id == task.device_id and command.status == "DELIVERED"),
    ),
    Fault(
        "revokes-finished",
        "keep-finished",
        "Successful commands of the device are cancelled too.",
        revokes_also(lambda command, task: command.device_id == task.device_id and command.status == "SUCCESSFUL"),
    ),
    Fault(
        "revokes-failed",
        "keep-finished",
        "Failed and timed out commands of the device are cancelled too.",
        revokes_also(
            lambda command, task: command.device_id == task.device_id and command.status in {"FAILED", "TIMEOUT"}
        ),
    ),
    Fault(
        "revokes-expired",
        "keep-finished",
        "Expired commands of the device are cancelled too.",
        revokes_also(lambda command, task: command.device_id == task.device_id and command.status == "EXPIRED"),
    ),
    Fault(
        "deletes-finished",
        "keep-finished",
        "Finished commands of the device are deleted.",
        _finished_deleted,
    ),
    Fault(
        "revoked-come-back",
        "keep-finished",
        "Commands that earlier calls revoked become pending again.",
        _revoked_come_back,
    ),
    Fault(
        "revokes-other-devices",
        "keep-other-devices",
        "Pending commands of the application's other devices are cancelled too.",
        revokes_also(lambda c, task: c.device_id != task.device_id and c.app_id == task.app_id and c.status == PENDING),
    ),
    Fault(
        "revokes-elsewhere",
        "keep-other-devices",
        "Pending commands of the other devices are cancelled instead of those of the device named.",
        _other_device_instead,
    ),
    # ---- too little
    Fault(
        "revokes-first-ten",
        "revoke-all-pending",
        "Only the first ten commands listed are cancelled.",
        revokes_only(lambda commands: commands[:10]),
    ),
    Fault(
        "revokes-first-hundred",
        "revoke-all-pending",
        "Only the first hundred commands listed are cancelled.",
        revokes_only(lambda commands: commands[:100]),
    ),
    Fault(
        "revokes-all-but-last",
        "revoke-all-pending",
        "The last command listed isn't cancelled.",
        revokes_only(lambda commands: commands[:-1]),
    ),
    Fault("revokes-nothing", "revoke-all-pending", "Nothing is ever cancelled.", revokes_only(lambda _commands: [])),
    Fault(
        "revokes-every-other",
        "revoke-all-pending",
        "Only every other command listed is cancelled.",
        revokes_only(lambda commands: commands[::2]),
    ),
    Fault(
        "revokes-only-newest",
        "revoke-all-pending",
        "Only the newest command listed is cancelled.",
        revokes_only(lambda commands: commands[:1]),
    ),
    Fault(
        "selects-first-ten",
        "revoke-all-pending",
        "Only the ten newest commands are listed and cancelled.",
        selects_only(lambda commands: commands[:10]),
    ),
    Fault(
        "selects-oldest",
        "revoke-all-pending",
        "Only the oldest command is listed and cancelled.",
        selects_only(lambda commands: commands[-1:]),
    ),
    Fault(
        "revokes-never-runs",
        "revoke-all-pending",
        "Tasks stay RUNNING for ever.",
        instead("revocation.carry_out", None),
    ),
    # ---- otherwise
    Fault(
        "ends-as-expired",
        "revoke-all-pending",
        "Revoked commands become EXPIRED.",
        ends_as("EXPIRED"),
    ),
    Fault(
        "ends-as-failed",
        "revoke-all-pending",
        "Revoked commands become FAILED.",
        ends_as("FAILED"),
    ),
    Fault("deletes-revoked", "revoke-keeps-record", "Revoked commands are deleted.", _deleted),
    Fault("deletes-all", "revoke-keeps-record", "All commands of the device are deleted.", _all_deleted),
    Fault(
        "revokes-neighbour",
        "keep-other-devices",
        "The commands of the device that was registered next are cancelled too.",
        _neighbour,
    ),
    # ---- at another time
    Fault(
        "undone-later",
        "revoke-all-pending",
        "Revoked commands become pending again a second later.",
        _later_again(_undone),
    ),
    Fault(
        "deleted-later",
        "revoke-keeps-record",
        "Revoked commands are deleted a second later.",
        _later_again(_tidied_up),
    ),
    Fault(
        "newest-task-only",
        "revoke-all-pending",
        "Of two successive tasks, only the second is carried out.",
        _newest_only,
    ),
    Fault(
        "revokes-what-is-queued-later",
        "later-commands-stay",
        "Commands queued after a call are cancelled at once.",
        _standing_order(0),
    ),
    Fault(
        "revokes-what-is-queued-later-after-a-second",
        "later-commands-stay",
        "Commands queued after a call are cancelled a second later.",
        _standing_order(_LATER),
    ),
    Fault(
        "selects-when-carried-out",
        "later-commands-stay",
        "The task is carried out half a second later, and revokes whatever is pending then.",
        _late_selection,
    ),
    Fault(
        "one-task-for-each-device",
        "later-commands-revoked-next",
        "A device's later tasks find nothing, even if commands were queued since.",
        _once_only,
    ),
    Fault(
        "later-tasks-list-only",
        "later-commands-revoked-next",
        "A device's later tasks list what is pending, but revoke nothing.",
        _later_listed_only,
    ),
    Fault(
        "second-task-undoes-first",
        "keep-finished",
        "A device's second task makes the commands of the first pending again.",
        _uncancelled,
    ),
    # ---- under concurrency
    Fault(
        "concurrent-call-crashes",
        "concurrent-calls",
        "The second of two simultaneous calls for one device fails with an internal error.",
        crowded(_crowd_crashes),
    ),
    Fault(
        "concurrent-calls-lose-commands",
        "concurrent-calls",
        "Two simultaneous calls for one device revoke nothing.",
        crowded(_crowd_claims_all),
    ),
    Fault(
        "concurrent-calls-list-twice",
        "concurrent-calls",
        "One of two simultaneous calls for one device lists every command twice.",
        crowded(_crowd_lists_twice),
    ),
    Fault(
        "fails-halfway",
        "call-accepted",
        "If more than ten commands are pending, the call fails with an internal error after cancelling half of them.",
        _fails_halfway,
    ),
    Fault(
        "answered-from-memory",
        "second-call-empty",
        "A second call for a device gets the first call's answer, and does nothing.",
        _answered_from_memory,
    ),
    Fault(
        "revoked-as-expired-and-listed-so",
        "revoke-all-pending",
        "Revoked commands become EXPIRED instead of CANCELED, and are listed as EXPIRED.",
        together(ends_as("EXPIRED"), around("answers.command", lambda inner, one: {**inner(one), "status": "EXPIRED"})),
    ),
    # ---- although refused
    Fault(
        "revokes-despite-longer-device",
        "no-effect-device",
        "A call refused for an unknown device revokes the commands of a device whose id is part of the unknown one.",
        despite("100418", own=True),
    ),
    *(
        Fault(
            f"revokes-despite-{name}{when}",
            requirement,
            f"A call refused for {what} revokes the device's commands {moment}.",
            despite(code, seconds),
        )
        for code, name, requirement, what in (
            ("1010005", "credentials", "no-effect-credentials", "its credentials"),
            ("100220", "missing-app-key", "no-effect-credentials", "its missing app_key"),
            ("100203", "unknown-application", "no-effect-application", "an unknown application"),
            ("100217", "unauthorized-application", "no-effect-application", "an unauthorised application"),
            ("100022", "input", "no-effect-input", "its input"),
            ("100418", "foreign-device", "keep-foreign-device", "another application's device"),
            ("1010009", "flow-control", "no-effect-flow-control", "flow control"),
            ("100501", "congestion", "no-effect-congestion", "congestion"),
        )
        for when, moment, seconds in (("", "at once", 0.0), ("-later", "a second later", _LATER))
    ),
    *(
        Fault(
            f"taken-despite-{name}",
            requirement,
            f"A call refused for {what} keeps the device's pending commands from ever being revoked.",
            taken_despite(code),
        )
        for code, name, requirement, what in (
            ("1010005", "credentials", "no-effect-credentials", "its credentials"),
            ("100203", "unknown-application", "no-effect-application", "an unknown application"),
            ("100022", "input", "no-effect-input", "its input"),
            ("1010009", "flow-control", "no-effect-flow-control", "flow control"),
            ("100501", "congestion", "no-effect-congestion", "congestion"),
        )
    ),
    *(
        Fault(
            f"remembered-despite-{name}",
            requirement,
            f"A call refused for {what} revokes what has been queued since for the previous call's device.",
            remembered_despite(code),
        )
        for code, name, requirement, what in (
            ("1010005", "credentials", "no-effect-credentials", "its credentials"),
            ("100203", "unknown-application", "no-effect-application", "an unknown application"),
            ("100022", "input", "no-effect-input", "its input"),
            ("100418", "unknown-device", "no-effect-device", "an unknown device"),
        )
    ),
    *(
        Fault(
            f"nothing-after-{name}",
            "revoke-all-pending",
            f"The first call after one that was refused for {what} lists the pending commands, but revokes none.",
            nothing_after(code),
        )
        for code, name, what in (
            ("1010005", "credentials", "its credentials"),
            ("100217", "unauthorized-application", "an unauthorised application"),
            ("100022", "input", "its input"),
            ("100418", "unknown-device", "an unknown device"),
        )
    ),
    Fault(
        "revokes-whole-pages",
        "revoke-all-pending",
        "Of more than fifty commands, only full batches of fifty are revoked.",
        revokes_only(lambda commands: commands if len(commands) <= 50 else commands[: len(commands) // 50 * 50]),  # noqa: PLR2004 (a batch)
    ),
    Fault(
        "revokes-failed-in-bulk",
        "keep-finished",
        "Where more than a hundred commands are pending, those that failed, timed out or expired are revoked as well.",
        _unsuccessful_cancelled(lambda b, call: len(b.revocation.select(call.device)) > 100),  # noqa: PLR2004 (a bulk)
    ),
    Fault(
        "revokes-failed-by-app-id",
        "keep-finished",
        "A call with the own appId also revokes commands that failed, timed out or expired.",
        _unsuccessful_cancelled(lambda _b, call: call.request.parameter("appId") == call.caller.app_id),
    ),
    Fault(
        "revokes-failed-the-second-time",
        "keep-finished",
        "The second call for a device also revokes commands that failed, timed out or expired.",
        _unsuccessful_cancelled(lambda b, call: any(one.device_id == call.device_id for one in b.store.tasks)),
    ),
    Fault(
        "device-locked-by-credentials",
        "no-effect-credentials",
        "A device that three calls with wrong credentials named isn't revoked any more.",
        _locked,
    ),
    Fault(
        "task-stops-at-delivered",
        "revoke-all-pending",
        "A task ends at a command that was delivered before it was carried out.",
        _stops_at_delivered,
    ),
)
