"""Bugs of real servers that only unusual requests bring to light; each an edit of one step of the reference."""

from __future__ import annotations

import codecs
import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from conformance.reference.behaviour import Behaviour
from conformance.reference.call import Call
from conformance.reference.edits import Edit, around, wrap
from conformance.reference.messages import Request
from conformance.reference.store import Application, Device

__all__ = ["BUGS", "Bug"]


@dataclass(frozen=True)
class Bug:
    """A bug: the classes of examples that have to find it, and the requirements that it breaks."""

    name: str
    edit: Edit
    classes: tuple[str, ...]
    breaks: frozenset[str]


class Crash(RuntimeError):
    """The server fails inside."""


def crashing(when: Callable[[Request], bool]) -> Edit:
    """Fail while the body is read."""

    def read(inner: Callable[[Request], object], request: Request) -> object:
        if when(request):
            raise Crash
        return inner(request)

    return around("reading.json", read)


def crashing_on_text(when: Callable[[str], bool]) -> Edit:
    """Fail while the device is looked for."""

    def find(inner: Callable[..., Device | None], owner: Application, device_id: str) -> Device | None:
        if when(device_id):
            raise Crash
        return inner(owner, device_id)

    return around("access.find_device", find)


def found_as(change: Callable[[str], str]) -> Edit:
    """Look for another deviceId than the one given."""
    return around(
        "access.find_device", lambda inner, owner, device_id: inner(owner, device_id) or inner(owner, change(device_id))
    )


def in_any_case(behaviour: Behaviour) -> None:
    """Look devices up as a database does whose collation ignores letter case."""

    def find(inner: Callable[..., Device | None], owner: Application, device_id: str) -> Device | None:
        wanted = device_id.lower()
        alike = [one for one in behaviour.store.devices.values() if one.device_id.lower() == wanted]
        return inner(owner, device_id) or next((one for one in alike if one.app_id == owner.app_id), None)

    wrap(behaviour, "access.find_device", find)


def coercing(when: Callable[[Any], bool]) -> Edit:
    """Take a value of another type as text."""

    def read(inner: Callable[[object], str], body: object) -> str:
        if isinstance(body, dict) and when(body.get("deviceId")):
            return str(body["deviceId"])
        return inner(body)

    return around("reading.device_id", read)


def repaired(change: Callable[[bytes], bytes]) -> Edit:
    """Read the body as if it had been another."""
    return around("reading.json", lambda inner, request: inner(replace(request, body=change(request.body))))


def _unknown_charset(inner: Callable[[Call], None], call: Call) -> None:
    match = re.search(r"charset=([\w-]*)", call.request.header("content-type") or "")
    if match is not None:
        codecs.lookup(match[1] or "none")
    inner(call)


def _app_id(when: Callable[[str], bool]) -> Edit:
    def find(inner: Callable[..., Application], caller: Application, app_id: str | None) -> Application:
        if app_id is not None and when(app_id):
            raise Crash
        return inner(caller, app_id)

    return around("access.find_owner", find)


def _last_word(inner: Callable[[str | None], str | None], value: str | None) -> str | None:
    words = (value or "").split()
    return words[-1] if words and words[0] == "Bearer" else inner(value)


def _has(value: object, depth: int) -> bool:
    return depth == 0 or (isinstance(value, list) and any(_has(one, depth - 1) for one in value))


def _deep(request: Request) -> bool:
    return request.body.startswith(b"{") and request.body.count(b"[") > 90


def _huge(request: Request) -> bool:
    try:
        value = json.loads(request.body)
    except (ValueError, RecursionError):
        return False
    numbers = value.values() if isinstance(value, dict) else ()
    return any(number == float("inf") for number in numbers)


def _duplicate(request: Request) -> bool:
    try:
        return request.body.count(b'"deviceId"') > 1 and isinstance(json.loads(request.body), dict)
    except ValueError:
        return False


def _half_a_pair(request: Request) -> bool:
    try:
        return HALF.search(json.dumps(json.loads(request.body), ensure_ascii=False)) is not None
    except (ValueError, RecursionError):
        return False


DEVICE, INPUT = "error-100418-unknown-device", "error-100022-invalid-input"
HALF = re.compile(r"[\ud800-\udfff]")


def _bug(name: str, edit: Edit, classes: str, *breaks: str) -> Bug:
    return Bug(name, edit, tuple(f"generated-{one}" for one in classes.split()), frozenset(breaks))


BUGS = (
    _bug("nul-crashes", crashing_on_text(lambda text: "\0" in text), "device-id-characters", DEVICE),
    _bug(
        "half-a-surrogate-pair-crashes",
        crashing(_half_a_pair),
        "device-id-characters",
        INPUT,
    ),
    _bug("format-directive-crashes", crashing_on_text(lambda text: "%n" in text), "device-id-characters", DEVICE),
    _bug("backslash-crashes", crashing_on_text(lambda text: "\\" in text), "device-id-characters", DEVICE),
    _bug(
        "column-too-narrow-crashes",
        crashing_on_text(lambda text: len(text.encode()) > 64),
        "device-id-length",
        DEVICE,
    ),
    _bug("letter-case-ignored", in_any_case, "device-id-near-existing", "device-known"),
    _bug("text-ends-at-nul", found_as(lambda text: text.partition("\0")[0]), "device-id-near-existing", "device-known"),
    _bug("asterisk-matches", found_as(lambda text: text.rstrip("*")), "device-id-near-existing", "device-known"),
    _bug(
        "full-width-folded",
        found_as(lambda text: unicodedata.normalize("NFKC", text)),
        "device-id-near-existing",
        "device-known",
    ),
    _bug(
        "false-and-zero-coerced",
        coercing(lambda value: value is False or (value == 0 and value is not None)),
        "device-id-type",
        "device-id-string",
    ),
    _bug("nested-list-unpacked", coercing(lambda value: _has(value, 2)), "device-id-type", "device-id-string"),
    _bug("deep-member-crashes", crashing(_deep), "further-members", INPUT),
    _bug("infinite-member-crashes", crashing(_huge), "further-members", INPUT),
    _bug(
        "prototype-member-crashes",
        crashing(lambda request: b'"__proto__"' in request.body and b'"deviceId": "none-such-device"}' in request.body),
        "further-members",
        "request-json-equivalence",
    ),
    _bug("repeated-member-crashes", crashing(_duplicate), "duplicate-members", INPUT),
    _bug("unknown-charset-crashes", around("check_body", _unknown_charset), "content-type", "request-charset"),
    _bug(
        "raw-control-characters-accepted",
        repaired(lambda body: re.sub(rb"[\x00-\x1f]", b" ", body)),
        "body-malformed",
        "body-json-strict",
    ),
    _bug(
        "script-prefix-skipped",
        repaired(lambda body: body.removeprefix(b")]}',\n")),
        "body-malformed",
        "body-json-strict",
    ),
    _bug("mark-crashes", crashing(lambda request: request.body.startswith(b"\xef\xbb\xbf")), "body-encoding", INPUT),
    _bug(
        "apostrophe-in-app-id-crashes", _app_id(lambda text: "'" in text), "app-id", "error-100203-unknown-application"
    ),
    _bug(
        "app-id-trimmed",
        around("access.find_owner", lambda inner, caller, app_id: inner(caller, app_id and app_id.strip())),
        "app-id",
        "app-id-known",
    ),
    _bug("last-word-is-the-token", around("reading.authorization", _last_word), "token", "access-token-valid"),
)
