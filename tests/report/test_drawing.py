"""report.html is drawn within any pytest session, and leaves that session alone."""

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
from conformance.record.reading import read_record
from conformance.report import write_reports

def state(config):
    plugins = {plugin for plugin in config.pluginmanager.get_plugins() if "pytest_html" not in str(plugin)}
    streams = (sys.stdout, sys.stderr, sys.unraisablehook, sys.meta_path[:])
    return (*streams, dict(os.environ), os.getcwd(), dict(vars(config.option)), plugins)

@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    if hasattr(session.config, "workerinput"):
        return
    before = state(session.config)
    within = session if os.environ["WITHIN"] == "this" else None
    write_reports(read_record(Path("results.json")), Path("reports"), within)
    assert before == state(session.config), "something was left behind"
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


@pytest.fixture(params=["this", "own"])
def within(request: pytest.FixtureRequest) -> str:
    """Whether the page is drawn in the outer session itself, or in one of its own inside of that."""
    return str(request.param)


def _run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:conformance", *arguments]
    return subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, check=False, timeout=300
    )


@pytest.mark.parametrize("capture", ["--capture=fd", "--capture=sys", "--capture=no"])
def test_within_another_session(outer: Path, within: str, capture: str) -> None:
    """Called from a session's finish hook under any capture, it prints nothing and changes no result or state."""
    run = _run(outer, capture, "--junitxml=outer.xml", "--html=outer.html", "-W", "error", WITHIN=within)

    assert "1 failed, 1 passed" in run.stdout
    assert 1 == run.returncode
    assert "" == run.stderr
    assert "At index 1 diff: 2 != 3" in run.stdout
    assert not any(word in run.stdout for word in NESTED_WORDS)
    names = [case.get("name") for case in ET.parse(outer / "outer.xml").iter("testcase")]  # noqa: S314 (our own file)
    assert ["test_passes", "test_fails"] == names
    assert "unknown-device" not in (outer / "outer.html").read_text("utf-8")
    assert "unknown-device" in (outer / "reports" / "report.html").read_text("utf-8")


def test_environment_of_the_outer_session_stays_outside(outer: Path, within: str) -> None:
    """PYTEST_ADDOPTS and PYTEST_PLUGINS steer the outer session and never the nested one."""
    run = _run(outer, PYTEST_ADDOPTS="--maxfail=1 -k passes", PYTEST_PLUGINS="pytester", WITHIN=within)

    assert "1 passed, 1 deselected" in run.stdout
    assert "unknown-device" in (outer / "reports" / "report.html").read_text("utf-8")


def test_within_a_distributed_session(outer: Path, within: str) -> None:
    """With pytest-xdist it works the same in the controller."""
    pytest.importorskip("xdist")
    run = _run(outer, "-n", "2", WITHIN=within)

    assert "1 failed, 1 passed" in run.stdout
    assert (outer / "reports" / "report.html").exists()


@pytest.mark.parametrize("off", ["-pno:html", "-pno:metadata"])
def test_within_a_session_without_the_plugin(outer: Path, off: str) -> None:
    """It needs no pytest-html of the outer session's; both of them draw the same page."""
    pages = []
    for within in ("this", "own"):
        run = _run(outer, off, "-pno:html", WITHIN=within)
        pages.append((outer / "reports" / "report.html").read_text("utf-8"))

        assert "1 failed, 1 passed" in run.stdout
        assert "" == run.stderr
    assert _without_time(pages[0]) == _without_time(pages[1])


def _without_time(page: str) -> list[str]:
    return [line for line in page.splitlines() if "Report generated on" not in line and "tests took" not in line]


def test_hooks_of_the_outer_session_dont_change_it(outer: Path) -> None:
    """Whatever a project does to its own pytest-html page, this one stays what it is."""
    hooks = """
def pytest_html_results_table_row(report, cells):
    cells.append("<td>of the project</td>")

def pytest_html_results_summary(prefix, summary, postfix):
    for part in (prefix, summary, postfix):
        part.append("<p>of the project</p>")
"""
    conftest = outer / "conftest.py"
    conftest.write_text(conftest.read_text("utf-8") + hooks, "utf-8")
    _run(outer, WITHIN="this")

    assert "of the project" not in (outer / "reports" / "report.html").read_text("utf-8")


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

    assert [] == [path.name for path in tmp_path.iterdir() if "hunter2" in path.read_text("utf-8")]


@pytest.mark.parametrize("name", ["$HOME", "~", "a b"])
def test_folders_with_odd_names(samples: ModuleType, tmp_path: Path, name: str) -> None:
    """The page goes into the folder of just that name: nothing in it is expanded."""
    write_reports(samples.conformant(), tmp_path / name)

    assert (tmp_path / name / "report.html").exists()


def test_page_that_cant_be_written(samples: ModuleType, tmp_path: Path) -> None:
    """A page that can't be written is an OSError, as for every other report."""
    (tmp_path / "report.html").mkdir()
    with pytest.raises(OSError, match=r"report\.html"):
        write_reports(samples.conformant(), tmp_path)
