"""What a case is handed: the parts of a run that it may use."""

from __future__ import annotations

from conformance.case.case import Case
from conformance.client.client import Client
from conformance.provider.states import Provider
from conformance.run.calls import Calls
from conformance.run.context import Context, Options
from conformance.run.credentials import Credentials
from conformance.run.devices import PreparedDevices
from conformance.run.polling import Polling
from conformance.run.refusals import Refusals
from conformance.run.revocations import Revocations
from conformance.run.rig import Rig
from conformance.run.state import RunState
from conformance.run.transcript import Transcript

__all__ = ["CaseContext"]


class CaseContext:
    """The parts of a run, put together for one case.

    Attributes:
        rig: what the whole run works with.
        state: what the run remembers from case to case.
        planned: the cases that are to run, in their order.
        transcript: what the case leaves behind.
        polling: waits for what is read back.
        credentials: who calls.
        devices: the devices that the case is given.
        calls: makes calls.
        revocations: calls that must be accepted, and what they do.
        refusals: calls that must be refused, and change nothing.
    """

    def __init__(self, rig: Rig, state: RunState, case: Case, planned: tuple[Case, ...] = ()) -> None:
        self.rig, self.state, self.planned = rig, state, planned
        self.transcript = Transcript(case)
        self.polling = Polling(rig.provider, state.patience)
        self.credentials = Credentials(rig.context, rig.provider, state, rig.redaction, rig.token)
        self.devices = PreparedDevices(rig.provider, state, self.transcript, self.credentials, self.polling)
        self.calls = Calls(
            rig.client, state, self.transcript, self.credentials, rig.redaction, queued=lambda: rig.provider.queued
        )
        self.revocations = Revocations(self.calls, self.devices, state, self.transcript, self.polling)
        self.refusals = Refusals(self.calls, self.devices, self.revocations, state, self.transcript)

    @property
    def context(self) -> Context:
        """Configuration and options."""
        return self.rig.context

    @property
    def options(self) -> Options:
        """How the run was asked to go."""
        return self.rig.context.options

    @property
    def client(self) -> Client:
        """Makes the calls."""
        return self.rig.client

    @property
    def provider(self) -> Provider:
        """Brings the target into states."""
        return self.rig.provider

    @property
    def calls_to_spare(self) -> int:
        """Calls that generated requests may still take: written cases that are still to come keep theirs."""
        coming = (case for case in self.planned if case.id not in self.state.done)
        written = sum(case.calls for case in coming if case.chapter != "generated")
        return (self.client.most_calls or 0) - self.client.calls - written

    def allow(self, calls: int) -> None:
        """CALLS more may be made than --max-calls says, as the user asked for what needs them."""
        self.state.extra_calls += calls
        self.client.most_calls = None if self.client.most_calls is None else self.client.most_calls + calls

    def skip_if(self, condition: bool, reason: str) -> None:  # noqa: FBT001 (reads as a sentence: skip if …)
        """End the case when there is nothing more to say; what it hasn't judged stays untested for REASON."""
        self.transcript.skip_if(condition, reason)

    def failed(self, *requirements: str) -> bool:
        """Whether one of REQUIREMENTS seems to be violated in this case."""
        return self.transcript.failed(*requirements)

    def asked_for(self, name: str) -> object:
        """The value that a case asks for by the NAME of a parameter: a credential, or the deviceIds that are taken."""
        return self.devices.taken() if name == "taken" else getattr(self.credentials, name)()
