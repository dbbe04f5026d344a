"""One call and what came back, as evidence: plain values that can be judged, kept and shown."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Exchange", "Headers", "Request", "Response", "TransportError"]

Headers = tuple[tuple[str, str], ...]


def _first(headers: Headers, name: str) -> str | None:
    return next((value for key, value in headers if key.lower() == name.lower()), None)


PLAIN_EDIT = "the plain valid call"
"""How a call is described that differs from the plain valid one in nothing."""


@dataclass(frozen=True)
class Request:
    """A request as it went out: method, whole URL, header lines in their order, body bytes (None: no body)."""

    method: str
    url: str
    headers: Headers
    body: bytes | None

    def header(self, name: str) -> str | None:
        """The first value of the header NAME, in any letter case; None when there is none."""
        return _first(self.headers, name)


@dataclass(frozen=True)
class Response:
    """A complete answer: status, reason phrase, HTTP version, header lines, body bytes after content decoding."""

    status: int
    reason: str
    http_version: str
    headers: Headers
    body: bytes

    def header(self, name: str) -> str | None:
        """The first value of the header NAME, in any letter case; None when there is none."""
        return _first(self.headers, name)


@dataclass(frozen=True)
class TransportError:
    """Why there is no complete answer.

    kind is "unreachable" (no connection was made), "timeout" (no whole answer within the limit), "broken" (the
    connection was cut or the answer breaks HTTP's framing) or "oversized" (more than the suite reads).
    answered: at least the beginning of an HTTP answer came, so that the target is alive.
    """

    kind: str
    message: str
    answered: bool = False


@dataclass(frozen=True)
class Exchange:
    """A request with either its response or the fault that took its place.

    edit says in words what makes the request differ from the plain valid one; expected, what the case demanded.
    started is seconds since the epoch, duration_s seconds. notes: what there is to say of the call (it waited, its
    answer was cut). resent: how often it had to be sent again before this answer.
    reused: it was made on a connection that had carried another one before.
    """

    request: Request
    response: Response | None
    fault: TransportError | None
    started: float
    duration_s: float
    edit: str = ""
    expected: str = ""
    notes: tuple[str, ...] = ()
    reused: bool = False
    resent: int = 0
