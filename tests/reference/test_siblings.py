"""The other calls of the same API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx

    from tests.reference.conftest import Client, Start

COMMAND = {"serviceId": "Switch", "method": "SET", "paras": {"grün": [1, None]}}


class Api:
    """The sibling calls, by name."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.base = f"{client.reference.base_url}/iocm/app"

    def ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        """One call, with good credentials unless headers are given."""
        response: httpx.Response = self.client.http.request(
            method, self.base + path, **{"headers": self.client.headers, **how}
        )
        return response

    def login(self, **form: str) -> httpx.Response:
        """Log in."""
        known = {"appId": self.client.reference.app_id, "secret": self.client.reference.secret}
        return self.ask("POST", "/sec/v1.1.0/login", data={**known, **form}, headers={})

    def queue(self, device_id: str, **members: object) -> httpx.Response:
        """Queue a command."""
        body = {"deviceId": device_id, "command": COMMAND, **members}
        return self.ask("POST", "/cmd/v1.4.0/deviceCommands", json=body)

    def commands(self, **params: object) -> Any:
        """Query commands."""
        return self.ask("GET", "/cmd/v1.4.0/deviceCommands", params=params).json()

    def tasks(self, **params: object) -> Any:
        """Query tasks."""
        return self.ask("GET", "/cmd/v1.4.0/deviceCommandCancelTasks", params=params).json()


@pytest.fixture
def api(client: Client) -> Api:
    """The sibling calls of the correct reference."""
    return Api(client)


def test_log_in(api: Api) -> None:
    """A new token is valid, and the one before it no longer."""
    members = api.login().json()
    new = {**api.client.headers, "Authorization": f"Bearer {members['accessToken']}"}

    assert (members["tokenType"], members["expiresIn"], members["scope"]) == ("bearer", 3600, "default")
    assert api.client.error({}, headers=new) == (400, "100022")
    assert api.client.error({}) == (403, "1010005")


@pytest.mark.parametrize(("form", "code"), [({"appId": "nobody"}, "100203"), ({"secret": "x"}, "1010005")])
def test_log_in_refused(api: Api, form: dict[str, str], code: str) -> None:
    """An unknown application and a wrong secret get no token, and end none."""
    response = api.login(**form)

    assert response.status_code == 403
    assert code in response.json().values()
    assert api.client.error({}) == (400, "100022")


def test_life_of_a_command(api: Api) -> None:
    """Register a device, queue a command, revoke it, read back task and command, remove the device."""
    device_id = api.ask("POST", "/reg/v1.1.0/deviceCredentials", json={"nodeId": "n", "verifyCode": "n"}).json()[
        "deviceId"
    ]
    queued = api.queue(device_id, callbackUrl="https://a.example/", expireTime=60, maxRetransmit=3)
    command = queued.json()
    assert (queued.status_code, command["status"]) == (201, "DEFAULT")
    assert tuple(command[name] for name in ("command", "callbackUrl", "expireTime", "maxRetransmit")) == (
        COMMAND,
        "https://a.example/",
        60,
        3,
    )
    assert [{**command, "status": "PENDING"}] == api.commands(deviceId=device_id)["data"]

    task = api.client.call({"deviceId": device_id}).json()

    after = {**command, "status": "CANCELED"}
    assert [after] == api.commands(deviceId=device_id)["data"]
    expected = {**task, "status": "SUCCESS", "deviceCommands": [after]}
    assert [expected] == api.tasks(deviceId=device_id)["data"]
    assert [expected] == api.tasks(taskId=task["taskId"], status="SUCCESS")["data"]
    assert api.tasks(deviceId=device_id, status="FAILED")["data"] == []

    assert api.ask("DELETE", f"/dm/v1.4.0/devices/{device_id}").status_code == 204
    assert api.client.error({"deviceId": device_id}) == (200, "100418")


def test_immediate_delivery_to_an_offline_device(api: Api) -> None:
    """With expireTime 0 nothing is kept: the command has failed."""
    device_id = api.client.reference.offline_device
    api.queue(device_id, expireTime=0)

    assert api.commands(deviceId=device_id)["data"][0]["status"] == "FAILED"


@pytest.mark.parametrize(
    "members",
    [
        {"command": None},
        {"command": {"serviceId": "s"}},
        {"command": {**COMMAND, "serviceId": "s" * 65}},
        {"command": {**COMMAND, "paras": []}},
        {"expireTime": -1},
        {"expireTime": "0"},
        {"maxRetransmit": 4},
        {"callbackUrl": "x" * 1025},
    ],
)
def test_invalid_command(api: Api, members: dict[str, object]) -> None:
    """A command outside the tables isn't queued."""
    assert _code(api.queue(api.client.reference.offline_device, **members)) == (400, "100022")


def test_pages(api: Api) -> None:
    """Pages count from 0, the newest first, and tell the whole number."""
    device = api.client.state("device", pending=5)
    first, last = (api.commands(deviceId=device["deviceId"], pageNo=number, pageSize=2) for number in (0, 2))

    assert last["pagination"] == {"pageNo": 2, "pageSize": 2, "totalSize": 5}
    assert device["pending"][:2:-1] == [command["commandId"] for command in first["data"]]
    assert device["pending"][:1] == [command["commandId"] for command in last["data"]]


@pytest.mark.parametrize("params", [{"pageNo": -1}, {"pageSize": 0}, {"pageSize": 1001}, {"pageNo": "x"}])
def test_pages_out_of_range(api: Api, params: dict[str, object]) -> None:
    """A page that can't be is invalid input."""
    assert _code(api.ask("GET", "/cmd/v1.4.0/deviceCommands", params=params)) == (400, "100022")


def test_times(api: Api) -> None:
    """StartTime and endTime bound the creation of the commands listed."""
    device_id = api.client.state("device", pending=1)["deviceId"]

    assert len(api.commands(deviceId=device_id, startTime="20170101T000000Z")["data"]) == 1
    assert api.commands(deviceId=device_id, endTime="20170101T000000Z")["data"] == []


def test_modify(api: Api) -> None:
    """A pending command can be cancelled, once, and to nothing else."""
    device = api.client.state("device", pending=1, delivered=1)
    pending, delivered = (f"/cmd/v1.4.0/deviceCommands/{device[name][0]}" for name in ("pending", "delivered"))
    cancel = {"status": "CANCELED"}

    assert _code(api.ask("PUT", pending, json={"status": "SUCCESSFUL"})) == (400, "100022")
    assert api.ask("PUT", pending, json=cancel).json()["status"] == "CANCELED"
    assert _code(api.ask("PUT", pending, json=cancel)) == (400, "100022")
    assert _code(api.ask("PUT", delivered, json=cancel)) == (400, "100022")
    assert _code(api.ask("PUT", "/cmd/v1.4.0/deviceCommands/nothing", json=cancel)) == (400, "100022")
    assert {"CANCELED", "DELIVERED"} == set(api.client.held(device["deviceId"]).values())


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/cmd/v1.4.0/deviceCommands"),
        ("GET", "/cmd/v1.4.0/deviceCommands"),
        ("GET", "/cmd/v1.4.0/deviceCommandCancelTasks"),
        ("PUT", "/cmd/v1.4.0/deviceCommands/x"),
        ("POST", "/reg/v1.1.0/devices"),
        ("DELETE", "/dm/v1.4.0/devices/x"),
    ],
)
def test_credentials(api: Api, method: str, path: str) -> None:
    """Every sibling call but the log-in checks app_key and token."""
    assert _code(api.ask(method, path, headers={})) == (500, "100220")
    assert _code(api.ask(method, path, headers={"app_key": api.client.reference.app_key})) == (403, "1010005")


def test_foreign_devices(api: Api) -> None:
    """Another application's device can't be read, commanded or removed."""
    device_id = api.client.reference.foreign_device

    assert api.commands(deviceId=device_id)["data"] == []
    assert _code(api.queue(device_id)) == (200, "100418")
    assert _code(api.ask("DELETE", f"/dm/v1.4.0/devices/{device_id}")) == (200, "100418")


def test_unknown_paths_and_methods(api: Api) -> None:
    """They are answered 404 and 405, in an error envelope."""
    assert _code(api.ask("GET", "/nothing"))[0] == 404
    assert _code(api.ask("GET", "/sec/v1.1.0/login"))[0] == 405


def test_faults_leave_siblings_alone(start: Start) -> None:
    """What breaks the call breaks no other."""
    api = Api(start(faults=["answer-cut", "token-any-accepted", "command-status-missing"]))
    device_id = api.client.state("device", pending=1)["deviceId"]

    assert [command["status"] for command in api.commands(deviceId=device_id)["data"]] == ["PENDING"]
    assert _code(
        api.ask("GET", "/cmd/v1.4.0/deviceCommands", headers={**api.client.headers, "Authorization": "Bearer x"})
    ) == (403, "1010005")


def _code(response: httpx.Response) -> tuple[int, str]:
    members = response.json()
    return response.status_code, members.get("error_code") or members["resultcode"]
