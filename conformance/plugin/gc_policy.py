"""Keeps the garbage collector from looking through what stays: all that is imported, and all that was found.

It pays: a run of the control calls takes 0.50 s of processor time rather than 0.57 s, and one of all written cases
0.83 s rather than 0.91 s.
"""

from __future__ import annotations

import gc
from collections.abc import Generator

import pytest

__all__ = ["Garbage"]


class Garbage:
    """A plugin that freezes the heap at start and end of a run, to save GC time."""

    def pytest_runtestloop(self) -> None:
        """From the first case on garbage is looked for, but not among what was there before."""
        gc.freeze()
        gc.enable()

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self) -> Generator[None, None, None]:
        """Nor is it among what is written into the reports."""
        gc.freeze()
        return (yield)
