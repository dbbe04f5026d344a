"""What every report shares: order, groups and counts."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

from conformance.record.results import Finding, Rule
from conformance.report.survey import Survey, attribution, replays, sightings
from conformance.verdict.rules import DIRECT
from tests.records import changed


def test_worst_first(samples: ModuleType) -> None:
    """MUST before SHOULD, and what most cases speak against first."""
    repairs = Survey(samples.non_conformant()).repairs()

    assert [
        "device-id-max-length",
        "error-100418-unknown-device",
        "error-description",
    ] == [repair.requirement.id for repair in repairs]
    assert ["device-id-65", "device-id-66"] == [case.id for case in repairs[0].cases]


def test_plainest_stands_for_all(samples: ModuleType) -> None:
    """Of what was found, a written case of one call stands for the others; the smallest generated one is named."""
    finding = Finding("x", "failed", "404 came.", "200", "404", exchange=0)
    large, small = (samples.exchange(samples.request(body)) for body in (b"{" + b" " * 90 + b"}", b"{}"))
    cases = (
        samples.case("generated-large", ("x",), "failed", findings=(finding,), exchanges=(large,), replay="1"),
        samples.case("of-two-calls", ("x",), "failed", findings=(finding,) * 2, exchanges=(small, small)),
        samples.case("plain", ("x",), "failed", findings=(finding,), exchanges=(small,)),
        samples.case("generated-small", ("x",), "failed", findings=(finding,), exchanges=(small,), replay="2"),
    )
    record = changed(samples.conformant(), requirements=(samples.requirement("x", "failed"),), cases=cases)
    (repair,) = Survey(record).repairs()

    assert repair.plainest is not None
    assert repair.smallest is not None
    assert "plain" == repair.plainest.case.id
    assert repair.plainest.exchange == small
    assert "generated-small" == repair.smallest.case.id
    assert ["generated-large", "of-two-calls", "generated-small"] == [other.case.id for other in repair.others]


def test_finding_tells_its_own_request(samples: ModuleType) -> None:
    """Each finding of a generated case is replayed by the id of its own request; a written request has none."""
    record = samples.of_two_requests()
    (case,) = record.cases
    written = changed(case, observations=case.evidence.observations[:1])

    assert ["1f", "2e"] == [sighting.replay for sighting in sightings(case)]
    assert ("1f", "2e") == replays(case)
    assert ["1f", None] == [sighting.replay for sighting in sightings(written)]


def test_results_without_observations_know_one_request(samples: ModuleType) -> None:
    """Results of format 1 name one request for all findings of a case."""
    (case,) = samples.of_two_requests().cases

    assert ("1f",) == replays(changed(case, observations=()))


def test_attribution() -> None:
    """A rule is told unless the answer shows the violation by itself."""
    rule = Rule("plain-refusal", "Nothing else was wrong.")
    found = [Finding("x", "failed", "", "", "", rule=one) for one in (None, DIRECT, rule)]

    assert ["", "", "Nothing else was wrong."] == list(map(attribution, found))


def test_masked_stand_under_the_one_to_fix(samples: ModuleType) -> None:
    """What is masked by way of another masked requirement stands under the violation behind both; a circle ends."""
    requirement = samples.requirement
    record = changed(
        samples.conformant(),
        requirements=(
            requirement("a", "failed"),
            requirement("b", "masked", masked_by="a"),
            requirement("c", "masked", masked_by="b"),
            requirement("d", "masked", masked_by="e"),
            requirement("e", "masked", masked_by="d"),
            requirement("f", "masked", masked_by="unheard-of"),
        ),
    )
    survey = Survey(record)
    (repair,) = survey.repairs()

    assert ["b", "c"] == [one.id for one in repair.masked]
    assert ["d", "e", "f"] == [one.id for one in survey.masks.stray()]


def test_proof_without_a_word_of_it(samples: ModuleType) -> None:
    """Where the record doesn't say what a case is about, few cases prove a requirement, and shared ones judge it."""
    many = tuple(f"case-{number}" for number in range(9))
    cases = tuple(samples.case(name, ("a", "b", "c", "d")) for name in many)
    requirements = (
        *(samples.requirement(name, cases=many) for name in "abc"),
        samples.requirement("d", cases=many[:2]),
        samples.requirement("e", cases=("unheard-of",)),
    )
    survey = Survey(changed(samples.conformant(), requirements=requirements, cases=cases))
    proofs = [survey.proof(requirement) for requirement in requirements]

    assert [(0, 9), (0, 9), (0, 9), (2, 0), (0, 1)] == [(len(proof.proving), len(proof.judging)) for proof in proofs]


def test_sentence_doesnt_repeat_the_verdict(samples: ModuleType) -> None:
    """The summary is told without the verdict's word in front of it."""
    record = samples.conformant()

    assert "Every MUST holds." == Survey(changed(record, summary="Conformant: every MUST holds.")).sentence
    assert "It is: so." == Survey(changed(record, summary="It is: so.")).sentence


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

    assert ["congestion-refused", "internal-error-reported"] == [requirement.id for requirement in gap.requirements]


def test_counts(samples: ModuleType) -> None:
    """Requirements are counted by level and outcome; waived ones stay in the count."""
    survey = Survey(samples.non_conformant())

    assert {
        "passed": 1,
        "failed": 2,
        "masked": 1,
        "tolerated": 1,
        "waived": 1,
        "untestable": 1,
        "not tested": 2,
    } == survey.tally("MUST")
    assert len(samples.non_conformant().requirements) == sum(survey.tally().values())
    assert len(samples.non_conformant().cases) == sum(survey.case_tally().values())


def test_a_should_is_advice(samples: ModuleType) -> None:
    """A case that fails against SHOULDs alone is advice; one against a MUST, or an unknown requirement, binds."""
    survey = Survey(samples.non_conformant())
    advisory = [case.id for case in survey.record.cases if survey.advisory(case)]

    assert ["description-empty"] == advisory
    assert survey.must("unheard-of")


def test_cases_are_sorted_by_urgency(samples: ModuleType) -> None:
    """Failures come first, then advice, masked, waived, tolerated, not tested, untestable, passed."""
    cases = Survey(samples.non_conformant()).ordered_cases()

    assert [
        "unknown-device",
        "device-id-65",
        "device-id-66",
        "description-empty",
        "device-unregistered",
        "same-task-id",
        "misspelt-status",
        "congested",
        "plain-http",
        "accepted",
        "no-answer",
    ] == [case.id for case in cases]


def test_proof_by_what_cases_are_about(samples: ModuleType) -> None:
    """Where the record says what cases are about, these prove a requirement, the failed first; others judge by it.

    Cases and requirements both say it: the ones of what was collected, the others of what ran.
    """
    finding = Finding("a", "failed", "", "", "")
    cases = tuple(
        samples.case(f"case-{number}", ("a", "b"), findings=(finding,) * (number == 2), proves=proves)
        for number, proves in enumerate((("a",), ("b",), ("a", "b"), ()))
    )
    names = ("case-0", "case-1", "case-2", "case-3", "collected", "unheard-of")
    requirement = samples.requirement("a", cases=names, proved_by=("case-0", "case-2", "case-3", "collected"))
    told = Survey(changed(samples.conformant(), requirements=(requirement,), cases=cases)).proof(requirement)
    silent = replace(requirement, proved_by=())
    half = Survey(changed(samples.conformant(), requirements=(silent,), cases=cases)).proof(silent)

    assert (("case-2", "case-0", "case-3", "collected"), ("case-1", "unheard-of")) == (told.proving, told.judging)
    assert ("case-2", "case-0") == half.proving


def test_newer_requirements_come_last(samples: ModuleType) -> None:
    """What is newer than the release that counts stands behind all that counts, SHOULDs among it."""
    record = changed(
        samples.conformant(),
        requirements=(
            samples.requirement("newer", "failed", counts=False),
            samples.requirement("advice", "failed", level="SHOULD"),
            samples.requirement("must", "failed"),
        ),
    )
    survey = Survey(record)

    assert ["must", "advice", "newer"] == [repair.requirement.id for repair in survey.repairs()]
    assert ["newer"] == [requirement.id for requirement in survey.newer()]
