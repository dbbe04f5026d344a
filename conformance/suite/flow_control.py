"""Flow control: as many calls a minute as the threshold says, and not one more."""

from __future__ import annotations

from conformance.case.refusals import THROTTLED
from conformance.run import flow_control
from conformance.run.case_context import CaseContext
from conformance.suite.registry import case

THRESHOLD = 3
THRESHOLDS = (THRESHOLD, 10)
"""The second one where the target can't be brought down to the first."""

NO_EFFECT = "no-effect-flow-control"


@case(
    "flow-control-threshold",
    proves=("flow-control-allowance", NO_EFFECT),
    accepts=True,
    refuses=(THROTTLED,),
    order=2,
    calls=THRESHOLD + 3,
)
def test_threshold(ctx: CaseContext) -> None:
    """As many calls a minute as the threshold allows are accepted; further calls are refused and change nothing."""
    flow_control.exceed(ctx, THRESHOLDS)


@case("flow-control-recovery", proves=("flow-control-recovers",), refuses=(THROTTLED,), slow=True, order=2)
def test_recovery(ctx: CaseContext) -> None:
    """Above the threshold, calls are refused until the minute has passed, and then accepted again."""
    ctx.skip_if(not ctx.options.slow, "it takes about five minutes: run with --slow")
    flow_control.recover(ctx, THRESHOLD)


@case(
    "flow-control-exhausted",
    proves=("flow-control-allowance", NO_EFFECT),
    refuses=(THROTTLED,),
    order=9,
    instead_of="flow-control-threshold",
)
def test_exhausted(ctx: CaseContext) -> None:
    """One call more than the target's real threshold allows in a minute is refused and changes nothing."""
    ctx.skip_if(not ctx.options.exhaust, "it uses up the target's real allowance: run with --exhaust-flow-control")
    flow_control.exhaust(ctx)
