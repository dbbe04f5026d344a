"""The cases that frame every run: the control call first and last, and the look for late effects in between."""

from __future__ import annotations

from conformance.case.case import Case
from conformance.contract import names
from conformance.contract.accepted import accepted_requirements
from conformance.contract.codes import UNKNOWN_DEVICE
from conformance.contract.meaning import LISTING
from conformance.contract.refused import REFUSED_GENERAL

__all__ = ["CONTROL_FIRST", "CONTROL_LAST", "FRAME", "LATE_EFFECTS"]

CHAPTER = "control"
ANSWERED = (
    *accepted_requirements(),
    *LISTING,
    names.REVOKE_ALL_PENDING,
    names.REVOKE_KEEPS_RECORD,
    names.TASK_STATUS_TRUE,
)

CONTROL_FIRST = Case(
    "control-first",
    "The plain valid call is accepted before anything else is tried.",
    CHAPTER,
    (names.CALL_ACCEPTED,),
    (*ANSWERED, names.TRANSPORT_HTTPS),
    codes=frozenset({UNKNOWN_DEVICE}),
)
LATE_EFFECTS = Case(
    "late-effects",
    "Seconds after the calls, commands that had to be left alone are unchanged, and revoked ones are still revoked.",
    CHAPTER,
    (),
    (
        *names.NO_EFFECT,
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
    (*ANSWERED, *names.NO_EFFECT, *REFUSED_GENERAL, names.KEEP_OTHER_DEVICES),
    codes=frozenset({UNKNOWN_DEVICE}),
)
FRAME = (CONTROL_FIRST, LATE_EFFECTS, CONTROL_LAST)
