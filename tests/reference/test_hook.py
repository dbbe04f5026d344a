"""The provider-state hook."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.reference.conftest import Client, Start


def test_device(client: Client) -> None:
    """A fresh device has commands in the statuses asked for."""
    device = client.state("device", pending=2, delivered=1, others={"SENT": 1, "EXPIRED": 2})

    assert (len(device["pending"]), len(device["delivered"])) == (2, 1)
    assert sorted(device["others"].values()) == ["EXPIRED", "EXPIRED", "SENT"]
    expected = {
        **dict.fromkeys(device["pending"], "PENDING"),
        **dict.fromkeys(device["delivered"], "DELIVERED"),
        **device["others"],
    }
    assert expected == client.held(device["deviceId"])
    assert device["deviceId"] != client.state("device")["deviceId"]


def test_foreign_device(client: Client) -> None:
    """It belongs to the application that hasn't authorised the caller."""
    device = client.state("foreign device", pending=2)

    assert client.reference.unauthorized_app_id == device["appId"]
    assert dict.fromkeys(device["pending"], "PENDING") == client.held(device["deviceId"])


@pytest.mark.parametrize(
    ("call", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        ({"action": "setup"}, 400),
        ({"action": "begin", "state": "device"}, 400),
        ({"action": "setup", "state": "device", "params": []}, 400),
        ({"action": "setup", "state": "device", "params": {"pending": "2"}}, 400),
        ({"action": "setup", "state": "device", "params": {"pending": -1}}, 400),
        ({"action": "setup", "state": "device", "params": {"pending": True}}, 400),
        ({"action": "setup", "state": "device", "params": {"pending": 1, "others": ["SENT"]}}, 400),
        ({"action": "setup", "state": "device", "params": {"pending": 1, "others": {"LOST": 1}}}, 501),
        ({"action": "setup", "state": "queue command", "params": {"deviceId": "nothing"}}, 400),
        ({"action": "setup", "state": "commands", "params": {}}, 400),
        ({"action": "setup", "state": "flow control", "params": {"calls_per_minute": 0}}, 400),
        ({"action": "setup", "state": "full moon"}, 501),
        ({"action": "teardown", "state": "full moon"}, 501),
        ({"action": "teardown", "state": "device", "further": 1}, 200),
        ({"action": "setup", "state": "congestion", "params": None, "further": 1}, 200),
    ],
)
def test_malformed_and_unknown_calls(client: Client, call: object, status: int) -> None:
    """A malformed call is answered 400, an unknown state 501; further members are ignored."""
    content = call if isinstance(call, bytes) else json.dumps(call).encode()

    response = client.http.post(
        client.reference.hook_url, content=content, headers={"Content-Type": "application/json"}
    )

    assert status == response.status_code
    assert isinstance(response.json(), dict)


def test_only_post(client: Client) -> None:
    """The hook answers POST alone."""
    assert client.http.get(client.reference.hook_url).status_code == 405


def test_not_counted(start: Start) -> None:
    """Calls of the hook need no credentials and use up no allowance."""
    client = start(calls_per_minute=1)
    for _ in range(5):
        client.state("unauthorized application")

    assert client.error(b"") == (400, "100022")
