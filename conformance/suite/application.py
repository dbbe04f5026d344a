"""Calls whose query names another application than the caller's."""

from __future__ import annotations

from dataclasses import replace

from conformance.case.identifiers import altered, extended
from conformance.case.refusals import UNAUTHORIZED_APPLICATION, UNKNOWN_APPLICATION
from conformance.client.draft import Draft
from conformance.run.case_context import CaseContext
from conformance.suite.registry import case, refused

NO_EFFECT = "no-effect-application"
# Either may be looked at first, the application or the device, which isn't the caller's.
ITS_DEVICE = replace(UNAUTHORIZED_APPLICATION, codes=("100217", "100418"), blames=())


@refused("app-id-unknown", UNKNOWN_APPLICATION, NO_EFFECT)
def test_unknown(plain: Draft, own_app_id: str) -> Draft:
    """A call whose appId has the form of one, and names no application, is refused with 100203."""
    return plain.with_app_id(altered(own_app_id), "appId names no application")


@refused("app-id-extended", UNKNOWN_APPLICATION, NO_EFFECT)
def test_extended(plain: Draft, own_app_id: str) -> Draft:
    """A call whose appId is the caller's own with more characters at the end is refused with 100203."""
    return plain.with_app_id(extended(own_app_id), "appId is the caller's own and something more")


@refused(
    "app-id-unauthorized",
    UNAUTHORIZED_APPLICATION,
    NO_EFFECT,
    about=("app-id-authorized", "error-100217-unauthorized-application"),
)
def test_unauthorized(plain: Draft, unauthorized_application: str) -> Draft:
    """A call whose appId names an application that hasn't authorised the caller is refused with 100217."""
    return plain.with_app_id(unauthorized_application, "appId names an application that hasn't authorised the caller")


@case(
    "app-id-unauthorized-with-its-device",
    refuses=(ITS_DEVICE,),
    general=(*ITS_DEVICE.requirements, NO_EFFECT),
)
def test_unauthorized_with_its_device(ctx: CaseContext) -> None:
    """A call for another application's device is refused, even with that application's appId in the query."""
    foreign = ctx.devices.foreign_device(pending=2)
    edit = "deviceId and appId are those of an application that hasn't authorised the caller"
    draft = ctx.calls.plain(foreign.id).with_app_id(foreign.app_id, edit)
    index = ctx.refusals.send(draft, ITS_DEVICE)
    ctx.refusals.unchanged_unless_accepted(foreign, ITS_DEVICE, NO_EFFECT, index)
