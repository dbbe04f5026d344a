"""Response Parameters and Error Codes: what a call is answered."""

from __future__ import annotations

import logging
from collections.abc import Callable

from conformance.reference import documents, structures
from conformance.reference.errors import INTERNAL_ERROR, OTHER_METHOD, Error, Refusal
from conformance.reference.messages import Answer, Request
from conformance.reference.store import Command, Task
from conformance.reference.structures import Members

log = logging.getLogger(__name__)


class Answers:
    """Writes answers."""

    def answer(self, request: Request, handle: Callable[[Request], Answer]) -> Answer:
        """What HANDLE answers the request, or the error that stands for its exception."""
        try:
            return handle(request)
        except Refusal as refusal:
            return self.refused(request, refusal.error)
        except Exception:
            log.exception("%s %s failed inside", request.method, request.path)
            return self.refused(request, INTERNAL_ERROR)

    def accepted(self, members: Members) -> Answer:
        """201 with the task."""
        return Answer(201, self.encode(members))

    def task(self, task: Task) -> Members:
        """The members of the task."""
        commands = [self.command(command) for command in task.commands]
        return {**structures.revocation_task(task), "deviceCommands": commands}

    def command(self, command: Command) -> Members:
        """The members of one command."""
        return {**structures.device_command(command), "command": self.information(command)}

    def information(self, command: Command) -> Members:
        """The members of a command's information."""
        return structures.command_information(command)

    def encode(self, value: object) -> bytes:
        """JSON."""
        return documents.write(value)

    def refused(self, _request: Request, error: Error) -> Answer:
        """The answer to a call that isn't carried out."""
        answer = Answer(self.error_status(error), self.encode(self.error(error)))
        if error is OTHER_METHOD:
            return Answer(answer.status, answer.body, (*answer.headers, ("Allow", "GET, POST")))
        return answer

    def error_status(self, error: Error) -> int:
        """HTTP Status Code."""
        return error.status

    def error(self, error: Error) -> Members:
        """The error's envelope: the service's, or the gateway's."""
        if error.gateway:
            return {"resultcode": error.code, "resultmsg": error.description}
        return {"error_code": error.code, "error_desc": error.description}
