"""The control calls, first and last, and what is looked for in between: is the target alive, did effects come late?"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from conformance.case.identifiers import unknown_device
from conformance.case.prepared import Prepared
from conformance.case.refusals import UNKNOWN_DEVICE
from conformance.client.reachability import explain, stranger
from conformance.contract import answer as answers
from conformance.contract import codes, names
from conformance.contract.classification import failed_inside
from conformance.contract.meaning import UNDELIVERED, State
from conformance.contract.statuses import UNAUTHORIZED
from conformance.evidence.exchange import Exchange
from conformance.exceptions import NoVerdict, Unprepared
from conformance.record.observation import Unchanged
from conformance.run.case_context import CaseContext
from conformance.run.state import still_pending

__all__ = ["check_alive", "control", "late_effects", "still_refused", "still_serving"]

APPLICATION_CODES = frozenset({codes.UNKNOWN_APPLICATION, codes.UNAUTHORIZED_APPLICATION, codes.INVALID_INPUT})
CONFUSED_CODES = frozenset({codes.UNKNOWN_APPLICATION, codes.UNAUTHORIZED_APPLICATION})
MOST_PROBES = 3


def control(ctx: CaseContext, refused: Sequence[tuple[Prepared, str]] = ()) -> str:
    """The plain valid request, for a device if the provider has one, else for one that doesn't exist.

    REFUSED are the devices that refused calls were made for, each with the requirement that those had no effect: when
    the plain call is accepted for them now, and revokes all, only their edits refused the others. Where one of them
    isn't revoked, a device that no refused call was made for tells whether these are to blame.

    Returns why the control proves less than it could, or "". Raises NoVerdict when none can be had.
    """
    prepared = None
    try:
        prepared = refused[0][0] if refused else ctx.devices.device(pending=1)
    except Unprepared as error:
        ctx.state.health.unreadable = ctx.state.health.unreadable or str(error)
    if prepared is None:
        index = ctx.calls.send(ctx.calls.plain(unknown_device()), "200 with code 100418")
        _verdict_possible(ctx, ctx.transcript.exchanges[index])
        ctx.refusals.observe(index, UNKNOWN_DEVICE)
        if not ctx.transcript.findings:
            ctx.state.health.controlled = True
        _prove_https(ctx)
        return "no device could be prepared, so the control call named one that doesn't exist"
    _accepted(ctx, prepared, refused[0][1] if refused else None)
    for other, requirement in refused[1:]:
        ctx.state.watchlist.release(other.pending)
        if not _left_alone(ctx, other, requirement):
            # What the calls before revoked isn't missed by this one.
            continue
        ctx.revocations.revoke(other, state=_after_refusals(other, requirement), after_refusals=requirement)
    if ctx.failed(*(requirement for _, requirement in refused)):
        _compare(ctx, len(refused[0][0].pending))
    _prove_https(ctx)
    return ""


def _prove_https(ctx: CaseContext) -> None:
    if ctx.context.configuration.target.https:
        # A verified TLS connection carried the call, or there would be no verdict by now.
        ctx.transcript.mark_proved(names.TRANSPORT_HTTPS)


def _accepted(ctx: CaseContext, prepared: Prepared, after_refusals: str | None) -> None:
    """The plain call for PREPARED, which the verdict rests on."""
    device, health = prepared.device, ctx.state.health
    ctx.state.watchlist.release(device.pending)
    index = ctx.calls.send(ctx.calls.plain(device.id), "201 with a task", fresh=True)
    if not ctx.revocations.accepted(index) and not health.opened and _demands_app_id(ctx, index):
        named = ctx.calls.send(ctx.calls.plain(device.id), "201 with a task", fresh=True)
        ctx.calls.observe_demand(index, named)
        index = named
    ctx.calls.observe_valid(index, device.id, pending=device.pending)
    _verdict_possible(ctx, ctx.transcript.exchanges[index])
    health.controlled = health.controlled or ctx.revocations.accepted(index)
    state = _after_refusals(prepared, after_refusals) if after_refusals else State(device.pending, prepared.kept())
    ctx.revocations.observe(index, (prepared,), state, after_refusals=after_refusals)


def _left_alone(ctx: CaseContext, prepared: Prepared, requirement: str) -> bool:
    """Whether the calls for other devices left PREPARED alone; if they didn't, that is observed."""
    try:
        after = ctx.provider.commands(prepared.id)
    except Unprepared:
        return True
    if all(after.get(command) in UNDELIVERED for command in prepared.pending):
        return True
    ctx.transcript.observe(Unchanged(prepared.bystander(requirement), after, late=True))
    return False


def _after_refusals(prepared: Prepared, requirement: str) -> State:
    return State(prepared.pending, prepared.kept(), missed=requirement)


def _compare(ctx: CaseContext, pending: int) -> None:
    """Make the plain call for a device that no refused call was made for; where there is none, nothing is compared."""
    with suppress(Unprepared):
        prepared = ctx.devices.device(pending)
        ctx.revocations.revoke(prepared, control=True)


def _demands_app_id(ctx: CaseContext, index: int) -> bool:
    """Whether the plain call at INDEX was refused because its query has no appId; from now on it has one then."""
    response = ctx.transcript.exchanges[index].response
    if response is None or answers.read(response).code not in APPLICATION_CODES:
        return False
    ctx.state.app_id_demanded = True
    probed = _probe(ctx)
    answer = answers.read(probed.response) if probed.response else None
    ctx.state.app_id_demanded = answer is not None and (answer.kind == "task" or answer.code == codes.UNKNOWN_DEVICE)
    return ctx.state.app_id_demanded


def _verdict_possible(ctx: CaseContext, exchange: Exchange) -> None:
    """NoVerdict when EXCHANGE, a control call, and a second try show that none can be had."""
    problem = _liveness_problem(ctx, exchange)
    if not ctx.state.health.opened and exchange.response is not None:
        doubt = stranger(ctx.context.configuration.target, exchange.response)
        if doubt is not None:
            ctx.state.note(doubt)
    if problem is None:
        return
    if exchange.fault is not None and exchange.fault.kind == "unreachable":
        raise NoVerdict(problem)
    check_alive(ctx)


def check_alive(ctx: CaseContext) -> None:
    """Something looked as if the target had died or the credentials had ended: NoVerdict if they have."""
    exchange = _probe(ctx)
    if _liveness_problem(ctx, exchange) is None:
        return
    # A target may be alive and fail at accepted calls only.
    exchange = _probe(ctx, refused=True)
    if exchange.response is not None and answers.read(exchange.response).code in CONFUSED_CODES:
        # It knows the credentials, perhaps, when it is told whose they are.
        exchange = _probe(ctx, refused=True, named=True)
    problem = _liveness_problem(ctx, exchange)
    if problem is not None:
        raise NoVerdict(problem)


def _probe(ctx: CaseContext, *, refused: bool = False, named: bool = False) -> Exchange:
    """A valid call without effect: for a device with nothing pending, else (or as REFUSED says) for none at all.

    named: with the application's own appId in the query.
    """
    device_id = unknown_device()
    if not refused:
        with suppress(Unprepared):
            device_id = ctx.provider.device(pending=0).id
    draft = ctx.calls.plain(device_id)
    if named:
        draft = draft.with_app_id(ctx.credentials.own_app_id(), draft.edit)
    return ctx.client.send(draft, expected="any answer but a refusal of the credentials")


def _liveness_problem(ctx: CaseContext, exchange: Exchange) -> str | None:
    """Why EXCHANGE, a valid call, lets no verdict be had; None when the target lives and knows the credentials."""
    target = ctx.context.configuration.target
    if exchange.fault is not None:
        return None if exchange.fault.answered else explain(target, exchange.fault)
    if exchange.response is None:
        return None
    answer = answers.read(exchange.response)
    if answer.code == codes.NO_APP_KEY:
        return (
            f"{target.base_url}: the header app_key was sent, and didn't arrive ({answer.describe()}); proxies "
            "and servers may drop names with an underscore unless told otherwise (nginx: underscores_in_headers on)"
        )
    if answer.status == UNAUTHORIZED or (answer.kind != "task" and answer.code in codes.CREDENTIALS_UNKNOWN):
        opened = ctx.state.health.opened
        locked = " (or does it lock callers out after wrong ones, as the cases send?)" if opened else ""
        return (
            f"{target.base_url}: the target refuses the configured credentials ({answer.describe()}); "
            f"check target.app_key, target.access_token (has it expired?) and target.app_id{locked}"
        )
    return None


def still_serving(ctx: CaseContext) -> None:
    """If a call of the case failed with an internal error and the plain valid call now does too, end the run.

    Further calls prove nothing then.
    """
    exchanges, health = ctx.transcript.exchanges, ctx.state.health
    failing = any(
        finding.exchange is not None and failed_inside(exchanges[finding.exchange])
        for finding in ctx.transcript.findings
    )
    # What stands on the target for a static provider is used up by a call.
    if not failing or health.probes >= MOST_PROBES or ctx.provider.kind == "static":
        return
    health.probes += 1
    try:
        prepared = ctx.devices.device(pending=1)
    except Unprepared:
        return
    exchange = ctx.client.send(ctx.calls.plain(prepared.id), expected="201 with a task")
    if failed_inside(exchange):
        ctx.calls.observe_valid(ctx.calls.record(exchange), prepared.id, replaces_failures=True)
        health.stopped = "the plain valid call, which was accepted before, now fails with an internal error too"


def still_refused(ctx: CaseContext) -> list[tuple[Prepared, str]]:
    """The devices that refused calls were made for and whose commands are all pending, with what that shows."""
    found: dict[str, Prepared] = {}
    for prepared, requirement in ctx.state.devices.refused.values():
        # One of each kind, as each costs a call.
        if requirement not in found and still_pending(prepared, ctx.provider.commands):
            found[requirement] = prepared
    return [(prepared, requirement) for requirement, prepared in found.items()]


def late_effects(ctx: CaseContext) -> str:
    """Read back once more all that had to stay as it was; why nothing could be, or ""."""
    if not ctx.state.watchlist.entries:
        return "no device could be watched"
    for watched in ctx.state.watchlist.entries:
        try:
            after = watched.read(ctx.provider.commands)
        except Unprepared as error:
            return str(error)
        ctx.transcript.observe(Unchanged(dict(watched.kept), after, late=True))
    return ""
