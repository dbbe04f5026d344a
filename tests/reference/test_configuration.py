"""What the reference says of itself."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conformance.reference.configuration import Provider
    from reference.conftest import Client, Start


@pytest.mark.parametrize("provider", ["hook", "northbound", "static"])
def test_configuration(client: Client, provider: Provider) -> None:
    """The configuration is TOML and names the target and the provider."""
    reference = client.reference
    settings = tomllib.loads(reference.configuration(provider))

    expected = {
        "base_url": reference.base_url,
        "app_key": reference.app_key,
        "access_token": reference.access_token,
        "app_id": reference.app_id,
        "calls_per_minute": 0,
    }
    assert expected == settings["target"]
    assert provider == settings["provider"]["kind"]


def test_configuration_trusts_the_certificate(start: Start) -> None:
    """Over HTTPS the configuration names the CA file."""
    reference = start(tls=True).reference

    assert str(reference.ca_file) == tomllib.loads(reference.configuration())["target"]["ca_bundle"]


def test_description(start: Start) -> None:
    """The description names all that a caller needs."""
    reference = start(tls=True, calls_per_minute=100).reference
    text = reference.describe()

    for part in (
        reference.base_url,
        reference.app_key,
        reference.secret,
        reference.access_token,
        reference.hook_url,
        str(reference.ca_file),
        reference.offline_device,
        "100 calls a minute",
    ):
        assert part in text
