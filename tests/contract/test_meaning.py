"""What a call did: the task's list and what is read back, against what stood on the target before."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from conformance.contract.judgement import Judgement
from conformance.contract.meaning import LISTING, MustStay, State, judge_count, judge_effect, judge_kept, judge_listing
from conformance.contract.task import Command, Task

from .exchanges import APP, DEVICE, broken

PENDING = ("p1", "p2", "p3")
STATE = State(PENDING)
ALL = dict.fromkeys(PENDING, "CANCELED")
EFFECTS = ("revoke-all-pending", "revoke-keeps-record", "task-status-true")


def made(*listed: str, status: str | None = "SUCCESS", count: int | None = -1, shown: str | None = "PENDING") -> Task:
    """A task that lists those commands, with the right totalCount unless another is given."""
    commands = tuple(Command(command, APP, DEVICE, shown) for command in listed)
    return Task("t", APP, DEVICE, status, len(listed) if count == -1 else count, commands)


def found(
    task: Task, after: Mapping[str, str] | None, state: State = STATE, first: Mapping[str, str] | None = None
) -> list[str]:
    """Everything that is found violated, in what is listed and in what was done."""
    judgement = judge_listing(task, state, after)
    if after is not None:
        judgement += judge_effect(task, state, after if first is None else first, after)
    return broken(judgement)


def test_right() -> None:
    """All pending commands listed in any order, and all cancelled: nothing is wrong, nothing stays unsaid."""
    for listed in (PENDING, PENDING[::-1]):
        judgement = judge_listing(made(*listed), STATE, ALL) + judge_effect(made(*listed), STATE, ALL, ALL)
        assert Judgement() == judgement


@pytest.mark.parametrize("shown", ["PENDING", "DEFAULT", "CANCELED", "PENDDING", "SENT", "DELIVERED", None])
def test_listed_as(shown: str | None) -> None:
    """A command is listed as it was before its revocation or as it is after it; on the way to the device is no lie."""
    assert [] == found(made(*PENDING, shown=shown), ALL)


@pytest.mark.parametrize("shown", ["SUCCESSFUL", "FAILED", "TIMEOUT", "EXPIRED"])
def test_listed_as_ended(shown: str) -> None:
    """A command that was pending and is listed as ended is that one fault, however many are."""
    assert ["listed-status-true"] == found(made(*PENDING, shown=shown), ALL)


@pytest.mark.parametrize(
    ("is_listed", "is_cancelled", "expected"),
    [
        (True, True, []),
        (True, False, ["revoke-all-pending"]),
        (False, True, ["listed-all"]),
        (False, False, ["listed-all", "revoke-all-pending"]),
    ],
)
@pytest.mark.parametrize("number", [1, 2, 3])
def test_listed_and_cancelled(is_listed: bool, is_cancelled: bool, expected: list[str], number: int) -> None:  # noqa: FBT001 (the table)
    """Of some or all pending commands: what isn't listed is told, and what isn't cancelled; masking is for later."""
    these = PENDING[:number]
    listed = [command for command in PENDING if is_listed or command not in these]
    after = {command: "CANCELED" if is_cancelled or command not in these else "PENDING" for command in PENDING}

    assert expected == found(made(*listed, status="RUNNING"), after)


@pytest.mark.parametrize(
    "status", ["DEFAULT", "PENDING", "SENT", "DELIVERED", "SUCCESSFUL", "FAILED", "EXPIRED", "TIMEOUT", "gone wrong"]
)
def test_not_cancelled(status: str) -> None:
    """A pending command that ends in any other status than CANCELED wasn't revoked."""
    assert ["revoke-all-pending"] == found(made(*PENDING), {**ALL, "p2": status})


@pytest.mark.parametrize("is_listed", [True, False])
def test_vanished(is_listed: bool) -> None:  # noqa: FBT001 (the table)
    """A command that can't be read back any more is that one fault, listed or not."""
    after = {command: status for command, status in ALL.items() if command != "p2"}
    listed = PENDING if is_listed else ("p1", "p3")

    assert ["revoke-keeps-record"] == found(made(*listed), after)


def test_all_vanished() -> None:
    """Where all are gone, that is still one fault."""
    assert ["revoke-keeps-record"] == found(made(*PENDING), {})


def test_repeated() -> None:
    """A command that is listed twice is that one fault, whether totalCount counts it once or twice."""
    assert [["listed-once"]] * 2 == [found(made(*PENDING, "p2", count=count), ALL) for count in (3, 4)]


def test_repeated_in_anothers_place() -> None:
    """A command listed in another's place is one fault: the other one isn't missed besides."""
    assert ["listed-once"] == found(made("p1", "p1", "p3"), ALL)


def test_surplus() -> None:
    """A listed command that is nobody's is one fault, whether totalCount counts it or not."""
    assert [["listed-pending-only"]] * 2 == [found(made(*PENDING, "x", count=count), ALL) for count in (3, 4)]


def test_surplus_in_anothers_place() -> None:
    """One that stands in a pending one's place is one fault."""
    assert ["listed-pending-only"] == found(made("p1", "x", "p3"), ALL)


def test_nothing_pending() -> None:
    """A task of no commands is right where nothing was pending; a listed command is one fault."""
    nothing = State(())

    assert [] == found(made(), {}, nothing)
    assert ["listed-pending-only"] == found(made("x"), {}, nothing)
    assert {"listed-all", "listed-once", "listed-status-true"} == set(judge_listing(made(), nothing, {}).untested)
    assert set(EFFECTS) == set(judge_effect(made(), nothing, {}, {}).untested)


@pytest.mark.parametrize("status", ["WAITING", "RUNNING", "SUCCESS", "FAILED", "PART_SUCCESS"])
def test_empty_task_of_any_status(status: str) -> None:
    """A task of no commands may have any status."""
    assert [] == found(made(status=status), {}, State(()))


@pytest.mark.parametrize(
    ("status", "count", "expected"),
    [
        ("SUCCESS", 3, []),
        ("SUCCESS", 3.0, []),
        ("SUCCESS", 2, ["total-count-matches-list"]),
        ("SUCCESS", 4, ["total-count-matches-list"]),
        ("SUCCESS", 0, ["total-count-matches-list"]),
        ("WAITING", 0, ["total-count-matches-list"]),
        ("RUNNING", 0, ["total-count-matches-list"]),
        ("PART_SUCCESS", 0, []),
        ("PART_SUCCESS", 2, []),
        ("PART_SUCCESS", 3, []),
        ("PART_SUCCESS", 4, ["total-count-matches-list"]),
        (None, 2, ["total-count-matches-list"]),
    ],
)
def test_total_count(status: str | None, count: int, expected: list[str]) -> None:
    """TotalCount is the length of the list; with FAILED and PART_SUCCESS it may be smaller, never greater."""
    assert expected == found(made(*PENDING, status=status, count=count), ALL)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_total_count_of_a_failed_task(count: int) -> None:
    """A task that is FAILED and revoked nothing may count what it revoked; that it revoked nothing is the fault."""
    left = dict.fromkeys(PENDING, "PENDING")

    assert ["revoke-all-pending"] == found(made(*PENDING, status="FAILED", count=count), left)


def test_total_count_of_an_incomplete_list() -> None:
    """Where the list misses commands, totalCount may count them or not: it isn't a second fault."""
    assert [["listed-all"]] * 2 == [found(made("p1", "p2", count=count), ALL) for count in (2, 3)]


def test_total_count_beside_an_incomplete_list() -> None:
    """A totalCount that is neither is one."""
    assert ["listed-all", "total-count-matches-list"] == found(made("p1", "p2", count=7), ALL)


def test_total_count_unreadable() -> None:
    """Where totalCount couldn't be read, nothing is said of it."""
    judgement = judge_listing(made(*PENDING, count=None), STATE, ALL)

    assert Judgement((), {"total-count-matches-list": "totalCount could not be read"}) == judgement


@pytest.mark.parametrize(
    ("status", "first", "expected"),
    [
        ("SUCCESS", "CANCELED", []),
        ("SUCCESS", "PENDING", ["task-status-true"]),
        ("SUCCESS", "DEFAULT", ["task-status-true"]),
        ("WAITING", "PENDING", []),
        ("RUNNING", "PENDING", []),
        ("RUNNING", "CANCELED", []),
        ("WAITING", "CANCELED", []),
        ("PART_SUCCESS", "PENDING", []),
        ("PART_SUCCESS", "CANCELED", []),
        ("FAILED", "CANCELED", ["task-status-true"]),
        ("FAILED", "PENDING", ["task-status-true"]),
    ],
)
def test_task_status(status: str, first: str, expected: list[str]) -> None:
    """A task isn't SUCCESS before all is revoked, and not FAILED when all was."""
    assert expected == found(made(*PENDING, status=status), ALL, first={**ALL, "p3": first})


@pytest.mark.parametrize("status", ["SUCCESS", "FAILED", "PART_SUCCESS"])
def test_task_status_of_what_was_not_revoked(status: str) -> None:
    """Where a command is never revoked that is the fault; the status isn't a second one."""
    assert ["revoke-all-pending"] == found(made(*PENDING, status=status), {**ALL, "p1": "PENDING"})


def test_task_status_unreadable() -> None:
    """Where the task or its status couldn't be read, nothing is said of it."""
    for task in (None, made(*PENDING, status=None)):
        judgement = judge_effect(task, STATE, ALL, ALL)
        assert ([], ["task-status-true"]) == (broken(judgement), list(judgement.untested))


def test_status_of_a_task_that_lists_none() -> None:
    """A task without commands may have any status, whatever it revoked."""
    judgement = judge_effect(made(status="FAILED"), STATE, ALL, ALL)

    assert ([], ["task-status-true"]) == (broken(judgement), list(judgement.untested))


def test_not_read_back() -> None:
    """Where commands can't be read back, the list is judged alone."""
    assert [] == found(made(*PENDING), None)
    assert ["listed-all"] == found(made("p1", "p2"), None)
    assert ["listed-pending-only"] == found(made(*PENDING, "x"), None)


def test_unreadable_list() -> None:
    """Where the list or an id in it couldn't be read, nothing is said of what is listed."""
    tasks = (Task("t", APP, DEVICE, "SUCCESS", 3, None), made("p1", "p2", None))  # type: ignore[arg-type]  # unreadable
    for task in tasks:
        judgement = judge_listing(task, STATE, ALL)
        assert ((), set(LISTING)) == (judgement.findings, set(judgement.untested))


KEPT = {
    "d1": MustStay("DELIVERED", "keep-delivered", may_progress=True),
    "s1": MustStay("SUCCESSFUL", "keep-finished"),
    "c1": MustStay("CANCELED", "keep-finished", if_listed="second-call-empty"),
    "o1": MustStay("PENDING", "keep-other-devices"),
}
UNTOUCHED = {command: kept.status for command, kept in KEPT.items()}


def test_kept() -> None:
    """Commands that are as they were were left alone."""
    assert [] == found(made(*PENDING), {**ALL, **UNTOUCHED}, State(PENDING, KEPT))


@pytest.mark.parametrize(
    ("command", "now", "expected"),
    [
        ("d1", "SUCCESSFUL", []),
        ("d1", "FAILED", []),
        ("d1", "TIMEOUT", []),
        ("d1", "SENT", []),
        ("d1", "CANCELED", ["keep-delivered"]),
        ("d1", None, ["keep-delivered"]),
        ("s1", "CANCELED", ["keep-finished"]),
        ("s1", "PENDING", ["keep-finished"]),
        ("s1", None, ["keep-finished"]),
        ("c1", "PENDING", ["keep-finished"]),
        ("o1", "DEFAULT", []),
        ("o1", "PENDDING", []),
        ("o1", "CANCELED", ["keep-other-devices"]),
        ("o1", "EXPIRED", ["keep-other-devices"]),
        ("o1", None, ["keep-other-devices"]),
    ],
)
def test_changed(command: str, now: str | None, expected: list[str]) -> None:
    """A delivered command may go on by itself, an undelivered one has two names; any other change is one fault."""
    after = {key: value for key, value in {**ALL, **UNTOUCHED, command: now}.items() if value is not None}

    assert expected == found(made(*PENDING), after, State(PENDING, KEPT))


@pytest.mark.parametrize("now", ["SENT", "DELIVERED", "SUCCESSFUL", "FAILED", "TIMEOUT", "EXPIRED"])
def test_what_went_on_later(now: str) -> None:
    """A pending command that was delivered or expired says nothing once time has passed; behind a call it does."""
    kept = {"o1": KEPT["o1"]}
    at_once, later = judge_kept(kept, {"o1": now}), judge_kept(kept, {"o1": now}, ["o1"])

    assert (["keep-other-devices"], []) == tuple([one.requirement for one in j.findings] for j in (at_once, later))
    assert ({}, {"keep-other-devices"}) == (at_once.untested, set(later.untested))


def test_revoked_later_is_a_fault_at_any_time() -> None:
    """A command doesn't become CANCELED, and doesn't vanish, by itself."""
    kept = {"o1": KEPT["o1"], "o2": KEPT["o1"]}

    assert "(PENDING, now CANCELED)" in judge_kept(kept, {"o1": "CANCELED"}, kept).findings[0].message
    assert "(PENDING, now gone)" in judge_kept(kept, {"o1": "CANCELED"}, kept).findings[0].message


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("d1", "listed-pending-only"),
        ("s1", "listed-pending-only"),
        ("c1", "second-call-empty"),
        ("o1", "listed-pending-only"),
    ],
)
def test_kept_and_listed(command: str, expected: str) -> None:
    """A command that is listed without being changed breaks the listing."""
    assert [expected] == found(made(*PENDING, command), {**ALL, **UNTOUCHED}, State(PENDING, KEPT))


@pytest.mark.parametrize(("command", "expected"), [("d1", "keep-delivered"), ("o1", "keep-other-devices")])
def test_changed_and_listed(command: str, expected: str) -> None:
    """A command that is revoked wrongly and listed is one fault, not two."""
    after = {**ALL, **UNTOUCHED, command: "CANCELED"}

    assert [expected] == found(made(*PENDING, command), after, State(PENDING, KEPT))


def test_one_finding_for_each_requirement() -> None:
    """However many commands are changed against one requirement, that is one finding; it names three of them."""
    kept = {f"s{number}": MustStay("SUCCESSFUL", "keep-finished") for number in range(9)}
    findings = judge_kept(kept, {}).findings

    assert ["keep-finished"] == [finding.requirement for finding in findings]
    assert "and 6 more" in findings[0].message


def test_missed() -> None:
    """What is broken when a pending command is missed may be another requirement than the usual."""
    state = State(PENDING, missed="later-commands-revoked-next")

    assert ["later-commands-revoked-next"] == found(made(), dict.fromkeys(PENDING, "PENDING"), state)
    assert ["later-commands-revoked-next"] == found(made(), ALL, state)


def test_count_alone() -> None:
    """Where it isn't known what was pending, totalCount is held against the list alone."""
    assert [] == broken(judge_count(made("a", "b")))
    assert ["total-count-matches-list"] == broken(judge_count(made("a", "b", count=3)))
    assert [] == broken(judge_count(made("a", "a", count=1)))
    assert "total-count-matches-list" in judge_count(made("a", count=None)).untested
