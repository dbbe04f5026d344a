"""Bodies that are no JSON object: those that real clients were seen to send, and those that parsers stumble over."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import urlencode

from conformance.case.refusals import INVALID_BODY, invalid_input
from conformance.client.draft import Draft
from conformance.contract.statuses import TOO_LARGE
from conformance.suite.registry import refused

NO_EFFECT = "no-effect-input"
STRICT = ("body-json-strict",)
LENIENT = invalid_input(*STRICT)
"""Widespread parsers read these as an object (interpretation lenient-parsers); where that is so, other cases prove the
rest."""


@refused("body-missing", INVALID_BODY, NO_EFFECT)
def test_missing(plain: Draft) -> Draft:
    """A call without a body is invalid."""
    return plain.with_body(None, "no body")


@refused("body-white-space", INVALID_BODY, NO_EFFECT)
def test_white_space(plain: Draft) -> Draft:
    """A body of white space is invalid."""
    return plain.with_body(b"  ", "a body of white space")


@refused("body-cut-short", INVALID_BODY, NO_EFFECT)
def test_cut_short(plain: Draft) -> Draft:
    """A JSON object without its closing brace is invalid."""
    return plain.with_body((plain.body or b"")[:-1], "the object's closing brace is missing")


@refused("body-trailing-garbage", LENIENT, NO_EFFECT, about=STRICT)
def test_trailing_garbage(plain: Draft) -> Draft:
    """A JSON object followed by other text is invalid."""
    return plain.with_body((plain.body or b"") + b" garbage", "something follows the object")


@refused("body-plain-text", INVALID_BODY, NO_EFFECT)
def test_plain_text(plain: Draft) -> Draft:
    """A body that consists of the deviceId alone, without JSON, is invalid."""
    return plain.with_body(json.loads(plain.body or b"")["deviceId"].encode(), "a body that is no JSON")


@refused("body-form", INVALID_BODY, NO_EFFECT)
def test_form(plain: Draft) -> Draft:
    """A form-encoded body is invalid."""
    return plain.with_body(urlencode(json.loads(plain.body or b"")).encode("ascii"), "a form-encoded body")


@refused("body-empty-list", INVALID_BODY, NO_EFFECT)
def test_empty_list(plain: Draft) -> Draft:
    """An empty list instead of the object is invalid."""
    return plain.with_body(b"[]", "the body is []")


@refused("body-list", INVALID_BODY, NO_EFFECT)
def test_list(plain: Draft) -> Draft:
    """A list that contains the valid object is invalid."""
    return plain.with_body(b"[" + (plain.body or b"") + b"]", "the object stands in a list")


@refused("body-null", INVALID_BODY, NO_EFFECT)
def test_null(plain: Draft) -> Draft:
    """A body that is null is invalid."""
    return plain.with_body(b"null", "the body is null")


@refused("body-string", INVALID_BODY, NO_EFFECT)
def test_string(plain: Draft) -> Draft:
    """A JSON string that contains the valid object is invalid."""
    text = json.dumps((plain.body or b"").decode("ascii"))
    return plain.with_body(text.encode("ascii"), "the object stands in a string")


@refused("body-number", INVALID_BODY, NO_EFFECT, optional_parts=True)
def test_number(plain: Draft) -> Draft:
    """A number instead of the object is invalid."""
    return plain.with_body(b"0", "the body is 0")


@refused("body-trailing-comma", LENIENT, NO_EFFECT, about=STRICT)
def test_trailing_comma(plain: Draft) -> Draft:
    """A comma after the last member, which JSON doesn't allow, makes the body invalid."""
    return plain.with_body((plain.body or b"")[:-1] + b",}", "a comma behind the last member")


@refused("body-comment", LENIENT, NO_EFFECT, about=STRICT)
def test_comment(plain: Draft) -> Draft:
    """A comment, which JSON doesn't have, makes the body invalid."""
    return plain.with_body(b"/* a comment */ " + (plain.body or b""), "a comment before the object")


@refused("body-unquoted-name", LENIENT, NO_EFFECT, about=STRICT)
def test_unquoted_name(plain: Draft) -> Draft:
    """A member's name without quotes, which JSON doesn't allow, makes the body invalid."""
    return plain.with_body((plain.body or b"").replace(b'"deviceId"', b"deviceId"), "the name deviceId has no quotes")


@refused("body-single-quotes", LENIENT, NO_EFFECT, about=STRICT)
def test_single_quotes(plain: Draft) -> Draft:
    """Single quotes, which JSON doesn't have, make the body invalid."""
    return plain.with_body((plain.body or b"").replace(b'"', b"'"), "single quotes instead of double ones")


@refused("body-nan", LENIENT, NO_EFFECT, about=STRICT)
def test_nan(plain: Draft) -> Draft:
    """NaN, which JSON doesn't have, makes the body invalid."""
    return plain.with_body((plain.body or b"")[:-1] + b', "n": NaN}', "a further member is NaN")


@refused("body-invalid-utf-8", INVALID_BODY, NO_EFFECT)
def test_invalid_utf_8(plain: Draft) -> Draft:
    """A body that isn't UTF-8 is invalid."""
    return plain.with_body((plain.body or b"")[:-2] + b'\xff"}', "deviceId ends with the byte FF, which isn't UTF-8")


@refused("body-deeply-nested", replace(INVALID_BODY, statuses=TOO_LARGE), NO_EFFECT)
def test_deeply_nested(plain: Draft) -> Draft:
    """A body nested ten thousand levels deep is refused as invalid, and doesn't break the parser."""
    return plain.with_body(b"[" * 10_000 + b"]" * 10_000, "lists nested 10000 deep")
