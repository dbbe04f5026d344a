"""Judges what a call did: what its task lists and what is read back, against what stood on the target before.

Each deviation is attributed to one requirement. A pending command that is neither listed nor cancelled breaks the
revocation, not the listing too; one that is cancelled but not listed breaks the listing alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from conformance.contract import names
from conformance.contract.judgement import Judgement, failed, untested
from conformance.contract.task import Task
from conformance.evidence.finding import Finding

__all__ = [
    "CANCELED",
    "DELIVERED",
    "EFFECTS",
    "LISTING",
    "PENDING",
    "READ_BACK",
    "SETTLED",
    "UNDELIVERED",
    "MustStay",
    "State",
    "judge_count",
    "judge_effect",
    "judge_kept",
    "judge_listing",
]

PENDING = "PENDING"
CANCELED = "CANCELED"
DELIVERED = "DELIVERED"
NAMED = 3
UNDELIVERED = frozenset({PENDING, "DEFAULT", "PENDDING"})
"""Statuses under which a command that wasn't delivered yet may be read back (interpretation pending-status)."""

ENDED = ("SUCCESSFUL", "FAILED", "TIMEOUT", "EXPIRED")
WENT_ON = frozenset({"SENT", DELIVERED, *ENDED})
"""What a pending command becomes when its device comes online or its time is over; revocation makes none of these."""

SETTLED = (*ENDED, CANCELED)
"""Statuses that no revocation changes any more; under every other one it may still be going on."""

READ_BACK = frozenset(
    {
        names.KEEP_DELIVERED,
        names.KEEP_FINISHED,
        names.KEEP_FOREIGN_DEVICE,
        names.KEEP_OTHER_DEVICES,
        names.LATER_COMMANDS_STAY,
        *names.NO_EFFECT,
        names.OTHER_METHODS_SAFE,
        names.REVOKE_ALL_PENDING,
    }
)
"""What reading commands back can show to hold."""

PARTIAL = frozenset({"FAILED", "PART_SUCCESS"})
LISTING = (
    names.LISTED_ALL,
    names.LISTED_ONCE,
    names.LISTED_PENDING_ONLY,
    names.LISTED_STATUS_TRUE,
    names.TOTAL_COUNT_MATCHES_LIST,
)
EFFECTS = (names.REVOKE_ALL_PENDING, names.REVOKE_KEEPS_RECORD, names.TASK_STATUS_TRUE)


@dataclass(frozen=True)
class MustStay:
    """A command that the call must leave alone.

    Attributes:
        status: what it has.
        requirement: what is broken when it changes.
        if_listed: what is broken when a task lists it; None: it may be listed or not.
        may_progress: it may go on by itself, as a delivered command does, but never to CANCELED, nor back.
        if_missing: what is broken when it vanishes, where that is something else.
    """

    status: str
    requirement: str
    if_listed: str | None = names.LISTED_PENDING_ONLY
    may_progress: bool = False
    if_missing: str | None = None

    def changed(self, now: str | None) -> bool:
        """Whether reading back NOW (None: gone) shows that the command wasn't left alone."""
        if now is None or self.may_progress:
            return now in {None, CANCELED} or (now in UNDELIVERED and self.status == DELIVERED)
        return now != self.status and not (now in UNDELIVERED and self.status in UNDELIVERED)

    def went_on(self, now: str | None) -> bool:
        """Whether NOW shows that a pending command was delivered or expired meanwhile, so that nothing shows."""
        return self.status in UNDELIVERED and now in WENT_ON

    def broken_by(self, now: str | None) -> str | None:
        """The requirement that is broken when it reads back as NOW; None where it was left alone."""
        if not self.changed(now):
            return None
        return self.if_missing if now is None and self.if_missing else self.requirement


@dataclass(frozen=True)
class State:
    """What stood on the target before the call.

    pending: the device's commands to be revoked; kept: commands, of this and other devices, to be left alone.
    missed: the requirement broken when a pending command is neither listed nor cancelled.
    """

    pending: tuple[str, ...]
    kept: Mapping[str, MustStay] = field(default_factory=dict)
    missed: str = names.REVOKE_ALL_PENDING


def _ids(commands: tuple[str, ...] | list[str]) -> str:
    shown = ", ".join(commands[:NAMED])
    return shown if len(commands) <= NAMED else f"{shown} and {len(commands) - NAMED} more"


def judge_listing(task: Task, state: State, after: Mapping[str, str] | None) -> Judgement:
    """Hold the task's list against STATE. AFTER is what was read back (None: it can't be)."""
    if task.commands is None:
        return Judgement((), untested(LISTING, "the list of commands could not be read"))
    listed = [command.id for command in task.commands if command.id is not None]
    if len(listed) < len(task.commands):
        return Judgement((), untested(LISTING, "the commandId of a listed command could not be read"))
    findings = [
        *_missing(listed, state, after),
        *_repeated(listed),
        *_surplus(listed, state, after),
        *_untrue(task, state, after or {}),
        *_count(task, listed, state),
    ]
    reasons = {}
    if task.total_count is None:
        reasons[names.TOTAL_COUNT_MATCHES_LIST] = "totalCount could not be read"
    if not state.pending:
        reasons |= untested((names.LISTED_ALL, names.LISTED_ONCE, names.LISTED_STATUS_TRUE), "nothing was pending")
    return Judgement(tuple(findings), reasons)


def _missing(listed: list[str], state: State, after: Mapping[str, str] | None) -> Iterator[Finding]:
    unlisted = [command for command in state.pending if command not in listed]
    if after is not None:
        # Neither listed nor revoked is one mistake in what the call is about, where that is told apart.
        told = {CANCELED, *(UNDELIVERED if state.missed == names.REVOKE_ALL_PENDING else ())}
        unlisted = [command for command in unlisted if after.get(command) in told]
    # A list of full length that repeats or invents commands has no second fault for those in whose place they stand.
    if unlisted and len(listed) < len(state.pending):
        blame = names.LISTED_ALL if state.missed == names.REVOKE_ALL_PENDING else state.missed
        yield failed(
            blame,
            f"{len(unlisted)} of {len(state.pending)} pending commands aren't listed: {_ids(unlisted)}",
            f"{len(state.pending)} commands listed",
            f"{len(state.pending) - len(unlisted)} of them listed",
        )


def _repeated(listed: list[str]) -> Iterator[Finding]:
    twice = sorted(command for command, count in Counter(listed).items() if count > 1)
    if twice:
        yield failed(
            names.LISTED_ONCE, f"listed more than once: {_ids(twice)}", "every command once", f"{len(listed)} entries"
        )


def _surplus(listed: list[str], state: State, after: Mapping[str, str] | None) -> Iterator[Finding]:
    by_requirement: dict[str, list[str]] = {}
    for command in dict.fromkeys(listed):
        if command in state.pending:
            continue
        kept = state.kept.get(command)
        wrongly_revoked = kept is not None and after is not None and kept.changed(after.get(command))
        if not wrongly_revoked and not (kept and kept.if_listed is None):
            by_requirement.setdefault((kept and kept.if_listed) or names.LISTED_PENDING_ONLY, []).append(command)
    for requirement, commands in by_requirement.items():
        statuses = sorted({state.kept[command].status for command in commands if command in state.kept}) or ["unknown"]
        yield failed(
            requirement,
            f"listed although not pending for the device ({', '.join(statuses)}): {_ids(commands)}",
            "only the device's pending commands",
            f"{len(commands)} more",
        )


def _untrue(task: Task, state: State, after: Mapping[str, str]) -> Iterator[Finding]:
    for command in task.commands or ():
        # What it reads back as, wrongly, is its true status all the same.
        if command.id in state.pending and command.status in ENDED and command.status != after.get(command.id):
            yield failed(
                names.LISTED_STATUS_TRUE,
                f"{command.id} was pending and is listed as {command.status}",
                "PENDING, DEFAULT or CANCELED",
                str(command.status),
            )
            return


def _count(task: Task, listed: list[str], state: State) -> Iterator[Finding]:
    if task.total_count is None or task.commands is None:
        return
    right = {len(task.commands)}
    if set(listed) != set(state.pending) or len(set(listed)) < len(listed):
        # The list is wrong itself; a count of what should be listed isn't a second fault.
        right |= {len(state.pending), len(set(listed))}
    fewer = task.status in PARTIAL and 0 <= task.total_count <= len(task.commands)
    if task.total_count not in right and not fewer:
        yield failed(
            names.TOTAL_COUNT_MATCHES_LIST,
            f"totalCount is {task.total_count}, the list has {len(task.commands)}",
            str(len(task.commands)),
            str(task.total_count),
        )


def judge_count(task: Task) -> Judgement:
    """Hold totalCount against the list alone, where what stood on the target before isn't known."""
    if task.commands is None or task.total_count is None:
        return Judgement((), {names.TOTAL_COUNT_MATCHES_LIST: "totalCount or the list could not be read"})
    listed = [command.id for command in task.commands if command.id is not None]
    return Judgement(tuple(_count(task, listed, State(tuple(dict.fromkeys(listed))))))


def judge_effect(
    task: Task | None, state: State, first: Mapping[str, str], after: Mapping[str, str], within: str = ""
) -> Judgement:
    """Hold what is read back against the state before.

    Args:
        task: what the call was answered with.
        state: what stood on the target before.
        first: what was read back right after the answer.
        after: what was read back once it had settled.
        within: how long that was waited for, in words.
    """
    vanished = [command for command in state.pending if command not in after]
    left = [command for command in state.pending if command in after and after[command] != CANCELED]
    findings: list[Finding] = []
    if vanished:
        findings.append(
            failed(
                names.REVOKE_KEEPS_RECORD, f"can't be read back any more: {_ids(vanished)}", CANCELED, "no such command"
            )
        )
    if left:
        statuses = ", ".join(sorted({after[command] for command in left}))
        findings.append(
            failed(
                state.missed,
                f"{len(left)} of {len(state.pending)} commands weren't revoked{within} but are {statuses}: "
                f"{_ids(left)}",
                f"{len(state.pending)} commands {CANCELED}",
                statuses,
            )
        )
    reasons: dict[str, str] = {}
    # A task that lists none has a status of nothing; that it revokes some all the same is another mistake.
    if task is None or task.status is None or not state.pending or not task.commands:
        reasons[names.TASK_STATUS_TRUE] = "no task status over revoked commands could be read"
    elif not left and not vanished:
        findings.extend(_status(task.status, state, first))
    if not state.pending:
        reasons |= untested((names.REVOKE_ALL_PENDING, names.REVOKE_KEEPS_RECORD), "nothing was pending")
    later = [command for command, kept in state.kept.items() if not kept.changed(first.get(command))]
    return Judgement(tuple(findings), reasons) + judge_kept(state.kept, after, later)


def _status(status: str, state: State, first: Mapping[str, str]) -> Iterator[Finding]:
    early = [command for command in state.pending if first.get(command) in UNDELIVERED]
    if status == "SUCCESS" and early:
        yield failed(
            names.TASK_STATUS_TRUE,
            f"the task said SUCCESS while {len(early)} of its commands still read back as pending: {_ids(early)}",
            "WAITING or RUNNING until all is revoked",
            "SUCCESS",
        )
    if status == "FAILED":
        yield failed(
            names.TASK_STATUS_TRUE, "the task said FAILED, yet every command was revoked", "not FAILED", "FAILED"
        )


def judge_kept(kept: Mapping[str, MustStay], after: Mapping[str, str], later: Collection[str] = ()) -> Judgement:
    """One finding for each requirement by which a command should have been left alone and wasn't.

    Args:
        kept: what each command was.
        after: what was read back.
        later: commands that time has passed for since they were seen to be left alone; what went on by itself then
            shows nothing.
    """
    changed: dict[str, list[str]] = {}
    reasons: dict[str, str] = {}
    for command, before in kept.items():
        now = after.get(command)
        if command in later and before.went_on(now):
            reasons[before.requirement] = f"a command that was pending is {now} now; it must stay pending during a run"
            continue
        requirement = before.broken_by(now)
        if requirement is not None:
            changed.setdefault(requirement, []).append(f"{command} ({before.status}, now {now or 'gone'})")
    findings = tuple(
        failed(
            requirement, f"these had to stay as they were: {_ids(commands)}", "unchanged", f"{len(commands)} changed"
        )
        for requirement, commands in changed.items()
    )
    return Judgement(findings, {one: why for one, why in reasons.items() if one not in changed})
