"""Sends the examples of one class, judges each answer exactly, and shrinks what fails."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from conformance.case.optional_parts import ABOUT
from conformance.case.prepared import revoked
from conformance.contract import answer as answers
from conformance.contract import codes, names
from conformance.contract.expectation import Judged, judge
from conformance.contract.meaning import EFFECTS, State
from conformance.contract.statuses import FAILED
from conformance.evidence.exchange import PLAIN_EDIT, Exchange
from conformance.evidence.finding import Finding
from conformance.exceptions import Blocked, Unprepared
from conformance.fuzzing import input_classes, replay
from conformance.fuzzing.call_budget import CUT, share
from conformance.fuzzing.context import ACCEPTED_BY, stripped
from conformance.fuzzing.deviation import read
from conformance.fuzzing.example import Example, Values
from conformance.fuzzing.expectation import IDENTIFYING, Expectation, expect
from conformance.fuzzing.memory import Memory
from conformance.fuzzing.shrinking import smaller
from conformance.provider.states import Device
from conformance.record.observation import Generated, Repeated, Sampled
from conformance.run.calls import CALL_ACCEPTED
from conformance.run.case_context import CaseContext
from conformance.verdict.judging import task_of

__all__ = ["run_input_class"]

EXAMPLES_SHOWN = 3
MOST_SHRINKING = 20
MOST_SHRUNK = 4
MOST_TIMEOUTS = 2
MOST_STRANGE = 3
MOST_REMEMBERED = 10
HELD_BACK, SHRINKING_SHARE = 10, 2
"""HELD_BACK: reserve 1/10 of the calls for shrinking; what isn't needed goes to the classes that follow.
SHRINKING_SHARE: a failing class may use half of its share of the remainder."""

GENERATED = "device for generated cases"
PLAIN = Example(PLAIN_EDIT)
MOST_CONTROLS = 3
"""Examples of a class that are sent a second time, to tell what sets them apart from what happens now and then."""

Key = tuple[str, str, str, str]
"""What makes findings the same: requirement, outcome, reading, and how the target answered."""


@dataclass(frozen=True)
class _Asked:
    """An example with the answer to it, and what was right. judged: for what to send next, not for what to blame."""

    example: Example
    exchange: Exchange
    expectation: Expectation
    judged: Judged


@dataclass
class _Group:
    """All examples that failed in one way; the smallest one stands for them."""

    finding: Finding
    example: Example
    exchange: Exchange
    expectation: Expectation
    place: int
    count: int = 0
    edits: dict[str, None] = field(default_factory=dict)

    def add(self, asked: _Asked, place: int) -> None:
        self.count += 1
        self.edits.setdefault(asked.example.edit)
        if asked.example.size < self.example.size:
            self.replace(asked, place)

    def replace(self, asked: _Asked, place: int) -> None:
        self.finding, self.place = asked.judged.judgement.findings[place], place
        self.example, self.exchange, self.expectation = asked.example, asked.exchange, asked.expectation


@dataclass
class _Sample:
    """What all answers together say: the requirements they were judged by, what they left open, the ids of tasks."""

    judged: dict[str, None] = field(default_factory=dict)
    unobserved: dict[str, str] = field(default_factory=dict)
    task_ids: list[str] = field(default_factory=list)


@dataclass
class _Progress:
    """How far a class has come, and what tells whether it makes sense to go on.

    Attributes:
        sent: examples that were sent.
        timeouts: how many of them weren't answered in time.
        strange: how many were refused with a code of the credentials.
        controls: how many were sent a second time.
        ended: why the class ended early.
    """

    sent: int = 0
    timeouts: int = 0
    strange: int = 0
    controls: int = 0
    ended: str = ""


class _Campaign:
    """The course of one class."""

    def __init__(self, ctx: CaseContext, input_class: str) -> None:
        self.ctx, self.state, self.input_class = ctx, ctx.state, input_class
        self.memory = Memory(ctx.options.cache, ctx.context.configuration.target.base_url)
        self.values = self._values()
        self.known = frozenset(self.state.broken)
        self.refused = frozenset(
            what for what, requirement in ACCEPTED_BY.items() if requirement in self.known or self._unknown(requirement)
        )
        self.groups: dict[Key, _Group] = {}
        self.shown: list[Exchange] = []
        self.sample = _Sample()
        self.progress = _Progress()

    def _unknown(self, requirement: str) -> bool:
        """Whether nobody looked yet if a call with what REQUIREMENT is about is accepted; a replay is sent as it is."""
        return self.ctx.options.replay is None and not self.state.are_over(ABOUT.get(requirement, ()))

    @property
    def sent(self) -> int:
        """How many examples were sent, those for shrinking aside."""
        return self.progress.sent

    @property
    def ended(self) -> str:
        """Why the class ended early; "" where it didn't."""
        return self.progress.ended

    def _values(self) -> Values:
        """A device with nothing pending, so that a call for it changes nothing; else one that isn't there."""
        target = self.ctx.context.configuration.target
        device = self._device()
        exists = device is not None
        device = device or Device(f"none-such-device-{self.ctx.options.seed:08x}")
        return Values(
            device.id,
            exists=exists,
            revoked=device.pending,
            app_key=target.app_key,
            token=self.ctx.credentials.token(),
            app_id=target.app_id,
            app_id_demanded=self.state.app_id_demanded,
        )

    def _device(self) -> Device | None:
        """The device of all generated requests, prepared once; None where there is none."""
        given = self.state.given
        if given.generated_device is None and GENERATED not in given.unprepared:
            try:
                given.generated_device = self._prepare_device()
            except Unprepared as error:
                given.unprepared[GENERATED] = str(error)
        return given.generated_device

    def _prepare_device(self) -> Device:
        """A device for which the plain call is accepted, and accepted again; otherwise its edits would say nothing.

        A hook gives it a command, which the first call revokes and which must stay so whatever is refused then.
        """
        ctx = self.ctx
        prepared = ctx.devices.device(pending=1 if ctx.provider.kind == "hook" else 0)
        device = prepared.device
        # A replay is one call; whoever asks for it knows the target.
        if ctx.options.replay is None:
            special = () if device.pending else (names.NOTHING_PENDING_EMPTY_TASK,)
            index = self._plainly(device.id, special, device.pending)
            if device.pending:
                ctx.revocations.observe(index, (prepared,), State(device.pending, prepared.kept()))
            index = self._plainly(device.id, (names.SECOND_CALL_EMPTY,), ())
            if device.pending and not ctx.failed(*EFFECTS):
                ctx.revocations.observe(index, (prepared,), State((), revoked(device)))
            # Nothing is to be queued for it: accepted requests must find it idle.
            self.state.devices.last_revoked = None
        return device

    def _plainly(self, device_id: str, special: tuple[str, ...], pending: tuple[str, ...]) -> int:
        """Make the plain call; the index of its answer."""
        index = self.ctx.calls.send(self.ctx.calls.plain(device_id), "201 with a task")
        accepted = self.ctx.calls.observe_valid(index, device_id, pending=pending, special=special)
        if not accepted or self.ctx.failed(names.ACCEPTED_STATUS):
            raise Unprepared("the plain call for a device of its own isn't accepted")
        return index

    @property
    def left(self) -> int:
        """Calls that may still be made."""
        return self.ctx.calls_to_spare

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
            self.one(example)
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
        return not (devices.isdisjoint(self.state.devices.ids) and app_ids.isdisjoint(self.state.devices.app_ids))

    def _is_unfit(self, example: Example) -> bool:
        """Whether EXAMPLE can't be sent: of a token of one character nothing is left without that one."""
        return any(value != value.strip() for _, value in example.draft(self.values).headers)

    def one(self, example: Example) -> bool:
        """Send EXAMPLE and take the answer in; whether it was right."""
        asked = self._ask(example)
        exchange, judged = asked.exchange, asked.judged
        self.progress.sent += 1
        self._watch(exchange, judged)
        if judged.judgement.findings and self._has_another_cause(asked):
            return False
        self._take_in(judged)
        findings = _keyed(judged, exchange)
        if not findings:
            # The first ones are the core; the last one shows what this seed added.
            self.shown = [*self.shown[: EXAMPLES_SHOWN - 1], exchange]
        for key, place in findings.items():
            if key not in self.groups:
                finding = judged.judgement.findings[place]
                self.groups[key] = _Group(finding, example, exchange, asked.expectation, place)
                let_in = asked.expectation.input_class in IDENTIFYING
                if judged.task is None and task_of(exchange) is not None and not let_in:
                    # What it did elsewhere is no other fault; who is let in calls for one device alone.
                    self.ctx.devices.accept_current_state()
            self.groups[key].add(asked, place)
        return not findings

    def _has_another_cause(self, asked: _Asked) -> bool:
        """Whether the answer, a wrong one, isn't due to what sets the example apart; then it is told so.

        The same call may be answered rightly the next time, or the plain valid one be refused by now, too.
        """
        exchange = asked.exchange
        if self.ctx.options.replay or self.progress.controls >= MOST_CONTROLS or exchange.response is None:
            return False
        self.progress.controls += 1
        if self._was_mixed_up(asked):
            return True
        answer, refusal = answers.read(exchange.response), asked.expectation.refusal
        expected = answer.kind == "task" or (refusal is not None and answer.code in refusal.codes)
        if not expected and (answer.status >= FAILED or answer.code in codes.CREDENTIALS_UNKNOWN):
            again = self._ask(asked.example)
            if again.exchange.response is not None and not again.judged.judgement.findings:
                first, second = self.ctx.calls.record(exchange), self.ctx.calls.record(again.exchange)
                self.ctx.transcript.observe(Repeated(first, second, CALL_ACCEPTED))
                return True
        if self.values.exists and self.progress.controls == 1:
            plain = self._ask(PLAIN)
            if plain.exchange.response is not None and plain.judged.task is None:
                self.ctx.calls.observe_valid(self.ctx.calls.record(plain.exchange), self.values.device_id)
                self.progress.ended = "the plain valid call isn't accepted any more either"
                return True
        return False

    def _was_mixed_up(self, asked: _Asked) -> bool:
        """Whether the connection that the exchange shared with another one is to blame."""

        def right(other: Exchange) -> bool:
            return not self._judge(other, asked.expectation).judgement.findings

        alone = self.ctx.calls.alone(asked.exchange, asked.example.draft(self.values), right)
        if alone is not None:
            blame = asked.expectation.refusal.row if asked.expectation.refusal else asked.expectation.blame
            self.ctx.calls.record_connection_mixup(self.ctx.calls.record(asked.exchange), alone, blame)
        return alone is not None

    def _judge(self, exchange: Exchange, expectation: Expectation) -> Judged:
        return judge(exchange, expectation, self.values.app_id, self.values.revoked, self.known)

    def _ask(self, example: Example) -> _Asked:
        draft = example.draft(self.values)
        for name, secret in example.secrets(self.values):
            self.ctx.rig.redaction.learn(secret, name)
        expectation = expect(read(draft, self.values), self.values)
        exchange = self.ctx.client.send(draft, expected=expectation.describe())
        judged = self._judge(exchange, expectation)
        if judged.task is not None and judged.task.id is not None:
            self.sample.task_ids.append(judged.task.id)
        return _Asked(example, exchange, expectation, judged)

    def _take_in(self, judged: Judged) -> None:
        self.sample.judged |= dict.fromkeys(sorted(judged.by - judged.judgement.untested.keys()))
        self.sample.unobserved = {**judged.judgement.untested, **self.sample.unobserved}

    def _watch(self, exchange: Exchange, judged: Judged) -> None:
        """Stop where going on would only repeat that the target is dead, hangs, or knows the credentials no more."""
        if exchange.fault is not None:
            self.ctx.transcript.needs_health_check |= not exchange.fault.answered
            self.progress.timeouts += exchange.fault.kind == "timeout"
            if exchange.fault.kind == "unreachable":
                self.progress.ended = "the target couldn't be reached any more"
            elif self.progress.timeouts >= MOST_TIMEOUTS:
                self.progress.ended = (
                    f"{self.progress.timeouts} calls weren't answered in time; the rest of the class wasn't sent"
                )
            return
        code = answers.read(exchange.response).code if exchange.response is not None else None
        if judged.judgement.findings and code in codes.CREDENTIALS_UNKNOWN:
            self.ctx.transcript.needs_health_check = True
            self.progress.strange += 1
            if self.progress.strange >= MOST_STRANGE and self.progress.strange == self.sent:
                self.progress.ended = f"every call was refused with code {code}"

    # -- shrinking ---------------------------------------------------------------------------------------------------

    def shrink_all(self, calls: int) -> None:
        """Look for the smallest request of each way of failing, with CALLS calls in all."""
        groups = sorted(self.groups.items(), key=lambda item: item[1].finding.outcome)[:MOST_SHRUNK]
        for number, (key, group) in enumerate(groups):
            if group.finding.requirement == names.ANSWER_IN_TIME:
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
            asked = self._ask(candidate)
            used += 1
            self._watch(asked.exchange, asked.judged)
            place = _keyed(asked.judged, asked.exchange).get(key)
            if place is not None:
                group.replace(asked, place)
                candidates = smaller(candidate)
        return used

    # -- the end -----------------------------------------------------------------------------------------------------

    def conclude(self) -> None:
        """Hand findings and evidence over, the most frequent way of failing first, and keep what failed."""
        ctx = self.ctx
        groups = sorted(self.groups.values(), key=lambda group: (group.finding.outcome, -group.count))
        for exchange in self.shown:
            ctx.calls.record(exchange)
        for group in groups:
            index = ctx.calls.record(group.exchange)
            ctx.transcript.observe(
                Generated(
                    exchange=index,
                    expectation=group.expectation,
                    finding=group.place,
                    app_id=self.values.app_id,
                    revoked=tuple(self.values.revoked),
                    count=group.count,
                    sent=self.sent,
                    edit=group.example.edit,
                    edits=tuple(group.edits)[:2],
                    more=max(len(group.edits) - 2, 0),
                    example=group.example.id,
                )
            )
            if group.finding.outcome == "failed" and not self.memory.keep(self.input_class, group.example):
                self.state.note("Failing requests couldn't be kept: the cache folder can't be written to.")
        ctx.transcript.observe(Sampled(tuple(self.sample.judged), self.sample.unobserved, tuple(self.sample.task_ids)))
        if groups:
            ctx.transcript.replay = groups[0].example.id


def _keyed(judged: Judged, exchange: Exchange) -> dict[Key, int]:
    """The findings of one exchange, by what makes them the same, each by its place among them."""
    if exchange.response is None:
        answered = exchange.fault.kind if exchange.fault else ""
    else:
        answer = answers.read(exchange.response)
        answered = f"{answer.status} {answer.code or answer.kind}"
    return {
        (finding.requirement, finding.outcome, finding.reading or "", answered): place
        for place, finding in enumerate(judged.judgement.findings)
    }


def run_input_class(ctx: CaseContext, input_class: str) -> None:
    """Send what the budget admits of the class INPUT_CLASS."""
    if ctx.options.replay is not None:
        _replay(ctx, input_class, ctx.options.replay)
        return
    budget = ctx.calls_to_spare
    words = f"the budget of {ctx.options.max_calls} calls was used up by the cases before it"
    ctx.skip_if(budget <= 0, words)
    campaign = _Campaign(ctx, input_class)
    ended = ""
    try:
        ended = _course(campaign)
    except Blocked as error:
        ended = str(error)
    finally:
        campaign.conclude()
    ctx.skip_if(bool(ended or campaign.ended), campaign.ended or ended)


def _following(input_class: str, planned: Sequence[str]) -> list[str]:
    """The classes that are to run after INPUT_CLASS."""
    after = planned[planned.index(input_class) + 1 :] if input_class in planned else ()
    return [one for one in after if one in input_classes.INPUT_CLASSES]


def _course(campaign: _Campaign) -> str:
    """Send in turn what failed before, the fixed examples, those of the seed; what to say about the budget, or ""."""
    options, input_class = campaign.ctx.options, campaign.input_class
    remembered = campaign.memory.failed_before(input_class)[:MOST_REMEMBERED]
    open_classes = (input_class, *_following(input_class, [case.id for case in campaign.ctx.planned]))
    needs = [len(input_classes.fixed(one)) for one in open_classes]
    needs[0] += len(remembered)
    allowance = share(
        campaign.left - campaign.left // HELD_BACK, needs, [input_classes.turn(one) for one in open_classes]
    )
    for example in remembered:
        if campaign.sent < allowance and not campaign.ended and campaign.one(example):
            campaign.memory.forget(example)
    known = {example.id for example in remembered}

    def fresh(examples: Iterator[Example]) -> Iterator[Example]:
        return (example for example in examples if example.id not in known)

    campaign.send_all(fresh(iter(input_classes.ordered(input_class, options.seed))), allowance - campaign.sent)
    fixed = min(campaign.sent, needs[0])
    if campaign.sent < allowance:
        campaign.send_all(fresh(iter(input_classes.fuzzed(input_class, options.seed))), allowance - campaign.sent)
        campaign.send_all(fresh(input_classes.endless(input_class, options.seed)), allowance - campaign.sent)
    campaign.shrink_all(campaign.left // SHRINKING_SHARE // len(needs))
    if fixed >= needs[0] or campaign.ended:
        return ""
    campaign.state.note(CUT)
    return f"the budget of {options.max_calls} calls admitted {fixed} of {needs[0]} fixed examples, and no random ones"


def _replay(ctx: CaseContext, input_class: str, identity: str) -> None:
    kept = replay.find(identity, ctx.options.cache)
    campaign = _Campaign(ctx, input_class)
    try:
        campaign.send_all(iter((kept.example,)), 1)
        if not campaign.groups:
            campaign.memory.forget(kept.example)
    finally:
        campaign.conclude()
