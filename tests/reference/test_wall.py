"""The reference stands apart from the rest of the suite."""

from __future__ import annotations

import ast
from pathlib import Path

import conformance.reference

FOLDER = Path(conformance.reference.__file__).parent


def test_imports_nothing_else_of_the_suite() -> None:
    """Whatever it imports of the package is its own."""
    imported = set()
    for path in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, path
                imported.add(node.module or "")
            elif isinstance(node, ast.Import):
                imported.update(name.name for name in node.names)

    others = {name for name in imported if name.split(".")[0] == "conformance"}
    assert {name for name in others if name.split(".")[:2] != ["conformance", "reference"]} == set()


def test_reads_no_document_of_the_contract() -> None:
    """It was written from the source document alone: nothing in it opens the contract's documents."""
    for path in FOLDER.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert ".yaml" not in text, path
        assert "openapi" not in text, path
