"""A raw server on loopback whose every move is a plain function of one connection."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

HOST = "127.0.0.1"
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
LONGEST_HOLD = 20.0


class Connection:
    """One accepted connection, and what a behaviour can do with it."""

    def __init__(self, sock: socket.socket, stopping: threading.Event, heard: list[bytes]) -> None:
        self.sock, self._stopping, self._heard = sock, stopping, heard

    def request(self) -> bytes:
        """One whole request as it came, head and body; ConnectionError when none comes."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        while len(body) < length:
            body += self._more()
        whole = head + b"\r\n\r\n" + body
        self._heard.append(whole)
        return whole

    def _more(self) -> bytes:
        data = self.sock.recv(65536)
        if not data:
            raise ConnectionError("the client is gone")
        return data

    def send(self, *parts: bytes) -> None:
        """Send PARTS at once."""
        self.sock.sendall(b"".join(parts))

    def reset(self) -> None:
        """End the connection with RST instead of FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self.sock.close()
        raise ConnectionError("reset")

    def hold(self) -> None:
        """Do nothing until the client gives up."""
        self.sock.settimeout(LONGEST_HOLD)
        while self.sock.recv(65536):
            pass

    def drip(self, data: bytes, pause: float) -> None:
        """Send DATA byte by byte, one every PAUSE seconds, as long as the client listens."""
        for byte in data:
            self.send(bytes([byte]))
            if self._stopping.wait(pause):
                return

    def flood(self, piece: bytes, most: int) -> None:
        """Send PIECE again and again, as long as the client listens, at most MOST bytes."""
        for _ in range(most // len(piece)):
            self.send(piece)


Behaviour = Callable[[Connection], None]


@dataclass
class Hostile:
    """A running server: where it is, what it was sent, and how often somebody connected."""

    port: int
    scheme: str
    heard: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"{self.scheme}://{HOST}:{self.port}"


class _Server:
    def __init__(self, behaviour: Behaviour, tls: ssl.SSLContext | None) -> None:
        self._behaviour, self._tls = behaviour, tls
        self._listener = socket.create_server((HOST, 0), backlog=128)
        self.hostile = Hostile(self._listener.getsockname()[1], "https" if tls else "http")
        self._stopping = threading.Event()
        self._open: dict[threading.Thread, socket.socket] = {}
        self._lock = threading.Lock()
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def stop(self) -> None:
        self._stopping.set()
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.hostile.port), timeout=1):
            pass
        self._acceptor.join()
        self._listener.close()
        with self._lock:
            left = dict(self._open)
        for sock in left.values():
            with contextlib.suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
        for thread in left:
            thread.join(timeout=5)

    def _accept(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            if self._stopping.is_set():
                sock.close()
                return
            self.hostile.connections += 1
            if self._tls is not None:
                sock = self._tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            with self._lock:
                self._open[thread] = sock
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        # The client may be gone at any point, and ends the behaviour with it.
        with contextlib.suppress(OSError):
            try:
                if isinstance(sock, ssl.SSLSocket):
                    sock.do_handshake()
                self._behaviour(Connection(sock, self._stopping, self.hostile.heard))
            finally:
                sock.close()
                with self._lock:
                    self._open.pop(threading.current_thread(), None)


@contextlib.contextmanager
def serving(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[Hostile]:
    """A server that gives every connection to BEHAVIOUR, each in a thread of its own, while the context lasts."""
    server = _Server(behaviour, tls)
    try:
        yield server.hostile
    finally:
        server.stop()
