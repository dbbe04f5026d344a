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


@pytest.mark.parametrize(("app_id", "query"), [("app-1", "appId=%61pp-1"), ("é", "appId=%C3%A9"), ("", "appId=")])
def test_escaped_app_id(app_id: str, query: str) -> None:
    """One character of the appId is escaped, where it isn't already; it is the same appId."""
    draft = plain("key", "token", b"{}").with_app_id(app_id, "named").with_escaped_app_id("escaped")

    assert (query, app_id) == (draft.query, draft.app_id or "")
