"""Calls and observations as a case could have left them: one of each kind, made of plain values."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from conformance.contract.expectation import Expectation
from conformance.contract.meaning import MustStay, State
from conformance.contract.refused import Refusal
from conformance.evidence.exchange import Exchange
from conformance.evidence.finding import Finding
from conformance.record.observation import (
    AppIdDemanded,
    Counted,
    Generated,
    Inconclusive,
    Observation,
    Overrun,
    Proved,
    Reconnected,
    RefusedCall,
    Repeated,
    Revocation,
    Sampled,
    Simultaneous,
    TokenShown,
    Unchanged,
    Unobserved,
    ValidCall,
)
from conformance.verdict.evidence import CaseEvidence, Shown
from conformance.verdict.judging import show
from tests.contract.exchanges import APP, DEVICE, command, exchange, task, unanswered

__all__ = [
    "ACCEPTED",
    "COMMANDS",
    "FAILED",
    "INPUT",
    "NOT_FOUND",
    "OBSERVATIONS",
    "TIMED_OUT",
    "accepted_for",
    "evidence",
    "failure",
    "generated",
    "refusal_of",
    "shown",
    "valid",
]

COMMANDS = (str(command(2)["commandId"]), str(command(1)["commandId"]))
"""What the accepted call lists."""

ACCEPTED = exchange(201, task())
NOT_FOUND = exchange(200, {"error_code": "100418", "error_desc": "not found"})
INVALID = exchange(400, {"error_code": "100022", "error_desc": "invalid"})
FAILED = exchange(500, {"error_code": "100001", "error_desc": "failed"})
THROTTLED = exchange(429, {"error_code": "1010009", "error_desc": "too many"})
TIMED_OUT = unanswered("timeout")
UNKNOWN = Refusal(("100418",), "device-known", "error-100418-unknown-device")
INPUT = Refusal(("100022",), "body-json-object", "error-100022-invalid-input")
CANCELED = dict.fromkeys(COMMANDS, "CANCELED")


def accepted_for(task_id: str) -> Exchange:
    """A call that brought the task of that id."""
    return exchange(201, task(taskId=task_id))


def refusal_of(row: str = UNKNOWN.row) -> Refusal:
    """The refusal of an unknown device; ROW is broken by another one."""
    return replace(UNKNOWN, row=row)


def valid(index: int = 0, **settings: Any) -> ValidCall:
    """The plain valid call at INDEX, for a device whose commands aren't known."""
    return ValidCall(index, DEVICE, APP, **settings)


def generated(index: int, expectation: Expectation, **settings: Any) -> Generated:
    """The smallest of two generated requests of nine that failed."""
    values = {
        "finding": 0,
        "app_id": APP,
        "revoked": (),
        "count": 2,
        "sent": 9,
        "edit": "an edit",
        "edits": ("an edit",),
    }
    return Generated(index, expectation, **{**values, "example": "ab12", **settings})


OBSERVATIONS: dict[type, tuple[Observation, tuple[Exchange, ...]]] = {
    ValidCall: (valid(pending=COMMANDS, special=("second-call-empty",)), (ACCEPTED,)),
    RefusedCall: (RefusedCall(0, UNKNOWN), (NOT_FOUND,)),
    Revocation: (
        Revocation(0, State(COMMANDS, {"c": MustStay("SENT", "keep-delivered")}), CANCELED, CANCELED | {"c": "SENT"}),
        (ACCEPTED,),
    ),
    Unchanged: (Unchanged({"c": MustStay("PENDING", "no-effect-input")}, {"c": "PENDING"}, exchange=0), (INVALID,)),
    Repeated: (Repeated(0, 1, "app-id-optional"), (FAILED, ACCEPTED)),
    Reconnected: (Reconnected(0, 1, "app-id-optional"), (INVALID, ACCEPTED)),
    Simultaneous: (Simultaneous((0,), COMMANDS, COMMANDS, CANCELED), (ACCEPTED,)),
    Counted: (Counted(0), (ACCEPTED,)),
    Overrun: (Overrun(0, 3, 5), (NOT_FOUND,)),
    AppIdDemanded: (AppIdDemanded(0, 1), (INVALID, ACCEPTED)),
    TokenShown: (TokenShown(0, ("the body", "X-Echo")), (ACCEPTED,)),
    Generated: (generated(0, Expectation("generated-token", UNKNOWN)), (FAILED,)),
    Sampled: (Sampled(("answer-json",), {"task-id": "no task came"}, ("t-1",)), ()),
    Unobserved: (Unobserved(("keep-finished",), "no device has any"), ()),
    Inconclusive: (Inconclusive("keep-finished", "none is FAILED"), ()),
    Proved: (Proved(("transport-https",)), ()),
}
"""One of each kind, with the calls that it speaks of."""


def shown(observation: Observation, *exchanges: Exchange, requirements: tuple[str, ...] = ()) -> Shown:
    """What OBSERVATION, about EXCHANGES, shows by itself."""
    return show(observation, exchanges, requirements)


def failure(requirement: str, index: int | None = 0) -> Finding:
    """A violation, seen at the exchange INDEX."""
    return Finding(requirement, "failed", f"{requirement} doesn't hold", "so", "otherwise", index)


def evidence(
    case: str,
    *observations: Observation,
    exchanges: tuple[Exchange, ...] = (),
    requirements: tuple[str, ...] = (),
    **settings: Any,
) -> CaseEvidence:
    """What a case of that id left behind."""
    proves = settings.pop("proves", ())
    found = tuple(show(observation, exchanges, requirements) for observation in observations)
    return CaseEvidence(case, "It is so.", "chapter", proves, requirements, found, exchanges, **settings)


def as_json(value: object) -> Any:
    """VALUE as it comes back from a file of JSON."""
    return json.loads(json.dumps(value))
