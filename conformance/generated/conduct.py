"""Sends the examples of one class, judges each answer exactly, and shrinks what fails."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from conformance.case.conversation import CREDENTIAL_CODES, EFFECTS, STEADY
from conformance.case.prepared import revoked
from conformance.contract import answer as answers
from conformance.contract.accepted import judge_accepted
from conformance.contract.judgement import Judgement
from conformance.contract.meaning import State
from conformance.contract.task import Task
from conformance.exceptions import Blocked, Unprepared
from conformance.exchange import Exchange
from conformance.generated import replay, strands
from conformance.generated.allotment import share
from conformance.generated.context import ACCEPTED_BY, stripped
from conformance.generated.deviation import read
from conformance.generated.example import Example, Values
from conformance.generated.expectation import Judged, expect, judge
from conformance.generated.memory import Memory
from conformance.generated.shrinking import smaller
from conformance.provider.states import Device
from conformance.record import Finding

if TYPE_CHECKING:
    from conformance.case.conversation import Conversation

__all__ = ["run_strand"]

EXAMPLES_SHOWN = 3
FAILED = 500
MOST_SHRINKING = 20
MOST_SHRUNK = 4
MOST_TIMEOUTS = 2
MOST_STRANGE = 3
MOST_REMEMBERED = 10
HELD_BACK, SHRINKING_SHARE = 10, 2
"""One call of so many is held back for shrinking, and what isn't needed goes to the classes that follow; a class that
fails may use one of so many of what would be its share of the rest."""

PLAIN = Example("the plain valid call")
MOST_CONTROLS = 3
"""Examples of a class that are sent a second time, to tell what sets them apart from what happens now and then."""

CUT = (
    "The budget of calls (--max-calls) ended before all generated examples were sent; each class says how many were. "
    "A run of another seed sends others."
)

Key = tuple[str, str, str, str]
"""What makes findings the same: requirement, outcome, reading, and how the target answered."""


@dataclass
class _Group:
    """All examples that failed in one way; the smallest one stands for them."""

    finding: Finding
    example: Example
    exchange: Exchange
    count: int = 0
    edits: dict[str, None] = field(default_factory=dict)
    shrunk: bool = False

    def add(self, example: Example, exchange: Exchange, finding: Finding) -> None:
        self.count += 1
        self.edits.setdefault(example.edit)
        if example.size < self.example.size:
            self.replace(example, exchange, finding)

    def replace(self, example: Example, exchange: Exchange, finding: Finding) -> None:
        self.example, self.exchange, self.finding = example, exchange, finding


class _Conduct:
    """The course of one class."""

    def __init__(self, talk: Conversation, strand: str) -> None:
        self.talk, self.run, self.strand = talk, talk.run, strand
        self.memory = Memory(self.run.cache, self.run.configuration.target.base_url)
        self.values = self._values()
        self.known = {finding.requirement for result in self.run.results for finding in result.findings}
        self.refused = frozenset(what for what, requirement in ACCEPTED_BY.items() if requirement in self.known)
        self.groups: dict[Key, _Group] = {}
        self.shown: list[Exchange] = []
        self.sent = 0
        self.failed = 0
        self.timeouts = 0
        self.strange = 0
        self.tasks = 0
        self.controls = 0
        self.ended = ""

    def _values(self) -> Values:
        """A device with nothing pending, so that a call for it changes nothing; else one that isn't there."""
        target = self.run.configuration.target
        try:
            device, exists = self.run.once("device for generated cases", self._device), True
        except Unprepared:
            device, exists = Device(f"none-such-device-{self.run.seed:08x}"), False
        return Values(
            device.id,
            exists=exists,
            revoked=device.pending,
            app_key=target.app_key,
            token=self.run.access_token(),
            app_id=target.app_id,
            app_id_demanded=self.run.app_id_demanded,
        )

    def _device(self) -> Device:
        """A device for which the plain call is accepted, and accepted again; otherwise its edits would say nothing.

        A hook gives it a command, which the first call revokes and which must stay so whatever is refused then.
        """
        prepared = self.talk.device(pending=1 if self.run.provider.kind == "hook" else 0)
        device = prepared.device
        # A replay is one call; whoever asks for it knows the target.
        if self.run.replay is None:
            first = STEADY if device.pending else "nothing-pending-empty-task"
            task, index = self._plainly(device.id, first, device.pending)
            if device.pending:
                self.talk.judge_revocation(task, index, (prepared,), State(device.pending, prepared.kept()))
            task, index = self._plainly(device.id, "second-call-empty", ())
            if device.pending and not self.talk.failed(*EFFECTS):
                self.talk.judge_revocation(task, index, (prepared,), State((), revoked(device)))
        return device

    def _plainly(self, device_id: str, special: str, pending: Collection[str]) -> tuple[Task, int | None]:
        """The task that the plain call is answered with, and its exchange where that is evidence."""
        exchange = self.run.client.send(self.run.plain(device_id), expected="201 with a task")
        app_id, blame = self.run.configuration.target.app_id, self.run.blame(special)
        accepted = judge_accepted(exchange, device_id=device_id, app_id=app_id, blame=blame, pending=pending)
        index = self.talk.keep(exchange) if accepted.judgement.findings else None
        self.talk.add(accepted.judgement, (), index)
        if accepted.task is None or self.talk.failed("accepted-status"):
            raise Unprepared("the plain call for a device of its own isn't accepted")
        return accepted.task, index

    @property
    def left(self) -> int:
        """Calls that may still be made."""
        return self.run.max_calls - self.run.client.calls - self.run.reserved

    # -- sending -----------------------------------------------------------------------------------------------------

    def send_all(self, examples: Iterator[Example], calls: int) -> int:
        """Send at most CALLS of EXAMPLES; how many were sent."""
        before = self.sent
        left_out = (self._is_plain, self._is_anothers, self._is_unfit)
        founded = (stripped(example, self.refused) for example in examples)
        told_apart = (example for example in founded if not any(leave(example) for leave in left_out))
        for example in itertools.islice(told_apart, calls):
            if self.ended or self.left <= 0:
                break
            self._one(example)
        return self.sent - before

    def _is_plain(self, example: Example) -> bool:
        """Whether EXAMPLE turns out to be the plain call: where the id has no letters, it has no other letter case."""
        draft, plain = example.draft(self.values), PLAIN.draft(self.values)
        return (draft.query, draft.headers, draft.body) == (plain.query, plain.headers, plain.body)

    def _is_anothers(self, example: Example) -> bool:
        """Whether EXAMPLE happens to name another device or application that is known to exist: ids may be alike."""
        draft = example.draft(self.values)
        devices = set(read(draft, self.values).device_ids) - {self.values.device_id}
        app_ids = {value for name, value in parse_qsl(draft.query) if name == "appId"} - {self.values.app_id}
        return not (devices.isdisjoint(self.run.device_ids) and app_ids.isdisjoint(self.run.app_ids))

    def _is_unfit(self, example: Example) -> bool:
        """Whether EXAMPLE can't be sent: of a token of one character nothing is left without that one."""
        return any(value != value.strip() for _, value in example.draft(self.values).headers)

    def _one(self, example: Example) -> bool:
        """Send EXAMPLE and take the answer in; whether it was right."""
        exchange, judged = self._ask(example)
        self.sent += 1
        self._watch(exchange, judged)
        if judged.judgement.findings and self._has_another_cause(example, exchange):
            return False
        self._take_in(judged)
        findings = _keyed(judged, exchange)
        if findings:
            self.failed += 1
        else:
            # The first ones are the core; the last one shows what this seed added.
            self.shown = [*self.shown[: EXAMPLES_SHOWN - 1], exchange]
        for key, finding in findings.items():
            if key not in self.groups:
                self.groups[key] = _Group(finding, example, exchange)
                if judged.task is None and exchange.response and answers.read(exchange.response).kind == "task":
                    # What it did elsewhere isn't to be found as another fault.
                    self.run.forgive()
            self.groups[key].add(example, exchange, finding)
        return not findings

    def _has_another_cause(self, example: Example, exchange: Exchange) -> bool:
        """Whether EXCHANGE, a wrong answer to EXAMPLE, isn't due to what sets that apart; then it is told so.

        The same call may be answered rightly the next time, or the plain valid one be refused by now, too.
        """
        if self.run.replay or self.controls >= MOST_CONTROLS or exchange.response is None:
            return False
        self.controls += 1
        if self._was_mixed_up(example, exchange):
            return True
        answer = answers.read(exchange.response)
        refusal = expect(read(example.draft(self.values), self.values), self.values).refusal
        expected = answer.kind == "task" or (refusal is not None and answer.code in refusal.codes)
        if not expected and (answer.status >= FAILED or answer.code in CREDENTIAL_CODES):
            again, judged = self._ask(example)
            if again.response is not None and not judged.judgement.findings:
                self.talk.unsteady(self.talk.keep(exchange), self.talk.keep(again))
                return True
        if self.values.exists and self.controls == 1:
            plain, judged = self._ask(PLAIN)
            if plain.response is not None and judged.task is None:
                self.talk.judge_accepted(self.talk.keep(plain), self.values.device_id)
                self.ended = "the plain valid call isn't accepted any more either"
                return True
        return False

    def _was_mixed_up(self, example: Example, exchange: Exchange) -> bool:
        """Whether the connection that EXCHANGE shared with another one is to blame."""
        draft = example.draft(self.values)
        expectation = expect(read(draft, self.values), self.values)

        def right(other: Exchange) -> bool:
            return not judge(other, expectation, self.values, self.known).judgement.findings

        alone = self.talk.unmixed(exchange, draft, right)
        if alone is not None:
            self.talk.mixed_up(self.talk.keep(exchange), alone)
        return alone is not None

    def _ask(self, example: Example) -> tuple[Exchange, Judged]:
        draft = example.draft(self.values)
        for name, secret in example.secrets(self.values):
            self.run.redaction.learn(secret, name)
        expectation = expect(read(draft, self.values), self.values)
        if self.run.opened and not self.run.controlled:
            # Where not even the plain valid call is accepted, this one says nothing about what sets it apart.
            expectation = replace(expectation, blame="call-accepted")
        exchange = self.run.client.send(draft, expected=expectation.describe())
        judged = judge(exchange, expectation, self.values, self.known)
        if judged.task is not None and judged.task.id is not None:
            judged = self._unique(judged, judged.task.id)
        return exchange, judged

    def _unique(self, judged: Judged, task_id: str) -> Judged:
        """Task ids are compared across the whole run."""
        self.tasks += 1
        mine = (self.strand, self.tasks)
        earlier = self.run.task_ids.setdefault(task_id, mine)
        if earlier == mine:
            return judged
        message = f"the taskId was given to an earlier task too (case {earlier[0]})"
        finding = Finding("task-id-unique", "failed", message, "an identifier of its own", task_id)
        return replace(judged, judgement=judged.judgement + Judgement((finding,)))

    def _take_in(self, judged: Judged) -> None:
        self.talk.add(replace(judged.judgement, findings=()), judged.by)

    def _watch(self, exchange: Exchange, judged: Judged) -> None:
        """Stop where going on would only repeat that the target is dead, hangs, or knows the credentials no more."""
        if exchange.fault is not None:
            self.talk.suspicious = True
            self.timeouts += exchange.fault.kind == "timeout"
            if exchange.fault.kind == "unreachable":
                self.ended = "the target couldn't be reached any more"
            elif self.timeouts >= MOST_TIMEOUTS:
                self.ended = f"{self.timeouts} calls weren't answered in time; the rest of the class wasn't sent"
            return
        code = answers.read(exchange.response).code if exchange.response is not None else None
        if judged.judgement.findings and code in CREDENTIAL_CODES:
            self.talk.suspicious = True
            self.strange += 1
            if self.strange >= MOST_STRANGE and self.strange == self.sent:
                self.ended = f"every call was refused with code {code}"

    # -- shrinking ---------------------------------------------------------------------------------------------------

    def shrink_all(self, calls: int) -> None:
        """Look for the smallest request of each way of failing, with CALLS calls in all."""
        groups = sorted(self.groups.items(), key=lambda item: item[1].finding.outcome)[:MOST_SHRUNK]
        for number, (key, group) in enumerate(groups):
            if group.finding.requirement == "answer-in-time":
                continue
            allowed = min(MOST_SHRINKING, calls // (len(groups) - number))
            calls -= self._shrink(key, group, allowed)

    def _shrink(self, key: Key, group: _Group, calls: int) -> int:
        used = 0
        candidates = smaller(group.example)
        while used < calls and self.left > 0 and not self.ended:
            candidate = next(candidates, None)
            if candidate is None:
                break
            exchange, judged = self._ask(candidate)
            used += 1
            self._watch(exchange, judged)
            finding = _keyed(judged, exchange).get(key)
            if finding is not None:
                group.replace(candidate, exchange, finding)
                group.shrunk = True
                candidates = smaller(candidate)
        return used

    # -- the end -----------------------------------------------------------------------------------------------------

    def conclude(self) -> None:
        """Hand findings and evidence over, the most frequent way of failing first, and keep what failed."""
        groups = sorted(self.groups.values(), key=lambda group: (group.finding.outcome, -group.count))
        for exchange in self.shown:
            self.talk.keep(exchange)
        for group in groups:
            index = self.talk.keep(group.exchange)
            message = self._message(group)
            finding = replace(group.finding, message=message, exchange=index)
            self.talk.findings.append(finding)
            self.talk.judged.add(finding.requirement)
            if finding.outcome == "failed" and not self.memory.keep(self.strand, group.example):
                self._note("Failing requests couldn't be kept: the cache folder can't be written.")
        if groups:
            self.talk.replay = groups[0].example.id

    def _message(self, group: _Group) -> str:
        edits = list(group.edits)
        more = f" and {len(edits) - 2} more" if len(edits) > 2 else ""  # noqa: PLR2004 (two are named)
        among = f"; among them: {'; '.join(edits[:2])}{more}" if len(edits) > 1 else ""
        return (
            f"{group.finding.message} ({group.count} of {self.sent} generated requests; "
            f"the smallest: {group.example.edit}, replayed by --replay {group.example.id}{among})"
        )

    def _note(self, note: str) -> None:
        if note not in self.run.notes:
            self.run.notes.append(note)


def _keyed(judged: Judged, exchange: Exchange) -> dict[Key, Finding]:
    """The findings of one exchange by what makes them the same."""
    if exchange.response is None:
        answered = exchange.fault.kind if exchange.fault else ""
    else:
        answer = answers.read(exchange.response)
        answered = f"{answer.status} {answer.code or answer.kind}"
    return {
        (finding.requirement, finding.outcome, finding.reading or "", answered): finding
        for finding in judged.judgement.findings
    }


def run_strand(talk: Conversation, strand: str) -> None:
    """Send what the budget admits of the class STRAND."""
    run = talk.run
    if run.replay is not None:
        _replay(talk, strand, run.replay)
        return
    budget = run.max_calls - run.client.calls - run.reserved
    talk.stop_if(budget <= 0, f"the budget of {run.max_calls} calls was used up by the cases before it")
    conduct = _Conduct(talk, strand)
    ended = ""
    try:
        ended = _course(conduct)
    except Blocked as error:
        ended = str(error)
    finally:
        conduct.conclude()
    talk.stop_if(bool(ended or conduct.ended), conduct.ended or ended)


def _following(strand: str, planned: Sequence[str]) -> list[str]:
    """The classes that are to run after STRAND."""
    after = planned[planned.index(strand) + 1 :] if strand in planned else ()
    return [one for one in after if one in strands.STRANDS]


def _course(conduct: _Conduct) -> str:
    """Send in turn what failed before, the fixed examples, those of the seed; what to say about the budget, or ""."""
    run, strand = conduct.run, conduct.strand
    remembered = conduct.memory.failed_before(strand)[:MOST_REMEMBERED]
    open_strands = (strand, *_following(strand, run.planned))
    needs = [len(strands.fixed(one)) for one in open_strands]
    needs[0] += len(remembered)
    allowance = share(conduct.left - conduct.left // HELD_BACK, needs, [strands.turn(one) for one in open_strands])
    for example in remembered:
        if conduct.sent < allowance and not conduct.ended and conduct._one(example):  # noqa: SLF001 (the two are one)
            conduct.memory.forget(example)
    known = {example.id for example in remembered}

    def fresh(examples: Iterator[Example]) -> Iterator[Example]:
        return (example for example in examples if example.id not in known)

    conduct.send_all(fresh(iter(strands.ordered(strand, run.seed))), allowance - conduct.sent)
    fixed = min(conduct.sent, needs[0])
    if conduct.sent < allowance:
        conduct.send_all(fresh(iter(strands.fuzzed(strand, run.seed))), allowance - conduct.sent)
        conduct.send_all(fresh(strands.endless(strand, run.seed)), allowance - conduct.sent)
    conduct.shrink_all(conduct.left // SHRINKING_SHARE // len(needs))
    if fixed >= needs[0] or conduct.ended:
        return ""
    if CUT not in run.notes:
        run.notes.append(CUT)
    return f"the budget of {run.max_calls} calls admitted {fixed} of {needs[0]} fixed examples, and no random ones"


def _replay(talk: Conversation, strand: str, identity: str) -> None:
    kept = replay.find(identity, talk.run.cache)
    conduct = _Conduct(talk, strand)
    try:
        conduct.send_all(iter((kept.example,)), 1)
        if not conduct.groups:
            conduct.memory.forget(kept.example)
    finally:
        conduct.conclude()
