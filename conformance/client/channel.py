"""One bounded way to the network: every call ends within its time limit, and reads no more than a limit of bytes.

httpx's own time limits are for each read; a target that sends one byte a second would never reach them. Here the
connection pool is given streams that know when the whole call must be over and how much it may still read.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import httpcore

from conformance.client.budget import UNLIMITED, Budget
from conformance.client.framing import Oversized, Unreadable, belied, decoded, surplus
from conformance.client.proxies import SOCKS, proxy_for
from conformance.client.silence import Silence
from conformance.evidence.exchange import Exchange, Request, Response, TransportError

__all__ = ["LARGEST_ANSWER", "Channel"]

LARGEST_ANSWER = 8 * 1024 * 1024
"""Bytes, on the wire and after content decoding. An answer that lists thousands of commands has one or two MiB."""

LONGEST_MESSAGE = 300
HTTP = b"HTTP/"


class _TooMuch(Exception):
    """The target sends more than the suite reads."""


@dataclass
class _Limits:
    """What is left to the call that is being made: its end on the monotonic clock, and the bytes received so far."""

    end: float = 0.0
    received: bytearray = field(default_factory=bytearray)
    total: int = 0
    fresh: bool = False

    def begin(self, end: float) -> None:
        """A call begins that must be over at END."""
        self.end, self.fresh = end, False
        self.forget()

    def forget(self) -> None:
        """What was received so far isn't the answer: a proxy spoke, before the way was free."""
        self.total = 0
        del self.received[:]

    @property
    def answered(self) -> bool:
        """Whether what was received is at least the beginning of an HTTP answer."""
        return bool(self.received) and HTTP.startswith(bytes(self.received[: len(HTTP)]))

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
            raise _TooMuch
        self._limits.received += data
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # Nothing that came before the last of the request is its answer: a SOCKS proxy speaks first.
        self._limits.forget()
        self._stream.write(buffer, self._time(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        limit = self._time(timeout, httpcore.ConnectTimeout)
        self._limits.forget()
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, limit), self._limits)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, limits: _Limits) -> None:
        self._backend, self._limits = httpcore.SyncBackend(), limits
        self._opened: httpcore.NetworkStream | None = None

    def close(self) -> None:
        """Close what was opened last: the pool forgets it where a SOCKS proxy opens no way."""
        if self._opened is not None:
            self._opened.close()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        self._limits.fresh = True
        options = [*(socket_options or ()), (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(_said(error)) from error
        problem: Exception = httpcore.ConnectError("the host name has no address")
        # A name may have many addresses; the time limit is for all of them together.
        for address in dict.fromkeys(map(_address, found)):
            left = self._limits.remaining()
            if left <= 0:
                break
            try:
                stream = self._backend.connect_tcp(address, port, min(left, timeout or left), local_address, options)
                self._opened = stream
                return _Stream(stream, self._limits)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        raise problem


def _address(entry: tuple[Any, Any, Any, Any, tuple[Any, ...]]) -> str:
    """The address in an ENTRY of getaddrinfo; a link-local one is nothing without its scope."""
    address, scope = entry[4][0], entry[4][3] if entry[0] == socket.AF_INET6 else 0
    return f"{address}%{scope}" if scope else str(address)


class Channel:
    """Sends requests to one origin, one at a time, each within TIMEOUT seconds; never redirects, never keeps cookies.

    direct: through no proxy, whatever the environment names. silence: counts what isn't answered in time.
    UsageError when the environment names a proxy that can't be used.
    """

    def __init__(
        self,
        base_url: str,
        timeout: float,
        context: ssl.SSLContext | None,
        budget: Budget = UNLIMITED,
        *,
        direct: bool = False,
        silence: Silence | None = None,
    ) -> None:
        self.timeout = timeout
        self._origin, self._silence = base_url, silence or Silence()
        self._budget = budget
        self._limits = _Limits()
        self._backend = backend = _Backend(self._limits)
        self._proxy = None if direct else proxy_for(base_url)
        # One connection is enough, and shows at once whether a new one had to be opened.
        self._pool: httpcore.ConnectionPool
        if self._proxy is None:
            self._pool = httpcore.ConnectionPool(ssl_context=context, network_backend=backend, max_connections=1)
        else:
            kind = httpcore.SOCKSProxy if self._proxy.url.scheme in SOCKS else httpcore.HTTPProxy
            self._pool = kind(
                proxy_url=str(self._proxy.url),
                proxy_auth=self._proxy.raw_auth,
                ssl_context=context,
                network_backend=backend,
                max_connections=1,
            )

    def close(self) -> None:
        """Close the connection."""
        self._pool.close()
        self._backend.close()

    def send(self, request: Request, *, fresh: bool = False, at_least: float = 0.0) -> Exchange:
        """Send REQUEST; never raises for what the target does. Blocked when the time of the run is over.

        Blocked, too, once the target has answered nothing in time for too often.

        A kept-alive connection that turns out to be closed already is HTTP's ordinary course: the request is sent
        again on a new one, and the exchange says so. fresh opens a new connection at once, for calls that must not
        be made twice. at_least so many seconds are left to the call even when the run's time is over.
        """
        if not at_least:
            self._silence.check()
        limit = self._budget.seconds(self.timeout, at_least)
        end = time.monotonic() + limit
        if fresh:
            self._pool.close()
        exchange = self._send(request, limit, end)
        if exchange.fault and exchange.fault.kind == "broken" and not self._limits.fresh and not self._limits.total:
            again = "sent again: the kept-alive connection had been closed unannounced"
            exchange = replace(self._send(request, limit, end), notes=(again,), resent=1)
        if exchange.fault is not None and limit < self.timeout and time.monotonic() >= end:
            # The target had less time than it is promised, so this isn't its fault.
            self._budget.check(self.timeout)
        self._silence.note(self._origin, exchange)
        return exchange

    def _send(self, request: Request, limit: float, end: float) -> Exchange:
        started, clock = time.time(), time.monotonic()
        self._limits.begin(end)
        response: Response | None = None
        fault: TransportError | None = None
        try:
            response = self._exchange(request)
        except (_TooMuch, Oversized):
            fault = TransportError("oversized", f"more than {LARGEST_ANSWER // 2**20} MiB were sent")
        except httpcore.ConnectTimeout as error:
            what = "TLS handshake" if "handshake" in str(error) else "connection"
            fault = TransportError("unreachable", f"no {what} within {limit:g} seconds{self._way}")
        except httpcore.TimeoutException:
            got = "" if not self._limits.total else f" (after {self._limits.total} bytes)"
            fault = TransportError("timeout", f"no whole answer within {limit:g} seconds{got}")
        except (httpcore.ConnectError, httpcore.ProxyError) as error:
            fault = TransportError("unreachable", _said(error) + self._way)
        except (httpcore.NetworkError, httpcore.ProtocolError, Unreadable, OSError) as error:
            fault = TransportError("broken", _said(error))
        except Exception as error:
            # httpcore lets anything through when a proxy's words are cut short, or aren't SOCKS at all.
            if self._proxy is None or self._proxy.url.scheme not in SOCKS:
                raise
            fault = TransportError("unreachable", f"no answer in SOCKS 5: {_said(error)}{self._way}")
        if fault is not None:
            self.close()
            fault = replace(fault, answered=fault.kind != "unreachable" and self._limits.answered)
        reused = not self._limits.fresh
        return Exchange(request, response, fault, started, time.monotonic() - clock, reused=reused)

    @property
    def _way(self) -> str:
        """What to say of the way to a target that wasn't reached."""
        return "" if self._proxy is None else f" (through the proxy {self._proxy.url.netloc.decode('ascii')})"

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
        more = surplus(self._limits.received, headers)
        if more:
            raise httpcore.RemoteProtocolError(f"{more} bytes follow the end of the answer")
        length = belied(body, headers)
        if length is not None:
            raise httpcore.RemoteProtocolError(f"Content-Length is {length}, but the chunks have {len(body)} bytes")
        return Response(
            status=response.status,
            reason=response.extensions.get("reason_phrase", b"").decode("latin-1"),
            http_version=response.extensions.get("http_version", b"HTTP/1.1").decode("latin-1"),
            headers=headers,
            body=decoded(body, headers, LARGEST_ANSWER),
        )


def _said(error: BaseException) -> str:
    """What ERROR says, or what kind it is when it says nothing; libraries quote what the target sent at any length."""
    text = str(error) or type(error).__name__
    if text.startswith("[Errno"):
        text = text.partition("] ")[2]
    return text if len(text) <= LONGEST_MESSAGE else f"{text[:LONGEST_MESSAGE]}…"
