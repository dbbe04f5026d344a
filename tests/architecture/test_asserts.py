"""Tests compare the expected with the actual value, in this order, so that a difference reads the same everywhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


MADE_OF_PARTS = (
    ast.Tuple,
    ast.List,
    ast.Set,
    ast.Dict,
    ast.BinOp,
    ast.UnaryOp,
    ast.Starred,
    ast.Attribute,
)


def is_constant(node: ast.expr) -> bool:
    """Whether NODE is known beforehand: a literal, a constant's name, or what is made of such."""
    match node:
        case ast.Constant():
            return True
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(), attr=name) if name.isupper():
            return True
    parts = (part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr))
    return isinstance(node, MADE_OF_PARTS) and all(map(is_constant, parts))


def turned_round(source: str) -> Iterator[int]:
    """The lines of SOURCE that assert that something equals a constant, instead of the other way round."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Assert(test=ast.Compare(left=left, ops=[ast.Eq()], comparators=[right])):
                if is_constant(right) and not is_constant(left):
                    yield node.lineno


@pytest.mark.parametrize(
    ("comparison", "found"),
    [
        ("value == 1", [1]),
        ("value == -1, 'a message'", [1]),
        ("f(1) == (1, [None, 'a'], {'b': {2}})", [1]),
        ("value == MOST", [1]),
        ("value == [Exit.CONFORMANT] * 2", [1]),
        ("MOST == value", []),
        ("MOST == 3", []),
        ("1 == value", []),
        ("1 == 2", []),
        ("value == (1, other)", []),
        ("value == {**other}", []),
        ("value >= 1", []),
        ("first == value == 1", []),
    ],
)
def test_what_is_turned_round(comparison: str, found: list[int]) -> None:
    """What is compared with a constant on its right is found; what is on both sides the same kind isn't."""
    assert found == list(turned_round(f"assert {comparison}"))


def test_expected_comes_first() -> None:
    """Where one side of a comparison is a constant, it is the expected one, and stands on the left."""
    assert {} == {
        path.relative_to(TESTS).as_posix(): lines
        for path in sorted(TESTS.rglob("*.py"))
        if (lines := list(turned_round(path.read_text("utf-8"))))
    }
