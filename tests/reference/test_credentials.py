"""app_key, access token and appId."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.reference.conftest import Client, Start


@pytest.mark.parametrize("value", [None, ""])
def test_missing_app_key(client: Client, value: str | None) -> None:
    """Without app_key, or with an empty one, the call is refused with 100220."""
    headers = {key: one for key, one in {**client.headers, "app_key": value}.items() if one is not None}

    assert (500, "100220") == client.error({}, headers=headers)


@pytest.mark.parametrize("change", [str.upper, lambda key: key[:-1], lambda key: key + "0", lambda _: "nobody"])
def test_other_app_key(client: Client, change: Callable[[str], str]) -> None:
    """An app_key that isn't exactly the application's is refused with 1010005."""
    headers = {**client.headers, "app_key": change(client.inventory.app_id)}

    assert (403, "1010005") == client.error({}, headers=headers)


def test_app_key_of_another_application(client: Client) -> None:
    """The token must have been issued to the application that app_key names."""
    headers = {**client.headers, "app_key": client.inventory.parties.stranger.app_id}

    assert (403, "1010005") == client.error({}, headers=headers)


@pytest.mark.parametrize(
    "form",
    ["", "{}", "Bearer", "Bearer{}", "bearer {}", "BEARER {}", "Basic {}", "Bearer: {}", "Bearer {} {}"],
)
def test_only_bearer_and_the_token(client: Client, form: str) -> None:
    """Every other form of Authorization is refused."""
    token = client.inventory.access_token
    headers = {**client.headers, "Authorization": form.format(token, token)}

    assert (403, "1010005") == client.error({}, headers=headers)


@pytest.mark.parametrize("change", [str.swapcase, lambda text: text[:-1], lambda text: text + "x", lambda _: "x"])
def test_only_the_exact_token(client: Client, change: Callable[[str], str]) -> None:
    """A token is compared whole, letter by letter."""
    headers = {**client.headers, "Authorization": f"Bearer {change(client.inventory.access_token)}"}

    assert (403, "1010005") == client.error({}, headers=headers)


def test_repeated_header(client: Client) -> None:
    """Two Authorization headers are one list, and no token."""
    headers = [*client.headers.items(), ("Authorization", client.headers["Authorization"])]

    assert (403, "1010005") == client.error({}, headers=headers)


def test_headers_in_any_case(client: Client) -> None:
    """Names of headers are recognised in any letter case."""
    headers = {name.upper(): value for name, value in client.headers.items()}

    assert 201 == client.call({"deviceId": client.inventory.offline_device}, headers=headers).status_code


def test_expired_token(client: Client) -> None:
    """The expired token of the hook is refused; the valid one stays valid."""
    token = client.state("expired token")["accessToken"]
    headers = {**client.headers, "Authorization": f"Bearer {token}"}

    assert (403, "1010005") == client.error({}, headers=headers)
    assert (400, "100022") == client.error({})


def test_token_expires_by_the_clock(start: Start) -> None:
    """A token of the log-in call is valid for its lifetime, and no longer."""
    now = 0.0
    client = start(token_lifetime=10, clock=lambda: now)
    form = {"appId": client.inventory.app_id, "secret": client.inventory.secret}
    login = client.http.post(f"{client.address.base_url}/iocm/app/sec/v1.1.0/login", data=form).json()
    headers = {**client.headers, "Authorization": f"Bearer {login['accessToken']}"}

    now = 9.9
    assert (400, "100022") == client.error({}, headers=headers)
    now = 10.0
    assert (403, "1010005") == client.error({}, headers=headers)


def test_own_app_id(client: Client) -> None:
    """AppId may name the caller itself."""
    response = client.call({"deviceId": client.inventory.offline_device}, app_id=client.inventory.app_id)

    assert 201 == response.status_code


@pytest.mark.parametrize("app_id", ["nobody", ""])
def test_unknown_app_id(client: Client, app_id: str) -> None:
    """An appId that no application has is refused with 100203."""
    assert (403, "100203") == client.error({"deviceId": client.inventory.offline_device}, app_id=app_id)


def test_unauthorized_app_id(client: Client) -> None:
    """Nor may the caller act for an application that hasn't authorised it."""
    stranger = client.state("unauthorized application")["appId"]

    assert (403, "100217") == client.error({"deviceId": client.inventory.foreign_device.device_id}, app_id=stranger)


def test_authorized_app_id(client: Client) -> None:
    """The caller may act for an application that has authorised it: the task is that application's."""
    partner = client.reference.store.parties.partner
    device = client.reference.store.register(partner, PENDING=1)

    task = client.call({"deviceId": device.device_id}, app_id=partner.app_id).json()

    assert (partner.app_id, 1) == (task["appId"], task["totalCount"])
    assert partner.app_id == task["deviceCommands"][0]["appId"]
