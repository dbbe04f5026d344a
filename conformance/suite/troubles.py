"""States of the platform in which every call is refused: congestion and internal errors."""

from __future__ import annotations

from conformance.case.conversation import Conversation
from conformance.case.refusals import CONGESTED, FAILED_INSIDE
from conformance.case.registry import case


@case("congestion", proves=("no-effect-congestion",), refuses=(CONGESTED,), alone=True, order=1)
def test_congestion(talk: Conversation) -> None:
    """While the network is congested every call is refused with 503 and 100501, and changes nothing."""
    # Whether there is such a state at all comes first; then in this order, as a hook may have one device only.
    state = talk.run.provider.congestion()
    idle, device = talk.device(pending=0), talk.device(pending=2)
    calls = (talk.plain(device.device.id), talk.in_context(talk.plain(idle.device.id)))
    talk.run.client.pacer.admit(len(calls))
    with state:
        indices = [talk.send(call, CONGESTED.describe(), fresh=True, paced=False) for call in calls]
    for index in indices:
        talk.judge_refused(index, CONGESTED)
    talk.unchanged_unless_accepted(device, CONGESTED, "no-effect-congestion", indices[0])


@case("internal-error", refuses=(FAILED_INSIDE,), alone=True, order=1)
def test_internal_error(talk: Conversation) -> None:
    """A call that fails inside is answered 500 with 100001."""
    state = talk.run.provider.internal_error()
    device = talk.device(pending=0)
    with state:
        calls = (talk.plain(device.device.id), talk.in_context(talk.plain(device.device.id)))
        indices = [talk.send(call, FAILED_INSIDE.describe(), fresh=True) for call in calls]
    for index in indices:
        talk.judge_refused(index, FAILED_INSIDE)
