"""What every report shares: order, groups and counts."""

from __future__ import annotations

from types import ModuleType

from conformance.record import Finding
from conformance.report.survey import Survey


def test_worst_first(samples: ModuleType) -> None:
    """MUST before SHOULD, and what most cases speak against first."""
    repairs = Survey(samples.non_conformant()).repairs()

    assert [repair.requirement.id for repair in repairs] == [
        "device-id-max-length",
        "error-100418-unknown-device",
        "error-description",
    ]
    assert [case.id for case in repairs[0].cases] == ["device-id-65", "device-id-66"]


def test_same_findings_are_told_once(samples: ModuleType) -> None:
    """What several cases found alike is one thing to fix, and what most cases found comes first."""
    found = [Finding("x", "failed", message, "201", "500") for message in ("rare", "often", "often")]
    cases = tuple(samples.case(f"case-{n}", ("x",), "failed", findings=(f,)) for n, f in enumerate(found))
    record = samples.conformant().evolve(requirements=(samples.requirement("x", "failed"),), cases=cases)
    (repair,) = Survey(record).repairs()

    assert [(finding.message, [case.id for case in finders]) for finding, finders in repair.distinct] == [
        ("often", ["case-1", "case-2"]),
        ("rare", ["case-0"]),
    ]


def test_sentence_doesnt_repeat_the_verdict(samples: ModuleType) -> None:
    """The summary is told without the verdict's word in front of it."""
    record = samples.conformant()

    assert Survey(record.evolve(summary="Conformant: every MUST holds.")).sentence == "Every MUST holds."
    assert Survey(record.evolve(summary="It is: so.")).sentence == "It is: so."


def test_row_names_few_requirements(samples: ModuleType) -> None:
    """Of a case that bears on many requirements the first three are named, or all that it speaks against."""
    many = tuple(f"r-{number}" for number in range(9))
    found = tuple(Finding(identifier, "failed", "", "", "") for identifier in many[4:])
    survey = Survey(samples.conformant())

    assert many[:3] == survey.main_requirements(samples.case("c", many))
    assert many[4:] == survey.main_requirements(samples.case("c", many, "failed", findings=found))


def test_gaps_share_their_reason(samples: ModuleType) -> None:
    """Requirements that miss the same thing are one group."""
    (gap,) = Survey(samples.non_conformant()).gaps("not tested")

    assert [requirement.id for requirement in gap.requirements] == ["congestion-refused", "internal-error-reported"]


def test_counts(samples: ModuleType) -> None:
    """Requirements are counted by level and outcome; waived ones stay in the count."""
    survey = Survey(samples.non_conformant())

    assert survey.tally("MUST") == {
        "passed": 1,
        "failed": 2,
        "tolerated": 1,
        "waived": 1,
        "untestable": 1,
        "not tested": 2,
    }
    assert len(samples.non_conformant().requirements) == sum(survey.tally().values())
    assert len(samples.non_conformant().cases) == sum(survey.case_tally().values())


def test_a_should_is_advice(samples: ModuleType) -> None:
    """A case that fails against SHOULDs alone is advice; one against a MUST, or an unknown requirement, binds."""
    survey = Survey(samples.non_conformant())
    advisory = [case.id for case in survey.record.cases if survey.advisory(case)]

    assert advisory == ["description-empty"]
    assert survey.must("unheard-of")


def test_cases_are_sorted_by_urgency(samples: ModuleType) -> None:
    """Failures come first, then advice, waived, tolerated, not tested, untestable, passed."""
    cases = Survey(samples.non_conformant()).ordered_cases()

    assert [case.id for case in cases] == [
        "unknown-device",
        "device-id-65",
        "device-id-66",
        "description-empty",
        "same-task-id",
        "misspelt-status",
        "congested",
        "plain-http",
        "accepted",
        "no-answer",
    ]
