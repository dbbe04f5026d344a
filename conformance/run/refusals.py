"""Calls that must be refused, for the documented reason, and change nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from conformance.case.identifiers import unknown_device
from conformance.case.optional_parts import ACCEPTED
from conformance.case.prepared import Prepared
from conformance.case.refusals import allowing_ambiguous_input
from conformance.client.draft import Draft
from conformance.contract import answer as answers
from conformance.contract import codes, documents, names
from conformance.contract.classification import is_success, unrelated_failure
from conformance.contract.meaning import MustStay, State
from conformance.contract.refused import Refusal, judge_refused
from conformance.evidence.exchange import Exchange
from conformance.exceptions import Unprepared
from conformance.record.observation import RefusedCall, Repeated, Unchanged
from conformance.run.calls import Calls
from conformance.run.devices import PreparedDevices
from conformance.run.revocations import Revocations
from conformance.run.state import RunState
from conformance.run.transcript import Transcript
from conformance.verdict.judging import task_of

__all__ = ["Refusals"]

AT_ONCE = 1.0
"""Seconds from a device's preparation on in which whatever happens to its pending commands is put down to a call."""

WHO_CALLS = frozenset({names.NO_EFFECT_APPLICATION, names.NO_EFFECT_CREDENTIALS})
"""What calls by the wrong caller, or for the wrong application, must not break."""


def _carried_out(exchange: Exchange, draft: Draft) -> bool:
    """Whether the answer is a task for the device of DRAFT: it isn't the answer to another call, then."""
    task = task_of(exchange)
    return task is not None and task.device_id == draft.device_id


class Refusals:
    """Refusals of CALLS for DEVICES."""

    def __init__(
        self,
        calls: Calls,
        devices: PreparedDevices,
        revocations: Revocations,
        state: RunState,
        transcript: Transcript,
    ) -> None:
        self._calls, self._devices, self._revocations = calls, devices, revocations
        self._state, self._transcript = state, transcript

    def must_refuse(
        self, edit: Callable[[Draft], Draft], refusal: Refusal, unchanged: str, *, optional_parts: bool = False
    ) -> None:
        """Make the valid call with one EDIT; it must be refused by REFUSAL and change nothing.

        Args:
            edit: what is wrong with the call.
            refusal: how it must be refused.
            unchanged: the requirement that is broken when it changes anything.
            optional_parts: the call also has the optional parts of a valid one, if that was seen to be accepted.
        """
        prepared, reason = self._devices.reserved(unchanged)
        device_id = prepared.id if prepared else unknown_device()
        # For a device that isn't there, being carried out shows as the answer for an unknown device.
        if prepared is None and codes.UNKNOWN_DEVICE not in refusal.codes:
            refusal = replace(refusal, blames=((codes.UNKNOWN_DEVICE, refusal.accepted), *refusal.blames))
        last_revoked = self._devices.last_revoked(refusal.codes[0])
        draft = edit(self._calls.plain(device_id))
        if optional_parts and self._state.are_over(ACCEPTED):
            draft = self._calls.with_optional_parts(draft)
        index = self.send(draft, refusal)
        if last_revoked is not None:
            self._note_refused(index)
        if prepared is None:
            self._transcript.mark_untested((unchanged,), reason)
            return
        self.unchanged_unless_accepted(prepared, refusal, unchanged, index)
        if last_revoked is None or self._transcript.failed(refusal.accepted, unchanged):
            return
        if not self.observe_unchanged(last_revoked, last_revoked.bystander(unchanged), index):
            self._devices.accept_current_state()
        # A later call that revokes it doesn't do so because this one was refused.
        self._state.watchlist.release(last_revoked.pending)

    def _note_refused(self, index: int) -> None:
        """The call at INDEX was held against what an earlier one left behind: none that is refused by its code need be.

        Which of the right codes that would be wasn't known before.
        """
        response = self._transcript.exchanges[index].response
        code = None if response is None else answers.read(response).code
        if code is not None:
            self._state.devices.leftovers.add(code)

    def send(self, draft: Draft, refusal: Refusal) -> int:
        """Send DRAFT, which must be refused by REFUSAL, and observe the answer; the exchange's index.

        An answer that may be due to chance, or to the connection, is asked for again first.
        """
        refusal = allowing_ambiguous_input(refusal, draft)
        index = self._calls.send(draft, refusal.describe())
        exchanges = self._transcript.exchanges
        if unrelated_failure(exchanges[index], refusal):
            # For what sets this call apart, or now and then whatever the call is? The same call again tells.
            again = self._calls.send(draft, refusal.describe())
            if not judge_refused(exchanges[again], refusal).failures:
                self._transcript.observe(Repeated(index, again, refusal.row))
                index = again
        elif not _carried_out(exchanges[index], draft) and (
            alone := self._calls.alone(
                exchanges[index], draft, lambda exchange: not judge_refused(exchange, refusal).failures
            )
        ):
            index = self._calls.record_connection_mixup(index, alone, refusal.row)
        self.observe(index, refusal)
        return index

    def observe(self, index: int, refusal: Refusal, *, optional: bool = False) -> None:
        """Observe the exchange INDEX as the answer to a call that must be refused by REFUSAL. See RefusedCall."""
        response = self._transcript.exchanges[index].response
        expected = codes.INVALID_CREDENTIALS in refusal.codes
        if not expected and response is not None and answers.read(response).code == codes.INVALID_CREDENTIALS:
            self._transcript.needs_health_check = True
        self._transcript.observe(RefusedCall(index, refusal, optional))

    def unchanged(self, prepared: Prepared, requirement: str, index: int) -> None:
        """Observe that the device's commands are all as they were."""
        if not self.observe_unchanged(prepared, prepared.bystander(requirement), index):
            self._devices.discard(requirement)
            self._devices.accept_current_state()
        elif prepared.commands is not None and prepared.device.app_id is None:
            self._state.devices.note_refused(prepared, requirement)

    def unchanged_unless_accepted(self, prepared: Prepared, refusal: Refusal, requirement: str, index: int) -> None:
        """The same after a call that should have been refused; one that was carried out is another matter."""
        if self._transcript.failed(refusal.accepted):
            self._transcript.mark_untested((requirement,), "the call was taken as a valid one")
            self._devices.discard(requirement)
            # What it revoked, it did as a valid call.
            self._state.watchlist.release(prepared.pending)
            # Whoever was let in called for that device alone; other input may have been read as several.
            if requirement not in WHO_CALLS:
                self._devices.accept_current_state()
        else:
            self.unchanged(prepared, requirement, index)

    def observe_unchanged(self, prepared: Prepared, kept: Mapping[str, MustStay], index: int) -> bool:
        """Read KEPT back, now and at the end of the run; whether all was left alone now."""
        after, unreadable = None, prepared.unreadable
        if prepared.commands is not None:
            try:
                after = self._devices.provider.commands(prepared.id)
            except Unprepared as error:
                unreadable = str(error)
        late = time.time() - prepared.at > AT_ONCE
        shown = self._transcript.observe(Unchanged(kept, after, unreadable, index, late))
        if after is not None and late and any(one.went_on(after.get(command)) for command, one in kept.items()):
            # The next call is made for a device whose commands are pending yet.
            for requirement in {one.requirement for one in kept.values()}:
                self._devices.discard(requirement)
        elif after is not None and not shown.findings:
            self._state.watchlist.watch((prepared.device,), kept)
        return not shown.findings

    def accept_or_refuse(self, prepared: Prepared, draft: Draft, code: str, blame: str) -> None:
        """Send DRAFT, which the document neither allows nor forbids: accepted, or refused with CODE, is both right.

        BLAME is broken by any other answer.
        """
        rows = documents.load().answers(code)
        expected = f"201 with a task, or {rows[0].status} with code {code}"
        index = self._calls.send(draft, expected, fresh=True)
        refusal = Refusal((code,), accepted=blame, row=blame)
        exchanges = self._transcript.exchanges
        if unrelated_failure(exchanges[index], refusal):
            again = self._calls.send(draft, expected, fresh=True)
            if not unrelated_failure(exchanges[again], refusal):
                self._transcript.observe(Repeated(index, again, blame))
                index = again
        if is_success(exchanges[index]):
            self._calls.observe_valid(index, prepared.id, blame, prepared.pending)
            self._revocations.observe(index, (prepared,), State(prepared.pending, prepared.kept()))
        else:
            self.observe(index, refusal, optional=True)
