"""Calls whose query names another application than the caller's."""

from __future__ import annotations

from conformance.case.conversation import extended
from conformance.case.refusals import UNAUTHORIZED_APPLICATION, UNKNOWN_APPLICATION
from conformance.case.registry import refused
from conformance.target.client import Draft

NO_EFFECT = "no-effect-application"


@refused("app-id-unknown", UNKNOWN_APPLICATION, NO_EFFECT)
def test_unknown(plain: Draft) -> Draft:
    """A call whose appId names no application is refused with 100203."""
    return plain.with_app_id("nobodys-application", "appId names no application")


@refused("app-id-extended", UNKNOWN_APPLICATION, NO_EFFECT)
def test_extended(plain: Draft, own_app_id: str) -> Draft:
    """A call whose appId only begins with the caller's own is refused with 100203."""
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
