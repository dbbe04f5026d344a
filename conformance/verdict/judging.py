"""Judges one observation by itself: a pure function of the observation and the exchanges that it speaks of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import singledispatch

from conformance.contract import answer as answers
from conformance.contract import codes, names
from conformance.contract import expectation as expectations
from conformance.contract.accepted import accepted_requirements, judge_accepted
from conformance.contract.classification import described, refused
from conformance.contract.delivery import SECRECY
from conformance.contract.judgement import Judgement, untested
from conformance.contract.meaning import (
    CANCELED,
    EFFECTS,
    LISTING,
    judge_count,
    judge_effect,
    judge_kept,
    judge_listing,
)
from conformance.contract.refused import REFUSED_GENERAL, judge_refused
from conformance.contract.task import Task, read_form
from conformance.evidence.exchange import Exchange
from conformance.evidence.finding import Finding
from conformance.record.observation import (
    AppIdDemanded,
    Counted,
    Generated,
    Inconclusive,
    Observation,
    Overrun,
    Proved,
    Reconnected,
    RefusedCall,
    Repeated,
    Revocation,
    Sampled,
    Simultaneous,
    TokenShown,
    Unchanged,
    Unobserved,
    ValidCall,
)
from conformance.verdict.evidence import Shown

__all__ = ["generated_findings", "secrecy", "show", "task_of"]

CONCURRENT = names.CONCURRENT_CALLS
ALLOWANCE = names.FLOW_CONTROL_ALLOWANCE


@dataclass(frozen=True)
class _Case:
    """What judging an observation needs of its case."""

    exchanges: Sequence[Exchange]
    requirements: frozenset[str]

    def general(self, *judged: str) -> set[str]:
        """Those of JUDGED that the case can say something about; secrets are looked for in every answer anyway."""
        return set(judged) & self.requirements - {SECRECY}


def show(observation: Observation, exchanges: Sequence[Exchange], requirements: Collection[str]) -> Shown:
    """What OBSERVATION shows by itself.

    Args:
        observation: the fact.
        exchanges: the calls of its case.
        requirements: all requirements that its case can say something about.
    """
    return _show(observation, _Case(exchanges, frozenset(requirements)))


def task_of(exchange: Exchange) -> Task | None:
    """The task in the answer; None when it holds none."""
    form = None if exchange.response is None else read_form(exchange.response)
    return None if form is None else form[0]


def _shown(
    observation: Observation,
    *parts: tuple[Judgement, Iterable[str]],
    exchange: int | None = None,
    tasks: Sequence[str] = (),
) -> Shown:
    """OBSERVATION with PARTS, each a judgement and the requirements that it was made by, about EXCHANGE."""
    findings: list[Finding] = []
    judged: dict[str, None] = {}
    unobserved: dict[str, str] = {}
    for judgement, by in parts:
        placed = judgement if exchange is None else judgement.at(exchange)
        findings += placed.findings
        judged |= dict.fromkeys(one for one in sorted(by) if one not in judgement.untested)
        unobserved = {**judgement.untested, **unobserved}
    return Shown(observation, tuple(findings), tuple(judged), tuple(unobserved.items()), tuple(tasks))


@singledispatch
def _show(observation: Observation, _: _Case) -> Shown:
    raise TypeError(f"no observation: {observation!r}")


@_show.register
def _(observation: ValidCall, case: _Case) -> Shown:
    exchange = case.exchanges[observation.exchange]
    accepted = judge_accepted(
        exchange,
        device_id=observation.device_id,
        app_id=observation.app_id,
        blame=observation.blame,
        pending=observation.pending,
        queued=observation.queued,
    )
    by = case.general(*accepted_requirements()) - set(LISTING) | {observation.blame}
    given = accepted.task.id if accepted.task is not None else None
    tasks = [] if given is None else [given]
    return _shown(observation, (accepted.judgement, by), exchange=observation.exchange, tasks=tasks)


@_show.register
def _(observation: RefusedCall, case: _Case) -> Shown:
    by = {*observation.refusal.requirements, *case.general(*REFUSED_GENERAL)}
    judgement = judge_refused(case.exchanges[observation.exchange], observation.refusal)
    return _shown(observation, (judgement, by), exchange=observation.exchange)


@_show.register
def _(observation: Repeated, case: _Case) -> Shown:
    wrong, right = (described(case.exchanges[index]) for index in (observation.exchange, observation.again))
    words = f"the call was answered {wrong}, and {right} when it was made again"
    return _blamed(observation, Finding(observation.blame, "failed", words, right, wrong, observation.exchange))


@_show.register
def _(observation: Reconnected, case: _Case) -> Shown:
    wrong, right = (described(case.exchanges[index]) for index in (observation.exchange, observation.alone))
    words = f"the call was answered {wrong} on a connection that was used before, and {right} on one of its own"
    return _blamed(observation, Finding(observation.blame, "failed", words, right, wrong, observation.exchange))


def _blamed(observation: Observation, finding: Finding) -> Shown:
    return Shown(observation, (finding,), (finding.requirement,))


@_show.register
def _(observation: AppIdDemanded, _: _Case) -> Shown:
    words = "the plain valid call is refused without appId in the query, and accepted with it"
    finding = Finding(names.APP_ID_OPTIONAL, "failed", words, "201 without appId", "refused", observation.exchange)
    return _blamed(observation, finding)


@_show.register
def _(observation: Revocation, case: _Case) -> Shown:
    state, exchange = observation.state, case.exchanges[observation.exchange]
    task = task_of(exchange)
    listable = {*LISTING, *(kept.if_listed for kept in state.kept.values() if kept.if_listed)}
    effects = {*EFFECTS, state.missed, *(kept.requirement for kept in state.kept.values())}
    if task is None:
        listing = Judgement((), untested(listable, "the answer holds no task"))
    else:
        listing = judge_listing(task, state, observation.after)
        if names.LISTED_PENDING_ONLY in listing.untested:
            unread = untested(listable, "what was listed could not be read")
            listing = replace(listing, untested={**unread, **listing.untested})
    return _shown(
        observation,
        (listing, listable),
        (_effect(observation, task, exchange, effects), effects),
        exchange=observation.exchange,
    )


def _effect(observation: Revocation, task: Task | None, exchange: Exchange, effects: Collection[str]) -> Judgement:
    state, first, after = observation.state, observation.first, observation.after
    if first is None or after is None:
        return Judgement((), untested(effects, observation.unreadable or "commands can't be read back"))
    if task is None and (refused(exchange) or not any(after.get(command) == CANCELED for command in state.pending)):
        # What a call did that failed midway is one mistake with its failing.
        return Judgement((), untested(effects, "the call was not accepted"))
    # Once one wasn't carried out in the whole time, the next ones aren't waited for as long.
    whole = "after another one wasn't within provider.settle_time" if observation.shortened else "provider.settle_time"
    within = f" within {observation.settle_time:g} s ({whole})" if task is not None and observation.settle_time else ""
    return judge_effect(task, state, first, after, within)


@_show.register
def _(observation: Unchanged, _: _Case) -> Shown:
    requirements = {kept.requirement for kept in observation.kept.values()}
    if observation.after is None:
        return _shown(observation, (Judgement((), untested(requirements, observation.unreadable)), ()))
    kept = judge_kept(observation.kept, observation.after, observation.kept if observation.late else ())
    return _shown(observation, (kept, requirements), exchange=observation.exchange)


@_show.register
def _(observation: Counted, case: _Case) -> Shown:
    task = task_of(case.exchanges[observation.exchange])
    if task is None:
        return Shown(observation)
    return _shown(observation, (judge_count(task), (names.TOTAL_COUNT_MATCHES_LIST,)), exchange=observation.exchange)


@_show.register
def _(observation: Overrun, case: _Case) -> Shown:
    response = case.exchanges[observation.exchange].response
    if response is None or answers.read(response).code != codes.FLOW_CONTROL:
        return Shown(observation)
    number, threshold = observation.number, observation.threshold
    words = f"call {number} of {threshold} within a minute was refused by flow control"
    expected = f"{threshold} calls admitted"
    return _blamed(observation, Finding(ALLOWANCE, "failed", words, expected, f"{number - 1}", observation.exchange))


@_show.register
def _(observation: Simultaneous, case: _Case) -> Shown:
    lists = [_listed(case.exchanges[index]) for index in observation.exchanges]
    if observation.after is None or any(None in listed for listed in lists):
        why = observation.unreadable or "what was listed could not be read"
        return _shown(observation, (Judgement((), {CONCURRENT: why}), ()))
    after = observation.after
    everywhere = {command for listed in lists for command in listed}
    problems: list[tuple[Sequence[object], str]] = [
        ([command for command in observation.pending if command not in everywhere], "in none of the lists"),
        ([command for command in observation.revoked if after.get(command) != CANCELED], "not cancelled"),
        ([command for listed in lists for command in set(listed) if listed.count(command) > 1], "twice in one list"),
    ]
    findings = [
        Finding(CONCURRENT, "failed", f"{_commands(commands)} {words}", "none", f"{len(commands)}")
        for commands, words in problems
        if commands
    ]
    tasks = [task for index in observation.exchanges if (task := task_of(case.exchanges[index])) is not None]
    miscounted = sum(bool(judge_count(task).failures) for task in tasks)
    if miscounted:
        words = f"{miscounted} of {len(tasks)} tasks have a totalCount that isn't the length of their list"
        findings.append(Finding(CONCURRENT, "failed", words, "none", f"{miscounted}"))
    return _shown(observation, (Judgement(tuple(findings)), (CONCURRENT,)), exchange=observation.exchanges[-1])


def _commands(ids: Sequence[object]) -> str:
    """How many commands IDS are, with the verb."""
    return "1 command was" if len(ids) == 1 else f"{len(ids)} commands were"


def _listed(exchange: Exchange) -> list[str | None]:
    task = task_of(exchange)
    return [None] if task is None or task.commands is None else [command.id for command in task.commands]


@_show.register
def _(observation: TokenShown, _: _Case) -> Shown:
    if observation.unclear:
        return _shown(observation, (Judgement((), {SECRECY: observation.unclear}), ()))
    where = ", ".join(observation.places)
    words = f"the answer repeats the access token: {where}"
    return _blamed(observation, Finding(SECRECY, "failed", words, "no credentials", where, observation.exchange))


@_show.register
def _(observation: Generated, case: _Case) -> Shown:
    found = generated_findings(observation, case.exchanges, ())
    return Shown(observation, found[:1], tuple(finding.requirement for finding in found[:1]))


def generated_findings(
    observation: Generated, exchanges: Sequence[Exchange], known: Collection[str]
) -> tuple[Finding, ...]:
    """The finding that OBSERVATION stands for, where the requirements KNOWN are broken; none when those explain it."""
    exchange = exchanges[observation.exchange]
    judged = expectations.judge(exchange, observation.expectation, observation.app_id, observation.revoked, known)
    findings = judged.judgement.findings
    chosen = findings[min(observation.finding, len(findings) - 1)] if findings else None
    if chosen is None:
        return ()
    return (replace(chosen, message=_told(observation, chosen.message), exchange=observation.exchange),)


def _told(observation: Generated, message: str) -> str:
    edits = observation.edits
    more = f" and {observation.more} more" if observation.more else ""
    among = f"; among them: {'; '.join(edits)}{more}" if len(edits) > 1 else ""
    return (
        f"{message} ({observation.count} of {observation.sent} generated requests; "
        f"the smallest: {observation.edit}, replayed by --replay {observation.example}{among})"
    )


@_show.register
def _(observation: Sampled, _: _Case) -> Shown:
    return Shown(observation, (), observation.judged, tuple(observation.unobserved.items()), observation.task_ids)


@_show.register
def _(observation: Unobserved, _: _Case) -> Shown:
    return Shown(observation, unobserved=tuple((one, observation.reason) for one in observation.requirements))


@_show.register
def _(observation: Inconclusive, _: _Case) -> Shown:
    return Shown(observation)


@_show.register
def _(observation: Proved, _: _Case) -> Shown:
    return Shown(observation, judged=observation.requirements)


def secrecy(exchanges: Sequence[Exchange], shown: Iterable[Shown]) -> Shown:
    """That the answers of EXCHANGES which SHOWN doesn't speak of keep the access token to themselves."""
    spoken_of = {one.observation.exchange for one in shown if isinstance(one.observation, TokenShown)}
    silent = [exchange for index, exchange in enumerate(exchanges) if index not in spoken_of]
    judged = (SECRECY,) if any(exchange.response is not None for exchange in silent) else ()
    answered = all(exchange.response is not None for exchange in silent)
    unobserved = {} if answered else {SECRECY: "there was no complete answer"}
    return Shown(Sampled(judged, unobserved), (), judged, tuple(unobserved.items()))
