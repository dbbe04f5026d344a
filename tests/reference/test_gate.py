"""Who may call the hook and the sibling calls, and what the reference keeps."""

from __future__ import annotations

import json
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from conformance.reference import gate, store

if TYPE_CHECKING:
    from tests.reference.conftest import Client, Start

CALL = {"action": "setup", "state": "unauthorized application", "params": {}}
PATHS = ("/provider-states", "/iocm/app/cmd/v1.4.0/deviceCommands", "/iocm/app/reg/v1.1.0/devices")


def status(client: Client, path: str, content: bytes | None = None, **headers: str) -> int:
    """The status of a call of PATH with HEADERS; underscores in their names are hyphens."""
    lines = client.headers | {name.replace("_", "-"): value for name, value in headers.items()}
    body = json.dumps(CALL).encode() if content is None else content
    return client.http.post(client.address.base_url + path, content=body, headers=lines).status_code


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "10.0.0.1", "[", ""]
)
def test_foreign_host_is_refused(client: Client, path: str, host: str) -> None:
    """A name that somebody has lead to loopback isn't answered."""
    assert 403 == status(client, path, Host=host)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:1", "http://localhost:9", "[", ""]
)
def test_foreign_origin_is_refused(client: Client, path: str, origin: str) -> None:
    """Neither is a page of another origin, be it another server of this machine."""
    assert 403 == status(client, path, Origin=origin)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_other_site_is_refused(client: Client, site: str) -> None:
    """Nor what a browser says comes from another site."""
    assert 403 == status(client, "/provider-states", Sec_Fetch_Site=site)


def test_own_origin_and_other_names_of_loopback_are_answered(client: Client) -> None:
    """A page of the reference's own origin, and every name of loopback, with another port too, are let in."""
    own = client.address.base_url
    port = own.rpartition(":")[2]

    assert 200 == status(client, "/provider-states", Origin=own, Sec_Fetch_Site="same-origin")
    for host in ("localhost", f"localhost:{port}", "127.0.0.1:1", f"[::1]:{port}", f"LOCALHOST:{port}"):
        assert 200 == status(client, "/provider-states", Host=host)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "media_type",
    [
        *("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""),
        *("application/jsonp", "text/plain; application/json", "application/json, text/plain"),
        "application/json; charset=utf-16",
    ],
)
def test_only_json_is_read(client: Client, path: str, media_type: str) -> None:
    """What a page may send without asking for leave isn't read as JSON."""
    assert 415 == status(client, path, Content_Type=media_type)


def test_log_in_takes_a_form_only(client: Client) -> None:
    """The log-in is a form, as on the platform."""
    assert 415 == status(client, "/iocm/app/sec/v1.1.0/login")


@pytest.mark.parametrize("path", PATHS)
def test_large_body_is_refused(client: Client, path: str) -> None:
    """Beyond one mebibyte nothing is read."""
    assert 413 == status(client, path, b" " * (gate.LARGEST_BODY + 1))
    assert status(client, path, b" " * gate.LARGEST_BODY) != 413


def test_endless_body_ends(client: Client) -> None:
    """No call makes the server keep a body without end, the call itself neither."""
    part = b" " * 65536
    response = client.http.post(client.address.url, content=(part for _ in range(400)), headers=client.headers)

    assert (400, "close") == (response.status_code, response.headers.get("connection", "close"))


def test_oldest_devices_go(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Devices and commands that the hook makes are bounded: the oldest go, those that stand from the start stay."""
    monkeypatch.setattr(store, "_MOST_DEVICES", 20)
    monkeypatch.setattr(store, "_MOST_COMMANDS", 100)
    client = start()
    devices = [client.state("device", pending=10)["deviceId"] for _ in range(50)]
    kept = client.reference.store.devices

    assert len(kept) <= 20
    assert sum(len(device.commands) for device in kept.values()) <= 100
    lasting = (*client.inventory.offline_devices, client.inventory.foreign_device)
    assert {device.device_id for device in lasting} <= set(kept)
    assert (True, False) == (devices[-1] in kept, devices[0] in kept)


def test_full_store_says_so(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can go for what is asked, the hook says no, and goes on answering."""
    monkeypatch.setattr(store, "_MOST_COMMANDS", 100)
    client = start()
    call = {**CALL, "state": "device", "params": {"pending": 500}}
    content = json.dumps(call).encode()

    assert [400, 400] == [status(client, "/provider-states", content) for _ in range(2)]
    assert 5 == len(client.state("device", pending=5)["pending"])


def test_tokens_and_tasks_are_bounded(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """So are tokens, the newest of which stays valid, and tasks."""
    monkeypatch.setattr(store, "_MOST_TOKENS", 10)
    monkeypatch.setattr(store, "_MOST_TASKS", 10)
    client = start()
    own = client.reference.store.parties.own
    for _ in range(30):
        client.state("expired token")
        assert 201 == client.call({"deviceId": client.inventory.offline_device}).status_code

    assert (True, True) == (len(own.tokens) <= 10, len(client.reference.store.tasks) <= 10)
    assert client.inventory.access_token == own.tokens[-1].text


def test_flood_of_states_stays_small(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Calling the hook without end doesn't fill the memory."""
    monkeypatch.setattr(store, "_MOST_DEVICES", 50)
    client = start()
    for _ in range(60):
        client.state("device", pending=1)
    tracemalloc.start()
    for _ in range(300):
        client.state("device", pending=1)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert grown < 2_000_000
