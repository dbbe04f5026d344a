"""No class does too much: the number of its public methods and of its fields is bounded."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.imports import modules, room_of

MOST_METHODS, MOST_FIELDS = 15, 12
AS_PROMISED = frozenset({"Record", "CaseResult", "RequirementResult"})
"""Values with a field for each member of an object of results.json, whose shape is promised."""

# Its methods are the decisions that an implementation takes, one a method, so that a fault or a variant is the edit of
# one; and it is walled off from all that this test looks after.
APART = frozenset({"reference"})


def _classes() -> Iterator[tuple[str, ast.ClassDef]]:
    for module, tree in modules().items():
        if room_of(module) not in APART:
            yield from ((module, node) for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


def methods(node: ast.ClassDef) -> set[str]:
    """The public methods and properties that the class says it has."""
    return {
        one.name
        for one in node.body
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and not one.name.startswith("_")
    }


def fields(node: ast.ClassDef) -> set[str]:
    """The fields of the class: those that it declares, and what its methods assign to self, private ones included."""
    declared = {
        one.target.id for one in node.body if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
    }
    assigned = {
        one.attr
        for one in ast.walk(node)
        if isinstance(one, ast.Attribute)
        and isinstance(one.ctx, ast.Store)
        and isinstance(one.value, ast.Name)
        and one.value.id == "self"
    }
    return declared | assigned


def test_what_is_counted() -> None:
    """Declared fields, assigned ones and those of a tuple count once each; private methods don't count."""
    (node,) = ast.parse(
        "class One:\n a: int\n b: str = ''\n c = 3\n"
        " def __init__(self): self.a, self._d = 1, 2; self.e: int = 1\n"
        " def f(self): self._d += 1\n @property\n def g(self): ...\n def _h(self): ..."
    ).body
    assert isinstance(node, ast.ClassDef)

    assert ({"a", "b", "_d", "e"}, {"f", "g"}) == (fields(node), methods(node))


@pytest.mark.parametrize(("most", "count"), [(MOST_METHODS, methods), (MOST_FIELDS, fields)], ids=["methods", "fields"])
def test_classes_are_small(most: int, count: object) -> None:
    """No class has more public methods or more fields than a reader can keep in mind."""
    assert callable(count)
    sizes = {f"{module}.{node.name}": len(count(node)) for module, node in _classes() if node.name not in AS_PROMISED}

    assert {} == {name: size for name, size in sizes.items() if size > most}


def test_exceptions_are_needed() -> None:
    """Each class that is let pass is there, and over one of the bounds."""
    large = {
        node.name for _, node in _classes() if len(methods(node)) > MOST_METHODS or len(fields(node)) > MOST_FIELDS
    }

    assert set() == AS_PROMISED - large
