"""What is right for a request, read from the request alone, whoever made it and whatever it was meant as."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from conformance.contract.expectation import Expectation, judge
from conformance.contract.refused import Refusal
from conformance.evidence.exchange import Exchange, Request, Response
from conformance.fuzzing.deviation import read
from conformance.fuzzing.example import APP_ID, APP_KEY, BODY, HEADERS, TOKEN, Example, Values
from conformance.fuzzing.expectation import expect

VALUES = Values("device-1", exists=True, app_key="key-1", token="token-1", app_id="app-1")
ABSENT = replace(VALUES, exists=False)
INPUT, DEVICE, KNOWN = "error-100022-invalid-input", "error-100418-unknown-device", "device-known"


def _expected(example: Example, values: Values = VALUES) -> Expectation:
    return expect(read(example.draft(values), values), values)


def _of_body(body: bytes, values: Values = VALUES) -> Expectation:
    return _expected(Example("", body), values)


def _of_value(value: Any, values: Values = VALUES) -> Expectation:
    return _of_body(json.dumps({"deviceId": value}).encode(), values)


def _of_line(name: str, *lines: str, values: Values = VALUES) -> Expectation:
    rest = tuple(line for line in HEADERS if line[0] != name)
    return _expected(Example("", headers=(*rest, *((name, line) for line in lines))), values)


def _codes(expectation: Expectation) -> set[str]:
    return set(expectation.refusal.codes) if expectation.refusal else set()


def _blamed(expectation: Expectation) -> tuple[str, str]:
    assert expectation.refusal is not None
    return expectation.refusal.accepted, expectation.refusal.row


def test_plain_call_must_be_accepted() -> None:
    """The plain call for a prepared device has no other right answer than a task."""
    expectation = _expected(Example(""))

    assert (None, "device-1") == (expectation.refusal, expectation.accepts)


def test_plain_call_for_an_absent_device_is_answered_100418() -> None:
    """Without a prepared device, the plain call has no other right answer than 200 with 100418."""
    expectation = _expected(Example(""), ABSENT)

    assert {"100418"} == _codes(expectation)
    assert (KNOWN, DEVICE) == _blamed(expectation)


@pytest.mark.parametrize("text", ["none-such", "z" * 64, "-", "_", "null"])
def test_plain_text_is_valid_and_unknown(text: str) -> None:
    """Letters, digits, hyphens and underscores, up to 64 of them, are answered 100418 and nothing else."""
    expectation = _of_value(text)

    assert ({"100418"}, None) == (_codes(expectation), expectation.accepts)


@pytest.mark.parametrize(
    "text", ["\0", "\ud83d", '"', "%", "é", " ", "device-1 ", "DEVICE-1\n", "../a", "z" * 63 + "."]
)
def test_other_characters_may_be_invalid(text: str) -> None:
    """Text with other characters is unknown or invalid, but never found, and never a reason to fail inside."""
    expectation = _of_value(text)

    assert ({"100418", "100022"}, None) == (_codes(expectation), expectation.accepts)
    # Half a surrogate pair is JSON that few parsers read: failing inside is theirs.
    assert (KNOWN, INPUT if text == "\ud83d" else DEVICE) == _blamed(expectation)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("z" * 65, {"100022"}),
        ("é" * 65, {"100022"}),
        ("\U0001f4a5" * 65, {"100022"}),
        ("\U0001f4a5" * 64, {"100418", "100022"}),
        ("\U0001f4a5" * 33, {"100418", "100022"}),
        ("é" * 33, {"100418", "100022"}),
        ("é" * 32, {"100418", "100022"}),
        ("", {"100022"}),
    ],
)
def test_length_is_exact_where_all_units_agree(text: str, codes: set[str]) -> None:
    """Longer than 64 in characters, UTF-16 units and bytes is invalid; where they disagree, both answers are right."""
    assert codes == _codes(_of_value(text))


def test_length_is_put_down_to_its_bound() -> None:
    """Too long a text taken as valid breaks the upper bound, an empty one the lower."""
    longest, shortest = _of_value("z" * 65).refusal, _of_value("").refusal

    assert longest is not None
    assert shortest is not None
    assert ("device-id-max-length", "device-id-min-length") == (longest.accepted, shortest.accepted)
    assert (("100418", "device-id-max-length"),) == longest.blames


@pytest.mark.parametrize("value", [0, 1, -0.5, True, False, [], ["device-1"], {}, {"$ne": None}])
def test_another_type_is_invalid(value: Any) -> None:
    """A deviceId of another type is 100022; taking it as text breaks device-id-string."""
    expectation = _of_value(value)

    assert {"100022"} == _codes(expectation)
    assert ("device-id-string", INPUT) == _blamed(expectation)


@pytest.mark.parametrize("body", [b"{}", b'{"deviceId": null}', b'{"deviceid": "device-1"}', b'{"a": 1}'])
def test_missing_device_id_is_invalid(body: bytes) -> None:
    """No deviceId, null, and other spellings of the name are 100022."""
    expectation = _of_body(body)

    assert {"100022"} == _codes(expectation)
    assert "device-id-mandatory" == _blamed(expectation)[0]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"[]",
        b"null",
        b'"device-1"',
        b"[" * 5000 + b"]" * 5000,
        BODY[:-1],
        b'{"deviceId": "a" "n": 1}',
        b"deviceId=device-1",
        b'{"deviceId": "\xff"}',
        b'{"deviceId": "\xc0\x80"}',
    ],
)
def test_what_is_no_object_is_invalid(body: bytes) -> None:
    """Bodies that aren't JSON, not an object or not UTF-8 are 100022; taking them as valid breaks body-json-object."""
    expectation = _of_body(body)

    assert {"100022"} == _codes(expectation)
    assert ("body-json-object", INPUT) == _blamed(expectation)


@pytest.mark.parametrize(
    "body",
    [
        BODY + b"x",
        BODY + b"\xff",
        BODY + BODY,
        BODY[:-1] + b",}",
        b'{"deviceId": "a\nb"}',
        b'{"deviceId": "a\\x41"}',
        b'{"deviceId": "a", "n": NaN}',
        b'{"deviceId": "a", "n": 01}',
        b"{'deviceId': 'device-1'}",
        b'{deviceId: "device-1"} // a comment',
        b'{"deviceId": --device--}',
    ],
)
def test_what_lenient_parsers_read_is_invalid(body: bytes) -> None:
    """Bodies that some parsers read are 100022 all the same; taking them as valid breaks body-json-strict alone."""
    expectation = _of_body(body)

    assert ({"100022"}, None) == (_codes(expectation), expectation.accepts)
    assert ("body-json-strict", INPUT) == _blamed(expectation)
    assert expectation.refusal is not None
    assert (("100418", "body-json-strict"),) == expectation.refusal.blames


@pytest.mark.parametrize(
    ("body", "broken"),
    [
        (b"{deviceId: 7}", "device-id-string"),
        (b"{deviceId: null,}", "device-id-mandatory"),
        (b"{} // none", "device-id-mandatory"),
        (b"{'DEVICEID': 'a'}", "device-id-mandatory"),
        (b"{deviceId: ''}", "device-id-min-length"),
        (b"{deviceId: '" + b"z" * 65 + b"'}", "device-id-max-length"),
    ],
)
def test_what_is_wrong_in_what_lenient_parsers_read_counts(body: bytes, broken: str) -> None:
    """A body that a lenient parser reads is no excuse for what is wrong in it."""
    expectation = _of_body(body)

    assert {"100022"} == _codes(expectation)
    assert (broken, INPUT) == _blamed(expectation)


def test_surrogate_in_three_bytes_may_be_read_as_its_escape() -> None:
    """Half a surrogate pair in three bytes is invalid, or text that no deviceId has; the device doesn't exist."""
    expectation = _of_body(b'{"deviceId": "\xed\xa0\xbd"}')

    assert ({"100022", "100418"}, None) == (_codes(expectation), expectation.accepts)


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbf" + BODY,
        BODY.decode().encode("utf-16-le"),
        b"\xff\xfe" + BODY.decode().encode("utf-16-le"),
        BODY.decode().encode("utf-32-be"),
        b'{"deviceId": "--device--", "a": 1}',
        b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b', "deviceId": "--device--"}',
        b'{"deviceId": "--device--", "a": 1e999}',
        b'{"deviceId": "--device--", "deviceId": 1}',
    ],
)
def test_what_json_leaves_open_may_be_accepted_or_invalid(body: bytes) -> None:
    """A byte order mark, UTF-16, further members and repeated ones: accepted or 100022."""
    expectation = _of_body(body)

    assert "device-1" == expectation.accepts
    assert "100022" in _codes(expectation)
    assert {"100022", "100418"} >= _codes(expectation)


@pytest.mark.parametrize(
    "line",
    ["application/json", "application/json;charset=utf-8", 'application/json ; CHARSET="UTF-8"'],
)
def test_documented_content_type_must_be_accepted(line: str) -> None:
    """application/json, with or without UTF-8 for a charset, is accepted."""
    assert _of_line("Content-Type", line).refusal is None


@pytest.mark.parametrize(
    "line", ["", "text/plain", "APPLICATION/JSON", "application/json; charset=none", "application/json;", "none"]
)
def test_other_content_types_are_left_open(line: str) -> None:
    """Other content types: accepted, 100022 or 415; failing inside breaks request-charset."""
    expectation = _of_line("Content-Type", line)

    assert ("device-1", {"100022"}) == (expectation.accepts, _codes(expectation))
    assert 415 in expectation.statuses
    assert "request-charset" == _blamed(expectation)[1]


@pytest.mark.parametrize("line", ["Basic token-1", "token-1", "Bearertoken-1", "Bearer: token-1", "none"])
def test_other_forms_of_authorization_are_refused(line: str) -> None:
    """Another form than Bearer and the token is 1010005, and nothing else."""
    expectation = _of_line("Authorization", line)

    assert ({"1010005"}, None) == (_codes(expectation), expectation.accepts)
    assert "authorization-bearer" == _blamed(expectation)[0]


@pytest.mark.parametrize("line", ["Bearer token-2", "Bearer token-1 ", "Bearer token-1,", "Bearer none token-1"])
def test_other_tokens_are_refused(line: str) -> None:
    """Another token is 1010005; white space at the end of a header's value is no part of it."""
    expectation = _of_line("Authorization", line)

    if line == "Bearer token-1 ":
        assert expectation.refusal is None
    else:
        assert ({"1010005"}, "access-token-valid") == (_codes(expectation), _blamed(expectation)[0])


@pytest.mark.parametrize("line", ["bearer token-1", "BEARER token-1", "Bearer  token-1", "Bearer\ttoken-1"])
def test_spelling_of_the_scheme_is_left_open(line: str) -> None:
    """The scheme in other letter case, or with more white space: accepted or 1010005."""
    expectation = _of_line("Authorization", line)

    assert ("device-1", {"1010005"}) == (expectation.accepts, _codes(expectation))


def test_token_elsewhere_is_no_token() -> None:
    """Without Authorization a call is refused; where the token is taken from elsewhere, that is what is wrong."""
    missing = Example("", headers=(HEADERS[0], HEADERS[2]))
    elsewhere = [
        replace(missing, headers=(*missing.headers, ("Cookie", f"a={TOKEN}"))),
        replace(missing, query=f"token={TOKEN}"),
        replace(missing, body=b'{"deviceId": "--device--", "accessToken": "--token--"}'),
    ]

    assert ({"1010005", "100022"}, "authorization-mandatory") == (
        _codes(_expected(missing)),
        _blamed(_expected(missing))[0],
    )
    assert ["authorization-bearer"] * 3 == [_blamed(_expected(one))[0] for one in elsewhere]
    assert [{"1010005", "100022"}] * 3 == [_codes(_expected(one)) for one in elsewhere]


def test_app_key_elsewhere_is_no_app_key() -> None:
    """Without the header app_key the answer is 100220, wherever else the app_key stands."""
    headers = (*HEADERS[1:], ("appkey", APP_KEY), ("Cookie", f"app_key={APP_KEY}"))
    expectation = _expected(Example("", headers=headers, query=f"appId={APP_ID}"))

    assert ({"100220"}, None) == (_codes(expectation), expectation.accepts)
    assert "app-key-mandatory" == _blamed(expectation)[0]


def test_names_of_headers_in_small_letters_are_the_same() -> None:
    """Header names in other letter case must be accepted; a refusal breaks request-header-case."""
    expectation = _expected(Example("", headers=tuple((name.lower(), text) for name, text in HEADERS)))

    assert (None, "device-1") == (expectation.refusal, expectation.accepts)
    assert "request-header-case" == expectation.blame


@pytest.mark.parametrize("text", ["9" * 26, "9" * 64, "-None_Such-Device_Nobody-Has_This-One", "Z" * 36])
def test_plain_text_of_usual_length_has_its_row_to_blame(text: str) -> None:
    """A refusal of digits, underscores, capitals breaks the row of 100418, unless a bound is known to be broken."""
    expectation = _of_value(text)
    judged = [
        judge(_answered(400, "100022"), expectation, VALUES.app_id, known=known)
        for known in ((), ("device-id-max-length",))
    ]

    assert [[DEVICE], ["device-id-max-length"]] == [
        [finding.requirement for finding in one.judgement.findings] for one in judged
    ]


def test_app_key_is_exact() -> None:
    """A missing app_key is 100220 alone; an empty one may also be invalid or unknown, as any other one is."""
    assert {"100220"} == _codes(_of_line("app_key"))
    assert {"100220", "1010005", "100203"} == _codes(_of_line("app_key", ""))
    assert {"1010005", "100203", "100217"} == _codes(_of_line("app_key", "key-2"))


@pytest.mark.parametrize(
    ("query", "codes", "accepts"),
    [
        ("appId=app-1", set(), "device-1"),
        ("appId=%61pp-1", set(), "device-1"),
        ("appId=app-2", {"100203"}, None),
        ("appId=app-1%20", {"100203", "100022"}, None),
        ("appId=" + "z" * 65, {"100203", "100022"}, None),
        ("appId=", {"100203", "100022"}, "device-1"),
        ("appId=app-1&appId=app-2", {"100203", "100217", "100022"}, "device-1"),
        ("a=1", {"100022"}, "device-1"),
    ],
)
def test_app_id_is_exact_where_the_document_is(query: str, codes: set[str], accepts: str | None) -> None:
    """An unknown appId is 100203; empty, repeated and further parameters are left open."""
    expectation = _expected(Example("", query=query))

    assert (codes, accepts) == (_codes(expectation), expectation.accepts)


def test_any_of_several_errors_is_right() -> None:
    """Where a wrong token comes with an invalid body, either is a right answer, and nothing is accepted."""
    example = Example("", b"[]", headers=(HEADERS[0], ("Authorization", "Bearer none"), HEADERS[2]))
    expectation = _expected(example)

    assert ({"1010005", "100022"}, None) == (_codes(expectation), expectation.accepts)


def test_large_requests_may_be_refused_by_the_http_server() -> None:
    """413, 414 and 431 are right for a body of many bytes, but not for a short one."""
    large, small = _of_value("z" * 10_000), _of_value("z" * 100)

    assert frozenset({413, 414, 431}) == large.statuses
    assert frozenset() == small.statuses


def _answered(status: int, code: str) -> Exchange:
    body = json.dumps({"error_code": code, "error_desc": "x"}).encode()
    response = Response(status, "", "HTTP/1.1", (("Content-Type", "application/json"),), body)
    return Exchange(Request("POST", "", (), b""), response, None, 0.0, 0.0)


@pytest.mark.parametrize(
    ("status", "code", "broken"),
    [
        (500, "100001", "request-json-equivalence"),
        (404, "100418", DEVICE),
        (400, "100002", INPUT),
        (422, "100002", INPUT),
        (404, "100403", DEVICE),
    ],
)
def test_wrong_answer_breaks_the_row_that_it_stands_for(status: int, code: str, broken: str) -> None:
    """Where several errors are right, the code of a wrong answer, else its status, tells which row it means."""
    expectation = Expectation("", Refusal(("100022", "100418"), KNOWN, "request-json-equivalence"))
    judged = judge(_answered(status, code), expectation, VALUES.app_id)

    assert [broken] == [finding.requirement for finding in judged.judgement.findings]


def test_wrong_answer_is_put_down_to_what_is_known_to_be_broken() -> None:
    """A call that rests on a requirement known to be broken, and fails inside, breaks that one and not another."""
    expectation = Expectation("", Refusal(("100418",), KNOWN, DEVICE), involves=("request-json-equivalence",))
    judged = [
        judge(_answered(500, "100001"), expectation, VALUES.app_id, known=known) for known in ((), expectation.involves)
    ]

    assert [[DEVICE], ["request-json-equivalence"]] == [
        [finding.requirement for finding in one.judgement.findings] for one in judged
    ]


@pytest.mark.parametrize(("status", "code"), [(400, "100022"), (200, "100418"), (415, "0")])
def test_every_right_answer_passes(status: int, code: str) -> None:
    """Each of the right answers is no finding."""
    expectation = Expectation("", Refusal(("100022", "100418"), KNOWN, INPUT), statuses=frozenset({415}))

    assert () == judge(_answered(status, code), expectation, VALUES.app_id).judgement.findings
