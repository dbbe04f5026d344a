"""States of the platform in which every call is refused: congestion and internal errors."""

from __future__ import annotations

from conformance.case.conversation import Conversation
from conformance.case.refusals import CONGESTED, FAILED_INSIDE
from conformance.case.registry import case


@case("congestion", proves=("no-effect-congestion",), refuses=(CONGESTED,), alone=True, order=1)
def test_congestion(talk: Conversation) -> None:
    """While the network is congested every call is refused with 503 and 100501, and changes nothing."""
    device = talk.device(pending=2)
    with talk.run.provider.congestion():
        indices = [talk.send(talk.plain(device.device.id), CONGESTED.describe(), fresh=True) for _ in range(2)]
    for index in indices:
        talk.judge_refused(index, CONGESTED)
    talk.unchanged_unless_accepted(device, CONGESTED, "no-effect-congestion", index)


@case("internal-error", refuses=(FAILED_INSIDE,), alone=True, order=1)
def test_internal_error(talk: Conversation) -> None:
    """A call that fails inside is answered 500 with 100001."""
    device = talk.device(pending=0)
    with talk.run.provider.internal_error():
        indices = [talk.send(talk.plain(device.device.id), FAILED_INSIDE.describe(), fresh=True) for _ in range(2)]
    for index in indices:
        talk.judge_refused(index, FAILED_INSIDE)
