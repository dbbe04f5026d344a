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

    assert (2, 1) == (len(device["pending"]), len(device["delivered"]))
    assert ["EXPIRED", "EXPIRED", "SENT"] == sorted(device["others"].values())
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

    assert client.inventory.parties.stranger.app_id == device["appId"]
    assert dict.fromkeys(device["pending"], "PENDING") == client.held(device["deviceId"])


def test_authorized_application(client: Client) -> None:
    """The caller may act for it, and what is revoked then is its own device's."""
    device = client.state("authorized application", pending=2)

    task = client.call({"deviceId": device["deviceId"]}, app_id=device["appId"]).json()

    assert (device["appId"], 2) == (task["appId"], task["totalCount"])
    assert dict.fromkeys(device["pending"], "CANCELED") == client.held(device["deviceId"])


def test_unauthorized_application_has_authorised_somebody_else(client: Client) -> None:
    """An application that has authorised another one hasn't authorised the caller by that."""
    device = client.state("foreign device", pending=1)

    assert client.reference.store.parties.stranger.authorised
    assert (403, "100217") == client.error({"deviceId": device["deviceId"]}, app_id=device["appId"])


def test_second_application(client: Client) -> None:
    """It has credentials of its own, which serve for its own device and for nothing else."""
    second = client.state("second application", pending=1)
    own = client.state("device", pending=1)
    theirs = {**client.headers, "app_key": second["appKey"], "Authorization": f"Bearer {second['accessToken']}"}
    mixed = [{**client.headers, "app_key": second["appKey"]}, {**theirs, "app_key": client.inventory.app_id}]

    assert [(403, "1010005")] * 2 == [client.error({"deviceId": second["deviceId"]}, headers=one) for one in mixed]
    assert (200, "100418") == client.error({"deviceId": own["deviceId"]}, headers=theirs)
    assert (200, "100418") == client.error({"deviceId": second["deviceId"]})
    assert (403, "100217") == client.error({"deviceId": second["deviceId"]}, app_id=second["appId"])
    assert (
        403,
        "100217",
    ) == client.error({"deviceId": own["deviceId"]}, headers=theirs, app_id=client.inventory.app_id)
    assert 201 == client.call({"deviceId": second["deviceId"]}, headers=theirs).status_code
    assert {second["pending"][0]: "CANCELED"} == client.held(second["deviceId"])


def test_deliver_command(client: Client) -> None:
    """What is pending is delivered, and no call revokes it then; what isn't stays as it is."""
    device = client.state("device", pending=2)
    first, second = device["pending"]

    assert {"status": "DELIVERED"} == client.state("deliver command", deviceId=device["deviceId"], commandId=first)
    client.call({"deviceId": device["deviceId"]})
    assert {"status": "CANCELED"} == client.state("deliver command", deviceId=device["deviceId"], commandId=second)
    assert {first: "DELIVERED", second: "CANCELED"} == client.held(device["deviceId"])


def test_delivered_before_the_task_is_carried_out(start: Start) -> None:
    """A command that is delivered while its task waits isn't revoked any more."""
    client = start(variants=["running-for-0.3-s"])
    device = client.state("device", pending=2)
    first, second = device["pending"]
    client.call({"deviceId": device["deviceId"]})

    client.state("deliver command", deviceId=device["deviceId"], commandId=first)

    expected = {first: "DELIVERED", second: "CANCELED"}
    assert expected == client.settles(device["deviceId"], expected)


@pytest.mark.parametrize("state", ["device", "foreign device", "authorized application", "second application"])
def test_queued(client: Client, state: str) -> None:
    """Every command comes with the values that it was queued with, and no two have the same."""
    device = client.state(state, pending=5)
    if state == "device":
        device = {**device, **client.state("queue command", deviceId=device["deviceId"])}
        assert {device["commandId"]} == set(device["queued"])
    else:
        assert set(device["pending"]) == set(device["queued"])

    values = list(device["queued"].values())

    names = {"command", "callbackUrl", "expireTime", "maxRetransmit", "creationTime"}
    assert [names] * len(values) == [set(one) for one in values]
    assert len({one["callbackUrl"] for one in values}) == len(values)


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
        ({"action": "setup", "state": "deliver command", "params": {"deviceId": "nothing", "commandId": "c"}}, 400),
        ({"action": "setup", "state": "second application", "params": {"pending": -1}}, 400),
        ({"action": "setup", "state": "authorized application", "params": {"pending": "1"}}, 400),
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

    response = client.http.post(client.address.hook_url, content=content, headers={"Content-Type": "application/json"})

    assert status == response.status_code
    assert isinstance(response.json(), dict)


def test_only_post(client: Client) -> None:
    """The hook answers POST alone."""
    assert 405 == client.http.get(client.address.hook_url).status_code


def test_not_counted(start: Start) -> None:
    """Calls of the hook need no credentials and use up no allowance."""
    client = start(calls_per_minute=1)
    for _ in range(5):
        client.state("unauthorized application")

    assert (400, "100022") == client.error(b"")
