"""Faults in reading the request: bounds, types, malformed bodies, other spellings."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from conformance.reference.behaviour import Behaviour
from conformance.reference.call import Call
from conformance.reference.documents import read
from conformance.reference.edits import Edit, Fault, around, wrap
from conformance.reference.errors import INVALID_INPUT, OTHER_METHOD, UNKNOWN_DEVICE, Error, Refusal
from conformance.reference.messages import Answer, Request
from conformance.reference.reading import LONGEST_ID
from conformance.reference.store import Application, Device

Read = Callable[[Request], object]
# Wrong bounds, as they come about: a column in a database, the length of a UUID without its dashes, a stack.
_COLUMN = 255
_UUID = 32
_DEEP = 500
_HTML = b"<html><head><title>Error 500</title></head><body>java.lang.NullPointerException</body></html>"


def repaired(*patches: Callable[[bytes], bytes]) -> Edit:
    """Read a body that isn't valid as if it had been: each patch makes of the bytes what is then read."""

    def edited(inner: Read, request: Request) -> object:
        for patch in patches:
            request = replace(request, body=patch(request.body))
        return inner(request)

    return around("reading.json", edited)


def taken(change: Callable[[Any], object]) -> Edit:
    """Read something else as the body's value."""
    return around("reading.device_id", lambda inner, body: inner(change(body)))


def device_id_taken(change: Callable[[Any], object]) -> Edit:
    """Read something else as deviceId, where the body has one."""
    return taken(
        lambda body: (
            {**body, "deviceId": change(body["deviceId"])} if isinstance(body, dict) and "deviceId" in body else body
        )
    )


def crashing(when: Callable[[Request], bool]) -> Edit:
    """Fail with an internal error at some requests."""

    def edited(inner: Read, request: Request) -> object:
        if when(request):
            raise RuntimeError("a fault")
        return inner(request)

    return around("reading.json", edited)


def found_also(match: Callable[[str, str], bool]) -> Edit:
    """Take a device whose id is only like the one named."""

    def edit(behaviour: Behaviour) -> None:
        def find(inner: Callable[..., Device | None], owner: Application, device_id: str) -> Device | None:
            return inner(owner, device_id) or next(
                (
                    one
                    for one in reversed(behaviour.store.devices.values())
                    if one.app_id == owner.app_id and match(device_id, one.device_id)
                ),
                None,
            )

        wrap(behaviour, "access.find_device", find)

    return edit


def _unknown_accepted(behaviour: Behaviour) -> None:
    wrap(
        behaviour,
        "access.find_device",
        lambda inner, owner, device_id: inner(owner, device_id) or Device(owner.app_id, device_id),
    )


def _html_for_invalid(inner: Callable[[Request, Error], Answer], request: Request, error: Error) -> Answer:
    if error is INVALID_INPUT:
        return Answer(500, _HTML, (("Content-Type", "text/html"),))
    return inner(request, error)


def _app_id_means_everything(behaviour: Behaviour) -> None:
    # A call that names the own application and no device is taken for one for all of its devices.
    def check(inner: Callable[[Call], None], call: Call) -> None:
        try:
            inner(call)
        except Refusal:
            body = call.request.body.replace(b" ", b"")
            if call.request.parameter("appId") != call.caller.app_id or body not in (b"{}", b'{"deviceId":null}'):
                raise
            devices = [one for one in behaviour.store.devices.values() if one.app_id == call.caller.app_id]
            for device in devices:
                call.device_id = device.device_id
                for command in device.commands:
                    behaviour.revocation.revoke(command)

    wrap(behaviour, "check_body", check)


def _missing_means_everything(behaviour: Behaviour) -> None:
    # The refused call also revokes every command of every device of the application.
    def check(inner: Callable[[Call], None], call: Call) -> None:
        try:
            inner(call)
        except Refusal:
            if b"deviceId" not in call.request.body:
                with behaviour.store.lock:
                    for command in behaviour.store.all_commands():
                        behaviour.revocation.revoke(command)
            raise

    wrap(behaviour, "check_body", check)


def _no_device_given(change: Callable[[Behaviour, Call], None]) -> Edit:
    def edit(behaviour: Behaviour) -> None:
        def check(inner: Callable[[Call], None], call: Call) -> None:
            try:
                body = behaviour.reading.json(call.request)
            except ValueError:
                body = None
            if isinstance(body, dict) and body.get("deviceId") is None:
                change(behaviour, call)
            else:
                inner(call)

        wrap(behaviour, "check_body", check)

    return edit


def _first_device(behaviour: Behaviour, call: Call) -> None:
    call.device_id = next(iter(behaviour.store.devices))


def _not_found(_behaviour: Behaviour, _call: Call) -> None:
    raise Refusal(UNKNOWN_DEVICE)


def _stripped_json(body: bytes) -> bytes:
    """What stands before the last closing brace."""
    return body[: body.rfind(b"}") + 1]


def _python_literal(body: bytes) -> bytes:
    try:
        value = ast.literal_eval(body.decode())
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return body
    return repr(value).replace("'", '"').encode()


def _utf_16(body: bytes) -> bytes:
    return body.decode("utf-16").encode() if body[:2] in {b"\xff\xfe", b"\xfe\xff"} else body


def _without_comments(body: bytes) -> bytes:
    return re.sub(rb"/\*.*?\*/|//[^\n\"]*", b"", body)


def _form(body: bytes) -> bytes:
    match = dict(parse_qsl(body.decode("latin-1")))
    return b'{"deviceId": "' + match["deviceId"].encode() + b'"}' if "deviceId" in match else body


def _within_string(value: object) -> object:
    return read(value.encode()) if isinstance(value, str) and value.startswith("{") else value


def _ignoring_case(body: object) -> object:
    if isinstance(body, dict) and "deviceId" not in body:
        lower = {key.lower(): value for key, value in body.items()}
        return {**body, "deviceId": lower.get("deviceid")}
    return body


def _from_query(inner: Read, request: Request) -> object:
    """The query's deviceId, where there is one, whatever the body says."""
    device_id = request.parameter("deviceId")
    return inner(request) if device_id is None else {"deviceId": device_id}


def _from_query_too(inner: Read, request: Request) -> object:
    """The query's deviceId where the body's object has none."""
    body = inner(request)
    return {"deviceId": request.parameter("deviceId"), **body} if isinstance(body, dict) else body


def _from_form(inner: Read, request: Request) -> object:
    """The body, read as its content type says."""
    form = "x-www-form-urlencoded" in (request.header("content-type") or "")
    return dict(parse_qsl(request.body.decode("latin-1"))) if form else inner(request)


def _from_list(body: object) -> object:
    """The first of deviceIds where there is no deviceId."""
    if not isinstance(body, dict) or "deviceId" in body:
        return body
    several = body.get("deviceIds")
    return {**body, "deviceId": several[0] if isinstance(several, list) and several else None}


def _first_member_only(body: object) -> object:
    if isinstance(body, dict) and next(iter(body), None) not in {"deviceId", None} and "deviceId" in body:
        raise RuntimeError("a fault")
    return body


def _no_further_members(body: object) -> object:
    if isinstance(body, dict) and len(body) > 1 and "deviceId" in body:
        raise RuntimeError("a fault")
    return body


def _charset(inner: Callable[[Call], None], call: Call) -> None:
    if "charset" in (call.request.header("content-type") or "").lower():
        raise Refusal(INVALID_INPUT)
    inner(call)


def _charset_crash(inner: Callable[[Call], None], call: Call) -> None:
    if re.search('charset=["a-z]', call.request.header("content-type") or ""):
        raise RuntimeError("a fault")
    inner(call)


def _media_type(inner: Callable[[Call], None], call: Call) -> None:
    if (call.request.header("content-type") or "application/json") == "application/json":
        raise Refusal(INVALID_INPUT)
    inner(call)


def _ascii_only(value: object) -> object:
    if isinstance(value, str) and not value.isascii():
        raise RuntimeError("a fault")
    return value


def _no_quotes(value: object) -> object:
    if isinstance(value, str) and not {"'", '"'}.isdisjoint(value):
        raise RuntimeError("a fault")
    return value


def _also(method: str) -> Edit:
    return around("creates_task", lambda inner, given: given == method or inner(given))


def _get_with_query_revokes(behaviour: Behaviour) -> None:
    def handle(inner: Callable[[Request], Answer], request: Request) -> Answer:
        if request.method != "GET":
            return inner(request)
        device = behaviour.store.devices.get(request.parameter("deviceId") or "")
        for command in device.commands if device else ():
            behaviour.revocation.revoke(command)
        raise Refusal(OTHER_METHOD)

    # So that GET comes here at all.
    _also("GET")(behaviour)
    wrap(behaviour, "handle", handle)


def _parses(body: bytes) -> bool:
    try:
        read(body)
    except ValueError:
        return False
    return True


FAULTS = (
    # ---- deviceId: bounds
    Fault(
        "device-id-65-accepted",
        "device-id-max-length",
        "A deviceId of 65 characters is treated as valid.",
        around("reading.good_length", lambda _inner, text: 1 <= len(text) <= LONGEST_ID + 1),
    ),
    Fault(
        "device-id-64-refused",
        "device-id-max-length",
        "A deviceId of 64 characters is refused.",
        around("reading.good_length", lambda _inner, text: 1 <= len(text) < LONGEST_ID),
    ),
    Fault(
        "device-id-any-length",
        "device-id-max-length",
        "A deviceId of any length is treated as valid.",
        around("reading.good_length", lambda _inner, text: len(text) >= 1),
    ),
    Fault(
        "device-id-cut",
        "device-id-max-length",
        "A deviceId that is too long is cut to 64 characters.",
        device_id_taken(lambda value: value[:LONGEST_ID] if isinstance(value, str) else value),
    ),
    Fault(
        "device-id-255",
        "device-id-max-length",
        "The limit of deviceId is 255 characters, like a database column's.",
        around("reading.good_length", lambda _inner, text: 1 <= len(text) <= _COLUMN),
    ),
    Fault(
        "device-id-empty-accepted",
        "device-id-min-length",
        "An empty deviceId is treated as valid.",
        around("reading.good_length", lambda _inner, text: len(text) <= LONGEST_ID),
    ),
    Fault(
        "device-id-1-refused",
        "device-id-min-length",
        "A deviceId of one character is refused.",
        around("reading.good_length", lambda _inner, text: 1 < len(text) <= LONGEST_ID),
    ),
    Fault(
        "device-id-uuid-only",
        "device-id-min-length",
        "A deviceId of fewer than 32 characters is refused.",
        around("reading.good_length", lambda _inner, text: _UUID <= len(text) <= LONGEST_ID),
    ),
    # ---- deviceId: type
    Fault(
        "device-id-number-coerced",
        "device-id-string",
        "A number is taken as a deviceId.",
        device_id_taken(lambda v: str(v) if isinstance(v, int | float) and not isinstance(v, bool) else v),
    ),
    Fault(
        "device-id-boolean-coerced",
        "device-id-string",
        "A boolean is taken as a deviceId.",
        device_id_taken(lambda value: str(value).lower() if isinstance(value, bool) else value),
    ),
    Fault(
        "device-id-list-unpacked",
        "device-id-string",
        "A list with one deviceId is taken as that deviceId.",
        device_id_taken(lambda value: value[0] if isinstance(value, list) and value else value),
    ),
    Fault(
        "device-id-object-unpacked",
        "device-id-string",
        "An object is converted to text and taken as a deviceId.",
        device_id_taken(lambda value: str(value)[:LONGEST_ID] if isinstance(value, dict) else value),
    ),
    Fault(
        "device-id-everything-coerced",
        "device-id-string",
        "A deviceId of any type is converted to text.",
        device_id_taken(lambda value: str(value)[:LONGEST_ID]),
    ),
    Fault(
        "device-id-wrong-type-crashes",
        "error-100022-invalid-input",
        "A deviceId of another type causes an internal error.",
        device_id_taken(lambda value: value if isinstance(value, str | None) else value.length),
    ),
    # ---- deviceId: mandatory
    Fault(
        "device-id-null-as-empty-task",
        "device-id-mandatory",
        "If deviceId is null or missing, the first known device is used.",
        _no_device_given(_first_device),
    ),
    Fault(
        "device-id-missing-as-unknown",
        "device-id-mandatory",
        "If deviceId is null or missing, the call is answered as if its device were unknown.",
        _no_device_given(_not_found),
    ),
    Fault(
        "device-id-null-coerced",
        "device-id-mandatory",
        'null is taken as the deviceId "null".',
        device_id_taken(lambda value: "null" if value is None else value),
    ),
    Fault(
        "device-id-missing-crashes",
        "error-100022-invalid-input",
        "A body without deviceId causes an internal error.",
        taken(lambda body: {**body, "deviceId": body["deviceId"]} if isinstance(body, dict) else body),
    ),
    Fault(
        "device-id-null-revokes-all-of-app-id",
        "device-id-mandatory",
        "A call with the own appId, and null for a deviceId, revokes the commands of all devices.",
        _app_id_means_everything,
    ),
    Fault(
        "device-id-missing-revokes-all",
        "no-effect-input",
        "A call refused for its missing deviceId revokes the commands of all devices.",
        _missing_means_everything,
    ),
    Fault(
        "device-id-any-case-of-name",
        "device-id-mandatory",
        "deviceid and DEVICEID are read as deviceId.",
        taken(_ignoring_case),
    ),
    Fault(
        "device-id-from-query",
        "device-id-mandatory",
        "deviceId is read from the query if it is there.",
        around("reading.json", _from_query),
    ),
    Fault(
        "device-id-from-query-too",
        "device-id-mandatory",
        "A deviceId in the query is taken where the body has none.",
        around("reading.json", _from_query_too),
    ),
    Fault(
        "device-ids-list-taken",
        "device-id-mandatory",
        "The first of a list deviceIds is taken where there is no deviceId.",
        taken(_from_list),
    ),
    Fault(
        "body-form-by-its-type",
        "body-json-object",
        "A form-encoded body is accepted where the content type says that it is one.",
        around("reading.json", _from_form),
    ),
    # ---- deviceId: the device
    Fault(
        "unknown-device-accepted",
        "device-known",
        "A call for an unknown device is answered with an empty task.",
        _unknown_accepted,
    ),
    Fault(
        "device-id-trimmed",
        "device-known",
        "Spaces around deviceId are removed.",
        device_id_taken(lambda value: value.strip() if isinstance(value, str) else value),
    ),
    Fault(
        "device-id-trailing-blanks",
        "device-known",
        "Spaces after deviceId are ignored, as in some databases.",
        device_id_taken(lambda value: value.rstrip() if isinstance(value, str) else value),
    ),
    Fault(
        "device-id-prefix",
        "device-known",
        "The beginning of a deviceId is enough to find the device.",
        found_also(lambda given, one: len(given) >= _UUID // 2 and one.startswith(given)),
    ),
    Fault(
        "device-id-longer",
        "device-known",
        "Characters after a deviceId are ignored.",
        found_also(lambda given, one: given.startswith(one)),
    ),
    Fault(
        "device-id-wildcard",
        "device-known",
        "A deviceId of * or % finds a device.",
        found_also(lambda given, _one: given in {"*", "%"}),
    ),
    Fault(
        "non-ascii-device-id-crashes",
        "error-100418-unknown-device",
        "A deviceId outside ASCII causes an internal error.",
        device_id_taken(_ascii_only),
    ),
    Fault(
        "quote-in-device-id-crashes",
        "error-100418-unknown-device",
        "A deviceId with a quotation mark causes an internal error.",
        device_id_taken(_no_quotes),
    ),
    Fault(
        "foreign-device-accepted",
        "device-own",
        "Devices are looked up across all applications.",
        lambda b: wrap(b, "access.find_device", lambda _inner, _owner, device_id: b.store.devices.get(device_id)),
    ),
    # ---- the body
    Fault(
        "body-invalid-html-500",
        "error-100022-invalid-input",
        "A call with invalid input is answered with 500 and a framework's error page.",
        around("answers.refused", _html_for_invalid),
    ),
    Fault(
        "body-missing-crashes",
        "error-100022-invalid-input",
        "A call without a body fails with an internal error.",
        crashing(lambda request: not request.body),
    ),
    Fault(
        "body-missing-accepted",
        "body-json-object",
        "A call without a body is answered as if its device were unknown.",
        repaired(lambda body: body or b'{"deviceId": "none"}'),
    ),
    Fault(
        "body-malformed-crashes",
        "error-100022-invalid-input",
        "A body that can't be parsed causes an internal error.",
        crashing(lambda request: bool(request.body) and not _parses(request.body)),
    ),
    Fault(
        "body-list-unpacked",
        "body-json-object",
        "A list with one object is taken as that object.",
        taken(lambda body: body[0] if isinstance(body, list) and body else body),
    ),
    Fault(
        "body-list-crashes",
        "error-100022-invalid-input",
        "A body that is a list causes an internal error.",
        crashing(lambda request: request.body.lstrip()[:1] == b"["),
    ),
    Fault(
        "body-empty-list-accepted",
        "body-json-object",
        "A body of [] is answered as if its device were unknown.",
        taken(lambda body: {"deviceId": "none"} if body == [] else body),
    ),
    Fault(
        "body-scalar-accepted",
        "body-json-object",
        "A body that is a JSON string is taken as the deviceId.",
        taken(lambda body: {"deviceId": body} if isinstance(body, str) else body),
    ),
    Fault(
        "body-json-in-string-accepted",
        "body-json-object",
        "An object inside a JSON string is taken as the object.",
        taken(_within_string),
    ),
    Fault(
        "body-null-crashes",
        "error-100022-invalid-input",
        "A body that is null causes an internal error.",
        crashing(lambda request: request.body.strip() == b"null"),
    ),
    Fault(
        "body-trailing-text-accepted",
        "body-json-strict",
        "Text after the object is ignored.",
        repaired(_stripped_json),
    ),
    Fault(
        "body-trailing-comma-accepted",
        "body-json-strict",
        "A comma after the last member is ignored.",
        repaired(lambda body: re.sub(rb",\s*}", b"}", body)),
    ),
    Fault(
        "body-unclosed-accepted",
        "body-json-object",
        "A missing closing brace is supplied.",
        repaired(lambda body: body + b"}" if body.startswith(b"{") and b"}" not in body else body),
    ),
    Fault(
        "body-single-quotes-accepted",
        "body-json-strict",
        "Names and strings in single quotes are accepted.",
        repaired(_python_literal),
    ),
    Fault(
        "body-unquoted-names-accepted",
        "body-json-strict",
        "A name without quotation marks is accepted.",
        repaired(lambda body: re.sub(rb"([{,]\s*)(\w+)\s*:", rb'\1"\2":', body)),
    ),
    Fault("body-comments-accepted", "body-json-strict", "Comments are skipped.", repaired(_without_comments)),
    Fault(
        "body-nan-accepted",
        "body-json-strict",
        "NaN and Infinity are read as null.",
        repaired(lambda body: re.sub(rb"-?(NaN|Infinity)", b"null", body)),
    ),
    Fault(
        "body-bom-crashes",
        "error-100022-invalid-input",
        "A byte order mark in the body causes an internal error.",
        crashing(lambda request: request.body.startswith(b"\xef\xbb\xbf")),
    ),
    Fault(
        "body-invalid-utf-8-crashes",
        "error-100022-invalid-input",
        "Bytes that aren't UTF-8 cause an internal error.",
        crashing(lambda request: request.body.decode("utf-8", "replace").encode() != request.body),
    ),
    Fault(
        "body-invalid-utf-8-replaced",
        "body-json-object",
        "Bytes that aren't UTF-8 are replaced.",
        repaired(lambda body: body.decode("utf-8", "replace").encode()),
    ),
    Fault(
        "body-nested-crashes",
        "error-100022-invalid-input",
        "A deeply nested body causes an internal error.",
        crashing(lambda request: max(map(request.body.count, (b"[", b"{"))) > _DEEP),
    ),
    Fault(
        "body-form-accepted", "body-json-object", "A form-encoded body is accepted instead of JSON.", repaired(_form)
    ),
    # ---- other spellings of a valid request
    Fault(
        "body-escapes-crash",
        "request-json-equivalence",
        "A \\u escape in the body causes an internal error.",
        crashing(lambda request: b"\\u" in request.body),
    ),
    Fault(
        "body-white-space-crashes",
        "call-accepted",
        "A line break in the body, which the document's request example has, causes an internal error.",
        crashing(lambda request: b"\n" in request.body or b"\t" in request.body),
    ),
    Fault(
        "body-further-members-crash",
        "request-json-equivalence",
        "An additional member in the body causes an internal error.",
        taken(_no_further_members),
    ),
    Fault(
        "body-order-crashes",
        "request-json-equivalence",
        "A member before deviceId causes an internal error.",
        taken(_first_member_only),
    ),
    Fault(
        "charset-refused",
        "request-charset",
        "A charset parameter in the content type is refused.",
        around("check_body", _charset),
    ),
    Fault(
        "charset-lower-case-crashes",
        "request-charset",
        "A charset in lower case, or in quotes, causes an internal error.",
        around("check_body", _charset_crash),
    ),
    Fault(
        "plain-json-refused",
        "call-accepted",
        "A content type without a charset parameter is refused.",
        around("check_body", _media_type),
    ),
    Fault(
        "header-case-app-key",
        "request-header-case",
        "The header app_key is recognised in this letter case only.",
        around("reading.app_key", lambda _inner, request: dict(request.headers).get("app_key")),
    ),
    Fault(
        "header-case-authorization",
        "request-header-case",
        "The header Authorization is recognised in this letter case only.",
        around(
            "reading.token",
            lambda inner, request: inner(request) if "Authorization" in dict(request.headers) else None,
        ),
    ),
    Fault("get-creates-task", "other-methods-safe", "GET requests create tasks too.", _also("GET")),
    Fault(
        "get-with-query-revokes",
        "other-methods-safe",
        "A GET request revokes what is pending for the device that its query names.",
        _get_with_query_revokes,
    ),
    Fault("put-creates-task", "other-methods-safe", "PUT requests create tasks too.", _also("PUT")),
    Fault(
        "every-method-creates-task",
        "other-methods-safe",
        "Requests with any method create tasks.",
        around("creates_task", lambda _inner, _method: True),
    ),
)
