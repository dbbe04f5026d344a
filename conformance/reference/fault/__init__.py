"""The registry of faults."""

from __future__ import annotations

from conformance.reference.edits import Fault
from conformance.reference.fault import (
    contexts,
    credentials,
    effects,
    inputs,
    members,
    memories,
    moments,
    rows,
    selection,
    states,
    tenants,
    transport,
    truth,
)

_FAULTS = (
    *rows.FAULTS,
    *members.FAULTS,
    *inputs.FAULTS,
    *credentials.FAULTS,
    *selection.FAULTS,
    *effects.FAULTS,
    *states.FAULTS,
    *transport.FAULTS,
    *contexts.FAULTS,
    *truth.FAULTS,
    *tenants.FAULTS,
    *moments.FAULTS,
    *memories.FAULTS,
)


def faults() -> tuple[Fault, ...]:
    """Every fault, each with a name of its own."""
    return _FAULTS
