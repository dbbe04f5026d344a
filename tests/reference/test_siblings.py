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
        self.base = f"{client.address.base_url}/iocm/app"

    def ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        """One call, with good credentials unless headers are given."""
        response: httpx.Response = self.client.http.request(
            method, self.base + path, **{"headers": self.client.headers, **how}
        )
        return response

    def login(self, **form: str) -> httpx.Response:
        """Log in."""
        known = {
            "appId": self.client.inventory.app_id,
            "secret": self.client.inventory.secret,
        }
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

    assert ("bearer", 3600, "default") == (members["tokenType"], members["expiresIn"], members["scope"])
    assert (400, "100022") == api.client.error({}, headers=new)
    assert (403, "1010005") == api.client.error({})


@pytest.mark.parametrize(("form", "code"), [({"appId": "nobody"}, "100203"), ({"secret": "x"}, "1010005")])
def test_log_in_refused(api: Api, form: dict[str, str], code: str) -> None:
    """An unknown application and a wrong secret get no token, and end none."""
    response = api.login(**form)

    assert 403 == response.status_code
    assert code in response.json().values()
    assert (400, "100022") == api.client.error({})


def test_life_of_a_command(api: Api) -> None:
    """Register a device, queue a command, revoke it, read back task and command, remove the device."""
    device_id = api.ask("POST", "/reg/v1.1.0/deviceCredentials", json={"nodeId": "n", "verifyCode": "n"}).json()[
        "deviceId"
    ]
    queued = api.queue(device_id, callbackUrl="https://a.example/", expireTime=60, maxRetransmit=3)
    command = queued.json()
    assert (201, "DEFAULT") == (queued.status_code, command["status"])
    assert (
        COMMAND,
        "https://a.example/",
        60,
        3,
    ) == tuple(command[name] for name in ("command", "callbackUrl", "expireTime", "maxRetransmit"))
    assert [{**command, "status": "PENDING"}] == api.commands(deviceId=device_id)["data"]

    task = api.client.call({"deviceId": device_id}).json()

    after = {**command, "status": "CANCELED"}
    assert [after] == api.commands(deviceId=device_id)["data"]
    expected = {**task, "status": "SUCCESS", "deviceCommands": [after]}
    assert [expected] == api.tasks(deviceId=device_id)["data"]
    assert [expected] == api.tasks(taskId=task["taskId"], status="SUCCESS")["data"]
    assert [] == api.tasks(deviceId=device_id, status="FAILED")["data"]

    assert 204 == api.ask("DELETE", f"/dm/v1.4.0/devices/{device_id}").status_code
    assert (200, "100418") == api.client.error({"deviceId": device_id})


def test_immediate_delivery_to_an_offline_device(api: Api) -> None:
    """With expireTime 0 nothing is kept: the command has failed."""
    device_id = api.client.inventory.offline_device
    api.queue(device_id, expireTime=0)

    assert "FAILED" == api.commands(deviceId=device_id)["data"][0]["status"]


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
    assert (400, "100022") == _code(api.queue(api.client.inventory.offline_device, **members))


def test_pages(api: Api) -> None:
    """Pages count from 0, the newest first, and tell the whole number."""
    device = api.client.state("device", pending=5)
    first, last = (api.commands(deviceId=device["deviceId"], pageNo=number, pageSize=2) for number in (0, 2))

    assert {"pageNo": 2, "pageSize": 2, "totalSize": 5} == last["pagination"]
    assert device["pending"][:2:-1] == [command["commandId"] for command in first["data"]]
    assert device["pending"][:1] == [command["commandId"] for command in last["data"]]


@pytest.mark.parametrize("params", [{"pageNo": -1}, {"pageSize": 0}, {"pageSize": 1001}, {"pageNo": "x"}])
def test_pages_out_of_range(api: Api, params: dict[str, object]) -> None:
    """A page that can't be is invalid input."""
    assert (400, "100022") == _code(api.ask("GET", "/cmd/v1.4.0/deviceCommands", params=params))


def test_times(api: Api) -> None:
    """StartTime and endTime bound the creation of the commands listed."""
    device_id = api.client.state("device", pending=1)["deviceId"]

    assert 1 == len(api.commands(deviceId=device_id, startTime="20170101T000000Z")["data"])
    assert [] == api.commands(deviceId=device_id, endTime="20170101T000000Z")["data"]


def test_modify(api: Api) -> None:
    """A pending command can be cancelled, once, and to nothing else."""
    device = api.client.state("device", pending=1, delivered=1)
    pending, delivered = (f"/cmd/v1.4.0/deviceCommands/{device[name][0]}" for name in ("pending", "delivered"))
    cancel = {"status": "CANCELED"}

    assert (400, "100022") == _code(api.ask("PUT", pending, json={"status": "SUCCESSFUL"}))
    assert "CANCELED" == api.ask("PUT", pending, json=cancel).json()["status"]
    assert (400, "100022") == _code(api.ask("PUT", pending, json=cancel))
    assert (400, "100022") == _code(api.ask("PUT", delivered, json=cancel))
    assert (400, "100022") == _code(api.ask("PUT", "/cmd/v1.4.0/deviceCommands/nothing", json=cancel))
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
    assert (500, "100220") == _code(api.ask(method, path, headers={}))
    assert (403, "1010005") == _code(api.ask(method, path, headers={"app_key": api.client.inventory.app_id}))


def test_foreign_devices(api: Api) -> None:
    """Another application's device can't be read, commanded or removed."""
    device_id = api.client.inventory.foreign_device.device_id

    assert [] == api.commands(deviceId=device_id)["data"]
    assert (200, "100418") == _code(api.queue(device_id))
    assert (200, "100418") == _code(api.ask("DELETE", f"/dm/v1.4.0/devices/{device_id}"))


def test_unknown_paths_and_methods(api: Api) -> None:
    """They are answered 404 and 405, in an error envelope."""
    assert 404 == _code(api.ask("GET", "/nothing"))[0]
    assert 405 == _code(api.ask("GET", "/sec/v1.1.0/login"))[0]


def test_faults_leave_siblings_alone(start: Start) -> None:
    """What breaks the call breaks no other."""
    api = Api(start(faults=["answer-cut", "token-any-accepted", "command-status-missing"]))
    device_id = api.client.state("device", pending=1)["deviceId"]

    assert ["PENDING"] == [command["status"] for command in api.commands(deviceId=device_id)["data"]]
    assert (403, "1010005") == _code(
        api.ask("GET", "/cmd/v1.4.0/deviceCommands", headers={**api.client.headers, "Authorization": "Bearer x"})
    )


def _code(response: httpx.Response) -> tuple[int, str]:
    members = response.json()
    return response.status_code, members.get("error_code") or members["resultcode"]
