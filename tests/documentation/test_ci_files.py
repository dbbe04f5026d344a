"""The files for CI services: the action's script does what it promises, and the files agree with each other."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.reference import Reference

ROOT = Path(__file__).parents[2]
BASH = shutil.which("bash")
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
WORKFLOW: dict[str, Any] = yaml.safe_load((ROOT / "ci" / "github.yml").read_text("utf-8"))
JOB: dict[str, Any] = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text("utf-8"))
FEW = "-k\ndevice-unknown\n--allow-untested"


@dataclass(frozen=True)
class Step:
    """What the action's last step left: its exit status, its log, its outputs, the job's summary."""

    status: int
    log: list[str]
    outputs: dict[str, str]
    summary: str


def _step(folder: Path, **inputs: str) -> Step:
    """Run the action's last step as a runner does, the installed suite in its place, with INPUTS by their variables."""
    assert BASH is not None
    commands = folder / "runner" / "conformance" / "bin"
    commands.mkdir(parents=True)
    _command(
        commands / "conformance",
        f'PYTHONPATH="{ROOT}" exec "{sys.executable}" -c "from conformance.command.cli import main; main()" "$@"',
    )
    _command(commands / "python3", f'exec "{sys.executable}" "$@"')
    output, summary = folder / "output", folder / "summary"
    script = folder / "script.sh"
    script.write_text(ACTION["runs"]["steps"][-1]["run"], "utf-8")
    for file in (output, summary):
        file.touch()
    variables = {"BASE_URL": "", "CONFIG": "", "REFERENCE": "false", "REPORTS": "reports", "ARGS": ""} | inputs
    runner = {
        "RUNNER_TEMP": str(folder / "runner"),
        "GITHUB_OUTPUT": str(output),
        "GITHUB_STEP_SUMMARY": str(summary),
    }
    done = subprocess.run(
        [BASH, "--noprofile", "--norc", "-eo", "pipefail", str(script)],
        cwd=folder,
        env={**os.environ, **runner, **variables},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    pairs = (line.partition("=") for line in output.read_text("utf-8").splitlines())
    outputs = {name: value for name, _, value in pairs}
    return Step(done.returncode, done.stdout.splitlines(), outputs, summary.read_text("utf-8"))


def _command(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n", "utf-8")
    path.chmod(0o755)


def _after_the_run(log: list[str]) -> list[str]:
    """The lines that the runner takes as commands again, once the run's own lines are over."""
    (begin,) = (line for line in log if line.startswith("::stop-commands::"))
    return log[log.index(f"::{begin.removeprefix('::stop-commands::')}::") + 1 :]


@pytest.mark.skipif(BASH is None, reason="the action's script is for bash")
class TestStep:
    """The script of the action's last step."""

    def test_a_conformant_target_passes(self, tmp_path: Path) -> None:
        """A conformant target ends the step with 0, every output that the action declares, and a summary."""
        step = _step(tmp_path, ARGS=FEW, REFERENCE="true")
        declared = set(re.findall(r"steps\.run\.outputs\.(\w+)", str(ACTION["outputs"])))

        assert 0 == step.status, "\n".join(step.log)
        assert declared == set(step.outputs)
        assert "conformant" == step.outputs["verdict"]
        assert (tmp_path / step.outputs["report"]).exists()
        assert "Conformant" in step.summary.splitlines()[0]

    def test_a_violation_fails_the_step(self, tmp_path: Path) -> None:
        """A violated MUST ends the step with 1, and is annotated after the run's own lines."""
        with Reference.start(faults=["100418-status-404"]) as reference:
            (tmp_path / "broken.toml").write_text(reference.configuration(), "utf-8")
            step = _step(tmp_path, ARGS=FEW, CONFIG="broken.toml")

        assert 1 == step.status
        assert ("non-conformant", "1") == (step.outputs["verdict"], step.outputs["exit_status"])
        assert any(
            line.startswith("::error title=MUST error-100418-unknown-device::") for line in _after_the_run(step.log)
        )

    def test_a_usage_error_fails_the_step(self, tmp_path: Path) -> None:
        """A configuration that isn't there ends the step with 4 and says so; results of an earlier run aren't shown."""
        (tmp_path / "reports").mkdir()
        (tmp_path / "reports" / "results.json").write_text("{}", "utf-8")
        step = _step(tmp_path, CONFIG="missing.toml")

        assert (4, {"exit_status": "4"}) == (step.status, step.outputs)
        assert _after_the_run(step.log)[0].startswith("::error title=Conformance::")

    @pytest.mark.parametrize("variables", [{}, {"CONFORMANCE_BASE_URL": ""}, {"CONFORMANCE_APP_KEY": "key"}])
    def test_no_target_fails_the_step(self, tmp_path: Path, variables: dict[str, str]) -> None:
        """Where no target is named, empty or unset, the step ends with 4; the reference isn't tested instead."""
        step = _step(tmp_path, ARGS=FEW, **variables)

        assert (4, {"exit_status": "4"}) == (step.status, step.outputs)

    def test_inputs_are_never_evaluated(self, tmp_path: Path) -> None:
        """What looks like shell in an input is handed on as it stands."""
        step = _step(
            tmp_path,
            ARGS="--seed\n$(touch owned); touch owned",
            REPORTS='re"; touch owned; "ports',
            REFERENCE="true",
        )

        assert 4 == step.status
        assert not list(tmp_path.rglob("owned"))

    def test_modules_of_the_workspace_are_not_imported(self, tmp_path: Path) -> None:
        """Whatever the project's own modules are called, Python's are imported, and the suite's."""
        for name in ("secrets", "json", "click", "conformance"):
            (tmp_path / f"{name}.py").write_text(f"open('owned-{name}', 'w').close()", "utf-8")
        step = _step(tmp_path, ARGS="--seed\nx", REFERENCE="true", PYTHONPATH=str(tmp_path))

        assert [] == list(tmp_path.rglob("owned*"))
        (begin,) = (line for line in step.log if line.startswith("::stop-commands::"))
        assert re.fullmatch(r"::stop-commands::[0-9a-f]{32}", begin)

    @pytest.mark.parametrize("reports", ["re\nverdict=conformant", "a\rb", "a\x1b[2J"])
    def test_reports_path_is_one_line(self, tmp_path: Path, reports: str) -> None:
        """A path that would add an output of its own is refused."""
        step = _step(tmp_path, REPORTS=reports, ARGS=FEW, REFERENCE="true")

        assert (4, {"exit_status": "4"}) == (step.status, step.outputs)
        assert not list(tmp_path.glob("re*"))

    def test_reports_path_is_no_link(self, tmp_path: Path) -> None:
        """A link in the workspace doesn't lead the reports elsewhere."""
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "reports").symlink_to(tmp_path / "elsewhere")

        assert 4 == _step(tmp_path, ARGS=FEW, REFERENCE="true").status
        assert [] == list((tmp_path / "elsewhere").iterdir())

    @pytest.mark.parametrize(("reports", "report"), [("", "reports/report.html"), ("-x", "./-x/report.html")])
    def test_odd_reports_path(self, tmp_path: Path, reports: str, report: str) -> None:
        """An empty path is the usual one, and a hyphen begins no option."""
        step = _step(tmp_path, REPORTS=reports, ARGS=FEW.replace("\n", "\r\n"), REFERENCE="true")

        assert (0, report) == (step.status, step.outputs["report"])
        assert (tmp_path / report).exists()


@pytest.mark.skipif(BASH is None, reason="the job's script is for a shell")
@pytest.mark.parametrize(
    ("variables", "status"),
    [
        ({}, 4),
        ({"CONFORMANCE_BASE_URL": ""}, 4),
        ({"CONFORMANCE_APP_KEY": "key", "CONFORMANCE_ACCESS_TOKEN": "token"}, 4),
        ({"TEST_REFERENCE": "true", "CONFORMANCE_BASE_URL": ""}, 4),
        ({"TEST_REFERENCE": "true"}, 7),
    ],
)
def test_the_job_needs_a_target(tmp_path: Path, variables: dict[str, str], status: int) -> None:
    """GitLab's job ends with 4 where no target is named, empty or unset; the reference takes a setting of its own."""
    assert BASH is not None
    job = JOB["conformance"]
    script = "\n".join(["set -eo pipefail", *job["script"]])
    commands = tmp_path / ".conformance-venv" / "bin"
    commands.mkdir(parents=True)
    few = '"$@" -k device-unknown'
    _command(commands / "conformance", f'exec "{sys.executable}" -m conformance {few}')
    own = {key: value for key, value in os.environ.items() if not key.startswith("CONFORMANCE_")}
    done = subprocess.run(
        [BASH, "-c", script],
        cwd=tmp_path,
        env={**own, "TEST_REFERENCE": job["variables"]["TEST_REFERENCE"], **variables},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert status == done.returncode, done.stdout + done.stderr


def test_inputs_reach_scripts_as_variables_only() -> None:
    """No script of the action has an expression in it: what a caller gives can't become a part of the script."""
    assert [] == [step["run"] for step in ACTION["runs"]["steps"] if "${{" in step.get("run", "")]


def test_every_input_is_used() -> None:
    """Each declared input reaches a step, and no step names one that isn't declared."""
    used = set(re.findall(r"inputs\.([\w-]+)", str(ACTION["runs"])))

    assert set(ACTION["inputs"]) == used


def test_the_workflow_knows_the_action() -> None:
    """The workflow to copy gives the action only inputs that it has, and reads only outputs that it has."""
    steps = WORKFLOW["jobs"]["conformance"]["steps"]
    (used,) = (step for step in steps if step.get("id") == "conformance")
    read = set(re.findall(r"steps\.conformance\.outputs\.([\w-]+)", str(steps)))

    assert set(used["with"]) <= set(ACTION["inputs"])
    assert read <= set(ACTION["outputs"])


def test_actions_are_pinned() -> None:
    """Every action of others is named by the digest of a commit."""
    text = (ROOT / "action.yml").read_text("utf-8") + (ROOT / "ci" / "github.yml").read_text("utf-8")
    others = re.findall(r"uses: (actions/\S+)", text)

    assert others
    assert [] == [name for name in others if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name)]


def test_the_image_is_made_of_what_is_there() -> None:
    """What the Dockerfile copies from the checkout exists and isn't kept away by .dockerignore."""
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    copied = {
        name for line in lines if line.startswith("COPY ") and "--from" not in line for name in line.split()[1:-1]
    }
    let_through = {
        line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")
    }

    assert copied == let_through
    assert [] == [name for name in copied if not (ROOT / name).exists()]
