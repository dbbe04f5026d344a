"""No class does too much: the number of its public methods and of its fields, inherited ones included, is bounded."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from conformance.provider.states import STATES
from tests.architecture.imports import imported, modules

MOST_METHODS, MOST_FIELDS = 15, 12
PROMISED = frozenset(state.replace(" ", "_") for state in STATES)
"""The methods of whatever brings a target into states: one for each state of the hook, whose protocol is promised."""

Members = Callable[[ast.ClassDef], set[str]]


def _name(node: ast.expr) -> str:
    """The name of the base class NODE, without its module and its parameters."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.attr if isinstance(node, ast.Attribute) else ast.unparse(node)


@cache
def classes() -> tuple[tuple[str, ast.ClassDef], ...]:
    """Every class of the package, with its module."""
    return tuple(
        (module, node)
        for module, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    )


@cache
def _known(module: str) -> frozenset[str]:
    """The modules whose classes MODULE may name."""
    return frozenset({module, *imported(modules()[module], frozenset(modules()))})


def ancestry(module: str, node: ast.ClassDef) -> Iterator[ast.ClassDef]:
    """NODE, a class of MODULE, and those of the package's classes that it inherits from."""
    yield node
    bases = {_name(base) for base in node.bases}
    for other, candidate in classes():
        if candidate.name in bases and other in _known(module) and candidate is not node:
            yield from ancestry(other, candidate)


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


def count(module: str, node: ast.ClassDef, members: Members) -> int:
    """How many MEMBERS the class has, with all that it inherits; what is promised of states counts for nothing."""
    found = {name for one in ancestry(module, node) for name in members(one)}
    return len(found - PROMISED if found >= PROMISED else found)


def too_large() -> set[tuple[str, str]]:
    """The classes that are over a bound, and over which."""
    return {
        (f"{module.removeprefix('conformance.')}.{node.name}", what)
        for module, node in classes()
        for what, members, most in (("methods", methods, MOST_METHODS), ("fields", fields, MOST_FIELDS))
        if count(module, node, members) > most
    }


def test_what_is_counted() -> None:
    """Declared fields, assigned ones and those of a tuple count once each; private methods don't count."""
    (node,) = ast.parse(
        "class One:\n a: int\n b: str = ''\n c = 3\n"
        " def __init__(self): self.a, self._d = 1, 2; self.e: int = 1\n"
        " def f(self): self._d += 1\n @property\n def g(self): ...\n def _h(self): ..."
    ).body
    assert isinstance(node, ast.ClassDef)

    assert ({"a", "b", "_d", "e"}, {"f", "g"}) == (fields(node), methods(node))


@pytest.mark.parametrize(
    ("module", "name", "expected"),
    [
        (
            "conformance.provider.northbound",
            "NorthboundProvider",
            ["NorthboundProvider", "StaticProvider", "AbsentProvider", "AbsentStates"],
        ),
        ("conformance.reference.store", "Device", ["Device"]),
    ],
)
def test_what_is_inherited(module: str, name: str, expected: list[str]) -> None:
    """The classes behind a class are found in whatever module they stand."""
    node = next(node for where, node in classes() if (where, node.name) == (module, name))

    assert expected == [one.name for one in ancestry(module, node)]


def test_classes_are_small() -> None:
    """No class has more public methods or more fields than a reader can keep in mind."""
    assert set() == too_large()
