"""Times as targets write them, read as instants."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

__all__ = ["ROUNDING", "ZONES", "Instant", "read"]

ROUNDING = 1.0
"""Seconds that two readings of one time may differ by: one may be cut to whole seconds, the other rounded."""

ZONES = 14 * 3600.0
"""Seconds by which the clocks of two zones differ at most, to either side of UTC."""

TIME = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)[T ]?(\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII | re.IGNORECASE,
)
SECONDS, MILLISECONDS = re.compile(r"1\d{9}", re.ASCII), re.compile(r"1\d{12}", re.ASCII)
LAST_HOUR, LEAP = 24, 60
MINUTE = 60.0


@dataclass(frozen=True)
class Instant:
    """Seconds since the epoch.

    Attributes:
        seconds: the earliest that the text may mean.
        zoned: the text says in which zone, otherwise it was taken as UTC.
        open: seconds that the text leaves open, beside rounding: those of a minute, where it has none.
    """

    seconds: float
    zoned: bool
    open: float = 0.0


def read(text: str) -> Instant | None:
    """The instant that TEXT names, None when it is no time in one of the usual forms."""
    if SECONDS.fullmatch(text):
        return Instant(float(text), zoned=True)
    if MILLISECONDS.fullmatch(text):
        return Instant(int(text) / 1000, zoned=True)
    found = TIME.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    fraction, zone = found.group(7), found.group(8)
    # The end of a day may be written as its 24th hour, and a leap second as the 60th one.
    late = dt.timedelta(days=hour == LAST_HOUR, seconds=second == LEAP)
    try:
        moment = dt.datetime(
            year,
            month,
            day,
            0 if late.days else hour,
            minute,
            min(second, LEAP - 1 if late.seconds else second),
            tzinfo=dt.UTC,
        )
    except ValueError:
        return None
    seconds = (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + late).total_seconds() - _offset(zone or "")
    left = 0.0 if found.group(6) else MINUTE
    return Instant(seconds + float(f"0.{fraction or 0}"), zone is not None, left)


def _offset(zone: str) -> float:
    """Seconds that ZONE is ahead of UTC."""
    if not zone.startswith(("+", "-")):
        return 0.0
    digits = zone[1:].replace(":", "")
    return (1 if zone[0] == "+" else -1) * (int(digits[:2]) * 3600.0 + int(digits[2:] or 0) * 60.0)
