"""A server that always conforms and does next to nothing: it looks every request up among answers made before."""

from __future__ import annotations

import json
import multiprocessing
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

from conformance.contract import documents
from conformance.evidence.exchange import Request
from conformance.fuzzing.expectation import Expectation

__all__ = ["Answers", "Server", "answer_to", "serving"]

Key = tuple[bytes, bytes]
Answers = Mapping[Key, bytes]
UNKNOWN = "100418"
NAMES = (b"app_key", b"authorization", b"content-type")


def _answer(status: int, value: object) -> bytes:
    body = json.dumps(value).encode("ascii")
    return b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
        status,
        len(body),
        body,
    )


OTHERWISE = _answer(200, {"error_code": UNKNOWN, "error_desc": "The deviceData is not existed."})


def _key(head: bytes, body: bytes) -> Key:
    """What tells requests apart: the target and the three documented headers, and the body."""
    first, *lines = head.split(b"\r\n")
    kept = [line for line in lines if line.partition(b":")[0].lower() in NAMES]
    return b"\n".join([first.split(b" ")[1], *sorted(kept)]), body


def answer_to(request: Request, expectation: Expectation, app_id: str, number: int) -> tuple[Key, bytes]:
    """The key of REQUEST, and a right answer to it."""
    target = request.url.partition("//")[2].partition("/")[2]
    lines = [f"POST /{target} HTTP/1.1", *(f"{name}: {value}" for name, value in request.headers)]
    key = _key("\r\n".join(lines).encode("latin-1"), request.body or b"")
    if expectation.accepts is not None:
        task = {"taskId": f"task-{number}", "appId": app_id, "deviceId": expectation.accepts, "status": "SUCCESS"}
        return key, _answer(201, {**task, "totalCount": 0, "deviceCommands": []})
    assert expectation.refusal is not None
    row = documents.load().answers(expectation.refusal.codes[0])[0]
    return key, _answer(row.status, {"error_code": row.code, "error_desc": row.description})


@dataclass(frozen=True)
class Server:
    """A running server: its base URL, and how to ask it what it has seen."""

    url: str
    control: Connection

    def rate(self) -> tuple[int, float]:
        """(requests since the last question, how many a second from the first of them to the last)."""
        self.control.send("rate")
        calls, seconds = self.control.recv()
        return calls, (calls - 1) / seconds if seconds else 0.0


def _serve(answers: Answers, control: Connection) -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    control.send(listener.getsockname()[1])
    times: list[float] = []
    import selectors  # noqa: PLC0415 (this process only)

    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(control, selectors.EVENT_READ)
        buffers: dict[socket.socket, bytes] = {}
        while True:
            for ready, _ in selector.select():
                source = ready.fileobj
                if source is listener:
                    connection, _ = listener.accept()
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    buffers[connection] = b""
                    selector.register(connection, selectors.EVENT_READ)
                elif source is control:
                    if control.recv() == "stop":
                        return
                    control.send((len(times), times[-1] - times[0] if len(times) > 1 else 0.0))
                    times.clear()
                else:
                    assert isinstance(source, socket.socket)
                    data = source.recv(65536)
                    if not data:
                        selector.unregister(source)
                        source.close()
                        del buffers[source]
                        continue
                    for head, body in _requests(buffers, source, data):
                        times.append(time.perf_counter())
                        source.sendall(answers.get(_key(head, body), OTHERWISE))


def _requests(buffers: dict[socket.socket, bytes], source: socket.socket, data: bytes) -> Iterable[tuple[bytes, bytes]]:
    buffer = buffers[source] + data
    while True:
        head, separator, rest = buffer.partition(b"\r\n\r\n")
        if not separator:
            break
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:"),
            0,
        )
        if len(rest) < length:
            break
        yield head, rest[:length]
        buffer = rest[length:]
    buffers[source] = buffer


@contextmanager
def serving(answers: Answers) -> Iterator[Server]:
    """A server in a process of its own."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=(answers, theirs), daemon=True)
    process.start()
    try:
        yield Server(f"http://127.0.0.1:{ours.recv()}", ours)
    finally:
        ours.send("stop")
        process.join(timeout=5)
