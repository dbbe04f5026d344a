"""The suite against a mock that Prism serves from our OpenAPI document: a server that no one here wrote."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from conformance.contract.documents import document_path
from conformance.contract.task import member_requirements

pytestmark = pytest.mark.interop

START_UP = 60.0


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """Our OpenAPI document without the answers under 200, which Prism prefers to 201; its example with one command."""
    value: dict[str, Any] = yaml.safe_load(document_path("device-command-cancel-tasks.yaml").read_text("utf-8"))
    for path in value["paths"].values():
        path["post"]["responses"].pop("200")
    task = _example(value)
    task["deviceCommands"] = task["deviceCommands"][:1]
    task["totalCount"] = 1
    return value


@pytest.fixture(scope="module")
def example(document: dict[str, Any]) -> dict[str, Any]:
    """The task that Prism answers every valid call with."""
    return _example(document)


def _example(document: dict[str, Any]) -> dict[str, Any]:
    """The document's first example of a task."""
    answers = document["components"]["responses"]["TaskCreated"]["content"]["application/json"]["examples"]
    value: dict[str, Any] = next(iter(answers.values()))["value"]
    return value


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@pytest.fixture(scope="module")
def prism(document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of Prism, serving the document."""
    path = tmp_path_factory.mktemp("prism") / "document.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")
    port = _free_port()
    command = [os.environ["PRISM"], "mock", "--host", "127.0.0.1", "--port", str(port), str(path)]
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        end = time.monotonic() + START_UP
        while time.monotonic() < end:
            try:
                httpx.get(url, timeout=1)
                break
            except httpx.TransportError:
                assert process.poll() is None, "Prism ended at once"
                time.sleep(0.2)
        yield url
        process.terminate()


@pytest.fixture(scope="module")
def hook(example: dict[str, Any]) -> Iterator[str]:
    """A hook over the mock's one device: its commands are pending, and stay so, as nothing carries a task out."""
    pending = [command["commandId"] for command in example["deviceCommands"]]

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            wanted = asked["params"].get("pending")
            values: dict[str, Any] | None = None
            if asked["state"] == "device" and wanted == len(pending):
                values = {"deviceId": example["deviceId"], "pending": pending, "delivered": []}
            elif asked["state"] == "commands":
                values = {"commands": dict.fromkeys(pending, "PENDING")}
            self.send_response(200 if values is not None else 501)
            body = json.dumps(values or {}).encode()
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def outcomes(
    prism: str, hook: str, example: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """The outcome of every requirement in a run against the mock."""
    folder = tmp_path_factory.mktemp("run")
    environment = os.environ | {
        "CONFORMANCE_APP_KEY": example["appId"],
        "CONFORMANCE_ACCESS_TOKEN": "a-token-that-the-mock-does-not-look-at",
        "CONFORMANCE_CALLS_PER_MINUTE": "0",
        "CONFORMANCE_PROVIDER_URL": hook,
        "CONFORMANCE_PROVIDER_SETTLE_TIME": "0.2",
        "CONFORMANCE_PROVIDER_WATCH_TIME": "0",
    }
    program = "import sys; from conformance.command.cli import main; sys.exit(main())"
    subprocess.run(
        [sys.executable, "-c", program, "run", "--base-url", prism, "--reports", str(folder), "--seed", "1"],
        env=environment,
        check=False,
        timeout=300,
    )
    record = json.loads(Path(folder, "results.json").read_text("utf-8"))
    return {requirement["id"]: requirement["outcome"] for requirement in record["requirements"]}


@pytest.mark.parametrize("requirement", member_requirements())
def test_members_pass(outcomes: dict[str, str], requirement: str) -> None:
    """What Prism answers from the document's own example has every member as the document asks for it."""
    assert "passed" == outcomes[requirement]


@pytest.mark.parametrize("requirement", ["revoke-all-pending", "device-known"])
def test_meaning_fails(outcomes: dict[str, str], requirement: str) -> None:
    """A mock revokes nothing, and knows every device."""
    assert "failed" == outcomes[requirement], outcomes


@pytest.mark.parametrize("requirement", ["second-call-empty", "task-id-unique"])
def test_what_comes_with_it_is_no_further_fault(outcomes: dict[str, str], requirement: str) -> None:
    """That a second call finds the same, under the same id, comes with revoking nothing."""
    assert "masked" == outcomes[requirement]


@pytest.mark.parametrize("requirement", ["congestion-refused", "flow-control-enforced", "keep-foreign-device"])
def test_states_are_not_tested(outcomes: dict[str, str], requirement: str) -> None:
    """What the mock can't be brought into is not tested, and never passed."""
    assert "not tested" == outcomes[requirement]
