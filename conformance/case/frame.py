"""The cases that frame every run: the control call first and last, and the look for late effects in between."""

from __future__ import annotations

from conformance.case.case import Case
from conformance.contract import codes, names
from conformance.contract.accepted import accepted_requirements
from conformance.contract.meaning import LISTING
from conformance.contract.refused import REFUSED_GENERAL, Refusal

__all__ = ["CONTROL_FIRST", "CONTROL_LAST", "FRAME", "LATE_EFFECTS", "REFUSED", "UNKNOWN_DEVICE"]

CHAPTER = "control"
ANSWERED = (
    *accepted_requirements(),
    *LISTING,
    names.REVOKE_ALL_PENDING,
    names.REVOKE_KEEPS_RECORD,
    names.TASK_STATUS_TRUE,
)

UNKNOWN_DEVICE = Refusal(
    codes=(codes.UNKNOWN_DEVICE,), accepted=names.DEVICE_KNOWN, row=names.ERROR_100418_UNKNOWN_DEVICE
)
"""What the control call is answered where no device can be prepared for it."""

CONTROL_FIRST = Case(
    "control-first",
    "The plain valid call is accepted before anything else is tried.",
    CHAPTER,
    (names.CALL_ACCEPTED,),
    (*ANSWERED, names.TRANSPORT_HTTPS),
)
REFUSED = tuple(
    f"no-effect-{kind}" for kind in ("credentials", "application", "device", "input", "flow-control", "congestion")
)
"""What refused calls break when they have an effect."""

LATE_EFFECTS = Case(
    "late-effects",
    "Seconds after the calls, commands that had to be left alone are unchanged, and revoked ones are still revoked.",
    CHAPTER,
    (),
    (
        *REFUSED,
        names.KEEP_DELIVERED,
        names.KEEP_FINISHED,
        names.KEEP_OTHER_DEVICES,
        names.KEEP_FOREIGN_DEVICE,
        names.LATER_COMMANDS_STAY,
        names.REVOKE_ALL_PENDING,
        names.REVOKE_KEEPS_RECORD,
    ),
)
CONTROL_LAST = Case(
    "control-last",
    "The plain valid call is still accepted at the end, even for a device that refused calls have named.",
    CHAPTER,
    (names.CALL_ACCEPTED,),
    (*ANSWERED, *REFUSED, *REFUSED_GENERAL),
)
FRAME = (CONTROL_FIRST, LATE_EFFECTS, CONTROL_LAST)
