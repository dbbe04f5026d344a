"""Records the coverage cases of Schemathesis for the package: python -m tests.fuzzing.boundaries.

Schemathesis' own command sends them to a stub on the loopback interface and writes down what each of them varies.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

from conformance.fuzzing.schema_cases import CONFIG, document
from conformance.fuzzing.translation import translated
from conformance.fuzzing.versions import versions

__all__ = ["FILE", "as_text", "recorded"]

FILE = Path(__file__).parents[2] / "conformance" / "fuzzing" / "boundaries.json"
ANSWER = b"{}"


class _Stub(BaseHTTPRequestHandler):
    """Answers everything alike."""

    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    do_GET = do_POST = _answer  # noqa: N815 (the names that http.server looks for)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name that http.server gives it)
        """Say nothing."""


@contextmanager
def _stub() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Stub)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def recorded() -> dict[str, Any]:
    """The coverage cases of the installed Schemathesis, as they stand in the file."""
    with tempfile.TemporaryDirectory(prefix="conformance-") as name, _stub() as url:
        folder = Path(name)
        cassette = _run(folder, url)
    interactions: dict[str, dict[str, Any]] = {}
    # Schemathesis sends the plainest last.
    for interaction in reversed(cassette["http_interactions"]):
        for example in translated([_request(interaction["request"])], "boundary"):
            interactions.setdefault(example.id, {**example.packed(), "varies": _varies(interaction["phase"]["data"])})
    return {"made_by": {"schemathesis": versions()["schemathesis"]}, "examples": list(interactions.values())}


def _run(folder: Path, url: str) -> Any:
    """What Schemathesis' command writes down of its coverage phase, against the server at URL."""
    settings = {**CONFIG, "base-url": url, "output": {"sanitization": {"enabled": False}}}
    (folder / "document.json").write_text(json.dumps(document()))
    # Every JSON value in these settings is spelled alike in TOML, but for the objects.
    (folder / "settings.toml").write_text("".join(f"{name} = {_toml(value)}\n" for name, value in settings.items()))
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "--config-file", "settings.toml"),
        *("run", "document.json", "--url", url, "--phases", "coverage", "--mode", "all", "--continue-on-failure"),
        *("--checks", "not_a_server_error", "--report", "vcr", "--report-vcr-path", "cassette.yaml"),
        *("--report-preserve-bytes", "--seed", "1"),
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return yaml.safe_load((folder / "cassette.yaml").read_text("utf-8"))


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name} = {_toml(one)}" for name, one in value.items()) + "}"
    return json.dumps(value)


def _request(request: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "url": request["uri"],
        "headers": [[name, values[0]] for name, values in request["headers"].items()],
        "body": request["body"]["base64_string"] if "body" in request else None,
    }


def _varies(data: Mapping[str, Any]) -> str:
    """What a case varies, in Schemathesis' words."""
    place = " ".join(filter(None, (data["parameter_location"], data["parameter"], data["location"])))
    return f"{place}: {data['description']}"


def as_text(record: Mapping[str, Any]) -> str:
    """RECORD as the file's text."""
    return json.dumps(record, indent=1, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(as_text(recorded()), "ascii")
    sys.stdout.write(f"{len(recorded()['examples'])} examples in {FILE.relative_to(Path.cwd())}\n")
