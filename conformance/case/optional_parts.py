"""The cases about the optional parts of a call: before them nobody knows whether a call is refused for these."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from conformance.contract import names

__all__ = ["ABOUT", "ACCEPTED"]

ABOUT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {names.APP_ID_OPTIONAL: ("accepted-own-app-id",), names.REQUEST_CHARSET: ("accepted-charset",)}
)
"""By the requirement that a part is about, the cases that tell whether a call with it is accepted."""

ACCEPTED = tuple(case for cases in ABOUT.values() for case in cases)
"""All of these cases."""
