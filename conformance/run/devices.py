"""The devices that a case is given, each read back before anything is done to it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

from conformance.case.prepared import Prepared, mismatch
from conformance.contract import documents, names
from conformance.contract.meaning import SETTLED, UNDELIVERED
from conformance.exceptions import Unprepared
from conformance.provider.states import Device, Provider, SecondApplication
from conformance.run.credentials import Credentials
from conformance.run.polling import Polling
from conformance.run.state import RunState
from conformance.run.transcript import Transcript

__all__ = ["PreparedDevices"]

FINISHED = (dict.fromkeys(SETTLED, 1), {"SUCCESSFUL": 1, "CANCELED": 1}, None)
"""How many finished commands a device has beside others: as many as a hook can give it."""


class PreparedDevices:
    """Devices by PROVIDER for the case of TRANSCRIPT."""

    def __init__(
        self, provider: Provider, state: RunState, transcript: Transcript, credentials: Credentials, polling: Polling
    ) -> None:
        self.provider = provider
        self._state, self._transcript, self._credentials = state, transcript, credentials
        self._polling = polling

    def device(self, pending: int, delivered: int = 0, others: Mapping[str, int] | None = None) -> Prepared:
        """A device with that many commands in each state."""
        prepared = self.checked(self.provider.device(pending, delivered, others))
        if others and prepared.commands and not prepared.device.others:
            # A provider need not say which these are; what is read back does.
            rest = prepared.commands.keys() - {*prepared.pending, *prepared.device.delivered}
            named = {command: prepared.commands[command] for command in rest if prepared.commands[command] in others}
            return replace(prepared, device=replace(prepared.device, others=named))
        return prepared

    def device_with_history(self, pending: int) -> Prepared:
        """A device with that many pending commands beside delivered and finished ones, where a hook has such a one."""
        if self.provider.kind == "hook":
            for others in FINISHED:
                with suppress(Unprepared):
                    return self.device(pending, 1, others)
        return self.device(pending)

    def foreign_device(self, pending: int) -> Prepared:
        """A device of another application."""
        device = self.provider.foreign_device(pending)
        if device.app_id == self._credentials.own_app_id():
            raise Unprepared("the provider is at fault: the foreign device that it gave is the application's own")
        self._state.devices.app_ids.add(device.app_id or "")
        return self.checked(device, own=False)

    def authorized_application(self, pending: int) -> Prepared:
        """A device of another application, which has authorised the caller."""
        device = self.provider.authorized_application(pending)
        self._state.devices.app_ids.add(device.app_id or "")
        return self.checked(device, own=False)

    def second_application(self, pending: int) -> tuple[SecondApplication, Prepared]:
        """An application with credentials of its own, and its device."""
        second, own = self.provider.second_application(pending), self._credentials
        mine = (own.app_key(), own.token(), own.own_app_id())
        if any(one in mine for one in (second.app_key, second.access_token, second.app_id)):
            raise Unprepared("the provider is at fault: the second application that it gave is the caller's own")
        self._state.devices.app_ids.add(second.app_id)
        return second, self.checked(second.device, own=False)

    def checked(self, device: Device, *, own: bool = True) -> Prepared:
        """DEVICE once it reads back as the provider said; Unprepared when it doesn't."""
        known = self._state.devices
        if device.id in known.ids:
            # What is done to it now is nothing that earlier calls did.
            known.used_again(device)
            self._state.watchlist.discard(device.id)
            device = replace(device, fresh=False)
        known.ids.add(device.id)
        self._transcript.named.add(device.id)
        try:
            commands = self._polling.prepared(device)
        except Unprepared as error:
            if own:
                self._state.health.unreadable = str(error)
            return Prepared(device, None, str(error))
        problem = mismatch(device, commands)
        if problem:
            raise Unprepared(problem)
        return Prepared(device, commands)

    def mixed_device(self, pending: int, delivered: int, others: Mapping[str, int]) -> Prepared:
        """A device with commands in every state; where the provider has none of some, without them."""
        reasons: dict[str, str] = {}
        problem = Unprepared()
        for count, statuses in self._mixtures(delivered, others):
            try:
                prepared = self.device(pending, count, statuses)
            except Unprepared as error:
                problem = error
                reasons |= {names.KEEP_DELIVERED: str(error)} if count else {}
                reasons |= {names.KEEP_FINISHED: str(error)} if statuses == others else {}
                continue
            if not count:
                self._transcript.mark_untested((names.KEEP_DELIVERED,), reasons[names.KEEP_DELIVERED])
            if statuses is None:
                self._transcript.mark_untested((names.KEEP_FINISHED,), reasons[names.KEEP_FINISHED])
            lacking = sorted(set(others) - set(prepared.device.others.values()))
            if statuses is not None and lacking:
                words = f"the provider prepared no commands that are {', '.join(lacking)}"
                self._transcript.mark_inconclusive(names.KEEP_FINISHED, f"{words}: {self.provider.remedy}")
            return prepared
        raise problem

    def _mixtures(self, delivered: int, others: Mapping[str, int]) -> Iterator[tuple[int, Mapping[str, int] | None]]:
        """What to ask for beside pending commands, until it can be had: DELIVERED and OTHERS, then less of them."""
        fewer: list[Mapping[str, int]] | None = None
        for count in dict.fromkeys((delivered, 0)):
            yield count, others
            fewer = self._fewer(others) if fewer is None else fewer
            for statuses in fewer:
                yield count, statuses
            yield count, None

    def _fewer(self, others: Mapping[str, int]) -> list[Mapping[str, int]]:
        """What may be had where OTHERS can't: those that a hook prepares when it is asked for them alone.

        Other providers have devices that are used up by asking: there, all but one.
        """
        if self.provider.kind != "hook":
            return [{status: others[status] for status in others if status != lacking} for lacking in others]
        found = {}
        for status, number in others.items():
            with suppress(Unprepared):
                self.provider.device(0, 0, {status: number})
                found[status] = number
        # Some hooks have each of them, and no two at once.
        alone = dict([*found.items()][:1])
        return [one for one in (found, alone) if one and one != others]

    def bystander(self, pending: int) -> tuple[Prepared, ...]:
        """Another device, which a call must leave alone; none where the provider has none to spare."""
        named = frozenset(self._transcript.named)
        try:
            prepared = self.device(pending)
        except Unprepared as error:
            self._transcript.mark_untested((names.KEEP_OTHER_DEVICES,), str(error))
            return ()
        # Preparing one device anew has ended what was prepared there.
        taken = prepared.id in named
        self._transcript.skip_if(taken, f"the provider has no other device than {prepared.id}")
        return (prepared,)

    def taken(self) -> Collection[str]:
        """The deviceIds that are known to exist."""
        return frozenset(self._state.devices.ids)

    # -- devices that are spared for a purpose ---------------------------------------------------------------------

    def reserved(self, requirement: str) -> tuple[Prepared | None, str]:
        """The device for refused calls whose effect breaks REQUIREMENT, or None and why there is none."""
        kind, known = self._kind(requirement), self._state.devices
        if kind not in known.reserved:
            try:
                prepared = self.device(pending=2)
            except Unprepared as error:
                return None, str(error)
            if not self.provider.roomy or (self.provider.kind == "hook" and not prepared.device.fresh):
                return prepared, ""
            self.provider.hold(prepared.id)
            known.reserved[kind] = replace(prepared, device=replace(prepared.device, fresh=True))
        return known.reserved[kind], ""

    def discard(self, requirement: str) -> None:
        """A call changed that device after all; the next case gets another, so that it doesn't inherit the fault."""
        prepared = self._state.devices.reserved.pop(self._kind(requirement), None)
        if prepared is not None:
            self._state.watchlist.discard(prepared.id)

    def _kind(self, requirement: str) -> str:
        """Where devices are few, one serves for all kinds of refusals."""
        return requirement if self.provider.kind == "hook" else "any"

    def last_revoked(self, code: str) -> Prepared | None:
        """The most recently revoked device with one new pending command, until a call was refused by CODE.

        None if no command can be queued, or if it doesn't stay pending.
        """
        known = self._state.devices
        called, first = known.last_revoked, not known.leftovers
        if code in known.leftovers or called is None or not called.device.fresh or self.provider.kind != "hook":
            return None
        try:
            queued = self.provider.queue_command(called.id)
            if first and self.provider.commands(called.id).get(queued) not in UNDELIVERED:
                known.leftovers |= {row.code for row in documents.load().rows}
                return None
        except Unprepared:
            known.leftovers.add(code)
            return None
        return replace(called, device=replace(called.device, pending=(queued,), delivered=(), others={}))

    def accept_current_state(self) -> None:
        """Take the present state as the new baseline: what a call changed elsewhere is already reported."""
        reader = self.provider.commands
        self._state.watchlist.accept_current_state(reader)
        self._state.devices.drop_changed(reader)
