"""The suite's plugin in the pytest of other people, and their plugins in the suite's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.plugin import asks_for_suite
from conformance.plugin.options import OPTIONS

from .processes import CHECKOUT, PYTEST, results, run

SUITE = CHECKOUT / "conformance" / "suite"
FEW = ("-k", "device-unknown", "--allow-untested")

OWN_CONFIG = """
def pytest_addoption(parser):
    parser.addoption("--config", default="mine.ini")
"""
OBSERVER = """
import json, pathlib, sys

def pytest_runtest_setup(item):
    manager = item.config.pluginmanager
    hooks = [caller for name, caller in vars(manager.hook).items() if name.startswith("pytest_")]
    pathlib.Path("observed.json").write_text(json.dumps({
        "modules": sorted(name for name in sys.modules if name.partition(".")[0] == "conformance"),
        "plugins": [name for name, plugin in manager.list_name_plugin() if "conformance" in str(plugin) + name],
        "hooks": [str(impl.plugin) for caller in hooks for impl in caller.get_hookimpls()
                  if "conformance" in getattr(impl.plugin, "__name__", "")],
        "options": [name for name in vars(item.config.option) if name in {OPTIONS} or "conformance" in name],
    }))
"""
ABORTING = """
import pytest

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item):
    if "generated-token" in item.extra_keyword_matches:
        pytest.fail("took too long")
"""
FOREIGN = {
    "pytest-base-url": """
def pytest_addoption(parser):
    parser.addini("base_url", help="x")
    parser.addoption("--base-url", metavar="url", default=None)
def pytest_configure(config):
    config.option.base_url = config.getoption("base_url") or config.getini("base_url")
""",
    "pytest-replay": """
import pathlib
def pytest_addoption(parser):
    parser.addoption("--replay", action="extend", nargs="*", type=pathlib.Path, dest="replay_files", default=[])
def pytest_collection_modifyitems(config):
    [path.read_text() for path in config.getoption("replay_files")]
""",
    "pytest-skip-slow": """
def pytest_addoption(parser):
    parser.addoption("--slow", "--run-slow", dest="slow", action="store_true")
""",
    "of another kind": """
def pytest_addoption(parser):
    parser.addoption("--config", action="store_true")
    parser.addoption("--seed", action="append", default=[])
    parser.addoption("--reports", nargs="*")
    parser.addoption("--mine", dest="max_time")
""",
}


def _foreign(folder: Path, plugin: str) -> dict[str, str]:
    """The environment in which pytest has that PLUGIN, which is put into FOLDER."""
    (folder / "foreign.py").write_text(plugin, "utf-8")
    return {"PYTEST_PLUGINS": "foreign", "PYTHONPATH": f"{folder}:{CHECKOUT}"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one test and an option --config of its own."""
    names = [name.strip("-").replace("-", "_") for name, _ in OPTIONS if name != "--config"]
    (tmp_path / "conftest.py").write_text(OWN_CONFIG + OBSERVER.replace("{OPTIONS}", repr(names)), "utf-8")
    (tmp_path / "test_theirs.py").write_text(
        "def test_theirs(pytestconfig):\n    assert pytestconfig.getoption('--config').endswith('.ini')\n", "utf-8"
    )
    return tmp_path


@pytest.mark.parametrize("arguments", [(), ("test_theirs.py",), ("--config", "x.ini"), ("--pyargs", "test_theirs")])
def test_not_asked_for(project: Path, arguments: tuple[str, ...]) -> None:
    """Where the suite isn't asked for there is no option, no hook and no module of it but the entry point's."""
    done = run(*PYTEST, *arguments, folder=project)
    observed = json.loads((project / "observed.json").read_text("utf-8"))

    assert 0 == done.returncode, done.stdout + done.stderr
    assert "1 passed" in done.stdout
    assert {"modules": ["conformance", "conformance.plugin"], "plugins": [], "hooks": [], "options": []} == observed
    assert not (project / "reports").exists()


def test_not_asked_for_by_an_option(project: Path) -> None:
    """A word that an option takes asks for nothing, even if it is the suite's name."""
    done = run(*PYTEST, "-k", "theirs or conformance", "--config", "conformance.ini", "--pyargs", ".", folder=project)

    assert 0 == done.returncode, done.stdout + done.stderr
    assert [] == json.loads((project / "observed.json").read_text("utf-8"))["hooks"]


@pytest.mark.parametrize(
    ("names", "folder", "pyargs", "asked"),
    [
        (["conformance"], "/", True, True),
        (["conformance.suite.device::device_unknown"], "/", True, True),
        (["conformance"], "/", False, False),
        (["conformances"], "/", True, False),
        (["conformance"], str(CHECKOUT), False, True),
        (["conformance/suite/device.py::x"], str(CHECKOUT), False, True),
        ([str(SUITE)], "/", False, True),
        (["."], str(SUITE), False, True),
        (["tests", "conformance"], str(CHECKOUT), False, True),
        (["."], str(CHECKOUT), False, False),
        (["tests"], str(CHECKOUT), False, False),
        ([], str(CHECKOUT), True, False),
    ],
)
def test_asking_for_the_suite(names: list[str], folder: str, pyargs: bool, asked: bool) -> None:  # noqa: FBT001 (a row of the table)
    """The suite is asked for by its name with --pyargs, or by a path to it or into it."""
    assert asked == asks_for_suite(names, Path(folder), pyargs=pyargs)


def test_folder_of_the_same_name(tmp_path: Path) -> None:
    """Another project may have a package of this name, even with a suite in it."""
    (tmp_path / "conformance" / "suite").mkdir(parents=True)
    (tmp_path / "conformance" / "suite" / "__init__.py").touch()
    assert not asks_for_suite(["conformance"], tmp_path, pyargs=False)


def test_asked_for_beside_own_tests(project: Path) -> None:
    """Where the suite is asked for, a project's own --config is in nobody's way; both kinds of tests run."""
    (project / "conformance.toml").write_text("[[untestable]]\nrequirement = 'x'\nreason = 'r'\n", "utf-8")
    done = run(*PYTEST, "--pyargs", "conformance", "test_theirs.py", "-k", "device-unknown or theirs", folder=project)

    assert 4 == done.returncode
    assert "unknown requirement x: see conformance list" in done.stderr
    (project / "conformance.toml").unlink()
    done = run(*PYTEST, "--pyargs", "conformance", "test_theirs.py", "-k", "device-unknown or theirs", folder=project)
    assert ("2 passed", 7) == (done.stdout.strip().rpartition("\n")[2][:8], done.returncode), done.stdout + done.stderr


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "distributed"])
def test_other_tests_fail(tmp_path: Path, workers: tuple[str, ...]) -> None:
    """Where only other tests fail the target is conformant, and the session isn't."""
    (tmp_path / "test_theirs.py").write_text("def test_theirs():\n    assert 1 == 2\n", "utf-8")
    done = run(
        *PYTEST,
        "--pyargs",
        "conformance",
        "test_theirs.py",
        *FEW,
        "-k",
        "device-unknown or theirs",
        *workers,
        folder=tmp_path,
    )

    assert 1 == done.returncode, done.stdout
    assert ("conformant", 0) == tuple(results(tmp_path / "reports")[name] for name in ("verdict", "exit_status"))


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "distributed"])
def test_case_that_another_plugin_aborts(tmp_path: Path, workers: tuple[str, ...]) -> None:
    """A case that something else ends wasn't tested, also where no requirement rests on it alone."""
    env = _foreign(tmp_path, ABORTING)
    done = run(
        *PYTEST,
        "--pyargs",
        "conformance",
        *FEW,
        "-k",
        "device-unknown or generated-token",
        *workers,
        folder=tmp_path,
        env=env,
    )

    assert 7 == done.returncode, done.stdout
    assert "aborted from outside (generated-token)" in results(tmp_path / "reports")["summary"]


EXIT_0 = """
import pytest

@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    session.exitstatus = 0
    print("and was here")
"""


@pytest.mark.parametrize(
    "plugin", [EXIT_0, EXIT_0 + "    pytest.exit('all is well', returncode=0)\n"], ids=["status", "exit"]
)
def test_status_stays(tmp_path: Path, plugin: str) -> None:
    """No plugin makes the exit status better than the verdict is."""
    env = _foreign(tmp_path, plugin)
    done = run(*PYTEST, "--pyargs", "conformance", "-k", "device-unknown", folder=tmp_path, env=env)

    assert 7 == done.returncode, done.stdout
    assert "and was here" in done.stdout


def test_option_that_takes_the_suites_name(project: Path) -> None:
    """An option without its value, which takes the suite's name for it, doesn't have a project's own tests run."""
    done = run(*PYTEST, "--pyargs", "--reports", "conformance", folder=project)

    assert (4, False) == (done.returncode, (project / "observed.json").exists())
    assert "an option took the suite's name for its value" in done.stderr


@pytest.mark.parametrize(
    "settings", ["testpaths = conformance\naddopts = --pyargs", "addopts = --pyargs conformance --max-calls 50"]
)
def test_asked_for_by_settings(tmp_path: Path, settings: str) -> None:
    """A project may ask for the suite in its settings; tests of its own that are named are run without it then."""
    (tmp_path / "pytest.ini").write_text(f"[pytest]\n{settings}\n", "utf-8")
    (tmp_path / "test_theirs.py").write_text("def test_theirs():\n    pass\n", "utf-8")
    asked = run(*PYTEST, *FEW, "--reports", "reports", folder=tmp_path)
    assert 0 == asked.returncode, asked.stdout + asked.stderr
    assert (tmp_path / "reports" / "results.json").exists()

    theirs = run(*PYTEST, "test_theirs.py", "-o", "addopts=", folder=tmp_path)
    assert (0, "1 passed") == (theirs.returncode, theirs.stdout.strip().rpartition("\n")[2][:8])


@pytest.mark.parametrize("plugin", FOREIGN)
def test_foreign_plugins(tmp_path: Path, plugin: str) -> None:
    """Other plugins may have options of the same names, also of another kind; the suite's value is what was given."""
    env = _foreign(tmp_path, FOREIGN[plugin])
    (tmp_path / "ours.toml").write_text('[target]\nbase_url = "ftp://x"\n', "utf-8")
    words = ("--seed", "5", "--slow", "--max-calls=90", "--reports", "other", "--max-time", "99")
    done = run(*PYTEST, "--pyargs", "conformance", *FEW, *words, folder=tmp_path, env=env)

    assert 0 == done.returncode, done.stdout + done.stderr
    assert 5 == results(tmp_path / "other")["seed"]
    wrong = run(*PYTEST, "--pyargs", "conformance", "--config", "ours.toml", *words, folder=tmp_path, env=env)
    assert 4 == wrong.returncode
    assert "it must begin with https:// or http://" in wrong.stderr


def test_foreign_plugin_with_a_value_of_its_own(tmp_path: Path) -> None:
    """What the suite is given goes to no plugin that would take it for something else; --base-url is meant for both."""
    (tmp_path / "foreign.py").write_text(FOREIGN["pytest-replay"], "utf-8")
    (tmp_path / "second.py").write_text(FOREIGN["pytest-base-url"], "utf-8")
    env = {"PYTEST_PLUGINS": "foreign,second", "PYTHONPATH": f"{tmp_path}:{CHECKOUT}"}
    words = (*PYTEST, "--pyargs", "conformance")
    replayed = run(*words, "--replay", "none", folder=tmp_path, env=env)
    empty = run(*words, "--base-url", "", folder=tmp_path, env=env)
    given = run(*words, "--base-url", "http://127.0.0.1:9", folder=tmp_path, env=env)
    (tmp_path / "pytest.ini").write_text("[pytest]\nbase_url = http://127.0.0.1:9\n", "utf-8")
    by_file = run(*words, folder=tmp_path, env=env)

    assert [4] * 4 == [done.returncode for done in (replayed, empty, given, by_file)]
    assert "--replay none: no failing request of this id is kept" in replayed.stderr
    assert "--base-url is empty" in empty.stderr
    for done in (given, by_file):
        assert "target.app_key is missing" in done.stderr
        assert "target.base_url" not in done.stderr


def test_options_are_grouped(tmp_path: Path) -> None:
    """Where the suite is asked for, pytest's help has its options, in a group by the distribution's name."""
    done = run(*PYTEST, "--pyargs", "conformance", "--help", folder=tmp_path)

    assert 0 == done.returncode
    assert "conformance suite:" in done.stdout
    assert [] == [name for name, _ in OPTIONS if f"  {name}" not in done.stdout]
