"""Faults in the answer as HTTP and JSON: cut, mislabelled, endless, or no JSON at all."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable
from dataclasses import replace

from conformance.reference.behaviour import PATH, Behaviour
from conformance.reference.edits import Edit, Fault, Step, around, together, wrap
from conformance.reference.errors import Error
from conformance.reference.framing import bytes_of, chunk, with_headers
from conformance.reference.messages import Answer, End, Pause, Request, Transmission

_FOR_EVER = 3600.0
_CREATED = 201
_BUFFER = 4096


def sent(
    edited: Callable[[Transmission, Answer], Transmission], *, when: Callable[[Answer], bool] | None = None
) -> Edit:
    """Send something else, at some answers or at all."""

    def transmit(inner: Step, request: Request, answer: Answer) -> Transmission:
        parts = inner(request, answer)
        return parts if when is not None and not when(answer) else edited(parts, answer)

    return around("wire.transmit", transmit)


def accepted(change: Callable[[Answer], Answer]) -> Edit:
    """Change the whole answer to an accepted call."""
    return around("answers.accepted", lambda inner, members: change(inner(members)))


def body(change: Callable[[bytes], bytes]) -> Edit:
    """Change the body of the answer to an accepted call."""
    return accepted(lambda answer: replace(answer, body=change(answer.body)))


def status(code: int) -> Edit:
    """Another status for an accepted call."""
    return accepted(lambda answer: replace(answer, status=code))


def labelled(media_type: str | None) -> Edit:
    """Another content type for an accepted call, or none."""
    headers = () if media_type is None else (("Content-Type", media_type),)
    return accepted(lambda answer: replace(answer, headers=headers))


def _is_accepted(answer: Answer) -> bool:
    return answer.status == _CREATED


def _is_refused(answer: Answer) -> bool:
    return answer.status != _CREATED


def _cut(parts: Transmission, answer: Answer) -> Transmission:
    whole = bytes_of(parts)
    yield whole[: len(whole) - len(answer.body) // 2]
    yield End.CLOSE


def _cut_before_body(parts: Transmission, answer: Answer) -> Transmission:
    whole = bytes_of(parts)
    yield whole[: len(whole) - len(answer.body)]
    yield End.CLOSE


def _last_byte_missing(parts: Transmission, _answer: Answer) -> Transmission:
    yield bytes_of(parts)[:-1]
    yield End.CLOSE


def _reset_at_once(_parts: Transmission, _answer: Answer) -> Transmission:
    yield End.RESET


def _reset_amid(parts: Transmission, answer: Answer) -> Transmission:
    whole = bytes_of(parts)
    yield whole[: len(whole) - len(answer.body) // 2]
    # The client is given the time to read the first half, which a reset would otherwise take away.
    yield Pause(0.05)
    yield End.RESET


def _hanging(_parts: Transmission, _answer: Answer) -> Transmission:
    yield Pause(_FOR_EVER)


def _hanging_amid(parts: Transmission, answer: Answer) -> Transmission:
    whole = bytes_of(parts)
    yield whole[: len(whole) - len(answer.body) // 2]
    yield Pause(_FOR_EVER)


def _trickling(parts: Transmission, _answer: Answer) -> Transmission:
    for byte in bytes_of(parts):
        yield bytes([byte])
        yield Pause(0.5)


def length(change: Callable[[int], int]) -> Edit:
    """Announce another length than the body has; the connection is closed after it."""
    return together(
        around("wire.framing", lambda _inner, answer: (("Content-Length", str(change(len(answer.body)))),)),
        around("wire.transmit", _closed_after),
    )


def chunked(chunks: Callable[[bytes], bytes], *lines: tuple[str, str]) -> Edit:
    """Send the body in chunks, written in a way of its own, with LINES in the head; the connection is closed then."""

    def edit(behaviour: Behaviour) -> None:
        def frame(_inner: Step, answer: Answer, body: bytes) -> bytes:
            return behaviour.wire.head(answer, (("Transfer-Encoding", "chunked"), *lines)) + chunks(body)

        wrap(behaviour, "wire.frame", frame)
        wrap(behaviour, "wire.transmit", _closed_after)

    return edit


def _closed_after(inner: Step, request: Request, answer: Answer) -> Transmission:
    yield from inner(request, answer)
    yield End.CLOSE


def now_and_then(count: int, edited: Callable[[Transmission, Answer], Transmission]) -> Edit:
    """Send something else every so many answers."""

    def edit(behaviour: Behaviour) -> None:
        turn = itertools.count(1)
        sent(edited, when=lambda _answer: next(turn) % count == 0)(behaviour)

    return edit


def _duplicated(name: str) -> Callable[[bytes], bytes]:
    """Write the member NAME once more, as it is."""

    def change(text: bytes) -> bytes:
        try:
            value = json.loads(text)
        except ValueError:
            return text
        if not isinstance(value, dict) or name not in value:
            return text
        return text[:-1] + f",{json.dumps(name)}:{json.dumps(value[name])}}}".encode()

    return change


def _redirected(inner: Callable[[Request], Answer], request: Request) -> Answer:
    target = f"http://{request.header('host')}{PATH}"
    return with_headers(replace(inner(request), status=308, body=b""), ("Location", target))


def _echoing(inner: Callable[[Request], Answer], request: Request) -> Answer:
    answer = inner(request)
    return with_headers(answer, ("X-Request-Authorization", request.header("authorization") or ""))


def refused_body(change: Callable[[bytes], bytes]) -> Edit:
    """Change the body of errors."""

    def refuse(inner: Callable[[Request, Error], Answer], request: Request, error: Error) -> Answer:
        answer = inner(request, error)
        return replace(answer, body=change(answer.body))

    return around("answers.refused", refuse)


def _no_type(inner: Callable[[Request, Error], Answer], request: Request, error: Error) -> Answer:
    return replace(inner(request, error), headers=())


def _faults(requirement: str, rows: Iterable[tuple[str, str, Edit]]) -> list[Fault]:
    return [Fault(name, requirement, description, edit) for name, description, edit in rows]


FAULTS = (
    Fault(
        "https-redirected-to-http",
        "call-accepted",
        "Calls are redirected to plain HTTP.",
        around("respond", _redirected),
    ),
    *_faults(
        "answer-complete",
        (
            ("answer-cut", "The connection is closed in the middle of a body.", sent(_cut)),
            ("answer-cut-before-body", "The connection is closed before the body.", sent(_cut_before_body)),
            ("answer-last-byte-missing", "The last byte of an answer is missing.", sent(_last_byte_missing)),
            ("answer-reset-amid", "The connection is reset in the middle of a body.", sent(_reset_amid)),
            ("error-cut", "The connection is closed in the middle of an error answer.", sent(_cut, when=_is_refused)),
            (
                "error-reset",
                "The connection is reset instead of an error answer.",
                sent(_reset_at_once, when=_is_refused),
            ),
            (
                "answer-reset-every-ninth",
                "Instead of every ninth answer, the connection is reset.",
                now_and_then(9, _reset_at_once),
            ),
            (
                "large-answer-cut",
                "An answer of more than 4096 bytes is cut off.",
                sent(_cut, when=lambda answer: len(answer.body) > _BUFFER),
            ),
            ("length-too-long", "Content-Length is larger than the body.", length(lambda count: count + 10)),
            ("length-too-short", "Content-Length is smaller than the body.", length(lambda count: max(count - 10, 0))),
            ("length-no-number", "Content-Length isn't a number.", length(lambda count: -count)),
            ("chunk-without-end", "The last chunk is missing.", chunked(chunk)),
            (
                "chunk-too-short",
                "A chunk is shorter than announced.",
                chunked(lambda text: chunk(text + b"12345678")[:-10]),
            ),
            (
                "chunks-belied-by-length",
                "A Content-Length sent alongside the chunks is smaller than their total length.",
                chunked(chunk, ("Content-Length", "10")),
            ),
            ("chunk-size-garbled", "A chunk's size isn't a number.", chunked(lambda text: b"xyz" + chunk(text))),
        ),
    ),
    *_faults(
        "answer-in-time",
        (
            ("accepted-never", "Accepted calls are never answered.", sent(_hanging, when=_is_accepted)),
            ("error-never", "Refused calls are never answered.", sent(_hanging, when=_is_refused)),
            ("answer-stops-amid", "The answer stops in the middle of the body.", sent(_hanging_amid)),
            ("answer-trickles", "Answers come at two bytes a second.", sent(_trickling)),
        ),
    ),
    *_faults(
        "accepted-status",
        (
            ("accepted-200", "Accepted calls are answered with 200.", status(200)),
            ("accepted-202", "Accepted calls are answered with 202.", status(202)),
            (
                "accepted-204",
                "Accepted calls are answered with 204 and no body.",
                accepted(lambda _: Answer(204, headers=())),
            ),
        ),
    ),
    *_faults(
        "accepted-media-type",
        (
            ("accepted-text-plain", "Tasks are labelled text/plain.", labelled("text/plain;charset=UTF-8")),
            (
                "accepted-charset-utf-16",
                "Tasks are labelled with the charset UTF-16, but are in UTF-8.",
                labelled("application/json; charset=UTF-16"),
            ),
            ("accepted-text-html", "Tasks are labelled text/html.", labelled("text/html")),
            (
                "accepted-problem-json",
                "Tasks are labelled application/problem+json.",
                labelled("application/problem+json"),
            ),
            ("accepted-json-text", "Tasks are labelled text/json.", labelled("text/json")),
            ("accepted-no-media-type", "Tasks have no content type.", labelled(None)),
        ),
    ),
    *_faults(
        "answer-json",
        (
            (
                "task-invalid-utf-8",
                "A task isn't in UTF-8.",
                body(lambda text: text.replace(b"SET_STATE", b"\xe9tat", 1)[:-1] + b',"x":"\xe9"}'),
            ),
            (
                "task-not-json",
                "A task is written like a Python dictionary.",
                body(lambda text: str(json.loads(text)).encode()),
            ),
            ("task-trailing-text", "Text follows the task.", body(lambda text: text + b"\nOK")),
            ("task-twice", "The task is written twice.", body(lambda text: text + text)),
            ("task-nan", "The task contains NaN.", body(lambda text: text[:-1] + b',"progress":NaN}')),
            ("task-bom", "A byte order mark precedes the task.", body(lambda text: b"\xef\xbb\xbf" + text)),
            ("task-no-body", "Accepted calls are answered without a body.", body(lambda _text: b"")),
            ("task-html", "The task is an HTML page.", body(lambda text: b"<html><pre>" + text + b"</pre></html>")),
            ("task-utf-16", "The task is in UTF-16.", body(lambda text: text.decode().encode("utf-16"))),
            ("task-in-list", "The task is wrapped in a list.", body(lambda text: b"[" + text + b"]")),
            (
                "task-in-string",
                "The task is JSON inside a JSON string.",
                body(lambda text: json.dumps(text.decode()).encode()),
            ),
            ("task-null", "The task is null.", body(lambda _text: b"null")),
            ("task-trailing-comma", "A comma follows the last member.", body(lambda text: text[:-1] + b",}")),
            ("task-unclosed", "The closing brace is missing.", body(lambda text: text[:-1])),
            (
                "task-jsonp",
                "The task is wrapped in a JavaScript call (JSONP).",
                body(lambda text: b"callback(" + text + b");"),
            ),
            (
                "task-raw-control",
                "A string contains a raw line break.",
                body(lambda text: text[:-1] + b',"note":"a\nb"}'),
            ),
        ),
    ),
    *_faults(
        "answer-json-unique-members",
        (
            ("task-duplicate-status", "The task has two members named status.", body(_duplicated("status"))),
            (
                "command-duplicate-status",
                "Every command has two members named status.",
                body(lambda text: text.replace(b'"status":"PENDING"', b'"status":"PENDING","status":"PENDING"')),
            ),
        ),
    ),
    *_faults(
        "error-json",
        (
            ("error-bom", "A byte order mark precedes errors.", refused_body(lambda text: b"\xef\xbb\xbf" + text)),
            ("error-trailing-text", "Text follows errors.", refused_body(lambda text: text + b"\n<!-- gateway 3 -->")),
            ("error-utf-16", "Errors are in UTF-16.", refused_body(lambda text: text.decode().encode("utf-16"))),
            ("error-no-body", "Errors have no body.", refused_body(lambda _text: b"")),
        ),
    ),
    *_faults(
        "error-media-type",
        (("error-no-media-type", "Errors have no content type.", around("answers.refused", _no_type)),),
    ),
    *_faults(
        "answer-hides-credentials",
        (
            (
                "token-echoed",
                "Every answer repeats the value of the Authorization header in a header.",
                around("respond", _echoing),
            ),
        ),
    ),
)
