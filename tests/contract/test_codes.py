"""Each error code has one name."""

from __future__ import annotations

import ast
import re

from conformance.contract import codes, documents
from tests.architecture.imports import modules, room_of

NAMED = [value for name, value in vars(codes).items() if name.isupper() and isinstance(value, str)]
APART = frozenset({"reference", "suite"})
"""The reference is walled off; in the suite's tables a code is what the case is about."""


def test_every_code_of_the_table_has_one_name() -> None:
    """The names are complete, and no code has two."""
    assert sorted({row.code for row in documents.load().rows}) == sorted(NAMED)


def test_codes_are_called_by_their_names() -> None:
    """No other module writes an error code out."""
    written = {
        (module, node.value)
        for module, tree in modules().items()
        if room_of(module) not in APART and module != codes.__name__
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch("|".join(NAMED), node.value)
    }

    assert set() == written
