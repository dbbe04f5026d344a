"""How a case ended, by what it found and what it could say nothing about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.evidence.finding import Finding
from conformance.record.results import Evidence, Outcome
from conformance.verdict.evidence import Attributed
from conformance.verdict.outcomes import conclude

from .samples import ACCEPTED, OBSERVATIONS, evidence, failure

CASE = evidence("case", requirements=("first", "second", "general"), proves=("first", "second"), exchanges=(ACCEPTED,))
ALL = frozenset(CASE.requirements)


def attributed(
    *findings: Finding, judged: frozenset[str] = ALL, reason: str = "", **settings: dict[str, str]
) -> Attributed:
    """That case, with FINDINGS."""
    unobserved, partly = settings.get("unobserved", {}), settings.get("partly", {})
    return Attributed(replace(CASE, reason=reason), findings, judged, unobserved, partly)


FAILED = failure("first")
ODD = replace(failure("second"), outcome="tolerated", message="odd")


@pytest.mark.parametrize(
    ("case", "outcome", "reason"),
    [
        (attributed(), "passed", ""),
        (attributed(FAILED), "failed", "first doesn't hold"),
        (attributed(FAILED, ODD), "failed", "first doesn't hold"),
        (attributed(FAILED, FAILED), "failed", "first doesn't hold"),
        (attributed(FAILED, failure("second")), "failed", "first doesn't hold; second doesn't hold"),
        (attributed(ODD), "tolerated", "odd"),
        (attributed(judged=ALL - {"second"}, unobserved={"second": "no hook"}), "not tested", "no hook"),
        (attributed(judged=ALL - {"second"}, reason="ended early"), "not tested", "ended early"),
        (attributed(judged=ALL - {"second"}), "not tested", "no answer said anything about it"),
        (attributed(judged=ALL - {"general"}), "passed", ""),
        (attributed(partly={"second": "in part"}), "not tested", "in part"),
        (attributed(FAILED, judged=frozenset()), "failed", "first doesn't hold"),
    ],
)
def test_outcome(case: Attributed, outcome: Outcome, reason: str) -> None:
    """A violation comes first, then what wasn't tested, then what is tolerated."""
    result = conclude(case)

    assert (outcome, reason) == (result.outcome, result.reason)


def test_case_that_is_about_nothing() -> None:
    """A case that proves nothing of its own is not tested where nothing was judged."""
    general = Attributed(replace(CASE, proves=(), requirements=()), (), frozenset(), {}, {})

    assert ("not tested", "nothing was judged") == (conclude(general).outcome, conclude(general).reason)


def test_untested() -> None:
    """What wasn't judged is untested with its reason; what was found broken never is."""
    case = attributed(
        FAILED, judged=frozenset(), unobserved={"second": "no hook"}, partly={"first": "in part"}, reason="over"
    )

    assert {"second": "no hook", "general": "over"} == conclude(case).untested


def test_found_elsewhere() -> None:
    """A requirement that the case isn't about and found broken is one that it says something about."""
    assert ("first", "second", "general", "other") == conclude(attributed(failure("other"))).requirements


def test_evidence_goes_on() -> None:
    """The result keeps the calls and the observations that its findings follow from, and why the case ended."""
    observation, exchanges = OBSERVATIONS[next(iter(OBSERVATIONS))]
    case = evidence("case", observation, exchanges=exchanges, reason="over", replay="ab12", calls=3, duration_s=1.5)
    result = conclude(Attributed(case, (), frozenset({"x"}), {}, {}))

    assert Evidence(1.5, 3, exchanges, (observation,), "over", "ab12") == result.evidence
