"""Tests compare the expected with the actual value, in this order, so that a difference reads the same everywhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


def is_literal(node: ast.expr) -> bool:
    """Whether NODE is written out: a constant, a negative number, or a container of such."""
    match node:
        case ast.Constant() | ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
            return True
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            return all(map(is_literal, items))
        case ast.Dict(keys=keys, values=values):
            return all(key is not None and is_literal(key) for key in keys) and all(map(is_literal, values))
    return False


def turned_round(source: str) -> Iterator[int]:
    """The lines of SOURCE that assert that something equals a literal, instead of the other way round."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Assert(test=ast.Compare(left=left, ops=[ast.Eq()], comparators=[right])):
                if is_literal(right) and not is_literal(left):
                    yield node.lineno


@pytest.mark.parametrize(
    ("comparison", "found"),
    [
        ("value == 1", [1]),
        ("value == -1, 'a message'", [1]),
        ("f(1) == (1, [None, 'a'], {'b': {2}})", [1]),
        ("1 == value", []),
        ("1 == 2", []),
        ("value == (1, other)", []),
        ("value == {**other}", []),
        ("value >= 1", []),
        ("first == value == 1", []),
    ],
)
def test_what_is_turned_round(comparison: str, found: list[int]) -> None:
    """What is compared with a literal on its right is found; what is on both sides the same kind isn't."""
    assert found == list(turned_round(f"assert {comparison}"))


def test_expected_comes_first() -> None:
    """Where one side of a comparison is a literal, it is the expected one, and stands on the left."""
    assert {} == {
        path.relative_to(TESTS).as_posix(): lines
        for path in sorted(TESTS.rglob("*.py"))
        if (lines := list(turned_round(path.read_text("utf-8"))))
    }
