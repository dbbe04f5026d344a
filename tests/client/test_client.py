"""The client: throttled calls are repeated a minute later, simultaneous ones are made at once, time limits hold."""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from conformance.client.budget import Budget
from conformance.client.client import CONGESTION, MOST_WAITS, RESTART, SOME_SECONDS, Client, is_throttled
from conformance.client.draft import Draft, plain
from conformance.client.pacing import MINUTE, Pacer
from conformance.configuration.settings import TargetSettings
from conformance.exceptions import Blocked

THROTTLED = {"resultcode": "1010009", "resultmsg": "app throttle exceed."}
CONGESTED = {"error_code": "100501", "error_desc": "Congestion occurs. The current network is abnormal."}
UNKNOWN = {"error_code": "100418", "error_desc": "The deviceData is not existed."}
REPEATED = "refused by flow control (1010009) although paced; repeated after a minute"
DRAFT = plain("key", "token", b'{"deviceId": "device"}')

Answer = Callable[[int], tuple[int, object]]


class Target:
    """A server on loopback that answers the Nth call, counted from 0, with what a function says."""

    def __init__(self, answer: Answer, port: int = 0) -> None:
        self.heard: list[tuple[str, str, list[tuple[str, str]], bytes]] = []
        target = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                number = len(target.heard)
                target.heard.append((self.command, self.path, self.headers.items(), body))
                status, value = answer(number)
                text = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_POST = do_GET = do_PUT = answer  # noqa: N815 (the names that the library looks for)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def settings(self, calls_per_minute: int = 100, timeout: float = 5) -> TargetSettings:
        """The settings of this target."""
        return TargetSettings(self.url, "key", "token", "key", calls_per_minute, timeout)


@contextlib.contextmanager
def _target(answer: Answer, port: int = 0) -> Iterator[Target]:
    target = Target(answer, port)
    thread = threading.Thread(target=target.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield target
    finally:
        target.server.shutdown()
        target.server.server_close()
        thread.join()


@contextlib.contextmanager
def _client(target: Target, calls_per_minute: int = 100, waits: list[float] | None = None) -> Iterator[Client]:
    """A client whose waits take no time and are kept in WAITS."""
    clock = [time.time()]

    def sleep(seconds: float) -> None:
        clock[0] += seconds
        if waits is not None:
            waits.append(seconds)

    pacer = Pacer(calls_per_minute, clock=lambda: clock[0], sleep=sleep)
    client = Client(target.settings(calls_per_minute), pacer)
    try:
        yield client
    finally:
        client.close()


def test_flow_control_that_starts_midway_is_waited_out() -> None:
    """A call refused by flow control, though the suite keeps its pace, is repeated after a minute, and says so."""
    waits: list[float] = []
    answers = [(200, UNKNOWN), (403, THROTTLED), (403, THROTTLED), (200, UNKNOWN)]
    with _target(lambda number: answers[number]) as target, _client(target, 100, waits) as client:
        first = client.send(DRAFT, expected="x")
        second = client.send(DRAFT, expected="x")
    assert ((), (REPEATED, REPEATED)) == (first.notes, second.notes)
    assert not is_throttled(second)
    assert [MINUTE, MINUTE] == waits
    assert (4, 2) == (client.calls, client.tally.throttled)
    assert (DRAFT.edit, "x") == (second.edit, second.expected)


def test_flow_control_without_end_is_given_up() -> None:
    """After two repetitions the refusal is the answer."""
    with _target(lambda _: (403, THROTTLED)) as target, _client(target) as client:
        exchange = client.send(DRAFT)
    assert is_throttled(exchange)
    assert 3 == len(target.heard)


@pytest.mark.parametrize("calls_per_minute", [0, 100])
def test_refusal_that_is_asked_for_is_not_repeated(calls_per_minute: int) -> None:
    """Where the target has no threshold, or the calls were admitted before, a refusal is the answer."""
    with _target(lambda _: (403, THROTTLED)) as target, _client(target, calls_per_minute) as client:
        exchange = client.send(DRAFT, paced=calls_per_minute == 0)
    assert is_throttled(exchange)
    assert 1 == len(target.heard)


def test_congestion_that_passes_is_waited_out() -> None:
    """A call that meets congestion is made once more after some seconds, and says so."""
    waits: list[float] = []
    answers = [(503, CONGESTED), (200, UNKNOWN)]
    with _target(lambda number: answers[number]) as target, _client(target, 0, waits) as client:
        exchange = client.send(DRAFT)
    assert ((CONGESTION,), [SOME_SECONDS]) == (exchange.notes, waits)
    assert exchange.response is not None
    assert (200, 2) == (exchange.response.status, client.calls)


def test_congestion_that_stays_is_the_answer() -> None:
    """Once three repetitions were for nothing no other call is repeated: it isn't congestion that comes and goes."""
    with _target(lambda _: (503, CONGESTED)) as target, _client(target, 0) as client:
        exchanges = [client.send(DRAFT) for _ in range(3)]
    assert [503] * 3 == [exchange.response and exchange.response.status for exchange in exchanges]
    assert [(CONGESTION,) * MOST_WAITS, (), ()] == [exchange.notes for exchange in exchanges]
    assert 6 == len(target.heard)


def test_target_that_starts_anew_is_waited_for() -> None:
    """A call that a target refuses the connection for is made once more when it may be back, and says so."""
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(contextlib.ExitStack())
        target = first.enter_context(_target(lambda _: (200, UNKNOWN)))
        port = target.server.server_port

        def back(_: float) -> None:
            stack.enter_context(_target(lambda _: (200, UNKNOWN), port))

        client = Client(target.settings(0), Pacer(0, sleep=back))
        stack.callback(client.close)
        before = client.send(DRAFT)
        first.close()
        after = client.send(DRAFT, fresh=True)

    assert ((), (RESTART,)) == (before.notes, after.notes)
    assert after.response is not None


def test_target_that_stays_away_is_given_up() -> None:
    """Where waiting was in vain, and where nobody was there before, a refused connection is the answer."""
    waits: list[float] = []
    with contextlib.ExitStack() as stack:
        target = stack.enter_context(_target(lambda _: (200, UNKNOWN)))
        client = Client(target.settings(0), Pacer(0, sleep=waits.append))
        client.send(DRAFT)
        stack.close()
        away = [client.send(DRAFT, fresh=True) for _ in range(2)]

    assert [(RESTART,) * MOST_WAITS, ()] == [exchange.notes for exchange in away]
    client.close()
    assert [SOME_SECONDS] * MOST_WAITS == waits
    with _client(target, 0, waits) as stranger:
        assert () == stranger.send(DRAFT).notes


def test_congestion_that_is_asked_for_is_not_repeated() -> None:
    """Calls that were admitted before are made once."""
    with _target(lambda _: (503, CONGESTED)) as target, _client(target, 0) as client:
        client.send(DRAFT, paced=False)
    assert 1 == len(target.heard)


def test_budget_of_calls_is_kept() -> None:
    """A call beyond the budget isn't made."""
    with _target(lambda _: (200, UNKNOWN)) as target, _client(target) as client:
        client.most_calls = 2
        for _ in range(2):
            client.send(DRAFT)
        with pytest.raises(Blocked, match="--max-calls"):
            client.send(DRAFT)
        with pytest.raises(Blocked, match="--max-calls"):
            client.send_together((DRAFT, DRAFT))
    assert (2, 2) == (len(target.heard), client.calls)


def test_request_is_sent_as_it_is_drafted() -> None:
    """Method, path, query, headers and body arrive as they were drafted, and nothing that says where it comes from."""
    draft = (
        DRAFT.with_app_id("a b&c", "x")
        .with_header("X-Odd", "1")
        .with_header("Content-Type", None)
        .with_method("PUT", "x")
    )
    with _target(lambda _: (200, UNKNOWN)) as target, _client(target) as client:
        client.send(draft)
    method, path, headers, body = target.heard[0]
    assert ("PUT", "/iocm/app/cmd/v1.4.0/deviceCommandCancelTasks?appId=a%20b%26c") == (method, path)
    assert headers == [
        ("Host", target.url.removeprefix("http://")),
        ("app_key", "key"),
        ("Authorization", "Bearer token"),
        ("X-Odd", "1"),
        ("User-Agent", "revocation-conformance"),
        ("Accept", "*/*"),
        ("Accept-Encoding", "gzip, deflate"),
        ("Content-Length", "22"),
    ]
    assert b'{"deviceId": "device"}' == body


def test_draft_says_what_was_edited() -> None:
    """The edit is told in the caller's words, or in those for the header that was changed."""
    assert "the plain valid call" == DRAFT.edit
    assert "without the header app_key" == DRAFT.with_header("app_key", None).edit
    assert "the header app_key is empty" == DRAFT.with_header("app_key", "").edit
    assert "the header app_key is x" == DRAFT.with_header("app_key", "x").edit
    assert "words" == DRAFT.with_header("app_key", "x", "words").edit
    assert DRAFT.with_body(None, "no body").body is None


def test_simultaneous_calls_are_under_way_together() -> None:
    """Calls that are sent together are all under way before the first is answered."""
    gate = threading.Barrier(3, timeout=5)

    def answer(_: int) -> tuple[int, object]:
        gate.wait()
        return 200, UNKNOWN

    drafts = tuple(DRAFT.with_method("POST", f"call {number}") for number in range(3))
    with _target(answer) as target, _client(target) as client:
        exchanges = client.send_together(drafts, expected="x")
    assert ["call 0", "call 1", "call 2"] == [exchange.edit for exchange in exchanges]
    assert [200, 200, 200] == [exchange.response and exchange.response.status for exchange in exchanges]
    assert 3 == client.calls


def _late(draft: Draft, seconds: float, call: Callable[[Client, Draft], object]) -> float:
    """Make a CALL to a target that doesn't answer, with SECONDS left; the seconds until Blocked said so."""
    released = threading.Event()

    def answer(_: int) -> tuple[int, object]:
        released.wait(10)
        return 200, UNKNOWN

    with _target(answer) as target:
        started = time.monotonic()
        client = Client(target.settings(), Pacer(0), Budget(started + seconds))
        try:
            with pytest.raises(Blocked, match="--max-time"):
                call(client, draft)
        finally:
            released.set()
            client.close()
        return time.monotonic() - started


def test_call_that_outlasts_the_run_is_nobodys_fault() -> None:
    """When the run's time ends before the call's, the call ends with it, and the target isn't blamed."""
    assert 0.2 < _late(DRAFT, 0.3, lambda client, draft: client.send(draft)) < 5


def test_simultaneous_calls_end_with_the_run() -> None:
    """The same holds for calls that are sent together."""
    assert 0.2 < _late(DRAFT, 0.3, lambda client, draft: client.send_together((draft, draft))) < 5


def test_no_call_is_made_after_the_run() -> None:
    """Once the run's time is over, nothing is sent."""
    with _target(lambda _: (200, UNKNOWN)) as target:
        client = Client(target.settings(), Pacer(0), Budget(time.monotonic()))
        for call in (lambda: client.send(DRAFT), lambda: client.send_together((DRAFT, DRAFT))):
            with pytest.raises(Blocked):
                call()
        client.close()
    assert [] == target.heard


def test_what_must_be_done_is_done_after_the_run() -> None:
    """A call for which some seconds are reserved is made even then."""
    with _target(lambda _: (200, UNKNOWN)) as target:
        client = Client(target.settings(), Pacer(0), Budget(time.monotonic()))
        channel = client.channel()
        exchange = channel.send(DRAFT.request(target.url), at_least=2)
        channel.close()
    assert exchange.response is not None
