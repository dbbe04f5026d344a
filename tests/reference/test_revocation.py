"""What a call revokes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.reference.conftest import Client

OTHERS = {"SENT": 1, "SUCCESSFUL": 1, "FAILED": 1, "TIMEOUT": 1, "EXPIRED": 1, "CANCELED": 1}


def test_revokes_what_is_pending_and_nothing_else(client: Client) -> None:
    """Pending commands end CANCELED; delivered and finished ones, and other devices', stay."""
    device = client.state("device", pending=3, delivered=2, others=OTHERS)
    bystander = client.state("device", pending=1)

    task = client.call({"deviceId": device["deviceId"]}).json()

    assert set(device["pending"]) == {command["commandId"] for command in task["deviceCommands"]}
    expected = {
        **dict.fromkeys(device["pending"], "CANCELED"),
        **dict.fromkeys(device["delivered"], "DELIVERED"),
        **device["others"],
    }
    assert expected == client.held(device["deviceId"])
    assert {"PENDING"} == set(client.held(bystander["deviceId"]).values())


def test_second_call_finds_nothing(client: Client) -> None:
    """The second task is over nothing."""
    body = {"deviceId": client.state("device", pending=2)["deviceId"]}
    client.call(body)

    task = client.call(body).json()

    assert (0, []) == (task["totalCount"], task["deviceCommands"])


def test_commands_queued_later(client: Client) -> None:
    """They stay pending, and the next call revokes exactly them."""
    device_id = client.state("device", pending=2)["deviceId"]
    client.call({"deviceId": device_id})
    command_id = client.state("queue command", deviceId=device_id)["commandId"]

    assert "PENDING" == client.held(device_id)[command_id]
    task = client.call({"deviceId": device_id}).json()
    assert [command_id] == [command["commandId"] for command in task["deviceCommands"]]
    assert "CANCELED" == client.held(device_id)[command_id]


def test_hundreds_of_commands(client: Client) -> None:
    """There is no page that ends the list."""
    device = client.state("device", pending=1200)

    assert 1200 == client.call({"deviceId": device["deviceId"]}).json()["totalCount"]
    assert {"CANCELED"} == set(client.held(device["deviceId"]).values())


def test_refused_calls_change_nothing(client: Client) -> None:
    """A refusal of each kind leaves the device's commands pending."""
    device_id = client.state("device", pending=1)["deviceId"]
    body = {"deviceId": device_id}
    client.call(body, headers={})
    client.call(body, headers={**client.headers, "Authorization": "Bearer x"})
    client.call(body, app_id="nobody")
    client.call(body, app_id=client.inventory.parties.stranger.app_id)
    client.call([body])
    for state in ("congestion", "internal error"):
        client.state(state)
        client.call(body)
        client.state(state, "teardown")

    assert {"PENDING"} == set(client.held(device_id).values())


def test_simultaneous_calls(client: Client) -> None:
    """Of simultaneous calls for one device, every command is in exactly one task."""
    device = client.state("device", pending=50)
    gate = threading.Barrier(6)
    tasks: list[Any] = []

    def call() -> None:
        gate.wait()
        tasks.append(client.call({"deviceId": device["deviceId"]}).json())

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    listed = [command["commandId"] for task in tasks for command in task["deviceCommands"]]
    assert sorted(device["pending"]) == sorted(listed)
    assert {"CANCELED"} == set(client.held(device["deviceId"]).values())
