"""The registry of cases against the ledger and the error table: nothing is left out, nothing is unknown."""

from __future__ import annotations

import re

import pytest

from conformance.case.case import Case
from conformance.case.frame import FRAME
from conformance.command.catalogue import entries
from conformance.contract import documents
from conformance.contract.refused import Refusal
from conformance.record.results import SLUG
from conformance.suite.registry import CHAPTERS, case, case_of, refused, registered

CONTRACT = documents.load()
CASES = registered()
ALL = (*FRAME, *CASES.values())
WRITTEN = [one for one in ALL if one.chapter != "generated"]


def test_ids() -> None:
    """Ids are unique slugs, those of requirements and those of cases alike: people put them into waivers."""
    identities = [*(one.id for one in ALL), *CONTRACT.requirements]

    assert [] == [identity for identity in identities if not SLUG.fullmatch(identity)]
    assert len({one.id for one in ALL}) == len(ALL)


def test_every_requirement_has_a_case() -> None:
    """Every requirement is tested by a case, or the ledger says why nobody can."""
    untested = [
        requirement.id
        for requirement in CONTRACT.requirements.values()
        if requirement.untestable is None and not any(requirement.id in one.requirements for one in ALL)
    ]

    assert [] == untested


def test_untestable_requirements_have_no_case() -> None:
    """What nobody can test no case claims to test."""
    claimed = {
        requirement: [one.id for one in ALL if requirement in one.requirements]
        for requirement, entry in CONTRACT.requirements.items()
        if entry.untestable is not None
    }

    assert claimed
    assert {} == {requirement: cases for requirement, cases in claimed.items() if cases}


def test_every_requirement_named_exists() -> None:
    """A case proves, and is judged by, requirements of the ledger only."""
    named = {requirement for one in ALL for requirement in one.requirements}

    assert named - set(CONTRACT.requirements) == set()


def test_every_row_has_a_case() -> None:
    """Every row of the error table is what some case is about."""
    proved = {requirement for one in ALL for requirement in one.proves}

    assert [] == [row.id for row in CONTRACT.rows if row.requirement not in proved]


def test_no_must_is_proved_by_slow_cases_alone() -> None:
    """A MUST that only a slow case proves is the one that every other run declares untestable."""
    slow = {
        requirement
        for requirement in CONTRACT.requirements
        if (proving := [one for one in ALL if requirement in one.proves]) and all(one.slow for one in proving)
    }

    assert {"flow-control-recovers"} == slow


def test_stand_ins() -> None:
    """A case that stands in for another one proves what that one proves as well."""
    for one in ALL:
        if one.instead_of is not None:
            assert set(one.proves) <= set(CASES[one.instead_of].requirements)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.id)
def test_title(one: Case) -> None:
    """Every case says what it proves, in about one sentence that ends in a full stop."""
    assert re.fullmatch(r"[A-Z].{20,170}\.", one.title)
    assert len(re.findall(r"[.!?](?:\s|$)", one.title)) <= 2


def test_chapters() -> None:
    """Every chapter has cases, and every case is of a chapter."""
    assert {one.chapter for one in CASES.values()} == {chapter.replace("_", " ") for chapter in CHAPTERS}


def test_whole_target() -> None:
    """Cases that change the whole target run behind all others."""
    behind = {one.id for one in CASES.values() if one.order > 0}

    assert {"congestion", "internal-error", "flow-control-threshold", "flow-control-recovery"} <= behind


def test_functions() -> None:
    """Every case has a function, which leads back to it."""
    for one in CASES.values():
        assert one.body is not None
        assert case_of(one.body) is one
    assert case_of(test_functions) is None


def test_catalogue() -> None:
    """The catalogue lists the whole ledger in its order, with the cases of each requirement."""
    listed = {entry.requirement.id: entry for entry in entries()}

    assert list(listed) == list(CONTRACT.requirements)
    assert "device-unknown" in listed["error-100418-unknown-device"].proving
    assert "control-first" in listed["task-id"].cases
    assert () == listed["max-retransmit-respected"].cases


@pytest.mark.parametrize("identity", ["Upper", "a_b", "a b", "a--b", "", "-a", "a[1]"])
def test_no_slug(identity: str) -> None:
    """A case whose id is no slug can't be registered."""
    with pytest.raises(ValueError, match="is no slug"):
        case(identity)(test_no_slug)


def test_taken() -> None:
    """A case whose id is taken can't be registered."""
    with pytest.raises(ValueError, match="two cases have the id"):
        refused("device-unknown", Refusal(("100418",), "device-known", "x"), "y")(lambda plain: plain)
