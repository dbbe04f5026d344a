"""Variants in what is checked, in which order, and how a refusal that the document leaves open is answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from conformance.reference.behaviour import Behaviour
from conformance.reference.call import Call
from conformance.reference.documents import InputError
from conformance.reference.edits import Edit, Variant, around, last, ordered, together, wrap
from conformance.reference.errors import (
    INVALID_CREDENTIALS,
    INVALID_INPUT,
    OTHER_METHOD,
    UNAUTHORIZED_APPLICATION,
    UNKNOWN_APPLICATION,
    Error,
    Refusal,
)
from conformance.reference.messages import Request
from conformance.reference.reading import LONGEST_ID
from conformance.reference.store import Application

_OK = 200
_UNSUPPORTED_MEDIA_TYPE = Error(415, "100022", "The media type isn't supported.")
_TOO_LARGE = Error(413, "100022", "The request is too large.")
_LARGEST_BODY = 8192
_METHOD_NOT_IMPLEMENTED = Error(501, "100022", "The method isn't implemented.")


def under_200(*codes: str) -> Edit:
    """Answer the codes with status 200."""
    return around("answers.error_status", lambda inner, error: _OK if error.code in codes else inner(error))


def refusing(step: str, when: Callable[[Call], bool], error: Error) -> Edit:
    """Refuse some calls in one of the checks, before it is made."""

    def check(inner: Callable[[Call], None], call: Call) -> None:
        if when(call):
            raise Refusal(error)
        inner(call)

    return around(step, check)


def answering(step: str, old: Error, new: Error, when: Callable[[Behaviour, Call], bool]) -> Edit:
    """Take one error of a check for another."""

    def edit(behaviour: Behaviour) -> None:
        def check(inner: Callable[[Call], None], call: Call) -> None:
            try:
                inner(call)
            except Refusal as refusal:
                if refusal.error is old and when(behaviour, call):
                    raise Refusal(new) from refusal
                raise

        wrap(behaviour, step, check)

    return edit


def _length(measure: Callable[[str], int]) -> Edit:
    return around("reading.good_length", lambda _inner, text: 1 <= measure(text) <= LONGEST_ID)


def _utf_16_units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _utf_8_bytes(text: str) -> int:
    return len(text.encode())


def _only_device_id(inner: Callable[[object], str], body: object) -> str:
    if isinstance(body, dict) and set(body) - {"deviceId"}:
        raise InputError("further members")
    return inner(body)


_OF_ANOTHER_FORM = re.compile(r"(?=.*[^\w.:-])|(?=[0-9a-f]{8}-)(?!.{36}\Z)", re.DOTALL)
"""What has other characters than ids have, or begins like one of the platform's own and isn't as long."""


def _well_formed_id(inner: Callable[[object], str], body: object) -> str:
    device_id = inner(body)
    if _OF_ANOTHER_FORM.match(device_id):
        raise InputError("no id")
    return device_id


def _no_json_type(call: Call) -> bool:
    media_type, _, _ = (call.request.header("content-type") or "").partition(";")
    return media_type.strip().lower() != "application/json"


def _not_as_written(call: Call) -> bool:
    media_type, _, _ = (call.request.header("content-type") or "").partition(";")
    return media_type.strip().lower() == "application/json" and media_type.strip() != "application/json"


def _bearer_in_any_case(inner: Callable[[str | None], str | None], value: str | None) -> str | None:
    scheme, space, token = (value or "").partition(" ")
    return inner(f"Bearer{space}{token}" if scheme.lower() == "bearer" else value)


def _empty_app_id_absent(inner: Callable[..., Application], caller: Application, app_id: str | None) -> Application:
    return inner(caller, app_id or None)


def _device_first(behaviour: Behaviour) -> None:
    # The device is looked for where the caller may look; only then is the application judged.
    def check(inner: Callable[[Call], None], call: Call) -> None:
        try:
            behaviour.check_application(call)
        except Refusal:
            call.owner = call.caller
        inner(call)

    wrap(behaviour, "check_device", check)
    ordered("device", "application")(behaviour)


def _surrogates_read(inner: Callable[[Request], object], request: Request) -> object:
    text = request.body.decode("utf-8", "surrogatepass")
    return inner(replace(request, body=text.encode("utf-8", "backslashreplace")))


def _unknown_key(behaviour: Behaviour, call: Call) -> bool:
    return call.app_key not in behaviour.store.applications


def _strangers_key(behaviour: Behaviour, call: Call) -> bool:
    return call.app_key == behaviour.store.parties.stranger.app_id


def _other_methods(error: Error) -> Edit:
    return around("answers.refused", lambda inner, request, one: inner(request, error if one is OTHER_METHOD else one))


_TWO_STATUSES = "The table has the code under 200 as well as under 403."
_NO_ORDER = "The document gives no order of the checks."
_EMPTY_APP_KEY = "The document doesn't say whether an empty app_key is a missing or an invalid one."
_EMPTY_APP_ID = "The document doesn't say what an empty appId is."
_KEY_WITHOUT_APPLICATION = "An app_key that names no application fits two rows: 1010005 and 100203."

VARIANTS = (
    Variant("unknown-application-200", _TWO_STATUSES, under_200("100203")),
    Variant("unauthorized-application-200", _TWO_STATUSES, under_200("100217")),
    Variant("applications-200", _TWO_STATUSES, under_200("100203", "100217")),
    Variant("body-before-credentials", _NO_ORDER, ordered("body", "app_key", "credentials")),
    Variant("application-before-body", _NO_ORDER, ordered("application", "body")),
    Variant("device-before-application", _NO_ORDER, _device_first),
    Variant("flow-control-after-credentials", _NO_ORDER, ordered("app_key", "credentials", "flow_control")),
    Variant("congestion-after-credentials", _NO_ORDER, ordered("app_key", "credentials", "congestion")),
    Variant("congestion-after-everything", _NO_ORDER, last("congestion")),
    Variant("internal-error-after-everything", _NO_ORDER, last("internal_error")),
    Variant(
        "empty-app-key-invalid",
        _EMPTY_APP_KEY,
        refusing("check_app_key", lambda call: call.request.header("app_key") == "", INVALID_CREDENTIALS),
    ),
    Variant(
        "empty-app-key-unknown",
        _EMPTY_APP_KEY,
        refusing("check_app_key", lambda call: call.request.header("app_key") == "", UNKNOWN_APPLICATION),
    ),
    Variant(
        "unknown-app-key-100203",
        _KEY_WITHOUT_APPLICATION,
        answering("check_credentials", INVALID_CREDENTIALS, UNKNOWN_APPLICATION, _unknown_key),
    ),
    Variant(
        "unknown-app-key-100203-200",
        _KEY_WITHOUT_APPLICATION,
        together(
            answering("check_credentials", INVALID_CREDENTIALS, UNKNOWN_APPLICATION, _unknown_key),
            under_200("100203"),
        ),
    ),
    Variant(
        "other-app-key-100217",
        "The app_key of another application fits two rows: 1010005 and 100217.",
        answering("check_credentials", INVALID_CREDENTIALS, UNAUTHORIZED_APPLICATION, _strangers_key),
    ),
    Variant(
        "bearer-in-any-case",
        "HTTP reads the scheme of Authorization in any letter case; the document writes Bearer.",
        around("reading.authorization", _bearer_in_any_case),
    ),
    Variant("empty-app-id-absent", _EMPTY_APP_ID, around("access.find_owner", _empty_app_id_absent)),
    Variant(
        "empty-app-id-invalid",
        _EMPTY_APP_ID,
        refusing("check_application", lambda call: call.request.parameter("appId") == "", INVALID_INPUT),
    ),
    Variant(
        "further-members-refused",
        "The document doesn't say what becomes of members that it doesn't name.",
        around("reading.device_id", _only_device_id),
    ),
    Variant(
        "other-media-type-invalid",
        "The document has no word on a call of another content type.",
        refusing("check_body", _no_json_type, INVALID_INPUT),
    ),
    Variant(
        "other-media-type-415",
        "The document has no word on a call of another content type; HTTP has a status for it.",
        refusing("check_body", _no_json_type, _UNSUPPORTED_MEDIA_TYPE),
    ),
    Variant(
        "media-type-in-small-letters",
        "The document writes application/json, and has no word on its letter case.",
        refusing("check_body", _not_as_written, _UNSUPPORTED_MEDIA_TYPE),
    ),
    Variant(
        "missing-authorization-invalid",
        "No row is about a missing Authorization: it is no credential, and a mandatory parameter that isn't there.",
        refusing("check_credentials", lambda call: not call.request.header("authorization"), INVALID_INPUT),
    ),
    Variant(
        "surrogates-in-three-bytes",
        "The document has no word on encodings; some parsers read such bytes as what an escape gives.",
        around("reading.json", _surrogates_read),
    ),
    Variant(
        "large-body-413",
        "The document bounds deviceId and nothing else; HTTP has a status for what is too large.",
        refusing("check_body", lambda call: len(call.request.body) > _LARGEST_BODY, _TOO_LARGE),
    ),
    Variant(
        "malformed-device-ids-invalid",
        "The document doesn't say whether what can be no id of a device is an unknown device or invalid input.",
        around("reading.device_id", _well_formed_id),
    ),
    Variant("length-in-utf-16-units", "String(1-64) doesn't say what is counted.", _length(_utf_16_units)),
    Variant("length-in-bytes", "String(1-64) doesn't say what is counted.", _length(_utf_8_bytes)),
    Variant(
        "other-methods-404",
        "The document names POST alone.",
        _other_methods(replace(OTHER_METHOD, status=404)),
    ),
    Variant("other-methods-501", "The document names POST alone.", _other_methods(_METHOD_NOT_IMPLEMENTED)),
)
