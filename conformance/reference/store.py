"""What the platform holds: applications, their tokens and devices, commands and revocation tasks."""

from __future__ import annotations

import itertools
import secrets
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from conformance.reference.flow import SlidingMinute

PENDING = "PENDING"
CANCELED = "CANCELED"
DELIVERED = "DELIVERED"
# What a command can become other than by waiting or being revoked.
OTHER_STATUSES = frozenset({"SENT", DELIVERED, "SUCCESSFUL", "FAILED", "TIMEOUT", "EXPIRED", CANCELED})
FINISHED = frozenset({"SUCCESSFUL", "FAILED", "TIMEOUT", "EXPIRED", CANCELED})
# What commands are queued with, by turns, so that one command's values aren't another's.
_EXPIRE_TIMES = (None, 3600, 86_400, 172_800)
_MAX_RETRANSMITS = (3, None, 2, 1, 0)


_MOST_DEVICES, _MOST_COMMANDS, _MOST_TASKS, _MOST_TOKENS = 10_000, 50_000, 20_000, 1000
"""As many are kept; of devices, tasks and tokens the oldest go first. A run makes some hundred of each."""


class FullError(ValueError):
    """There is no room for what was to be kept."""


@dataclass(frozen=True)
class Token:
    """An access token and the time of its expiry by the store's clock; None: it doesn't expire."""

    text: str
    expires: float | None = None


@dataclass
class Application:
    """An application; `authorised` holds the ids of the applications that may act for it.

    `tokens` are all that were ever issued to it, the newest last: only that one is valid.
    """

    app_id: str = field(default_factory=lambda: secrets.token_hex(14))
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    authorised: set[str] = field(default_factory=set)
    tokens: list[Token] = field(default_factory=list)


@dataclass
class Device:
    """A registered device; it stays offline, so that its commands stay pending."""

    app_id: str
    device_id: str
    commands: list[Command] = field(default_factory=list)  # the oldest first


@dataclass
class Command:
    """A command for a device. `task_id` is the revocation task that has claimed it."""

    command_id: str
    app_id: str
    device_id: str
    status: str = PENDING
    service_id: str = "Switch"
    method: str = "SET_STATE"
    paras: dict[str, object] = field(default_factory=lambda: {"value": "12"})
    callback_url: str | None = "https://application.example/commands/status"
    expire_time: int | None = None
    max_retransmit: int | None = None
    created: float = field(default_factory=time.time)
    issued: float | None = None  # when it left the queue; None: it was made as one that has
    task_id: str | None = None


@dataclass
class Task:
    """A revocation task over the commands that were pending when it was made."""

    task_id: str
    app_id: str
    device_id: str
    commands: list[Command]
    status: str = "RUNNING"


class Store:
    """Everything held, behind one lock: whoever reads or changes more than one thing takes it.

    Four applications stand from the start: the caller's own; a partner's, which has authorised the caller; a
    stranger's, which has authorised the partner and nobody else; and a second one, which has nothing to do with the
    others.
    """

    def __init__(
        self,
        *,
        calls_per_minute: int = 0,
        token_lifetime: float = 3600,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.token_lifetime = token_lifetime
        self.calls_per_minute = calls_per_minute
        self.calls_per_minute_now: int | None = None  # set by the provider state, until its teardown
        self.calls = SlidingMinute()
        self.congested = False
        self.failing = False
        self.devices: dict[str, Device] = {}
        self.lasting: set[str] = set()  # the devices that stay however many come after them
        self.tasks: list[Task] = []  # the oldest first
        self._commands = 0
        self.when_queued: list[Callable[[Command], None]] = []
        self.own = Application()
        self.partner = Application(authorised={self.own.app_id})
        self.stranger = Application(authorised={self.partner.app_id})
        self.second = Application()
        self.applications = {one.app_id: one for one in (self.own, self.stranger, self.partner, self.second)}
        self.numbers = itertools.count(1)
        for application in self.applications.values():
            application.tokens.append(Token(secrets.token_urlsafe(30)))

    @property
    def threshold(self) -> int:
        """Calls a minute that are admitted now; 0: flow control is off."""
        return self.calls_per_minute if self.calls_per_minute_now is None else self.calls_per_minute_now

    def deliver(self, command: Command) -> None:
        """The device has come online for a moment: the command is sent to it, if it is still pending."""
        if command.status == PENDING:
            command.status, command.issued = DELIVERED, time.time()

    def new_id(self) -> str:
        """A fresh id for a device or a command."""
        return str(uuid.uuid4())

    def issue_token(self, application: Application) -> Token:
        """Log the application in: its earlier tokens are no longer valid."""
        token = Token(secrets.token_urlsafe(30), self.clock() + self.token_lifetime)
        with self.lock:
            application.tokens.append(token)
            del application.tokens[:-_MOST_TOKENS]
        return token

    def issue_expired_token(self, application: Application) -> Token:
        """A token of the application's that has expired; the newest one stays valid."""
        token = Token(secrets.token_urlsafe(30), self.clock() - 1)
        with self.lock:
            application.tokens.insert(0, token)
            del application.tokens[_MOST_TOKENS // 2 : -_MOST_TOKENS // 2]
        return token

    def register(self, application: Application, **commands: int) -> Device:
        """A fresh device of the application's with that many commands in each status, in the order given."""
        device = Device(application.app_id, self.new_id())
        with self.lock:
            self.devices[device.device_id] = device
            self._forget(lambda: len(self.devices) > _MOST_DEVICES, device)
            for status, count in commands.items():
                for _ in range(count):
                    self.queue(device, self.new_command(device, status))
        return device

    def new_command(self, device: Device, status: str = PENDING) -> Command:
        """A fresh command for a device, not yet in its queue; its values are its own."""
        number = next(self.numbers)
        return Command(
            self.new_id(),
            device.app_id,
            device.device_id,
            status,
            paras={"value": str(number)},
            callback_url=f"https://application.example/commands/{number}",
            expire_time=_EXPIRE_TIMES[number % len(_EXPIRE_TIMES)],
            max_retransmit=_MAX_RETRANSMITS[number % len(_MAX_RETRANSMITS)],
        )

    def queue(self, device: Device, command: Command) -> Command:
        """Add one command to the device's queue."""
        with self.lock:
            self._commands += 1
            if self._commands > _MOST_COMMANDS:
                # Devices may also have gone by themselves.
                self._commands = 1 + sum(len(one.commands) for one in self.devices.values())
                self._forget(lambda: self._commands > _MOST_COMMANDS, device)
            device.commands.append(command)
            for notice in self.when_queued:
                notice(command)
        return command

    def keep_task(self, task: Task) -> None:
        """Keep a new task."""
        with self.lock:
            self.tasks.append(task)
            del self.tasks[:-_MOST_TASKS]

    def _forget(self, too_many: Callable[[], bool], spared: Device) -> None:
        """Let the oldest devices go with all that is theirs, while there are too many; FullError when that's no use."""
        gone: set[str] = set()
        for device in list(self.devices.values()):
            if not too_many():
                break
            if device is not spared and device.device_id not in self.lasting:
                gone.add(device.device_id)
                self._commands -= len(self.devices.pop(device.device_id).commands)
        self.tasks[:] = [task for task in self.tasks if task.device_id not in gone]
        if too_many():
            self._commands -= 1
            raise FullError("there is no room for more commands")

    def all_commands(self) -> list[Command]:
        """Every command of every device."""
        with self.lock:
            return [command for device in self.devices.values() for command in device.commands]
