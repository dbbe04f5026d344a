"""One case's conversation with the target: it asks for states, sends calls, judges answers, and keeps the evidence."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_delay, wait_exponential

from conformance.case.answered import described, fails_at_anything, is_success, is_task, refused
from conformance.case.identifiers import unknown_device
from conformance.case.prepared import KEPT_DELIVERED, KEPT_FINISHED, Prepared, mismatch, revoked
from conformance.case.refusals import lenient
from conformance.case.settling import Standstill, latest
from conformance.contract import answer as answers
from conformance.contract import documents
from conformance.contract.accepted import accepted_requirements, judge_accepted
from conformance.contract.delivery import SECRECY, judge_secrecy
from conformance.contract.judgement import Judgement, untested
from conformance.contract.meaning import (
    CANCELED,
    LISTING,
    SETTLED,
    Kept,
    State,
    judge_count,
    judge_effect,
    judge_kept,
    judge_listing,
)
from conformance.contract.refused import REFUSED_GENERAL, Refusal, judge_refused
from conformance.contract.task import Task
from conformance.exceptions import Blocked, Unprepared
from conformance.exchange import Exchange
from conformance.provider.states import Device
from conformance.provider.values import is_credential
from conformance.record import Finding
from conformance.target.client import Draft

if TYPE_CHECKING:
    from conformance.case.registry import Case
    from conformance.run import Run

__all__ = ["CREDENTIAL_CODES", "Conversation", "body_for"]

UNAUTHORIZED = 401
STEADY = "call-accepted"
"""The requirement that a target breaks which answers the same call wrongly now and then."""

COMPLETE = "answer-complete"
IMPATIENT = 1.0
SURE = 3
"""Right answers in a row that aren't due to a target that is wrong now and then."""

SOME_FINISHED = {"SUCCESSFUL": 1, "CANCELED": 1}

UNKNOWN_DEVICE = "100418"
EXPIRED = "1010005"
CREDENTIAL_CODES = frozenset({EXPIRED, "100203", "100217", "100220"})
EFFECTS = ("revoke-all-pending", "revoke-keeps-record", "task-status-true")
REVOKED = Kept(CANCELED, "revoke-all-pending", gone="revoke-keeps-record")
"""A command that was revoked, and must stay so."""


def body_for(device_id: str) -> bytes:
    """The valid request body for DEVICE_ID."""
    return json.dumps({"deviceId": device_id}).encode("ascii")


class Conversation:
    """What the case functions are handed; see the module."""

    def __init__(self, run: Run, case: Case) -> None:
        self.run, self.case = run, case
        self.exchanges: list[Exchange] = []
        self.findings: list[Finding] = []
        self.untested: dict[str, str] = {}
        self.partly: dict[str, str] = {}
        self.named: set[str] = set()
        self.judged: set[str] = set()
        self.suspicious = False
        self.replay: str | None = None

    # -- evidence ----------------------------------------------------------------------------------------------------

    def add(self, judgement: Judgement, judged: Iterable[str], exchange: int | None = None) -> None:
        """Take JUDGEMENT in; JUDGED are the requirements that it was made by."""
        if exchange is not None:
            judgement = judgement.at(exchange)
        self.findings.extend(judgement.findings)
        for requirement in judged:
            if requirement not in judgement.untested:
                self.judged.add(requirement)
        for requirement, reason in judgement.untested.items():
            self.untested.setdefault(requirement, reason)

    def cannot(self, requirements: Iterable[str], reason: str) -> None:
        """This case can't say anything about REQUIREMENTS."""
        self.add(Judgement((), untested(requirements, reason)), ())

    def only_partly(self, requirement: str, reason: str) -> None:
        """What this case finds about REQUIREMENT counts, but that it finds nothing doesn't prove it, for REASON."""
        self.partly[requirement] = reason

    def keep(self, exchange: Exchange) -> int:
        """Take EXCHANGE in as evidence; its index."""
        self.exchanges.append(exchange)
        if exchange.fault is not None:
            self.suspicious = True
        index = len(self.exchanges) - 1
        self.add(judge_secrecy(exchange, self.token()), (SECRECY,), index)
        return index

    # -- states ------------------------------------------------------------------------------------------------------

    def device(self, pending: int, delivered: int = 0, others: Mapping[str, int] | None = None) -> Prepared:
        """A device with that many commands in each state, read back before anything is done to it."""
        prepared = self._checked(self.run.provider.device(pending, delivered, others))
        if others and prepared.commands and not prepared.device.others:
            # A provider need not say which these are; what is read back does.
            rest = prepared.commands.keys() - {*prepared.device.pending, *prepared.device.delivered}
            named = {command: prepared.commands[command] for command in rest if prepared.commands[command] in others}
            return replace(prepared, device=replace(prepared.device, others=named))
        return prepared

    def seasoned(self, pending: int) -> Prepared:
        """A device with that many pending commands beside delivered and finished ones, where a hook has such a one."""
        if self.run.provider.kind == "hook":
            for others in (SOME_FINISHED, None):
                with suppress(Unprepared):
                    return self.device(pending, 1, others)
        return self.device(pending)

    def in_context(self, draft: Draft) -> Draft:
        """DRAFT with what a valid call may have beside: the application's own appId and a charset.

        A target that refuses a valid call for one of them gets it without.
        """
        words = []
        if not self.run.broken("app-id-optional"):
            words.append("the application's own appId")
            draft = draft.with_app_id(self.own_app_id(), draft.edit)
        if not self.run.broken("request-charset"):
            words.append("a charset")
            draft = draft.with_header("Content-Type", "application/json; charset=UTF-8", draft.edit)
        return replace(draft, edit=", with ".join(filter(None, (draft.edit, " and ".join(words)))))

    def foreign_device(self, pending: int) -> Prepared:
        """Such a device of another application."""
        device = self.run.provider.foreign_device(pending)
        if device.app_id == self.own_app_id():
            raise Unprepared("the provider is at fault: the foreign device that it gave is the application's own")
        self.run.app_ids.add(device.app_id or "")
        return self._checked(device, own=False)

    def _checked(self, device: Device, *, own: bool = True) -> Prepared:
        if device.id in self.run.device_ids:
            # What is done to it now is nothing that earlier calls did.
            self.run.reused(device)
            device = replace(device, fresh=False)
        self.run.device_ids.add(device.id)
        self.named.add(device.id)
        try:
            # What is read back may trail behind what was prepared.
            poll = Retrying(
                retry=retry_if_result(lambda commands: bool(mismatch(device, commands))),
                wait=wait_exponential(multiplier=0.05, max=0.5),
                stop=stop_after_delay(self.run.preparing_time),
                retry_error_callback=self._unprepared,
            )
            commands = poll(self.run.provider.commands, device.id)
        except Unprepared as error:
            if own:
                self.run.unreadable = str(error)
            return Prepared(device, None, str(error))
        problem = mismatch(device, commands)
        if problem:
            raise Unprepared(problem)
        return Prepared(device, commands)

    def _unprepared(self, last: RetryCallState) -> Mapping[str, str]:
        """What was prepared didn't turn up in time; the next time it isn't waited for."""
        self.run.preparing_time = 0.0
        return latest(last)

    def unauthorized_application(self) -> str:
        """The appId of an application that hasn't authorised the caller."""

        def setup() -> str:
            try:
                return self.run.provider.unauthorized_application()
            except Unprepared:
                # The state of a foreign device names such an application too.
                with suppress(Unprepared):
                    return self.run.provider.foreign_device(0).app_id or ""
                raise

        app_id = self.run.once("unauthorized application", setup)
        if app_id == self.own_app_id():
            raise Unprepared(f"the provider is at fault: {app_id}, which it gave as unauthorised, is the caller's own")
        self.run.app_ids.add(app_id)
        return app_id

    def unauthorized_app_key(self) -> str:
        """The same as a value for the header app_key."""
        app_id = self.unauthorized_application()
        if not is_credential(app_id):
            raise Unprepared(f"the appId {app_id} can't stand in a header")
        return app_id

    def expired_token(self) -> str:
        """A token that has expired."""
        token = self.run.once("expired token", self.run.provider.expired_token)
        if token == self.token():
            raise Unprepared("the provider is at fault: the expired token that it gave is the one that is in use")
        self.run.redaction.learn(token, "EXPIRED_TOKEN")
        return token

    def token(self) -> str:
        """The valid access token."""
        return self.run.access_token()

    def taken(self) -> Collection[str]:
        """The deviceIds that are known to exist."""
        return frozenset(self.run.device_ids)

    def own_app_id(self) -> str:
        """The authorised application's own appId."""
        return self.run.configuration.target.app_id

    # -- calls -------------------------------------------------------------------------------------------------------

    def plain(self, device_id: str) -> Draft:
        """The plain valid call for DEVICE_ID."""
        return self.run.plain(device_id)

    def send(self, draft: Draft, expected: str, *, fresh: bool = False, paced: bool = True) -> int:
        """Send DRAFT; the index of its exchange."""
        self.run.redaction.derive(draft.headers)
        return self.keep(self.run.client.send(draft, expected=expected, fresh=fresh, paced=paced))

    def must_accept(
        self,
        draft: Draft,
        device_id: str,
        blame: str = "call-accepted",
        *,
        paced: bool = True,
        pending: Collection[str] | None = None,
        otherwise: str | None = None,
    ) -> tuple[Task | None, int]:
        """Send DRAFT, a valid call for DEVICE_ID, and judge that it is accepted; the task, and the exchange's index.

        pending: the commands that should be listed, where they are known. otherwise: what is broken instead of BLAME
        when the plain call for the device is refused too.
        """
        index = self.send(draft, "201 with a task", fresh=True, paced=paced)
        if paced and blame != STEADY and refused(self.exchanges[index]):
            # Refused for what sets this call apart, or now and then whatever the call is? The same call again tells.
            again = self.send(draft, "201 with a task", fresh=True)
            if is_task(self.exchanges[again]):
                self.unsteady(index, again)
                index = again
            elif otherwise is not None:
                plainly = self.send(self.plain(device_id), "201 with a task", fresh=True)
                blame = otherwise if refused(self.exchanges[plainly]) else blame
        return self.judge_accepted(index, device_id, blame, pending), index

    def unsteady(self, first: int, again: int) -> None:
        """The same call was answered wrongly at FIRST and rightly when it was made AGAIN."""
        wrong, right = (described(self.exchanges[index]) for index in (first, again))
        message = f"the call was answered {wrong}, and {right} when it was made again"
        self.add(Judgement((Finding(STEADY, "failed", message, right, wrong),)), (STEADY,), first)

    def demand_app_id(self) -> None:
        """The target refuses calls without appId in the query, which is optional; the rest of the run gives it."""
        message = "the plain valid call is refused without appId in the query, and accepted with it"
        finding = Finding("app-id-optional", "failed", message, "201 without appId", "refused")
        self.add(Judgement((finding,)), ("app-id-optional",))

    def judge_accepted(
        self, index: int, device_id: str, blame: str = "call-accepted", pending: Collection[str] | None = None
    ) -> Task | None:
        """Judge the exchange INDEX as the answer to a valid call for DEVICE_ID."""
        exchange = self.exchanges[index]
        if self.run.opened and not self.run.controlled:
            # Where not even the plain valid call is accepted, this one says nothing about what sets it apart.
            self.cannot((blame,), "the plain valid call isn't accepted either")
            blame = "call-accepted"
        accepted = judge_accepted(exchange, device_id=device_id, app_id=self.own_app_id(), blame=blame, pending=pending)
        general = set(self.case.general) & set(accepted_requirements()) - {SECRECY, *LISTING}
        self.add(accepted.judgement, {*general, blame}, index)
        if accepted.task is None:
            self._suspect(exchange)
        elif accepted.task.id is not None:
            self._unique(accepted.task.id, index)
        return accepted.task

    def _suspect(self, exchange: Exchange) -> None:
        """A valid call that was refused for its credentials may mean that they stopped working."""
        response = exchange.response
        if response is None or response.status == UNAUTHORIZED or answers.read(response).code in CREDENTIAL_CODES:
            self.suspicious = True

    def _unique(self, task_id: str, index: int) -> None:
        """Task ids are compared across the whole run."""
        earlier = self.run.task_ids.setdefault(task_id, (self.case.id, index))
        if earlier != (self.case.id, index):
            finding = Finding(
                "task-id-unique",
                "failed",
                f"the taskId {task_id} was given to an earlier task too (case {earlier[0]})",
                "an identifier of its own",
                task_id,
            )
            self.add(Judgement((finding,)), ("task-id-unique",), index)
        elif len(self.run.task_ids) > 1:
            self.judged.add("task-id-unique")

    def revoke(
        self,
        prepared: Prepared,
        *,
        draft: Draft | None = None,
        state: State | None = None,
        bystanders: tuple[Prepared, ...] = (),
        blame: str = "call-accepted",
        otherwise: str | None = None,
    ) -> Task | None:
        """Make the call for a prepared device, and judge answer, list and effect against what stood there before.

        STATE is what stood there (by default as prepared); bystanders are other devices, which it must leave alone.
        otherwise: as must_accept has it.
        """
        device = prepared.device
        state = state or State(device.pending, prepared.kept())
        if device.id in {other.device.id for other in bystanders}:
            self.cannot(("keep-other-devices",), f"the provider has no other device than {device.id}")
            bystanders = ()
        for other in bystanders:
            state = replace(state, kept={**state.kept, **other.bystander("keep-other-devices")})
        draft = draft or self.plain(device.id)
        task, index = self.must_accept(draft, device.id, blame, pending=state.pending, otherwise=otherwise)
        self.judge_revocation(task, index, (prepared, *bystanders), state)
        return task

    def revoke_in_turn(self, devices: tuple[Prepared, ...]) -> None:
        """Make the call for each of DEVICES, one right after the other, and judge them all then."""
        made = [
            self.must_accept(self.plain(one.device.id), one.device.id, pending=one.device.pending) for one in devices
        ]
        for prepared, (task, index) in zip(devices, made, strict=True):
            self.judge_revocation(task, index, (prepared,), State(prepared.device.pending, prepared.kept()))

    def revoke_and_queue(self, prepared: Prepared) -> None:
        """Make the call, queue one more command before the task may be carried out, and judge: that one stays."""
        device = prepared.device
        task, index = self.must_accept(self.plain(device.id), device.id, pending=device.pending)
        kept = prepared.kept()
        try:
            kept[self.run.provider.queue_command(device.id)] = Kept("PENDING", "later-commands-stay")
        except Unprepared as error:
            self.cannot(("later-commands-stay",), str(error))
        self.judge_revocation(task, index, (prepared,), State(device.pending, kept))

    def revoke_queued(self, prepared: Prepared, draft: Draft, blame: str) -> None:
        """Queue a command for a device whose others were revoked, where that can be, and make the call DRAFT again.

        BLAME is what is broken when that is refused, and the plain call isn't.
        """
        device, kept = prepared.device, prepared.kept() | revoked(prepared.device)
        queued: tuple[str, ...] = ()
        with suppress(Unprepared):
            queued = (self.run.provider.queue_command(device.id),)
        later = replace(prepared, device=replace(device, pending=queued))
        special = "later-commands-revoked-next" if queued else "nothing-pending-empty-task"
        state = State(queued, kept, missed="later-commands-revoked-next")
        self.revoke(later, draft=draft, state=state, blame=blame, otherwise=special)

    def judge_revocation(
        self, task: Task | None, index: int | None, devices: tuple[Prepared, ...], state: State
    ) -> None:
        """Judge what the accepted call listed and did; all that STATE speaks of is on DEVICES.

        INDEX is its exchange, None where that isn't kept.
        """
        first, after = self.settled(devices, state, accepted=task is not None)
        specific = {state.missed, *(kept.requirement for kept in state.kept.values())}
        listable = {*LISTING, *(kept.listed for kept in state.kept.values())}
        if task is None:
            self.cannot(listable, "the answer holds no task")
        else:
            listing = judge_listing(task, state, after)
            unread = (
                untested(listable, "what was listed could not be read")
                if "listed-pending-only" in listing.untested
                else {}
            )
            self.add(replace(listing, untested={**unread, **listing.untested}), listable, index)
        if first is None or after is None:
            self.cannot((*EFFECTS, *specific), self.run.unreadable or "commands can't be read back")
            return
        unaccepted = index is not None and refused(self.exchanges[index])
        if task is None and (unaccepted or not any(after.get(command) == CANCELED for command in state.pending)):
            # What a call did that failed midway is one mistake with its failing.
            self.cannot((*EFFECTS, *specific), "the call was not accepted")
            return
        self.add(judge_effect(task, state, first, after), (*EFFECTS, *specific), index)
        if self.failed("keep-other-devices"):
            self.run.forgive()
        if task is not None and state.pending and not self.failed(*EFFECTS):
            self.run.called = devices[0]
        left_alone = {command: kept for command, kept in state.kept.items() if not kept.changed(after.get(command))}
        # What is judged now isn't to be found a second time at the end of the run.
        self.run.unwatch([*state.pending, *(state.kept.keys() - left_alone.keys())])
        revoked = {command: REVOKED for command in state.pending if after.get(command) == CANCELED}
        self.run.watch(tuple(prepared.device for prepared in devices), left_alone | revoked)

    def count_only(self, task: Task | None, index: int) -> None:
        """Judge totalCount against the list where the device's commands aren't known."""
        if task is not None:
            self.add(judge_count(task), ("total-count-matches-list",), index)

    def _impatient(self, last: RetryCallState) -> Mapping[str, str]:
        """The revocation didn't come in time; that is found out now, and needn't be waited for as long again."""
        self.run.settle_time = min(self.run.settle_time, IMPATIENT)
        return latest(last)

    def settled(
        self, devices: tuple[Prepared, ...], state: State, *, accepted: bool
    ) -> tuple[Mapping[str, str] | None, Mapping[str, str] | None]:
        """What is read back right after the call, and once all is revoked that should be, or the settle time ends."""
        if any(prepared.commands is None for prepared in devices):
            return None, None

        def unsettled(after: Mapping[str, str]) -> int:
            return sum(after.get(command, CANCELED) not in SETTLED for command in state.pending)

        poll = Retrying(
            retry=retry_if_result(lambda after: unsettled(after) > 0),
            wait=wait_exponential(multiplier=0.05, max=1.0),
            stop=Standstill(self.run.settle_time, unsettled),
            retry_error_callback=self._impatient,
        )
        ids = [prepared.device.id for prepared in devices]
        try:
            first = self.run.read_back(ids)
            if not accepted and not any(first.get(command) == CANCELED for command in state.pending):
                return first, first
            return first, first if not unsettled(first) else poll(self.run.read_back, ids)
        except Unprepared as error:
            self.run.unreadable = str(error)
            return None, None

    def must_refuse(self, edit: Callable[[Draft], Draft], refusal: Refusal, unchanged: str) -> None:
        """Make the plain valid call with one EDIT; it must be refused by REFUSAL and change nothing."""
        prepared, reason = self.run.untouched(self, unchanged)
        device_id = prepared.device.id if prepared else unknown_device()
        # For a device that isn't there, being carried out shows as the answer for an unknown device.
        if prepared is None and UNKNOWN_DEVICE not in refusal.codes:
            refusal = replace(refusal, blames=((UNKNOWN_DEVICE, refusal.accepted), *refusal.blames))
        called = self.run.called_before(refusal.codes[0])
        index = self.send_refused(edit(self.plain(device_id)), refusal)
        if prepared is None:
            self.cannot((unchanged,), reason)
            return
        self.unchanged_unless_accepted(prepared, refusal, unchanged, index)
        if called is None or self.failed(refusal.accepted, unchanged):
            return
        if not self.judge_unchanged(called, called.bystander(unchanged), index):
            self.run.forgive()
        # A later call that revokes it doesn't do so because this one was refused.
        self.run.unwatch(called.device.pending)

    def send_refused(self, draft: Draft, refusal: Refusal) -> int:
        """Send DRAFT, which must be refused by REFUSAL, and judge the answer; the exchange's index."""
        refusal = lenient(refusal, draft)
        index = self.send(draft, refusal.describe())
        if fails_at_anything(self.exchanges[index], refusal):
            # For what sets this call apart, or now and then whatever the call is? The same call again tells.
            again = self.send(draft, refusal.describe())
            if not judge_refused(self.exchanges[again], refusal).failures:
                self.unsteady(index, again)
                index = again
        elif alone := self.unmixed(
            self.exchanges[index], draft, lambda exchange: not judge_refused(exchange, refusal).failures
        ):
            index = self.mixed_up(index, alone)
        self.judge_refused(index, refusal)
        return index

    def unmixed(self, first: Exchange, draft: Draft, right: Callable[[Exchange], bool]) -> Exchange | None:
        """How DRAFT is answered on a connection of its own, where FIRST, its other answer, was due to the connection.

        A target that takes what is left of one request for the next one, or gives one the answer to another, is right
        about the same call whenever it has a connection of its own, and wrong again when it hasn't.
        """
        if not first.reused or self.run.reconnects <= 0 or right(first):
            return None
        self.run.reconnects -= 1
        for _ in range(SURE):
            alone = self.run.client.send(draft, expected=first.expected, fresh=True)
            if not right(alone):
                return None
        return None if right(self.run.client.send(draft, expected=first.expected)) else alone

    def mixed_up(self, index: int, alone: Exchange) -> int:
        """The connection that it shared was to blame at INDEX; from now on no call shares one. Where ALONE is kept."""
        self.run.client.reconnecting = True
        wrong, right = described(self.exchanges[index]), described(alone)
        words = f"the call was answered {wrong} on a connection that was used before, and {right} on one of its own"
        self.findings = [finding for finding in self.findings if finding.exchange != index]
        self.add(Judgement((Finding(COMPLETE, "failed", words, right, wrong),)), (COMPLETE,), index)
        return self.keep(alone)

    def judge_refused(self, index: int, refusal: Refusal) -> None:
        """Judge the exchange INDEX as a refusal."""
        response = self.exchanges[index].response
        if EXPIRED not in refusal.codes and response is not None and answers.read(response).code == EXPIRED:
            self.suspicious = True
        judged = {*refusal.requirements, *(set(self.case.general) & set(REFUSED_GENERAL) - {SECRECY})}
        self.add(judge_refused(self.exchanges[index], refusal), judged, index)

    def unchanged(self, prepared: Prepared, requirement: str, index: int) -> None:
        """Judge that the device's commands are all as they were."""
        if not self.judge_unchanged(prepared, prepared.bystander(requirement), index):
            self.run.spoiled(requirement)
            self.run.forgive()
        elif prepared.commands is not None and prepared.device.app_id is None:
            self.run.unchanged(prepared, requirement)

    def unchanged_unless_accepted(self, prepared: Prepared, refusal: Refusal, requirement: str, index: int) -> None:
        """The same after a call that should have been refused; one that was carried out is another matter."""
        if self.failed(refusal.accepted):
            self.cannot((requirement,), "the call was taken as a valid one")
            self.run.spoiled(requirement)
            self.run.forgive()
        else:
            self.unchanged(prepared, requirement, index)

    def judge_unchanged(self, prepared: Prepared, kept: Mapping[str, Kept], index: int) -> bool:
        """Read KEPT back, now and at the end of the run; whether all was left alone now."""
        requirements = {command.requirement for command in kept.values()}
        if prepared.commands is None:
            self.cannot(requirements, prepared.unreadable)
            return True
        try:
            after = self.run.provider.commands(prepared.device.id)
        except Unprepared as error:
            self.cannot(requirements, str(error))
            return True
        findings = judge_kept(kept, after)
        self.add(Judgement(findings), requirements, index)
        if not findings:
            self.run.watch((prepared.device,), kept)
        return not findings

    def mixed_device(self, pending: int, delivered: int, others: Mapping[str, int]) -> Prepared:
        """A device with commands in every state; where the provider has none of some, without them."""
        reasons: dict[str, str] = {}
        problem = Unprepared()
        fewer = ({status: others[status] for status in others if status != lacking} for lacking in others)
        kinds = (others, *fewer, None)
        for count, statuses in ((count, statuses) for count in dict.fromkeys((delivered, 0)) for statuses in kinds):
            try:
                prepared = self.device(pending, count, statuses)
            except Unprepared as error:
                problem = error
                reasons |= {KEPT_DELIVERED: str(error)} if count else {}
                reasons |= {KEPT_FINISHED: str(error)} if statuses == others else {}
                continue
            if not count:
                self.cannot((KEPT_DELIVERED,), reasons[KEPT_DELIVERED])
            if statuses is None:
                self.cannot((KEPT_FINISHED,), reasons[KEPT_FINISHED])
            lacking = sorted(set(others) - set(prepared.device.others.values()))
            if statuses is not None and lacking:
                words = f"the provider prepared no commands that are {', '.join(lacking)}"
                self.only_partly(KEPT_FINISHED, f"{words}: {self.run.provider.remedy}")
            return prepared
        raise problem

    def bystander(self, pending: int) -> tuple[Prepared, ...]:
        """Another device, which a call must leave alone; none where the provider has none to spare."""
        named = frozenset(self.named)
        try:
            prepared = self.device(pending)
        except Unprepared as error:
            self.cannot(("keep-other-devices",), str(error))
            return ()
        # Preparing one device anew has ended what was prepared there.
        self.stop_if(prepared.device.id in named, f"the provider has no other device than {prepared.device.id}")
        return (prepared,)

    def still_pending(self, prepared: Prepared, requirement: str) -> None:
        """Judge that the device's commands are pending, before the next call is made."""
        try:
            after = self.run.provider.commands(prepared.device.id)
        except Unprepared as error:
            self.cannot((requirement,), str(error))
            return
        findings = judge_kept({command: Kept("PENDING", requirement) for command in prepared.device.pending}, after)
        self.add(Judgement(findings), (requirement,))
        self.stop_if(bool(findings), "the commands queued later were gone already")

    def accept_or_refuse(self, prepared: Prepared, draft: Draft, code: str, blame: str) -> None:
        """Send DRAFT, which the document neither allows nor forbids: accepted, or refused with CODE, is both right."""
        rows = documents.load().answers(code)
        expected = f"201 with a task, or {rows[0].status} with code {code}"
        index = self.send(draft, expected, fresh=True)
        refusal = Refusal((code,), accepted=blame, row=STEADY if self.run.broken(STEADY) else blame)
        if fails_at_anything(self.exchanges[index], refusal):
            again = self.send(draft, expected, fresh=True)
            if not fails_at_anything(self.exchanges[again], refusal):
                self.unsteady(index, again)
                index = again
        if is_success(self.exchanges[index]):
            task = self.judge_accepted(index, prepared.device.id, blame, prepared.device.pending)
            self.judge_revocation(task, index, (prepared,), State(prepared.device.pending, prepared.kept()))
        else:
            self.judge_refused(index, refusal)

    def blame(self, requirements: Collection[str], instead: str) -> None:
        """What was found against REQUIREMENTS is due to a violation of INSTEAD."""
        self.findings = [
            replace(finding, requirement=instead) if finding.requirement in requirements else finding
            for finding in self.findings
        ]
        self.judged.add(instead)

    def failed(self, *requirements: str) -> bool:
        """Whether one of REQUIREMENTS was found to be violated in this case."""
        return any(finding.outcome == "failed" and finding.requirement in requirements for finding in self.findings)

    def stop_if(self, condition: bool, reason: str) -> None:  # noqa: FBT001 (reads as a sentence: stop if …)
        """Stop the case when there is nothing more to say; what it hasn't judged stays untested for REASON."""
        if condition:
            raise Blocked(reason)
