"""Flow control: as many calls a minute as the threshold says, and not one more."""

from __future__ import annotations

from conformance.case import allowance
from conformance.case.conversation import Conversation
from conformance.case.refusals import THROTTLED
from conformance.case.registry import case

THRESHOLD = 3
THRESHOLDS = (THRESHOLD, 10)
"""The second one where the target can't be brought down to the first."""

NO_EFFECT = "no-effect-flow-control"


@case(
    "flow-control-threshold",
    proves=("flow-control-allowance", NO_EFFECT),
    accepts=True,
    refuses=(THROTTLED,),
    alone=True,
    order=2,
)
def test_threshold(talk: Conversation) -> None:
    """As many calls a minute as the threshold says, three, are admitted; further ones are refused, change nothing."""
    allowance.exceed(talk, THRESHOLDS)


@case("flow-control-recovery", proves=("flow-control-recovers",), refuses=(THROTTLED,), alone=True, slow=True, order=2)
def test_recovery(talk: Conversation) -> None:
    """Calls are refused until the minute has passed, and admitted again then."""
    talk.stop_if(not talk.run.slow, "it waits for more than a minute: run with --slow")
    allowance.recover(talk, THRESHOLD)


@case(
    "flow-control-exhausted",
    proves=("flow-control-allowance", NO_EFFECT),
    refuses=(THROTTLED,),
    alone=True,
    order=9,
    instead_of="flow-control-threshold",
)
def test_exhausted(talk: Conversation) -> None:
    """At the target's real threshold, one call more than it admits in a minute is refused and changes nothing."""
    talk.stop_if(not talk.run.exhaust, "it uses up the target's real allowance: run with --exhaust-flow-control")
    allowance.exhaust(talk)
