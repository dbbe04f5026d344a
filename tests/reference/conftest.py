"""A client of the reference implementation, with the words that its tests are written in."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from conformance.reference import Reference
from conformance.reference.address import Address
from conformance.reference.inventory import Inventory

Headers = dict[str, str] | list[tuple[str, str]]


class Client:
    """Calls one running reference; `reply` is the last answer."""

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        trust = ssl.create_default_context(cafile=reference.address.ca_file) if reference.address.ca_file else False
        self.http = httpx.Client(verify=trust, timeout=5)
        self.headers = {
            "app_key": reference.inventory.app_id,
            "Authorization": f"Bearer {reference.inventory.access_token}",
            "Content-Type": "application/json",
        }

    @property
    def address(self) -> Address:
        """Where the reference listens."""
        return self.reference.address

    @property
    def inventory(self) -> Inventory:
        """What stands ready on it."""
        return self.reference.inventory

    def call(self, body: object, *, headers: Headers | None = None, app_id: str | None = None) -> httpx.Response:
        """The call under test; the body as JSON, unless it is bytes already."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.http.post(
            self.reference.address.url,
            content=content,
            headers=self.headers if headers is None else headers,
            params=None if app_id is None else {"appId": app_id},
        )

    def error(self, body: object, *, headers: Headers | None = None, app_id: str | None = None) -> tuple[int, str]:
        """Status and code of a refused call."""
        response = self.call(body, headers=headers, app_id=app_id)
        members = response.json()
        return response.status_code, members.get("error_code") or members["resultcode"]

    def state(self, state: str, action: str = "setup", **params: object) -> Any:
        """Bring the reference into a state, or end it; the values."""
        call = {"action": action, "state": state, "params": params}
        response = self.http.post(self.reference.address.hook_url, json=call)
        assert 200 == response.status_code, response.text
        return response.json()

    def held(self, device_id: str) -> dict[str, str]:
        """Commands and their statuses, as the reference holds them."""
        commands: dict[str, str] = self.state("commands", deviceId=device_id)["commands"]
        return commands

    def settles(self, device_id: str, expected: dict[str, str], seconds: float = 5) -> dict[str, str]:
        """What is held, as soon as it is what is expected; at the latest after some seconds."""
        end = time.monotonic() + seconds
        while (held := self.held(device_id)) != expected and time.monotonic() < end:
            time.sleep(0.02)
        return held


Start = Callable[..., Client]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts references, over plain HTTP unless asked otherwise, and stops them all in the end."""
    clients: list[Client] = []

    def begin(**settings: Any) -> Client:
        client = Client(Reference.start(**{"tls": False, **settings}))
        clients.append(client)
        return client

    yield begin
    for client in clients:
        client.http.close()
        client.reference.stop()


@pytest.fixture
def client(start: Start) -> Client:
    """A client of the correct reference."""
    return start()
