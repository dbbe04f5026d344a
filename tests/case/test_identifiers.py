"""Identifiers that nobody has, made from one that exists."""

from __future__ import annotations

import re

import pytest

from conformance.case.identifiers import cut_short, extended, unknown_device, unknown_like
from conformance.run.calls import body_for

UUID = "5d0c7a4e-93b1-4f26-8e57-b1c2d9f06a38"
IDS = [
    UUID,
    "Rk7wQ2vYc0ZsXb5nLpT9uHdGmEa",
    "7",
    "1001",
    "1001001001001001",
    "dev-1",
    "conformance-device-12",
    "a",
    "z" * 64,
    "9" * 64,
    "设备-00012",
    "😀",
    "---",
]


@pytest.mark.parametrize("identifier", IDS)
def test_unknown(identifier: str) -> None:
    """It is another one, of at least sixteen characters, so that it can't be one that is counted up to."""
    made = {unknown_like(identifier) for _ in range(50)}

    assert identifier not in made
    assert all(16 <= len(one) <= 64 for one in made)


def test_form() -> None:
    """It has the form of the one that exists: hexadecimal digits, letters and hyphens stay such."""
    assert re.fullmatch(r"\d[a-f]\d[a-f]\d[a-f]\d[a-f]-\d\d[a-f]\d-.{4}-.{4}-.{12}", unknown_like(UUID))
    assert unknown_like("1234567890123456789").isdigit()


@pytest.mark.parametrize(
    ("identifier", "longer"),
    [
        (UUID, f"{UUID}z"),
        ("1001", "1001000000000000"),
        ("1001001001001001", "10010010010010010"),
        ("dev-1", "dev-1z0000000000"),
        ("conformance-device-1", "conformance-device-1z"),
    ],
)
def test_extended(identifier: str, longer: str) -> None:
    """What begins with an identifier is never the next but nine that is counted up to."""
    assert longer == extended(identifier)


@pytest.mark.parametrize(
    ("identifier", "shorter"),
    [
        ("5d0c7a4e-93b1-4f26-8e57-b1c2d9f06abc", "5d0c7a4e-93b1-4f26-8e57-b1c2d9f06ab"),
        (UUID, "5d0c7a4e-93b1-4f26-8e57-b1c2d9f06a"),
        ("1001001001001001", "100100100100100"),
        ("dev-12", "dev-"),
        ("conformance-device-12", "conformance-device-"),
    ],
)
def test_cut_short(identifier: str, shorter: str) -> None:
    """What an identifier begins with is never one that was counted up to before it."""
    assert shorter == cut_short(identifier)


@pytest.mark.parametrize("identifier", ["7", "1001", "x"])
def test_nothing_left(identifier: str) -> None:
    """Where nothing would be left of an identifier, it is another one."""
    assert cut_short(identifier) not in ("", identifier)


def test_unknown_devices() -> None:
    """No two of them are the same."""
    assert unknown_device() != unknown_device()


def test_body() -> None:
    """The body names the device and nothing else, in ASCII."""
    assert b'{"deviceId": "\\u00e9\\""}' == body_for('é"')
