"""The nested pytest session that renders report.html leaves the session around it alone."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import pytest

from conformance.report import write_reports

OUTER = """
import os, sys
from pathlib import Path
import pytest
from conformance.record import Record
from conformance.report import write_reports

def state():
    return (sys.stdout, sys.stderr, sys.unraisablehook, sys.meta_path[:], dict(os.environ), os.getcwd())

@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    if hasattr(session.config, "workerinput"):
        return
    before = state()
    write_reports(Record.read(Path("results.json")), Path("reports"))
    assert before == state(), "the nested session left something behind"
"""
TESTS = """
def test_passes():
    print("said by the outer test")

def test_fails():
    assert [1, 2] == [1, 3]
"""
NESTED_WORDS = ("unknown-device", "refused", "report.html", "junit.xml")


@pytest.fixture
def outer(samples: ModuleType, tmp_path: Path) -> Path:
    """A folder with a test session that writes the reports of a record when it ends."""
    samples.non_conformant().write(tmp_path / "results.json")
    (tmp_path / "conftest.py").write_text(OUTER, "utf-8")
    (tmp_path / "test_outer.py").write_text(TESTS, "utf-8")
    return tmp_path


def _run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:conformance", *arguments]
    return subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("capture", ["--capture=fd", "--capture=sys", "--capture=no"])
def test_within_another_session(outer: Path, capture: str) -> None:
    """Called from a session's finish hook under any capture, it prints nothing and changes no result or state."""
    run = _run(outer, capture, "--junitxml=outer.xml", "--html=outer.html", "-W", "error")

    assert "1 failed, 1 passed" in run.stdout
    assert run.returncode == 1
    assert run.stderr == ""
    assert "At index 1 diff: 2 != 3" in run.stdout
    assert not any(word in run.stdout for word in NESTED_WORDS)
    names = [case.get("name") for case in ET.parse(outer / "outer.xml").iter("testcase")]  # noqa: S314 (our own file)
    assert names == ["test_passes", "test_fails"]
    assert "unknown-device" not in (outer / "outer.html").read_text("utf-8")
    assert "unknown-device" in (outer / "reports" / "report.html").read_text("utf-8")


def test_environment_of_the_outer_session_stays_outside(outer: Path) -> None:
    """PYTEST_ADDOPTS and PYTEST_PLUGINS steer the outer session and never the nested one."""
    run = _run(outer, PYTEST_ADDOPTS="--maxfail=1 -k passes", PYTEST_PLUGINS="pytester")

    assert "1 passed, 1 deselected" in run.stdout
    assert "unknown-device" in (outer / "reports" / "report.html").read_text("utf-8")


def test_within_a_distributed_session(outer: Path) -> None:
    """With pytest-xdist it works the same in the controller."""
    pytest.importorskip("xdist")
    run = _run(outer, "-n", "2")

    assert "1 failed, 1 passed" in run.stdout
    assert (outer / "reports" / "report.html").exists()


def test_configuration_around_it_is_not_read(
    samples: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broken pytest configuration in the working folder doesn't matter."""
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\naddopts = --no-such-option\nrequired_plugins = none-such\n", "utf-8"
    )
    (tmp_path / "conftest.py").write_text("raise RuntimeError\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    write_reports(samples.conformant(), tmp_path / "reports")

    assert "Conformant" in (tmp_path / "reports" / "report.html").read_text("utf-8")


def test_ci_variables_stay_out(samples: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What pytest-metadata would gather of CI's environment is in no report."""
    monkeypatch.setenv("GIT_URL", "https://user:hunter2@git.example")
    monkeypatch.setenv("CI_JOB_URL", "https://user:hunter2@ci.example")
    write_reports(samples.conformant(), tmp_path)

    assert [path.name for path in tmp_path.iterdir() if "hunter2" in path.read_text("utf-8")] == []
