"""What of an answer is kept."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from conformance.evidence.exchange import Exchange, Request, Response, TransportError
from conformance.evidence.truncation import ANSWER_CUT, LONGEST_BODY, LONGEST_HEADERS, LONGEST_REQUEST, kept

HEADERS = (("Content-Type", "application/json"),)


def _exchange(body: bytes, headers: tuple[tuple[str, str], ...] = HEADERS) -> Exchange:
    request = Request("POST", "http://target/", (), b"x" * LONGEST_BODY * 2)
    return Exchange(request, Response(201, "Created", "HTTP/1.1", headers, body), None, 0.0, 0.0, notes=("first",))


def test_usual_answer_is_kept_whole() -> None:
    """An answer within the limits, and every request, is kept as it is."""
    exchange = _exchange(b"x" * LONGEST_BODY)
    assert kept(exchange) == exchange


def test_fault_is_kept() -> None:
    """An exchange without an answer is kept as it is."""
    exchange = Exchange(Request("POST", "http://target/", (), None), None, TransportError("broken", "x"), 0.0, 0.0)
    assert kept(exchange) == exchange


@pytest.mark.parametrize("character", ["x", "ü", "…", "\U0001f600"])
@pytest.mark.parametrize("shift", range(4))
def test_long_body_is_cut_between_characters(character: str, shift: int) -> None:
    """Of a long body the beginning is kept, text stays text, and a note says how long it was."""
    body = b"a" * shift + character.encode() * (LONGEST_BODY + 1)
    cut = kept(_exchange(body))
    assert cut.response is not None
    assert cut.notes == ("first", f"{ANSWER_CUT}: its body of {len(body)} bytes after {LONGEST_BODY}")
    text = cut.response.body.decode().removesuffix("…")
    assert body.decode().startswith(text)
    assert LONGEST_BODY - 4 < len(text.encode()) <= LONGEST_BODY


def test_long_binary_body_is_cut() -> None:
    """A body that is no text is cut as well."""
    cut = kept(_exchange(b"\x80" * LONGEST_BODY * 2))
    assert cut.response is not None
    assert len(cut.response.body) <= LONGEST_BODY + 3


@pytest.mark.parametrize(
    "headers",
    [
        (*HEADERS, ("X", "x" * LONGEST_HEADERS)),
        (("x" * LONGEST_HEADERS * 2, "x"), *HEADERS),
        tuple((f"X-{number}", "x" * 100) for number in range(1000)),
    ],
)
def test_long_headers_are_cut(headers: tuple[tuple[str, str], ...]) -> None:
    """Of long headers the first are kept, and a note says so."""
    cut = kept(_exchange(b"{}", headers))
    assert cut.response is not None
    assert sum(len(name) + len(value) for name, value in cut.response.headers) <= LONGEST_HEADERS + 1
    assert cut.notes == ("first", f"{ANSWER_CUT}: its headers after {LONGEST_HEADERS} characters")


@pytest.mark.parametrize("character", [b"\0", b"\x7f", b"\x1b"])
def test_control_characters_take_their_room(character: bytes) -> None:
    """A body of control characters, which JSON spells with six others each, takes no more room than another."""
    for length in (LONGEST_BODY, 8 * 2**20):
        cut = kept(_exchange(character * length))
        assert cut.response is not None
        length_in_json = len(json.dumps(cut.response.body.decode("utf-8"), ensure_ascii=False))
        assert length_in_json <= LONGEST_BODY + 10
        assert cut.notes == ("first", f"{ANSWER_CUT}: its body of {length} bytes after {LONGEST_BODY // 6}")


def test_recorded_requests_are_bounded() -> None:
    """Of a request that somebody else made no more is kept than a report has use for, and notes say so."""
    headers = (("X", "x" * LONGEST_HEADERS),)
    request = Request("POST", "http://target/?" + "x" * 100_000, headers, b"x" * 20_000_000)
    cut = kept(replace(_exchange(b"{}"), request=request))
    assert cut.request.body == b"x" * LONGEST_REQUEST + "…".encode()
    assert sum(len(name) + len(value) for name, value in cut.request.headers) <= LONGEST_HEADERS + 1
    assert len(cut.request.url) < 20_000
    assert cut.notes == (
        "first",
        "the request's body of 20000000 bytes is cut",
        f"the request's headers are cut after {LONGEST_HEADERS} characters",
        "the URL is cut after 16384 characters",
    )
