"""Transport Protocol: answers as HTTP."""

from __future__ import annotations

import http

from conformance.reference.messages import Answer, Request, Transmission


class Wire:
    """Frames answers."""

    def transmit(self, request: Request, answer: Answer) -> Transmission:
        """The bytes of the answer."""
        body = b"" if request.method == "HEAD" else answer.body
        yield self.frame(answer, body)

    def frame(self, answer: Answer, body: bytes) -> bytes:
        """Head and body."""
        return self.head(answer, self.framing(answer)) + body

    def framing(self, answer: Answer) -> tuple[tuple[str, str], ...]:
        """The headers that say where the body ends."""
        return () if answer.status == http.HTTPStatus.NO_CONTENT else (("Content-Length", str(len(answer.body))),)

    def head(self, answer: Answer, framing: tuple[tuple[str, str], ...]) -> bytes:
        """Status line and headers."""
        lines = [self.status_line(answer.status), *(f"{name}: {value}" for name, value in (*answer.headers, *framing))]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def status_line(self, status: int) -> str:
        """The first line of an answer."""
        known = status in http.HTTPStatus.__members__.values()
        return f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase if known else 'Unknown'}"
