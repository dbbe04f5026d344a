"""Connections that end unannounced, and answers that would lead the suite elsewhere or leave something with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from conformance.client.channel import Channel
from conformance.client.client import Client
from conformance.client.draft import plain
from conformance.client.pacing import Pacer
from conformance.evidence.exchange import Exchange

from .behaviours import CREATED, JSON, answer, answers
from .judging import DEVICE, LIMIT, broken, request, settings
from .server import Connection, Hostile, serving

ERROR = answer(b'{"error_code": "100418", "error_desc": "x"}', status=b"200 OK")
RESENT = "sent again: the kept-alive connection had been closed unannounced"


@contextmanager
def _channel(url: str) -> Iterator[Channel]:
    channel = Channel(url, LIMIT, None)
    try:
        yield channel
    finally:
        channel.close()


def _twice(server: Hostile, *, fresh: bool = False) -> tuple[Exchange, Exchange]:
    """Two calls through one channel, the second one FRESH or not."""
    with _channel(server.url) as channel:
        return channel.send(request(server.url)), channel.send(request(server.url), fresh=fresh)


def _one_answer_a_connection(connection: Connection) -> None:
    connection.request()
    connection.send(answer())


def _hears_the_second_and_closes(connection: Connection) -> None:
    """Takes a second request on the same connection, and ends it without an answer."""
    connection.request()
    connection.send(answer())
    connection.request()


def _hears_the_second_and_begins(connection: Connection) -> None:
    connection.request()
    connection.send(answer())
    connection.request()
    connection.send(b"HTTP/1.1 20")


def test_kept_alive_connection_is_used_again() -> None:
    """Where the server keeps a connection open, calls that may be made twice share it."""
    with serving(answers(answer())) as server:
        first, second = _twice(server)
    assert [201, 201] == [exchange.response and exchange.response.status for exchange in (first, second)]
    assert (1, 2) == (server.connections, len(server.heard))


def test_closed_connection_costs_no_second_call() -> None:
    """A server that closes after every answer hears every call once."""
    with serving(_one_answer_a_connection) as server:
        first, second = _twice(server)
        assert first.response is not None
        assert second.response is not None
    # The end of the first connection may be noticed only when the second call was written to it; nobody hears that.
    assert 2 == len(server.heard)


def test_call_made_twice_is_told() -> None:
    """A call that is sent again, because the kept-alive connection ended instead of answering, says so."""
    with serving(_hears_the_second_and_closes) as server:
        first, second = _twice(server)
    assert ((), (RESENT,)) == (first.notes, second.notes)
    assert second.response is not None
    assert 3 == len(server.heard)


def test_call_made_twice_is_counted_twice() -> None:
    """The client's number of calls is what the target heard."""
    with serving(_hears_the_second_and_closes) as server:
        client = Client(settings(server.url), Pacer(0))
        draft = plain("key", "token", b"{}")
        for _ in range(3):
            client.send(draft)
        client.close()
    assert len(server.heard) == client.calls


def test_call_with_an_effect_is_never_made_twice() -> None:
    """A call on a connection of its own isn't sent again: the end without an answer is told as what it is."""
    with serving(_hears_the_second_and_closes) as server:
        _, second = _twice(server, fresh=True)
    assert second.response is not None
    assert (2, 2) == (server.connections, len(server.heard))


def test_begun_answer_is_not_asked_for_again() -> None:
    """Once anything of the answer came, the end of the connection is a broken answer, kept-alive or not."""
    with serving(_hears_the_second_and_begins) as server:
        _, second = _twice(server)
    assert {"answer-complete"} == broken(second)
    assert 2 == len(server.heard)


@pytest.mark.parametrize(
    "framing",
    [
        (b"Content-Length: 15\r\n\r\n", JSON),
        (b"Transfer-Encoding: chunked\r\n\r\nf\r\n", JSON, b"\r\n0\r\n\r\n"),
        (b"Transfer-Encoding: chunked\r\n\r\nf\r\n", JSON, b"\r\n0\r\nX: 1\r\n\r\n"),
    ],
)
def test_answer_to_the_next_request_is_refused(framing: tuple[bytes, ...]) -> None:
    """An answer that was sent before its request isn't taken for the answer to it; the bytes too many are told."""
    forged = answer(b'{"taskId": "forged"}')
    with serving(answers(CREATED + b"".join(framing) + forged, answer())) as server:
        first, second = _twice(server)
    assert {"answer-complete"} == broken(first)
    assert first.fault is not None
    assert first.fault.message == f"{len(forged)} bytes follow the end of the answer"
    assert second.response is None or b"forged" not in second.response.body[:19]


def test_answer_for_another_request_is_seen() -> None:
    """A right task that belongs to another call breaks the requirement that the task names the call's device."""
    task = {
        "taskId": "1",
        "appId": "key-of-the-application",
        "deviceId": "another-device",
        "status": "SUCCESS",
        "totalCount": 0,
        "deviceCommands": [],
    }
    with serving(answers(answer(json.dumps(task).encode()))) as server:
        first, _ = _twice(server)
    assert {"task-device-id-echo"} == broken(first)
    assert task["deviceId"] != DEVICE


@pytest.mark.parametrize(
    "status", [b"301 Moved Permanently", b"302 Found", b"307 Temporary Redirect", b"308 Permanent"]
)
@pytest.mark.parametrize("where", ["itself", "elsewhere", "scheme-relative"])
def test_redirects_are_not_followed(status: bytes, where: str) -> None:
    """A redirect, to itself or to another host over http, is an answer like any other; no credentials go elsewhere."""
    with serving(answers(answer())) as elsewhere:
        place = {"itself": b"/iocm", "elsewhere": elsewhere.url.encode(), "scheme-relative": elsewhere.url[5:].encode()}
        with serving(answers(answer(b"{}", b"Location: " + place[where], status=status))) as server:
            first, _ = _twice(server)
    assert {"call-accepted"} == broken(first)
    assert (2, [], 0) == (len(server.heard), elsewhere.heard, elsewhere.connections)


def test_refresh_and_alternatives_are_not_followed() -> None:
    """Refresh, Alt-Svc and Strict-Transport-Security lead nowhere either."""
    with serving(answers(answer())) as elsewhere:
        at = elsewhere.url.removeprefix("http://").encode()
        headers = (
            b"Refresh: 0; url=" + elsewhere.url.encode(),
            b'Alt-Svc: h2="' + at + b'"',
            b"Strict-Transport-Security: max-age=9",
        )
        with serving(answers(answer(JSON, *headers))) as server:
            _twice(server)
    assert (2, 0) == (len(server.heard), elsewhere.connections)


def test_cookies_are_not_kept() -> None:
    """No cookie comes back, so that no call depends on an earlier one."""
    with serving(answers(answer(JSON, b"Set-Cookie: session=1; Path=/"))) as server:
        _twice(server)
    assert not [line for heard in server.heard for line in heard.split(b"\r\n") if line.lower().startswith(b"cookie")]


def test_upgrade_is_no_answer() -> None:
    """101 Switching Protocols, which nobody asked for, breaks the answer."""
    switch = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"
    with serving(answers(switch)) as server, _channel(server.url) as channel:
        exchange = channel.send(request(server.url), fresh=True)
    assert {"answer-complete"} == broken(exchange)


def test_http_1_1_is_spoken() -> None:
    """The suite speaks HTTP/1.1 and offers no upgrade."""
    with serving(answers(ERROR)) as server, _channel(server.url) as channel:
        channel.send(request(server.url))
    head = server.heard[0].partition(b"\r\n\r\n")[0].lower()
    assert head.split(b"\r\n")[0].endswith(b" http/1.1")
    assert b"upgrade" not in head
