"""What the platform holds: applications, their tokens and devices, commands and revocation tasks."""

from __future__ import annotations

import functools
import itertools
import secrets
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from conformance.reference.flow import FlowControl

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


@dataclass(frozen=True)
class Parties:
    """The applications that stand from the start."""

    own: Application
    """The caller's own."""

    partner: Application
    """It has authorised the caller."""

    stranger: Application
    """It has authorised the partner and nobody else."""

    second: Application
    """It has nothing to do with the others."""

    @classmethod
    def new(cls) -> Self:
        """Four of them, each with a token."""
        own, second = Application(), Application()
        partner = Application(authorised={own.app_id})
        stranger = Application(authorised={partner.app_id})
        for application in (own, partner, stranger, second):
            application.tokens.append(Token(secrets.token_urlsafe(30)))
        return cls(own, partner, stranger, second)

    @functools.cached_property
    def by_id(self) -> dict[str, Application]:
        """All of them by their ids."""
        return {one.app_id: one for one in (self.own, self.partner, self.stranger, self.second)}


@dataclass
class Device:
    """A registered device; it stays offline, so that its commands stay pending."""

    app_id: str
    device_id: str
    commands: list[Command] = field(default_factory=list)  # the oldest first
    lasting: bool = False  # it stays however many come after it


@dataclass(frozen=True)
class Information:
    """What a command tells the device to do: CommandDTO."""

    service_id: str
    method: str
    paras: dict[str, object]


@dataclass
class Command:
    """A command for a device. `task_id` is the revocation task that has claimed it."""

    command_id: str
    app_id: str
    device_id: str
    status: str
    information: Information
    callback_url: str | None
    expire_time: int | None
    max_retransmit: int | None
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
    """Everything held, behind one lock: whoever reads or changes more than one thing takes it."""

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
        self.flow = FlowControl(calls_per_minute)
        self.congested = False
        self.failing = False
        self.devices: dict[str, Device] = {}
        self.tasks: list[Task] = []  # the oldest first
        self._commands = 0
        self.when_queued: list[Callable[[Command], None]] = []
        self.parties = Parties.new()
        self._numbers = itertools.count(1)

    @property
    def applications(self) -> dict[str, Application]:
        """Every application by its id."""
        return self.parties.by_id

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
        number = next(self._numbers)
        return Command(
            self.new_id(),
            device.app_id,
            device.device_id,
            status,
            Information("Switch", "SET_STATE", {"value": str(number)}),
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
            if device is not spared and not device.lasting:
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
