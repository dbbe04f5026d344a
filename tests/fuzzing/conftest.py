"""Nothing that these tests do reaches the user's cache folder."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def _tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for the tables that Hypothesis computes once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, _tables: Path) -> None:
    monkeypatch.setenv("CONFORMANCE_CACHE_DIR", str(_tables))
