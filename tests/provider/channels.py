"""A channel that leads nowhere: what is sent is kept, what is answered comes from a function."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from conformance.client.channel import Channel
from conformance.client.silence import Silence
from conformance.evidence.exchange import Exchange, Request, Response, TransportError

Answer = tuple[int, object] | TransportError


class FakeChannel(Channel):
    """Answers with status and body (bytes as they are, else as JSON), or with a fault, which SILENCE counts."""

    def __init__(self, answer: Callable[[Request], Answer], silence: Silence | None = None) -> None:
        self._answer, self._silence = answer, silence or Silence()
        self.sent: list[Request] = []
        self.closed = False

    def send(self, request: Request, *, fresh: bool = False, at_least: float = 0.0) -> Exchange:
        """Keep REQUEST and answer it."""
        del fresh, at_least
        self.sent.append(request)
        answer = self._answer(request)
        if isinstance(answer, TransportError):
            self._silence.note(request.url, unanswered := Exchange(request, None, answer, 0.0, 0.0))
            return unanswered
        status, body = answer
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = (("Content-Type", "application/json"),)
        return Exchange(request, Response(status, "", "HTTP/1.1", headers, raw), None, 0.0, 0.0)

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True

    @property
    def asked(self) -> list[dict[str, Any]]:
        """The bodies that were sent."""
        return [json.loads(request.body or b"null") for request in self.sent]
