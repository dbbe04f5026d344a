"""The walls around files that come from elsewhere: reading them runs, prepares and calls nothing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import conformance

PACKAGE = Path(conformance.__file__).parent
RUNNING = ("suite", "provider", "reference", "fuzzing", "run", "plugin", "command")


@pytest.mark.parametrize("room", ["recorded", "record", "report"])
def test_room_runs_nothing(room: str) -> None:
    """No module of the room imports one that runs a case, prepares a state or starts a target."""
    imported = {
        node.module
        for path in (PACKAGE / room).glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module
    }

    assert imported
    assert {
        name
        for name in imported
        if name.split(".")[0] == "conformance" and name.split(".")[1:2] and name.split(".")[1] in RUNNING
    } == set()
