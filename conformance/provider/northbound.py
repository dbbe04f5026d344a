"""States by the platform's own sibling calls: commands queued for offline devices, read back, and cleaned up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Literal

from conformance.client.channel import Channel
from conformance.configuration.settings import ProviderSettings
from conformance.contract.meaning import CANCELED, DELIVERED
from conformance.exceptions import Blocked, NoVerdict, Unprepared
from conformance.provider.platform import CANCELLABLE, COMMAND, VALIDITY, Platform
from conformance.provider.states import Device, Queued, SecondApplication
from conformance.provider.static import StaticProvider

__all__ = ["NorthboundProvider"]

MOST_LEFT = 300
"""Commands of earlier runs that are cancelled before a device is used; each costs a call of the target's allowance."""

QUEUED = Queued(COMMAND, expire_time=VALIDITY)
ROOMY = 3


class NorthboundProvider(StaticProvider):
    """Uses the offline devices of SETTINGS, one for one purpose at a time.

    OWN are the sibling calls as the application under test makes them, OTHER as another one does, ACTING as the first
    one makes them for an application that has authorised it (None: none is configured). Commands that no client can
    make, delivered and finished ones, are taken from the history of a device that was online before. What can't be had
    at all isn't offered; another application's data may be named under [provider.static] instead.
    """

    kind = "northbound"
    cannot = "the platform's own calls can't bring it about"
    remedy = "name a device in provider.device_ids that was online and has such commands in its history, or use a hook"

    def __init__(
        self,
        settings: ProviderSettings,
        channel: Channel,
        own: Platform,
        other: Platform | None = None,
        acting: Platform | None = None,
    ) -> None:
        super().__init__(settings.static)
        self._settings, self._channel, self._own, self._other = settings, channel, own, other
        self._acting = acting
        self.queued: dict[str, Queued] = {}
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
        history = self._own.last_read[device_id]
        self._rid_of_pending(self._own, device_id, history)
        cancelled = tuple(self._queue(self._own, device_id) for _ in range((others or {}).get(CANCELED, 0)))
        for command in cancelled:
            self._own.cancel(command)
        finished = {command: status for status, count in wanted.items() for command in _of(history, status)[:count]}
        queued = tuple(self._queue(self._own, device_id) for _ in range(pending))
        return Device(
            id=device_id,
            pending=queued,
            delivered=tuple(_of(history, DELIVERED)[:delivered]),
            others=finished | dict.fromkeys(cancelled, CANCELED),
            fresh=False,
            queued=self._known(queued),
        )

    def _queue(self, platform: Platform, device_id: str) -> str:
        """Queue one more command, and keep in mind with what."""
        command = platform.queue(device_id)
        self.queued[command] = replace(QUEUED, creation_time=platform.creation_times[command])
        return command

    def _known(self, commands: Sequence[str]) -> Mapping[str, Queued]:
        return {command: self.queued[command] for command in commands}

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

    def _rid_of_pending(self, platform: Platform, device_id: str, held: Mapping[str, str]) -> None:
        """Cancel what is pending of HELD, all that the device has."""
        left = _of(held, *CANCELLABLE)
        if len(left) > MOST_LEFT:
            self._no("device", f"{device_id} has {len(left)} pending commands; name another device")
        for command in left:
            platform.cancel(command)

    def foreign_device(self, pending: int) -> Device:
        """A device of the other application's, where its credentials are configured; else the one that is named."""
        if self._other is None:
            return super().foreign_device(pending)
        return self._of_another(self._other, "foreign device", "other", pending)

    def _of_another(
        self, platform: Platform, state: str, prefix: Literal["other", "authorizing"], pending: int
    ) -> Device:
        """A free device of the application that the settings with PREFIX name, as PLATFORM reaches it."""
        owner = self._settings.other if prefix == "other" else self._settings.authorizing
        free = [device for device in owner.device_ids if device not in self._taken]
        if not free:
            self._no(state, f"name more devices in provider.{prefix}_device_ids")
        self._taken.add(free[0])
        self._rid_of_pending(platform, free[0], platform.commands(free[0]))
        queued = tuple(self._queue(platform, free[0]) for _ in range(pending))
        return Device(id=free[0], pending=queued, app_id=owner.app_id, fresh=False, queued=self._known(queued))

    def authorized_application(self, pending: int) -> Device:
        """A device of the application that has authorised the caller, where one is configured."""
        if self._acting is None:
            self._no(
                "authorized application",
                "name one in provider.authorizing_app_id and authorizing_device_ids, or use a hook",
            )
        return self._of_another(self._acting, "authorized application", "authorizing", pending)

    def second_application(self, pending: int) -> SecondApplication:
        """The other application, which has credentials of its own."""
        if self._other is None:
            self._no(
                "second application",
                "configure provider.other_app_key, other_secret and other_device_ids, or use a hook",
            )
        device = self._of_another(self._other, "second application", "other", pending)
        return SecondApplication(self._other.app_key, self._other.token(), device.app_id or "", device)

    def unauthorized_application(self) -> str:
        """The other application, which hasn't authorised the caller."""
        return self._settings.other.app_id or super().unauthorized_application()

    def queue_command(self, device_id: str) -> str:
        """Queue one more command, as the application that has the device."""
        return self._queue(self._platform(device_id), device_id)

    def _platform(self, device_id: str) -> Platform:
        """The sibling calls as they reach the device."""
        if self._other is not None and device_id in self._settings.other.device_ids:
            return self._other
        if self._acting is not None and device_id in self._settings.authorizing.device_ids:
            return self._acting
        return self._own

    def commands(self, device_id: str) -> Mapping[str, str]:
        """All commands of the device."""
        platform = self._platform(device_id)
        if platform is self._own and device_id == self._foreign:
            raise Unprepared(
                "the caller's credentials don't read another application's commands back: configure "
                "provider.other_app_key, other_secret and other_device_ids, or use a hook"
            )
        return platform.commands(device_id)

    def release(self) -> None:
        """The devices of the last case may be used again."""
        self._taken &= self._held

    def close(self) -> None:
        """Cancel what is still queued."""
        try:
            for platform in self._platforms:
                if platform is not None:
                    platform.clean_up()
        except (Unprepared, Blocked, NoVerdict):
            # Nothing more can be done for a target that doesn't answer any more.
            return
        finally:
            self._channel.close()

    @property
    def _platforms(self) -> tuple[Platform | None, ...]:
        return self._own, self._other, self._acting

    def disconnect(self) -> None:
        """Close the connection; what is queued stays."""
        self._channel.close()

    def hand_over(self) -> dict[str, Any]:
        """The devices that are in use, and what was queued and read for each application."""
        platforms = [None if platform is None else platform.hand_over() for platform in self._platforms]
        queued = {command: asdict(values) for command, values in self.queued.items()}
        return {"taken": sorted(self._taken), "held": sorted(self._held), "platforms": platforms, "queued": queued}

    def take_over(self, remembered: Mapping[str, Any]) -> None:
        """Go on with what another process REMEMBERED."""
        self._taken, self._held = set(remembered.get("taken", ())), set(remembered.get("held", ()))
        self.queued = {command: Queued(**values) for command, values in remembered.get("queued", {}).items()}
        for platform, known in zip(self._platforms, remembered.get("platforms", ()), strict=False):
            if platform is not None and known is not None:
                platform.take_over(known)


def _has_history(commands: Mapping[str, str]) -> bool:
    return not {*CANCELLABLE, CANCELED}.issuperset(commands.values())


def _of(held: Mapping[str, str], *statuses: str) -> list[str]:
    """The commands among HELD with one of STATUSES."""
    return [command for command, status in held.items() if status in statuses]
