"""Targets about which nothing can be said: each is told by its own sentence, after one call or two."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from conformance.exceptions import NoVerdict
from conformance.reference import Reference
from conformance.run.course import Course
from tests.running import begin, configured


@pytest.fixture
def courses() -> Iterator[list[Course]]:
    """Courses that are closed in the end."""
    made: list[Course] = []
    yield made
    for course in made:
        course.rig.close()


def reason(courses: list[Course], toml: str) -> str:
    """Why no verdict can be had by the configuration TOML."""
    course = begin(configured(toml))
    courses.append(course)
    with pytest.raises(NoVerdict) as raised:
        course.open()
    assert ["control-first"] == [one.id for one in course.evidence]
    assert course.rig.client.calls <= 3
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


def test_closed_port(courses: list[Course]) -> None:
    """A port that nothing listens on refuses the connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    assert reason(courses, plain(f"http://127.0.0.1:{port}")).startswith(
        f"http://127.0.0.1:{port}: the connection was refused; check the port in target.base_url"
    )


def test_unresolvable_host(courses: list[Course], monkeypatch: pytest.MonkeyPatch) -> None:
    """A host name that has no address doesn't resolve."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    assert reason(courses, plain("https://platform.example:8743")).startswith(
        "https://platform.example:8743: the host name doesn't resolve; check the spelling of target.base_url"
    )


def test_impossible_host(courses: list[Course]) -> None:
    """A host name that can't be one is told without any question to a name server."""
    assert "https://" in reason(courses, plain(f"https://{'x' * 64}.example"))


def test_silent_server(courses: list[Course], silent: int) -> None:
    """A server that takes the connection and never answers is told after the time limit."""
    assert "the server took the connection and never answered" in reason(courses, plain(f"http://127.0.0.1:{silent}"))


def test_another_protocol(courses: list[Course], chatting: int) -> None:
    """A server that doesn't speak HTTP gives no HTTP answer."""
    assert "no HTTP answer came" in reason(courses, plain(f"http://127.0.0.1:{chatting}"))


def test_untrusted_certificate(courses: list[Course]) -> None:
    """A certificate whose authority isn't named isn't trusted."""
    with Reference.start() as reference:
        assert "the server's certificate isn't trusted; name its authority's in target.ca_bundle" in reason(
            courses, plain(reference.address.base_url)
        )


def test_another_host(courses: list[Course], monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate that is for another host is told apart from one that isn't trusted."""
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *rest, **more: real("127.0.0.1", *rest, **more))
    with Reference.start() as reference:
        url = reference.address.base_url.replace("127.0.0.1", "platform.example")
        assert "the certificate is for another host" in reason(
            courses, plain(url, f'ca_bundle = "{reference.address.ca_file}"')
        )


def test_tls_expected(courses: list[Course]) -> None:
    """An https base URL of a port that speaks plain HTTP is told."""
    with Reference.start(tls=False) as reference:
        url = reference.address.base_url.replace("http:", "https:")
        assert "the port doesn't speak TLS; use an http:// base URL" in reason(courses, plain(url))


def test_plain_expected(courses: list[Course]) -> None:
    """An http base URL of a port that speaks TLS is told."""
    with Reference.start() as reference:
        url = reference.address.base_url.replace("https:", "http:")
        assert "if the port speaks TLS, use https://" in reason(courses, plain(url))


@pytest.mark.parametrize("wrong", ["access_token", "app_key"])
def test_wrong_credentials(courses: list[Course], wrong: str) -> None:
    """Credentials that the target refuses are told with its answer and what to check."""
    with Reference.start(tls=False) as reference:
        toml = reference.configuration().replace(f'{wrong} = "', f'{wrong} = "x')
        assert "the target refuses the configured credentials (403 with code 1010005); check target.app_key" in reason(
            courses, toml
        )
