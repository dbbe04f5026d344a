"""Recognises the suite's own modules among what pytest is asked to collect."""

from __future__ import annotations

from pathlib import Path

import pytest

__all__ = ["asks_for_suite", "collector"]

PACKAGE = "conformance"
SUITE = ("conformance", "suite")


def _is_package(path: Path) -> bool:
    return path.name == PACKAGE and (path / "suite" / "__init__.py").is_file()


def asks_for_suite(config: pytest.Config) -> bool:
    """Whether an argument of the command line names the package, its suite, or something in it."""
    for argument in config.args:
        text = argument.partition("::")[0]
        if config.option.pyargs and text.split(".")[0] == PACKAGE:
            return True
        path = (config.invocation_params.dir / text).resolve()
        if _is_package(path) or any(_is_package(parent) for parent in path.parents if parent.name == PACKAGE):
            return True
    return False


def collector(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A module of the suite as pytest collects it, or None for every other file."""
    ours = file_path.suffix == ".py" and file_path.parts[-3:-1] == SUITE and _is_package(file_path.parent.parent)
    # Named on the command line it is collected by pytest itself.
    if not ours or file_path.name.startswith("_") or parent.session.isinitpath(file_path):
        return None
    module: pytest.Module = pytest.Module.from_parent(parent, path=file_path)
    return module
