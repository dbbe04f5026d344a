"""The name of the distribution, under which it is installed, keeps its files and presents itself to a target."""

from __future__ import annotations

__all__ = ["NAME"]

NAME = "revocation-conformance"
