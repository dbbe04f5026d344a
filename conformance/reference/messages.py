"""What passes between the server and the platform: requests, answers, and the parts an answer is sent in."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    """One HTTP request, whole: names of headers as they came, the path decoded, the query in its order."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The header's value, None where it is missing; a repeated header is one list, as HTTP reads it."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    def parameter(self, name: str) -> str | None:
        """The first value of a query parameter, None where it is missing."""
        return next((value for key, value in self.query if key == name), None)


@dataclass(frozen=True)
class Answer:
    """One HTTP answer before it is framed: Content-Length and Connection are added when it is sent."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)


@dataclass(frozen=True)
class Pause:
    """Nothing is sent for that many seconds (or until the server stops)."""

    seconds: float


class End(enum.Enum):
    """How the connection ends after what was sent; without it, the connection stays open."""

    CLOSE = "close"
    RESET = "reset"


Part = bytes | Pause | End
Transmission = Iterator[Part]
