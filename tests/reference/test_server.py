"""The server: TLS, connections, and requests that are barely HTTP."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from typing import TYPE_CHECKING

import httpx
import pytest

from conformance.reference import Reference

if TYPE_CHECKING:
    from tests.reference.conftest import Client, Start


def _talk(reference: Reference, text: bytes) -> bytes:
    """All that the server says to some bytes until it closes the connection."""
    host, port = reference.address.base_url.removeprefix("http://").split(":")
    said = b""
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(text)
        while part := connection.recv(65536):
            said += part
    return said


def _request(client: Client, body: bytes, *headers: str) -> bytes:
    lines = [
        "POST /iocm/app/cmd/v1.4.0/deviceCommandCancelTasks HTTP/1.1",
        "Host: localhost",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in client.headers.items()),
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def test_https(start: Start) -> None:
    """It serves HTTPS with a certificate that its CA file verifies, also by the name localhost."""
    client = start(tls=True)
    url = client.address.url

    assert url.startswith("https://")
    for one in (url, url.replace("127.0.0.1", "localhost")):
        assert 400 == client.http.post(one, headers=client.headers).status_code
    with pytest.raises(httpx.ConnectError):
        httpx.post(url)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_versions(start: Start, version: ssl.TLSVersion) -> None:
    """TLS 1.2 and 1.3 are served."""
    reference = start(tls=True).reference
    context = ssl.create_default_context(cafile=reference.address.ca_file)
    context.minimum_version = context.maximum_version = version

    with httpx.Client(verify=context) as http:
        assert 500 == http.post(reference.address.url).status_code


def test_keep_alive(client: Client) -> None:
    """Several requests go over one connection, also when they come at once."""
    said = _talk(client.reference, _request(client, b"{}") * 2 + _request(client, b"{}", "Connection: close"))

    assert 3 == said.count(b"HTTP/1.1 400 Bad Request\r\n")


def test_expect_continue(client: Client) -> None:
    """A client that waits to be told so is told to go on."""
    head, _, body = _request(client, b"{}", "Expect: 100-continue", "Connection: close").partition(b"\r\n\r\n")
    host, port = client.address.base_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(head + b"\r\n\r\n")
        assert b"HTTP/1.1 100 \r\n\r\n" == connection.recv(65536)
        connection.sendall(body)
        assert connection.recv(65536).startswith(b"HTTP/1.1 400 ")


def test_chunked_request(client: Client) -> None:
    """A body may come in chunks."""
    body = json.dumps({"deviceId": client.inventory.offline_device}).encode()

    response = client.http.post(client.address.url, headers=client.headers, content=iter([body[:5], body[5:]]))

    assert 201 == response.status_code


def test_http_1_0(client: Client) -> None:
    """A client of HTTP/1.0 is answered, and the connection closed."""
    said = _talk(client.reference, _request(client, b"{}").replace(b"HTTP/1.1", b"HTTP/1.0"))

    assert said.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "text", [b"nonsense\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"POST // [ HTTP/1.1\r\n\r\n"]
)
def test_no_http(client: Client, text: bytes) -> None:
    """What is no HTTP is answered as invalid input, and the connection closed."""
    said = _talk(client.reference, text)

    assert said.startswith(b"HTTP/1.1 400 ")
    assert said.endswith(b'{"error_code":"100022","error_desc":"The input is invalid."}')


def test_head_too_large(client: Client) -> None:
    """Headers without end are refused, and the refusal reaches a client that is still sending."""
    said = _talk(client.reference, b"POST / HTTP/1.1\r\n" + b"X-Filler: x\r\n" * 50_000)

    assert said.startswith(b"HTTP/1.1 400 ")


def test_head_has_no_body(client: Client) -> None:
    """The answer to HEAD ends with its headers."""
    response = client.http.head(client.address.url)

    assert (405, b"") == (response.status_code, response.content)


def test_vanishing_clients(client: Client) -> None:
    """A client that leaves halfway harms no other."""
    host, port = client.address.base_url.removeprefix("http://").split(":")
    for text in (b"", b"POST", _request(client, b"{}")[:-1]):
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(text)

    assert (400, "100022") == client.error(b"")


def test_leaves_nothing_running() -> None:
    """Dozens are started and stopped, and leave no thread behind."""
    before = threading.active_count()
    for _ in range(50):
        with Reference.start(tls=True) as reference:
            assert reference.address.ca_file is not None
    assert before == threading.active_count()


def test_stops_amid_a_call(start: Start) -> None:
    """A call that hangs doesn't keep the server from stopping."""
    client = start(faults=["error-never"])
    failures: list[Exception] = []

    def call() -> None:
        try:
            client.call({})
        except httpx.TransportError as error:
            failures.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    while not client.reference._server._connections:
        thread.join(0.01)
    client.reference.stop()
    thread.join(5)

    assert 1 == len(failures)


def test_port_taken(client: Client) -> None:
    """A port that is taken is an error at the start."""
    port = int(client.address.base_url.rpartition(":")[2])

    with pytest.raises(OSError, match="in use"):
        Reference.start(tls=False, port=port)
