"""What is around every command: what it prints on any terminal, and how it ends when it can't go on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

import click
import pytest

from conformance.command import catalogue, program
from conformance.exceptions import RecordError, UsageError
from conformance.plugin import isolation

from .conftest import Command

FULL = Path("/dev/full")
PRINTING = (
    ("list",),
    ("list", "--format", "json"),
    ("explain", "error-100418-unknown-device"),
    ("serve", "--list-variants"),
    ("run", "--help"),
    ("--help",),
)


def run(*arguments: str, folder: Path, stdout: Any = subprocess.PIPE, **env: str) -> subprocess.CompletedProcess[bytes]:
    """The program in a process of its own, in FOLDER, with ENV beside this process's environment."""
    own = {key: value for key, value in os.environ.items() if not key.startswith(("CONFORMANCE_", "PYTEST_"))}
    return subprocess.run(
        (sys.executable, "-m", "conformance", *arguments),
        cwd=folder,
        env={**own, "XDG_CACHE_HOME": str(folder / "cache"), **env},
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=300,
        check=False,
    )


# ---- terminals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize("command", PRINTING)
def test_any_encoding(command: tuple[str, ...], encoding: str, tmp_path: Path) -> None:
    """A character that the terminal hasn't is shown as an escape; no command fails for it."""
    done = run(*command, folder=tmp_path, PYTHONIOENCODING=encoding)

    assert (0, b"") == (done.returncode, done.stderr)
    assert done.stdout.decode(encoding)


def test_json_is_json_in_any_encoding(conformance: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is printed for programs can be read by them, whatever characters the terminal has."""
    entry = catalogue.entries()[0]
    monkeypatch.setattr(catalogue, "entries", lambda: [entry])
    monkeypatch.setattr(type(entry), "as_json", lambda _: {"é": "“"})

    assert '"é": "“"' in conformance("list", "--format", "json").output
    monkeypatch.setattr("conformance.command.cli._is_unicode", lambda _: False)
    assert '"\\u00e9": "\\u201c"' in conformance("list", "--format", "json").output


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full on this system")
@pytest.mark.parametrize("command", [*PRINTING, ("run", "-k", "device-unknown")])
def test_full_disk(command: tuple[str, ...], tmp_path: Path) -> None:
    """An output that can't be written is told in a line, and is exit status 3; the reports of a run are there."""
    with FULL.open("wb") as full:
        done = run(*command, folder=tmp_path, stdout=full)

    assert 3 == done.returncode
    assert b"conformance: the output couldn't be written: No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr
    assert (command[-1] == "device-unknown") == (tmp_path / "reports" / "results.json").exists()


@pytest.mark.parametrize("command", [*PRINTING, ("run", "-k", "device-unknown")])
def test_closed_pipe(command: tuple[str, ...], tmp_path: Path) -> None:
    """A pipe that nobody reads from any more is exit status 3, never that of a violation."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = run(*command, folder=tmp_path, stdout=pipe)

    assert (3, b"conformance: the output couldn't be written: Broken pipe") == (
        done.returncode,
        done.stderr.splitlines()[-1],
    )


def test_no_output_at_all(tmp_path: Path) -> None:
    """A process without standard output, as a service may start it, does its work."""
    words = f'"{sys.executable}" -m conformance list >&- 2>&-'
    assert 0 == subprocess.run(words, shell=True, cwd=tmp_path, check=False, timeout=300).returncode  # noqa: S602 (a shell's own way to close them)


# ---- errors ----------------------------------------------------------------------------------------------------------


def _raise(error: BaseException) -> Any:
    def fail(*_: object, **__: object) -> NoReturn:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ValueError("odd"), 3),
        (RecursionError(), 3),
        (MemoryError(), 3),
        (BrokenPipeError(32, "Broken pipe"), 3),
        (OSError(28, "No space left on device"), 3),
        (SystemExit("odd"), 3),
        (RecordError("results.json: odd"), 4),
        (click.FileError("odd"), 4),
        (KeyboardInterrupt(), 2),
        (click.Abort(), 2),
        (SystemExit(7), 7),
        (SystemExit(None), 0),
    ],
)
def test_exit_status(conformance: Command, monkeypatch: pytest.MonkeyPatch, error: BaseException, status: int) -> None:
    """A crash is exit status 3, whatever it is; wrong usage is 4 and an interrupt 2; none of them is 1."""
    monkeypatch.setattr(catalogue, "entries", _raise(error))
    assert status == conformance("list").exit_code


def test_crash(conformance: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash is told with its traceback, on stderr and among the reports; no secret is in it, and no control code."""
    Path("reports").mkdir()
    Path("conformance.toml").write_text('[target]\napp_key = "key-in-file"\n', "utf-8")
    monkeypatch.setenv("CONFORMANCE_ACCESS_TOKEN", "token-in-variable")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:word-of-proxy@proxy.example")
    text = "key-in-file token-in-variable http://user:word-of-proxy@proxy.example http://a:b-c-d@host \x1b[2J"
    monkeypatch.setattr(isolation, "run", _raise(ValueError(text)))
    done = conformance("run", "--seed", "1")
    file = Path("reports/crash.txt").read_text("utf-8")

    assert 3 == done.exit_code
    for place in (done.output, file):
        assert "ValueError: $APP_KEY $ACCESS_TOKEN http://…@proxy.example http://…@host ⟨ESC⟩[2J" in place
        assert "Traceback" in place
    assert "conformance: the same is in reports" in done.output


def test_crash_without_reports(conformance: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a command writes no reports, or their folder isn't there, a crash is told on stderr alone."""
    monkeypatch.setattr(catalogue, "entries", _raise(ValueError("odd")))
    monkeypatch.setattr(isolation, "run", _raise(ValueError("odd")))
    for command in (("list",), ("run", "--reports", "none")):
        assert 3 == conformance(*command).exit_code
    assert [] == list(Path().iterdir())


ATTACK = "\x1b[2J\u202e::error::FORGED\nConformant: FORGED\n##vso[x]FORGED"
QUOTING = (
    (ATTACK,),
    (f"--{ATTACK}",),
    ("list", ATTACK),
    ("list", f"--{ATTACK}"),
    ("list", "--format", ATTACK),
    ("explain", ATTACK),
    ("serve", "--port", ATTACK),
    ("serve", "--token-lifetime", ATTACK),
    ("serve", "--fault", ATTACK),
    ("serve", "--variant", ATTACK),
    ("serve", "--write-config", f"none/{ATTACK}"),
    ("init", "--yes", "--base-url", ATTACK),
    ("init", "--yes", "--hook", ATTACK),
    ("check", "--base-url", ATTACK),
    ("check", "--config", ATTACK),
    ("check", "--config", "odd.toml"),
    ("check", "--config", "kind.toml"),
    ("report", ATTACK),
    ("report", "results.json", "--reports", ATTACK),
    ("verify", ATTACK),
    ("compare", ATTACK, ATTACK),
    ("annotate", ATTACK),
    ("judge", ATTACK),
)


@pytest.mark.parametrize("words", QUOTING, ids=range(len(QUOTING)))
def test_errors_show_foreign_text_as_such(conformance: Command, words: tuple[str, ...]) -> None:
    """What an error quotes of a command line, or of a file, begins no line, and is no command to any reader of it."""
    key = json.dumps(f"base_url{ATTACK}")
    Path("odd.toml").write_text(f"[target]\n{key} = 1\n[{key}]\n", "utf-8")
    Path("kind.toml").write_text(f"[provider]\nkind = {json.dumps(f'hook{ATTACK}'[:9])}\n", "utf-8")
    done = conformance(*words)
    lines = done.output.splitlines()

    assert 4 == done.exit_code
    assert [] == [one for one in lines if "::" in one or "##" in one or not one.isprintable()]
    assert [] == [one for one in lines if one.startswith(("Conformant", ":"))]
    assert [] != lines


@pytest.mark.parametrize(
    "error",
    [UsageError([ATTACK]), RecordError(ATTACK), click.FileError(ATTACK), SystemExit(ATTACK), OSError(5, ATTACK)],
)
def test_whatever_error_it_is(conformance: Command, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """So it is with every error that a command ends with, its crashes among them."""
    monkeypatch.setattr(catalogue, "entries", _raise(error))
    lines = conformance("list").output.splitlines()

    assert [] == [one for one in lines if "::" in one or "##" in one or not one.isprintable()]
    assert [] == [one for one in lines if one.startswith(("Conformant", ":"))]
    assert any("FORGED" in one for one in lines)


HOSTILE_TOML = {
    "lists": ("a = " + "[" * 5000 + "]" * 5000, "its values are nested too deep"),
    "tables": ("a = " + "{a = " * 2000 + "1" + "}" * 2000, "its values are nested too deep"),
    "digits": (f"[target]\ncalls_per_minute = {'9' * 5000}", "a number in it has more digits than can be read"),
    "exponent": (f"[target]\ntimeout = 1{'0' * 5000}", "a number in it has more digits than can be read"),
    "bytes": ("[target]\napp_key = 'caf\udce9'", "byte 23 isn't UTF-8"),
    "twice": (
        "[s3cret-in-file]\nx = 1\n[s3cret-in-file]\n[target]\napp_key = 's3cret-in-file'\n",
        "Cannot declare (…,) twice (at line 3, column 16)",
    ),
    "inline": ("a = {s3cret-in-file = 1, s3cret-in-file = 2}", "Duplicate inline table key … (at line 1, column 44)"),
}


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize(("text", "said"), HOSTILE_TOML.values(), ids=HOSTILE_TOML)
def test_configuration_that_cannot_be_read(conformance: Command, command: str, text: str, said: str) -> None:
    """What TOML's reader gives up on is told in a line that repeats nothing of the file, and is exit status 4."""
    Path("odd.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    done = conformance(command, "--config", "odd.toml")

    assert 4 == done.exit_code
    assert f"--config odd.toml: not valid TOML: {said}" in done.output
    assert [] == [word for word in ("Traceback", "s3cret") if word in done.output]


@pytest.mark.parametrize("text", [text for text, _ in HOSTILE_TOML.values()], ids=HOSTILE_TOML)
def test_crash_with_unknown_secrets(conformance: Command, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Where the configuration can't be read, its secrets aren't known, and a crash is told by lines of code only."""
    Path("odd.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    error = ValueError("s3cret-in-file")
    error.__cause__ = KeyError("s3cret-in-file too")
    monkeypatch.setattr(isolation, "run", _raise(error))
    done = conformance("run", "--config", "odd.toml")

    assert 3 == done.exit_code
    assert "test_program.py" in done.output
    assert ["ValueError", "from", "KeyError"] == [one for one in done.output.splitlines() if one[:1].isalpha()][1:]
    assert "s3cret" not in done.output


@pytest.mark.parametrize("arguments", [("--config", "/dev/fd/{}"), ("@words",)])
def test_crash_with_secrets_that_are_gone(
    conformance: Command, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """So it is where the configuration came through a pipe, or is named in a file of arguments."""
    reading, writing = os.pipe()
    os.close(writing)
    monkeypatch.setattr(isolation, "run", _raise(ValueError("s3cret-in-file")))
    done = conformance("run", *(argument.format(reading) for argument in arguments))
    os.close(reading)

    assert (3, False) == (done.exit_code, "s3cret" in done.output)


def test_crash_while_a_crash_is_told(conformance: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Telling of a crash can't fail: what went wrong then is told beside it, by the lines of code."""
    monkeypatch.setattr(catalogue, "entries", _raise(ValueError("odd")))
    monkeypatch.setattr(program, "secrets", _raise(RuntimeError("s3cret")))
    done = conformance("list")

    assert (3, True, True) == (done.exit_code, "ValueError\n" in done.output, "RuntimeError\n" in done.output)
    assert "s3cret" not in done.output.replace('_raise(RuntimeError("s3cret"))', "")


def test_crash_knows_the_secrets_of_a_variable(conformance: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """The static test data may be given as a variable, with credentials in it."""
    monkeypatch.setenv("CONFORMANCE_PROVIDER_STATIC", 'expired_token = "token-in-static"')
    monkeypatch.setattr(isolation, "run", _raise(ValueError("token-in-static")))

    assert "ValueError: $EXPIRED_TOKEN\n" in conformance("run").output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "--base-url", ""), "--base-url is empty"),
        (("check", "--base-url="), "--base-url is empty"),
        (("check", "--config", ""), "--config is empty"),
        (("report", ""), "an argument is empty"),
        (("report", "x.json", "--reports", ""), "--reports is empty"),
        (("judge", "x.har", "--reports="), "--reports is empty"),
        (("explain", ""), "an argument is empty"),
        (("serve", "--write-config", ""), "--write-config is empty"),
        (("run", "--base-url", ""), "--base-url is empty"),
        (("run", "--config="), "--config is empty"),
    ],
)
def test_empty_arguments(conformance: Command, arguments: tuple[str, ...], said: str) -> None:
    """An argument that a variable left empty is an error of every command, by the name of its option."""
    done = conformance(*arguments)

    assert 4 == done.exit_code
    assert done.output.startswith(f"conformance: {said}")


@pytest.mark.parametrize("words", [(), ("none",), ("\x1b[2J",), ("/none",)])
def test_no_command(conformance: Command, words: tuple[str, ...]) -> None:
    """Without a command, or with one that there isn't, nothing was done, which is no success."""
    done = conformance(*words)

    assert (4, True) == (done.exit_code, "Usage: " in done.output)


def test_as_a_module(tmp_path: Path) -> None:
    """`python -m conformance` is the command, by the same name."""
    done = run("--help", folder=tmp_path)
    assert (0, b"Usage: conformance [OPTIONS] COMMAND") == (done.returncode, done.stdout[:36])


def test_version(conformance: Command) -> None:
    """The version of a run is the suite's, not pytest's."""
    versions = {conformance(*words).output.rpartition(" ")[2] for words in (("--version",), ("run", "--version"))}
    assert {f"{version('revocation-conformance')}\n"} == versions
