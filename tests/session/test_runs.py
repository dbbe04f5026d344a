"""Whole runs: by every way to start one the same verdict and exit status, and what ends one early."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.reference import Reference
from conformance.report.bundle import FILES
from tests.running import settled

from .processes import CHECKOUT, CONFORMANCE, PYTEST, WRITTEN, outcomes, results, run, start

RUN = (*CONFORMANCE, "run")
REPORTS = ("report.html", "junit.xml", "traffic.har", "results.json")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A reference served by the command line over plain HTTP; the configuration that it wrote."""
    folder = tmp_path_factory.mktemp("server")
    process = start(
        *CONFORMANCE, "serve", "--http", "--calls-per-minute", "0", "--write-config", "ready.toml", folder=folder
    )
    with process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("conformance run --config"):
                break
        yield folder / "ready.toml"
        process.send_signal(signal.SIGTERM)
        assert 0 == process.wait(300)


@pytest.fixture
def reference() -> Iterator[Reference]:
    """A reference in this process."""
    with Reference.start(tls=False) as started:
        yield started


def configured(reference: Reference, folder: Path, kind: str = "hook", more: str = "") -> Path:
    """A configuration file for REFERENCE in FOLDER."""
    path = folder / "conformance.toml"
    path.write_text(f"{reference.configuration(kind)}\n{more}", "utf-8")  # type: ignore[arg-type]  # one of the three
    return path


# ---- the same by every way -------------------------------------------------------------------------------------------


def test_embedded_reference(tmp_path: Path) -> None:
    """Without any setting the embedded reference is tested over TLS: conformant, exit status 0, all reports written."""
    done = run(*RUN, folder=tmp_path)
    found = results(tmp_path / "reports")

    assert (0, "conformant", 0) == (done.returncode, found["verdict"], found["exit_status"])
    assert "Conformant: every MUST that can be tested holds." in done.stdout
    assert ([], []) == (outcomes(found, "failed"), outcomes(found, "not tested"))
    assert "passed" == next(one["outcome"] for one in found["requirements"] if one["id"] == "transport-https")
    assert all((tmp_path / "reports" / name).stat().st_size for name in REPORTS)
    assert found["calls"] == sum(case["calls"] for case in found["cases"])
    assert found["calls"] <= 1000


def test_number_of_calls(tmp_path: Path) -> None:
    """The written cases together make at most 120 calls, flow control and the two bursts aside."""
    run(*RUN, *WRITTEN, folder=tmp_path)
    cases = results(tmp_path / "reports")["cases"]
    calls = {case["id"]: case["calls"] for case in cases if case["chapter"] != "flow control"}
    bursts = [calls.pop(one) for one in ("burst-for-one-device", "burst-for-many-devices")]

    assert [16, 16] == bursts
    assert 60 < sum(calls.values()) <= 120


@pytest.mark.parametrize(
    "command",
    [
        (*RUN,),
        (*RUN, "-v"),
        (*RUN, "-n", "2"),
        (*PYTEST, "--pyargs", "conformance"),
        (*PYTEST, "conformance"),
    ],
    ids=["command", "again", "distributed", "installed", "checkout"],
)
def test_same_verdict(server: Path, tmp_path: Path, command: tuple[str, ...]) -> None:
    """Against one server that nobody resets, every way to start the suite comes to the same verdict."""
    at = CHECKOUT if any(argument.startswith("conformance") for argument in command[1:]) else tmp_path
    done = run(*command, *WRITTEN, "--config", str(server), "--reports", str(tmp_path), folder=tmp_path, at=at)
    found = results(tmp_path)

    assert (0, "conformant") == (done.returncode, found["verdict"]), done.stdout + done.stderr
    assert ([], []) == (outcomes(found, "failed"), outcomes(found, "not tested"))
    assert 85 < len([one for one in found["requirements"] if one["outcome"] == "passed"])


def test_plain_http(server: Path, tmp_path: Path) -> None:
    """Over plain HTTP the requirement to serve HTTPS is untestable, and that is said first; a slash may end the URL."""
    url = re.search(r'base_url = "(.*)"', server.read_text("utf-8"))
    assert url is not None
    more = ("--config", str(server), "--base-url", f"{url[1]}/", "-k", "device-unknown")
    done = run(*RUN, *more, "--allow-untested", folder=tmp_path)
    found = results(tmp_path / "reports")

    assert 0 == done.returncode
    assert url[1] == found["target"]["base_url"]
    assert found["notes"][0].startswith("The base URL is http")
    assert "transport-https" in outcomes(found, "untestable")


def test_one_log_in(reference: Reference, tmp_path: Path) -> None:
    """All processes of a distributed run share one log-in: a second one would end the first one's token."""
    before = len(reference.store.parties.own.tokens)
    configured(reference, tmp_path, "northbound")
    done = run(*RUN, "-n", "2", "-k", "accepted or revocation", folder=tmp_path)

    assert ([], 7) == (outcomes(results(tmp_path / "reports"), "failed"), done.returncode)
    assert before + 1 == len(reference.store.parties.own.tokens)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[str]:
    """What stands for another machine: a server that starts workers in a folder, and of an environment, of its own."""
    (tmp_path / "there").mkdir()
    program = (sys.executable, "-u", "-m", "execnet.script.socketserver", "127.0.0.1:0")
    process = start(*program, folder=tmp_path / "there")
    with process:
        assert process.stdout is not None
        port = next(re.findall(r"127\.0\.0\.1', (\d+)", line) for line in process.stdout)[0]
        yield f"socket=127.0.0.1:{port}"
        process.terminate()


def test_several_machines(server: Path, machine: str, tmp_path: Path) -> None:
    """Machines that see one folder share a run out; without one that is a usage error, before any call."""
    workers = ("--dist=load", f"--tx={machine}", "--tx=popen")
    settings = (*WRITTEN, f"--config={server}", "--reports=reports", "--max-time=200")
    distributed = (*PYTEST, "--pyargs", "conformance", *settings, *workers)
    alone = run(*distributed, folder=tmp_path)
    (pace := tmp_path / "pace").mkdir()
    unused = pace.stat().st_mtime_ns
    done = run(*distributed, folder=tmp_path, env={"CONFORMANCE_PACE_FOLDER": str(pace)})
    found = results(tmp_path / "reports")

    assert 4 == alone.returncode
    assert "name it as pace_folder under [target] (CONFORMANCE_PACE_FOLDER)" in alone.stderr
    assert (0, "conformant") == (done.returncode, found["verdict"]), done.stdout + done.stderr
    assert ([], []) == (outcomes(found, "failed"), outcomes(found, "not tested"))
    assert (True, []) == (pace.stat().st_mtime_ns > unused, list(pace.iterdir()))


def test_selection(tmp_path: Path) -> None:
    """-k selects by case, by requirement and by chapter; what isn't selected isn't tested, so the run is incomplete."""
    done = run(*RUN, "-k", "bounds or device-unknown or flow-control-enforced", folder=tmp_path)
    found = results(tmp_path / "reports")

    assert (7, "incomplete") == (done.returncode, found["verdict"])
    assert {"control", "bounds", "device", "flow control"} == {case["chapter"] for case in found["cases"]}
    assert ["device-unknown"] == [case["id"] for case in found["cases"] if case["chapter"] == "device"]


@pytest.mark.parametrize("more", [(), ("-n", "2")])
def test_what_was_not_selected_is_told_in_one_line(server: Path, tmp_path: Path, more: tuple[str, ...]) -> None:
    """Requirements whose cases weren't selected are one line on the terminal."""
    done = run(*RUN, "--config", str(server), "-k", "device-unknown", *more, folder=tmp_path)
    found = results(tmp_path / "reports")
    untested = sum(len(outcomes(found, "not tested", level)) for level in ("MUST", "SHOULD"))

    assert [f"  ? {untested} requirements: not selected"] == re.findall("^  [?].*", done.stdout, re.MULTILINE)


def test_replay(tmp_path: Path) -> None:
    """--replay sends the one request that failed, between the control calls, and nothing else."""
    with Reference.start(tls=False, faults=["non-ascii-device-id-crashes"]) as wrong:
        configured(wrong, tmp_path)
        run(*RUN, "-k", "generated", folder=tmp_path)
        identity = next(case["replay"] for case in results(tmp_path / "reports")["cases"] if case["replay"])
        done = run(*RUN, "--replay", identity, "--config", "conformance.toml", folder=tmp_path)
    found = results(tmp_path / "reports")

    assert (1, 3) == (done.returncode, found["calls"])
    assert f"again:   conformance run --replay {identity} --config conformance.toml\n" in done.stdout
    assert ["control-first", "failed", "late-effects", "control-last"] == [
        case["outcome"] if case["chapter"] == "generated" else case["id"] for case in found["cases"]
    ]


# ---- wrong from the start --------------------------------------------------------------------------------------------


def test_nothing_selected(tmp_path: Path) -> None:
    """A selection that matches nothing tests nothing, and is no success: exit status 5, and no call is made."""
    done = run(*RUN, "-k", "no-such-case", folder=tmp_path)

    assert (5, 0) == (done.returncode, results(tmp_path / "reports")["calls"])


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--no-such-option", "--no-such-option: see conformance run --help"),
        ("--max-cals=3", "--max-cals: did you mean --max-calls?"),
        (
            "--calls-per-minute",
            "--calls-per-minute: set calls_per_minute under [target] in the configuration file, or ",
        ),
    ],
)
def test_unknown_option(option: str, said: str, tmp_path: Path) -> None:
    """An option that doesn't exist is a usage error, which names what is probably meant."""
    done = run(*RUN, option, folder=tmp_path)

    assert 4 == done.returncode
    assert f"conformance run has no option {said}" in done.stderr


def test_missing_settings(tmp_path: Path) -> None:
    """Every problem is told at once, before any call: by key, by variable, and by flag where there is one."""
    (tmp_path / "conformance.toml").write_text(
        "[target]\napp_kee = 'x'\ntimeout = 'soon'\n[provider]\nkind = 'hok'\n[[waiver]]\ncase = 'x'\n", "utf-8"
    )
    done = run(*RUN, folder=tmp_path)

    assert 4 == done.returncode
    assert not (tmp_path / "reports").exists()
    for words in (
        "target.base_url is missing: give --base-url, CONFORMANCE_BASE_URL or base_url under [target]",
        "target.app_key is missing: give CONFORMANCE_APP_KEY or app_key under [target]",
        "target.access_token is missing: give CONFORMANCE_ACCESS_TOKEN or access_token under [target]",
        "unknown key app_kee in [target] of conformance.toml: did you mean app_key?",
        "target.timeout in conformance.toml must be a number",
        "provider.kind",
        "reason must be filled in",
        "owner must be filled in",
        "expires must be a date",
    ):
        assert words in done.stderr


def test_base_url(tmp_path: Path) -> None:
    """A base URL that isn't one is told by the form that it should have."""
    url = ("--base-url", "https://x.example/iocm?a=1")
    done = run(*RUN, *url, folder=tmp_path, env={"CONFORMANCE_APP_KEY": "k", "CONFORMANCE_ACCESS_TOKEN": "t"})

    assert 4 == done.returncode
    assert "it has the form https://host:port" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--reports", "file/reports"), "--reports file/reports: Not a directory"),
        (("--write-waivers", "file"), "--write-waivers file: the file exists already"),
        (("--write-waivers", "link"), "--write-waivers link: the file exists already"),
        (("--write-waivers", "none/waivers.toml"), "--write-waivers none/waivers.toml: there is no folder"),
        (("--write-waivers", "x" * 300), "File name too long"),
        (("--reports", "x" * 300), "File name too long"),
        (("--junit-xml", "pipe"), "--junit-xml: it is no regular file"),
        (("--log-file", "."), "--log-file: it is no regular file"),
    ],
)
def test_nowhere_to_write(reference: Reference, tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    """What a run couldn't write at its end is told before its first call."""
    configured(reference, tmp_path)
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    calls = _count_calls(reference, at=1, then=lambda: None)
    done = run(*RUN, *arguments, folder=tmp_path)

    assert (4, []) == (done.returncode, calls)
    assert words in done.stderr


def test_reports_that_fail_to_be_written(tmp_path: Path) -> None:
    """Reports that can't be written after all are told in a line, and aren't taken for a verdict."""
    (tmp_path / "reports" / "results.json").mkdir(parents=True)
    done = run(*RUN, "-k", "device-unknown", folder=tmp_path)

    assert 3 == done.returncode
    assert "the reports couldn't be written: [Errno 21] Is a directory" in done.stderr
    assert "Traceback" not in done.stderr


NOTHING_FITS = """
import pathlib
from conformance import files

new = files._new
files._new = lambda path, *rest: pathlib.Path("/dev/full").open("w") if path.name == "the-report" else new(path, *rest)
"""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("name", ["results.json", "report.html", FILES[-1]])
def test_full_disk(tmp_path: Path, name: str) -> None:
    """A disk that is full at the end, whichever report it is that doesn't fit, is told in one line: exit status 3."""
    (tmp_path / "filling.py").write_text(NOTHING_FITS.replace("the-report", name), "utf-8")
    path = os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH"))))
    done = run(*RUN, "-p", "filling", "-k", "device-unknown", folder=tmp_path, env={"PYTHONPATH": path})
    said = [line for line in done.stderr.splitlines() if "No space left on device" in line]

    assert (3, 1) == (done.returncode, len(said)), done.stdout + done.stderr
    assert said[0].startswith("conformance: the reports couldn't be written: ")
    assert "Traceback" not in done.stdout + done.stderr
    assert "Report:" not in done.stdout


def test_what_is_planted_is_replaced(tmp_path: Path) -> None:
    """No report is written through a link, and none waits for a pipe; a folder may be a link, as its user made it."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "reports").symlink_to("elsewhere")
    for name in FILES[1:]:
        (tmp_path / f"victim-{name}").write_text("theirs", "utf-8")
        (tmp_path / "reports" / name).symlink_to(tmp_path / f"victim-{name}")
    os.mkfifo(tmp_path / "reports" / FILES[0])
    done = run(*RUN, "-k", "device-unknown", folder=tmp_path)

    assert 7 == done.returncode, done.stderr
    assert {"theirs"} == {path.read_text("utf-8") for path in tmp_path.glob("victim-*")}
    assert [] == [name for name in FILES if (tmp_path / "elsewhere" / name).is_symlink()]
    assert 3 == results(tmp_path / "elsewhere")["calls"]


JUDGING_CRASHES = """
from conformance.plugin import session

def judge_evidence(*_, **__):
    raise ZeroDivisionError("while the token a-token-that-nobody-may-see was looked at")

session.judge_evidence = judge_evidence
"""


@pytest.mark.parametrize("writable", [True, False])
def test_crash(reference: Reference, tmp_path: Path, writable: bool) -> None:  # noqa: FBT001 (a fact)
    """Where the suite itself fails at the end, the traceback is in crash.txt, or else on stderr; without secrets."""
    (tmp_path / "crashing.py").write_text(
        JUDGING_CRASHES.replace("a-token-that-nobody-may-see", reference.store.parties.own.tokens[-1].text), "utf-8"
    )
    configured(reference, tmp_path)
    file = tmp_path / "reports" / "crash.txt"
    if not writable:
        file.mkdir(parents=True)
    path = os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH"))))
    done = run(*RUN, "-p", "crashing", "-k", "device-unknown", folder=tmp_path, env={"PYTHONPATH": path})
    told = file.read_text("utf-8") if writable else done.stderr

    assert 3 == done.returncode
    assert "conformance: internal error of the suite" in done.stderr
    assert writable != ("Traceback" in done.stderr)
    assert "ZeroDivisionError: while the token $ACCESS_TOKEN was looked at" in told


@pytest.mark.parametrize("kind", ["static", "northbound"])
def test_shared_out_by_any_provider(tmp_path: Path, kind: str) -> None:
    """Processes that take turns share the devices of every provider: each requirement ends as in one process."""
    ends = []
    for number, more in enumerate(((), ("-n", "2"))):
        # What stands there for a static provider is used up by a run.
        with Reference.start(tls=False) as reference:
            toml = settled(reference.configuration(kind), watch_time=0.1)  # type: ignore[arg-type]  # one of the three
            (tmp_path / "conformance.toml").write_text(toml, "utf-8")
            run(*RUN, *WRITTEN, *more, "--reports", str(number), folder=tmp_path)
        found = results(tmp_path / str(number))
        ends.append((found["exit_status"], {one["id"]: one["outcome"] for one in found["requirements"]}))

    assert ends[0] == ends[1]
    assert 7 == ends[0][0]


CRASHING = """
from conformance.run.refusals import Refusals

def must_refuse(*_):
    raise ZeroDivisionError

Refusals.must_refuse = must_refuse
"""


@pytest.mark.parametrize("more", [(), ("-n", "2")])
def test_fault_of_the_suite(tmp_path: Path, more: tuple[str, ...]) -> None:
    """A case that the suite itself fails at is an internal error, in whichever process it ran, and is named."""
    (tmp_path / "crashing.py").write_text(CRASHING, "utf-8")
    path = os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH"))))
    selection = ("-p", "crashing", "-k", "token-unknown or device-unknown or accepted-several-pending")
    done = run(*RUN, *selection, *more, folder=tmp_path, env={"PYTHONPATH": path})
    summary = results(tmp_path / "reports")["summary"]

    assert 3 == done.returncode, done.stdout
    assert summary.startswith("Internal error of the suite (")
    assert "token-unknown" in summary
    assert "device-unknown" in summary


# ---- ended early -----------------------------------------------------------------------------------------------------


def test_closed_port(tmp_path: Path, unused_port: int) -> None:
    """A target that can't be reached is no verdict, at once, with the reason and what to check; reports are written."""
    done = run(
        *RUN,
        "--base-url",
        f"http://127.0.0.1:{unused_port}",
        folder=tmp_path,
        env={"CONFORMANCE_APP_KEY": "k", "CONFORMANCE_ACCESS_TOKEN": "t"},
    )
    found = results(tmp_path / "reports")

    assert (6, "no verdict", 6) == (done.returncode, found["verdict"], found["exit_status"])
    assert "the connection was refused; check the port in target.base_url (--base-url)" in done.stdout
    assert [] == outcomes(found, "passed")


@pytest.fixture
def unused_port() -> int:
    """A port that nothing listens on."""
    with Reference.start(tls=False) as stopped:
        return int(stopped.address.base_url.rpartition(":")[2])


@pytest.mark.parametrize("at", [20, 60])
def test_credentials_end_midway(reference: Reference, at: int, tmp_path: Path) -> None:
    """Credentials that stop working midway make the run one without verdict; no refusal is green for it.

    Among the cases about credentials it shows only at the first call that would be accepted, after twenty or so.
    """
    calls = _count_calls(reference, at=at, then=lambda: reference.store.issue_token(reference.store.parties.own))
    configured(reference, tmp_path)
    done = run(*RUN, *WRITTEN, folder=tmp_path)
    found = results(tmp_path / "reports")

    assert (6, "no verdict") == (done.returncode, found["verdict"])
    assert "the target refuses the configured credentials (403 with code 1010005)" in found["summary"]
    assert ([], []) == (outcomes(found, "passed"), outcomes(found, "failed"))
    assert len(calls) < at + 25


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("at", [1, 20])
def test_interrupted(reference: Reference, number: signal.Signals, at: int, tmp_path: Path) -> None:
    """Ctrl-C, or CI's request to end, ends the run with exit status 2; what was found until then is in the reports."""
    configured(reference, tmp_path)
    process = start(*RUN, *WRITTEN, folder=tmp_path)
    _count_calls(reference, at=at, then=lambda: process.send_signal(number))
    with process:
        process.communicate(timeout=300)
    found = results(tmp_path / "reports")

    assert (2, 2, "incomplete") == (process.returncode, found["exit_status"], found["verdict"])
    assert found["summary"].startswith("Interrupted; until then:")
    assert (at > 1) == any(case["outcome"] == "passed" for case in found["cases"])
    assert (tmp_path / "reports" / "report.html").exists()


def _count_calls(reference: Reference, at: int, then: Any) -> list[int]:
    """Count the calls to REFERENCE from now on, and do something when there are so many."""
    calls: list[int] = []
    inner = reference.behaviour.exchange

    def exchange(request: Any) -> Any:
        calls.append(1)
        if len(calls) == at:
            then()
        return inner(request)

    reference.behaviour.exchange = exchange  # type: ignore[method-assign]  # that is the point
    return calls


def test_out_of_time(server: Path, tmp_path: Path) -> None:
    """A run whose time is over is incomplete, and says so."""
    done = run(*RUN, "--config", str(server), "--max-time", "0.001", folder=tmp_path)
    found = results(tmp_path / "reports")

    assert (7, "incomplete") == (done.returncode, found["verdict"])
    assert any("--max-time" in note for note in found["notes"])


# ---- deviations ------------------------------------------------------------------------------------------------------


def test_waivers(tmp_path: Path) -> None:
    """A deviation fails; the file of waivers that is written for it is no valid one until a person has filled it in."""
    with Reference.start(tls=False, faults=["task-app-id-upper-case"]) as wrong:
        configured(wrong, tmp_path)
        failing = run(*RUN, *WRITTEN, "--write-waivers", "waivers.toml", folder=tmp_path)
        waivers = (tmp_path / "waivers.toml").read_text("utf-8")
        configured(wrong, tmp_path, more=waivers)
        unfilled = run(*RUN, *WRITTEN, folder=tmp_path)
        filled = re.sub('expires = ""', "expires = 2999-12-31", waivers.replace('= ""', '= "known"', 2))
        configured(wrong, tmp_path, more=filled)
        waived = run(*RUN, *WRITTEN, folder=tmp_path)

    assert (1, 4, 0) == (failing.returncode, unfilled.returncode, waived.returncode)
    assert 1 == waivers.count("[[waiver]]")
    assert all(f"{key} must be" in unfilled.stderr for key in ("reason", "owner", "expires"))
    found = results(tmp_path / "reports")
    assert ["task-app-id-own"] == outcomes(found, "waived")
    assert "active" == found["waivers"][0]["state"]
    assert "with 1 MUST waived" in waived.stdout


def test_words_as_secrets(reference: Reference, tmp_path: Path) -> None:
    """Secrets that are everyday words don't tear ids and outcomes apart; the reports can be read back."""
    own = reference.store.parties.own
    toml = reference.configuration().replace(own.app_id, "test").replace(own.tokens[-1].text, "token")
    del reference.store.applications[own.app_id]
    own.app_id = "test"
    reference.store.applications["test"] = own
    reference.store.parties.partner.authorised.add("test")
    own.tokens.append(type(own.tokens[0])("token"))
    (tmp_path / "conformance.toml").write_text(toml, "utf-8")

    done = run(*RUN, *WRITTEN, folder=tmp_path)
    again = run(*CONFORMANCE, "report", "reports/results.json", "--reports", "again", folder=tmp_path)

    assert (0, 0) == (done.returncode, again.returncode), done.stdout + done.stderr
    found = results(tmp_path / "reports")
    assert {"passed", "untestable", "not tested"} >= {one["outcome"] for one in found["requirements"]}
    assert "token-missing" in {case["id"] for case in found["cases"]}
    assert "Bearer token" not in (tmp_path / "reports" / "traffic.har").read_text("utf-8")
    assert (
        "\nYour access token and app_key are too short or too common to be hidden everywhere in the reports; "
        "use longer ones before you share them.\n"
    ) in done.stdout


def test_other_peoples_tests(tmp_path: Path) -> None:
    """The plugin is no burden to tests of other people: they run as if it weren't there."""
    (tmp_path / "test_theirs.py").write_text("def test_theirs():\n    assert True\n", "utf-8")
    done = run(*PYTEST, folder=tmp_path)

    assert 0 == done.returncode
    assert "1 passed" in done.stdout
    assert not (tmp_path / "reports").exists()
