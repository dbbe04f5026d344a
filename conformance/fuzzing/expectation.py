"""From what a request is to the answers that are right."""

from __future__ import annotations

from dataclasses import replace

from conformance.case.refusals import LOOKED_FOR_THERE
from conformance.contract import codes as error_codes
from conformance.contract import names
from conformance.contract.bounds import LONGEST_ID
from conformance.contract.expectation import Expectation
from conformance.contract.refused import Refusal
from conformance.fuzzing.deviation import DEVICE, Reading
from conformance.fuzzing.example import Values

__all__ = ["IDENTIFYING", "Expectation", "expect"]

SHORT = 16
"""Characters. A deviceId longer than this, and no longest one, shows neither bound."""

IDENTIFYING = ("generated-app-id", "generated-app-key", "generated-token")
"""Classes of requests that say wrongly who calls, or for whom."""


def expect(reading: Reading, values: Values) -> Expectation:
    """What is right for a request that reads so, at a target that has VALUES."""
    return replace(_expect(reading, values), involves=reading.involves)


def _expect(reading: Reading, values: Values) -> Expectation:
    """What is right for a request that reads so, at a target that has VALUES.

    Where several things are wrong, any error is right that the table has for one of them (check-order).
    """
    strict = [deviation for deviation in reading.deviations if not deviation.tolerable]
    codes = {code: None for deviation in reading.deviations for code in deviation.codes}
    statuses = frozenset[int]().union(*(deviation.statuses for deviation in reading.deviations))
    exists = values.exists and values.device_id in reading.device_ids
    if any(device_id != values.device_id or not values.exists for device_id in reading.device_ids):
        codes[error_codes.UNKNOWN_DEVICE] = None
    if strict:
        first = strict[0]
        # That the device isn't there means that the input was taken as valid, or who calls for somebody known.
        telling = first.codes == (error_codes.INVALID_INPUT,) or first.input_class in IDENTIFYING
        blames = (
            ((error_codes.UNKNOWN_DEVICE, first.accepted),)
            if telling and error_codes.UNKNOWN_DEVICE not in codes
            else ()
        )
        refusal = Refusal(tuple(codes), first.accepted, first.wrong, blames)
        if first.input_class == "generated-app-id":
            # Or that it was looked for in the application that the appId names.
            refusal = replace(refusal, blames=(), explained=LOOKED_FOR_THERE if blames else ())
        return Expectation(first.input_class, refusal, statuses=statuses)
    if not reading.deviations:
        if exists:
            return Expectation("generated-json-spelling", None, values.device_id, reading.shows)
        device_id = next(iter(reading.device_ids), "")
        wrong = reading.shows if reading.shows == names.REQUEST_CHARSET else DEVICE
        refusal = Refusal(tuple(codes), names.DEVICE_KNOWN, wrong, _bounds(device_id))
        return Expectation("generated-device-id-plain", refusal)
    # A body that can't be decoded isn't read any further, whatever its content type says.
    encoded = [deviation for deviation in reading.deviations if deviation.input_class == "generated-body-encoding"]
    first = (*encoded, *reading.deviations)[0]
    # All of it may be passed over, so that being carried out is wrong for one reason alone: there is no such device.
    coerced = (
        ((error_codes.UNKNOWN_DEVICE, first.coerced),)
        if first.coerced and error_codes.UNKNOWN_DEVICE not in codes
        else ()
    )
    refusal = Refusal(tuple(codes), names.DEVICE_KNOWN, first.wrong, coerced)
    absent = tuple(one for one in reading.device_ids if one != values.device_id)
    return Expectation(first.input_class, refusal, values.device_id if exists else None, first.wrong, statuses, absent)


def _bounds(device_id: str) -> tuple[tuple[str, str], ...]:
    """Refusing a plain deviceId as invalid breaks the bound that it comes near, unless it is of digits alone."""
    if SHORT < len(device_id) < LONGEST_ID or device_id.isdigit():
        return ()
    return (
        (
            error_codes.INVALID_INPUT,
            names.DEVICE_ID_MIN_LENGTH if len(device_id) <= SHORT else names.DEVICE_ID_MAX_LENGTH,
        ),
    )
