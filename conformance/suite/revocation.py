"""What the call means: which commands it revokes, and which it must leave alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

from conformance.case.prepared import Prepared, revoked
from conformance.case.refusals import unknown_device
from conformance.contract.meaning import CANCELED, EFFECTS, LISTING, SETTLED, UNDELIVERED, MustStay, State
from conformance.exceptions import Unprepared
from conformance.run.case_context import CaseContext
from conformance.run.concurrency import revoke_together
from conformance.run.revocations import REVOKED
from conformance.suite.registry import case

CARRIED_OUT = ("revoke-all-pending", "revoke-keeps-record")
MANY = (300, 150, 30)
"""More than one page, and a multiple of the usual sizes; less where the provider can't prepare so many."""

SEVERAL = (12, 5, 2)
SOME_PAGES = (130, 2)
"""More than a page of the usual sizes, the last of which isn't full."""


FINISHED = dict.fromkeys(SETTLED, 1)


@case("revocation-leaves-the-rest", proves=("keep-delivered", "keep-finished", "keep-other-devices"), accepts=True)
def test_leaves_the_rest(ctx: CaseContext) -> None:
    """If a device has commands in several states, only its pending ones are revoked; other devices keep theirs."""
    # If there is room, one device was registered before the one that the call names; another is registered after it.
    before = ctx.devices.bystander(pending=2) if ctx.provider.roomy else ()
    device = ctx.devices.mixed_device(pending=2, delivered=2, others=FINISHED)
    bystanders = (*before, *ctx.devices.bystander(pending=2))
    ctx.revocations.revoke(device, draft=ctx.calls.as_documented(device.id), bystanders=bystanders)


@case("revocation-of-none-leaves-the-rest", accepts=True, after="accepted-nothing-pending")
def test_nothing_pending_leaves_the_rest(ctx: CaseContext) -> None:
    """If a device has only delivered and finished commands, the task is empty and they stay as they are."""
    device = ctx.devices.mixed_device(pending=0, delivered=2, others=FINISHED)
    ctx.revocations.revoke(device, blame="nothing-pending-empty-task")


@case("revocation-of-twelve", proves=(*LISTING, *CARRIED_OUT), accepts=True, after="token-in-another-header")
def test_twelve(ctx: CaseContext) -> None:
    """Twelve pending commands are all listed and revoked, even while another device's commands are being revoked."""
    others = ctx.devices.bystander(pending=1) if ctx.provider.roomy else ()
    device = _first_of(ctx.devices.device, SEVERAL)
    ctx.revocations.revoke_in_turn((device, *_besides(device, others)))


def _first_of(prepare: Callable[[int], Prepared], sizes: tuple[int, ...]) -> Prepared:
    """A device with the first of SIZES, numbers of pending commands, that the provider can prepare."""
    problems = []
    for size in sizes:
        try:
            return prepare(size)
        except Unprepared as problem:
            problems.append(problem)
    raise Unprepared(f"{problems[0]}; {sizes[-1]} would be enough")


@case("revocation-of-many", proves=(*LISTING, *CARRIED_OUT), accepts=True, after="app-id-unauthorized-with-its-device")
def test_many(ctx: CaseContext) -> None:
    """Hundreds of pending commands, more than fit on one page, are all listed and revoked."""
    ctx.revocations.revoke(_first_of(ctx.devices.device_with_history, MANY))


@case(
    "revocation-again",
    proves=("second-call-empty", "later-commands-stay", "later-commands-revoked-next"),
    accepts=True,
    after="device-id-length-64",
    calls=3,
)
def test_again(ctx: CaseContext) -> None:
    """A second call finds nothing; commands queued later stay pending until the next call, which revokes only them."""
    sizes = SOME_PAGES if ctx.provider.kind == "hook" else SOME_PAGES[-1:]
    first = _first_of(ctx.devices.device_with_history, sizes)
    device = first.device
    ctx.skip_if(not ctx.revocations.revoke(first), "the first call was not carried out")
    ctx.skip_if(ctx.failed(*CARRIED_OUT), "the first call did not revoke what was pending")
    done = first.kept() | revoked(device)
    ctx.revocations.revoke(first, state=State((), done), blame="second-call-empty")

    queued = (ctx.provider.queue_command(device.id), ctx.provider.queue_command(device.id))
    later = replace(first, device=replace(device, pending=queued))
    ctx.revocations.still_pending(later, "later-commands-stay")
    state = State(queued, done, missed="later-commands-revoked-next")
    ctx.revocations.revoke(later, state=state, blame="later-commands-revoked-next")


FOREIGN = unknown_device("device-own")
# Further members may be refused, or read as those of the query; two values may be read as one, which names nobody.
FOREIGN_AND_NAMED = replace(
    FOREIGN,
    codes=("100418", "100022", "100203", "100217"),
    blames=(("100001", "request-json-equivalence"),),
)


@case(
    "revocation-foreign-device",
    proves=("keep-foreign-device",),
    refuses=(FOREIGN, FOREIGN_AND_NAMED),
    general=("error-100418-unknown-device", "request-json-equivalence"),
)
def test_foreign_device(ctx: CaseContext) -> None:
    """A call for another application's device is refused as if it were unknown, and leaves its commands alone."""
    # One that has nothing pending: what looks for commands before it looks at whose device it is finds nothing.
    idle = ctx.devices.foreign_device(pending=0) if ctx.provider.kind == "hook" else None
    foreign = ctx.devices.foreign_device(pending=2)
    draft = replace(ctx.calls.plain(foreign.id), edit="deviceId is a device of another application")
    other = idle or foreign
    members = {"deviceId": other.id, "appId": other.app_id}
    edit = "deviceId, appId in the body and the last appId in the query are those of another application"
    # Behind the caller's own, as one part of a target may look at the first, and another one at the last.
    named = ctx.calls.with_optional_parts(draft.with_body(json.dumps(members).encode("ascii"), edit))
    named = named.with_parameter(urlencode({"appId": other.app_id}), named.edit)
    for call, wanted in ((draft, FOREIGN), (named, FOREIGN_AND_NAMED)):
        index = ctx.refusals.send(call, wanted)
    if ctx.failed("device-own"):
        ctx.transcript.mark_untested(("keep-foreign-device",), "the call was not refused")
    else:
        ctx.refusals.unchanged(foreign, "keep-foreign-device", index)


# After the others, as a target may list its tasks in the order in which it happens to make them.
@case("revocation-at-the-same-time", proves=("concurrent-calls",), accepts=True, order=1, calls=3)
def test_at_the_same_time(ctx: CaseContext) -> None:
    """Two simultaneous calls for one device are both answered; every command is listed and becomes CANCELED."""
    # A third one at the same time, for another device, must be answered for that one.
    others = ctx.devices.bystander(pending=1) if ctx.provider.roomy else ()
    device = ctx.devices.device(pending=6)
    revoke_together(ctx, device, 2, *_besides(device, others))


BURST = 16


@case("burst-for-one-device", general=("concurrent-calls",), accepts=True, order=6, calls=BURST)
def test_burst_for_one_device(ctx: CaseContext) -> None:
    """Sixteen simultaneous calls for one device all succeed; every command is listed and becomes CANCELED."""
    revoke_together(ctx, ctx.devices.device(pending=6), BURST)


@case("burst-for-many-devices", general=("concurrent-calls",), accepts=True, order=6, calls=BURST)
def test_burst_for_many_devices(ctx: CaseContext) -> None:
    """Sixteen simultaneous calls for sixteen devices all succeed, and no device is left out."""
    ctx.skip_if(not ctx.provider.roomy, "the provider doesn't have that many devices")
    first, *others = (ctx.devices.device(pending=1) for _ in range(BURST))
    ids = {first.id, *(other.id for other in others)}
    ctx.skip_if(len(ids) < BURST, f"{BURST} devices are needed at a time, the provider gave {len(ids)}")
    revoke_together(ctx, first, 1, *others)


def _besides(device: Prepared, others: tuple[Prepared, ...]) -> tuple[Prepared, ...]:
    """OTHERS without DEVICE: a hook may have one device only."""
    return tuple(other for other in others if other.id != device.id)


@case(
    "delivered-in-the-meantime",
    general=("keep-delivered", "revoke-all-pending"),
    accepts=True,
    after="accepted-several-pending",
)
def test_delivered_meanwhile(ctx: CaseContext) -> None:
    """What is delivered between the answer and the execution stays delivered; what was revoked is never delivered."""
    # The one that is delivered meanwhile is neither the first nor the last that is revoked.
    prepared = ctx.devices.device(pending=4)
    identity, (earlier, before, meanwhile, after) = prepared.id, prepared.pending
    rest = [before, after]
    kept: dict[str, MustStay] = {}
    # Where the state isn't known, no call is made.
    status = ctx.provider.deliver_command(identity, earlier)
    if status in UNDELIVERED:
        rest.append(earlier)
    else:
        kept[earlier] = MustStay(status, "keep-delivered", may_progress=True)
    index = ctx.calls.must_accept(ctx.calls.plain(identity), identity, pending=(meanwhile, *rest))
    status = ctx.provider.deliver_command(identity, meanwhile)
    if revocable := status == CANCELED or status in UNDELIVERED:
        # Carried out already, or claimed by the task.
        rest.append(meanwhile)
    else:
        # It was pending when the list was made.
        kept[meanwhile] = MustStay(status, "keep-delivered", if_listed=None, may_progress=True)
    carried_out = ctx.revocations.observe(index, (prepared,), State(tuple(rest), kept | prepared.kept()))
    if carried_out and not ctx.failed(*EFFECTS):
        # What still waits somewhere to be sent would be sent now.
        ctx.provider.deliver_command(identity, rest[0])
        ctx.revocations.stays(prepared, {rest[0]: REVOKED})
    if revocable:
        words = "the task was carried out, or had claimed the command, before it could be delivered"
        ctx.transcript.mark_inconclusive("keep-delivered", words)
