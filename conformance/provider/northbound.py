"""The platform's own sibling calls: queues commands for offline devices, reads them back, and cleans up."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from conformance.contract import body as bodies
from conformance.exceptions import Blocked, Unprepared
from conformance.exchange import Request
from conformance.provider.states import Device
from conformance.provider.static import StaticProvider
from conformance.provider.values import is_id
from conformance.target.channel import Channel
from conformance.target.configuration import ProviderSettings, TargetSettings
from conformance.target.pacing import Pacer

__all__ = ["NorthboundProvider"]

COMMANDS = "/iocm/app/cmd/v1.4.0/deviceCommands"
PAGE = 100
MOST_COMMANDS = 5000
MOST_PAGES = MOST_COMMANDS // PAGE + 1
MOST_LEFT = 300
"""Commands of earlier runs that are cancelled before a device is used; each costs a call of the target's allowance."""

VALIDITY = 172_800
"""Seconds, the platform's default. Above 0 a command is cached while the device is offline."""

COMMAND = {"serviceId": "Conformance", "method": "SET", "paras": {"value": "1"}}
UNDELIVERED = ("PENDING", "DEFAULT")
ROOMY = 3


class NorthboundProvider(StaticProvider):
    """Uses the offline devices of SETTINGS, one for one purpose at a time. What no client can do isn't offered;
    another application's data may be named under [provider.static].
    """

    kind = "northbound"
    cannot = "the platform's own calls can't bring it about"

    def __init__(
        self,
        target: TargetSettings,
        settings: ProviderSettings,
        channel: Channel,
        pacer: Pacer,
        token: Callable[[], str],
    ) -> None:
        super().__init__(settings.static)
        self._target, self._channel, self._pacer, self._token = target, channel, pacer, token
        self._devices = settings.device_ids
        self._foreign = settings.static.get("foreign_device", {}).get("id")
        self.roomy = len(self._devices) >= ROOMY
        self._taken: set[str] = set()
        self._held: set[str] = set()
        self._queued: dict[str, str] = {}

    def hold(self, device_id: str) -> None:
        """Keep the device until the end of the run."""
        self._held.add(device_id)

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None, expected: int = 200) -> Any:
        text = b"" if body is None else json.dumps(body).encode("ascii")
        headers = (
            ("Host", urlsplit(self._target.base_url).netloc),
            ("app_key", self._target.app_key),
            ("Authorization", f"Bearer {self._token()}"),
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(text))),
        )
        self._pacer.admit()
        exchange = self._channel.send(Request(method, self._target.base_url + path, headers, text or None))
        what = f"{method} {path.partition('?')[0]}"
        if exchange.response is None:
            words = exchange.fault.message if exchange.fault else "no answer"
            raise Unprepared(f"the state can't be prepared: {what}: {words}")
        try:
            value = bodies.parse(exchange.response.body).value
        except bodies.NotJSON:
            value = None
        if exchange.response.status != expected:
            code = value.get("error_code") or value.get("resultcode") if isinstance(value, dict) else None
            words = f"{exchange.response.status}" + (f" with code {code}" if is_id(code) else "")
            raise Unprepared(f"the state can't be prepared: {what} was answered {words}")
        return value

    def device(self, pending: int, delivered: int = 0, others: Mapping[str, int] | None = None) -> Device:
        """A configured device, rid of what is still pending, with that many new commands."""
        impossible = sorted({status for status in others or {} if status != "CANCELED"})
        if delivered or impossible:
            self._no(f"device with {', '.join([*(['delivered'] if delivered else []), *impossible])} commands")
        free = [device for device in self._devices if device not in self._taken]
        if not free:
            self._no("device", f"name more than {len(self._devices)} offline devices in provider.device_ids")
        device_id = free[0]
        self._taken.add(device_id)
        left = [command for command, status in self.commands(device_id).items() if status in UNDELIVERED]
        if len(left) > MOST_LEFT:
            self._no("device", f"{device_id} has {len(left)} pending commands; name another in provider.device_ids")
        for command in left:
            self._cancel(command)
        cancelled = tuple(self.queue_command(device_id) for _ in range((others or {}).get("CANCELED", 0)))
        for command in cancelled:
            self._cancel(command)
        return Device(
            id=device_id,
            pending=tuple(self.queue_command(device_id) for _ in range(pending)),
            others=dict.fromkeys(cancelled, "CANCELED"),
            fresh=False,
        )

    def _cancel(self, command: str) -> None:
        self._call("PUT", f"{COMMANDS}/{quote(command, safe='')}", {"status": "CANCELED"})
        self._queued.pop(command, None)

    def queue_command(self, device_id: str) -> str:
        """Queue one more command."""
        value = self._call("POST", COMMANDS, {"deviceId": device_id, "command": COMMAND, "expireTime": VALIDITY}, 201)
        command = value.get("commandId") if isinstance(value, dict) else None
        if not isinstance(command, str) or not is_id(command):
            raise Unprepared("the state can't be prepared: a queued command was answered without commandId")
        self._queued[command] = device_id
        return command

    def commands(self, device_id: str) -> Mapping[str, str]:
        """All commands of the device, page by page."""
        if device_id == self._foreign:
            raise Unprepared("the caller's credentials don't read another application's commands back; a hook can")
        found: dict[str, str] = {}
        entries = 0
        for page in range(MOST_PAGES):
            query = urlencode({"pageNo": page, "pageSize": PAGE, "deviceId": device_id})
            value = self._call("GET", f"{COMMANDS}?{query}")
            data = value.get("data") if isinstance(value, dict) else None
            if not isinstance(data, list):
                raise Unprepared("commands can't be read back: the answer has no list data")
            found |= dict(map(_command, data))
            entries += len(data)
            if not data or (len(data) < PAGE and entries >= _total(value)):
                return found
            if len(found) > MOST_COMMANDS:
                break
        raise Unprepared(f"commands can't be read back: the device has more than {MOST_COMMANDS}")

    def release(self) -> None:
        """The devices of the last case may be used again."""
        self._taken &= self._held

    def close(self) -> None:
        """Cancel what is still queued."""
        try:
            for device_id in dict.fromkeys(self._queued.values()):
                for command, status in self.commands(device_id).items():
                    if command in self._queued and status in UNDELIVERED:
                        self._cancel(command)
        except (Unprepared, Blocked):
            # Nothing more can be done for a target that doesn't answer any more.
            return
        finally:
            self._channel.close()


def _total(page: Mapping[str, Any]) -> int:
    """How many entries PAGE says that there are on all pages, 0 when it doesn't: a platform's pages may be smaller."""
    pagination = page.get("pagination")
    total = pagination.get("totalSize") if isinstance(pagination, dict) else None
    return total if isinstance(total, int) else 0


def _command(entry: Any) -> tuple[str, str]:
    """Id and status of a command that was read back; Unprepared when they can't be made out."""
    identity, status = (entry.get("commandId"), entry.get("status")) if isinstance(entry, dict) else (None, None)
    if not is_id(identity) or not is_id(status):
        raise Unprepared("commands can't be read back: one has no commandId or status that can be read")
    return str(identity), str(status)
