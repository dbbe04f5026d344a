"""Starts the suite as its users do: a process in a folder of its own, with nothing of this one's environment in it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
CONFORMANCE = (str(Path(sysconfig.get_path("scripts")) / "conformance"),)
PYTEST = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q")
WRITTEN = ("-k", "not generated")
"""Selects the written cases: the generated ones have tests of their own, and take their time."""

LONGEST = 300
"""Seconds that a process may take; none needs a tenth of that."""


def environment(folder: Path, **more: str) -> dict[str, str]:
    """This process's environment without settings of the suite, and with FOLDER for what it keeps between runs."""
    foreign = ("CONFORMANCE_", "PYTEST_")
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(foreign) and not key.upper().endswith("_PROXY")
    }
    own = {"XDG_CACHE_HOME": str(folder / "cache"), "XDG_STATE_HOME": str(folder / "state")}
    return {**kept, **own, **more}


def run(
    *command: str, folder: Path, env: dict[str, str] | None = None, at: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run COMMAND to its end, in FOLDER unless AT another place; `env` is added to its environment."""
    return subprocess.run(
        command,
        cwd=at or folder,
        env=environment(folder, **(env or {})),
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )


def start(*command: str, folder: Path) -> subprocess.Popen[str]:
    """Start COMMAND in FOLDER and leave it running, with Ctrl-C heeded although a background job's isn't."""
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 (it takes no lock)
    )


def results(reports: Path) -> dict[str, Any]:
    """What is written in results.json."""
    found: dict[str, Any] = json.loads((reports / "results.json").read_text("utf-8"))
    return found


def outcomes(found: dict[str, Any], outcome: str, level: str = "MUST") -> list[str]:
    """The requirements of that outcome."""
    return [one["id"] for one in found["requirements"] if (one["outcome"], one["level"]) == (outcome, level)]
