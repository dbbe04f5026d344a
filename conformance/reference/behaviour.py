"""The call itself, in small steps, each of which a fault or a variant can edit.

The steps are looked up on the object at every use, so that `edits.wrap` can put an edit around one of them.
"""

from __future__ import annotations

import http
import logging
import uuid
from dataclasses import dataclass, field

from conformance.reference import documents, structures
from conformance.reference.errors import (
    CONGESTION,
    FLOW_CONTROL,
    INTERNAL_ERROR,
    INVALID_CREDENTIALS,
    INVALID_INPUT,
    NO_APP_KEY,
    OTHER_METHOD,
    UNAUTHORIZED_APPLICATION,
    UNKNOWN_APPLICATION,
    UNKNOWN_DEVICE,
    Error,
    Refusal,
)
from conformance.reference.messages import Answer, Request, Transmission
from conformance.reference.store import CANCELED, PENDING, Application, Command, Device, Store, Task
from conformance.reference.structures import Members
from conformance.reference.timers import Timers

LONGEST_ID = 64
PATH = "/iocm/app/cmd/v1.4.0/deviceCommandCancelTasks"

log = logging.getLogger(__name__)


@dataclass
class Call:
    """What has been found out about one call; each check fills in its part."""

    request: Request
    app_key: str = ""
    device_id: str = ""
    caller: Application = field(init=False)
    owner: Application = field(init=False)
    device: Device = field(init=False)


class Behaviour:
    """How POST on the path of the call behaves. Correct as it stands."""

    def __init__(self, store: Store, timers: Timers) -> None:
        self.store = store
        self.timers = timers
        # The checks in their order, by name; each is the method check_<name>.
        self.order: tuple[str, ...] = (
            "flow_control",
            "congestion",
            "internal_error",
            "app_key",
            "credentials",
            "body",
            "application",
            "device",
        )

    # ---- the whole -----------------------------------------------------------------------------------------------

    def exchange(self, request: Request) -> Transmission:
        """The answer to a request, in the parts it is sent in."""
        return self.transmit(request, self.respond(request))

    def respond(self, request: Request) -> Answer:
        """The answer to a request, whatever happens on the way."""
        try:
            return self.handle(request)
        except Refusal as refusal:
            return self.refuse(request, refusal.error)
        except Exception:
            log.exception("%s %s failed inside", request.method, request.path)
            return self.refuse(request, INTERNAL_ERROR)

    def handle(self, request: Request) -> Answer:
        """Check the call and carry it out; raises Refusal."""
        if not self.creates_task(request.method):
            raise Refusal(OTHER_METHOD)
        call = Call(request)
        for name in self.order:
            getattr(self, f"check_{name}")(call)
        return self.accept(call)

    def creates_task(self, method: str) -> bool:
        """Whether the method is the one of the call."""
        return method == "POST"

    # ---- Error Codes: the states of the platform -----------------------------------------------------------------

    def check_flow_control(self, call: Call) -> None:
        """403 1010009."""
        if not self.within_allowance(call.request):
            raise Refusal(FLOW_CONTROL)

    def within_allowance(self, request: Request) -> bool:
        """Count the call; False when it is over the threshold."""
        # Calls that name no application share one count, so that made-up names can't fill the memory.
        app_key = request.header("app_key") or ""
        with self.store.lock:
            key = app_key if app_key in self.store.applications else ""
            return self.store.flow.admit(key, self.threshold(), self.store.clock())

    def threshold(self) -> int:
        """Calls a minute that are admitted; 0: no flow control."""
        return self.store.flow.threshold

    def check_congestion(self, _call: Call) -> None:
        """503 100501."""
        if self.store.congested:
            raise Refusal(CONGESTION)

    def check_internal_error(self, _call: Call) -> None:
        """500 100001."""
        if self.store.failing:
            raise Refusal(INTERNAL_ERROR)

    # ---- Request Parameters: app_key, Authorization --------------------------------------------------------------

    def check_app_key(self, call: Call) -> None:
        """500 100220."""
        call.app_key = self.read_app_key(call.request) or ""
        if not call.app_key:
            raise Refusal(NO_APP_KEY)

    def read_app_key(self, request: Request) -> str | None:
        """The app_key as the request carries it."""
        return request.header("app_key")

    def check_credentials(self, call: Call) -> None:
        """403 1010005."""
        application = self.find_caller(call)
        token = self.read_token(call.request)
        if application is None or token is None:
            raise Refusal(INVALID_CREDENTIALS)
        with self.store.lock:
            accepted = self.accepted_tokens(application)
        if not any(self.same_token(token, one) for one in accepted):
            raise Refusal(INVALID_CREDENTIALS)
        call.caller = application

    def find_caller(self, call: Call) -> Application | None:
        """The application that the app_key names."""
        return self.store.applications.get(call.app_key)

    def read_token(self, request: Request) -> str | None:
        """The access token; None when the header is missing or isn't of the form "Bearer {accessToken}"."""
        return self.parse_authorization(request.header("authorization"))

    def parse_authorization(self, value: str | None) -> str | None:
        """The token of an Authorization header."""
        scheme, space, token = (value or "").partition(" ")
        return token if scheme == "Bearer" and space and token else None

    def accepted_tokens(self, application: Application) -> list[str]:
        """The newest token of the application, unless it has expired."""
        newest = application.tokens[-1]
        expired = newest.expires is not None and newest.expires <= self.store.clock()
        return [] if expired else [newest.text]

    def same_token(self, presented: str, issued: str) -> bool:
        """Whether the token presented is the one issued."""
        return presented == issued

    # ---- Request Parameters: deviceId in the body ----------------------------------------------------------------

    def check_body(self, call: Call) -> None:
        """400 100022."""
        try:
            call.device_id = self.read_device_id(self.read_json(call.request))
        except ValueError as error:
            raise Refusal(INVALID_INPUT) from error

    def read_json(self, request: Request) -> object:
        """The JSON value of the body; raises ValueError."""
        return documents.read(request.body)

    def read_device_id(self, body: object) -> str:
        """deviceId, a string of 1 to 64 characters; raises ValueError."""
        if not isinstance(body, dict):
            raise documents.InputError("not an object")
        device_id = body.get("deviceId")
        if not isinstance(device_id, str) or not self.good_length(device_id):
            raise documents.InputError("deviceId")
        return device_id

    def good_length(self, device_id: str) -> bool:
        """String(1-64)."""
        return 1 <= len(device_id) <= LONGEST_ID

    # ---- Request Parameters: appId in the query, and whose device it is ------------------------------------------

    def check_application(self, call: Call) -> None:
        """100203, 100217."""
        call.owner = self.find_owner(call.caller, call.request.parameter("appId"))

    def find_owner(self, caller: Application, app_id: str | None) -> Application:
        """The application that the call is made for: the caller, or the one named; raises Refusal."""
        if app_id is None or app_id == caller.app_id:
            return caller
        owner = self.store.applications.get(app_id)
        if owner is None:
            raise Refusal(UNKNOWN_APPLICATION)
        if caller.app_id not in owner.authorised:
            raise Refusal(UNAUTHORIZED_APPLICATION)
        return owner

    def check_device(self, call: Call) -> None:
        """200 100418."""
        device = self.find_device(call.owner, call.device_id)
        if device is None:
            raise Refusal(UNKNOWN_DEVICE)
        call.device = device

    def find_device(self, owner: Application, device_id: str) -> Device | None:
        """The application's device of that id."""
        device = self.store.devices.get(device_id)
        return device if device is not None and device.app_id == owner.app_id else None

    # ---- API Function: the revocation ----------------------------------------------------------------------------

    def accept(self, call: Call) -> Answer:
        """Make the task, carry it out, and answer with it as it was made."""
        with self.store.lock:
            task = self.create_task(call)
            members = self.render_task(task)
        self.schedule(task)
        return self.accepted(members)

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

    # ---- Response Parameters -------------------------------------------------------------------------------------

    def accepted(self, members: Members) -> Answer:
        """201 with the task."""
        return Answer(201, self.encode(members))

    def render_task(self, task: Task) -> Members:
        """The members of the task."""
        commands = [self.render_command(command) for command in task.commands]
        return {**structures.revocation_task(task), "deviceCommands": commands}

    def render_command(self, command: Command) -> Members:
        """The members of one command."""
        return {**structures.device_command(command), "command": self.render_information(command)}

    def render_information(self, command: Command) -> Members:
        """The members of a command's information."""
        return structures.command_information(command)

    def encode(self, value: object) -> bytes:
        """JSON."""
        return documents.write(value)

    # ---- Error Codes ---------------------------------------------------------------------------------------------

    def refuse(self, _request: Request, error: Error) -> Answer:
        """The answer to a call that isn't carried out."""
        answer = Answer(self.error_status(error), self.encode(self.render_error(error)))
        if error is OTHER_METHOD:
            return Answer(answer.status, answer.body, (*answer.headers, ("Allow", "GET, POST")))
        return answer

    def error_status(self, error: Error) -> int:
        """HTTP Status Code."""
        return error.status

    def render_error(self, error: Error) -> Members:
        """The error's envelope: the service's, or the gateway's."""
        if error.gateway:
            return {"resultcode": error.code, "resultmsg": error.description}
        return {"error_code": error.code, "error_desc": error.description}

    # ---- Transport Protocol --------------------------------------------------------------------------------------

    def transmit(self, request: Request, answer: Answer) -> Transmission:
        """The bytes of the answer."""
        body = b"" if request.method == "HEAD" else answer.body
        yield self.frame(answer, body)

    def frame(self, answer: Answer, body: bytes) -> bytes:
        """Head and body."""
        return self.head(answer, self.framing(answer)) + body

    def framing(self, answer: Answer) -> tuple[tuple[str, str], ...]:
        """The headers that say where the body ends."""
        return () if answer.status == http.HTTPStatus.NO_CONTENT else (("Content-Length", str(len(answer.body))),)

    def head(self, answer: Answer, framing: tuple[tuple[str, str], ...]) -> bytes:
        """Status line and headers."""
        lines = [self.status_line(answer.status), *(f"{name}: {value}" for name, value in (*answer.headers, *framing))]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def status_line(self, status: int) -> str:
        """The first line of an answer."""
        known = status in http.HTTPStatus.__members__.values()
        return f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase if known else 'Unknown'}"
