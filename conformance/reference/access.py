"""Who may call, how often, and for whose devices."""

from __future__ import annotations

from conformance.reference.call import Call
from conformance.reference.errors import UNAUTHORIZED_APPLICATION, UNKNOWN_APPLICATION, Refusal
from conformance.reference.messages import Request
from conformance.reference.store import Application, Device, Store


class Access:
    """Looks up what a call names, and whether the caller may have it."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def within_allowance(self, request: Request) -> bool:
        """Count the call; False when it is over the threshold."""
        # Calls that name no application share one count, so that made-up names can't fill the memory.
        app_key = request.header("app_key") or ""
        with self.store.lock:
            key = app_key if app_key in self.store.applications else ""
            return self.store.flow.admit(key, self.threshold(), self.store.clock())

    def threshold(self) -> int:
        """Calls a minute that are admitted; 0: no flow control."""
        return self.store.flow.threshold

    def find_caller(self, call: Call) -> Application | None:
        """The application that the app_key names."""
        return self.store.applications.get(call.app_key)

    def accepted_tokens(self, application: Application) -> list[str]:
        """The newest token of the application, unless it has expired."""
        newest = application.tokens[-1]
        expired = newest.expires is not None and newest.expires <= self.store.clock()
        return [] if expired else [newest.text]

    def same_token(self, presented: str, issued: str) -> bool:
        """Whether the token presented is the one issued."""
        return presented == issued

    def find_owner(self, caller: Application, app_id: str | None) -> Application:
        """The application that the call is made for: the caller, or the one named; raises Refusal."""
        if app_id is None or app_id == caller.app_id:
            return caller
        owner = self.store.applications.get(app_id)
        if owner is None:
            raise Refusal(UNKNOWN_APPLICATION)
        if caller.app_id not in owner.authorised:
            raise Refusal(UNAUTHORIZED_APPLICATION)
        return owner

    def find_device(self, owner: Application, device_id: str) -> Device | None:
        """The application's device of that id."""
        device = self.store.devices.get(device_id)
        return device if device is not None and device.app_id == owner.app_id else None
