"""Calls for devices that don't exist: however near the name comes to one that does."""

from __future__ import annotations

import string
from collections.abc import Collection
from dataclasses import replace

from conformance.case.identifiers import cut_short, extended, first_free, unknown_like
from conformance.case.refusals import UNKNOWN_DEVICE, unknown_device
from conformance.client.draft import Draft
from conformance.run.calls import body_for
from conformance.suite.registry import refused

NO_EFFECT = "no-effect-device"
LETTERS = string.ascii_lowercase[::-1]
# Interpretation device-id-characters: no platform allocates such ids, so that they are unknown, or invalid.
UNUSUAL = replace(UNKNOWN_DEVICE, codes=("100418", "100022"))


@refused("device-unknown", UNKNOWN_DEVICE, NO_EFFECT)
def test_unknown(plain: Draft, taken: Collection[str]) -> Draft:
    """A deviceId that looks like an existing one, but was never allocated, is answered with 200 and 100418."""
    return plain.with_body(body_for(unknown_like(plain.device_id, taken)), "deviceId was never allocated")


@refused("device-id-cut-short", UNUSUAL, NO_EFFECT)
def test_cut_short(plain: Draft, taken: Collection[str]) -> Draft:
    """An existing deviceId without its end is unknown or invalid."""
    return plain.with_body(body_for(cut_short(plain.device_id, taken)), "deviceId lacks the end of an existing one")


@refused("device-id-extended", UNUSUAL, NO_EFFECT, optional_parts=True)
def test_extended(plain: Draft, taken: Collection[str]) -> Draft:
    """An existing deviceId with more characters at the end is unknown or invalid."""
    return plain.with_body(body_for(extended(plain.device_id, taken)), "deviceId is an existing one and something more")


@refused("device-id-pattern", UNUSUAL, NO_EFFECT)
def test_pattern(plain: Draft, taken: Collection[str]) -> Draft:
    """A deviceId that is a wildcard, which matches every device in some query languages, is unknown or invalid."""
    return plain.with_body(body_for(first_free(("%", "%%", "%_%"), taken)), "deviceId is a percent sign")


@refused("device-id-padded", UNUSUAL, NO_EFFECT)
def test_padded(plain: Draft) -> Draft:
    """An existing deviceId with a trailing space, which some databases ignore, is unknown or invalid."""
    return plain.with_body(body_for(f"{plain.device_id[:63]} "), "deviceId has a space behind it")


@refused("device-id-length-1", unknown_device("device-known", valid="device-id-min-length"), NO_EFFECT)
def test_length_1(plain: Draft, taken: Collection[str]) -> Draft:
    """A deviceId of one character is valid input, but unknown."""
    return plain.with_body(body_for(first_free(LETTERS, taken)), "deviceId has one character")


@refused("device-id-length-64", unknown_device("device-known", valid="device-id-max-length"), NO_EFFECT)
def test_length_64(plain: Draft, taken: Collection[str]) -> Draft:
    """A deviceId of 64 characters is valid input, but unknown."""
    return plain.with_body(body_for(first_free((c * 64 for c in LETTERS), taken)), "deviceId has 64 characters")
