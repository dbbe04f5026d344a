"""Faults and variants at work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from conformance.reference import faults, variants

if TYPE_CHECKING:
    from tests.reference.conftest import Start

NAMES = [variant.name for variant in variants()]


@pytest.mark.parametrize("name", NAMES)
def test_variants_do_what_is_asked(start: Start, name: str) -> None:
    """Under every variant a valid call is accepted, lists what is pending, and revokes it."""
    client = start(variants=[name])
    device = client.state("device", pending=2)

    task = client.call({"deviceId": device["deviceId"]})

    assert 201 == task.status_code
    assert set(device["pending"]) == {command["commandId"] for command in task.json()["deviceCommands"]}
    expected = dict.fromkeys(device["pending"], "CANCELED")
    assert expected == client.settles(device["deviceId"], expected)


@pytest.mark.parametrize("name", NAMES)
def test_variants_refuse(start: Start, name: str) -> None:
    """Under every variant an unknown device and a missing app_key are refused with their codes."""
    client = start(variants=[name])

    assert (200, "100418") == client.error({"deviceId": "nothing"})
    headers = {"Authorization": client.headers["Authorization"], "Content-Type": "application/json"}
    assert (500, "100220") == client.error({"deviceId": "nothing"}, headers=headers)


def test_every_fault_starts(start: Start) -> None:
    """Every fault can be put in, and leaves the hook as it is."""
    for fault in faults():
        client = start(faults=[fault.name])
        assert client.state("device", pending=1)["pending"], fault.name
        client.http.close()
        client.reference.stop()


def test_two_faults(start: Start) -> None:
    """Faults add up, also around the same step."""
    client = start(faults=["task-id-number", "task-status-unknown", "100418-status-404", "error-description-empty"])

    task = client.call({"deviceId": client.inventory.offline_device}).json()
    assert (7, "DONE") == (task["taskId"], task["status"])
    response = client.call({"deviceId": "nothing"})
    assert (404, {"error_code": "100418", "error_desc": ""}) == (response.status_code, response.json())


def test_variants_add_up(start: Start) -> None:
    """Variants add up, also around the same step."""
    client = start(variants=["gzip", "chunked", "headers-upper-case", "done-at-once", "further-task-members"])
    device = client.state("device", pending=1)

    response = client.call({"deviceId": device["deviceId"]})

    assert ("gzip", "chunked") == (response.headers["content-encoding"], response.headers["transfer-encoding"])
    assert b"CONTENT-TYPE" in dict(response.headers.raw)
    task = response.json()
    assert ("SUCCESS", "CANCELED") == (task["status"], task["deviceCommands"][0]["status"])
    assert "createTime" in task


def test_fault_under_a_variant(start: Start) -> None:
    """A fault stays one under a variant of the same step."""
    client = start(faults=["100203-code-integer"], variants=["unknown-application-200", "errors-of-the-gateway"])

    response = client.call({"deviceId": "nothing"}, app_id="nobody")

    assert (200, {"error_code": 100203}) == (response.status_code, {"error_code": response.json()["error_code"]})


@pytest.mark.parametrize(
    "name",
    ["answer-cut", "answer-reset-amid", "length-too-long", "chunk-without-end", "chunk-too-short"],
)
def test_spoilt_transport(start: Start, name: str) -> None:
    """Faults of the transport reach the client as such."""
    client = start(faults=[name])

    with pytest.raises(httpx.TransportError):
        client.call({"deviceId": client.inventory.offline_device})


def test_effect_a_second_later(start: Start) -> None:
    """A refused call can have its effect later, after its answer."""
    client = start(faults=["revokes-despite-credentials-later"])
    device = client.state("device", pending=1)
    body = {"deviceId": device["deviceId"]}

    client.call(body, headers={**client.headers, "Authorization": "Bearer x"})

    assert dict.fromkeys(device["pending"], "PENDING") == client.held(device["deviceId"])
    expected = dict.fromkeys(device["pending"], "CANCELED")
    assert expected == client.settles(device["deviceId"], expected)


def test_stopping_drops_what_was_to_come(start: Start) -> None:
    """Once stopped, nothing happens later."""
    client = start(variants=["running-for-2-s"])
    device = client.state("device", pending=1)
    client.call({"deviceId": device["deviceId"]})

    client.reference.stop()

    assert set() == client.reference.timers._waiting
