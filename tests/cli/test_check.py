"""What `conformance check` makes of servers that aren't the platform."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from .conftest import Command

Serving = Callable[..., AbstractContextManager[str]]
SENTENCE = "without a task or an error code"


@contextmanager
def serving(status: int, body: bytes, *headers: tuple[str, str]) -> Iterator[str]:
    """The base URL of a server that answers every call alike."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            for name, value in (*headers, ("Content-Length", str(len(body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name that it has)
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


HTML = ("Content-Type", "text/html; charset=utf-8")
JSON = ("Content-Type", "application/json")


@pytest.mark.parametrize(
    ("status", "body", "headers", "said"),
    [
        (200, b"<html>login</html>", [HTML], ["200", "text/html", SENTENCE]),
        (200, b"", [], ["200", "no content type", SENTENCE]),
        (200, b"{}", [JSON], ["200", "application/json", SENTENCE]),
        (201, b"<html>", [HTML], ["201", "text/html", SENTENCE]),
        (404, b"<html>", [HTML], ["404", "text/html", SENTENCE]),
        (503, b"<h1>down</h1>", [HTML], ["503", "text/html", SENTENCE]),
        (503, b'{"message": "down"}', [JSON], ["503", "application/json", SENTENCE]),
        (
            301,
            b"",
            [HTML, ("Location", "https://x.example/")],
            ["301", "text/html", "a redirect to https://x.example/;"],
        ),
        (302, b"", [("Location", "/login")], ["302", "no content type", "a redirect to /login;"]),
        (302, b"", [("Location", "/\x1b[2J")], ["302", "a redirect to /⟨ESC⟩[2J;"]),
        (308, b"", [], ["308", SENTENCE]),
    ],
)
def test_something_else(
    conformance: Command,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    body: bytes,
    headers: list[tuple[str, str]],
    said: list[str],
) -> None:
    """A log-in page, a maintenance page and a redirect are no target: it says what came, and nothing of credentials."""
    monkeypatch.setenv("CONFORMANCE_APP_KEY", "key")
    monkeypatch.setenv("CONFORMANCE_ACCESS_TOKEN", "token")
    with serving(status, body, *headers) as url:
        done = conformance("check", "--base-url", url)
    words = " ".join(done.stdout.split())

    assert 6 == done.exit_code, done.output
    assert f"no target {url} answers with {status}" in words
    assert [] == [one for one in said if one not in words], words
    assert "accepted" not in words


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"error_code": "100418", "error_desc": "unknown"}),
        (404, {"resultcode": "100418", "resultmsg": "unknown"}),
        (503, {"error_code": "100501", "error_desc": "congested"}),
        (201, {"taskId": "1", "status": "WAITTING", "totalCount": 0, "deviceCommands": []}),
    ],
)
def test_the_call_itself(
    conformance: Command, monkeypatch: pytest.MonkeyPatch, status: int, body: dict[str, object]
) -> None:
    """A task, and an error with its code, can only come from the call."""
    monkeypatch.setenv("CONFORMANCE_APP_KEY", "key")
    monkeypatch.setenv("CONFORMANCE_ACCESS_TOKEN", "token")
    with serving(status, json.dumps(body).encode(), JSON) as url:
        done = conformance("check", "--base-url", url)

    assert f"yes target {url} answers" in " ".join(done.stdout.split())
    assert 7 == done.exit_code
