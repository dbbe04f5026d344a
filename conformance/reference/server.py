"""A small HTTP/1.1 server on loopback, a thread for each connection.

h11 reads the requests; the answers are written as the bytes that the behaviour gives, so that it can also write what no
server framework would: cut, mislabelled and endless answers.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

import h11

from conformance.reference.messages import End, Pause, Request, Transmission

HOST = "127.0.0.1"
_READ = 65536
_LARGEST_HEAD = 65536
_LARGEST_BODY = 4 * 1024 * 1024
_MOST_CONNECTIONS = 500
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: on, no time: close sends RST


class Server:
    """Accepts connections and has each request answered by `exchange`, or by `malformed` where it is no HTTP."""

    def __init__(
        self,
        exchange: Callable[[Request], Transmission],
        malformed: Callable[[], Transmission],
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._exchange = exchange
        self._malformed = malformed
        self._tls = tls
        self._stopping = threading.Event()
        self._connections: dict[threading.Thread, socket.socket] = {}
        self._lock = threading.Lock()
        self._listener = socket.create_server((HOST, port), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, name="reference", daemon=True)

    def start(self) -> None:
        """Accept connections from now on."""
        self._acceptor.start()

    def stop(self) -> None:
        """Cut every connection, end every thread."""
        self._stopping.set()
        # accept() can't be interrupted portably: one more connection lets it see that we stop.
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), timeout=1):
            pass
        self._acceptor.join()
        self._listener.close()
        with self._lock:
            connections = dict(self._connections)
        for connection in connections.values():
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
        for thread in connections:
            thread.join(timeout=2)

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._stopping.is_set():
                connection.close()
                return
            if len(self._connections) >= _MOST_CONNECTIONS:
                connection.close()
                continue
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
            thread = threading.Thread(target=self._serve, args=(connection,), name="reference connection", daemon=True)
            with self._lock:
                self._connections[thread] = connection
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        # A client may vanish at any point; that ends its connection and is nobody's error.
        with contextlib.suppress(OSError):
            try:
                if isinstance(connection, ssl.SSLSocket):
                    connection.do_handshake()
                self._converse(connection)
            finally:
                with self._lock:
                    self._connections.pop(threading.current_thread(), None)
                connection.close()

    def _converse(self, connection: socket.socket) -> None:
        try:
            for request, last in _requests(connection):
                if self._send(connection, self._exchange(request)) or last:
                    break
        except h11.RemoteProtocolError:
            self._send(connection, self._malformed())
        _say_goodbye(connection)

    def _send(self, connection: socket.socket, transmission: Transmission) -> bool:
        """Send every part; True when the connection ends with it."""
        for part in transmission:
            if isinstance(part, bytes):
                connection.sendall(part)
            elif isinstance(part, Pause):
                self._stopping.wait(part.seconds)
            elif part is End.RESET:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                connection.close()
                raise ConnectionResetError
            else:
                return True
        return False


def _requests(connection: socket.socket) -> Iterator[tuple[Request, bool]]:
    """The requests of one connection, each with whether the client wants it to be the last."""
    surplus = b""
    while True:
        # h11 also keeps track of the answers, which we write without it: each request gets a parser of its own.
        parser = h11.Connection(h11.SERVER, max_incomplete_event_size=_LARGEST_HEAD)
        if surplus:
            parser.receive_data(surplus)
        head: h11.Request | None = None
        body = bytearray()
        while True:
            event = parser.next_event()
            if event is h11.NEED_DATA:
                if parser.they_are_waiting_for_100_continue:
                    connection.sendall(parser.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
                parser.receive_data(connection.recv(_READ))
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > _LARGEST_BODY:
                    raise h11.RemoteProtocolError("body too large")
            elif isinstance(event, h11.EndOfMessage):
                break
            else:
                return
        assert head is not None  # noqa: S101 - h11 gives the head before the end; this tells the type checker so
        request = _request(head, bytes(body))
        wishes = {wish.strip().lower() for wish in (request.header("connection") or "").split(",")}
        yield request, "close" in wishes or (head.http_version < b"1.1" and "keep-alive" not in wishes)
        surplus = parser.trailing_data[0]


def _request(head: h11.Request, body: bytes) -> Request:
    try:
        target = urlsplit(head.target.decode("latin-1"))
        query = parse_qsl(target.query, keep_blank_values=True)
    except ValueError as error:
        raise h11.RemoteProtocolError("unreadable target") from error
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers.raw_items())
    return Request(head.method.decode("latin-1"), unquote(target.path), tuple(query), headers, body)


def _say_goodbye(connection: socket.socket) -> None:
    """End the connection in both directions, so that the client gets all of the answer; don't wait long for it."""
    connection.settimeout(0.1)
    if isinstance(connection, ssl.SSLSocket):
        connection.unwrap()
    else:
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(_READ):
            pass
