"""junit.xml, read back by two readers that share nothing with its writer."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import junitparser
import pytest
import xmlschema

from conformance.report.junit import write_junit
from tests.records import changed

SCHEMA = xmlschema.XMLSchema(Path(__file__).with_name("junit.xsd"))


def _results(path: Path) -> dict[str | None, str | None]:
    """The result of each test in PATH, as junitparser reads it."""
    suites = junitparser.JUnitXml.fromfile(str(path))
    return {case.name: case.result[0]._tag if case.result else "passed" for suite in suites for case in suite}


@pytest.mark.parametrize("name", ["conformant", "non-conformant", "incomplete", "no-verdict", "hostile"])
def test_schema(folder: Path, name: str) -> None:
    """junit.xml is what the schema of JUnit files demands."""
    assert [] == [error.reason for error in SCHEMA.iter_errors(str(folder / name / "junit.xml"))]


def test_every_outcome_has_its_place(folder: Path) -> None:
    """A violated MUST is a failure; what is masked, waived or untested is skipped; a bad waiver is an error."""
    expected = {
        "accepted": "passed",
        "unknown-device": "failure",
        "device-id-65": "failure",
        "device-id-66": "failure",
        "device-unregistered": "skipped",
        "description-empty": "skipped",
        "misspelt-status": "passed",
        "same-task-id": "skipped",
        "congested": "skipped",
        "plain-http": "skipped",
        "no-answer": "passed",
        "waiver-2": "error",
    }

    assert expected == _results(folder / "non-conformant" / "junit.xml")


def test_conformant_run_has_no_problem(folder: Path) -> None:
    """A conformant run has neither failure nor error nor skip."""
    suites = junitparser.JUnitXml.fromfile(str(folder / "conformant" / "junit.xml"))

    assert (3, 0, 0, 0) == (suites.tests, suites.failures, suites.errors, suites.skipped)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no-verdict", "The target refused the configured credentials at the start."),
        ("incomplete", "1 MUST was not tested."),
    ],
)
def test_unsettled_run_is_an_error(folder: Path, name: str, message: str) -> None:
    """A run without a verdict, or with a MUST untested, is no green file: it holds an error that says why."""
    suites = junitparser.JUnitXml.fromfile(str(folder / name / "junit.xml"))
    messages = [case.result[0].message for suite in suites for case in suite if case.result]

    assert messages == [message]


def test_counts_agree_with_the_elements(folder: Path) -> None:
    """The counts of the suite are those of its elements."""
    path = folder / "non-conformant" / "junit.xml"
    suite = next(iter(junitparser.JUnitXml.fromfile(str(path))))
    results = list(_results(path).values())

    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (
        len(results),
        results.count("failure"),
        results.count("error"),
        results.count("skipped"),
    )


def test_circumstances_are_the_runs(folder: Path) -> None:
    """Time, duration and properties are those of the run, not of the rendering, and no machine is named."""
    suite = next(iter(junitparser.JUnitXml.fromfile(str(folder / "non-conformant" / "junit.xml"))))
    properties = {entry.name: entry.value for entry in suite.properties()}  # type: ignore[no-untyped-call]  # junitparser

    assert ("2026-01-01T00:00:00+00:00", 4.2, "localhost") == (suite.timestamp, suite.time, suite.hostname)
    assert "non-conformant" == properties["verdict"]
    assert "1" == properties["exit_status"]


def test_failure_tells_the_story(folder: Path) -> None:
    """A failure's message is one line; its text has source, expected, got, advice, the curl line and the replay."""
    suites = junitparser.JUnitXml.fromfile(str(folder / "non-conformant" / "junit.xml"))
    failure = next(case.result[0] for suite in suites for case in suite if case.name == "device-id-65")

    assert "device-id-max-length: 65 characters are accepted." == failure.message
    for part in (
        "Source:",
        "Expected: 400 / 100022",
        "Got:",
        "Advice:",
        "curl -i",
        "$CONFORMANCE_ACCESS_TOKEN",
        "--replay",
    ):
        assert part in failure.text


def test_masked_says_by_what(folder: Path) -> None:
    """A masked case is skipped, and its message names the requirement that masks it, then what was found."""
    suites = junitparser.JUnitXml.fromfile(str(folder / "non-conformant" / "junit.xml"))
    skipped = next(case.result[0] for suite in suites for case in suite if case.name == "device-unregistered")

    assert "masked by error-100418-unknown-device; device-known: The call was carried out." == skipped.message


def test_characters_that_xml_lacks(samples: ModuleType, tmp_path: Path) -> None:
    """A character that XML can't hold, and that is no control character, is named in its place."""
    write_junit(
        changed(samples.conformant(), cases=(samples.case("a", ("task-id",), "failed", reason="\ufffe\uffff!"),)),
        tmp_path / "x.xml",
    )

    assert "⟨U+FFFE⟩⟨U+FFFF⟩!" in (tmp_path / "x.xml").read_text("utf-8")
    assert [] == [error.reason for error in SCHEMA.iter_errors(str(tmp_path / "x.xml"))]
