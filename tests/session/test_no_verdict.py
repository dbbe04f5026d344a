"""Targets about which nothing can be said: each is told by its own sentence, after one call or two."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from conformance.assembly import assemble

from conformance.contract import documents
from conformance.exceptions import NoVerdict
from conformance.reference import Reference
from conformance.run import Run
from conformance.target.budget import Budget
from conformance.target.configuration import load


@pytest.fixture
def runs() -> Iterator[list[Run]]:
    """Runs that are closed in the end."""
    made: list[Run] = []
    yield made
    for run in made:
        run.provider.close()
        run.client.close()


def reason(runs: list[Run], toml: str) -> str:
    """Why no verdict can be had by the configuration TOML."""
    configuration = load(None, {}, requirements=documents.load().requirements, embedded=lambda: toml)
    run = assemble(configuration, Budget(), lambda _: None)
    runs.append(run)
    with pytest.raises(NoVerdict) as raised:
        run.open()
    assert [] == run.results
    assert run.client.calls <= 3
    return str(raised.value)


def plain(url: str, more: str = "") -> str:
    """A configuration without a provider."""
    return f'[target]\nbase_url = "{url}"\napp_key = "k"\naccess_token = "t"\ntimeout = 0.3\n{more}'


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def chatting() -> Iterator[int]:
    """The port of a server that speaks another protocol."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(4096)
                    connection.sendall(b"220 mail.example ESMTP\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_closed_port(runs: list[Run]) -> None:
    """A port that nothing listens on refuses the connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    assert reason(runs, plain(f"http://127.0.0.1:{port}")).startswith(
        f"http://127.0.0.1:{port}: the connection was refused; check the port in target.base_url"
    )


def test_unresolvable_host(runs: list[Run], monkeypatch: pytest.MonkeyPatch) -> None:
    """A host name that has no address doesn't resolve."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    assert reason(runs, plain("https://platform.example:8743")).startswith(
        "https://platform.example:8743: the host name doesn't resolve; check the spelling of target.base_url"
    )


def test_impossible_host(runs: list[Run]) -> None:
    """A host name that can't be one is told without any question to a name server."""
    assert "https://" in reason(runs, plain(f"https://{'x' * 64}.example"))


def test_silent_server(runs: list[Run], silent: int) -> None:
    """A server that takes the connection and never answers is told after the time limit."""
    assert "the server took the connection and never answered" in reason(runs, plain(f"http://127.0.0.1:{silent}"))


def test_another_protocol(runs: list[Run], chatting: int) -> None:
    """A server that doesn't speak HTTP gives no HTTP answer."""
    assert "no HTTP answer came" in reason(runs, plain(f"http://127.0.0.1:{chatting}"))


def test_untrusted_certificate(runs: list[Run]) -> None:
    """A certificate whose authority isn't named isn't trusted."""
    with Reference.start() as reference:
        assert "the server's certificate isn't trusted; name its authority's in target.ca_bundle" in reason(
            runs, plain(reference.base_url)
        )


def test_another_host(runs: list[Run], monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate that is for another host is told apart from one that isn't trusted."""
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *rest, **more: real("127.0.0.1", *rest, **more))
    with Reference.start() as reference:
        url = reference.base_url.replace("127.0.0.1", "platform.example")
        assert "the certificate is for another host" in reason(runs, plain(url, f'ca_bundle = "{reference.ca_file}"'))


def test_tls_expected(runs: list[Run]) -> None:
    """An https base URL of a port that speaks plain HTTP is told."""
    with Reference.start(tls=False) as reference:
        url = reference.base_url.replace("http:", "https:")
        assert "the port doesn't speak TLS; use an http:// base URL" in reason(runs, plain(url))


def test_plain_expected(runs: list[Run]) -> None:
    """An http base URL of a port that speaks TLS is told."""
    with Reference.start() as reference:
        url = reference.base_url.replace("https:", "http:")
        assert "if the port speaks TLS, use https://" in reason(runs, plain(url))


@pytest.mark.parametrize("wrong", ["access_token", "app_key"])
def test_wrong_credentials(runs: list[Run], wrong: str) -> None:
    """Credentials that the target refuses are told with its answer and what to check."""
    with Reference.start(tls=False) as reference:
        toml = reference.configuration().replace(f'{wrong} = "', f'{wrong} = "x')
        assert "the target refuses the configured credentials (403 with code 1010005); check target.app_key" in reason(
            runs, toml
        )
