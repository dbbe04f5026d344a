"""Faults in the answers of the error table: status, code, envelope, media type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.behaviour import Behaviour
from conformance.reference.documents import write
from conformance.reference.edits import Edit, Fault, around, together, wrap
from conformance.reference.errors import Error
from conformance.reference.messages import Answer, Request

# Code, requirement, what it means, and the status and code that an implementer takes instead.
_ROWS = (
    ("100203", "error-100203-unknown-application", "call for an unknown application", 404, "100217"),
    ("100217", "error-100217-unauthorized-application", "call for an unauthorised application", 401, "100203"),
    ("100418", "error-100418-unknown-device", "call for an unknown device", 404, "100403"),
    ("100022", "error-100022-invalid-input", "call with invalid input", 422, "100002"),
    ("1010005", "error-1010005-invalid-credentials", "call with invalid credentials", 401, "1010006"),
    ("1010009", "error-1010009-flow-control", "call above the threshold", 429, "1010005"),
    ("100001", "error-100001-internal-error", "call that fails with an internal error", 502, "100002"),
    ("100220", "error-100220-no-app-key", "call without app_key", 400, "1010005"),
    ("100501", "error-100501-congestion", "call during congestion", 500, "1010009"),
)
_MORE_STATUSES = (
    ("100203", "error-100203-unknown-application", "call for an unknown application", 400),
    ("100217", "error-100217-unauthorized-application", "call for an unauthorised application", 404),
    ("100418", "error-100418-unknown-device", "call for an unknown device", 403),
    ("100418", "error-100418-unknown-device", "call for an unknown device", 201),
    ("100022", "error-100022-invalid-input", "call with invalid input", 200),
    ("1010005", "error-1010005-invalid-credentials", "call with invalid credentials", 200),
    ("100220", "error-100220-no-app-key", "call without app_key", 403),
    ("100501", "error-100501-congestion", "call during congestion", 429),
)


def status(code: str, instead: int) -> Edit:
    """Answer the code with another status."""
    return around("answers.error_status", lambda inner, error: instead if error.code == code else inner(error))


def other_code(code: str, instead: str) -> Edit:
    """Answer another code in the same place."""
    return around(
        "answers.error",
        lambda inner, error: inner(replace(error, code=instead) if error.code == code else error),
    )


def envelope(code: str, change: Callable[[Error], object]) -> Edit:
    """Answer the code with another body."""
    return around("answers.error", lambda inner, error: change(error) if error.code == code else inner(error))


def rewritten(code: str, change: Callable[[Answer, Error], Answer]) -> Edit:
    """Change the whole answer to the code."""

    def refuse(inner: Callable[[Request, Error], Answer], request: Request, error: Error) -> Answer:
        answer = inner(request, error)
        return change(answer, error) if error.code == code else answer

    return around("answers.refused", refuse)


def integer(error: Error) -> object:
    """The code as a number."""
    if error.gateway:
        return {"resultcode": int(error.code), "resultmsg": error.description}
    return {"error_code": int(error.code), "error_desc": error.description}


def missing(error: Error) -> object:
    """No code."""
    return {"resultmsg" if error.gateway else "error_desc": error.description}


def renamed(error: Error) -> object:
    """The code in a member of another name."""
    return {"code": error.code, "message": error.description}


def nested(error: Error) -> object:
    """The whole error one level down."""
    return {"error": {"error_code": error.code, "error_desc": error.description}}


def empty(error: Error) -> object:
    """Null for the code."""
    return {"error_code": None, "error_desc": error.description}


def listed(error: Error) -> object:
    """The code in a list."""
    return {"error_code": [error.code], "error_desc": error.description}


def _plain_text(answer: Answer, error: Error) -> Answer:
    return replace(answer, body=f"{error.code}: {error.description}".encode())


def _html(answer: Answer, error: Error) -> Answer:
    return replace(answer, body=f"<html><body><h1>{error.code}</h1>{error.description}</body></html>".encode())


def _html_page(answer: Answer, error: Error) -> Answer:
    return replace(_html(answer, error), headers=(("Content-Type", "text/html"),))


def _list(answer: Answer, _error: Error) -> Answer:
    return replace(answer, body=b"[" + answer.body + b"]")


def _nothing(answer: Answer, _error: Error) -> Answer:
    return replace(answer, body=b"")


def _quoted(answer: Answer, _error: Error) -> Answer:
    return replace(answer, body=write(answer.body.decode()))


def _text_plain(answer: Answer, _error: Error) -> Answer:
    return replace(answer, headers=(("Content-Type", "text/plain;charset=UTF-8"),))


_ENVELOPES = (
    ("code-integer", integer, "the code is a number"),
    ("code-missing", missing, "the code is missing"),
    ("code-renamed", renamed, "the code is in a member of another name"),
    ("code-nested", nested, "the error is one level down"),
    ("code-null", empty, "the code is null"),
    ("code-listed", listed, "the code is a list"),
)
_BODIES = (
    ("plain-text", _plain_text, "the body is plain text"),
    ("html", _html, "the body is HTML"),
    ("in-a-list", _list, "the body is a list"),
    ("without-body", _nothing, "the body is empty"),
    ("json-string", _quoted, "the body is JSON inside a JSON string"),
    ("html-page", _html_page, "the body is a framework's error page"),
)


def _of_all_rows() -> tuple[Fault, ...]:
    # Three spoilt envelopes and two spoilt bodies for each row, turn by turn, so that each kind meets several rows.
    found = []
    for turn, (code, requirement, meaning, wrong_status, wrong_code) in enumerate(_ROWS):
        found += [
            Fault(
                f"{code}-status-{wrong_status}",
                requirement,
                f"A {meaning} is answered with status {wrong_status}.",
                status(code, wrong_status),
            ),
            Fault(
                f"{code}-as-{wrong_code}",
                requirement,
                f"A {meaning} is answered with code {wrong_code}.",
                other_code(code, wrong_code),
            ),
            Fault(
                f"{code}-text-plain",
                "error-media-type",
                f"The answer to a {meaning} is labelled text/plain.",
                rewritten(code, _text_plain),
            ),
        ]
        for name, change, what in (_ENVELOPES[(turn + step) % len(_ENVELOPES)] for step in (0, 1, 3)):
            found.append(
                Fault(
                    f"{code}-{name}", "error-envelope", f"In the answer to a {meaning}, {what}.", envelope(code, change)
                )
            )
        for name, spoil, what in (_BODIES[(turn + step) % len(_BODIES)] for step in (0, 2)):
            found.append(
                Fault(f"{code}-{name}", "error-json", f"In the answer to a {meaning}, {what}.", rewritten(code, spoil))
            )
    return tuple(found)


def _of_all_errors(change: Callable[[dict[str, Any], Error], dict[str, Any]]) -> Edit:
    return around("answers.error", lambda inner, error: change(inner(error), error))


def _described(text: object) -> Edit:
    return _of_all_errors(lambda members, _error: {key: text if _describes(key) else members[key] for key in members})


def _second_code(code: str, instead: str) -> Edit:
    """Answer another code for every second error of the kind."""

    def edit(behaviour: Behaviour) -> None:
        count = 0

        def render(inner: Callable[[Error], dict[str, Any]], error: Error) -> dict[str, Any]:
            nonlocal count
            if error.code != code:
                return inner(error)
            count += 1
            return inner(error if count % 2 else replace(error, code=instead))

        wrap(behaviour, "answers.error", render)

    return edit


def _describes(member: str) -> bool:
    return member in {"error_desc", "resultmsg"}


def _as_utf_16(inner: Callable[[Request, Error], Answer], request: Request, error: Error) -> Answer:
    return replace(inner(request, error), headers=(("Content-Type", "application/json; charset=UTF-16"),))


def _echoing(inner: Callable[[Request, Error], Answer], request: Request, error: Error) -> Answer:
    answer = inner(request, error)
    return replace(answer, headers=(*answer.headers, ("X-Echo", request.header("authorization") or "")))


def _echoing_body(inner: Callable[[Request, Error], Answer], request: Request, error: Error) -> Answer:
    return inner(request, replace(error, description=f"{error.description} {request.header('authorization')}"))


def _swapped() -> tuple[Fault, ...]:
    # Every row with the code of every other one, its status kept.
    named = {fault.name for fault in _of_all_rows()}
    found = (
        Fault(
            f"{code}-as-{other}",
            requirement,
            f"A {meaning} is answered with code {other}, as if it were a {wrong}.",
            other_code(code, other),
        )
        for code, requirement, meaning, *_ in _ROWS
        for other, _, wrong, *_ in _ROWS
        if other != code
    )
    return tuple(fault for fault in found if fault.name not in named)


FAULTS = (
    *_of_all_rows(),
    *_swapped(),
    Fault(
        "100022-wholly-as-100418",
        "error-100022-invalid-input",
        "A call with invalid input is answered as if its device were unknown.",
        together(status("100022", 200), other_code("100022", "100418")),
    ),
    *(
        Fault(
            f"{code}-wholly-as-100418",
            requirement,
            f"A call for {meaning} is answered as if its device were unknown.",
            together(status(code, 200), other_code(code, "100418")),
            tolerated=True,
        )
        for code, requirement, meaning in (
            ("100203", "error-100203-unknown-application", "an unknown application"),
            ("100217", "error-100217-unauthorized-application", "an unauthorised application"),
        )
    ),
    Fault(
        "1010005-two-codes",
        "error-envelope",
        "The answer to a call with invalid credentials has different codes in error_code and resultcode.",
        envelope(
            "1010005",
            lambda error: {
                "error_code": "100022",
                "error_desc": "Invalid.",
                "resultcode": error.code,
                "resultmsg": error.description,
            },
        ),
    ),
    Fault(
        "100418-wholly-as-100022",
        "error-100418-unknown-device",
        "A call for an unknown device is answered as if its input were invalid.",
        together(status("100418", 400), other_code("100418", "100022")),
    ),
    *(
        Fault(
            f"{code}-status-{wrong}",
            requirement,
            f"A {meaning} is answered with status {wrong}.",
            status(code, wrong),
        )
        for code, requirement, meaning, wrong in _MORE_STATUSES
    ),
    Fault(
        "error-description-missing",
        "error-description",
        "Errors have no description.",
        _of_all_errors(lambda members, _: {key: members[key] for key in members if not _describes(key)}),
    ),
    Fault("error-description-empty", "error-description", "The description of errors is empty.", _described("")),
    Fault("error-description-number", "error-description", "The description of errors is a number.", _described(7)),
    Fault(
        "error-with-task",
        "error-no-task",
        "Errors also have the members of an empty task.",
        _of_all_errors(
            lambda members, _: {**members, "taskId": "0", "status": "FAILED", "totalCount": 0, "deviceCommands": []}
        ),
    ),
    Fault(
        "error-with-task-id",
        "error-no-task",
        "Errors have a taskId, as if a task had been created.",
        _of_all_errors(lambda members, _: {**members, "taskId": "0"}),
    ),
    Fault(
        "error-charset-utf-16",
        "error-media-type",
        "Errors are labelled with the charset UTF-16, but are in UTF-8.",
        around("answers.refused", _as_utf_16),
    ),
    Fault(
        "100022-every-second-as-100023",
        "error-100022-invalid-input",
        "Every second call with invalid input is answered with code 100023.",
        _second_code("100022", "100023"),
    ),
    Fault(
        "unknown-device-with-task",
        "error-no-task",
        "The answer to a call for an unknown device also has a task's status and count.",
        _of_all_errors(
            lambda members, error: (
                {**members, "status": "FAILED", "totalCount": 0} if error.code == "100418" else members
            )
        ),
    ),
    Fault(
        "token-echoed-in-header",
        "answer-hides-credentials",
        "Errors repeat the value of the Authorization header in a header.",
        around("answers.refused", _echoing),
    ),
    Fault(
        "token-echoed-in-description",
        "answer-hides-credentials",
        "Errors repeat the value of the Authorization header in their description.",
        around("answers.refused", _echoing_body),
    ),
)
