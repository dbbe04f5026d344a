"""What a run remembers from one case to the next. It is plain data: in a distributed run it goes from hand to hand.

None of it decides what a finding is attributed to; it decides what is sent next.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from conformance.case.prepared import Prepared
from conformance.contract.meaning import UNDELIVERED, MustStay
from conformance.exceptions import Unprepared
from conformance.provider.states import Device

__all__ = [
    "Devices",
    "Given",
    "Health",
    "Intermittence",
    "Patience",
    "RunState",
    "Watched",
    "Watchlist",
    "read_back",
    "still_pending",
]

Reader = Callable[[str], Mapping[str, str]]
"""Reads back the commands of a device; Unprepared when it can't."""


@dataclass
class Watched:
    """Commands that must stay as they are, and the devices that they belong to."""

    devices: tuple[Device, ...]
    kept: dict[str, MustStay]

    @property
    def ids(self) -> frozenset[str]:
        """The ids of the devices."""
        return frozenset(device.id for device in self.devices)

    def read(self, reader: Reader) -> Mapping[str, str]:
        """What the commands of the devices read back as now."""
        return read_back([device.id for device in self.devices], reader)


@dataclass
class Watchlist:
    """Commands that are read back once more at the end of the run: an effect may come late."""

    entries: list[Watched] = field(default_factory=list)
    last_call: float = 0.0
    """When the last call was made that is watched for, in seconds since the epoch."""

    def watch(self, devices: tuple[Device, ...], kept: Mapping[str, MustStay]) -> None:
        """Watch KEPT. Commands already on the watchlist keep their expectation."""
        self.last_call = time.time()
        if not all(device.fresh for device in devices):
            return
        known = {command for watched in self.entries for command in watched.kept}
        new = {command: one for command, one in kept.items() if command not in known}
        # What commands were queued with is the provider's to know, and is much to hand over.
        bare = tuple(replace(device, queued={}) for device in devices)
        for watched in self.entries:
            if watched.devices == bare:
                watched.kept.update(new)
                return
        self.entries.append(Watched(bare, new))

    def release(self, commands: Iterable[str]) -> None:
        """Stop watching these commands: their change is legitimate or already reported."""
        for watched in self.entries:
            for command in commands:
                watched.kept.pop(command, None)

    def discard(self, device_id: str) -> None:
        """Stop watching whatever involves that device."""
        self.entries = [watched for watched in self.entries if device_id not in watched.ids]

    def accept_current_state(self, reader: Reader) -> None:
        """Stop watching what has changed by now: a call that did it is reported already, and may have done more."""
        for watched in self.entries:
            with suppress(Unprepared):
                now = watched.read(reader)
                self.release([command for command, kept in watched.kept.items() if kept.changed(now.get(command))])


@dataclass
class Devices:
    """The devices and applications that are known to exist, and those that are spared for a purpose.

    reserved: by the requirement that refused calls for it would break, the device that they are made for.
    refused: devices that refused calls changed nothing about, each with that requirement.
    served: the ids of devices that a call brought a task for.
    last_revoked: the device of the last call whose effect was all it should be.
    leftovers: the error codes whose refusals were held against what an earlier call left behind.
    """

    ids: set[str] = field(default_factory=set)
    app_ids: set[str] = field(default_factory=set)
    reserved: dict[str, Prepared] = field(default_factory=dict)
    refused: dict[str, tuple[Prepared, str]] = field(default_factory=dict)
    served: set[str] = field(default_factory=set)
    last_revoked: Prepared | None = None
    leftovers: set[str] = field(default_factory=set)
    reused: bool = False

    def used_again(self, device: Device) -> None:
        """The provider gave DEVICE before: nothing that was found out about it then holds any longer."""
        self.reserved = {kind: one for kind, one in self.reserved.items() if one.id != device.id}
        self.refused.pop(device.id, None)
        if self.last_revoked is not None and self.last_revoked.id == device.id:
            self.last_revoked = None
        self.reused = self.reused or device.fresh

    def note_refused(self, prepared: Prepared, requirement: str) -> None:
        """Refused calls for that device changed nothing to be seen; at the end a call for it must be accepted.

        For each REQUIREMENT the first one, which most calls are made for, and the latest, as the first may be used up
        by then; none that was called before, as a second call may be answered wrongly for a reason of its own.
        """
        if prepared.device.fresh and prepared.pending and prepared.id not in self.served:
            same = [key for key, (_, one) in self.refused.items() if one == requirement and key != prepared.id]
            for later in same[1:]:
                del self.refused[later]
            self.refused.setdefault(prepared.id, (prepared, requirement))

    def drop_changed(self, reader: Reader) -> None:
        """Spare no device any longer whose commands aren't pending any more."""
        self.reserved = {kind: one for kind, one in self.reserved.items() if still_pending(one, reader)}


def still_pending(prepared: Prepared, reader: Reader) -> bool:
    """Whether the device's commands are pending yet; True where that can't be read back."""
    try:
        now = reader(prepared.id)
    except Unprepared:
        return True
    return all(now.get(command) in UNDELIVERED for command in prepared.pending)


@dataclass
class Health:
    """Whether the target lives, and whether going on makes sense.

    opened: the first control call was made; controlled: it was accepted. stopped: why the run ends early. no_verdict:
    why none can be had. unreadable: why what the target holds can't be read back.
    """

    opened: bool = False
    controlled: bool = False
    stopped: str = ""
    no_verdict: str = ""
    unreadable: str = ""
    probes: int = 0


@dataclass
class Intermittence:
    """How often a wrong answer may still be held against what the same call is answered on new connections.

    reconnecting: every call gets a new connection, as the target mixes up those that share one.
    """

    reconnects: int = 2
    reconnecting: bool = False


@dataclass
class Patience:
    """Seconds without progress after which a revocation counts as not carried out, and a preparation as failed.

    shortened: a revocation wasn't carried out in time, so that later ones are given less.
    """

    settle_time: float
    preparing_time: float
    shortened: bool = False


@dataclass
class Given:
    """What the provider gave for the whole run.

    Attributes:
        values: by state, its value.
        unprepared: by state, why it gave nothing.
        generated_device: the device that generated requests name.
    """

    values: dict[str, str] = field(default_factory=dict)
    unprepared: dict[str, str] = field(default_factory=dict)
    generated_device: Device | None = None

    def once(self, state: str, setup: Callable[[], str]) -> str:
        """The value of a state that lasts for the whole run; Unprepared again when it was so the first time."""
        if state in self.unprepared:
            raise Unprepared(self.unprepared[state])
        if state not in self.values:
            try:
                self.values[state] = setup()
            except Unprepared as error:
                self.unprepared[state] = str(error)
                raise
        return self.values[state]


@dataclass
class RunState:
    """All that a run remembers.

    Attributes:
        patience: how long it waits.
        watchlist: what is read back at the end.
        devices: the devices that are known, and those that are spared.
        health: whether going on makes sense.
        intermittence: how wrong answers are told from mixed-up connections.
        broken: requirements that seem to be broken, by what each case found by itself.
        app_id_demanded: the target refuses calls without appId in the query.
        notes: what the report says about the run as a whole.
        given: what the provider gave for the whole run.
        extra_calls: calls beyond --max-calls, for what the user asked for besides.
        done: the ids of the cases that are over.
    """

    patience: Patience
    watchlist: Watchlist = field(default_factory=Watchlist)
    devices: Devices = field(default_factory=Devices)
    health: Health = field(default_factory=Health)
    intermittence: Intermittence = field(default_factory=Intermittence)
    broken: set[str] = field(default_factory=set)
    app_id_demanded: bool = False
    notes: list[str] = field(default_factory=list)
    given: Given = field(default_factory=Given)
    extra_calls: int = 0
    done: list[str] = field(default_factory=list)

    def note(self, words: str) -> None:
        """Say WORDS in the report, once."""
        if words not in self.notes:
            self.notes.append(words)

    def seems_broken(self, *requirements: str) -> bool:
        """Whether one of REQUIREMENTS seems to be broken; for what to send next, not for what to blame."""
        return not self.broken.isdisjoint(requirements)

    def are_over(self, cases: Iterable[str]) -> bool:
        """Whether the CASES of these ids ran already."""
        return set(cases) <= set(self.done)


def read_back(device_ids: Sequence[str], reader: Reader) -> Mapping[str, str]:
    """The commands of all of those devices."""
    found: dict[str, str] = {}
    for device_id in device_ids:
        found |= reader(device_id)
    return found
