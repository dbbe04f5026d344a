"""The bounds and the type of deviceId."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from conformance.case.refusals import invalid_input
from conformance.client.draft import Draft
from conformance.contract.statuses import TOO_LARGE
from conformance.suite.registry import refused

NO_EFFECT = "no-effect-input"
MANDATORY = invalid_input("device-id-mandatory")
TYPE = invalid_input("device-id-string")
SHORTEST = invalid_input("device-id-min-length")
LONGEST = invalid_input("device-id-max-length")


def _with_device_id(plain: Draft, value: Any, edit: str) -> Draft:
    return plain.with_body(json.dumps({"deviceId": value}).encode("ascii"), edit)


@refused("device-id-missing", MANDATORY, NO_EFFECT)
def test_missing(plain: Draft) -> Draft:
    """A body without deviceId is invalid."""
    return plain.with_body(b"{}", "the body has no deviceId")


@refused("device-id-under-another-name", MANDATORY, NO_EFFECT)
def test_another_name(plain: Draft) -> Draft:
    """A body with deviceID instead of deviceId is invalid, because member names are case-sensitive."""
    body = json.dumps({"deviceID": plain.device_id}).encode("ascii")
    return plain.with_body(body, "the body has deviceID instead of deviceId")


@refused("device-id-in-the-query", MANDATORY, NO_EFFECT)
def test_in_the_query(plain: Draft) -> Draft:
    """A deviceId in the query doesn't replace the one in the body."""
    query = urlencode({"deviceId": plain.device_id})
    return plain.with_body(b"{}", "").with_parameter(query, "deviceId is in the query, not in the body")


@refused("device-id-null", MANDATORY, NO_EFFECT, optional_parts=True)
def test_null(plain: Draft) -> Draft:
    """A deviceId that is null is invalid."""
    return _with_device_id(plain, None, "deviceId is null")


@refused("device-id-number", TYPE, NO_EFFECT)
def test_number(plain: Draft) -> Draft:
    """A deviceId that is a number is invalid."""
    device_id = plain.device_id
    # Where the platform's ids are digits, the very number of an existing one.
    number = int(device_id) if device_id.isascii() and device_id.isdigit() else 1234567890
    return _with_device_id(plain, number, "deviceId is a number")


@refused("device-id-boolean", TYPE, NO_EFFECT, optional_parts=True)
def test_boolean(plain: Draft) -> Draft:
    """A deviceId that is a boolean is invalid."""
    return _with_device_id(plain, True, "deviceId is true")  # noqa: FBT003 (the JSON value)


@refused("device-id-list", TYPE, NO_EFFECT)
def test_list(plain: Draft) -> Draft:
    """A deviceId that is a list with one existing id is invalid."""
    return _with_device_id(plain, [plain.device_id], "deviceId is a list")


@refused("device-id-object", TYPE, NO_EFFECT)
def test_object(plain: Draft) -> Draft:
    """A deviceId that is an object is invalid, even if the object contains an existing id."""
    members = dict.fromkeys(("id", "value", "$eq"), plain.device_id)
    return _with_device_id(plain, members, "deviceId is an object")


@refused("device-id-length-0", SHORTEST, NO_EFFECT)
def test_length_0(plain: Draft) -> Draft:
    """An empty deviceId is invalid."""
    return _with_device_id(plain, "", "deviceId is empty")


@refused("device-id-length-65", LONGEST, NO_EFFECT)
def test_length_65(plain: Draft) -> Draft:
    """A deviceId of 65 characters is invalid, even if it begins with an existing one."""
    return _with_device_id(plain, plain.device_id.ljust(65, "z"), "deviceId has 65 characters")


@refused("device-id-length-10000", replace(LONGEST, statuses=TOO_LARGE), NO_EFFECT, optional_parts=True)
def test_length_10000(plain: Draft) -> Draft:
    """A deviceId of ten thousand characters is invalid, even if it begins with an existing one."""
    return _with_device_id(plain, plain.device_id.ljust(10_000, "z"), "deviceId has 10000 characters")
