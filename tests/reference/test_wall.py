"""The reference was written without the contract's documents; what it imports is a wall of tests/architecture."""

from __future__ import annotations

from pathlib import Path

import conformance.reference

FOLDER = Path(conformance.reference.__file__).parent


def test_reads_no_document_of_the_contract() -> None:
    """It was written from the source document alone: nothing in it opens the contract's documents."""
    for path in FOLDER.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert ".yaml" not in text, path
        assert "openapi" not in text, path
