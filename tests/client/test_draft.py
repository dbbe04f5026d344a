"""What a call says before it is sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.client.draft import plain


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"deviceId": "d-1"}', "d-1"),
        (b'{"deviceId": 1}', ""),
        (b'{"deviceID": "d-1"}', ""),
        (b'["deviceId"]', ""),
        (b"[" * 100_000, ""),
        (b"\xff", ""),
        (b"", ""),
    ],
    ids=["named", "a number", "another name", "a list", "nested deeply", "no text", "nothing"],
)
def test_device_id(body: bytes, expected: str) -> None:
    """The device that a body names is found, and none in a body that names none."""
    assert expected == plain("key", "token", body).device_id


def test_bare() -> None:
    """A bare call has the headers of the document, and what HTTP itself needs."""
    request = replace(plain("key", "token", b"{}"), bare=True).request("http://target:1")

    assert ["Host", "app_key", "Authorization", "Content-Type", "Content-Length"] == [
        name for name, _ in request.headers
    ]
