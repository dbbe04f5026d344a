"""Who calls: the application's own credentials, and those that must be refused."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from conformance.evidence.redaction import Redaction
from conformance.exceptions import Unprepared
from conformance.provider.states import Provider
from conformance.provider.values import is_credential
from conformance.run.context import Context
from conformance.run.state import RunState

__all__ = ["Credentials"]


class Credentials:
    """The credentials of a run; what can't be had raises Unprepared."""

    def __init__(
        self, context: Context, provider: Provider, state: RunState, redaction: Redaction, token: Callable[[], str]
    ) -> None:
        self._target = context.configuration.target
        self._provider, self._state, self._redaction, self._token = provider, state, redaction, token

    def app_key(self) -> str:
        """The authorised application's app_key."""
        return self._target.app_key

    def token(self) -> str:
        """The access token that is valid now."""
        return self._token()

    def own_app_id(self) -> str:
        """The authorised application's own appId."""
        return self._target.app_id

    def unauthorized_application(self) -> str:
        """The appId of an application that hasn't authorised the caller."""

        def setup() -> str:
            try:
                return self._provider.unauthorized_application()
            except Unprepared:
                # The state of a foreign device names such an application too.
                with suppress(Unprepared):
                    return self._provider.foreign_device(0).app_id or ""
                raise

        app_id = self._state.given.once("unauthorized application", setup)
        if app_id == self.own_app_id():
            raise Unprepared(f"the provider is at fault: {app_id}, which it gave as unauthorised, is the caller's own")
        self._state.devices.app_ids.add(app_id)
        return app_id

    def unauthorized_app_key(self) -> str:
        """The same as a value for the header app_key."""
        app_id = self.unauthorized_application()
        if not is_credential(app_id):
            raise Unprepared(f"the appId {app_id} can't stand in a header")
        return app_id

    def expired_token(self) -> str:
        """A token that has expired."""
        token = self._state.given.once("expired token", self._provider.expired_token)
        if token == self.token():
            raise Unprepared("the provider is at fault: the expired token that it gave is the one that is in use")
        self._redaction.learn(token, "EXPIRED_TOKEN")
        return token
