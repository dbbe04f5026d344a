"""Answers that never come, never end, or end wrongly: one red requirement, within the limit of the call."""

from __future__ import annotations

import gzip
import zlib

import pytest

from conformance.client.channel import LARGEST_ANSWER
from conformance.evidence.exchange import TransportError

from . import behaviours as does
from .behaviours import CREATED, JSON, answer, then_closes, then_holds, then_resets
from .judging import LIMIT, SLACK, broken, call
from .server import Behaviour, serving

LATE = "answer-in-time"
CUT = "answer-complete"
GZIP = b"Content-Encoding: gzip"


def _chunked(*parts: bytes) -> bytes:
    return CREATED + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(parts)


def _layers(count: int) -> bytes:
    body = JSON
    for _ in range(count):
        body = gzip.compress(body, mtime=0)
    return answer(body, b"Content-Encoding: " + b", ".join([b"gzip"] * count))


ALIVE_AND_BROKEN: dict[str, tuple[Behaviour, str]] = {
    "one byte at a time": (does.one_byte_at_a_time, LATE),
    "headers without end": (does.headers_without_end, CUT),
    "a header line without end": (does.header_line_without_end, CUT),
    "headers without end, slowly": (does.headers_without_end_slowly, LATE),
    "a body without end": (does.body_without_end, CUT),
    "chunks without end": (does.chunks_without_end, CUT),
    "a body without end, slowly": (does.body_without_end_slowly, LATE),
    "a list of 200 MiB": (does.list_of_200_mib, CUT),
    "interim answers without end": (does.interim_answers_without_end, CUT),
    "a body shorter than Content-Length, then the end": (
        then_closes(CREATED, b"Content-Length: 99\r\n\r\n", JSON),
        CUT,
    ),
    "a body shorter than Content-Length, then silence": (
        then_holds(CREATED, b"Content-Length: 99\r\n\r\n", JSON),
        LATE,
    ),
    "a body longer than Content-Length": (then_closes(CREATED, b"Content-Length: 9\r\n\r\n", JSON), CUT),
    "an interim answer, and a body longer than Content-Length": (
        then_closes(b"HTTP/1.1 100 Continue\r\n\r\n", CREATED, b"Content-Length: 9\r\n\r\n", JSON),
        CUT,
    ),
    "a body where there is none": (
        then_closes(b"HTTP/1.1 204 No Content\r\nContent-Length: 15\r\n\r\n", JSON),
        CUT,
    ),
    "two lengths": (then_closes(CREATED, b"Content-Length: 15\r\nContent-Length: 9\r\n\r\n", JSON), CUT),
    "a length of a thousand digits": (then_closes(CREATED, b"Content-Length: " + b"9" * 1000 + b"\r\n\r\n", JSON), CUT),
    "a negative length": (then_closes(CREATED, b"Content-Length: -1\r\n\r\n", JSON), CUT),
    "a chunk size that is no number": (then_closes(_chunked(b"zz\r\n", JSON)), CUT),
    "a chunk longer than its size": (then_closes(_chunked(b"3\r\n", JSON, b"\r\n0\r\n\r\n")), CUT),
    "a chunk shorter than its size": (then_closes(_chunked(b"ff\r\n", JSON)), CUT),
    "no last chunk": (then_closes(_chunked(b"f\r\n", JSON, b"\r\n")), CUT),
    "no last chunk, and silence": (then_holds(_chunked(b"f\r\n", JSON, b"\r\n")), LATE),
    "an unknown transfer encoding": (then_closes(CREATED, b"Transfer-Encoding: magic\r\n\r\n", JSON), CUT),
    "a gzip bomb": (then_closes(answer(does.bomb(), GZIP)), CUT),
    "a deflate bomb": (then_closes(answer(does.bomb(zlib.MAX_WBITS), b"Content-Encoding: deflate")), CUT),
    "a bomb within a bomb": (then_closes(answer(does.bomb(times=2), b"Content-Encoding: gzip, gzip")), CUT),
    "a hundred encodings": (then_closes(_layers(100)), CUT),
    "a thousand gzip members": (then_closes(answer(gzip.compress(b" ", mtime=0) * 1000, GZIP)), CUT),
    "gzip that is none": (then_closes(answer(JSON, GZIP)), CUT),
    "gzip that is cut short": (then_closes(answer(gzip.compress(JSON, mtime=0)[:-9], GZIP)), CUT),
    "an encoding nobody asked for": (then_closes(answer(JSON, b"Content-Encoding: br")), CUT),
    "a reset within the status line": (then_resets(b"HTTP/1.1 2"), CUT),
    "a reset within the headers": (then_resets(CREATED), CUT),
    "a reset within the body": (then_resets(CREATED, b"Content-Length: 99\r\n\r\n", JSON), CUT),
    "a reset within a chunk": (then_resets(_chunked(b"ff\r\n", JSON)), CUT),
    "the end within the status line": (then_closes(b"HTTP/1.1 2"), CUT),
    "the end within the headers": (then_closes(CREATED), CUT),
    "a status that is no number": (then_closes(b"HTTP/1.1 OK OK\r\nContent-Length: 0\r\n\r\n"), CUT),
    "a header without a colon": (then_closes(CREATED, b"nonsense\r\n\r\n"), CUT),
    "a header with a NUL": (then_closes(answer(JSON, b"X: a\0b")), CUT),
}

DEAD: dict[str, Behaviour] = {
    "never answers": does.never_answers,
    "a reset at once": does.resets_at_once,
    "a reset within the request": does.resets_within_the_request,
    "a reset after the request": then_resets(),
    "the end after the request": then_closes(),
    "HTTP/2": then_closes(bytes.fromhex("00000c04000000000000030000006400040000ffff")),
    "another protocol": then_closes(b"220 mail.example ESMTP\r\n"),
    "binary": then_closes(bytes(range(256)) * 100),
}


@pytest.mark.parametrize("name", ALIVE_AND_BROKEN)
def test_broken_answer_is_one_red_requirement_in_time(name: str) -> None:
    """A broken HTTP answer shows that the target lives and breaks one requirement; the call ends within its limit."""
    behaviour, requirement = ALIVE_AND_BROKEN[name]
    with serving(behaviour) as server:
        exchange = call(server.url)
    assert exchange.fault is not None
    assert {requirement} == broken(exchange)
    assert exchange.fault.answered
    assert exchange.duration_s < LIMIT + SLACK
    assert 1 == len(server.heard)


@pytest.mark.parametrize("name", DEAD)
def test_no_sign_of_http_is_no_answer(name: str) -> None:
    """What doesn't even begin to answer in HTTP isn't taken for a target that lives; the call ends within its limit."""
    with serving(DEAD[name]) as server:
        exchange = call(server.url)
    assert exchange.fault is not None
    assert not exchange.fault.answered
    # A reset may arrive before the connection counts as made.
    kinds = {"never answers": {"timeout"}, "a reset at once": {"broken", "unreachable"}}
    assert exchange.fault.kind in kinds.get(name, {"broken"})
    assert exchange.duration_s < LIMIT + SLACK
    assert len(server.heard) <= 1


def test_fault_message_is_bounded() -> None:
    """A library's words about a wrong line of 60 kB, which quote it, are cut."""
    with serving(then_closes(b"HTTP/1.1 " + b"x" * 60_000 + b"\r\n\r\n")) as server:
        fault = call(server.url).fault
    assert isinstance(fault, TransportError)
    assert len(fault.message) <= 301


def test_largest_answer_is_read_whole() -> None:
    """The limit of size is no limit for an answer that just reaches it."""
    head = b'{"taskId": "'
    body = head + b"1" * (LARGEST_ANSWER - 1000 - len(head)) + b'"}'
    with serving(then_closes(answer(body))) as server:
        exchange = call(server.url, limit=5)
    assert exchange.response is not None
    assert exchange.response.body == body


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        (b"gzip", gzip.compress(JSON, mtime=0)),
        (b"x-gzip", gzip.compress(JSON, mtime=0)),
        (b"gzip", gzip.compress(JSON[:4], mtime=0) + gzip.compress(JSON[4:], mtime=0) + b"\0" * 10),
        (b"deflate", zlib.compress(JSON)),
        (b"deflate", zlib.compress(JSON, wbits=-15)),
        (b"deflate, gzip", gzip.compress(zlib.compress(JSON), mtime=0)),
        (b"identity", JSON),
    ],
)
def test_right_encodings_are_undone(encoding: bytes, body: bytes) -> None:
    """Encodings that the suite asks for are undone, gzip of several members and deflate without header among them."""
    with serving(then_closes(answer(body, b"Content-Encoding: " + encoding))) as server:
        exchange = call(server.url)
    assert exchange.response is not None
    assert JSON == exchange.response.body


@pytest.mark.parametrize(
    "whole",
    [
        answer(JSON),
        answer(JSON).replace(b"\r\n", b"\n"),
        _chunked(b"f\r\n", JSON, b"\r\n0\r\n\r\n"),
        _chunked(b"00f;name=value\r\n", JSON, b"\r\n0\r\nX-Trailer: 1\r\n\r\n"),
        _chunked(b"4\r\n", JSON[:4], b"\r\nB\r\n", JSON[4:], b"\r\n000\r\n\r\n"),
        b"HTTP/1.1 102 Processing\r\nX: 1\r\n\r\n" * 3 + answer(JSON),
        CREATED + b"\r\n" + JSON,
        b"HTTP/1.0 201 Created\r\n\r\n" + JSON,
    ],
)
def test_right_framing_is_read(whole: bytes) -> None:
    """Every framing that HTTP allows is read, with nothing taken for bytes too many."""
    with serving(then_closes(whole)) as server:
        exchange = call(server.url)
    assert exchange.response is not None
    assert JSON == exchange.response.body


def test_interim_answers_before_the_final_one_are_passed_over() -> None:
    """Twenty thousand interim answers before the right one cost no more than the time of the call."""
    with serving(then_closes(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 20_000, answer(JSON))) as server:
        exchange = call(server.url, limit=5)
    assert exchange.response is not None
    assert JSON == exchange.response.body
    assert exchange.duration_s < 5
