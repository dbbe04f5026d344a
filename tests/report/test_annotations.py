"""The annotations of a GitHub job, and the outputs for later steps."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

from conformance.command.cli import main
from conformance.record.results import WaiverUse
from conformance.report.annotations import annotate, outputs
from tests.records import changed

LINE = re.compile(r"::(error|warning|notice) title=([^:,\r\n]+)::([^\r\n]+)")
NAMES = ["conformant", "non_conformant", "incomplete", "no_verdict", "hostile"]


@pytest.mark.parametrize("name", NAMES)
def test_each_line_is_one_command(samples: ModuleType, name: str) -> None:
    """Whatever the target sent, a line is one annotation: nothing ends it or begins another command."""
    lines = list(annotate(getattr(samples, name)()))

    assert [] == [line for line in lines if not LINE.fullmatch(line)]
    assert all(line.isprintable() for line in lines)


def test_a_conformant_run_has_no_errors(samples: ModuleType) -> None:
    """Nothing is annotated as an error when every MUST holds."""
    assert [] == [line for line in annotate(samples.conformant()) if line.startswith("::error")]


def test_a_violated_must_is_an_error(samples: ModuleType) -> None:
    """A violated MUST is an error named by its id, a failed SHOULD a warning."""
    record = samples.non_conformant()
    titles = {match[2]: match[1] for line in annotate(record) if (match := LINE.fullmatch(line))}
    failed = {f"{one.level} {one.id}": one.level for one in record.requirements if one.outcome == "failed"}

    assert failed
    assert {title: {"MUST": "error", "SHOULD": "warning"}[level] for title, level in failed.items()}.items() <= (
        titles.items()
    )


def test_no_verdict_is_an_error(samples: ModuleType) -> None:
    """A run without a verdict says why, as an error."""
    assert any(line.startswith("::error title=No verdict::") for line in annotate(samples.no_verdict()))


def test_a_bad_waiver_is_an_error(samples: ModuleType) -> None:
    """A waiver that is stale is an error; an active one isn't."""
    active, stale = (WaiverUse("task-id", None, "known", "Ana", "2027-01-31", state) for state in ("active", "stale"))
    record = changed(samples.conformant(), waivers=(active, stale))

    assert ["::error title=Waiver of task-id::The waiver is stale (Ana)."] == [
        line for line in annotate(record) if line.startswith("::error")
    ]


def test_what_is_left_off_is_said(samples: ModuleType) -> None:
    """GitHub shows ten annotations of a kind; the tenth counts the others."""
    waivers = tuple(WaiverUse(f"id-{n}", None, "r", "Ana", "2020-01-31", "expired") for n in range(14))
    lines = [line for line in annotate(changed(samples.conformant(), waivers=waivers)) if line.startswith("::error")]

    assert 10 == len(lines)
    assert "::error title=5 more::See the report." == lines[-1]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "hostile"])
def test_outputs_are_plain_lines(samples: ModuleType, name: str, tmp_path: Path) -> None:
    """The outputs are lines of NAME=VALUE: the verdict, the exit status, the calls, and a count for each outcome.

    These results are another version's, so that nothing vouches for their verdict.
    """
    record = getattr(samples, name)()
    record.write(tmp_path / "results.json")
    result = CliRunner().invoke(
        main, ["annotate", str(tmp_path / "results.json"), "--outputs", str(tmp_path / "outputs")]
    )
    lines = (tmp_path / "outputs").read_text("utf-8").splitlines()

    assert 0 == result.exit_code
    assert {**outputs(record), "verdict": "no verdict"} == dict(line.split("=") for line in lines)
    assert outputs(record)["verdict"] == record.verdict
    assert len(record.requirements) == sum(
        int(outputs(record)[outcome])
        for outcome in ("passed", "failed", "masked", "tolerated", "waived", "untestable", "not_tested")
    )


def test_hostile_results_have_no_outputs(samples: ModuleType, tmp_path: Path) -> None:
    """A file with text where ids and URLs belong is refused before anything is written."""
    samples.hostile().write(tmp_path / "results.json")
    result = CliRunner().invoke(
        main, ["annotate", str(tmp_path / "results.json"), "--outputs", str(tmp_path / "outputs")]
    )

    assert 4 == result.exit_code
    assert not (tmp_path / "outputs").exists()


def test_text_gives_no_command_of_its_own(samples: ModuleType) -> None:
    """Each line is one annotation, whatever line ends and commands its text holds."""
    attack = "a\n::error::forged\r\n##vso[x]y\x1b[2J"
    texts = {"reason": attack, "statement": attack, "advice": attack}
    outcomes = ("failed", "tolerated", "not tested")
    requirements = (samples.requirement(f"task-{number}", one, **texts) for number, one in enumerate(outcomes))
    record = changed(samples.conformant(), requirements=tuple(requirements))
    lines = list(annotate(record))

    assert ["::error", "::warning", "::notice"] == [line.split(" ")[0] for line in lines]
    assert [] == [line for line in lines if line.count("::") != 2 or "##vso[" in line or not line.isprintable()]
