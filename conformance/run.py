"""One run against one target: what its cases share, and what is done before the first and after the last of them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar, cast

from conformance.case import frame
from conformance.case.conversation import CREDENTIAL_CODES, Conversation, body_for
from conformance.case.identifiers import unknown_device
from conformance.case.outcome import conclude, without_control
from conformance.case.prepared import Prepared
from conformance.case.refusals import CONGESTED, FAILED_INSIDE
from conformance.case.registry import Case
from conformance.contract import answer as answers
from conformance.contract import documents
from conformance.contract.judgement import Judgement
from conformance.contract.meaning import UNDELIVERED, Kept, State, judge_kept
from conformance.contract.refused import REFUSED_GENERAL
from conformance.exceptions import Blocked, NoVerdict, Unprepared
from conformance.exchange import Exchange
from conformance.provider.states import Device, Provider
from conformance.record import CaseResult
from conformance.target.client import Client, Draft, plain
from conformance.target.configuration import Configuration
from conformance.target.evidence import kept
from conformance.target.reachability import explain
from conformance.target.redaction import Redaction

__all__ = ["Run", "new_seed"]

NO_APP_KEY = "100220"
MOST_TIMEOUTS = 6
MOST_PROBES = 3
FAILED = 500
REUSED = (
    "The provider gave the same device more than once. Late effects, and effects on other devices, show on fresh "
    "devices only."
)
"""What is told of a provider that has no fresh devices."""

STATES = {"congestion": CONGESTED, "internal-error": FAILED_INSIDE}
"""The cases that bring the whole target into a state, and how it answers every call then."""

MOST_PREPARING = 3.0
"""Seconds in which what a provider prepared must be read back."""

T = TypeVar("T")

REVOKE_ALL = "revoke-all-pending"
SPOILING = (REVOKE_ALL, "revoke-keeps-record", "listed-all")
"""Violations by which a call misses commands whatever was refused before it."""

APPLICATION_CODES = frozenset({"100203", "100217", "100022"})


@dataclass
class _Watched:
    devices: tuple[Device, ...]
    kept: dict[str, Kept]


@dataclass
class Run:
    """The shared state of a run in one process. Not thread-safe: cases run one after the other."""

    configuration: Configuration
    client: Client
    provider: Provider
    redaction: Redaction
    token: Callable[[], str]
    seed: int = 0
    max_calls: int = 200
    slow: bool = False
    exhaust: bool = False
    replay: str | None = None
    cache: Path | None = None
    planned: tuple[str, ...] = ()
    results: list[CaseResult] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    task_ids: dict[str, tuple[str, int]] = field(default_factory=dict)
    unreadable: str = ""
    opened: bool = False
    controlled: bool = False
    stopped: str = ""
    settle_time: float = 0.0
    preparing_time: float = 0.0
    app_id_demanded: bool = False
    called: Prepared | None = None
    """The device that was last named in a call that did all it should."""

    device_ids: set[str] = field(default_factory=set)
    app_ids: set[str] = field(default_factory=set)
    _remembered: set[str] = field(default_factory=set)
    reconnects: int = 2
    """How often a wrong answer may still be held against what the same call is answered on new connections."""

    _probes: int = 0
    _timeouts: int = 0
    _untouched: dict[str, Prepared] = field(default_factory=dict)
    _refused: dict[str, tuple[Prepared, str]] = field(default_factory=dict)
    _values: dict[str, object] = field(default_factory=dict)
    _watched: list[_Watched] = field(default_factory=list)
    _last_call: float = 0.0

    def __post_init__(self) -> None:
        self.settle_time = self.configuration.provider.settle_time
        self.preparing_time = min(self.settle_time, MOST_PREPARING)

    # -- what cases ask for ------------------------------------------------------------------------------------------

    def access_token(self) -> str:
        """The access token that is valid now."""
        return self.token()

    def plain(self, device_id: str) -> Draft:
        """The plain valid call for DEVICE_ID."""
        settings = self.configuration.target
        draft = plain(settings.app_key, self.token(), body_for(device_id))
        if self.app_id_demanded:
            return draft.with_app_id(settings.app_id, draft.edit)
        return draft

    def once(self, state: str, setup: Callable[[], T]) -> T:
        """The value of a state that lasts for the whole run; Unprepared again when it was so the first time."""
        if state not in self._values:
            try:
                self._values[state] = setup()
            except Unprepared as error:
                self._values[state] = error
        value = self._values[state]
        if isinstance(value, Unprepared):
            raise Unprepared(str(value))
        return cast("T", value)

    def untouched(self, talk: Conversation, kind: str) -> tuple[Prepared | None, str]:
        """The device whose commands no refused call of KIND has changed yet, or None and why there is none."""
        kind = self._kind(kind)
        if kind not in self._untouched:
            try:
                prepared = talk.device(pending=2)
            except Unprepared as error:
                return None, str(error)
            if not self.provider.roomy or (self.provider.kind == "hook" and not prepared.device.fresh):
                return prepared, ""
            self.provider.hold(prepared.device.id)
            prepared = replace(prepared, device=replace(prepared.device, fresh=True))
            self._untouched[kind] = prepared
        return self._untouched[kind], ""

    def _kind(self, kind: str) -> str:
        """Where devices are few, one serves for all kinds of refusals."""
        return kind if self.provider.kind == "hook" else "any"

    def called_before(self, code: str) -> Prepared | None:
        """The device of the last call that was carried out, with a command queued for it since.

        A refused call must not act on what is left of an earlier one: that shows at the first refusal with CODE.
        None later, and where no command can be queued or what is queued doesn't stay.
        """
        called, first = self.called, not self._remembered
        if code in self._remembered or called is None or not called.device.fresh or self.provider.kind != "hook":
            return None
        self._remembered.add(code)
        try:
            queued = self.provider.queue_command(called.device.id)
            if first and self.provider.commands(called.device.id).get(queued) not in UNDELIVERED:
                self._remembered |= {row.code for row in documents.load().rows}
                return None
        except Unprepared:
            return None
        return replace(called, device=replace(called.device, pending=(queued,), delivered=(), others={}))

    def unchanged(self, prepared: Prepared, requirement: str) -> None:
        """Refused calls for that device changed nothing to be seen; at the end a call for it must still be accepted."""
        if prepared.device.fresh and prepared.device.pending:
            self._refused[prepared.device.id] = (prepared, requirement)

    def reused(self, device: Device) -> None:
        """The provider gave DEVICE before: nothing that was found out about it then holds any longer."""
        self._untouched = {kind: one for kind, one in self._untouched.items() if one.device.id != device.id}
        self._refused.pop(device.id, None)
        if self.called is not None and self.called.device.id == device.id:
            self.called = None
        self._watched = [one for one in self._watched if device.id not in {known.id for known in one.devices}]
        if device.fresh and REUSED not in self.notes:
            self.notes.append(REUSED)

    def spoiled(self, kind: str) -> None:
        """A call changed that device after all; the next case gets another, so that it doesn't inherit the fault."""
        prepared = self._untouched.pop(self._kind(kind), None)
        if prepared is not None:
            self._watched = [watched for watched in self._watched if prepared.device not in watched.devices]

    def forgive(self) -> None:
        """A call did what it must not do, and may have done it elsewhere too; that isn't to be found a second time."""
        for watched in self._watched:
            with suppress(Unprepared):
                now = self.read_back([device.id for device in watched.devices])
                for command in [command for command, kept in watched.kept.items() if kept.changed(now.get(command))]:
                    del watched.kept[command]
        for kind, prepared in list(self._untouched.items()):
            if not self._still_pending(prepared):
                del self._untouched[kind]

    def _still_pending(self, prepared: Prepared) -> bool:
        """Whether the device's commands are pending yet; True where that can't be read back."""
        try:
            now = self.provider.commands(prepared.device.id)
        except Unprepared:
            return True
        return all(now.get(command) in UNDELIVERED for command in prepared.device.pending)

    def read_back(self, device_ids: Sequence[str]) -> Mapping[str, str]:
        """The commands of all of those devices."""
        found: dict[str, str] = {}
        for device_id in device_ids:
            found |= self.provider.commands(device_id)
        return found

    def watch(self, devices: tuple[Device, ...], kept: Mapping[str, Kept]) -> None:
        """Read those commands back once more at the end of the run: an effect may come late.

        One that is watched already stays what it is.
        """
        self._last_call = time.monotonic()
        if not all(device.fresh for device in devices):
            return
        known = {command for watched in self._watched for command in watched.kept}
        new = {command: one for command, one in kept.items() if command not in known}
        for watched in self._watched:
            if watched.devices == devices:
                watched.kept.update(new)
                return
        self._watched.append(_Watched(devices, new))

    def unwatch(self, commands: Sequence[str]) -> None:
        """These commands are no longer what they were, and rightly so, or that is told already."""
        for watched in self._watched:
            for command in commands:
                watched.kept.pop(command, None)

    def _patience(self, talk: Conversation) -> None:
        """A target that is alive but answers nothing in time is given up: every call would cost a time limit."""
        timeouts = sum(exchange.fault is not None and exchange.fault.kind == "timeout" for exchange in talk.exchanges)
        self._timeouts = self._timeouts + timeouts if timeouts else 0
        if self._timeouts >= MOST_TIMEOUTS:
            self.stopped = f"{self._timeouts} calls weren't answered in time; the rest wasn't tried"

    def _add(self, result: CaseResult) -> None:
        """Keep RESULT, with no more evidence than a report has use for."""
        self.results.append(replace(result, exchanges=tuple(map(kept, result.exchanges))))

    # -- before the first case and after the last --------------------------------------------------------------------

    def open(self) -> None:
        """The first control call; NoVerdict when the target can't be reached or refuses the credentials."""
        self._add(self._control(frame.CONTROL_FIRST))
        self.opened = True

    @property
    def reserved(self) -> int:
        """Calls that the end of the run takes."""
        return max(1, len(self._refused))

    def allow(self, calls: int) -> None:
        """CALLS more may be made, as the user asked for what needs them."""
        self.max_calls += calls
        self.client.most_calls = self.max_calls - self.reserved

    def close(self) -> None:
        """Look for late effects, make the last control call, and end every state; NoVerdict as in open."""
        self.client.most_calls = self.max_calls
        self._note_lingering_states()
        try:
            self._add(self._late_effects())
            self._add(self._control(frame.CONTROL_LAST, self._still_refused()))
        except Blocked as error:
            self.stopped = self.stopped or str(error)
        finally:
            self.provider.close()
            self.client.close()

    def _note_lingering_states(self) -> None:
        """Say so where the first call after such a state was still answered as in it: it may not have ended."""
        for result in self.results:
            if result.id not in STATES or not result.exchanges:
                continue
            ended = max(exchange.started for exchange in result.exchanges)
            exchanges = [one for other in self.results for one in other.exchanges if one.started > ended]
            following = min(exchanges, key=lambda one: one.started, default=None)
            code = answers.read(following.response).code if following and following.response else None
            if code in STATES[result.id].codes:
                self.notes.append(
                    f"The first call after the case {result.id} was answered with code {code}, too: either the "
                    "provider's teardown doesn't end that state, or the target doesn't recover from it. What failed "
                    "after that case may be due to that alone."
                )

    def close_worker(self) -> None:
        """What a worker of a distributed run does after its last case; the control calls are the controller's."""
        try:
            self._add(self._late_effects())
        finally:
            self.provider.close()
            self.client.close()

    def recheck(self) -> None:
        """Something looked as if the target had died or the credentials had ended: NoVerdict if they have."""
        exchange = self._probe()
        if self._sign_of_life(exchange) is not None:
            # A target may be alive and fail at accepted calls only.
            exchange = self._probe(refused=True)
            if _confuses_applications(exchange):
                # It knows the credentials, perhaps, when it is told whose they are.
                exchange = self._probe(refused=True, named=True)
            problem = self._sign_of_life(exchange)
            if problem is not None:
                raise NoVerdict(problem)

    def _probe(self, *, refused: bool = False, named: bool = False) -> Exchange:
        """A valid call without effect: for a device with nothing pending, else (or as REFUSED says) for none at all.

        named: with the application's own appId in the query.
        """
        device_id = unknown_device()
        if not refused:
            with suppress(Unprepared):
                device_id = self.provider.device(pending=0).id
        draft = self.plain(device_id)
        if named:
            draft = draft.with_app_id(self.configuration.target.app_id, draft.edit)
        return self.client.send(draft, expected="any answer but a refusal of the credentials")

    def _sign_of_life(self, exchange: Exchange) -> str | None:
        """Why EXCHANGE, a valid call, lets no verdict be had; None when the target lives and knows the credentials."""
        target = self.configuration.target
        if exchange.fault is not None:
            return None if exchange.fault.answered else explain(target, exchange.fault)
        if exchange.response is None:
            return None
        answer = answers.read(exchange.response)
        if answer.code == NO_APP_KEY:
            return (
                f"{target.base_url}: the header app_key was sent, and didn't arrive ({answer.describe()}); proxies "
                "and servers may drop names with an underscore unless told otherwise (nginx: underscores_in_headers on)"
            )
        if answer.status == 401 or (answer.kind != "task" and answer.code in CREDENTIAL_CODES):  # noqa: PLR2004 (HTTP's)
            locked = " (or does it lock callers out after wrong ones, as the cases send?)" if self.opened else ""
            return (
                f"{target.base_url}: the target refuses the configured credentials ({answer.describe()}); "
                f"check target.app_key, target.access_token (has it expired?) and target.app_id{locked}"
            )
        return None

    def run_case(self, case: Case, body: Callable[[Conversation], None]) -> CaseResult:
        """Run BODY as CASE and keep its result; NoVerdict when it turns out that none can be had."""
        talk = Conversation(self, case)
        started, calls = time.monotonic(), self.client.calls
        reason = ""
        self.client.most_calls = self.max_calls - self.reserved
        try:
            body(talk)
        except (Unprepared, Blocked) as error:
            reason = str(error)
        finally:
            self.provider.release()
        try:
            if talk.suspicious:
                self.recheck()
                self._patience(talk)
            elif self.controlled and self.replay is None:
                self._still_serving(talk)
        except Blocked as error:
            reason = reason or str(error)
        result = conclude(talk, reason, time.monotonic() - started, self.client.calls - calls)
        if not self.controlled and set(REFUSED_GENERAL) <= set(case.general):
            result = without_control(result)
        self._add(result)
        return result

    def _still_serving(self, talk: Conversation) -> None:
        """Where a call of TALK failed inside, and the plain valid call does so now, too, no other says any more."""
        failing = [
            finding
            for finding in talk.findings
            if finding.exchange is not None and _failed_inside(talk.exchanges[finding.exchange])
        ]
        # What stands on the target for a static provider is used up by a call.
        if not failing or self._probes >= MOST_PROBES or self.provider.kind == "static":
            return
        self._probes += 1
        try:
            prepared = talk.device(pending=1)
        except Unprepared:
            return
        exchange = self.client.send(self.plain(prepared.device.id), expected="201 with a task")
        if _failed_inside(exchange):
            talk.findings = [finding for finding in talk.findings if finding not in failing]
            talk.judge_accepted(talk.keep(exchange), prepared.device.id)
            self.stopped = "the plain valid call, which was accepted before, fails inside now, too"

    def _control(self, case: Case, refused: Sequence[tuple[Prepared, str]] = ()) -> CaseResult:
        """The plain valid request, for a device if the provider has one, else for one that doesn't exist.

        refused: the devices that refused calls were made for, each with the requirement that those had no effect. When
        the plain call is accepted for them now, and revokes all, only their edits refused the others.
        """
        talk = Conversation(self, case)
        started, calls = time.monotonic(), self.client.calls
        prepared = None
        try:
            prepared = refused[0][0] if refused else talk.device(pending=1)
        except Unprepared as error:
            self.unreadable = self.unreadable or str(error)
        reason = ""
        if prepared is None:
            index = talk.send(self.plain(unknown_device()), "200 with code 100418")
            self._verdict_possible(talk.exchanges[index])
            talk.judge_refused(index, frame.UNKNOWN_DEVICE)
            self.controlled = self.controlled or not talk.findings
            reason = "no device could be prepared for it, so it was made for one that doesn't exist"
        else:
            self.unwatch(prepared.device.pending)
            pending = prepared.device.pending
            task, index = talk.must_accept(self.plain(prepared.device.id), prepared.device.id, pending=pending)
            if task is None and not self.opened and self._demands_app_id(talk.exchanges[index]):
                talk = Conversation(self, case)
                talk.demand_app_id()
                task, index = talk.must_accept(self.plain(prepared.device.id), prepared.device.id, pending=pending)
            self._verdict_possible(talk.exchanges[index])
            self.controlled = self.controlled or task is not None
            state = State(pending, prepared.kept(), missed=self._missed(refused[0][1]) if refused else REVOKE_ALL)
            talk.judge_revocation(task, index, (prepared,), state)
            for other, requirement in refused[1:]:
                self.unwatch(other.device.pending)
                talk.revoke(other, state=State(other.device.pending, other.kept(), missed=self._missed(requirement)))
            if len({finding.requirement for finding in talk.findings} & set(frame.REFUSED)) > 1:
                # Whatever they were refused for, no later call does all that it should.
                talk.blame(frame.REFUSED, REVOKE_ALL)
        self.provider.release()
        if self.configuration.target.https:
            # A verified TLS connection carried the call, or there would be no verdict by now.
            talk.judged.add("transport-https")
        return conclude(talk, reason, time.monotonic() - started, self.client.calls - calls)

    def broken(self, *requirements: str) -> bool:
        """Whether one of REQUIREMENTS was found to be violated by a case that is over."""
        return any(finding.requirement in requirements for result in self.results for finding in result.findings)

    def blame(self, special: str) -> str:
        """What a valid call breaks that is refused now: SPECIAL, what sets it apart, if that is known to be broken."""
        return special if self.broken(special) else "call-accepted"

    def _missed(self, requirement: str) -> str:
        """What is broken when a call after refused ones misses commands: REQUIREMENT, unless every call does."""
        return REVOKE_ALL if self.broken(*SPOILING) else requirement

    def _demands_app_id(self, exchange: Exchange) -> bool:
        """Whether EXCHANGE, the plain call, was refused because its query has no appId; from now on it has one then."""
        if exchange.response is None or answers.read(exchange.response).code not in APPLICATION_CODES:
            return False
        self.app_id_demanded = True
        probed = self._probe()
        answer = answers.read(probed.response) if probed.response else None
        self.app_id_demanded = answer is not None and (answer.kind == "task" or answer.code == "100418")
        return self.app_id_demanded

    def _verdict_possible(self, exchange: Exchange) -> None:
        """NoVerdict when EXCHANGE, a control call, and a second try show that none can be had."""
        problem = self._sign_of_life(exchange)
        if problem is None:
            return
        if exchange.fault is not None and exchange.fault.kind == "unreachable":
            raise NoVerdict(problem)
        self.recheck()

    def _still_refused(self) -> list[tuple[Prepared, str]]:
        """The devices that refused calls were made for and whose commands are all pending, with what that shows."""
        return [one for one in self._refused.values() if self._still_pending(one[0])]

    def _late_effects(self) -> CaseResult:
        talk = Conversation(self, frame.LATE_EFFECTS)
        started = time.monotonic()
        if self._watched:
            self.client.pacer.wait(
                max(0.0, self._last_call + self.configuration.provider.watch_time - time.monotonic())
            )
        reason = "" if self._watched else "no device could be watched"
        if self.broken(*frame.REFUSED):
            # A refused call that had an effect may have had it anywhere.
            self.forgive()
        for watched in self._watched:
            try:
                after = self.read_back([device.id for device in watched.devices])
            except Unprepared as error:
                reason = str(error)
                break
            judged = {kept.requirement for kept in watched.kept.values()}
            talk.add(Judgement(judge_kept(watched.kept, after)), judged)
        return conclude(talk, reason, time.monotonic() - started, 0)


def _failed_inside(exchange: Exchange) -> bool:
    return exchange.response is not None and exchange.response.status >= FAILED


def _confuses_applications(exchange: Exchange) -> bool:
    """Whether EXCHANGE, the plain call, was refused for an application that it doesn't name."""
    return exchange.response is not None and answers.read(exchange.response).code in {"100203", "100217"}


def new_seed() -> int:
    """A seed for a run that was given none."""
    return secrets.randbelow(2**32)
