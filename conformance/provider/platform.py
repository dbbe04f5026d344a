"""The platform's sibling calls, as one of its applications makes them: queue, cancel and read back commands."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from conformance.client.channel import Channel
from conformance.client.pacing import Pacer
from conformance.contract import body as bodies
from conformance.contract.meaning import PENDING
from conformance.evidence.exchange import Request
from conformance.exceptions import Unprepared
from conformance.provider.values import is_id

__all__ = ["CANCELLABLE", "COMMAND", "VALIDITY", "Platform"]

COMMANDS = "/iocm/app/cmd/v1.4.0/deviceCommands"
PAGE = 100
MOST_COMMANDS = 5000
MOST_PAGES = MOST_COMMANDS // PAGE + 1
VALIDITY = 172_800
"""Seconds, the platform's default. Above 0 a command is cached while the device is offline."""

COMMAND = {"serviceId": "Conformance", "method": "SET", "paras": {"value": "1"}}
CANCELLABLE = (PENDING, "DEFAULT")
NO_QUERY: Mapping[str, Any] = MappingProxyType({})


class Platform:
    """The platform at BASE_URL for the application APP_KEY. Every method makes calls, which PACER admits.

    They raise Unprepared when a call isn't answered as it should be. acting_for: the appId of an application that has
    authorised this one, where the calls are made for that one.
    """

    def __init__(
        self,
        base_url: str,
        app_key: str,
        token: Callable[[], str],
        channel: Channel,
        pacer: Pacer,
        *,
        acting_for: str | None = None,
    ) -> None:
        self._base_url, self.app_key, self.token = base_url, app_key, token
        self._for = {} if acting_for is None else {"appId": acting_for}
        self._channel, self._pacer = channel, pacer
        self._queued: dict[str, str] = {}
        self.creation_times: dict[str, str | None] = {}
        """When commands were created, as the platform said when they were queued."""

        self.last_read: dict[str, Mapping[str, str]] = {}
        """What was read back last, by device."""
        self._endless: dict[str, str] = {}

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        expected: int = 200,
        query: Mapping[str, Any] = NO_QUERY,
    ) -> Any:
        if query or self._for:
            path = f"{path}?{urlencode({**query, **self._for})}"
        text = b"" if body is None else json.dumps(body).encode("ascii")
        headers = (
            ("Host", urlsplit(self._base_url).netloc),
            ("app_key", self.app_key),
            ("Authorization", f"Bearer {self.token()}"),
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(text))),
        )
        self._pacer.admit()
        exchange = self._channel.send(Request(method, self._base_url + path, headers, text or None))
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

    def queue(self, device_id: str) -> str:
        """Queue one more command for an offline device; its id."""
        value = self._call("POST", COMMANDS, {"deviceId": device_id, "command": COMMAND, "expireTime": VALIDITY}, 201)
        command = value.get("commandId") if isinstance(value, dict) else None
        if not isinstance(command, str) or not is_id(command):
            raise Unprepared("the state can't be prepared: a queued command was answered without commandId")
        self._queued[command] = device_id
        created = value.get("creationTime")
        self.creation_times[command] = created if isinstance(created, str) else None
        return command

    def cancel(self, command: str) -> None:
        """Cancel one pending command."""
        self._call("PUT", f"{COMMANDS}/{quote(command, safe='')}", {"status": "CANCELED"})
        self._queued.pop(command, None)

    def commands(self, device_id: str) -> Mapping[str, str]:
        """All commands of the device with their statuses, page by page."""
        if device_id in self._endless:
            # Each time that it is tried costs as many calls again.
            raise Unprepared(self._endless[device_id])
        found: dict[str, str] = {}
        entries, problem = 0, f"the device has more than {MOST_COMMANDS}, or more than {MOST_PAGES} pages of them"
        for page in range(MOST_PAGES):
            query = {"pageNo": page, "pageSize": PAGE, "deviceId": device_id}
            value = self._call("GET", COMMANDS, query=query)
            data = value.get("data") if isinstance(value, dict) else None
            if not isinstance(data, list):
                raise Unprepared("commands can't be read back: the answer has no list data")
            known = len(found)
            found |= dict(map(_command, data))
            entries += len(data)
            total, repeated = _total(value), known == len(found)
            if not data or (len(data) < PAGE and entries >= total) or (repeated and 0 < total <= known):
                self.last_read[device_id] = found
                return found
            if repeated:
                problem = f"page {page} of the answer brings nothing but what earlier ones did"
                break
            if len(found) > MOST_COMMANDS:
                break
        self._endless[device_id] = f"commands can't be read back: {problem}"
        raise Unprepared(self._endless[device_id])

    def clean_up(self) -> None:
        """Cancel what was queued and is still pending."""
        for device_id in dict.fromkeys(self._queued.values()):
            for command, status in self.commands(device_id).items():
                if command in self._queued and status in CANCELLABLE:
                    self.cancel(command)

    def hand_over(self) -> dict[str, Any]:
        """What was queued, what was read back last, and what can't be."""
        return {"queued": self._queued, "last_read": self.last_read, "endless": self._endless}

    def take_over(self, remembered: Mapping[str, Any]) -> None:
        """Go on with what another process REMEMBERED."""
        self._queued, self.last_read = dict(remembered["queued"]), dict(remembered["last_read"])
        self._endless = dict(remembered["endless"])


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
