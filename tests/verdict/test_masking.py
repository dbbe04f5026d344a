"""One fault is one red requirement, down to the rows of the cases."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from conformance.contract.documents import Contract
from conformance.record.results import Ground, Outcome, RequirementResult, Source
from conformance.verdict.masking import mask_cases, mask_requirements

from .test_verdict import CASES, CONTRACT, fails, requirement, result, tolerable

LEDGER = MappingProxyType(
    {
        **CONTRACT.requirements,
        "sum": replace(requirement("sum"), subsumes=("first", "second")),
    }
)
CONTRACT_WITH_SUM: Contract = replace(CONTRACT, requirements=LEDGER)


def outcome(identity: str, of: Outcome) -> RequirementResult:
    """A requirement with that outcome."""
    return RequirementResult(identity, "MUST", "It is so.", Ground(Source("s", "r")), of, "it isn't", ())


def masked(**outcomes: Outcome) -> dict[str, tuple[str, str | None]]:
    """Outcome of each requirement, and what masks it."""
    found = mask_requirements([outcome(one, of) for one, of in outcomes.items()], CONTRACT_WITH_SUM)
    return {one.id: (one.outcome, one.masked_by) for one in found}


@pytest.mark.parametrize("cause", ["failed", "waived"])
def test_masked_by(cause: Outcome) -> None:
    """A violation whose cause is violated, or waived, too can't be told apart from it."""
    assert {"first": (cause, None), "masked": ("masked", "first")} == masked(first=cause, masked="failed")


@pytest.mark.parametrize("cause", ["passed", "tolerated", "not tested", "untestable"])
def test_not_masked(cause: Outcome) -> None:
    """A real failure is never masked by what isn't violated."""
    assert ("failed", None) == masked(first=cause, masked="failed")["masked"]


@pytest.mark.parametrize("of", ["passed", "tolerated", "waived", "not tested", "untestable"])
def test_only_failures_are_masked(of: Outcome) -> None:
    """What didn't fail keeps its outcome, whatever else is violated."""
    assert (of, None) == masked(first="failed", masked=of)["masked"]


def test_sum() -> None:
    """A requirement that sums up others masks them where all are violated with it, and none of them otherwise."""
    assert {"first": ("masked", "sum"), "second": ("masked", "sum"), "sum": ("failed", None)} == masked(
        first="failed", second="failed", sum="failed"
    )
    assert {"first": ("failed", None), "second": ("passed", None), "sum": ("failed", None)} == masked(
        first="failed", second="passed", sum="failed"
    )


def test_reason() -> None:
    """A masked requirement tells what masks it, and what was found."""
    found = mask_requirements([outcome("first", "failed"), outcome("masked", "failed")], CONTRACT)

    assert "can't be told apart from the violation of first: it isn't" == found[1].reason


def test_case_that_only_shows_what_is_masked() -> None:
    """A case all of whose violations are masked is masked itself, by the same requirement."""
    (found,) = mask_cases([result(CASES[1], fails("masked"), tolerable("advice"))], {"masked": "first"})

    assert ("masked", "first") == (found.outcome, found.masked_by)
    assert ["masked", "tolerated"] == [finding.outcome for finding in found.findings]


def test_case_that_shows_more() -> None:
    """A case with a violation of its own stays failed, for that one."""
    (found,) = mask_cases([result(CASES[1], fails("masked"), fails("second"))], {"masked": "first"})

    assert ("failed", None, "second doesn't hold") == (found.outcome, found.masked_by, found.reason)
    assert ["masked", "failed"] == [finding.outcome for finding in found.findings]


@pytest.mark.parametrize("of", ["passed", "not tested", "tolerated", "waived"])
def test_case_without_masked_violations(of: Outcome) -> None:
    """A case that didn't fail keeps its outcome."""
    (found,) = mask_cases([result(CASES[1], outcome=of)], {"masked": "first"})

    assert result(CASES[1], outcome=of) == found
