"""Who calls: the application's own credentials, and those that must be refused."""

from __future__ import annotations

import pytest

from conformance.exceptions import Unprepared
from tests.contract.exchanges import APP, TOKEN

from .fakes import Devices, context


def test_own() -> None:
    """The plain call's credentials are those that were configured."""
    own = context().credentials

    assert (APP, TOKEN, APP) == (own.app_key(), own.token(), own.own_app_id())


def test_unauthorized_application() -> None:
    """The other application is asked for once in a run, and is known to exist from then on."""
    provider = Devices()
    ctx = context(provider=provider)
    given = [ctx.credentials.unauthorized_application() for _ in range(2)]

    assert (["another-application"] * 2, ["unauthorized application"]) == (given, provider.asked)
    assert {"another-application"} == ctx.state.devices.app_ids


def test_owner_of_a_foreign_device() -> None:
    """Where the provider can't name one, the owner of a foreign device is one; without such a one the reason stays."""
    lacking = {"unauthorized application"}

    assert "another-application" == context(provider=Devices(lacks=lacking)).credentials.unauthorized_application()
    with pytest.raises(Unprepared, match="the state unauthorized application can't be had"):
        context(provider=Devices(lacks={*lacking, "foreign device"})).credentials.unauthorized_application()


def test_own_application_is_not_another() -> None:
    """A provider that gives the caller's own application as another one is at fault."""
    with pytest.raises(Unprepared, match="is the caller's own"):
        context(provider=Devices(foreign_app=APP)).credentials.unauthorized_application()


def test_app_key_of_another_application() -> None:
    """It can stand in a header, or isn't sent in one."""
    assert "another-application" == context().credentials.unauthorized_app_key()
    with pytest.raises(Unprepared, match="can't stand in a header"):
        context(provider=Devices(foreign_app="é")).credentials.unauthorized_app_key()


def test_expired_token() -> None:
    """An expired token is asked for once, and never shown."""
    provider = Devices()
    ctx = context(provider=provider)
    tokens = {ctx.credentials.expired_token() for _ in range(2)}

    assert ({"expired-token-of-the-application"}, ["expired token"]) == (tokens, provider.asked)
    assert "EXPIRED_TOKEN" in dict(ctx.rig.redaction.known).values()


def test_token_in_use_is_not_expired(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider that gives the token in use as an expired one is at fault: the call would be accepted."""
    monkeypatch.setattr(Devices, "expired_token", lambda _: TOKEN)
    with pytest.raises(Unprepared, match="is the one that is in use"):
        context().credentials.expired_token()
