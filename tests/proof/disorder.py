"""A plugin as other people have them: it puts the items of pytest into another order."""

from __future__ import annotations

import random

import pytest

__all__: list[str] = []

SEED = 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Another order, the same one in every process."""
    random.Random(SEED).shuffle(items)  # noqa: S311 (an order, not a secret)
