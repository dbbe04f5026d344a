"""Times in all their usual forms, read as instants."""

from __future__ import annotations

import pytest

from conformance.contract import times
from conformance.contract.times import Instant

EXAMPLE = 1487781600.0
"""2017-02-22T16:40:00Z."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20170222T164000Z", Instant(EXAMPLE, zoned=True)),
        ("2017-02-22T16:40:00Z", Instant(EXAMPLE, zoned=True)),
        ("2017-02-22 16:40:00", Instant(EXAMPLE, zoned=False)),
        ("201702221640", Instant(EXAMPLE, zoned=False, open=60.0)),
        ("20170222164000", Instant(EXAMPLE, zoned=False)),
        ("20170222T1640Z", Instant(EXAMPLE, zoned=True, open=60.0)),
        ("2017-02-22T16:40:00.5Z", Instant(EXAMPLE + 0.5, zoned=True)),
        ("20170222T164000,250Z", Instant(EXAMPLE + 0.25, zoned=True)),
        ("20170222T184000+0200", Instant(EXAMPLE, zoned=True)),
        ("20170222T114000-05", Instant(EXAMPLE, zoned=True)),
        ("20170222T221000+05:30", Instant(EXAMPLE, zoned=True)),
        ("20170222t164000 utc", Instant(EXAMPLE, zoned=True)),
        ("1487781600", Instant(EXAMPLE, zoned=True)),
        ("1487781600500", Instant(EXAMPLE + 0.5, zoned=True)),
        ("20170221T240000Z", Instant(EXAMPLE - 16 * 3600 - 40 * 60, zoned=True)),
        ("20161231T235960Z", Instant(1483228800.0, zoned=True)),
    ],
)
def test_times(text: str, expected: Instant) -> None:
    """Basic and extended form, with a zone or without, seconds and milliseconds are read as what they are."""
    assert expected == times.read(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a moment ago",
        "20170230T164000Z",
        "20171322T164000Z",
        "20170222T256000Z",
        "20170222T164061Z",
        "16:40",
        "9999",
        "٢٠١٧",
    ],
)
def test_no_times(text: str) -> None:
    """What is no time is read as none, a day that there isn't included."""
    assert times.read(text) is None
