"""Each requirement that code refers to has one name."""

from __future__ import annotations

import ast

from conformance.contract import documents, names
from tests.architecture.imports import modules, room_of

NAMED = {name: value for name, value in vars(names).items() if name.isupper() and isinstance(value, str)}
SETS = {name: value for name, value in vars(names).items() if name.isupper() and not isinstance(value, str)}
APART = frozenset({"reference", "suite"})
"""The reference is walled off; in the suite's tables an id stands as the case's own data."""


def _attributes() -> set[str]:
    """Every attribute that code outside the names' module asks for."""
    return {
        node.attr
        for module, tree in modules().items()
        if module != names.__name__
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
    }


def test_names_are_of_requirements() -> None:
    """Each name is that of a requirement of the ledger, spelled as that is, so that none has two."""
    assert set() == set(NAMED.values()) - set(documents.load().requirements)
    assert NAMED == {value.upper().replace("-", "_"): value for value in NAMED.values()}


def test_names_are_used() -> None:
    """No name is left over."""
    together = {requirement for these in SETS.values() for requirement in these}

    assert set() == {*NAMED, *SETS} - _attributes() - {name for name, value in NAMED.items() if value in together}


def test_every_effect_of_a_refusal_is_named() -> None:
    """The set of what refused calls break by an effect holds all requirements of that kind."""
    assert {one for one in documents.load().requirements if one.startswith("no-effect-")} == set(names.NO_EFFECT)


def test_requirements_are_called_by_their_names() -> None:
    """No other module writes the id of a requirement out."""
    requirements = documents.load().requirements
    written = {
        (module, node.value)
        for module, tree in modules().items()
        if room_of(module) not in APART and module != names.__name__
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in requirements
    }

    assert set() == written
