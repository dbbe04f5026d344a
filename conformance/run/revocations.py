"""Valid calls for prepared devices: what they listed, what they revoked, and what they had to leave alone."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from conformance.case.prepared import Prepared, revoked
from conformance.client.draft import Draft
from conformance.contract import names
from conformance.contract.classification import is_task, refused
from conformance.contract.meaning import CANCELED, EFFECTS, PENDING, MustStay, State
from conformance.exceptions import Unprepared
from conformance.record.observation import Counted, Revocation, Unchanged
from conformance.run.calls import CALL_ACCEPTED, Calls
from conformance.run.devices import PreparedDevices
from conformance.run.polling import Polling
from conformance.run.state import RunState
from conformance.run.transcript import Transcript

__all__ = ["REVOKED", "Revocations"]

KEEP_OTHERS = names.KEEP_OTHER_DEVICES
REVOKED = MustStay(CANCELED, names.REVOKE_ALL_PENDING, if_missing=names.REVOKE_KEEPS_RECORD)
"""A command that was revoked, and must stay so."""


class Revocations:
    """Revocations by CALLS, read back by POLLING."""

    def __init__(
        self, calls: Calls, devices: PreparedDevices, state: RunState, transcript: Transcript, polling: Polling
    ) -> None:
        self._calls, self._devices, self._state = calls, devices, state
        self._transcript, self._polling = transcript, polling

    def revoke(
        self,
        prepared: Prepared,
        *,
        draft: Draft | None = None,
        state: State | None = None,
        bystanders: tuple[Prepared, ...] = (),
        blame: str = CALL_ACCEPTED,
        otherwise: str | None = None,
        after_refusals: str | None = None,
        control: bool = False,
    ) -> bool:
        """Make the call for a prepared device, and observe answer, list and effect; whether it was carried out.

        Args:
            prepared: the device.
            draft: the call; the plain one when left out.
            state: what stood on the target before; as prepared when left out.
            bystanders: other devices, which the call must leave alone.
            blame: the requirement that is broken when the call is refused.
            otherwise: as Calls.must_accept has it.
            after_refusals: as Revocation has it.
            control: as Revocation has it.
        """
        device = prepared.device
        state = state or State(device.pending, prepared.kept())
        if device.id in {other.id for other in bystanders}:
            self._transcript.mark_untested((KEEP_OTHERS,), f"the provider has no other device than {device.id}")
            bystanders = ()
        for other in bystanders:
            state = replace(state, kept={**state.kept, **other.bystander(KEEP_OTHERS)})
        draft = draft or self._calls.plain(device.id)
        index = self._calls.must_accept(draft, device.id, blame, pending=state.pending, otherwise=otherwise)
        return self.observe(index, (prepared, *bystanders), state, after_refusals=after_refusals, control=control)

    def accepted(self, index: int) -> bool:
        """Whether the exchange INDEX brought a task."""
        return is_task(self._transcript.exchanges[index])

    def revoke_in_turn(self, devices: tuple[Prepared, ...]) -> None:
        """Make the call for each of DEVICES, one right after the other, and observe what all of them did then."""
        made = [self._calls.must_accept(self._calls.plain(one.id), one.id, pending=one.pending) for one in devices]
        for prepared, index in zip(devices, made, strict=True):
            self.observe(index, (prepared,), State(prepared.pending, prepared.kept()))

    def revoke_and_queue(self, prepared: Prepared) -> None:
        """Make the call, and queue one more command before the task may be carried out: that one must stay."""
        device = prepared.device
        index = self._calls.must_accept(self._calls.plain(device.id), device.id, pending=device.pending)
        kept = prepared.kept()
        try:
            kept[self._devices.provider.queue_command(device.id)] = MustStay(PENDING, names.LATER_COMMANDS_STAY)
        except Unprepared as error:
            self._transcript.mark_untested((names.LATER_COMMANDS_STAY,), str(error))
        self.observe(index, (prepared,), State(device.pending, kept))

    def revoke_queued(self, prepared: Prepared, draft: Draft, blame: str) -> None:
        """Queue a command for a device whose others were revoked, where that can be, and make the call DRAFT again.

        BLAME is what is broken when that is refused, and the plain call isn't.
        """
        device, kept = prepared.device, prepared.kept() | revoked(prepared.device)
        queued: tuple[str, ...] = ()
        with suppress(Unprepared):
            queued = (self._devices.provider.queue_command(device.id),)
        later = replace(prepared, device=replace(device, pending=queued))
        special = names.LATER_COMMANDS_REVOKED_NEXT if queued else names.NOTHING_PENDING_EMPTY_TASK
        state = State(queued, kept, missed=names.LATER_COMMANDS_REVOKED_NEXT)
        self.revoke(later, draft=draft, state=state, blame=blame, otherwise=special)

    def observe(
        self,
        index: int,
        devices: tuple[Prepared, ...],
        state: State,
        *,
        after_refusals: str | None = None,
        control: bool = False,
        apart: str | None = None,
    ) -> bool:
        """Read back what the call at INDEX did; all that STATE speaks of is on DEVICES. Whether it was carried out.

        A call that was answered otherwise than with a task, and not refused, may have been carried out yet.
        """
        accepted = self.accepted(index)
        if not refused(self._transcript.exchanges[index]):
            # However it was answered, it may be carried out yet.
            self._state.watchlist.release(state.pending)
        # As it was before this wait, which may shorten it.
        patience = replace(self._state.patience)
        unreadable = ""
        first = after = None
        try:
            first, after = self._polling.settled(devices, state, accepted=accepted or self._broke_off(index))
        except Unprepared as error:
            unreadable = self._state.health.unreadable = str(error)
        shown = self._transcript.observe(
            Revocation(
                index,
                state,
                first,
                after,
                unreadable=unreadable,
                after_refusals=after_refusals,
                control=control,
                settle_time=patience.settle_time,
                apart=apart,
                shortened=patience.shortened,
            )
        )
        if after is None:
            return accepted
        if not accepted and not self._revoked_some(index, state, after):
            return False
        if KEEP_OTHERS in {finding.requirement for finding in shown.findings}:
            self._devices.accept_current_state()
        if state.pending and not self._transcript.failed(*EFFECTS):
            self._state.devices.last_revoked = devices[0]
        left_alone = {command: kept for command, kept in state.kept.items() if not kept.changed(after.get(command))}
        # What is observed now isn't to be found a second time at the end of the run.
        self._state.watchlist.release([*state.pending, *(state.kept.keys() - left_alone.keys())])
        carried_out = {command: REVOKED for command in state.pending if after.get(command) == CANCELED}
        self._state.watchlist.watch(tuple(prepared.device for prepared in devices), left_alone | carried_out)
        return True

    def _broke_off(self, index: int) -> bool:
        """Whether the answer at INDEX began: what it was to say may come true all the same."""
        fault = self._transcript.exchanges[index].fault
        return fault is not None and fault.answered

    def _revoked_some(self, index: int, state: State, after: Mapping[str, str]) -> bool:
        """Whether the call at INDEX, which brought no task, revoked something without having been refused."""
        revoked_some = any(after.get(command) == CANCELED for command in state.pending)
        return revoked_some and not refused(self._transcript.exchanges[index])

    def observe_count(self, index: int) -> None:
        """Hold totalCount at INDEX against the list, where the device's commands aren't known."""
        if self.accepted(index):
            self._transcript.observe(Counted(index))

    def still_pending(self, prepared: Prepared, requirement: str) -> None:
        """Observe that the device's commands are pending, before the next call is made."""
        kept = {command: MustStay(PENDING, requirement) for command in prepared.pending}
        gone = not self.stays(prepared, kept)
        self._transcript.skip_if(gone, "the commands queued later were gone already")

    def stays(self, prepared: Prepared, kept: Mapping[str, MustStay]) -> bool:
        """Observe that commands of the device, KEPT, are as they were; False where one isn't."""
        try:
            after = self._devices.provider.commands(prepared.id)
        except Unprepared as error:
            self._transcript.mark_untested(dict.fromkeys(one.requirement for one in kept.values()), str(error))
            return True
        shown = self._transcript.observe(Unchanged(kept, after))
        if shown.findings:
            self._state.watchlist.release(kept)
        return not shown.findings
