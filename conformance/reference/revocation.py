"""API Function: the revocation of a device's commands by a task."""

from __future__ import annotations

import uuid

from conformance.reference.call import Call
from conformance.reference.store import CANCELED, PENDING, Command, Device, Store, Task
from conformance.reference.timers import Timers


class Revocation:
    """Makes tasks and carries them out."""

    def __init__(self, store: Store, timers: Timers) -> None:
        self.store = store
        self.timers = timers

    def create_task(self, call: Call) -> Task:
        """A task over the commands that are pending now; it claims them, so that no other task takes them too."""
        task = Task(self.new_task_id(), call.owner.app_id, call.device.device_id, self.select(call.device))
        for command in task.commands:
            command.task_id = task.task_id
        self.store.keep_task(task)
        return task

    def new_task_id(self) -> str:
        """A fresh taskId."""
        return uuid.uuid4().hex

    def select(self, device: Device) -> list[Command]:
        """The commands that the task revokes, the newest first."""
        return [command for command in reversed(device.commands) if self.to_be_revoked(command)]

    def to_be_revoked(self, command: Command) -> bool:
        """Whether the command is undelivered and in no task yet."""
        return command.status == PENDING and command.task_id is None

    def schedule(self, task: Task) -> None:
        """Have the task carried out: before the answer has left, in truth."""
        self.timers.later(self.delay(task), lambda: self.carry_out(task))

    def delay(self, _task: Task) -> float:
        """Seconds until the task is carried out."""
        return 0

    def carry_out(self, task: Task) -> None:
        """Revoke the task's commands."""
        with self.store.lock:
            for command in task.commands:
                self.revoke(command)
            task.status = self.final_status(task)

    def revoke(self, command: Command) -> None:
        """Cancel one command, unless it has meanwhile been cancelled otherwise."""
        if command.status == PENDING:
            command.status = CANCELED

    def final_status(self, _task: Task) -> str:
        """The status of the task once it has been carried out."""
        return "SUCCESS"
