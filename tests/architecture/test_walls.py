"""The walls of ARCHITECTURE.md: its table of rooms is what is tested."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.architecture.imports import PACKAGE, ROOMS, imported, modules, own_imports, room_of

DOCUMENT = PACKAGE.parent / "ARCHITECTURE.md"
ROW = re.compile(r"\| `(\w+)/` \| .+ \| (.*) ?\|")
CONNECTING = frozenset(
    {"aiohttp", "asyncio", "ftplib", "http", "httpcore", "httpx", "requests", "select", "selectors", "smtplib"}
    | {"socket", "socketserver", "ssl", "urllib.request", "urllib3"}
)
"""Modules by which a program can open a connection."""

UNCONNECTED = {
    # It has Schemathesis's requests put together, in a process of its own, and sends none of them.
    "conformance.fuzzing.drawing": {"requests"},
    # It asks which proxies the environment names, as their passwords are secrets.
    "conformance.command.program": {"urllib.request"},
}
OUTSIDE = (
    frozenset(
        {"fcntl", "glob", "importlib", "io", "logging", "os", "pathlib", "shutil", "signal", "sqlite3", "subprocess"}
        | {"sys", "tempfile", "threading"}
    )
    | CONNECTING
)
"""Modules by which a program reads or writes what isn't in its own memory."""


@dataclass(frozen=True)
class Wall:
    """A row of the table: from ROOM nothing is imported of NEVER, the modules EXCEPTED aside."""

    room: str
    never: frozenset[str]
    excepted: frozenset[str]


def _walls() -> Iterator[Wall]:
    above: list[str] = []
    for line in DOCUMENT.read_text("utf-8").splitlines():
        if row := ROW.fullmatch(line):
            room, words = row.groups()
            named = re.findall(r"`([\w/]+)`", words)
            never: frozenset[str] = frozenset(name for name in named if "/" not in name)
            if "everything else but" in words:
                never = ROOMS - {room} - never
            elif "everything else" in words:
                never = ROOMS - {room}
            # Imports point downwards, whatever else a room does without.
            yield Wall(room, frozenset({*never, *above}), frozenset(name for name in named if "/" in name))
            above.append(room)


WALLS = tuple(_walls())


def _module(name: str) -> str:
    return ".".join(("conformance", *name.split("/"))).removesuffix(".__init__")


def test_every_room_has_a_row() -> None:
    """Each folder of the package stands in the table once."""
    assert sorted(ROOMS) == sorted(wall.room for wall in WALLS)


def test_names_of_the_table_exist() -> None:
    """Each room and each module that a row names is there."""
    assert set() == {name for wall in WALLS for name in wall.never - ROOMS}
    assert set() == {name for wall in WALLS for name in wall.excepted if _module(name) not in modules()}


@pytest.mark.parametrize("wall", WALLS, ids=[wall.room for wall in WALLS])
def test_wall(wall: Wall) -> None:
    """No module of the room imports from a room above it, or from one that its row names."""
    excepted = {_module(name) for name in wall.excepted}
    imports = {
        (module, other)
        for module, others in own_imports().items()
        if room_of(module) == wall.room
        for other in others - excepted
    }

    assert set() == {(module, other) for module, other in imports if room_of(other) in wall.never}


@pytest.mark.parametrize("wall", [wall for wall in WALLS if wall.excepted], ids=lambda wall: wall.room)
def test_exceptions_are_needed(wall: Wall) -> None:
    """A room does import what its row excepts."""
    used = {other for module, others in own_imports().items() if room_of(module) == wall.room for other in others}

    assert set() == {_module(name) for name in wall.excepted} - used


def test_reference_imports_nothing_of_the_suite() -> None:
    """The reference stands apart, the modules that are in no room included."""
    others = {other for module, others in own_imports().items() if room_of(module) == "reference" for other in others}

    assert {"reference"} == {room_of(other) for other in others}


def _connecting(module: str) -> set[str]:
    """What MODULE imports by which it could open a connection."""
    names = set(imported(modules()[module], CONNECTING))
    return {name for name in names if name in CONNECTING or name.split(".")[0] in CONNECTING}


def test_only_the_client_opens_connections() -> None:
    """Pace, evidence and redaction can't be got round: no other room but the reference, a server, has the means."""
    rooms = {module for module in modules() if room_of(module) not in {"client", "reference"}}

    assert UNCONNECTED == {module: found for module in rooms if (found := _connecting(module))}
    assert {"httpcore", "socket", "ssl"} <= _connecting("conformance.client.channel")


def test_contract_reads_its_documents_only() -> None:
    """The contract looks at nothing but what it is given; only the module that reads the documents knows files."""
    found = {
        module: OUTSIDE.intersection(name for full in imported(tree) for name in (full, full.split(".")[0]))
        for module, tree in modules().items()
        if room_of(module) == "contract"
    }
    calls = {
        (module, node.func.id)
        for module, tree in modules().items()
        if room_of(module) == "contract"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"input", "open", "print"}
    }

    assert {"conformance.contract.documents": {"pathlib"}} == {
        module: names for module, names in found.items() if names
    }
    assert set() == calls
