"""What a command loads: only a run makes requests, and only the embedded target is the reference."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.reference import Reference

HEAVY = ("conformance.reference", "hypothesis", "schemathesis")
COMMAND = """
import atexit, json, pathlib, sys
loaded = pathlib.Path(sys.argv.pop(1))
atexit.register(lambda: loaded.write_text(json.dumps(sorted(sys.modules))))
from conformance.command.cli import main
main()
"""


def _loaded(folder: Path, *arguments: str) -> set[str]:
    """Which of the heavy packages the command ARGUMENTS has loaded by its end."""
    names = folder / "loaded.json"
    environment = {**os.environ, "CONFORMANCE_CACHE_DIR": str(folder / "cache")}
    command = [sys.executable, "-c", COMMAND, str(names), *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1, 7), done.stdout + done.stderr
    loaded = set(json.loads(names.read_text("utf-8")))
    assert "conformance.command.cli" in loaded
    return loaded.intersection(HEAVY)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["run", "--help"],
        ["list"],
        ["explain", "error-100418-unknown-device"],
        ["report", "{reports}/results.json", "--reports", "again"],
        ["report", "{reports}/results.json", "{reports}/results.json"],
        ["compare", "{reports}/results.json", "{reports}/results.json"],
        ["annotate", "{reports}/results.json"],
        ["judge", "{reports}/traffic.har", "--reports", "judged"],
        ["verify", "{reports}/results.json"],
    ],
    ids=lambda arguments: " ".join(arguments[:2]).replace("{reports}/results.json", "results").replace("/", ""),
)
def test_what_makes_no_call_loads_neither_generators_nor_the_reference(
    tmp_path: Path, right: Path, arguments: list[str]
) -> None:
    """Neither Schemathesis nor Hypothesis nor the reference is imported to list, explain, judge, verify or report."""
    assert set() == _loaded(tmp_path, *(argument.format(reports=right) for argument in arguments))


def test_a_check_of_a_target_loads_no_reference(tmp_path: Path) -> None:
    """Where there is a target to look at, the reference isn't imported, and no request is generated."""
    with Reference.start() as reference:
        (tmp_path / "target.toml").write_text(reference.configuration(), "utf-8")
        assert set() == _loaded(tmp_path, "check", "--config", "target.toml")


def test_a_check_of_nothing_else_loads_the_reference(tmp_path: Path) -> None:
    """Without a target it is the embedded reference that is checked: the test above sees an import."""
    assert {"conformance.reference"} == _loaded(tmp_path, "check")
