"""A platform behind a gateway, which serves it under a path of its own."""

from __future__ import annotations

import contextlib
import json
import socket
import socketserver
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.reference import Reference

from .processes import WRITTEN, outcomes, results, run

PREFIX = b"/iot/v2"
REFUSED = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def _forward(source: socket.socket, sink: socket.socket, *, strips: bool) -> None:
    """Hand on what SOURCE sends to SINK; requests without the prefix are refused, and others lose it."""
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 20):
            method, space, rest = data.partition(b" ")
            if strips and space and method.isalpha() and rest.startswith(b"/"):
                if not rest.startswith(PREFIX + b"/"):
                    source.sendall(REFUSED)
                    break
                data = method + space + rest.removeprefix(PREFIX)
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@pytest.fixture
def gateway() -> Iterator[tuple[Reference, str]]:
    """A reference over plain HTTP, and its base URL behind a gateway."""
    with Reference.start(tls=False) as reference:
        port = int(reference.address.base_url.rpartition(":")[2])

        class Gateway(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with socket.create_connection(("127.0.0.1", port)) as server:
                    back = threading.Thread(target=_forward, args=(server, self.request), kwargs={"strips": False})
                    back.start()
                    _forward(self.request, server, strips=True)
                    back.join()

        class Server(socketserver.ThreadingTCPServer):
            request_queue_size = 64  # the suite makes 16 calls at once

        with Server(("127.0.0.1", 0), Gateway) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            yield reference, f"http://127.0.0.1:{server.server_address[1]}{PREFIX.decode()}"
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("kind", ["hook", "northbound"])
def test_run(gateway: tuple[Reference, str], kind: str, tmp_path: Path) -> None:
    """A platform under a path is tested as any other is; the path stands in the report, and in every recorded call."""
    reference, url = gateway
    (tmp_path / "conformance.toml").write_text(reference.configuration(kind), "utf-8")  # type: ignore[arg-type]  # both are
    program = (sys.executable, "-m", "conformance", "run", "--base-url", f"{url}/", "--allow-untested")
    selection = WRITTEN if kind == "hook" else ("-k", "accepted or device-unknown")
    done = run(*program, *selection, folder=tmp_path)
    found = results(tmp_path / "reports")
    har = json.loads((tmp_path / "reports" / "traffic.har").read_text("utf-8"))

    assert ([], 0) == (outcomes(found, "failed"), done.returncode), done.stdout
    assert url == found["target"]["base_url"]
    assert {url} == {entry["request"]["url"].partition("/iocm/")[0] for entry in har["log"]["entries"]}


def test_check(gateway: tuple[Reference, str], tmp_path: Path) -> None:
    """The check of a target knows the path; without it, it is the gateway that answers."""
    reference, url = gateway
    (tmp_path / "conformance.toml").write_text(reference.configuration(), "utf-8")
    program = (sys.executable, "-m", "conformance", "check", "--base-url")
    good = run(*program, url, folder=tmp_path)
    bad = run(*program, url.removesuffix(PREFIX.decode()), folder=tmp_path)

    assert (0, 6) == (good.returncode, bad.returncode), good.stdout + bad.stdout
    assert f"{url} answers" in good.stdout
    assert "answers with 404 and no content type" in bad.stdout
