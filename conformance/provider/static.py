"""Test data that already stands on the target, named in the configuration; each device can be used up once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NoReturn

from conformance.provider.absent import AbsentProvider
from conformance.provider.states import Device, SecondApplication

__all__ = ["StaticProvider"]


def _device(entry: Mapping[str, Any], identity: str = "id") -> Device:
    return Device(
        id=entry[identity],
        pending=tuple(entry.get("pending", ())),
        delivered=tuple(entry.get("delivered", ())),
        app_id=entry.get("app_id"),
    )


class StaticProvider(AbsentProvider):
    """Serves what DATA, the table [provider.static], names. It can't read anything back."""

    kind = "static"
    cannot = "the provider is static"

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data
        self._left = [_device(entry) for entry in data.get("devices", ())]

    def _missing(self, state: str, key: str) -> NoReturn:
        self._no(state, f"name it as {key} under [provider.static], or use a hook")

    def device(self, pending: int, delivered: int = 0, others: Mapping[str, int] | None = None) -> Device:
        """The next device that has just that many commands; it is used up then."""
        fitting = [d for d in self._left if len(d.pending) == pending and len(d.delivered) >= delivered and not others]
        if not fitting:
            wanted = f"{pending} pending and {delivered} delivered commands" + (
                f" and {dict(others)}" if others else ""
            )
            self._no("device", f"no unused device with {wanted} is left under [provider.static]: name more devices")
        self._left.remove(fitting[0])
        return fitting[0]

    def foreign_device(self, pending: int) -> Device:  # noqa: ARG002 (whatever number it has will do)
        """The device that is named as foreign_device."""
        return _device(self._table("foreign device", "foreign_device"))

    def unauthorized_application(self) -> str:
        """What is named as unauthorized_app_id."""
        value = self._data.get("unauthorized_app_id")
        if not value:
            self._missing("unauthorized application", "unauthorized_app_id")
        return str(value)

    def authorized_application(self, pending: int) -> Device:  # noqa: ARG002 (whatever number it has will do)
        """The device of the application that is named as authorized_application; what it has is revoked once only."""
        return _device(self._table("authorized application", "authorized_application"), "device_id")

    def second_application(self, pending: int) -> SecondApplication:  # noqa: ARG002 (as above)
        """What is named as second_application."""
        entry = self._table("second application", "second_application")
        app_id = str(entry.get("app_id") or entry["app_key"])
        device = replace(_device(entry, "device_id"), app_id=app_id)
        return SecondApplication(entry["app_key"], entry["access_token"], app_id, device)

    def _table(self, state: str, key: str) -> Mapping[str, Any]:
        entry = self._data.get(key)
        if not isinstance(entry, Mapping):
            self._missing(state, key)
        return entry

    def expired_token(self) -> str:
        """What is named as expired_token."""
        value = self._data.get("expired_token")
        if not value:
            self._missing("expired token", "expired_token")
        return str(value)

    def hand_over(self) -> dict[str, Any]:
        """The devices that are left."""
        return {"left": [device.id for device in self._left]}

    def take_over(self, remembered: Mapping[str, Any]) -> None:
        """Go on with what another process REMEMBERED."""
        if "left" in remembered:
            self._left = [device for device in self._left if device.id in remembered["left"]]
