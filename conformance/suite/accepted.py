"""Calls that must be accepted, however they are put."""

from __future__ import annotations

import json
import re

from conformance.contract.meaning import EFFECTS, LISTING
from conformance.run.case_context import CaseContext
from conformance.suite.registry import case

WIDE = 1100
"""Blanks within a body: more than fit into a buffer of a thousand bytes, and far from too many."""


@case("accepted-nothing-pending", proves=("nothing-pending-empty-task",), accepts=True)
def test_nothing_pending(ctx: CaseContext) -> None:
    """A call for a device with nothing pending is answered with a task that has no commands."""
    device = ctx.devices.device(pending=0)
    ctx.revocations.revoke(device, blame="nothing-pending-empty-task")


@case("accepted-several-pending", proves=(*LISTING, *EFFECTS, "task-id-unique", "later-commands-stay"), accepts=True)
def test_several_pending(ctx: CaseContext) -> None:
    """A call for a device with three pending commands lists and revokes all three, and none that are queued later."""
    ctx.revocations.revoke_and_queue(ctx.devices.device(pending=3))


@case("accepted-own-app-id", proves=("app-id-optional",), accepts=True)
def test_own_app_id(ctx: CaseContext) -> None:
    """A call with the application's own appId in the query is accepted like one without it, and so is the next call."""
    device = ctx.devices.device_with_history(pending=2)
    plain = ctx.calls.plain(device.id)
    draft = plain.with_app_id(ctx.credentials.own_app_id(), "the query names the application's own appId")
    others = ctx.devices.bystander(pending=1) if ctx.provider.roomy else ()
    accepted = ctx.revocations.revoke(
        device, draft=draft, bystanders=others, blame="app-id-optional", otherwise="call-accepted"
    )
    if accepted and not ctx.failed(*EFFECTS):
        escaped = draft.with_escaped_app_id("the same, a character of the appId percent-encoded")
        ctx.revocations.revoke_queued(device, escaped, blame="app-id-optional")


@case("accepted-charset", proves=("request-charset",), accepts=True)
def test_charset(ctx: CaseContext) -> None:
    """A call whose content type has a charset parameter is accepted like one without it."""
    device = ctx.devices.device(pending=1)
    plain = ctx.calls.plain(device.id)
    ctx.revocations.revoke(
        device,
        draft=plain.with_header("Content-Type", "application/json; charset=utf-8"),
        blame="request-charset",
        otherwise="call-accepted",
    )


@case("accepted-header-case", proves=("request-header-case",), accepts=True, after="body-deeply-nested")
def test_header_case(ctx: CaseContext) -> None:
    """A call whose headers stand in another order, with their names in another letter case, is accepted."""
    device = ctx.devices.device(pending=1)
    plain = ctx.calls.plain(device.id)
    values = dict(plain.headers)
    edited = (
        plain.with_header("app_key", None)
        .with_header("Authorization", None)
        .with_header("AUTHORIZATION", values["Authorization"])
        .with_header("APP_KEY", values["app_key"], "header names in other letter case and another order")
    )
    ctx.revocations.revoke(device, draft=edited, blame="request-header-case", otherwise="call-accepted")


@case("accepted-json-spelling", proves=("request-json-equivalence",), accepts=True)
def test_json_spelling(ctx: CaseContext) -> None:
    """A call whose body is the same JSON, written with escapes and white space, is accepted."""
    device = ctx.devices.device(pending=1)
    escaped = re.sub("(....)", r"\\u\1", device.id.encode("utf-16-be").hex())
    body = f'\r\n\t {{ "device\\u0049d" :{" " * WIDE}\n "{escaped}" }} \n'.encode("ascii")
    draft = ctx.calls.plain(device.id).with_body(body, "the same JSON, spelled with escapes and white space")
    ctx.revocations.revoke(device, draft=draft, blame="request-json-equivalence", otherwise="call-accepted")


@case("accepted-order-of-members", accepts=True)
def test_further_members(ctx: CaseContext) -> None:
    """A body with additional members is accepted, or refused as invalid input; any other answer is wrong."""
    device = ctx.devices.device(pending=1)
    text = json.dumps({"appId": ctx.credentials.own_app_id(), "deviceId": device.id, "comment": None}).encode("ascii")
    draft = ctx.calls.plain(device.id).with_body(text, "further members beside deviceId, appId among them")
    ctx.refusals.accept_or_refuse(device, draft, "100022", blame="request-json-equivalence")
