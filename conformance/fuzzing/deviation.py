"""What sets a request apart from the plain valid call, found by reading the request alone.

Whoever made the request may have meant it as valid or as invalid; what counts is what it turned out to be. The reading
is strict where the document is definite and lenient where it is silent, as interpretations.yaml says.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from conformance.client.draft import Draft
from conformance.contract import codes as error_codes
from conformance.contract import names
from conformance.contract.bounds import LONGEST_ID
from conformance.contract.server import JSON_TYPE, LARGE_BODY, LARGE_LINE
from conformance.contract.statuses import MALFORMED, TOO_LARGE, UNSUPPORTED
from conformance.fuzzing import lenient
from conformance.fuzzing.example import HEADERS, Values

__all__ = ["DEVICE", "PLAIN_TEXT", "Deviation", "Reading", "read"]

INPUT, DEVICE = names.ERROR_100022_INVALID_INPUT, names.ERROR_100418_UNKNOWN_DEVICE
CREDENTIALS = names.ERROR_1010005_INVALID_CREDENTIALS
PLAIN_TEXT = re.compile(r"[A-Za-z0-9_-]+")
DEEP, MANY_DIGITS = 64, 300
DEEPEST = 400
"""Levels that Python's own parser reads, wherever it is called from."""

NAMES = frozenset(name for name, _ in HEADERS)
SPELLED = re.compile(rb"\\u|[\r\n\t]")
"""Escapes and white space, which other parsers than complete ones stumble over."""

HUGE = re.compile(r"[eE][+-]?\d{3}")
SURROGATE = re.compile("[\ud800-\udfff]")
STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


@dataclass(frozen=True)
class Deviation:
    """One thing that is unusual or wrong about a request.

    Attributes:
        input_class: the class of examples that it belongs to.
        codes: error codes that are right answers to it.
        accepted: the requirement that is broken when the call is carried out, or the input taken as valid, although it
            mustn't be.
        wrong: the requirement that another error breaks.
        tolerable: it may also be passed over, as if it weren't there.
        statuses: HTTP's own answers that are right, whatever their body.
        coerced: the requirement that is broken when the device is looked for although it couldn't be read.
    """

    input_class: str
    codes: tuple[str, ...]
    accepted: str
    wrong: str
    tolerable: bool = False
    statuses: frozenset[int] = frozenset()
    coerced: str | None = None


@dataclass(frozen=True)
class Reading:
    """A request as read: its deviations, and every deviceId that it may be taken to name (none: it names none).

    Attributes:
        shows: the requirement that is broken when it is refused although it has no deviations.
        involves: requirements whose violation would spoil the answer too; when one of them is known to be broken, it is
            to blame.
    """

    deviations: tuple[Deviation, ...]
    device_ids: tuple[str, ...]
    shows: str = names.REQUEST_JSON_EQUIVALENCE
    involves: tuple[str, ...] = ()


class _Members(list[tuple[str, Any]]):
    """A JSON object as its members in their order, repeated names included."""


@dataclass(frozen=True)
class _Number:
    text: str


def read(draft: Draft, values: Values) -> Reading:
    """Read DRAFT, a request to the target that has VALUES."""
    found = [*_headers(draft, values), *_query(draft.query, values)]
    in_body, device_ids = _body(draft.body or b"", values)
    shows = names.REQUEST_JSON_EQUIVALENCE
    if _lines(draft, "content-type") != ["application/json"]:
        shows = names.REQUEST_CHARSET
    elif draft.query and not values.app_id_demanded:
        shows = names.APP_ID_OPTIONAL
    elif not NAMES.issuperset(name for name, _ in draft.headers):
        shows = names.REQUEST_HEADER_CASE
    return Reading((*found, *in_body), device_ids, shows, tuple(_involved(draft, values, (*found, *in_body))))


def _involved(draft: Draft, values: Values, deviations: Sequence[Deviation]) -> Iterator[str]:
    """What else than its deviations a request rests on."""
    input_classes = {deviation.input_class for deviation in deviations}
    if not input_classes & {"generated-app-key", "generated-token", "generated-repeated-parameters"}:
        yield names.CALL_ACCEPTED
    if "generated-further-members" in input_classes or SPELLED.search(draft.body or b""):
        yield names.REQUEST_JSON_EQUIVALENCE
    if ("appId", values.app_id) in parse_qsl(draft.query):
        yield names.APP_ID_OPTIONAL
    if "generated-device-id-length" in input_classes:
        yield INPUT
    if not deviations:
        yield from names.BOUNDS


# -- header lines ------------------------------------------------------------------------------------------------------


def _lines(draft: Draft, name: str) -> list[str]:
    return [value.strip(" \t") for key, value in draft.headers if key.lower() == name]


def _headers(draft: Draft, values: Values) -> Iterator[Deviation]:
    yield from _app_key(_lines(draft, "app_key"), values)
    yield from _authorization(_lines(draft, "authorization"), values, elsewhere=_elsewhere(draft, values.token))
    yield from _content_type(_lines(draft, "content-type"))


def _app_key(lines: list[str], values: Values) -> Iterator[Deviation]:
    input_class, row = "generated-app-key", names.ERROR_100220_NO_APP_KEY
    if len(lines) > 1:
        yield _repeated(
            (
                error_codes.INVALID_INPUT,
                error_codes.INVALID_CREDENTIALS,
                error_codes.UNKNOWN_APPLICATION,
                error_codes.UNAUTHORIZED_APPLICATION,
                error_codes.NO_APP_KEY,
            ),
            MALFORMED,
        )
    elif not lines:
        yield Deviation(input_class, (error_codes.NO_APP_KEY,), names.APP_KEY_MANDATORY, row)
    elif not lines[0]:
        yield Deviation(
            input_class,
            (error_codes.NO_APP_KEY, error_codes.INVALID_CREDENTIALS, error_codes.UNKNOWN_APPLICATION),
            names.APP_KEY_MANDATORY,
            row,
        )
    elif lines[0] != values.app_key:
        codes = (error_codes.INVALID_CREDENTIALS, error_codes.UNKNOWN_APPLICATION, error_codes.UNAUTHORIZED_APPLICATION)
        yield Deviation(input_class, codes, names.APP_KEY_VALID, CREDENTIALS, statuses=_large_line(lines[0]))


def _elsewhere(draft: Draft, secret: str) -> bool:
    """Whether SECRET stands in another place than a header that is meant for it."""
    others = (value for name, value in draft.headers if name.lower() != "authorization")
    texts = (unquote_plus(draft.query), (draft.body or b"").decode("utf-8", "replace"), *others)
    return any(secret in text for text in texts)


def _authorization(lines: list[str], values: Values, *, elsewhere: bool) -> Iterator[Deviation]:
    input_class, codes = "generated-token", (error_codes.INVALID_CREDENTIALS,)
    if len(lines) > 1:
        yield _repeated((error_codes.INVALID_INPUT, *codes), MALFORMED)
        return
    line = lines[0] if lines else ""
    scheme, token = [*re.split(r"[ \t]+", line, maxsplit=1), ""][:2]
    large = _large_line(line)
    if line == f"Bearer {values.token}":
        return
    if scheme.lower() == "bearer" and token == values.token:
        # Interpretation bearer-letter-case; HTTP allows more than one space there, and many servers a tab.
        yield Deviation(input_class, codes, names.AUTHORIZATION_BEARER, CREDENTIALS, tolerable=True, statuses=large)
    elif not line or line == "Bearer":
        # Taking the token from elsewhere is another mistake than asking for none.
        accepted = names.AUTHORIZATION_BEARER if elsewhere else names.AUTHORIZATION_MANDATORY
        # Interpretation missing-authorization.
        yield Deviation(input_class, codes if line else (*codes, error_codes.INVALID_INPUT), accepted, CREDENTIALS)
    elif scheme != "Bearer":
        yield Deviation(input_class, codes, names.AUTHORIZATION_BEARER, CREDENTIALS, statuses=large)
    else:
        yield Deviation(input_class, codes, names.ACCESS_TOKEN_VALID, CREDENTIALS, statuses=large)


def _content_type(lines: list[str]) -> Iterator[Deviation]:
    if len(lines) > 1:
        yield _repeated((error_codes.INVALID_INPUT,), UNSUPPORTED | MALFORMED)
    elif not lines or not JSON_TYPE.fullmatch(lines[0]):
        statuses = UNSUPPORTED | _large_line(lines[0] if lines else "")
        charset = names.REQUEST_CHARSET
        yield Deviation(
            "generated-content-type", (error_codes.INVALID_INPUT,), charset, charset, tolerable=True, statuses=statuses
        )


def _repeated(codes: tuple[str, ...], statuses: frozenset[int] = frozenset()) -> Deviation:
    """Interpretation repeated-parameters: any documented answer is right."""
    return Deviation(
        "generated-repeated-parameters", codes, names.DEVICE_KNOWN, INPUT, tolerable=True, statuses=statuses
    )


def _large_line(line: str) -> frozenset[int]:
    """HTTP's own answers to a header or an address that is long, or has characters that HTTP gives no meaning."""
    large = TOO_LARGE if len(line) >= LARGE_LINE else frozenset[int]()
    return large if line.isascii() and "\t" not in line else large | MALFORMED


# -- query -------------------------------------------------------------------------------------------------------------


def _query(query: str, values: Values) -> Iterator[Deviation]:
    if not query:
        return
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
    app_ids = [value for name, value in pairs if name == "appId"]
    large = TOO_LARGE if len(query) >= LARGE_LINE else frozenset[int]()
    if len(app_ids) > 1:
        yield _repeated(
            (error_codes.INVALID_INPUT, error_codes.UNKNOWN_APPLICATION, error_codes.UNAUTHORIZED_APPLICATION), large
        )
    elif app_ids:
        yield from _app_id(app_ids[0], values)
    if len(pairs) > len(app_ids):
        # Nothing is said about other parameters; they are like further members of the body.
        yield _repeated((error_codes.INVALID_INPUT,), large | _unprintable(*(text for pair in pairs for text in pair)))


def _app_id(app_id: str, values: Values) -> Iterator[Deviation]:
    input_class, row, codes = (
        "generated-app-id",
        names.ERROR_100203_UNKNOWN_APPLICATION,
        (error_codes.UNKNOWN_APPLICATION,),
    )
    if app_id == values.app_id:
        return
    if not app_id:
        yield Deviation(input_class, (*codes, error_codes.INVALID_INPUT), names.APP_ID_KNOWN, row, tolerable=True)
    elif len(app_id) <= LONGEST_ID and PLAIN_TEXT.fullmatch(app_id):
        yield Deviation(input_class, codes, names.APP_ID_KNOWN, row)
    else:
        # Interpretation app-id-length, and by analogy device-id-characters.
        statuses = (TOO_LARGE if len(app_id) >= LARGE_LINE else frozenset[int]()) | _unprintable(app_id)
        yield Deviation(input_class, (*codes, error_codes.INVALID_INPUT), names.APP_ID_KNOWN, row, statuses=statuses)


def _unprintable(*texts: str) -> frozenset[int]:
    """HTTP's own answer to bytes that aren't UTF-8, and to controls: some servers refuse these by themselves."""
    odd = any(SURROGATE.search(text) or not text.isprintable() for text in texts)
    return MALFORMED if odd else frozenset()


# -- body --------------------------------------------------------------------------------------------------------------


def _invalid(input_class: str, accepted: str, statuses: frozenset[int] = frozenset()) -> Deviation:
    return Deviation(input_class, (error_codes.INVALID_INPUT,), accepted, INPUT, statuses=statuses)


def _odd(input_class: str, wrong: str = INPUT, statuses: frozenset[int] = frozenset()) -> Deviation:
    """Something that may be ignored or refused as invalid input, but must not cause an internal error."""
    return Deviation(
        input_class, (error_codes.INVALID_INPUT,), names.DEVICE_KNOWN, wrong, tolerable=True, statuses=statuses
    )


Body = tuple[tuple[Deviation, ...], tuple[str, ...]]


def _body(raw: bytes, values: Values) -> Body:
    large = TOO_LARGE if len(raw) >= LARGE_BODY else frozenset[int]()
    oddities: list[Deviation] = [_odd("generated-further-members", statuses=large)] if large else []
    text = _text(raw)
    if text is None:
        return (_malformed("generated-body-encoding", _decodable(raw), values, large),), ()
    if text[1]:
        oddities.append(_odd("generated-body-encoding"))
    deep = _nesting(text[0])
    if deep is not None:
        # Deeper than can be read here: what begins as an object may be a valid one, anything else isn't one.
        if deep and text[0].lstrip(" \t\r\n").startswith("{"):
            return (_odd("generated-further-members", statuses=large),), (values.device_id, "")
        input_class = "generated-body-not-object" if deep else "generated-body-malformed"
        return (_invalid(input_class, names.BODY_JSON_OBJECT, large),), ()
    try:
        value = _parsed(text[0])
    except ValueError:
        return (_malformed("generated-body-malformed", text[0], values, large),), ()
    if not isinstance(value, _Members):
        return (_invalid("generated-body-not-object", names.BODY_JSON_OBJECT, large),), ()
    deviations, device_ids = _object(value, values, large)
    return (*oddities, *deviations), device_ids


def _parsed(text: str) -> Any:
    """TEXT as JSON; ValueError when it is none."""
    return json.loads(
        text, object_pairs_hook=_Members, parse_constant=_no_constant, parse_int=_Number, parse_float=_Number
    )


def _decodable(raw: bytes) -> str:
    """What stands before the first bytes of RAW that aren't UTF-8: they may come behind all that is read."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return raw[: error.start].decode("utf-8")


def _malformed(input_class: str, text: str, values: Values, large: frozenset[int]) -> Deviation:
    """Interpretation lenient-parsers: what such a parser reads as an object may be taken for it, if that is valid."""
    repaired = lenient.strict(text)
    if repaired is None:
        return _invalid(input_class, names.BODY_JSON_OBJECT, large)
    deviations, _ = _object(_parsed(repaired), values, large)
    wrong = next((one.accepted for one in deviations if not one.tolerable), names.BODY_JSON_STRICT)
    return _invalid(input_class, wrong, large)


def _text(raw: bytes) -> tuple[str, bool] | None:
    """(the body's text, whether its encoding is another one than plain UTF-8); None when it is no text."""
    encoding = json.detect_encoding(raw)
    other = encoding != "utf-8"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        if not other and (read := _with_surrogates(raw)) is not None:
            # Some parsers take them for what an escape gives.
            return read, True
        try:
            # Bytes that only look like UTF-16 or UTF-32.
            return (raw.decode("utf-8"), False) if other and not raw.startswith(codecs.BOM_UTF8) else None
        except UnicodeDecodeError:
            return None
    if other and not text.lstrip(" \t\r\n").startswith(("{", "[", '"')):
        return raw.decode("utf-8", "replace"), False
    return text, other


def _with_surrogates(raw: bytes) -> str | None:
    """RAW as UTF-8 but for surrogates of three bytes each; None when it isn't that."""
    try:
        return raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None


def _nesting(text: str) -> bool | None:
    """None when TEXT isn't nested deeper than parsers read; else whether its brackets are in order."""
    opened: list[str] = []
    deepest = 0
    for bracket in re.findall(r"[\[\]{}]", STRING.sub("", text)):
        if bracket in "[{":
            opened.append(bracket)
            deepest = max(deepest, len(opened))
        elif not opened or opened.pop() + bracket not in ("[]", "{}"):
            return False if deepest > DEEPEST else None
    return None if deepest <= DEEPEST else not opened


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _object(members: _Members, values: Values, large: frozenset[int]) -> Body:
    found: list[Deviation] = []
    given = [value for name, value in members if name == "deviceId"]
    if len(given) < len(members):
        further = [one for one in members if one[0] != "deviceId"]
        extreme = large or any(_extreme_scalar(name) or _extreme(value) for name, value in further)
        wrong = INPUT if extreme else names.REQUEST_JSON_EQUIVALENCE
        found.append(_odd("generated-further-members", wrong, large))
    if not given:
        return (_invalid("generated-device-id-name", names.DEVICE_ID_MANDATORY), *found), ()
    if len(given) == 1:
        deviations, device_ids = _value(given[0], values, large)
        return (*deviations, *found), device_ids
    readings = [_value(value, values, large) for value in given]
    device_ids = tuple(dict.fromkeys(device_id for _, ids in readings for device_id in ids))
    # Interpretation duplicate-request-members: whatever is right for one of them.
    strict = [one.accepted for deviations, _ in readings for one in deviations if not one.tolerable]
    coerced = names.DEVICE_ID_STRING if names.DEVICE_ID_STRING in strict else next(iter(strict), None)
    return (replace(_odd("generated-duplicate-members"), coerced=coerced), *found), device_ids


def _value(value: Any, values: Values, large: frozenset[int]) -> Body:
    if value is None:
        return (_invalid("generated-device-id-name", names.DEVICE_ID_MANDATORY),), ()
    if not isinstance(value, str):
        return (_invalid("generated-device-id-type", names.DEVICE_ID_STRING, large),), ()
    if value == values.device_id:
        return (), (value,)
    return tuple(_device_id(value, large)), (value,) if 1 <= len(value) <= LONGEST_ID else ()


def _device_id(text: str, large: frozenset[int]) -> Iterator[Deviation]:
    """Interpretations length-unit and device-id-characters."""
    units = (len(text), len(text.encode("utf-16-le", "surrogatepass")) // 2, len(text.encode("utf-8", "surrogatepass")))
    within = [1 <= unit <= LONGEST_ID for unit in units]
    # What can't be read, half a surrogate pair, is the parser's matter; whatever else is odd, the device's.
    wrong = INPUT if SURROGATE.search(text) or PLAIN_TEXT.fullmatch(text) or not text else DEVICE
    if not any(within):
        bound = names.DEVICE_ID_MAX_LENGTH if text else names.DEVICE_ID_MIN_LENGTH
        yield replace(_invalid("generated-device-id-length", bound, large), wrong=wrong)
    elif not all(within):
        yield _odd("generated-device-id-length", wrong)
    elif not PLAIN_TEXT.fullmatch(text):
        yield _odd("generated-device-id-characters", wrong)


def _extreme(value: Any) -> bool:
    """Whether VALUE goes to some limit of parsers."""
    level: Sequence[Any] = [value]
    for _ in range(DEEP):
        if any(map(_extreme_scalar, level)):
            return True
        level = [child for one in level for child in _children(one)]
        if not level:
            return False
    return True


def _extreme_scalar(value: Any) -> bool:
    if isinstance(value, _Number):
        return len(value.text) > MANY_DIGITS or HUGE.search(value.text) is not None
    return isinstance(value, str) and SURROGATE.search(value) is not None


def _children(value: Any) -> list[Any]:
    if isinstance(value, _Members):
        return [member for _, member in value]
    return value if isinstance(value, list) else []
