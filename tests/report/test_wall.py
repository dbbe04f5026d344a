"""The wall around the reports: everything comes from the record."""

from __future__ import annotations

import ast
from pathlib import Path

import conformance.report

ALLOWED = ("conformance.record", "conformance.evidence", "conformance.exceptions", "conformance.report")


def _imports(path: Path) -> set[str]:
    """The modules of this package that PATH imports."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    names = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    names |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return {name for name in names if name.partition(".")[0] == "conformance"}


def test_reports_know_the_record_only() -> None:
    """No module of the reports imports a room that runs, judges or configures anything."""
    modules = Path(conformance.report.__file__).parent.glob("*.py")
    strangers = {name for module in modules for name in _imports(module) if not name.startswith(ALLOWED)}

    assert strangers == set()
