"""Devices as cases have them: prepared by the provider, and read back."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.contract import names
from conformance.contract.meaning import CANCELED, DELIVERED, PENDING, UNDELIVERED, MustStay
from conformance.exceptions import Unprepared
from conformance.provider.states import Device

__all__ = ["Prepared", "mismatch", "revoked"]


@dataclass(frozen=True)
class Prepared:
    """A device whose preparation was checked by reading it back; commands is None when it can't be, unreadable why.

    at: when that was, in seconds since the epoch.
    """

    device: Device
    commands: Mapping[str, str] | None
    unreadable: str = ""
    at: float = field(default_factory=time.time, compare=False)

    @property
    def id(self) -> str:
        """Its deviceId."""
        return self.device.id

    @property
    def pending(self) -> tuple[str, ...]:
        """Its commands that were pending when it was prepared."""
        return self.device.pending

    @property
    def app_id(self) -> str:
        """The appId of the other application that it belongs to; raises Unprepared where it isn't known."""
        if self.device.app_id is None:
            raise Unprepared(f"the provider doesn't say which application the device {self.id} belongs to")
        return self.device.app_id

    def kept(self) -> dict[str, MustStay]:
        """Those of its own commands that a call must leave alone."""
        found = {}
        for command in self.device.delivered:
            status = (self.commands or {}).get(command, DELIVERED)
            found[command] = MustStay(status, names.KEEP_DELIVERED, may_progress=True)
        for command, status in self.device.others.items():
            found[command] = MustStay((self.commands or {}).get(command, status), names.KEEP_FINISHED)
        return found

    def bystander(self, requirement: str) -> dict[str, MustStay]:
        """All of its commands, as those of a device that the call isn't for."""
        return self.kept() | {command: MustStay(PENDING, requirement) for command in self.device.pending}


def revoked(device: Device) -> dict[str, MustStay]:
    """What was pending for DEVICE, after a call that revoked it: that stays so, and isn't listed again."""
    return {
        command: MustStay(CANCELED, names.KEEP_FINISHED, if_listed=names.SECOND_CALL_EMPTY)
        for command in device.pending
    }


def mismatch(device: Device, commands: Mapping[str, str]) -> str:
    """Where what the provider said of DEVICE isn't what is read back; "" when it is."""
    said = [(command, "pending") for command in device.pending]
    said += [(command, "delivered") for command in device.delivered]
    for command, state in (*said, *device.others.items()):
        found = commands.get(command, "absent")
        if not _reads_as(state, found):
            return f"the provider prepared {command} as {state}, but it reads back as {found}"
    return ""


def _reads_as(state: str, found: str) -> bool:
    """Whether a command in STATE may read back as FOUND."""
    if state == "pending":
        return found in UNDELIVERED
    if state == "delivered":
        # The document has no status for one that is under way; DEFAULT may have to serve.
        return found == "DEFAULT" or found not in {*UNDELIVERED, CANCELED, "absent"}
    return found == state
