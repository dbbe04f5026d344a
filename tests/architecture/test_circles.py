"""Imports go one way."""

from __future__ import annotations

from tests.architecture.imports import between_rooms, circles, own_imports


def test_circles_are_seen() -> None:
    """A circle is found however long it is, and what only leads to one isn't part of it."""
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": {"f"}, "f": {"e"}, "g": set[str]()}

    assert [["a", "b", "c"], ["e", "f"]] == circles({node: frozenset(others) for node, others in graph.items()})


def test_modules_import_in_no_circle() -> None:
    """No module imports one that imports it in turn, late imports included."""
    assert [] == circles(own_imports())


def test_rooms_import_in_no_circle() -> None:
    """No room imports from one that imports from it in turn."""
    assert [] == circles(between_rooms())
