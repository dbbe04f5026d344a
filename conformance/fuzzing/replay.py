"""Finds the request that --replay names, before any call is made."""

from __future__ import annotations

from pathlib import Path

from conformance.exceptions import UsageError
from conformance.fuzzing.memory import Kept, Memory

__all__ = ["find"]


def find(identity: str, cache: Path | None = None) -> Kept:
    """The request IDENTITY: one that failed before, or one of the fixed ones; UsageError when there is none."""
    kept = Memory(cache).find(identity)
    if kept is not None:
        return kept
    from conformance.fuzzing.input_classes import corpus_only  # noqa: PLC0415 (not needed for the usual run)

    for input_class, example in corpus_only():
        if example.id == identity:
            return Kept(example, input_class, "")
    words = (
        "ids are in the reports, requests in the cache folder of the machine that found them (CONFORMANCE_CACHE_DIR)"
    )
    raise UsageError([f"--replay {identity}: no failing request of this id is kept; {words}"])
