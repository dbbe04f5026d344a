"""The refusals that cases demand: codes from the error table, and the requirement that each possible mistake breaks."""

from __future__ import annotations

import re
from dataclasses import replace

from conformance.client.draft import Draft
from conformance.contract import codes, names
from conformance.contract.bounds import LONGEST_ID
from conformance.contract.refused import Refusal

__all__ = [
    "CONGESTED",
    "FAILED_INSIDE",
    "INVALID_BODY",
    "LOOKED_FOR_THERE",
    "THROTTLED",
    "UNAUTHORIZED_APPLICATION",
    "UNKNOWN_APPLICATION",
    "UNKNOWN_DEVICE",
    "WRONG_APP_KEY",
    "allowing_ambiguous_input",
    "invalid_credentials",
    "invalid_input",
    "unknown_device",
]

INPUT = names.ERROR_100022_INVALID_INPUT
CREDENTIALS = names.ERROR_1010005_INVALID_CREDENTIALS
DEVICE = names.ERROR_100418_UNKNOWN_DEVICE
PLAIN = re.compile(r"[A-Za-z0-9_-]+")


def invalid_input(accepted: str) -> Refusal:
    """400 with 100022; ACCEPTED is broken when the input is taken as valid."""
    return Refusal(
        codes=(codes.INVALID_INPUT,), accepted=accepted, row=INPUT, blames=((codes.UNKNOWN_DEVICE, accepted),)
    )


def invalid_credentials(accepted: str, *others: str) -> Refusal:
    """403 with 1010005, or one of the OTHERS; ACCEPTED is broken when the call is carried out."""
    # Looking for the device means that the credentials were taken, as another application's perhaps.
    return Refusal(
        (codes.INVALID_CREDENTIALS, *others),
        accepted=accepted,
        row=CREDENTIALS,
        blames=((codes.UNKNOWN_DEVICE, accepted),),
    )


def unknown_device(accepted: str, valid: str | None = None) -> Refusal:
    """200 with 100418; ACCEPTED is broken when the call is carried out, VALID when its input is refused as invalid."""
    return Refusal(
        (codes.UNKNOWN_DEVICE,), accepted=accepted, row=DEVICE, blames=((codes.INVALID_INPUT, valid),) if valid else ()
    )


INVALID_BODY = invalid_input(names.BODY_JSON_OBJECT)
WRONG_APP_KEY = invalid_credentials(names.APP_KEY_VALID, codes.UNKNOWN_APPLICATION, codes.UNAUTHORIZED_APPLICATION)
UNKNOWN_DEVICE = unknown_device(names.DEVICE_KNOWN)
# That the device isn't there means that it was looked for in the application that the appId names.
LOOKED_FOR_THERE = ((codes.UNKNOWN_DEVICE, "app-id-and-device"),)
UNKNOWN_APPLICATION = Refusal(
    (codes.UNKNOWN_APPLICATION,),
    accepted=names.APP_ID_KNOWN,
    row=names.ERROR_100203_UNKNOWN_APPLICATION,
    explained=LOOKED_FOR_THERE,
)
UNAUTHORIZED_APPLICATION = Refusal(
    (codes.UNAUTHORIZED_APPLICATION,),
    accepted=names.APP_ID_AUTHORIZED,
    row=names.ERROR_100217_UNAUTHORIZED_APPLICATION,
    explained=LOOKED_FOR_THERE,
)
THROTTLED = Refusal((codes.FLOW_CONTROL,), accepted=names.FLOW_CONTROL_ENFORCED, row=names.ERROR_1010009_FLOW_CONTROL)
CONGESTED = Refusal((codes.CONGESTION,), accepted=names.CONGESTION_REFUSED, row=names.ERROR_100501_CONGESTION)
FAILED_INSIDE = Refusal(
    (codes.INTERNAL_ERROR,), accepted=names.INTERNAL_ERROR_REPORTED, row=names.ERROR_100001_INTERNAL_ERROR
)


def allowing_ambiguous_input(refusal: Refusal, draft: Draft) -> Refusal:
    """REFUSAL with invalid input beside it, where the document leaves open whether something about DRAFT is valid.

    That is so without Authorization (missing-authorization), and of a deviceId or appId that isn't sure to be one
    (device-id-characters, app-id-length).
    """
    unclear = (
        (codes.INVALID_CREDENTIALS in refusal.codes and not draft.header("Authorization"))
        or (codes.UNKNOWN_APPLICATION in refusal.codes and not _is_plain(draft.app_id or ""))
        or (codes.UNKNOWN_DEVICE in refusal.codes and not _is_plain(draft.device_id))
    )
    if not unclear or codes.INVALID_INPUT in refusal.codes:
        return refusal
    blames = tuple(blame for blame in refusal.blames if blame[0] != codes.INVALID_INPUT)
    return replace(refusal, codes=(*refusal.codes, codes.INVALID_INPUT), blames=blames)


def _is_plain(text: str) -> bool:
    """Whether TEXT is sure to be an identifier."""
    return len(text) <= LONGEST_ID and PLAIN.fullmatch(text) is not None
