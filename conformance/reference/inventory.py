"""What stands ready on a fresh platform for whoever tests it."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Self

from conformance.reference.store import Application, Device, Parties, Store

_OFFLINE_DEVICES = 5
# What a device that was online before has in its history.
_HISTORY = {"SUCCESSFUL": 1, "FAILED": 1, "TIMEOUT": 1, "EXPIRED": 1, "DELIVERED": 2}
# How many devices stand ready with how many pending commands.
_STATIC_DEVICES = {0: 20, 1: 30, 2: 30, 3: 10, 5: 5, 6: 5, 10: 3, 12: 5, 101: 2, 150: 2}


@dataclass(frozen=True)
class Inventory:
    """Credentials of the applications, and devices that stay with their commands.

    Attributes:
        store: where all of it is kept.
        secret: the caller's, by which it can log in; "" to have it do without.
        access_token: the caller's, from before anybody logs in.
        expired_token: one of the caller's that is no longer valid.
        offline_devices: the caller's, with a history and nothing pending.
        foreign_device: the stranger's.
        authorizing_device: the partner's.
        second_device: the second application's.
    """

    store: Store
    secret: str
    access_token: str
    expired_token: str
    offline_devices: tuple[Device, ...]
    foreign_device: Device
    authorizing_device: Device
    second_device: Device

    @classmethod
    def stock(cls, store: Store) -> Self:
        """Put all of it into STORE."""
        parties = store.parties
        return cls(
            store,
            parties.own.secret,
            parties.own.tokens[-1].text,
            store.issue_expired_token(parties.own).text,
            tuple(_lasting(store, parties.own, **_HISTORY) for _ in range(_OFFLINE_DEVICES)),
            _lasting(store, parties.stranger, PENDING=2),
            _lasting(store, parties.partner, PENDING=2),
            _lasting(store, parties.second, PENDING=2),
        )

    @property
    def parties(self) -> Parties:
        """The applications."""
        return self.store.parties

    @property
    def app_id(self) -> str:
        """The caller's appId, which is its app_key too."""
        return self.parties.own.app_id

    @property
    def offline_device(self) -> str:
        """The deviceId of the first of them."""
        return self.offline_devices[0].device_id

    @functools.cached_property
    def static_devices(self) -> tuple[Device, ...]:
        """The caller's, with commands in each number that may be asked for; made when they are asked for first."""
        return tuple(
            _lasting(self.store, self.parties.own, PENDING=pending, DELIVERED=2)
            for pending, count in _STATIC_DEVICES.items()
            for _ in range(count)
        )


def _lasting(store: Store, application: Application, **commands: int) -> Device:
    """A device that stays however many come after it."""
    device = store.register(application, **commands)
    device.lasting = True
    return device
