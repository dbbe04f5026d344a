"""The other calls of the same API: log in, queue, query and modify commands, query tasks, register and remove devices.

They check credentials as the call itself does, always correctly: faults and variants edit another object.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs

from conformance.reference import documents, structures
from conformance.reference.behaviour import PATH, Behaviour
from conformance.reference.call import Call
from conformance.reference.errors import (
    INVALID_CREDENTIALS,
    INVALID_INPUT,
    OTHER_METHOD,
    UNKNOWN_APPLICATION,
    UNKNOWN_DEVICE,
    UNKNOWN_PATH,
    Refusal,
)
from conformance.reference.messages import Answer, Request, Transmission
from conformance.reference.store import CANCELED, PENDING, Device, Information, Store
from conformance.reference.timers import Timers

API = "/iocm/app"
LOG_IN = f"{API}/sec/v1.1.0/login"
_LARGEST_PAGE = 1000
LARGEST_PARAS = 4096


class Siblings:
    """Answers every path of the API but POST on the path of the call."""

    def __init__(self, store: Store, timers: Timers) -> None:
        self.store = store
        self.correct = Behaviour(store, timers)

    # ---- the whole -----------------------------------------------------------------------------------------------

    def exchange(self, request: Request) -> Transmission:
        """The answer to a request, in the parts it is sent in."""
        return self.transmit(request, self.correct.answers.answer(request, self.handle))

    def transmit(self, request: Request, answer: Answer) -> Transmission:
        """The bytes of an answer."""
        return self.correct.wire.transmit(request, answer)

    def handle(self, request: Request) -> Answer:
        """Find the call by path and method, check it and carry it out; raises Refusal."""
        paths: dict[str, dict[str, Callable[..., Answer]]] = {
            LOG_IN.removeprefix(API): {"POST": self.log_in},
            "/cmd/v1.4.0/deviceCommands": {"POST": self.queue_command, "GET": self.list_commands},
            "/cmd/v1.4.0/deviceCommands/([^/]+)": {"PUT": self.modify_command},
            PATH.removeprefix(API): {"GET": self.list_tasks},
            "/reg/v1.1.0/(?:deviceCredentials|devices)": {"POST": self.register_device},
            "/dm/v1.4.0/devices/([^/]+)": {"DELETE": self.remove_device},
        }
        for pattern, methods in paths.items():
            match = re.fullmatch(API + pattern, request.path)
            if match:
                if request.method not in methods:
                    raise Refusal(OTHER_METHOD)
                call = Call(request)
                for name in ("flow_control", "congestion", "internal_error"):
                    self._check(name, call)
                try:
                    return methods[request.method](call, *match.groups())
                except ValueError as error:
                    raise Refusal(INVALID_INPUT) from error
        raise Refusal(UNKNOWN_PATH)

    # ---- the calls -----------------------------------------------------------------------------------------------

    def log_in(self, call: Call) -> Answer:
        """A new token for the application; its earlier ones end."""
        form = parse_qs(call.request.body.decode())
        application = self.store.applications.get(form.get("appId", [""])[0])
        if application is None:
            raise Refusal(UNKNOWN_APPLICATION)
        if form.get("secret") != [application.secret]:
            raise Refusal(INVALID_CREDENTIALS)
        token = self.store.issue_token(application)
        return self._answer(
            200,
            {
                "accessToken": token.text,
                "tokenType": "bearer",
                "refreshToken": token.text[::-1],
                "expiresIn": int(self.store.token_lifetime),
                "scope": "default",
            },
        )

    def queue_command(self, call: Call) -> Answer:
        """One more command for a device; it is answered as just accepted, and pending from then on."""
        self._check_caller(call)
        body = documents.read_object(call.request.body)
        device = self._device(call, self.correct.reading.device_id(body))
        information = body.get("command")
        if not isinstance(information, dict):
            raise documents.InputError("command")
        paras = information.get("paras", {})
        if not isinstance(paras, dict) or len(documents.write(paras)) > LARGEST_PARAS:
            raise documents.InputError("paras")
        expire_time = _integer(body, "expireTime", None)
        callback_url = body.get("callbackUrl")
        if callback_url is not None:
            callback_url = _text(body, "callbackUrl", 1024)
        command = replace(
            # Nothing is kept for a command that is to be delivered at once, and the device is offline.
            self.store.new_command(device, "FAILED" if expire_time == 0 else PENDING),
            information=Information(_text(information, "serviceId", 64), _text(information, "method", 128), paras),
            callback_url=callback_url,
            expire_time=expire_time,
            max_retransmit=_integer(body, "maxRetransmit", 3),
        )
        self.store.queue(device, command)
        return self._answer(201, {**structures.device_command(command), "status": "DEFAULT"})

    def list_commands(self, call: Call) -> Answer:
        """A page of the application's commands, the newest first."""
        self._check_caller(call)
        request = call.request
        chosen = [
            structures.device_command(command)
            for command in reversed(self.store.all_commands())
            if command.app_id == call.owner.app_id
            and command.device_id == _either(request, "deviceId", command.device_id)
        ]
        start, end = request.parameter("startTime") or "", request.parameter("endTime") or "99"
        return self._page(request, [one for one in chosen if start <= str(one["creationTime"]) <= end])

    def modify_command(self, call: Call, command_id: str) -> Answer:
        """Cancel one command, if it is pending."""
        self._check_caller(call)
        if documents.read_object(call.request.body).get("status") != CANCELED:
            raise documents.InputError("status")
        with self.store.lock:
            for command in self.store.all_commands():
                if (command.command_id, command.app_id) == (command_id, call.owner.app_id):
                    if command.status != PENDING:
                        raise documents.InputError("not pending")
                    command.status = CANCELED
                    return self._answer(200, structures.device_command(command))
        raise documents.InputError("commandId")

    def list_tasks(self, call: Call) -> Answer:
        """A page of the application's revocation tasks, the newest first."""
        self._check_caller(call)
        request = call.request
        with self.store.lock:
            chosen = [
                structures.revocation_task(task)
                for task in reversed(self.store.tasks)
                if task.app_id == call.owner.app_id
                and task.task_id == _either(request, "taskId", task.task_id)
                and task.device_id == _either(request, "deviceId", task.device_id)
                and task.status == _either(request, "status", task.status)
            ]
        return self._page(request, chosen)

    def register_device(self, call: Call) -> Answer:
        """A new device, which never comes online."""
        self._check_caller(call)
        body = documents.read_object(call.request.body)
        code = _text(body, "nodeId", 256)
        device = self.store.register(call.owner)
        timeout = _integer(body, "timeout", None)
        return self._answer(
            200,
            {
                "deviceId": device.device_id,
                "verifyCode": body.get("verifyCode", code),
                "timeout": 180 if timeout is None else timeout,
                "psk": device.device_id.replace("-", ""),
            },
        )

    def remove_device(self, call: Call, device_id: str) -> Answer:
        """The device and its commands are gone."""
        self._check_caller(call)
        with self.store.lock:
            del self.store.devices[self._device(call, device_id).device_id]
        return Answer(204, headers=())

    # ---- what they share -----------------------------------------------------------------------------------------

    def _check_caller(self, call: Call) -> None:
        for name in ("app_key", "credentials", "application"):
            self._check(name, call)

    def _check(self, name: str, call: Call) -> None:
        getattr(self.correct, f"check_{name}")(call)

    def _device(self, call: Call, device_id: str) -> Device:
        device = self.correct.access.find_device(call.owner, device_id)
        if device is None:
            raise Refusal(UNKNOWN_DEVICE)
        return device

    def _answer(self, status: int, members: structures.Members) -> Answer:
        return Answer(status, self.correct.answers.encode(members))

    def _page(self, request: Request, chosen: list[structures.Members]) -> Answer:
        number = int(request.parameter("pageNo") or 0)
        size = int(request.parameter("pageSize") or _LARGEST_PAGE)
        if number < 0 or not 1 <= size <= _LARGEST_PAGE:
            raise documents.InputError("page")
        pagination = {"pageNo": number, "pageSize": size, "totalSize": len(chosen)}
        return self._answer(200, {"pagination": pagination, "data": chosen[number * size : (number + 1) * size]})


def _either(request: Request, name: str, otherwise: str) -> str:
    """The query parameter, or what leaves everything in when it isn't given."""
    return request.parameter(name) or otherwise


def _text(members: dict[str, object], name: str, longest: int) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= longest:
        raise documents.InputError(name)
    return value


def _integer(members: dict[str, object], name: str, largest: int | None) -> int | None:
    value = members.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0 or (largest is not None and value > largest):
        raise documents.InputError(name)
    return value
