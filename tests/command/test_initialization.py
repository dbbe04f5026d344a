"""conformance init: what it asks, what it writes, how it ends."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from conformance.command.cli import main
from conformance.command.initialization import CI_SERVICES, LANGUAGES, PROVIDERS, questions
from conformance.configuration.loader import load
from conformance.reference import Reference

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
CREDENTIALS = {"CONFORMANCE_APP_KEY": "key", "CONFORMANCE_ACCESS_TOKEN": "token"}
GITHUB, GITLAB = Path(".github/workflows/conformance.yml"), Path(".gitlab/conformance.yml")
CONFIGURED = {"conformance.toml", "conformance.schema.json"}

Init = Callable[..., Result]


@pytest.fixture
def init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Init:
    """Runs init in an empty folder; typed: what a person types, None: there is no terminal."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, typed: str | None = None) -> Result:
        monkeypatch.setattr(questions, "_terminal", lambda: typed is not None)
        return CliRunner().invoke(main, ["init", *arguments], input=typed)

    return run


def present() -> set[str]:
    """Every file in the folder."""
    return {path.as_posix() for path in Path().rglob("*") if path.is_file()}


def written(**names: str) -> dict[str, Any]:
    """What the CI job of the folder holds, as YAML."""
    found: dict[str, Any] = yaml.safe_load(Path(names.get("path", str(GITHUB))).read_text("utf-8"))
    return found


def test_defaults(init: Init) -> None:
    """--yes asks nothing, and writes a configuration, its schema, a hook in Python and a job for GitHub."""
    done = init("--yes")

    assert 0 == done.exit_code, done.output
    assert CONFIGURED | {"hook.py", GITHUB.as_posix()} == present()
    assert "if it isn't https://localhost:8743" in done.output
    assert [
        "  python hook.py",
        "  conformance check",
        "  conformance run",
    ] == [line for line in done.output.splitlines() if line.startswith("  ")]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("ci", CI_SERVICES)
def test_every_file_is_right(init: Init, provider: str, ci: str) -> None:
    """The configuration names its schema, holds what was given and no secret, and is taken; a job is YAML."""
    done = init("--base-url", "https://a.example:1/", "--provider", provider, "--ci", ci, "--yes")
    assert 0 == done.exit_code, done.output
    text = Path("conformance.toml").read_text("utf-8")
    first = text.splitlines()[0]
    environ = CREDENTIALS | ({"CONFORMANCE_PROVIDER_DEVICE_IDS": "d"} if provider == "northbound" else {})
    configuration = load(Path("conformance.toml"), environ)
    jobs = {path for path in (GITHUB, GITLAB) if path.exists()}

    assert "#:schema ./conformance.schema.json" == first
    assert Path(first.removeprefix("#:schema ")).is_file()
    assert "https://a.example:1" == configuration.target.base_url
    assert (None if provider == "none" else provider) == configuration.provider.kind
    assert {"app_key", "access_token", "secret"} & set(re.findall(r"^(\w+) =", text, re.MULTILINE)) == set()
    assert {"github": {GITHUB}, "gitlab": {GITLAB}, "none": set()}[ci] == jobs
    assert all(isinstance(written(path=str(path)), dict) for path in jobs)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_hook_fits_the_configuration(init: Init, language: str) -> None:
    """The hook is served where the configuration looks for it, started in the job, and said how to start."""
    done = init("--hook", language, "--yes")
    chosen = LANGUAGES[language]
    url = tomllib.loads(Path("conformance.toml").read_text("utf-8"))["provider"]["url"]
    text = Path(chosen.file).read_text("utf-8")

    assert (True, True) == ("/provider-states" in text, "9000" in text)
    assert "http://127.0.0.1:9000/provider-states" == url
    assert f"{chosen.start}\n" in done.output
    assert f"{chosen.file} &" in str(written())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_gitlab_job(init: Init, language: str) -> None:
    """Its script is a list of commands, and installs the language that its image lacks."""
    init("--hook", language, "--ci", "gitlab", "--yes")
    job = written(path=str(GITLAB))["conformance"]
    commands = [*job["before_script"], *job["script"]]
    package = LANGUAGES[language].package

    assert all(isinstance(command, str) for command in commands)
    assert (package is not None) == any("apt-get" in command for command in commands)
    assert any(f"{LANGUAGES[language].file} &" in command for command in commands)


@pytest.mark.skipif(shutil.which("bash") is None, reason="the commands are for bash")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_commands_of_a_job_are_commands(init: Init, language: str) -> None:
    """Bash reads the script of each job."""
    init("--hook", language, "--yes")
    scripts = [step["run"] for step in written()["jobs"]["conformance"]["steps"] if "run" in step]
    read = subprocess.run(["bash", "-n"], input="\n".join(scripts), text=True, check=False)  # noqa: S607 (any bash)

    assert (1, 0) == (len(scripts), read.returncode)


def test_the_workflow_knows_the_action(init: Init) -> None:
    """The job for GitHub uses the action and others as the published workflow does, and reads its own outputs only."""
    init("--yes", "--provider", "northbound")
    published = yaml.safe_load((ROOT / "ci" / "github.yml").read_text("utf-8"))
    expected, actual = (workflow["jobs"]["conformance"]["steps"] for workflow in (published, written()))
    (step,) = (one for one in actual if one.get("id") == "conformance")

    assert [one["uses"] for one in expected if "uses" in one] == [one["uses"] for one in actual if "uses" in one]
    assert set(step["with"]) <= set(ACTION["inputs"])
    assert {"CONFORMANCE_APP_KEY", "CONFORMANCE_PROVIDER_SECRET"} == set(step["env"])
    assert {f"${{{{ secrets.{name} }}}}" for name in step["env"]} == set(step["env"].values())


@pytest.mark.parametrize(
    ("ci", "words"),
    [
        ("github", ("replace your-organisation/…", str(GITHUB))),
        ("gitlab", ("in .gitlab-ci.yml", "CONFORMANCE_SOURCE", str(GITLAB))),
        ("none", ()),
    ],
)
def test_what_the_job_needs_is_said(init: Init, ci: str, words: tuple[str, ...]) -> None:
    """The last line says what to fill in before the job can run, and names the credentials."""
    done = init("--ci", ci, "--provider", "northbound", "--yes")
    last = done.output.splitlines()[-1]

    assert (ci != "none") == last.startswith("For the CI job, ")
    assert [] == [word for word in words if word not in last]
    assert (ci != "none") == ("CONFORMANCE_APP_KEY and CONFORMANCE_PROVIDER_SECRET" in last)
    assert (ci == "github") == (GITHUB.exists() and "your-organisation/" in GITHUB.read_text("utf-8"))


# ---- questions -------------------------------------------------------------------------------------------------------


def test_it_asks(init: Init) -> None:
    """Each question is answered by a line; a base URL that can't be one is asked for again, with the reason."""
    done = init(typed="ftp://a\nhttps://b.example\nhook\nnode\ngitlab\n")

    assert 0 == done.exit_code, done.output
    assert "it must begin with https:// or http://" in done.output
    assert CONFIGURED | {"hook.mjs", GITLAB.as_posix()} == present()
    assert 'base_url = "https://b.example"' in Path("conformance.toml").read_text("utf-8")


@pytest.mark.parametrize("link", [".github", ".github/workflows"])
def test_a_folder_that_leads_elsewhere(init: Init, tmp_path_factory: pytest.TempPathFactory, link: str) -> None:
    """Nothing is written where a link leads out of the folder."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    Path(link).parent.mkdir(exist_ok=True)
    Path(link).symlink_to(elsewhere)
    done = init("--yes", "--ci", "github")

    assert (4, [], set()) == (done.exit_code, list(elsewhere.iterdir()), present())
    assert "conformance: .github/workflows is a link that leads elsewhere: move it away\n" == done.output


def test_every_default_is_one_key(init: Init) -> None:
    """Four empty answers are the same as --yes."""
    assert 0 == init(typed="\n\n\n\n").exit_code
    assert CONFIGURED | {"hook.py", GITHUB.as_posix()} == present()


def test_it_asks_only_for_the_rest(init: Init) -> None:
    """What a flag says isn't asked; the language isn't either, where there is no hook."""
    done = init("--base-url", "https://b.example", "--provider", "static", typed="none\n")

    assert 0 == done.exit_code, done.output
    assert 1 == done.output.count("Choose")
    assert CONFIGURED == present()


def test_a_terminal(tmp_path: Path) -> None:
    """In a real terminal the questions come one after the other."""
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", "from conformance.command.cli import main; main()", "init"],
        cwd=tmp_path,
        stdin=slave,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        os.close(slave)
        os.write(master, b"\nnone\nnone\n")
        output, _ = process.communicate(timeout=300)
    os.close(master)

    assert 0 == process.returncode, output
    assert CONFIGURED == {path.name for path in tmp_path.iterdir()}


def test_gitlab_is_noticed(init: Init) -> None:
    """Where a project has a pipeline of GitLab's, its job is the default."""
    Path(".gitlab-ci.yml").touch()
    init("--yes")

    assert (False, True) == (GITHUB.exists(), GITLAB.exists())


def test_interrupted(init: Init) -> None:
    """An end in the middle of the questions, as by Ctrl-C, is exit status 2, and nothing is written."""
    done = init(typed="https://b.example\n")

    assert (2, set()) == (done.exit_code, present())
    assert "nothing was written" in done.output


# ---- then ------------------------------------------------------------------------------------------------------------


def test_the_first_run(init: Init, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what init writes and no state at all, a run passes some requirements, and finds a wrong status."""
    monkeypatch.setenv("CONFORMANCE_CACHE_DIR", str(Path("cache").resolve()))
    exits, passed = [], []
    for faults in ([], ["100418-status-404"]):
        with Reference.start(tls=False, faults=faults) as reference:
            for path in map(Path, CONFIGURED):
                path.unlink(missing_ok=True)
            done = init("--base-url", reference.address.base_url, "--provider", "none", "--ci", "none")
            assert 0 == done.exit_code, done.output
            monkeypatch.setenv("CONFORMANCE_APP_KEY", reference.inventory.app_id)
            monkeypatch.setenv("CONFORMANCE_ACCESS_TOKEN", reference.inventory.access_token)
            command = "from conformance.command.cli import main; main()"
            ran = subprocess.run(
                [sys.executable, "-c", command, "run", "--max-calls", "40"], capture_output=True, check=False
            )
        exits.append(ran.returncode)
        requirements = json.loads(Path("reports/results.json").read_text("utf-8"))["requirements"]
        passed.append({one["id"] for one in requirements if one["outcome"] == "passed"})

    assert [7, 1] == exits
    assert {"app-key-valid", "error-media-type"} <= passed[0]
    assert "error-100418-unknown-device" in passed[0] - passed[1]


# ---- what is wrong ---------------------------------------------------------------------------------------------------


def test_without_a_terminal(init: Init) -> None:
    """Where nobody can be asked, the flags that are left out are named."""
    done = init("--ci", "none")

    assert (4, set()) == (done.exit_code, present())
    assert (
        "conformance: init can't ask without a terminal: give --base-url, --provider, --hook, or --yes to take the "
        "defaults\n"
    ) == done.output


@pytest.mark.parametrize(
    "flags",
    [
        ("--base-url", "http://b", "--provider", "none", "--ci", "none"),
        ("--base-url", "http://b", "--hook", "java", "--ci", "none"),
    ],
)
def test_flags_are_enough(init: Init, flags: tuple[str, ...]) -> None:
    """Without a terminal flags do, where they answer every question."""
    assert 0 == init(*flags).exit_code


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--base-url", "b.example"), "--base-url: it must begin with https:// or http://"),
        (("--base-url", ""), "base-url"),
        (("--hook", "java", "--provider", "static"), "--hook java needs --provider hook, not static"),
        (("--hook", "cobol"), "cobol"),
        (("--provider", "pact"), "pact"),
        (("--ci", "jenkins"), "jenkins"),
    ],
)
def test_wrong_flags(init: Init, flags: tuple[str, ...], words: str) -> None:
    """A flag that is wrong is told before anything is written."""
    done = init(*flags, "--yes")

    assert (4, set()) == (done.exit_code, present())
    assert words in done.output


@pytest.mark.parametrize("name", ["conformance.toml", "conformance.schema.json", "hook.py", GITHUB.as_posix()])
def test_nothing_is_overwritten(init: Init, name: str) -> None:
    """A file that is there is named, stays as it is, and no other is written."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("mine", "utf-8")
    done = init("--yes")

    assert (4, {name}, "mine") == (done.exit_code, present(), path.read_text("utf-8"))
    assert f"conformance: {path} " in done.output


def test_a_file_that_cant_be_written(init: Init) -> None:
    """A file whose folder can't be made is a usage error, and named; the others don't stay."""
    Path(".github").write_text("", "utf-8")
    done = init("--yes")

    assert (4, {".github"}) == (done.exit_code, present())
    assert f"conformance: {GITHUB} can't be written: " in done.output


def test_an_existing_configuration_has_no_say(init: Init) -> None:
    """One that isn't TOML doesn't keep a flag from being checked."""
    Path("conformance.toml").write_text("[", "utf-8")
    done = init("--yes", "--base-url", "https://b.example")

    assert 4 == done.exit_code
    assert "conformance.toml exists already" in done.output


def test_choices() -> None:
    """The flags offer what can be written, and nothing else."""
    offered = {parameter.name: getattr(parameter.type, "choices", None) for parameter in main.commands["init"].params}

    assert list(LANGUAGES) == list(offered["language"] or ())
    assert list(PROVIDERS) == list(offered["provider"] or ())
    assert list(CI_SERVICES) == list(offered["ci"] or ())
