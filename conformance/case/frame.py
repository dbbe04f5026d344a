"""The cases that frame every run: the control call first and last, and the look for late effects in between."""

from __future__ import annotations

from conformance.case.case import Case
from conformance.contract import codes
from conformance.contract.accepted import accepted_requirements
from conformance.contract.meaning import LISTING
from conformance.contract.refused import REFUSED_GENERAL, Refusal

__all__ = ["CONTROL_FIRST", "CONTROL_LAST", "FRAME", "LATE_EFFECTS", "REFUSED", "UNKNOWN_DEVICE"]

CHAPTER = "control"
ANSWERED = (*accepted_requirements(), *LISTING, "revoke-all-pending", "revoke-keeps-record", "task-status-true")

UNKNOWN_DEVICE = Refusal(codes=(codes.UNKNOWN_DEVICE,), accepted="device-known", row="error-100418-unknown-device")
"""What the control call is answered where no device can be prepared for it."""

CONTROL_FIRST = Case(
    "control-first",
    "The plain valid call is accepted before anything else is tried.",
    CHAPTER,
    ("call-accepted",),
    (*ANSWERED, "transport-https"),
)
REFUSED = tuple(
    f"no-effect-{kind}" for kind in ("credentials", "application", "device", "input", "flow-control", "congestion")
)
"""What refused calls break when they have an effect."""

LATE_EFFECTS = Case(
    "late-effects",
    "Seconds after the calls, every command that had to be left alone still is, and every revoked one stays revoked.",
    CHAPTER,
    (),
    (
        *REFUSED,
        "keep-delivered",
        "keep-finished",
        "keep-other-devices",
        "keep-foreign-device",
        "later-commands-stay",
        "revoke-all-pending",
        "revoke-keeps-record",
    ),
)
CONTROL_LAST = Case(
    "control-last",
    "The plain valid call is still accepted after everything else, and revokes what refused calls were made for.",
    CHAPTER,
    ("call-accepted",),
    (*ANSWERED, *REFUSED, *REFUSED_GENERAL),
)
FRAME = (CONTROL_FIRST, LATE_EFFECTS, CONTROL_LAST)
