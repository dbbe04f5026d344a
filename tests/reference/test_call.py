"""The call as the document states it: its answer, its refusals and their order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.reference.conftest import Client

TASK = ["taskId", "appId", "deviceId", "status", "totalCount", "deviceCommands"]
COMMAND = [
    "commandId",
    "appId",
    "deviceId",
    "command",
    "callbackUrl",
    "expireTime",
    "status",
    "result",
    "creationTime",
    "executeTime",
    "platformIssuedTime",
    "deliveredTime",
    "issuedTimes",
]


def test_answers_like_the_captured_platform(client: Client) -> None:
    """A task is RUNNING, lists what is pending, the newest first, with nulls, and maxRetransmit only with a value."""
    device = client.state("device", pending=2, delivered=1)

    response = client.call({"deviceId": device["deviceId"]})
    task = response.json()

    assert (201, "application/json") == (response.status_code, response.headers["content-type"])
    assert TASK == list(task)
    assert (client.inventory.app_id, device["deviceId"], "RUNNING", 2) == (
        task["appId"],
        task["deviceId"],
        task["status"],
        task["totalCount"],
    )
    assert device["pending"][::-1] == [command["commandId"] for command in task["deviceCommands"]]
    for command in task["deviceCommands"]:
        queued = device["queued"][command["commandId"]]
        assert list(command) == [*COMMAND, *(["maxRetransmit"] if queued["maxRetransmit"] is not None else [])]
        assert queued == {name: command.get(name) for name in queued}
        assert {"serviceId", "method", "paras"} == set(command["command"])
        assert re.fullmatch(r"\d{8}T\d{6}Z", command["creationTime"])
        assert ("PENDING", 0, None) == (command["status"], command["issuedTimes"], command["result"])


def test_every_task_has_its_own_id(client: Client) -> None:
    """Two accepted calls get two taskIds."""
    body = {"deviceId": client.inventory.offline_device}

    first, second = (client.call(body).json()["taskId"] for _ in range(2))

    assert first != second


@pytest.mark.parametrize(
    ("without", "expected"),
    [({"app_key"}, (500, "100220")), ({"Authorization"}, (403, "1010005")), (set(), (400, "100022"))],
)
def test_credentials_are_checked_before_the_body(client: Client, without: set[str], expected: tuple[int, str]) -> None:
    """app_key first, then the token, then the body."""
    headers = {name: value for name, value in client.headers.items() if name not in without}

    assert expected == client.error(b"{", headers=headers)


def test_body_is_checked_before_the_application(client: Client) -> None:
    """A call wrong in both is refused for its body."""
    assert (400, "100022") == client.error({}, app_id="nobody")


def test_application_is_checked_before_the_device(client: Client) -> None:
    """A call wrong in both is refused for its application."""
    assert (403, "100203") == client.error({"deviceId": "nothing"}, app_id="nobody")


def test_gateway_errors_wear_the_gateway_envelope(client: Client) -> None:
    """1010005 comes as resultcode and resultmsg."""
    expected = {"resultcode": "1010005", "resultmsg": "App_key or access_token is invalid."}

    assert expected == client.call({}, headers={"app_key": client.inventory.app_id}).json()


def test_service_errors_wear_the_service_envelope(client: Client) -> None:
    """100418 comes as error_code and error_desc, and nothing else."""
    expected = {"error_code": "100418", "error_desc": "The deviceData is not existed."}

    assert expected == client.call({"deviceId": "nothing"}).json()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_create_nothing(client: Client, method: str) -> None:
    """They are answered 405 in an error envelope, and revoke nothing."""
    device = client.state("device", pending=1)

    response = client.http.request(
        method, client.address.url, headers=client.headers, json={"deviceId": device["deviceId"]}
    )

    assert (405, "GET, POST") == (response.status_code, response.headers["allow"])
    assert "error_code" in response.json()
    assert {"PENDING"} == set(client.held(device["deviceId"]).values())
