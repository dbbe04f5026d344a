"""What a broken or hostile server does with a connection, each a function of it."""

from __future__ import annotations

import gzip
import zlib
from functools import cache

from .server import Behaviour, Connection

MIB = 2**20
PAUSE = 0.1
"""Seconds between two bytes of a server that drips; the calls of these tests have a limit of five of them."""

CREATED = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
JSON = b'{"taskId": "1"}'


def answer(body: bytes = JSON, *headers: bytes, status: bytes = b"201 Created") -> bytes:
    """A whole answer with a right Content-Length."""
    lines = [b"HTTP/1.1 " + status, b"Content-Type: application/json", *headers, b"Content-Length: %d" % len(body)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def answers(*wholes: bytes) -> Behaviour:
    """Answers the requests of a connection with WHOLES, one after the other, the last one again and again."""

    def behave(connection: Connection) -> None:
        for whole in wholes:
            connection.request()
            connection.send(whole)
        while True:
            connection.request()
            connection.send(wholes[-1])

    return behave


def then_closes(*parts: bytes) -> Behaviour:
    """Sends PARTS as its answer, and closes the connection."""

    def behave(connection: Connection) -> None:
        connection.request()
        connection.send(*parts)

    return behave


def then_holds(*parts: bytes) -> Behaviour:
    """Sends PARTS as its answer, and nothing more, on a connection that stays open."""

    def behave(connection: Connection) -> None:
        connection.request()
        connection.send(*parts)
        connection.hold()

    return behave


def then_resets(*parts: bytes) -> Behaviour:
    """Sends PARTS as its answer, and resets the connection."""

    def behave(connection: Connection) -> None:
        connection.request()
        connection.send(*parts)
        connection.reset()

    return behave


def answers_anything(whole: bytes) -> Behaviour:
    """Sends WHOLE to whatever it is sent, and closes the connection."""

    def behave(connection: Connection) -> None:
        connection.sock.recv(65536)
        connection.send(whole)

    return behave


def resets_at_once(connection: Connection) -> None:
    """Resets the connection before anything is read."""
    connection.reset()


def resets_within_the_request(connection: Connection) -> None:
    """Resets the connection when the first bytes of the request are there."""
    connection.sock.recv(1)
    connection.reset()


never_answers = then_holds()


def one_byte_at_a_time(connection: Connection) -> None:
    """Sends a right answer, byte by byte, so that no read ever waits for long."""
    connection.request()
    connection.drip(answer(), PAUSE)


def headers_without_end(connection: Connection) -> None:
    """One header after the other."""
    connection.request()
    connection.send(CREATED)
    connection.flood(b"X-More: " + b"x" * 1000 + b"\r\n", 200 * MIB)


def header_line_without_end(connection: Connection) -> None:
    """A header's value that goes on and on."""
    connection.request()
    connection.send(CREATED, b"X-More: ")
    connection.flood(b"x" * 65536, 200 * MIB)


def headers_without_end_slowly(connection: Connection) -> None:
    """One header after the other, so slowly that no limit of size is reached."""
    connection.request()
    connection.send(CREATED)
    while True:
        connection.drip(b"X-More: x\r\n", PAUSE)


def body_without_end(connection: Connection) -> None:
    """A body that ends with the connection, which doesn't end."""
    connection.request()
    connection.send(CREATED, b"\r\n")
    connection.flood(b"x" * 65536, 400 * MIB)


def chunks_without_end(connection: Connection) -> None:
    """Chunk after chunk."""
    connection.request()
    connection.send(CREATED, b"Transfer-Encoding: chunked\r\n\r\n")
    connection.flood(b"2710\r\n" + b"x" * 10_000 + b"\r\n", 200 * MIB)


def body_without_end_slowly(connection: Connection) -> None:
    """A body that trickles for ever."""
    connection.request()
    connection.send(CREATED, b"\r\n")
    while True:
        connection.drip(b" ", PAUSE)


def list_of_200_mib(connection: Connection) -> None:
    """A list of commands that takes 200 MiB."""
    connection.request()
    piece = b'{"commandId": "' + b"c" * 40 + b'"},'
    connection.send(CREATED, b"Content-Length: %d\r\n\r\n" % (200 * MIB), b'{"deviceCommands": [')
    connection.flood(piece * 1000, 200 * MIB)


def interim_answers_without_end(connection: Connection) -> None:
    """100 Continue, again and again."""
    connection.request()
    connection.flood(b"HTTP/1.1 100 Continue\r\nX: " + b"x" * 10_000 + b"\r\n\r\n", 200 * MIB)


def resets_the_handshake(connection: Connection) -> None:
    """Resets the connection after the client's first TLS message."""
    connection.sock.recv(65536)
    connection.reset()


def handshake_without_end(connection: Connection) -> None:
    """Sends the beginning of a TLS record, byte by byte."""
    connection.sock.recv(65536)
    connection.drip(b"\x16\x03\x03\x40\x00" + bytes(1000), PAUSE)


@cache
def bomb(wbits: int = zlib.MAX_WBITS | 16, times: int = 1) -> bytes:
    """128 MiB of zeros, squeezed TIMES times: some hundred kB, then some hundred bytes."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, wbits)
    data = b"".join(squeeze.compress(bytes(MIB)) for _ in range(128)) + squeeze.flush()
    for _ in range(times - 1):
        data = gzip.compress(data, 9, mtime=0)
    return data
