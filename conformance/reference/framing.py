"""Small pieces of HTTP that faults and variants write answers from."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.messages import Answer, Transmission


def bytes_of(parts: Transmission) -> bytes:
    """All that would be sent, in one piece."""
    return b"".join(part for part in parts if isinstance(part, bytes))


def chunk(text: bytes) -> bytes:
    """One chunk; an empty one is the last."""
    return f"{len(text):x}\r\n".encode() + text + b"\r\n"


def with_headers(answer: Answer, *headers: tuple[str, str]) -> Answer:
    """The answer with further headers."""
    return replace(answer, headers=(*answer.headers, *headers))
