"""Reviews the requests of a recording: what a client did that the document doesn't have.

It has no say in the verdict, which is the target's. No value of a request is repeated, as it may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from conformance.client.draft import PATH
from conformance.contract import body as bodies
from conformance.contract.answer import CHARSET
from conformance.contract.bounds import LONGEST_ID
from conformance.evidence.exchange import Request
from conformance.recorded.har import Call
from conformance.recorded.placeholders import is_replaced

__all__ = ["NAMES_APPLICATION", "Mistake", "Reviewed", "device_id_problem", "review"]

MOST_NAMES, LONGEST_NAME = 5, 64
END = 1000

JSON_TYPE = re.compile(r"(?i)application/json\s*(;.*)?", re.DOTALL)
FILLED_BY_NOTHING = frozenset(
    {"null", "undefined", "none", "nil", "nan", "[object object]", "{accesstoken}", "{token}"}
)
"""What programs send in the place of a value that they don't have."""

SCHEMES = frozenset({"basic", "digest", "token", "apikey", "negotiate", "oauth", "jwt", "hmac", "aws4-hmac-sha256"})

APP_KEY = ("Request Parameters > app_key", "a header app_key with the application's key")
AUTHORIZATION = ("Request Parameters > Authorization", "Authorization: Bearer {accessToken}")
APP_ID = ("Request Parameters > appId", "appId in the query, or not at all")
DEVICE_ID = ("Request Parameters > deviceId", f'a JSON object {{"deviceId": "…"}} with 1 to {LONGEST_ID} characters')
CONTENT_TYPE = ("Request Example > Header", "Content-Type: application/json")
METHOD = ("API Prototype > Method", "POST")
URL = ("API Prototype > URL", f"https://server:port{PATH}?appId={{appId}}")
PROTOCOL = ("Transport Protocol > HTTPS", "https")

NAMES_APPLICATION = frozenset({APP_KEY[0], APP_ID[0]})
"""The rows by which a request says whose it is."""

Row = tuple[str, str]


@dataclass(frozen=True)
class Mistake:
    """What is wrong with a request; source is the document's row, right what that asks for."""

    what: str
    source: str
    right: str


@dataclass(frozen=True)
class Reviewed:
    """A call with what the client did wrong in it."""

    call: Call
    mistakes: tuple[Mistake, ...]


def review(calls: Sequence[Call], *, sanitized: bool) -> tuple[Reviewed, ...]:
    """Those of CALLS that were made wrongly. SANITIZED: the exporter took credentials out, so none are missed."""
    found = (Reviewed(call, tuple(_mistakes(call, sanitized=sanitized))) for call in calls)
    return tuple(reviewed for reviewed in found if reviewed.mistakes)


def _mistakes(call: Call, *, sanitized: bool) -> Iterator[Mistake]:
    request = call.exchange.request
    parts = urlsplit(request.url)
    if request.method != "POST":
        yield _wrong(f"the method is {request.method}", METHOD)
    if call.kind == "path":
        yield _wrong(_path(parts.path), URL)
    if parts.scheme != "https" and not _local(parts.hostname or ""):
        yield _wrong(f"the call goes over {parts.scheme}", PROTOCOL)
    query = parse_qsl(parts.query, keep_blank_values=True)
    yield from _query(query)
    if not call.request_headers_lacking:
        yield from _app_key(request, query)
        yield from _authorization(request, sanitized=sanitized)
        if request.body or call.request_body_lacking:
            yield from _content_type(request)
    if not call.request_body_lacking:
        yield from _body(request)


def _wrong(what: str, row: Row) -> Mistake:
    return Mistake(what, *row)


def _local(host: str) -> bool:
    """Whether nothing of the call leaves the machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _path(path: str) -> str:
    if path.rstrip("/").endswith(PATH):
        return "the path ends in a slash"
    if path.lower().endswith(PATH.lower()):
        return "the path is written in other letter case"
    return "the path is another one"


def _alike(name: str) -> str:
    """NAME without what spellings of one name differ in."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _values(request: Request, name: str) -> list[str]:
    return [value.strip(" \t") for key, value in request.headers if key.lower() == name]


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…" for name in names[:MOST_NAMES])
    return shown if len(names) <= MOST_NAMES else f"{shown} and {len(names) - MOST_NAMES} more"


# -- header lines ------------------------------------------------------------------------------------------------------


def _app_key(request: Request, query: Sequence[tuple[str, str]]) -> Iterator[Mistake]:
    values = _values(request, "app_key")
    if not values:
        spelt = [name for name, _ in request.headers if _alike(name).removeprefix("x") in ("appkey", "apikey")]
        elsewhere = f"; there is a header {_names(spelt)}" if spelt else ""
        if any(_alike(name) == "appkey" for name, _ in query):
            elsewhere = "; it stands in the query"
        yield _wrong(f"the header app_key is missing{elsewhere}", APP_KEY)
    elif len(values) > 1:
        yield _wrong(f"there are {len(values)} headers app_key", APP_KEY)
    elif not values[0]:
        yield _wrong("app_key is empty", APP_KEY)
    elif values[0].lower() in FILLED_BY_NOTHING:
        yield _wrong("app_key holds a word for no value", APP_KEY)


def _authorization(request: Request, *, sanitized: bool) -> Iterator[Mistake]:
    values = _values(request, "authorization")
    if not values:
        if sanitized:
            return
        names = [name for name, _ in request.headers if re.search(r"(?i)token|auth(?!ority)|bearer", name)]
        elsewhere = f"; there is a header {_names(names)}" if names else ""
        yield _wrong(f"the header Authorization is missing{elsewhere}", AUTHORIZATION)
    elif len(values) > 1:
        yield _wrong(f"there are {len(values)} headers Authorization", AUTHORIZATION)
    elif any(is_replaced(one) and one.lower() not in FILLED_BY_NOTHING for one in (values[0], _token(values[0]))):
        # Nobody knows what stood there.
        return
    elif what := _token_problem(values[0]) if values[0] else "Authorization is empty":
        yield _wrong(what, AUTHORIZATION)


def _token(value: str) -> str:
    return value.partition(" ")[2].strip()


def _token_problem(value: str) -> str:
    """What is wrong with the VALUE of Authorization."""
    scheme, _, rest = value.partition(" ")
    token = _token(value)
    if scheme.lower() != "bearer":
        return _scheme_problem(value)
    quoted = token[:1] in set("\"'<{") and token[-1:] in set("\"'>}")
    return _first(
        ("there is no token after Bearer", not token),
        ("Bearer stands twice before the token", token.lower().startswith("bearer")),
        ("the token is a word for no value", token.lower() in FILLED_BY_NOTHING),
        ("the token has white space in it", re.search(r"\s", token) is not None),
        ("the token stands in quotes or brackets", quoted),
        ("Bearer is written in other letter case", scheme != "Bearer"),
        ("there is more than one space between Bearer and the token", rest != token),
    )


def _scheme_problem(value: str) -> str:
    scheme, *rest = value.split(maxsplit=1)
    # What stands there may be a part of a token, unless it is a word of HTTP's.
    named = f"{scheme}, not Bearer" if scheme.lower() in SCHEMES else "not Bearer"
    return _first(
        ("there is a tab between Bearer and the token, not a space", scheme.lower() == "bearer"),
        ("there is a colon or an equals sign after Bearer", re.match(r"(?i)bearer\s*[:=]", value) is not None),
        ("there is no space between Bearer and the token", scheme.lower().startswith("bearer")),
        (f"the scheme is {named}", bool(rest)),
        ("the scheme Bearer is missing before the token", True),
    )


def _first(*problems: tuple[str, bool]) -> str:
    """The words of the first of PROBLEMS that there is."""
    return next((words for words, there in problems if there), "")


def _content_type(request: Request) -> Iterator[Mistake]:
    values = list(dict.fromkeys(_values(request, "content-type")))
    if not values:
        yield _wrong("the header Content-Type is missing", CONTENT_TYPE)
    elif len(values) > 1:
        yield _wrong(f"there are {len(values)} headers Content-Type", CONTENT_TYPE)
    elif not JSON_TYPE.fullmatch(values[0]):
        yield _wrong(f"Content-Type is {_names([values[0].partition(';')[0]]) or 'empty'}", CONTENT_TYPE)
    elif (charset := CHARSET.search(values[0])) and _alike(charset[1]) != "utf8":
        yield _wrong(f"the charset is {_names([charset[1]])}, and JSON is UTF-8", CONTENT_TYPE)


# -- query -------------------------------------------------------------------------------------------------------------


def _query(query: Sequence[tuple[str, str]]) -> Iterator[Mistake]:
    values = [value for name, value in query if name == "appId"]
    if len(values) > 1:
        yield _wrong(f"there are {len(values)} parameters appId", APP_ID)
    elif values and not values[0].strip():
        yield _wrong("appId is empty", APP_ID)
    elif values and values[0].strip().lower() in FILLED_BY_NOTHING | {"{appid}"}:
        yield _wrong("appId holds a word for no value", APP_ID)
    for name in dict.fromkeys(name for name, _ in query if name != "appId"):
        match _alike(name):
            case "appid":
                yield _wrong(f"appId is written {_names([name])}", APP_ID)
            case "deviceid":
                yield _wrong("deviceId stands in the query", DEVICE_ID)
            case "appkey":
                yield _wrong("app_key stands in the query", APP_KEY)
            case "accesstoken" | "token" | "authorization":
                yield _wrong("the token stands in the query", AUTHORIZATION)


# -- body --------------------------------------------------------------------------------------------------------------


def _body(request: Request) -> Iterator[Mistake]:
    raw = request.body
    if not raw or not raw.strip():
        yield _wrong("there is no body" if not raw else "the body is blank", DEVICE_ID)
        return
    try:
        body = bodies.parse(raw)
    except bodies.NotJSON as error:
        yield _wrong(f"the body is no JSON: {_unparsed(raw) or error}", DEVICE_ID)
        return
    if body.repeated:
        yield _wrong(f"two members have one name: {_names(body.repeated)}", DEVICE_ID)
    if not isinstance(body.value, dict):
        yield _wrong(f"the body is {_kind(body.value)}, not an object", DEVICE_ID)
        return
    yield from _members(body.value)


def _unparsed(raw: bytes) -> str:
    """What RAW is instead of JSON, where its ends tell."""
    start, end = (part.decode("utf-8", "replace").strip() for part in (raw[:END], raw[-END:]))
    return _first(
        ("a form in parts", start.startswith("--")),
        ("a form (name=value)", re.match(r"[\w.-]+=(?![{\[])", start) is not None),
        ("names in single quotes", re.match(r"\{\s*'", start) is not None),
        ("names without quotes", re.match(r"\{\s*[A-Za-z_]", start) is not None),
        ("XML or HTML", start.startswith("<")),
        ("a comma before the closing brace", re.search(r",\s*\}$", end) is not None),
    )


def _members(value: dict[str, Any]) -> Iterator[Mistake]:
    if "deviceId" in value:
        if what := device_id_problem(value["deviceId"]):
            yield _wrong(what, DEVICE_ID)
    else:
        near = [name for name in value if _alike(name) in ("deviceid", "deviceids", "device", "id", "nodeid")]
        yield _wrong("deviceId is missing" + (f"; there is a member {_names(near)}" if near else ""), DEVICE_ID)
    further = []
    for name in value:
        match _alike(name):
            case "appid":
                yield _wrong(f"{_names([name])} stands in the body", APP_ID)
            case "appkey":
                yield _wrong("app_key stands in the body", APP_KEY)
            case "accesstoken" | "token" | "authorization":
                yield _wrong("the token stands in the body", AUTHORIZATION)
            case alike if name != "deviceId" and (alike != "deviceid" or "deviceId" in value):
                further.append(name)
    if further and "deviceId" in value:
        yield _wrong(f"the body has members that the document doesn't have: {_names(further)}", DEVICE_ID)


def device_id_problem(value: Any) -> str:
    """Why VALUE, the request's deviceId, names no device as the document has it; "" when it may name one."""
    if not isinstance(value, str):
        return f"deviceId is {_kind(value)}, not a string"
    if not value:
        return "deviceId is empty"
    if len(value) > LONGEST_ID:
        return f"deviceId has {len(value)} characters"
    if value != value.strip():
        return "deviceId begins or ends with white space"
    if value.lower() in FILLED_BY_NOTHING | {"{deviceid}"}:
        return "deviceId holds a word for no value"
    return ""


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
    return "an object"
