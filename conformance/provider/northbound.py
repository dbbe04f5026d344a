"""States by the platform's own sibling calls: commands queued for offline devices, read back, and cleaned up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.exceptions import Blocked, NoVerdict, Unprepared
from conformance.provider.platform import UNDELIVERED, Platform
from conformance.provider.states import Device
from conformance.provider.static import StaticProvider
from conformance.target.channel import Channel
from conformance.target.configuration import ProviderSettings

__all__ = ["NorthboundProvider"]

MOST_LEFT = 300
"""Commands of earlier runs that are cancelled before a device is used; each costs a call of the target's allowance."""

ROOMY = 3
CANCELED = "CANCELED"
DELIVERED = "DELIVERED"


class NorthboundProvider(StaticProvider):
    """Uses the offline devices of SETTINGS, one for one purpose at a time.

    OWN are the sibling calls as the application under test makes them, OTHER as another one does (None: none is
    configured). Commands that no client can make, delivered and finished ones, are taken from the history of a device
    that was online before. What can't be had at all isn't offered; another application's data may be named under
    [provider.static] instead.
    """

    kind = "northbound"
    cannot = "the platform's own calls can't bring it about"
    remedy = "name a device in provider.device_ids that was online and has such commands in its history, or use a hook"

    def __init__(
        self, settings: ProviderSettings, channel: Channel, own: Platform, other: Platform | None = None
    ) -> None:
        super().__init__(settings.static)
        self._settings, self._channel, self._own, self._other = settings, channel, own, other
        self._foreign = settings.static.get("foreign_device", {}).get("id")
        self.roomy = len(settings.device_ids) >= ROOMY
        self._taken: set[str] = set()
        self._held: set[str] = set()

    def hold(self, device_id: str) -> None:
        """Keep the device until the end of the run."""
        self._held.add(device_id)

    def device(self, pending: int, delivered: int = 0, others: Mapping[str, int] | None = None) -> Device:
        """A configured device, rid of what is still pending, with that many new commands; the rest from its history."""
        free = [device for device in self._settings.device_ids if device not in self._taken]
        if not free:
            self._no(
                "device", f"name more than {len(self._settings.device_ids)} offline devices in provider.device_ids"
            )
        wanted = {status: count for status, count in (others or {}).items() if status != CANCELED}
        device_id = self._with_history(free, delivered, wanted) if delivered or wanted else self._without_history(free)
        self._taken.add(device_id)
        history = self._rid_of_pending(self._own, device_id, self._own.last_read[device_id])
        cancelled = tuple(self._own.queue(device_id) for _ in range((others or {}).get(CANCELED, 0)))
        for command in cancelled:
            self._own.cancel(command)
        finished = {command: status for status, count in wanted.items() for command in _of(history, status)[:count]}
        return Device(
            id=device_id,
            pending=tuple(self._own.queue(device_id) for _ in range(pending)),
            delivered=tuple(_of(history, DELIVERED)[:delivered]),
            others=finished | dict.fromkeys(cancelled, CANCELED),
            fresh=False,
        )

    def _without_history(self, free: Sequence[str]) -> str:
        """The first of FREE without a history, which other cases may need, else just the first; read anew."""
        for device_id in free:
            if _has_history(self._own.last_read.get(device_id, {})):
                continue
            if not _has_history(self._own.commands(device_id)):
                return device_id
        self._own.commands(free[0])
        return free[0]

    def _with_history(self, free: Sequence[str], delivered: int, wanted: Mapping[str, int]) -> str:
        """The device among FREE with so many delivered commands, and the most of what else is WANTED; read anew."""
        found: dict[str, int] = {}
        for device_id in free:
            if device_id not in self._own.last_read:
                self._own.commands(device_id)
            counts = Counter(self._own.last_read[device_id].values())
            if counts[DELIVERED] >= delivered:
                found[device_id] = sum(min(count, counts[status]) for status, count in wanted.items())
        if not found:
            self._no(f"device with {delivered} delivered commands", self.remedy)
        best = max(found, key=lambda device_id: found[device_id])
        self._own.commands(best)
        return best

    def _rid_of_pending(self, platform: Platform, device_id: str, held: Mapping[str, str]) -> Mapping[str, str]:
        """HELD, all that the device has, once what is pending of it is cancelled."""
        left = _of(held, *UNDELIVERED)
        if len(left) > MOST_LEFT:
            self._no("device", f"{device_id} has {len(left)} pending commands; name another device")
        for command in left:
            platform.cancel(command)
        return held

    def foreign_device(self, pending: int) -> Device:
        """A device of the other application's, where its credentials are configured; else the one that is named."""
        if self._other is None:
            return super().foreign_device(pending)
        free = [device for device in self._settings.other_device_ids if device not in self._taken]
        if not free:
            self._no("foreign device", "name more devices in provider.other_device_ids")
        self._taken.add(free[0])
        self._rid_of_pending(self._other, free[0], self._other.commands(free[0]))
        queued = tuple(self._other.queue(free[0]) for _ in range(pending))
        return Device(id=free[0], pending=queued, app_id=self._settings.other_app_id, fresh=False)

    def unauthorized_application(self) -> str:
        """The other application, which hasn't authorised the caller."""
        return self._settings.other_app_id or super().unauthorized_application()

    def queue_command(self, device_id: str) -> str:
        """Queue one more command."""
        return self._own.queue(device_id)

    def commands(self, device_id: str) -> Mapping[str, str]:
        """All commands of the device."""
        if self._other is not None and device_id in self._settings.other_device_ids:
            return self._other.commands(device_id)
        if device_id == self._foreign:
            raise Unprepared(
                "the caller's credentials don't read another application's commands back: configure "
                "provider.other_app_key, other_secret and other_device_ids, or use a hook"
            )
        return self._own.commands(device_id)

    def release(self) -> None:
        """The devices of the last case may be used again."""
        self._taken &= self._held

    def close(self) -> None:
        """Cancel what is still queued."""
        try:
            for platform in (self._own, self._other):
                if platform is not None:
                    platform.clean_up()
        except (Unprepared, Blocked, NoVerdict):
            # Nothing more can be done for a target that doesn't answer any more.
            return
        finally:
            self._channel.close()

    def disconnect(self) -> None:
        """Close the connection; what is queued stays."""
        self._channel.close()

    def hand_over(self) -> dict[str, Any]:
        """The devices that are in use, and what was queued and read for each application."""
        platforms = [None if platform is None else platform.hand_over() for platform in (self._own, self._other)]
        return {"taken": sorted(self._taken), "held": sorted(self._held), "platforms": platforms}

    def take_over(self, remembered: Mapping[str, Any]) -> None:
        """Go on with what another process REMEMBERED."""
        self._taken, self._held = set(remembered.get("taken", ())), set(remembered.get("held", ()))
        for platform, known in zip((self._own, self._other), remembered.get("platforms", ()), strict=False):
            if platform is not None and known is not None:
                platform.take_over(known)


def _has_history(commands: Mapping[str, str]) -> bool:
    return not {*UNDELIVERED, CANCELED}.issuperset(commands.values())


def _of(held: Mapping[str, str], *statuses: str) -> list[str]:
    """The commands among HELD with one of STATUSES."""
    return [command for command, status in held.items() if status in statuses]
