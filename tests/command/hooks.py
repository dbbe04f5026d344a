"""Hooks as init writes them, filled in or not, and what stands behind a hook that is filled in."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import httpx

from conformance.command.initialization import LANGUAGES, Answers
from conformance.command.initialization.files import files

FILLED = Path(__file__).with_name("filled")
SECTION = re.compile(
    r"^[^\n]*======== fill in, from here.*?======== to here ========[^\n]*\n", re.DOTALL | re.MULTILINE
)
PROGRAMS = {"python": sys.executable, "fastapi": sys.executable, "node": "node", "java": "java"}
PATIENCE = 60.0
"""Seconds that a program may take to start on a busy machine."""

Admin = Callable[[str, dict[str, Any]], Mapping[str, Any] | None]


def skeleton(language: str) -> str:
    """The hook that init writes in LANGUAGE."""
    return files(Answers("https://localhost:8743", "hook", language, "none"))[Path(LANGUAGES[language].file)]


def section(language: str) -> str:
    """The part of that hook that is left to be filled in."""
    (found,) = SECTION.findall(skeleton(language))
    return str(found)


def filled(language: str) -> str:
    """The section, filled in."""
    return (FILLED / f"{language}.txt").read_text("utf-8")


def lacking(language: str) -> str | None:
    """What this machine lacks to run a hook in LANGUAGE, or None."""
    if language == "fastapi":
        return next((f"{name} is not installed" for name in ("fastapi", "uvicorn") if find_spec(name) is None), None)
    return None if shutil.which(PROGRAMS[language]) else f"{PROGRAMS[language]} is not installed"


@contextmanager
def admin(respond: Admin) -> Iterator[str]:
    """The address of a vendor's own means: RESPOND to a state and its params, None where it is unknown."""

    class Handler(BaseHTTPRequestHandler):
        # A client that keeps its connections might send the next call over one that is just being closed.
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            values = respond(call["state"], call["params"])
            body = json.dumps(_without_nulls(values or {})).encode()
            self.send_response(501 if values is None else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _without_nulls(value: Any) -> Any:
    """VALUE without members that are null: a hook may leave them out, and the JSON that Hook.java reads has none."""
    if isinstance(value, Mapping):
        return {name: _without_nulls(member) for name, member in value.items() if member is not None}
    return [_without_nulls(element) for element in value] if isinstance(value, list) else value


@contextmanager
def running(language: str, text: str, folder: Path, address: str = "") -> Iterator[str]:
    """The URL of the hook TEXT in LANGUAGE, started in FOLDER; ADDRESS is that of the vendor's own means."""
    path = folder / LANGUAGES[language].file
    path.write_text(text, "utf-8")
    program = shutil.which(PROGRAMS[language])
    assert program is not None
    with subprocess.Popen(
        [program, path.name, "0"],
        cwd=folder,
        env=os.environ | {"ADMIN": address},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        said: Queue[str | None] = Queue()
        reader = threading.Thread(target=_read, args=(process, said))
        reader.start()
        try:
            yield f"{_address(said)}/provider-states"
        finally:
            process.terminate()
            process.wait()
            reader.join()


def _read(process: subprocess.Popen[str], said: Queue[str | None]) -> None:
    """Everything that PROCESS says, so that it never waits for a reader; None at its end."""
    assert process.stdout is not None
    for line in process.stdout:
        said.put(line)
    said.put(None)


def _address(said: Queue[str | None]) -> str:
    lines: list[str] = []
    while True:
        try:
            line = said.get(timeout=PATIENCE)
        except Empty:
            line = None
        assert line is not None, "".join(lines)
        lines.append(line)
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if found:
            return found[0]


def ask(url: str, action: str, state: str, **params: Any) -> tuple[int, Any]:
    """The status and the values that the hook at URL answers, asked in ASCII as the suite does."""
    text = json.dumps({"action": action, "state": state, "params": params})
    answer = httpx.post(url, content=text, headers={"Content-Type": "application/json"}, timeout=PATIENCE)
    return answer.status_code, answer.json()
