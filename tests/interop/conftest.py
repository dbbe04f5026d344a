"""Programs that others wrote: these tests run only when asked for (`tox run -e interop`), and fail without them."""

from __future__ import annotations

import pytest


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Leave this folder out unless its tests are asked for."""
    return None if "interop" in config.getoption("markexpr").split() else True
