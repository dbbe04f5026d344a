"""One bounded way to the network: every call ends within its time limit, and reads no more than a limit of bytes.

httpx's own time limits are for each read; a target that sends one byte a second would never reach them. Here the
connection pool is given streams that know when the whole call must be over and how much it may still read.
"""

from __future__ import annotations

import socket
import ssl
import time
import typing
import urllib.request
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import httpcore
import httpx

from conformance.exchange import Exchange, Fault, Request, Response
from conformance.target.configuration import TargetSettings

__all__ = ["LARGEST_ANSWER", "Channel", "tls_context"]

LARGEST_ANSWER = 8 * 1024 * 1024
"""Bytes, on the wire and after content decoding. An answer that lists thousands of commands has one or two MiB."""


class _Oversized(Exception):
    """The target sends more than the suite reads."""


@dataclass
class _Limits:
    """What is left to the call that is being made: its end on the monotonic clock, and the bytes received so far."""

    end: float = 0.0
    received: bytearray = field(default_factory=bytearray)
    total: int = 0
    fresh: bool = False

    def remaining(self) -> float:
        return self.end - time.monotonic()


class _Stream(httpcore.NetworkStream):
    """A network stream that keeps to the limits of the call it serves."""

    def __init__(self, stream: httpcore.NetworkStream, limits: _Limits) -> None:
        self._stream, self._limits = stream, limits

    def _time(self, timeout: float | None, error: type[Exception]) -> float:
        left = self._limits.remaining()
        if left <= 0:
            raise error("the time limit of the call is over")
        return left if timeout is None else min(timeout, left)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, self._time(timeout, httpcore.ReadTimeout))
        self._limits.total += len(data)
        if self._limits.total > LARGEST_ANSWER:
            raise _Oversized
        self._limits.received += data
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._time(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        limit = self._time(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, limit), self._limits)

    def get_extra_info(self, info: str) -> typing.Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, limits: _Limits) -> None:
        self._backend, self._limits = httpcore.SyncBackend(), limits

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        self._limits.fresh = True
        left = max(self._limits.remaining(), 0.001)
        limit = left if timeout is None else min(timeout, left)
        options = [*(socket_options or ()), (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
        return _Stream(self._backend.connect_tcp(host, port, limit, local_address, options), self._limits)


def tls_context(settings: TargetSettings) -> ssl.SSLContext:
    """The TLS settings for the target; ssl.SSLError or OSError when a certificate file isn't usable."""
    context = ssl.create_default_context(cafile=str(settings.ca_bundle) if settings.ca_bundle else None)
    context.check_hostname = settings.verify_hostname
    if settings.client_cert is not None:
        key = str(settings.client_key) if settings.client_key else None
        context.load_cert_chain(str(settings.client_cert), key, settings.client_cert_password)
    return context


def _proxy_for(url: str) -> str | None:
    """The proxy that the environment names for URL, by the usual variables."""
    parts = urlsplit(url)
    if urllib.request.proxy_bypass(parts.netloc):
        return None
    proxies = urllib.request.getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")


class Channel:
    """Sends requests to one origin, one at a time, each within TIMEOUT seconds; never redirects, never keeps cookies."""

    def __init__(self, base_url: str, timeout: float, context: ssl.SSLContext | None) -> None:
        self.timeout = timeout
        self._limits = _Limits()
        backend = _Backend(self._limits)
        proxy = _proxy_for(base_url)
        # One connection is enough, and shows at once whether a new one had to be opened.
        self._pool: httpcore.ConnectionPool
        if proxy is None:
            self._pool = httpcore.ConnectionPool(ssl_context=context, network_backend=backend, max_connections=1)
        else:
            given = httpx.Proxy(proxy)
            self._pool = httpcore.HTTPProxy(
                proxy_url=str(given.url),
                proxy_auth=given.raw_auth,
                ssl_context=context,
                network_backend=backend,
                max_connections=1,
            )

    def close(self) -> None:
        """Close the connection."""
        self._pool.close()

    def send(self, request: Request, *, fresh: bool = False, timeout: float | None = None) -> Exchange:
        """Send REQUEST; never raises for what the target does.

        A kept-alive connection that turns out to be closed already is HTTP's ordinary course: the request is sent
        again on a new one, and the exchange says so. fresh opens a new connection at once, for calls that must not
        be made twice.
        """
        if fresh:
            self._pool.close()
        exchange = self._send(request, self.timeout if timeout is None else timeout)
        if exchange.fault and exchange.fault.kind == "broken" and not self._limits.fresh and not self._limits.total:
            exchange = self._send(request, self.timeout if timeout is None else timeout)
            return replace(exchange, notes=("sent again: the kept-alive connection had been closed unannounced",))
        return exchange

    def _send(self, request: Request, limit: float) -> Exchange:
        started, clock = time.time(), time.monotonic()
        self._limits.end = clock + limit
        self._limits.total = 0
        self._limits.fresh = False
        del self._limits.received[:]
        response: Response | None = None
        fault: Fault | None = None
        try:
            response = self._exchange(request)
        except _Oversized:
            fault = Fault("oversized", f"more than {LARGEST_ANSWER // 2**20} MiB were sent")
        except httpcore.ConnectTimeout:
            fault = Fault("unreachable", f"no connection within {limit:g} seconds")
        except httpcore.TimeoutException:
            got = "" if not self._limits.total else f" (after {self._limits.total} bytes)"
            fault = Fault("timeout", f"no whole answer within {limit:g} seconds{got}")
        except (httpcore.ConnectError, httpcore.ProxyError) as error:
            fault = Fault("unreachable", _said(error))
        except ssl.SSLError as error:
            fault = Fault("unreachable" if self._limits.fresh and not self._limits.total else "broken", _said(error))
        except (httpcore.NetworkError, httpcore.ProtocolError, zlib.error, OSError) as error:
            fault = Fault("broken", _said(error))
        if fault is not None:
            self._pool.close()
            fault = replace(fault, answered=self._limits.received.startswith(b"HTTP/"))
        return Exchange(request, response, fault, started, time.monotonic() - clock)

    def _exchange(self, request: Request) -> Response:
        wire = httpcore.Request(
            request.method.encode("ascii"),
            request.url,
            headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers],
            content=request.body if request.body is not None else b"",
        )
        response = self._pool.handle_request(wire)
        try:
            body = b"".join(response.iter_stream())
        finally:
            response.close()
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers)
        answer = Response(
            status=response.status,
            reason=response.extensions.get("reason_phrase", b"").decode("latin-1"),
            http_version=response.extensions.get("http_version", b"HTTP/1.1").decode("latin-1"),
            headers=headers,
            body=_decoded(body, headers),
        )
        self._check_surplus(answer, len(body))
        return answer

    def _check_surplus(self, answer: Response, length: int) -> None:
        """Bytes beyond the announced length break the framing; h11 would read them as the next answer's beginning."""
        if answer.header("transfer-encoding") or answer.header("content-length") is None:
            return
        rest = bytes(self._limits.received)
        while True:
            head, separator, rest = rest.partition(b"\r\n\r\n")
            if not separator or not head[9:10] == b"1":
                break
        if separator and len(rest) > length:
            raise httpcore.RemoteProtocolError(f"{len(rest) - length} bytes follow the {length} that Content-Length announced")


def _said(error: BaseException) -> str:
    """What ERROR says, or what kind it is when it says nothing."""
    text = str(error) or type(error).__name__
    return text.removeprefix("[Errno ") if not text.startswith("[Errno") else text.partition("] ")[2]


def _decoded(body: bytes, headers: tuple[tuple[str, str], ...]) -> bytes:
    """BODY with its content encodings undone, never more than the limit; zlib.error or _Oversized."""
    encodings = [
        part.strip().lower() for name, value in headers if name.lower() == "content-encoding" for part in value.split(",")
    ]
    for encoding in reversed(encodings):
        if encoding in ("gzip", "x-gzip"):
            body = _inflated(body, zlib.MAX_WBITS | 16)
        elif encoding == "deflate":
            raw = not (body[:1] and body[0] & 0x0F == 8 and int.from_bytes(body[:2]) % 31 == 0)
            body = _inflated(body, -zlib.MAX_WBITS if raw else zlib.MAX_WBITS)
        elif encoding not in ("", "identity"):
            raise zlib.error(f"content encoding {encoding} wasn't asked for")
    return body


def _inflated(body: bytes, window: int) -> bytes:
    stream = zlib.decompressobj(window)
    plain = stream.decompress(body, LARGEST_ANSWER + 1)
    if len(plain) > LARGEST_ANSWER:
        raise _Oversized
    if body and not stream.eof:
        raise zlib.error("the compressed body is cut short")
    return plain
