"""The refusals that cases demand: codes from the error table, and the requirement that each possible mistake breaks."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from conformance.client.draft import Draft
from conformance.contract.refused import Refusal

__all__ = [
    "CONGESTED",
    "FAILED_INSIDE",
    "INVALID_BODY",
    "THROTTLED",
    "TOO_LARGE",
    "UNAUTHORIZED_APPLICATION",
    "UNKNOWN_APPLICATION",
    "UNKNOWN_DEVICE",
    "allowing_ambiguous_input",
    "invalid_credentials",
    "invalid_input",
    "unknown_device",
]

INPUT = "error-100022-invalid-input"
CREDENTIALS = "error-1010005-invalid-credentials"
DEVICE = "error-100418-unknown-device"
INVALID_CODE, INVALID_CREDENTIALS, UNKNOWN_APP_ID, UNKNOWN_DEVICE_ID = "100022", "1010005", "100203", "100418"
PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")


def invalid_input(accepted: str) -> Refusal:
    """400 with 100022; ACCEPTED is broken when the input is taken as valid."""
    return Refusal(codes=("100022",), accepted=accepted, row=INPUT, blames=(("100418", accepted),))


TOO_LARGE = frozenset({413, 414, 431})
"""HTTP's own answers to what is too large for a server (interpretation very-large-input)."""


def invalid_credentials(accepted: str, *others: str) -> Refusal:
    """403 with 1010005, or one of the OTHERS; ACCEPTED is broken when the call is carried out."""
    # Looking for the device means that the credentials were taken, as another application's perhaps.
    return Refusal(("1010005", *others), accepted=accepted, row=CREDENTIALS, blames=(("100418", accepted),))


def unknown_device(accepted: str, valid: str | None = None) -> Refusal:
    """200 with 100418; ACCEPTED is broken when the call is carried out, VALID when its input is refused as invalid."""
    return Refusal(("100418",), accepted=accepted, row=DEVICE, blames=(("100022", valid),) if valid else ())


INVALID_BODY = invalid_input("body-json-object")
UNKNOWN_DEVICE = unknown_device("device-known")
# That the device isn't there means that it was looked for in the application that the appId names.
LOOKED_FOR_THERE = (("100418", "app-id-and-device"),)
UNKNOWN_APPLICATION = Refusal(
    ("100203",), accepted="app-id-known", row="error-100203-unknown-application", explained=LOOKED_FOR_THERE
)
UNAUTHORIZED_APPLICATION = Refusal(
    ("100217",), accepted="app-id-authorized", row="error-100217-unauthorized-application", explained=LOOKED_FOR_THERE
)
THROTTLED = Refusal(("1010009",), accepted="flow-control-enforced", row="error-1010009-flow-control")
CONGESTED = Refusal(("100501",), accepted="congestion-refused", row="error-100501-congestion")
FAILED_INSIDE = Refusal(("100001",), accepted="internal-error-reported", row="error-100001-internal-error")


def allowing_ambiguous_input(refusal: Refusal, draft: Draft) -> Refusal:
    """REFUSAL with invalid input beside it, where the document leaves open whether something about DRAFT is valid.

    That is so without Authorization (missing-authorization), and of a deviceId or appId that isn't sure to be one
    (device-id-characters, app-id-length).
    """
    unclear = (
        (INVALID_CREDENTIALS in refusal.codes and not draft.header("Authorization"))
        or (UNKNOWN_APP_ID in refusal.codes and not PLAIN.fullmatch(draft.app_id or ""))
        or (UNKNOWN_DEVICE_ID in refusal.codes and not PLAIN.fullmatch(_device_id(draft)))
    )
    if not unclear or INVALID_CODE in refusal.codes:
        return refusal
    blames = tuple(blame for blame in refusal.blames if blame[0] != INVALID_CODE)
    return replace(refusal, codes=(*refusal.codes, INVALID_CODE), blames=blames)


def _device_id(draft: Draft) -> str:
    try:
        value = json.loads(draft.body or b"")["deviceId"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
    return value if isinstance(value, str) else ""
