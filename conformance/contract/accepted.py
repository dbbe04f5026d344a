"""Judges the answer to a call that must be accepted: 201, JSON, a task whose members and identities are right."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from conformance.contract import answer as answers
from conformance.contract import names
from conformance.contract.contradiction import CONTRADICTIONS, judge_contradictions
from conformance.contract.delivery import DELIVERY, SECRECY, judge_delivery
from conformance.contract.judgement import Judgement, failed, untested
from conformance.contract.label import judge_label, judge_members
from conformance.contract.statuses import CREATED
from conformance.contract.task import Task, member_requirements, read_form, shown
from conformance.contract.values import VALUES, Queued, judge_values
from conformance.evidence.exchange import Exchange
from conformance.evidence.finding import Finding

__all__ = ["accepted_requirements", "judge_accepted"]

ACCEPTING = frozenset({202, 203, 204, 205, 206})
NOTHING_QUEUED: Mapping[str, Queued] = MappingProxyType({})
IDENTITIES = (
    names.TASK_APP_ID_OWN,
    names.TASK_DEVICE_ID_ECHO,
    names.COMMAND_APP_ID_SAME,
    names.COMMAND_DEVICE_ID_SAME,
)
ENVELOPE = (
    names.ACCEPTED_STATUS,
    names.ACCEPTED_MEDIA_TYPE,
    names.ANSWER_JSON,
    names.ANSWER_JSON_UNIQUE_MEMBERS,
    names.ERROR_NO_TASK,
)


def accepted_requirements() -> tuple[str, ...]:
    """Ids of every requirement that an accepted call's answer is judged by, whatever the case is about."""
    return (
        *DELIVERY,
        SECRECY,
        names.CALL_ACCEPTED,
        *ENVELOPE,
        *member_requirements(),
        names.COMMAND_TIMES_READABLE,
        VALUES,
        *CONTRADICTIONS,
        *IDENTITIES,
        names.TOTAL_COUNT_MATCHES_LIST,
    )


@dataclass(frozen=True)
class Accepted:
    """The task of an accepted call, None when the answer holds none, and what judging it yielded."""

    task: Task | None
    judgement: Judgement


def judge_accepted(
    exchange: Exchange,
    *,
    device_id: str,
    app_id: str | None,
    blame: str = names.CALL_ACCEPTED,
    pending: Collection[str] | None = None,
    queued: Mapping[str, Queued] = NOTHING_QUEUED,
) -> Accepted:
    """Judge the answer to a valid call.

    What totalCount says is held against the list by `meaning`, which knows what should be listed.

    Args:
        exchange: the call and its answer.
        device_id: the device that it is for.
        app_id: the application that it is made for; None: not known.
        blame: the requirement that a refusal breaks: what the case is about.
        pending: the commands that should be listed, others than which have no place in the list; None: not known.
        queued: by commandId, what commands were queued with, as far as it is known.
    """
    delivery = judge_delivery(exchange)
    beyond = [
        requirement for requirement in (*accepted_requirements(), blame) if requirement not in (*DELIVERY, SECRECY)
    ]
    if exchange.response is None:
        return Accepted(None, delivery + Judgement((), untested(beyond, "there was no complete answer")))
    answer = answers.read(exchange.response)
    if (read := read_form(exchange.response)) is not None:
        task, form = read
        outer = Judgement(tuple(_envelope(answer)))
        form += judge_values(answer.value, queued) + judge_contradictions(answer.value, exchange)
        return Accepted(task, delivery + outer + form + _identities(task, device_id, app_id, pending))
    culprit, said = _no_task(exchange, answer, blame)
    rest = untested([one for one in beyond if one not in said], "the answer holds no task")
    return Accepted(None, delivery + Judgement((culprit,), rest))


def _no_task(exchange: Exchange, answer: answers.Answer, blame: str) -> tuple[Finding, tuple[str, ...]]:
    """What is wrong with an ANSWER to a valid call that holds no task, and the requirements that this is said of."""
    if answer.status == CREATED and answer.kind == "neither":
        what = f"the body is no JSON object: {answer.not_json}" if answer.not_json else "the body's object is no task"
        culprit = failed(names.ANSWER_JSON, what, "a task as one JSON object", _start(exchange))
        return culprit, (names.ANSWER_JSON, names.ACCEPTED_STATUS)
    what = f"a valid call was answered {answer.describe()}"
    if answer.kind == "neither" and answer.status in ACCEPTING:
        # Accepted, by the status, but not as the document has it; that it brings no task comes with it.
        return failed(names.ACCEPTED_STATUS, what, "201", str(answer.status)), (names.ACCEPTED_STATUS,)
    return failed(blame, what, "201 with a task", answer.describe()), (blame,)


def _start(exchange: Exchange) -> str:
    body = exchange.response.body if exchange.response else b""
    return f"{body[:80]!r}"[1:] + ("…" if body[80:] else "")


def _envelope(answer: answers.Answer) -> Iterator[Finding]:
    if answer.status != CREATED:
        yield failed(names.ACCEPTED_STATUS, f"a task came with status {answer.status}", "201", str(answer.status))
    yield from judge_label(answer, "the task", names.ACCEPTED_MEDIA_TYPE)
    yield from judge_members(answer)
    if answer.code is not None and not answer.success:
        yield failed(
            names.ERROR_NO_TASK,
            f"the task carries the error code {answer.code}",
            "a task or an error",
            "both",
        )


def _identities(task: Task, device_id: str, app_id: str | None, pending: Collection[str] | None) -> Judgement:
    reasons: dict[str, str] = {}
    if task.app_id is None or app_id is None:
        reasons[names.TASK_APP_ID_OWN] = (
            "appId could not be read" if app_id else "the application's own appId is not known"
        )
    if task.device_id is None:
        reasons[names.TASK_DEVICE_ID_ECHO] = "deviceId could not be read"
    if not task.commands:
        reasons |= untested((names.COMMAND_APP_ID_SAME, names.COMMAND_DEVICE_ID_SAME), "no command was listed")
    own = (
        *_other(names.TASK_APP_ID_OWN, "the task's appId", task.app_id, app_id),
        *_other(names.TASK_DEVICE_ID_ECHO, "the task's deviceId", task.device_id, device_id),
    )
    return Judgement((*own, *_strangers(task, device_id, app_id, pending)), reasons)


def _other(requirement: str, what: str, actual: str | None, expected: str | None) -> Iterator[Finding]:
    """A finding when WHAT, an id, was read and is another one than EXPECTED (None: not known)."""
    if actual is not None and expected is not None and actual != expected:
        yield failed(requirement, f"{what} is {shown(actual)}", f"{what}: {shown(expected)}", shown(actual))


def _strangers(task: Task, device_id: str, app_id: str | None, pending: Collection[str] | None) -> tuple[Finding, ...]:
    """The first listed command with another appId, and the first with another deviceId; a list may be long."""
    first: dict[str, Finding] = {}
    for index, command in enumerate(task.commands or ()):
        if pending is not None and command.id is not None and command.id not in pending:
            continue
        where = f"deviceCommands[{index}]"
        for requirement, name, actual, expected in (
            # The task's own may be wrong, or theirs; which one is told by the task's.
            (
                names.COMMAND_APP_ID_SAME,
                "appId",
                command.app_id,
                task.app_id if command.app_id == task.app_id else app_id,
            ),
            (names.COMMAND_DEVICE_ID_SAME, "deviceId", command.device_id, device_id),
        ):
            if requirement not in first:
                for finding in _other(requirement, f"{where}.{name}", actual, expected):
                    first[requirement] = finding
    return tuple(first.values())
