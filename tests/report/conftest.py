"""The sample records, and the reports of the richest of them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from conformance.report import write_reports


def _load(name: str) -> ModuleType:
    """The module NAME of this folder; tests are no package, so it can't be imported by name."""
    spec = importlib.util.spec_from_file_location(f"report_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def samples() -> ModuleType:
    """The sample records."""
    return _load("samples")


@pytest.fixture(scope="session")
def folder(samples: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of each sample record, in a folder of its name."""
    folder = tmp_path_factory.mktemp("reports")
    for name, record in samples.all_records().items():
        write_reports(record, folder / name)
    return folder
