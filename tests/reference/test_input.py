"""The request's body."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.reference.conftest import Client

INVALID = (400, "100022")
UNKNOWN = (200, "100418")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="list"),
        pytest.param(b'"text"', id="string"),
        pytest.param(b'{"deviceId": "x"', id="unclosed"),
        pytest.param(b'{"deviceId": "x",}', id="trailing comma"),
        pytest.param(b'{"deviceId": "x"} y', id="trailing text"),
        pytest.param(b"{'deviceId': 'x'}", id="single quotes"),
        pytest.param(b'{"deviceId": "x", "y": NaN}', id="nan"),
        pytest.param(b'{"deviceId": "x\n"}', id="raw line break"),
        pytest.param(b'\xef\xbb\xbf{"deviceId": "x"}', id="byte order mark"),
        pytest.param('{"deviceId": "x"}'.encode("utf-16"), id="utf-16"),
        pytest.param(b'{"deviceId": "\xff"}', id="invalid utf-8"),
        pytest.param(b'{"deviceId": "\\ud800"}', id="half a surrogate pair"),
        pytest.param(b"[" * 200_000, id="deep"),
        pytest.param(b'{"deviceId": "x", "y": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", id="deep member"),
        pytest.param(b'{"deviceId": "x", "y": ' + b"1" * 10_000 + b"}", id="huge number"),
        pytest.param(b"x" * 2_000_000, id="huge"),
    ],
)
def test_malformed_body(client: Client, body: bytes) -> None:
    """What is no JSON object is invalid input, never a crash."""
    assert INVALID == client.error(body)


@pytest.mark.parametrize("device_id", [None, 5, 0.5, True, [], ["x"], {}, "", "x" * 65, "é" * 65])
def test_invalid_device_id(client: Client, device_id: object) -> None:
    """DeviceId is a string of 1 to 64 characters, and nothing is coerced."""
    assert INVALID == client.error({"deviceId": device_id})


def test_missing_device_id(client: Client) -> None:
    """DeviceId is mandatory, by this very name."""
    assert INVALID == client.error({"deviceid": "x"})


@pytest.mark.parametrize("device_id", ["x", "x" * 64, "é" * 64, "😀" * 64, " ", "*", "'; --", "\u0000"])
def test_valid_device_id_of_no_device(client: Client, device_id: str) -> None:
    """Every other string names a device that doesn't exist."""
    assert UNKNOWN == client.error({"deviceId": device_id})


@pytest.mark.parametrize(
    "change", [str.upper, lambda text: f" {text}", lambda text: text[:-1], lambda text: text + "0"]
)
def test_only_the_exact_device_id(client: Client, change: Callable[[str], str]) -> None:
    """A deviceId is neither trimmed nor completed."""
    assert UNKNOWN == client.error({"deviceId": change(client.inventory.offline_device)})


def test_device_of_another_application(client: Client) -> None:
    """Another application's device doesn't exist for the caller, and stays as it is."""
    device = client.state("foreign device", pending=2)

    assert UNKNOWN == client.error({"deviceId": device["deviceId"]})
    assert dict.fromkeys(device["pending"], "PENDING") == client.held(device["deviceId"])


@pytest.mark.parametrize(
    "spell",
    [
        lambda text: f"\r\n\t {text} \n",
        lambda text: text.replace("deviceId", "\\u0064eviceId"),
        lambda text: text.replace("}", ', "further": {"appId": [1]}}'),
        lambda text: text.replace("{", '{"before": null, '),
    ],
)
def test_other_spellings(client: Client, spell: Callable[[str], str]) -> None:
    """White space, escapes and further members make no difference."""
    text = json.dumps({"deviceId": client.inventory.offline_device})

    assert 201 == client.call(spell(text).encode()).status_code


@pytest.mark.parametrize("media_type", ["application/json;charset=UTF-8", "text/plain", ""])
def test_content_type_is_ignored(client: Client, media_type: str) -> None:
    """The body is read as JSON whatever its content type says."""
    headers = {**client.headers, "Content-Type": media_type}

    assert 201 == client.call({"deviceId": client.inventory.offline_device}, headers=headers).status_code
