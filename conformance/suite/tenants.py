"""Several applications on one platform: acting for another, and never being taken for another."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from conformance.case.identifiers import unknown_like
from conformance.case.prepared import Prepared, revoked
from conformance.case.refusals import (
    UNAUTHORIZED_APPLICATION,
    UNKNOWN_DEVICE,
    WRONG_APP_KEY,
    invalid_credentials,
    unknown_device,
)
from conformance.client.draft import Draft
from conformance.contract.meaning import EFFECTS, PENDING, UNDELIVERED, MustStay, State
from conformance.contract.refused import Refusal
from conformance.exceptions import Unprepared
from conformance.provider.states import SecondApplication
from conformance.run.case_context import CaseContext
from conformance.run.concurrency import busy
from conformance.suite.registry import case

ACTING, APART, LATER_STAY = "app-id-acting-for", "callers-kept-apart", "later-commands-stay"
WRONG_TOKEN = invalid_credentials("access-token-valid", "100203", "100217")
FOREIGN = unknown_device("device-own")
NOT_AUTHORIZED = replace(UNAUTHORIZED_APPLICATION, codes=("100217", "100418"), explained=())


def by(second: SecondApplication, draft: Draft, edit: str) -> Draft:
    """DRAFT with the credentials of SECOND."""
    return draft.with_header("app_key", second.app_key, edit).with_header(
        "Authorization", f"Bearer {second.access_token}", edit
    )


def with_one_more(ctx: CaseContext, prepared: Prepared) -> Prepared:
    """The device, whose commands were revoked, with one new pending command, which the revocation must leave alone."""
    queued = ctx.provider.queue_command(prepared.id)
    stays = {queued: MustStay(PENDING, LATER_STAY, may_progress=True)}
    ctx.skip_if(not ctx.revocations.stays(prepared, stays), "what was queued after the revocation was revoked too")
    return replace(prepared, device=replace(prepared.device, pending=(queued,)))


# Before calls that name no application: they mustn't be made for the one that this call names.
@case(
    "app-id-of-an-authorizing-application",
    proves=(ACTING,),
    general=(LATER_STAY,),
    accepts=True,
    after="accepted-nothing-pending",
)
def test_acting_for(ctx: CaseContext) -> None:
    """A call for another application's device is carried out if that application has authorised the caller."""
    others = bystanders(ctx)
    device = ctx.devices.authorized_application(pending=3)
    app_id = device.app_id
    edit = "deviceId and appId are those of an application that has authorised the caller"
    draft = ctx.calls.plain(device.id).with_app_id(app_id, edit)
    others = tuple(other for other in others if other.id != device.id)
    pending, kept = one_delivered(ctx, device)
    for other in others:
        kept |= other.bystander("keep-other-devices")
    index = ctx.calls.must_accept(draft, device.id, ACTING, pending=pending, app_id=app_id)
    carried_out = ctx.revocations.observe(index, (device, *others), State(pending, kept, missed=ACTING))
    if not carried_out or ctx.failed(ACTING, *EFFECTS):
        return
    kept |= revoked(replace(device.device, pending=pending))
    try:
        later = with_one_more(ctx, device)
    except Unprepared:
        # It is tested with what is pending at first; not every provider can queue one more.
        return
    # Another part of a target may read the media type of such calls.
    edit = f"{edit}, once one more command is pending, with a charset"
    pending, draft = later.pending, draft.with_header("Content-Type", "application/json; charset=UTF-8", edit)
    index = ctx.calls.must_accept(draft, device.id, ACTING, pending=pending, app_id=app_id)
    ctx.revocations.observe(index, (later, *others), State(pending, kept, missed=ACTING))


def bystanders(ctx: CaseContext) -> tuple[Prepared, ...]:
    """Devices of the caller, the authorising application and another, which calls for others must leave alone."""
    if ctx.provider.kind != "hook":
        return ()
    with suppress(Unprepared):
        own, foreign = ctx.devices.device(pending=1), ctx.devices.foreign_device(pending=1)
        return own, ctx.devices.authorized_application(pending=1), foreign
    return ()


def one_delivered(ctx: CaseContext, prepared: Prepared) -> tuple[tuple[str, ...], dict[str, MustStay]]:
    """What is pending for the device, and what must stay, once its first command was delivered, where that can be."""
    first, *rest = prepared.pending
    with suppress(Unprepared):
        status = ctx.provider.deliver_command(prepared.id, first)
        if status not in UNDELIVERED:
            return tuple(rest), prepared.kept() | {first: MustStay(status, "keep-delivered", may_progress=True)}
    return prepared.pending, prepared.kept()


ALL_CHECKS = (WRONG_TOKEN, WRONG_APP_KEY, FOREIGN, UNKNOWN_DEVICE)


@case(
    "app-id-of-an-authorizing-application-checked",
    general=tuple(requirement for refusal in ALL_CHECKS for requirement in refusal.requirements),
    refuses=ALL_CHECKS,
    calls=4,
    after="app-id-of-an-authorizing-application",
)
def test_acting_for_is_checked(ctx: CaseContext) -> None:
    """Who calls for an application that has authorised them needs a valid token and app_key, and names its device."""
    ctx.skip_if(ctx.state.seems_broken(ACTING), "such calls aren't even carried out when they are right")
    device = ctx.devices.authorized_application(pending=1)
    plain = ctx.calls.plain(device.id).with_app_id(device.app_id, "for the authorising application")

    def send(draft: Draft, refusal: Refusal, untouched: Prepared, unchanged: str) -> None:
        index = ctx.refusals.send(draft, refusal)
        ctx.refusals.unchanged_unless_accepted(untouched, refusal, unchanged, index)
        ctx.skip_if(ctx.failed(refusal.accepted), "a call that ought to be refused was carried out")

    named = ctx.calls.plain(unknown_like(device.id)).body
    nobodys = "for the authorising application, with a deviceId that was never allocated"
    send(plain.with_body(named, nobodys), UNKNOWN_DEVICE, device, "no-effect-device")
    token, key = "Bearer none-that-was-issued", "nobodys-application-key"
    wrong = plain.with_header("Authorization", token, "for the authorising application, with a made-up token")
    send(wrong, WRONG_TOKEN, device, "no-effect-credentials")
    wrong = plain.with_header("app_key", key, "for the authorising application, with a made-up app_key")
    send(wrong, WRONG_APP_KEY, device, "no-effect-credentials")
    foreign = ctx.devices.foreign_device(pending=1)
    named = ctx.calls.plain(foreign.id).body
    wrong = plain.with_body(named, "for the authorising application, with a device of a third one")
    send(wrong, FOREIGN, foreign, "no-effect-device")


@case(
    "two-applications",
    proves=(APART,),
    general=(*FOREIGN.requirements, LATER_STAY),
    accepts=True,
    refuses=(FOREIGN,),
    order=1,
    calls=6,
)
def test_two_applications(ctx: CaseContext) -> None:
    """Two applications call in turn, then simultaneously; each reaches its own device, and never the other's."""
    second, theirs = ctx.devices.second_application(pending=1)
    own = ctx.devices.device(pending=1)
    edit = "the same call by a second application"
    drafts = (ctx.calls.plain(own.id), by(second, ctx.calls.plain(theirs.id), edit))
    app_ids = (ctx.credentials.own_app_id(), second.app_id)
    # On one connection, so that what is kept on it shows.
    made = []
    for draft, one, app_id in zip(drafts, (own, theirs), app_ids, strict=True):
        index = ctx.calls.send(draft, "201 with a task")
        ctx.calls.observe_valid(index, one.id, APART, one.pending, app_id=app_id)
        made.append(index)
    for index, one in zip(made, (own, theirs), strict=True):
        ctx.revocations.observe(index, (one,), State(one.pending, one.kept(), missed=APART))
    ctx.skip_if(ctx.failed(APART), "not even two calls one after the other were told apart")
    own, theirs = with_one_more(ctx, own), with_one_more(ctx, theirs)
    for draft, one in (
        (by(second, ctx.calls.plain(own.id), "our device by a second application"), own),
        (replace(ctx.calls.plain(theirs.id), edit="a second application's device by ours"), theirs),
    ):
        index = ctx.refusals.send(draft, FOREIGN)
        ctx.refusals.unchanged_unless_accepted(one, FOREIGN, "no-effect-device", index)
    ctx.skip_if(ctx.failed("device-own"), "the other application's device was reached")
    _at_the_same_time(ctx, drafts, (own, theirs), app_ids)


def _at_the_same_time(
    ctx: CaseContext, drafts: tuple[Draft, ...], devices: tuple[Prepared, ...], app_ids: tuple[str, ...]
) -> None:
    """Each application's valid call at the same time: what is wrong then and wasn't before is due to the other."""
    exchanges = ctx.client.send_together(drafts, expected="201 with a task")
    for exchange, one, app_id in zip(exchanges, devices, app_ids, strict=True):
        if busy((exchange,)):
            ctx.state.note(
                "Two applications were only compared in turn, because of congestion when both called at once."
            )
            continue
        index = ctx.calls.record(exchange)
        ctx.calls.observe_valid(index, one.id, APART, one.pending, app_id=app_id, apart=APART)
        ctx.revocations.observe(index, (one,), State(one.pending, one.kept(), missed=APART), apart=APART)


@case("credentials-of-two-applications", general=WRONG_APP_KEY.requirements, refuses=(WRONG_APP_KEY,), order=1)
def test_mixed_credentials(ctx: CaseContext) -> None:
    """A call with one application's token and another's app_key is refused, whichever of the two is the caller's."""
    second, theirs = ctx.devices.second_application(pending=1)
    own = ctx.devices.device(pending=1)
    token = f"Bearer {second.access_token}"
    for draft, one in (
        (ctx.calls.plain(own.id).with_header("Authorization", token, "a second application's token"), own),
        (ctx.calls.plain(theirs.id).with_header("app_key", second.app_key, "a second one's app_key"), theirs),
    ):
        index = ctx.refusals.send(draft, WRONG_APP_KEY)
        ctx.refusals.unchanged_unless_accepted(one, WRONG_APP_KEY, "no-effect-credentials", index)


@case(
    "app-id-authorized-to-another-caller",
    refuses=(NOT_AUTHORIZED,),
    general=NOT_AUTHORIZED.requirements,
    order=1,
    after="two-applications",
)
def test_grant_of_another(ctx: CaseContext) -> None:
    """An authorisation that one application was given, and has used, is of no use to another application."""
    second, _ = ctx.devices.second_application(pending=0)
    device = ctx.devices.authorized_application(pending=1)
    app_id = device.app_id
    edit = "a second application's call for one that has authorised only us"
    draft = by(second, ctx.calls.plain(device.id).with_app_id(app_id, edit), edit)
    index = ctx.refusals.send(draft, NOT_AUTHORIZED)
    ctx.refusals.unchanged_unless_accepted(device, NOT_AUTHORIZED, "no-effect-application", index)
