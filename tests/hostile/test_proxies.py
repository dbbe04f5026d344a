"""Proxies that the environment names, and names with several addresses."""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import trustme

from conformance.client.channel import Channel
from conformance.client.client import Client
from conformance.client.draft import Draft
from conformance.client.pacing import Pacer
from conformance.client.proxies import proxy_for
from conformance.client.reachability import explain
from conformance.exceptions import UsageError

from .behaviours import answer, answers, then_closes, then_holds
from .judging import LIMIT, SLACK, call, request, settings
from .server import HOST, Behaviour, Connection, serving

VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxies but those that a test names."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


def _tunnel(connection: Connection) -> None:
    """Opens the way to where CONNECT says."""
    head = connection.request().split(b"\r\n")[0].split()
    host, port = head[1].decode().split(":")
    with socket.create_connection((host, int(port))) as further:
        connection.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=_pump, args=(further, connection.sock))
        back.start()
        _pump(connection.sock, further)
        back.join()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """A private certificate authority."""
    return trustme.CA()


@pytest.fixture
def contexts(authority: trustme.CA) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The TLS settings of the server, and of the client."""
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert(HOST).configure_cert(server)
    authority.configure_trust(client)
    return server, client


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_https_goes_through_the_tunnel(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """A call to an https target goes through the proxy's tunnel; the proxy sees neither path nor credentials."""
    with serving(answers(answer()), contexts[0]) as target, serving(_tunnel) as proxy:
        monkeypatch.setenv(variable, f"http://user:word@{HOST}:{proxy.port}")
        exchange = call(target.url, contexts[1])
    assert exchange.response is not None
    assert 201 == exchange.response.status
    assert len(proxy.heard) == len(target.heard) == 1
    assert proxy.heard[0].startswith(f"CONNECT {HOST}:{target.port} HTTP/1.1\r\n".encode())
    assert base64.b64encode(b"user:word") in proxy.heard[0]
    assert b"token-of-the-application" not in proxy.heard[0]
    assert b"Proxy-Authorization" not in target.heard[0]


@pytest.mark.parametrize("value", ["http://{host}:{port}", "{host}:{port}"])
def test_http_is_forwarded(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """A call to an http target is sent to the proxy whole, with the target's whole URL."""
    with serving(answers(answer())) as proxy:
        monkeypatch.setenv("HTTP_PROXY", value.format(host=HOST, port=proxy.port))
        exchange = call("http://target.invalid:8743")
    assert exchange.response is not None
    assert proxy.heard[0].startswith(b"POST http://target.invalid:8743/iocm/")


@pytest.mark.parametrize("excepted", ["127.0.0.1", "*", "localhost, 127.0.0.1"])
def test_excepted_host_is_called_directly(monkeypatch: pytest.MonkeyPatch, excepted: str) -> None:
    """A host that NO_PROXY names is called without the proxy."""
    with serving(answers(answer())) as target, serving(answers(answer())) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", excepted)
        exchange = call(target.url)
    assert exchange.response is not None
    assert (0, 1) == (proxy.connections, target.connections)


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (then_closes(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"), ["407 Proxy Authentication Required"]),
        (then_closes(b"HTTP/1.1 502 Bad Gateway\r\n\r\n"), ["502 Bad Gateway"]),
        (then_closes(), ["Server disconnected without sending a response."]),
        # Whether the handshake's first bytes were on their way decides how the system tells of the end.
        (then_closes(b"HTTP/1.1 200 OK\r\n\r\n"), ["EOF occurred", "onnection reset", "roken pipe"]),
        (then_holds(b"HTTP/1.1 200 OK\r\n\r\n"), ["no TLS handshake within 0.5 seconds"]),
    ],
)
def test_proxy_that_opens_no_way(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
    monkeypatch: pytest.MonkeyPatch,
    behaviour: Behaviour,
    said: list[str],
) -> None:
    """A proxy's refusal is no answer of the target, which wasn't reached; the call isn't judged by it."""
    with serving(behaviour) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        exchange = call("https://target.invalid:8743", contexts[1])
    assert exchange.fault is not None
    message = exchange.fault.message
    assert (False, True) == (exchange.fault.answered, any(words in message for words in said)), message
    assert exchange.duration_s < LIMIT + SLACK


def test_proxy_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence for a proxy that can't be reached speaks of the proxy, not of the target."""
    with serving(then_closes()) as gone:
        address = gone.url
    monkeypatch.setenv("HTTPS_PROXY", address)
    target = settings("https://target.invalid")
    exchange = call(target.base_url, ssl.create_default_context())
    assert exchange.fault is not None
    assert explain(target, exchange.fault).startswith(
        "https://target.invalid: the proxy doesn't open the way to the server; "
        "check HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, or set NO_PROXY ("
    )


@pytest.mark.parametrize("value", ["socks4://127.0.0.1:1080", "ftp://proxy", "http://", "http://[::1", "socks5://"])
def test_unusable_proxy_is_a_configuration_error(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """A proxy that the suite can't use is told before any call; its variable may hold a password and isn't repeated."""
    monkeypatch.setenv("HTTPS_PROXY", value)
    with pytest.raises(UsageError) as caught:
        Channel("https://target.example", LIMIT, None)
    words = "HTTPS_PROXY names no http://, https:// or socks5:// proxy; unset it, or name target.example in NO_PROXY"
    assert caught.value.problems == (words,)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "api.localhost", "[::1]", "127.9.9.9"])
@pytest.mark.parametrize("value", ["http://proxy.example:8080", "socks5://10.0.0.1", "ftp://proxy"])
def test_loopback_is_called_directly(monkeypatch: pytest.MonkeyPatch, host: str, value: str) -> None:
    """What listens on this machine's loopback is no business of a proxy that is elsewhere."""
    monkeypatch.setenv("ALL_PROXY", value)
    assert proxy_for(f"https://{host}:8743") is None


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("value", ["http://127.0.0.1:9", "socks5://127.0.0.1:9", "nonsense://"])
def test_embedded_implementation_is_called_directly(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    """No proxy leads to the embedded implementation, not even one on this machine; nor to its hook."""
    monkeypatch.setenv(variable, value)
    with serving(answers(answer())) as target:
        client = Client(replace(settings(target.url), embedded=True), Pacer(0))
        exchange = client.send(Draft("POST", "/", "", (), b""))
        hook = client.channel_to(target.url)
        beside = hook.send(request(target.url))
        hook.close()
        client.close()
    assert exchange.response is not None
    assert beside.response is not None


# -- SOCKS -----------------------------------------------------------------------------------------------------------


@dataclass
class _Socks:
    """A SOCKS proxy: the names and passwords that it was given, and the hosts that it was asked for."""

    password: bytes | None = None
    reply: int = 0
    hosts: list[bytes] = field(default_factory=list)

    def __call__(self, connection: Connection) -> None:
        """Greet, ask for the password, open the way, and get out of it."""
        sock = connection.sock
        sock.recv(64)
        connection.send(b"\x05\x00" if self.password is None else b"\x05\x02")
        if self.password is not None:
            said = sock.recv(512)
            connection.send(b"\x01\x00" if self.password in said else b"\x01\x01")
        asked = sock.recv(512)
        if not asked:
            return
        # A name with its length, or four bytes of an address; then the port.
        name = asked[5:-2] if asked[3] == 3 else socket.inet_ntoa(asked[4:-2]).encode("ascii")
        self.hosts.append(name)
        connection.send(bytes([5, self.reply, 0, 1, 0, 0, 0, 0, 0, 0]))
        if self.reply:
            return
        with socket.create_connection((HOST, int.from_bytes(asked[-2:], "big"))) as further:
            back = threading.Thread(target=_pump, args=(further, sock))
            back.start()
            _pump(sock, further)
            back.join()


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "ALL_PROXY", "all_proxy"])
def test_https_goes_through_socks(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch, variable: str, scheme: str
) -> None:
    """A call to an https target goes through a SOCKS proxy, with the password that the variable has."""
    with serving(answers(answer()), contexts[0]) as target, serving(socks := _Socks(b"word")) as proxy:
        monkeypatch.setenv(variable, f"{scheme}://user:word@{HOST}:{proxy.port}")
        exchange = call(target.url, contexts[1])
    assert exchange.response is not None, exchange.fault
    assert (201, [HOST.encode()]) == (exchange.response.status, socks.hosts)


def test_http_goes_through_socks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two calls to an http target through a SOCKS proxy have each their own answer; the proxy resolves the name."""
    with (
        serving(answers(answer(b'{"taskId": "1"}'), answer(b'{"taskId": "2"}'))) as target,
        serving(socks := _Socks()) as proxy,
    ):
        monkeypatch.setenv("HTTP_PROXY", f"socks5://{HOST}:{proxy.port}")
        url = f"http://target.invalid:{target.port}"
        channel = Channel(url, LIMIT, None)
        exchanges = [channel.send(request(url)) for _ in range(2)]
        channel.close()
    bodies = [exchange.response.body for exchange in exchanges if exchange.response]
    assert [b'{"taskId": "1"}', b'{"taskId": "2"}'] == bodies, [exchange.fault for exchange in exchanges]
    assert ([b"target.invalid"], [False, True]) == (socks.hosts, [exchange.reused for exchange in exchanges])


def _says(*words: bytes) -> Behaviour:
    """Says one of WORDS whenever something was said to it, and then closes the connection."""

    def behave(connection: Connection) -> None:
        for word in words:
            connection.sock.recv(512)
            connection.send(word)

    return behave


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (_Socks(b"another"), "Invalid username/password"),
        (_Socks(b"word", reply=2), "Connection not allowed by ruleset"),
        (_says(b"\x05\xff"), "NO ACCEPTABLE METHODS"),
        (_says(b""), "no answer in SOCKS 5"),
        (_says(b"\x05"), "no answer in SOCKS 5"),
        (_says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "no answer in SOCKS 5"),
        (_says(b"\x05\x02", b"\x01\x00", b"\x05\x00"), "no answer in SOCKS 5"),
        (then_holds(), "no whole answer within 0.5 seconds"),
    ],
)
def test_socks_proxy_that_opens_no_way(monkeypatch: pytest.MonkeyPatch, behaviour: Behaviour, said: str) -> None:
    """What a SOCKS proxy says is no answer of the target, however it is broken."""
    with serving(behaviour) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"socks5://user:word@{HOST}:{proxy.port}")
        exchange = call("http://target.invalid:8743")
    assert exchange.fault is not None
    assert (False, True) == (exchange.fault.answered, said in exchange.fault.message), exchange.fault.message
    assert "word" not in exchange.fault.message.replace("password", "")
    assert exchange.duration_s < LIMIT + SLACK


# -- addresses -------------------------------------------------------------------------------------------------------


HOLES = tuple(f"127.0.0.{number}" for number in range(1, 7))


@contextlib.contextmanager
def _black_holes() -> Iterator[int]:
    """A port whose queue of connections is full on every one of HOLES: another is neither taken nor refused."""
    port = 0
    with contextlib.ExitStack() as stack:
        for host in HOLES:
            listener = stack.enter_context(socket.create_server((host, port), backlog=0))
            port = listener.getsockname()[1]
            for _ in range(3):
                waiting = stack.enter_context(socket.socket())
                waiting.settimeout(0)
                waiting.connect_ex((host, port))
        yield port


def _resolving(monkeypatch: pytest.MonkeyPatch, *hosts: str) -> None:
    """Have target.invalid resolve to HOSTS."""
    resolve = socket.getaddrinfo

    def resolved(name: str, *rest: Any, **named: Any) -> list[Any]:
        found = [resolve(host, *rest, **named) for host in (hosts if name == "target.invalid" else [name])]
        return [entry for entries in found for entry in entries]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)


def test_all_addresses_share_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with several addresses, none of which answers, costs one time limit."""
    with _black_holes() as port:
        _resolving(monkeypatch, *HOLES)
        exchange = call(f"http://target.invalid:{port}")
    assert exchange.fault is not None
    assert "no connection within 0.5 seconds" == exchange.fault.message
    assert exchange.duration_s < LIMIT + SLACK


def test_next_address_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the first address refuses the connection, the second one is tried."""
    with serving(answers(answer())) as server:
        _resolving(monkeypatch, "127.0.0.9", HOST)
        exchange = call(f"http://target.invalid:{server.port}")
    assert exchange.response is not None


@pytest.mark.parametrize("host", ["target.invalid", "a" * 64 + ".invalid", "a..invalid"])
def test_name_that_does_not_resolve(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that doesn't resolve, or is none at all, is told as unreachable."""

    def fail(name: str, *_: object, **__: object) -> list[object]:
        name.encode("idna")
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    exchange = call(f"http://{host}")
    assert exchange.fault is not None
    assert "unreachable" == exchange.fault.kind


def test_kept_connection_of_the_proxy_is_not_mixed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two calls through a forwarding proxy on one connection have each their own answer."""
    with serving(answers(answer(b'{"taskId": "1"}'), answer(b'{"taskId": "2"}'))) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        channel = Channel("http://target.invalid", LIMIT, None)
        bodies = [channel.send(request("http://target.invalid")).response for _ in range(2)]
        channel.close()
    assert [b'{"taskId": "1"}', b'{"taskId": "2"}'] == [body and body.body for body in bodies]
