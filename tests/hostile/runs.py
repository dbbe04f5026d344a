"""Whole runs of the suite, each in a process of its own, and what they leave."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.reference import Reference
from conformance.reference.behaviour import PATH
from conformance.reference.messages import Request, Transmission

REPORTS = {
    "results.json",
    "report.html",
    "junit.xml",
    "traffic.har",
    "ctrf.json",
    "summary.md",
    "badge.svg",
    "statement.json",
}
MOST_MEMORY = 300 * 1024
"""KiB."""

MOST_SECONDS = 30.0
"""For a run that nothing may hold up, the interpreter's start and the reports included, on a busy machine."""

PROGRAM = """
import os, resource, sys
from pathlib import Path
from conformance.command.cli import main
try:
    main()
finally:
    status = Path("/proc/self/status")
    # The high-water mark of a process that was started by another one begins with that one's, except here.
    lines = status.read_text().splitlines() if status.exists() else []
    marks = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    peak = marks[0] if marks else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    Path(os.environ["PEAK_FILE"]).write_text(str(peak))
"""


@dataclass(frozen=True)
class Outcome:
    """What a run left: exit status, terminal output, seconds, peak memory in KiB, the folder of its reports."""

    status: int
    output: bytes
    seconds: float
    peak: int
    folder: Path

    @property
    def text(self) -> str:
        """The terminal output."""
        return self.output.decode("utf-8", "replace")

    @property
    def results(self) -> dict[str, Any]:
        """results.json."""
        value: dict[str, Any] = json.loads((self.folder / "results.json").read_text("utf-8"))
        return value

    def requirements(self, outcome: str) -> set[str]:
        """The ids of the requirements with OUTCOME."""
        return {entry["id"] for entry in self.results["requirements"] if entry["outcome"] == outcome}

    def kept_promises(self) -> bool:
        """Whether all that holds for every run does: all reports, a status that is no fault of the suite's, memory."""
        assert self.status in (0, 1, 6, 7), self.text
        assert {path.name for path in self.folder.iterdir()} >= REPORTS
        assert all(path.stat().st_size for path in self.folder.iterdir())
        assert self.results["exit_status"] == self.status
        assert self.peak < MOST_MEMORY
        assert b"\x1b" not in self.output
        return True


def run(
    folder: Path,
    *arguments: str,
    url: str | None = None,
    toml: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> Outcome:
    """Run the suite in FOLDER against the target at URL, or that of the configuration TOML."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("CONFORMANCE_")}
    variables |= {
        "CONFORMANCE_APP_KEY": "key-of-the-application",
        "CONFORMANCE_ACCESS_TOKEN": "token-of-the-application",
        "CONFORMANCE_CALLS_PER_MINUTE": "0",
        "CONFORMANCE_TIMEOUT": "1",
        "CONFORMANCE_PROVIDER_WATCH_TIME": "0",
        "CONFORMANCE_CACHE_DIR": str(folder / "cache"),
        "PEAK_FILE": str(folder / "peak"),
        "NO_PROXY": "*",
    }
    if toml is not None:
        (folder / "conformance.toml").write_text(toml, "utf-8")
        del variables["CONFORMANCE_APP_KEY"], variables["CONFORMANCE_ACCESS_TOKEN"]
    variables |= environ or {}
    target = [] if url is None else ["--base-url", url]
    command = [sys.executable, "-c", PROGRAM, "run", *target, "--reports", "reports", *arguments]
    started = time.monotonic()
    ended = subprocess.run(
        command, cwd=folder, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=300
    )
    seconds = time.monotonic() - started
    return Outcome(ended.returncode, ended.stdout, seconds, int((folder / "peak").read_text()), folder / "reports")


Tamper = Callable[[int, Request, Transmission], Transmission]


@contextmanager
def tampered(tamper: Tamper, **settings: Any) -> Iterator[Reference]:
    """The reference over plain HTTP; TAMPER may change its answers to the call under test, numbered from 1."""
    with Reference.start(**{"tls": False, **settings}) as reference:
        exchange, number = reference._server._exchange, 0

        def tampering(request: Request) -> Transmission:
            nonlocal number
            transmission = exchange(request)
            if request.path != PATH:
                return transmission
            number += 1
            return tamper(number, request, transmission)

        reference._server._exchange = tampering
        yield reference
