"""Which module of the package imports which, as its source says: late imports and those for types count."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

__all__ = ["PACKAGE", "ROOMS", "between_rooms", "circles", "imported", "modules", "own_imports", "room_of"]

PACKAGE = Path(__file__).parents[2] / "conformance"
ROOMS = frozenset(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
Graph = Mapping[str, frozenset[str]]


def _name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


@cache
def modules() -> Mapping[str, ast.Module]:
    """Every module of the package, parsed, by its name."""
    return {_name(path): ast.parse(path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}


def imported(tree: ast.Module, known: frozenset[str] = frozenset()) -> Iterator[str]:
    """The modules that TREE imports, wherever in it; what comes from a package may be one of the KNOWN modules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert 0 == node.level, f"line {node.lineno}: a relative import"
            module = node.module or ""
            for alias in node.names:
                inner = f"{module}.{alias.name}"
                yield inner if inner in known else module


@cache
def own_imports() -> Graph:
    """By module, the other modules of the package that it imports."""
    known = frozenset(modules())
    return {name: known.intersection(imported(tree, known)) - {name} for name, tree in modules().items()}


def room_of(module: str) -> str:
    """The folder that MODULE stands in; the module itself where it stands in none."""
    return module.split(".")[1] if "." in module else module


def between_rooms() -> Graph:
    """By room, the other rooms that one of its modules imports from."""
    found: dict[str, set[str]] = {}
    for module, others in own_imports().items():
        here = room_of(module)
        found.setdefault(here, set()).update(room_of(other) for other in others if room_of(other) != here)
    return {room: frozenset(others) for room, others in found.items()}


def circles(graph: Graph) -> list[list[str]]:
    """The circles of GRAPH: its strongly connected components of more than one node."""
    reached = {node: _reached(node, graph) for node in graph}
    together = {frozenset(other for other in reached[node] if node in reached.get(other, ())) for node in graph}
    return sorted(sorted(circle) for circle in together if circle)


def _reached(start: str, graph: Graph) -> frozenset[str]:
    """What START leads to; START itself only where a way leads back to it."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = graph.get(waiting.pop(), frozenset()) - found
        found |= new
        waiting.extend(new)
    return frozenset(found)
