"""What the reference says of itself."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conformance.reference.configuration import Provider
    from tests.reference.conftest import Client, Start


@pytest.mark.parametrize("provider", ["hook", "northbound", "static"])
def test_configuration(client: Client, provider: Provider) -> None:
    """The configuration is TOML and names the target and the provider."""
    reference = client.reference
    settings = tomllib.loads(reference.configuration(provider))

    expected = {
        "base_url": reference.address.base_url,
        "app_key": reference.inventory.app_id,
        "access_token": reference.inventory.access_token,
        "app_id": reference.inventory.app_id,
        "calls_per_minute": 0,
    }
    assert expected == settings["target"]
    assert provider == settings["provider"]["kind"]


def test_northbound_configuration(client: Client) -> None:
    """The northbound provider is given the secrets, and devices that exist and were online before."""
    settings = tomllib.loads(client.reference.configuration("northbound"))
    provider = settings["provider"]

    assert provider["secret"] == client.inventory.secret
    assert len(provider["device_ids"]) >= 3
    for device_id in provider["device_ids"]:
        assert {"DELIVERED", "SUCCESSFUL", "FAILED", "TIMEOUT", "EXPIRED"} == set(client.held(device_id).values())
    assert provider["other_app_key"] == client.inventory.parties.stranger.app_id
    assert [client.inventory.foreign_device.device_id] == provider["other_device_ids"]
    assert provider["authorizing_app_id"] == client.inventory.parties.partner.app_id
    assert [client.inventory.authorizing_device.device_id] == provider["authorizing_device_ids"]
    assert {"congestion-refused", "internal-error-reported"} < {one["requirement"] for one in settings["untestable"]}


def test_static_configuration(client: Client) -> None:
    """The static provider is given devices with the commands that they hold, the stranger's among them."""
    static = tomllib.loads(client.reference.configuration("static"))["provider"]["static"]

    for device in [*static["devices"], static["foreign_device"]]:
        expected = {**dict.fromkeys(device["pending"], "PENDING"), **dict.fromkeys(device["delivered"], "DELIVERED")}
        assert client.held(device["id"]) == expected
    assert {len(device["pending"]) for device in static["devices"]} >= {0, 1, 2, 3, 101}
    assert static["foreign_device"]["app_id"] == static["unauthorized_app_id"]
    for name in ("authorized_application", "second_application"):
        named = static[name]
        assert client.held(named["device_id"]) == dict.fromkeys(named["pending"], "PENDING")
    second = static["second_application"]
    headers = {**client.headers, "app_key": second["app_key"], "Authorization": f"Bearer {second['access_token']}"}
    assert 201 == client.call({"deviceId": second["device_id"]}, headers=headers).status_code


def test_configuration_trusts_the_certificate(start: Start) -> None:
    """Over HTTPS the configuration names the CA file."""
    reference = start(tls=True).reference

    assert str(reference.address.ca_file) == tomllib.loads(reference.configuration())["target"]["ca_bundle"]


def test_description(start: Start) -> None:
    """The description names all that a caller needs."""
    reference = start(tls=True, calls_per_minute=100).reference
    text = reference.describe()

    for part in (
        reference.address.base_url,
        reference.inventory.app_id,
        reference.inventory.secret,
        reference.inventory.access_token,
        reference.address.hook_url,
        str(reference.address.ca_file),
        reference.inventory.offline_device,
        "100 calls a minute",
    ):
        assert part in text
