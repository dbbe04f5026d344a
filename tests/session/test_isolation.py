"""`conformance run` in the folder of a project that has tests, settings and plugins of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from conformance.plugin.isolation import SUITE, words
from conformance.reference import Reference

from .processes import CONFORMANCE, outcomes, results, run

RUN = (sys.executable, "-m", "conformance", "run")
FEW = ("-k", "device-unknown or token-unknown")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose every file leaves a trace when it is loaded."""
    trace = "import pathlib; pathlib.Path('RAN').touch()\n"
    (tmp_path / "conftest.py").write_text(trace, "utf-8")
    (tmp_path / "test_theirs.py").write_text(f"{trace}def test_theirs():\n    assert False\n", "utf-8")
    (tmp_path / "theirs.py").write_text(trace, "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = test_theirs.py -p theirs\n", "utf-8")
    (tmp_path / "words.txt").write_text("test_theirs.py\n", "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--base-url",), "--base-url needs a value"),
        (("--reports",), "--reports needs a value"),
        (("--config", "--slow"), "--config needs a value"),
        (("--base-url", ""), "--base-url is empty"),
        (("-k",), "argument -k: expected one argument"),
        (("-p",), "argument -p: expected one argument"),
        (("test_theirs.py",), "conformance run takes no paths or words without an option, as test_theirs.py is"),
        (("--slow", "."), "conformance run takes no paths"),
        (("-x", "conformance"), "conformance run takes no paths"),
        (("--", "test_theirs.py"), "conformance run takes no paths"),
        (("@words.txt",), "conformance run takes no paths"),
        (("--pyargs", "theirs"), "conformance run takes no paths"),
        (("--nope",), "conformance run has no option --nope: see conformance run --help"),
        (("--fixtures",), "--fixtures tests nothing"),
        (("--markers",), "--markers tests nothing"),
        (("--setup-plan", "-n", "2"), "--setup-plan tests nothing"),
        (("--max-time", "nan"), "must be a finite number of seconds"),
    ],
)
def test_usage_errors(project: Path, arguments: tuple[str, ...], said: str) -> None:
    """What is missing, empty or isn't an option ends with 4, and nothing of the folder is run."""
    done = run(*RUN, *arguments, folder=project)

    assert (4, False) == (done.returncode, (project / "RAN").exists()), done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


ATTACK = "\x1b[2J\u202e::error::FORGED\nConformant: FORGED\n##vso[x]FORGED"


@pytest.mark.parametrize(
    "arguments",
    [
        (ATTACK,),
        (f"--{ATTACK}",),
        ("--config", ATTACK),
        ("--config", "odd.toml"),
        ("--base-url", ATTACK),
        ("--reports", f"conformance.toml/{ATTACK}"),
        ("--write-waivers", f"none/{ATTACK}"),
        ("--replay", ATTACK),
        ("--requirements", ATTACK),
        ("--seed", ATTACK),
        ("-n", ATTACK),
        ("--maxfail", ATTACK),
        (f"@{ATTACK}",),
    ],
)
def test_errors_show_foreign_text_as_such(project: Path, arguments: tuple[str, ...]) -> None:
    """What an error quotes of a command line, or of a file, begins no line, and is no command to any reader of it."""
    key = json.dumps(f"base_url{ATTACK}")
    (project / "odd.toml").write_text(f"[target]\nbase_url = {key}\n{key} = 1\n[{key}]\n", "utf-8")
    (project / "conformance.toml").write_text('[target]\nbase_url = "http://127.0.0.1:9"\n', "utf-8")
    env = {"CONFORMANCE_APP_KEY": "k", "CONFORMANCE_ACCESS_TOKEN": "t"}
    lines = run(*RUN, *arguments, folder=project, env=env).stderr.splitlines()

    assert [] == [one for one in lines if "::" in one or "##" in one or not one.isprintable()]
    assert [] == [one for one in lines if one.startswith("Conformant")]
    assert [] != lines


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"CONFORMANCE_BASE_URL": ""}, "CONFORMANCE_BASE_URL is empty"),
        (
            {"CONFORMANCE_BASEURL": "http://x"},
            "unknown variable CONFORMANCE_BASEURL: did you mean CONFORMANCE_BASE_URL?",
        ),
        ({"CONFORMANCE_APP_KEY": "k", "CONFORMANCE_ACCESS_TOKEN": "t"}, "target.base_url is missing"),
    ],
)
def test_nothing_green_by_accident(project: Path, env: dict[str, str], said: str) -> None:
    """A variable that is empty, misspelt, or not enough ends with 4; the embedded reference isn't tested."""
    done = run(*RUN, *FEW, folder=project, env=env)

    assert (4, False) == (done.returncode, (project / "reports" / "results.json").exists())
    assert said in done.stderr


@pytest.mark.parametrize("more", [(), ("--debug",), ("-x", "-v", "--durations=3"), ("-n", "2"), ("--max-calls", "50")])
def test_alone(project: Path, more: tuple[str, ...]) -> None:
    """Tests, conftest.py, settings and plugins of the folder and of the environment have no say in a run."""
    env = {"PYTEST_ADDOPTS": "--nope test_theirs.py", "PYTEST_PLUGINS": "theirs", "PYTHONPATH": str(project)}
    env["PYTHONPATH"] = f"{project}:{SUITE.parents[1]}"
    done = run(*RUN, *FEW, "--allow-untested", *more, folder=project, env=env)

    assert (0, False) == (done.returncode, (project / "RAN").exists()), done.stdout + done.stderr
    ran = {case["chapter"] for case in results(project / "reports")["cases"]}
    assert {"control", "device", "credentials"} == ran


def test_modules_of_the_folder(tmp_path: Path) -> None:
    """A module of the folder stands in for no other one, in whichever process of a run."""
    for name in ("platform", "queue", "random", "string", "types"):
        (tmp_path / f"{name}.py").write_text("import pathlib; pathlib.Path('RAN').touch()\n", "utf-8")
    # As the command conformance is started, which has no say for the processes that it starts.
    command = (sys.executable, "-P", *RUN[1:], *FEW, "--allow-untested", "-n", "2")
    done = run(*command, folder=tmp_path, env={"PYTHONPATH": str(SUITE.parents[1])})

    assert (0, False) == (done.returncode, (tmp_path / "RAN").exists()), done.stdout + done.stderr


@pytest.mark.parametrize("option", ["--log-file", "--junit-xml", "--debug"])
def test_configuration_is_kept(tmp_path: Path, option: str) -> None:
    """No option makes a run write over its own configuration."""
    file = tmp_path / "conformance.toml"
    file.write_text("[target]\n", "utf-8")
    done = run(*RUN, f"{option}=conformance.toml", folder=tmp_path)

    assert (4, "[target]\n") == (done.returncode, file.read_text("utf-8"))
    assert f"{option}: conformance.toml, which the run reads, would be written over" in done.stderr


@pytest.mark.parametrize("name", ["summary.md", "crash.txt"])
def test_what_the_configuration_names_is_kept(tmp_path: Path, name: str) -> None:
    """Nor is a file that the configuration names written over by a report, under whatever name."""
    certificate = tmp_path / "ca.pem"
    certificate.write_text("a certificate", "utf-8")
    (tmp_path / "conformance.toml").write_text('[target]\nca_bundle = "ca.pem"\n', "utf-8")
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / name).symlink_to(certificate)
    done = run(*RUN, folder=tmp_path)

    assert (4, "a certificate") == (done.returncode, certificate.read_text("utf-8"))
    assert "ca.pem, which the run reads, would be written over" in done.stderr


def test_last_failed(project: Path) -> None:
    """--lf runs what failed before, and leaves nothing in the folder or in the suite."""
    with Reference.start(tls=False, faults=["100418-status-404"]) as wrong:
        (project / "conformance.toml").write_text(wrong.configuration(), "utf-8")
        first = run(*RUN, *FEW, folder=project)
        again = run(*RUN, "--lf", folder=project)
    cases = {case["id"]: case["outcome"] for case in results(project / "reports")["cases"]}

    assert (1, 1) == (first.returncode, again.returncode), again.stdout + again.stderr
    assert ("failed", False) == (cases["device-unknown"], "token-unknown" in cases)
    assert ["error-100418-unknown-device"] == outcomes(results(project / "reports"), "failed")
    assert [] == [*project.glob("**/.pytest_cache"), *SUITE.glob("**/.pytest_cache")]


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "distributed"])
def test_first_failure_ends_it(tmp_path: Path, workers: tuple[str, ...]) -> None:
    """A run that ends at its first failure is one of a target that isn't conformant, in however many processes."""
    with Reference.start(tls=False, faults=["100418-status-404"]) as wrong:
        (tmp_path / "conformance.toml").write_text(wrong.configuration(), "utf-8")
        done = run(*RUN, *FEW, "-x", *workers, folder=tmp_path)

    assert 1 == done.returncode, done.stdout
    assert "non-conformant" == results(tmp_path / "reports")["verdict"]


def test_proxies_lead_elsewhere(project: Path) -> None:
    """No proxy of the environment has a say in a run of the embedded reference."""
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "socks4://x"}
    done = run(*RUN, *FEW, "--allow-untested", folder=project, env=nowhere)

    assert 0 == done.returncode, done.stdout


def test_folder_that_is_gone(tmp_path: Path) -> None:
    """In a folder that was removed there is nothing to write reports into, and one line says so."""
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f"rmdir '{gone}' && exec {CONFORMANCE[0]} run"
    done = run("sh", "-c", script, folder=tmp_path, at=gone)

    assert (4, "") == (done.returncode, done.stdout)
    assert ["conformance: the working folder is gone: change into another one"] == done.stderr.splitlines()


def test_suite_comes_first() -> None:
    """The suite's path stands in front, where no option can take it for its value."""
    assert str(SUITE) == words(["-k", "x"])[0]


def test_two_runs_at_once(project: Path) -> None:
    """A run against a target that is in use ends with 4 when it may not wait, and says who holds the target."""
    with Reference.start(tls=False) as reference:
        (project / "conformance.toml").write_text(reference.configuration(), "utf-8")
        program = (
            "import sys; from conformance.client.occupancy import alone\n"
            "from conformance.configuration.settings import TargetSettings\n"
            "import subprocess, os\n"
            f"with alone(TargetSettings({reference.address.base_url!r}, 'k', 't', 'k'), None, print):\n"
            f"    sys.exit(subprocess.run({json.dumps([*RUN, *FEW, '--max-time', '1', '-n', '2'])}).returncode)\n"
        )
        done = run(sys.executable, "-c", program, folder=project)

    assert 4 == done.returncode, done.stdout + done.stderr
    assert f"{reference.address.base_url} is in use by another run (process " in done.stderr
    assert f"{reference.address.base_url} is still in use by another run (process " in done.stderr
