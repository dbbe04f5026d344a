"""What made the generated requests: the same seed and the same versions make the same ones on any machine."""

from __future__ import annotations

import platform
from importlib.metadata import version

__all__ = ["MADE_BY", "versions"]

MADE_BY = ("schemathesis", "hypothesis", "jsonschema-rs", "requests")
"""The distributions that have a say in what is drawn, without importing them."""


def versions() -> dict[str, str]:
    """The versions of Python and of these distributions, by name."""
    return {"python": platform.python_version(), **{name: version(name) for name in MADE_BY}}
