"""The cases, one module for each chapter. A case states a fact about the target and never knows which target it is."""

from __future__ import annotations

from importlib import import_module

__all__ = ["CHAPTERS", "load"]

CHAPTERS = (
    "accepted",
    "revocation",
    "credentials",
    "application",
    "device",
    "bounds",
    "malformed",
    "transport",
    "flow_control",
    "troubles",
    "generated",
)


def load() -> None:
    """Import every chapter, which registers its cases."""
    for chapter in CHAPTERS:
        import_module(f"conformance.suite.{chapter}")
