"""Examples that Schemathesis makes of the OpenAPI document: its coverage cases, recorded, and random ones.

The coverage cases have no public interface but Schemathesis' own command line. They depend on the document alone, so
they are recorded once, by python -m tests.fuzzing.boundaries, and shipped in boundaries.json.

Random ones are drawn in a process of their own. Nothing of the machine, the folder or the project under test flows into
what is drawn there, and nothing of it flows back.
"""

from __future__ import annotations

import copy
import functools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from conformance.cache import place
from conformance.client.draft import PATH
from conformance.contract import documents
from conformance.fuzzing.example import APP_ID, APP_KEY, DEVICE, Example
from conformance.fuzzing.translation import translated

__all__ = ["CONFIG", "coverage", "document", "fuzzing"]

DRAWS = 60
"""Examples drawn of each kind, valid and invalid. The request is small: further draws mostly repeat themselves."""

CONFIG: dict[str, Any] = {
    "base-url": "http://127.0.0.1:9",
    "generation": {"mode": "all", "with-security-parameters": False, "database": "none"},
    # Other methods have explicit cases.
    "phases": {"coverage": {"enabled": True, "unexpected-methods": []}},
}
"""Schemathesis' configuration: none is looked for in folders."""

FOREIGN = ("HYPOTHESIS_", "SCHEMATHESIS_", "COVERAGE_")
"""Variables that these begin change what is drawn, write files, or have every line watched."""

LAST_LINES = 5
"""Lines that are shown of what went wrong there."""

PATIENCE = 600
"""Seconds after which drawing, which takes one or two, is given up."""


def document() -> dict[str, Any]:
    """The document with examples that stand for the run's own values; the credentials are none of its business."""
    changed = copy.deepcopy(dict(documents.load().openapi))
    changed.pop("security", None)
    components = changed["components"]
    components["parameters"]["AppKey"]["example"] = APP_KEY
    components["parameters"]["AppId"]["example"] = APP_ID
    components["schemas"]["CancelRequest"]["properties"]["deviceId"]["examples"] = [DEVICE]
    media = components["requestBodies"]["CancelRequest"]["content"]["application/json"]
    media["examples"] = {"device": {"value": {"deviceId": DEVICE}}}
    return changed


@functools.cache
def coverage() -> tuple[Example, ...]:
    """The deterministic cases: every bound, type, member and parameter of the document."""
    recorded = json.loads(_text("boundaries.json"))
    return tuple(Example.unpacked(entry) for entry in recorded["examples"])


@functools.cache
def fuzzing(seed: int) -> tuple[Example, ...]:
    """Random cases, valid and invalid in turn; the same for the same seed and the same versions (see versions)."""
    # One part of the request at a time: behind a wrong app_key nobody reads the body.
    headers, query, body = {"app_key": APP_KEY}, {"appId": APP_ID}, {"deviceId": DEVICE}
    parts = [
        {"draws": DRAWS, "fixed": {"headers": headers, "query": query}},
        {"draws": DRAWS // 4, "fixed": {"headers": headers, "body": body}},
        {"draws": DRAWS // 4, "fixed": {"query": query, "body": body}},
    ]
    order = {
        "config": CONFIG,
        "document": document(),
        "path": PATH,
        "method": "POST",
        "parts": parts,
        "seed": seed,
    }
    return tuple(translated(_drawn(order), "random"))


def _drawn(order: dict[str, Any]) -> list[dict[str, Any]]:
    """What the program in drawing.py answers to ORDER."""
    # Its text is handed over, not its name: a file would be a module of the project, whose literals are drawn.
    # Isolated, it imports nothing that the working folder or PYTHONPATH offer at start, and gets the path afterwards.
    path = [os.path.abspath(entry) for entry in sys.path]  # noqa: PTH100 (text, as the path is)
    program = f"import sys\nsys.path[:] = {path!r}\nexec({_text('drawing.py')!r})"
    with _home() as home:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        done = subprocess.run(  # noqa: S603 (our own program)
            [sys.executable, "-I", "-B", "-W", "ignore", "-c", program],
            input=json.dumps(order),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            env={**kept, "HYPOTHESIS_NO_PLUGINS": "1", "HYPOTHESIS_STORAGE_DIRECTORY": str(home)},
            timeout=PATIENCE,
            check=False,
        )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-LAST_LINES:]
        raise RuntimeError(f"Schemathesis couldn't draw requests from the document: {' '.join(last)}")
    drawn: list[dict[str, Any]] = json.loads(done.stdout)
    return drawn


@contextmanager
def _home() -> Iterator[Path]:
    """A folder for the tables that Hypothesis computes once: in the suite's own cache, where that can be written."""
    home = place("hypothesis")
    if home is None:
        with tempfile.TemporaryDirectory(prefix="conformance-") as temporary:
            yield Path(temporary)
    else:
        yield home


def _text(name: str) -> str:
    return resources.files("conformance.fuzzing").joinpath(name).read_text("utf-8")
