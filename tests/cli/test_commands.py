"""list, check, serve, report, compare and judge: what they print, what they write, how they end."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from conformance import files
from conformance.command import cli
from conformance.command import preflight as checkup
from conformance.contract import documents
from conformance.evidence.redaction import Redaction
from conformance.reference import Reference
from conformance.reference import faults as all_faults
from conformance.report.bundle import FILES

from .conftest import Command

ATTACK = (
    "9\n::error title=Conformance::FORGED\nConformant: every MUST holds.\r\x1b]0;pwned\x07\x1b[2J\x9b31m\u202e##vso[x]"
)

FULL = Path("/dev/full")
TOGETHER = {"kind": "Simultaneous", "exchanges": [], "pending": [], "revoked": [], "after": {}, "unreadable": ""}


@pytest.fixture
def reference() -> Iterator[Reference]:
    """The correct reference, over plain HTTP."""
    with Reference.start(tls=False) as started:
        yield started


def configured(reference: Reference, kind: str = "hook") -> Path:
    """A configuration file for REFERENCE where the command looks for one."""
    path = Path("conformance.toml")
    path.write_text(reference.configuration(kind), "utf-8")  # type: ignore[arg-type]  # one of the three
    return path


# ---- list ------------------------------------------------------------------------------------------------------------


def test_list(conformance: Command) -> None:
    """The list names every requirement, and the cases that prove it or why nobody can."""
    lines = conformance("list").output.splitlines()

    for requirement in documents.load().requirements:
        assert any(requirement in line.split() for line in lines)
    assert any("error-100501-congestion" in line and line.rstrip().endswith("congestion") for line in lines)
    assert any("untestable: " in line for line in lines)


def test_list_as_json(conformance: Command) -> None:
    """For machines it is a list of objects, each with its level, its source and its cases."""
    listed = {one["id"]: one for one in json.loads(conformance("list", "--format", "json").output)}

    assert list(documents.load().requirements) == list(listed)
    row = listed["error-100418-unknown-device"]
    assert ("MUST", {"section": "Error Codes", "row": "200 100418"}, None) == (
        row["level"],
        row["source"],
        row["untestable"],
    )
    assert "device-unknown" in row["cases"]
    assert {"id", "level", "statement", "source", "cases"} <= set(row)


# ---- check -----------------------------------------------------------------------------------------------------------


def test_check(conformance: Command, reference: Reference) -> None:
    """A target with all that a run asks for is good; each thing that was looked at is told."""
    configured(reference)
    done = conformance("check")

    assert 0 == done.exit_code
    assert f"{reference.address.base_url} answers" in done.output
    for state in reference.hook.states:
        assert f"state “{state}”" in done.output
    assert reference.inventory.access_token not in done.output


def test_check_leaves_nothing(conformance: Command, reference: Reference) -> None:
    """A check ends every state that it tries, and queues nothing that stays."""
    configured(reference)
    conformance("check")

    assert (False, False, None) == (
        reference.store.congested,
        reference.store.failing,
        reference.store.flow.calls_per_minute_now,
    )


def test_check_of_a_lacking_provider(conformance: Command, reference: Reference) -> None:
    """What a provider lacks is told by state; a run would be incomplete, and that is the exit status."""
    configured(reference, "northbound")
    done = conformance("check")

    assert 7 == done.exit_code
    rows = [line.split() for line in done.output.splitlines()]
    assert {"yes", "no"} <= {row[0] for row in rows if row}
    assert reference.inventory.secret not in done.output


def test_check_of_a_hook_out_of_reach(conformance: Command, reference: Reference) -> None:
    """A hook that can't be reached is told once, with its address, whatever it was asked for."""
    url = "http://127.0.0.1:9/provider-states"
    path = configured(reference)
    path.write_text(path.read_text("utf-8").replace(reference.address.hook_url, url), "utf-8")
    done = conformance("check")

    assert (7, 1) == (done.exit_code, done.output.count(f"the provider-state hook {url} can't be used"))
    assert "the same as state “device”" in done.output


def test_check_of_a_hook_beside_the_target(conformance: Command, reference: Reference) -> None:
    """A device that the target doesn't know was created somewhere else; a check finds that out before a run does."""
    with Reference.start(tls=False) as other:
        path = configured(reference)
        path.write_text(path.read_text("utf-8").replace(reference.address.hook_url, other.address.hook_url), "utf-8")
        done = conformance("check")

    assert 7 == done.exit_code
    assert "the target doesn't know the device, so the provider must have created it somewhere else" in " ".join(
        done.output.replace("…", "").split()
    )


def test_check_of_wrong_credentials(conformance: Command, reference: Reference) -> None:
    """Credentials that are refused end the check at once."""
    reference.store.issue_token(reference.store.parties.own)
    configured(reference)
    done = conformance("check")

    assert 6 == done.exit_code
    assert "the target refuses the configured credentials (403 with code 1010005)" in done.output
    assert "state" not in done.output


def test_check_without_settings(conformance: Command) -> None:
    """Settings that are missing are told like those of a run."""
    done = conformance("check", "--base-url", "https://x.example")

    assert 4 == done.exit_code
    assert "conformance: target.app_key is missing" in done.output


@pytest.mark.parametrize("columns", ["30", "70", "200"])
def test_check_shows_foreign_text_as_such(
    columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a target or a hook says begins no line, however narrow the terminal is, and gives no command."""
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    words = f"the hook said: {ATTACK} {'word ' * 30}{'Conformant: every MUST holds. ' * 10}"
    checkup.show([checkup.Look("state “device”", good=False, words=words)], Redaction())
    _, first, *further = capsys.readouterr().out.splitlines()

    assert first.startswith("no   state “device”")
    assert [] == [line for line in further if not line.lstrip(" ").startswith("… ")]
    assert [] == [line for line in (first, *further) if "::" in line or "##" in line or not line.isprintable()]


# ---- serve -----------------------------------------------------------------------------------------------------------


def test_faults(conformance: Command) -> None:
    """The reference's faults and variants are listed with what they are."""
    listed = conformance("serve", "--list-faults").output.splitlines()

    assert [fault.name for fault in all_faults()] == [line.split()[0] for line in listed]
    assert conformance("serve", "--list-variants").output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--fault", "none-such"), "no fault none-such"),
        (("--variant", "none-such"), "no variant none-such"),
        (("--port", "99999"), "99999 is not in the range"),
        (("--write-config", "no/such/folder"), "--write-config no/such/folder"),
    ],
)
def test_serve_wrongly(conformance: Command, arguments: tuple[str, ...], words: str) -> None:
    """What can't be served is a usage error."""
    done = conformance("serve", "--http", *arguments)

    assert 4 == done.exit_code
    assert words in done.output


def test_taken_port(conformance: Command, reference: Reference) -> None:
    """A port that somebody listens on is told."""
    port = reference.address.base_url.rpartition(":")[2]
    done = conformance("serve", "--http", "--port", port)

    assert 4 == done.exit_code
    assert f"--port {port}: " in done.output


# ---- report, compare -------------------------------------------------------------------------------------------------


def test_report(conformance: Command, right: Path, tmp_path: Path) -> None:
    """All reports are made again from the results, the results themselves unchanged."""
    done = conformance("report", right / "results.json", "--reports", "again")

    assert 0 == done.exit_code
    again = tmp_path / "again"
    assert {path.name for path in right.iterdir()} <= {path.name for path in again.iterdir()}
    assert json.loads((right / "results.json").read_text()) == json.loads((again / "results.json").read_text())


def test_overview(conformance: Command, right: Path, wrong: Path, tmp_path: Path) -> None:
    """Several results make one page."""
    done = conformance("report", right / "results.json", wrong / "results.json", "--reports", "both")

    assert 0 == done.exit_code
    assert ["overview.html"] == [path.name for path in (tmp_path / "both").iterdir()]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 99}', '{"format": 1}', "<html>"])
def test_report_of_something_else(conformance: Command, text: str) -> None:
    """What is no results file is told by its name."""
    Path("other.json").write_text(text, "utf-8")
    done = conformance("report", "other.json")

    assert 4 == done.exit_code
    assert done.output.startswith("conformance: other.json: ")


def test_report_of_nothing(conformance: Command) -> None:
    """So is a file that isn't there."""
    done = conformance("compare", "none.json", "none.json")

    assert 4 == done.exit_code
    assert "none.json: No such file" in done.output


def test_compare(conformance: Command, right: Path, wrong: Path) -> None:
    """What got worse is named, and is exit status 1; the same, or better, is 0."""
    before, after = right / "results.json", wrong / "results.json"
    worse, better, same = (
        conformance("compare", *pair) for pair in ((before, after), (after, before), (before, before))
    )

    assert (1, 0, 0) == (worse.exit_code, better.exit_code, same.exit_code)
    assert "task-device-id-echo" in worse.output
    assert "task-device-id-echo" in better.output
    assert "task-device-id-echo" not in same.output


# ---- judge -----------------------------------------------------------------------------------------------------------


def judged(conformance: Command, traffic: Path, *options: str) -> tuple[int, list[str]]:
    """Exit status, and what is found violated in TRAFFIC."""
    done = conformance("judge", traffic, "--reports", "judged", *options)
    found = json.loads(Path("judged/results.json").read_text("utf-8"))
    failed = [one["id"] for one in found["requirements"] if one["outcome"] == "failed"]
    assert 0 == found["calls"]
    return done.exit_code, failed


def test_judge(conformance: Command, right: Path, wrong: Path) -> None:
    """A recording of right calls is incomplete, or enough where that is allowed; a wrong one is found wrong."""
    assert (7, []) == judged(conformance, right / "traffic.har")
    assert (0, []) == judged(conformance, right / "traffic.har", "--allow-untested")
    exit_status, failed = judged(conformance, wrong / "traffic.har")
    assert 1 == exit_status
    assert ["task-device-id-echo"] == failed


def har(*exchanges: tuple[int, object]) -> Path:
    """A recording of valid calls that were answered so, in the folder of the test."""
    entries = [
        {
            "time": 12,
            "request": {
                "method": "POST",
                "url": "https://platform.example:8743/iocm/app/cmd/v1.4.0/deviceCommandCancelTasks",
                "headers": [{"name": "app_key", "value": "app"}, {"name": "Authorization", "value": "Bearer $TOKEN"}],
                "postData": {"mimeType": "application/json", "text": '{"deviceId": "device"}'},
            },
            "response": {
                "status": status,
                "statusText": "",
                "headers": [{"name": "Content-Type", "value": "application/json"}],
                "content": {"text": body if isinstance(body, str) else json.dumps(body)},
            },
        }
        for status, body in exchanges
    ]
    path = Path("traffic.har")
    path.write_text(json.dumps({"log": {"entries": entries}}), "utf-8")
    return path


TASK = {
    "taskId": "t",
    "appId": "app",
    "deviceId": "device",
    "status": "WAITTING",
    "totalCount": 0,
    "deviceCommands": [],
}


@pytest.mark.parametrize(
    ("exchange", "expected"),
    [
        ((201, TASK), []),
        ((201, {**TASK, "deviceId": "another"}), ["task-device-id-echo"]),
        ((201, {**TASK, "totalCount": 1}), ["total-count-matches-list"]),
        ((200, TASK), ["accepted-status"]),
        ((201, "OK"), ["answer-json"]),
        ((200, {"error_code": "100418", "error_desc": "x"}), []),
        ((404, {"error_code": "100418", "error_desc": "x"}), ["error-100418-unknown-device"]),
        ((200, {"error_code": 100418, "error_desc": "x"}), ["error-envelope"]),
        ((400, "<html>"), ["error-json"]),
        ((401, "<html>"), ["error-envelope"]),
        ((0, ""), []),
    ],
)
def test_judge_one_call(conformance: Command, exchange: tuple[int, object], expected: list[str]) -> None:
    """A recorded answer is judged by all that can be seen of it."""
    path = har(exchange, (201, {**TASK, "status": "SUCCESS"}))

    assert expected == judged(conformance, path)[1]


@pytest.mark.parametrize("exchange", [(201, {}), (200, {"error_code": "100418", "error_desc": "x"}), (204, None)])
def test_judged_results_add_up(conformance: Command, exchange: tuple[int, object]) -> None:
    """The results of a recording can be verified and rendered again, like those of a run."""
    conformance("judge", har(exchange), "--reports", "judged")
    verified = conformance("verify", "judged/results.json")
    rendered = conformance("report", "judged/results.json", "--reports", "again")

    assert (0, 0) == (verified.exit_code, rendered.exit_code), verified.output + rendered.output


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda data: data["conditions"].update(release="x"), "ValueError"),
        (lambda data: _refusal(data).update(codes=["999"]), "KeyError"),
        (lambda data: _first(data).update(observations=[{**TOGETHER, "exchanges": []}]), "IndexError"),
    ],
    ids=["release", "code", "no calls"],
)
@pytest.mark.parametrize("command", [("verify",), ("report",), ("report", "--force"), ("annotate",)])
def test_evidence_that_cannot_be_judged(
    conformance: Command, right: Path, change: Callable[[Any], None], kind: str, command: tuple[str, ...]
) -> None:
    """Evidence of the right types that no run records is told in a line, whatever it makes the judging trip over."""
    data = json.loads((right / "results.json").read_text("utf-8"))
    change(data)
    Path("odd.json").write_text(json.dumps(data), "utf-8")
    done = conformance(command[0], "odd.json", *command[1:])

    said = f"conformance: odd.json: damaged results: their evidence can't be judged ({kind})\n"
    assert (4, said) == (done.exit_code, done.output)


def _first(data: Any) -> Any:
    """The first case of a run, as JSON."""
    return data["cases"][0]


def _refusal(data: Any) -> Any:
    """The first refusal that a case of a run demanded, as JSON."""
    refused = (one for case in data["cases"] for one in case["observations"] if one["kind"] == "RefusedCall")
    return next(refused)["refusal"]


def test_results_of_another_version(conformance: Command, right: Path) -> None:
    """They can't be judged again by this one: they are rendered, which says so, and aren't vouched for."""
    results = json.loads((right / "results.json").read_text("utf-8"))
    results["suite"]["version"] = "0.0.1"
    Path("old.json").write_text(json.dumps(results), "utf-8")
    verified, rendered = conformance("verify", "old.json"), conformance("report", "old.json", "--reports", "again")
    statement = json.loads(Path("again/statement.json").read_text("utf-8"))["predicate"]

    compared = conformance("compare", right / "results.json", "old.json")
    annotated = conformance("annotate", "old.json", "--outputs", "outputs")

    assert (1, 0) == (verified.exit_code, rendered.exit_code)
    assert ["old.json: not judged anew: version 0.0.1"] * 2 == [
        next(part for part in done.output.splitlines() if "old.json" in part).partition(" judged,")[0]
        for done in (compared, annotated)
    ]
    assert "verdict=no verdict" in Path("outputs").read_text("utf-8")
    assert "old.json: not judged anew: version 0.0.1 judged" in verified.output
    assert "Not verified: version 0.0.1 judged" in Path("again/summary.md").read_text("utf-8")
    assert ("FAILED", "no verdict") == (statement["result"], statement["verdict"])
    assert "conformance: no verdict" in Path("again/badge.svg").read_text("utf-8")


def test_judge_strictly(conformance: Command) -> None:
    """What is merely tolerated fails in a strict judgement."""
    path = har((201, TASK))

    assert (7, []) == judged(conformance, path)
    assert (1, ["task-status"]) == judged(conformance, path, "--strict")


def test_judge_nothing(conformance: Command) -> None:
    """A recording without any such call tests nothing, whatever is allowed."""
    assert (5, []) == judged(conformance, har(), "--allow-untested")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"log": {"entries": [{}]}}', '{"log": {"entries": 7}}', "\ufeff"])
def test_judge_something_else(conformance: Command, text: str) -> None:
    """What is no HAR file is told by its name."""
    Path("other.har").write_text(text, "utf-8")
    done = conformance("judge", "other.har")

    assert 4 == done.exit_code
    assert done.output.startswith("conformance: other.har: no HAR file")


def test_judge_prints_nothing_foreign_as_its_own(conformance: Command) -> None:
    """What an answer or a request says begins no line, steers no terminal and gives no command to a CI service."""
    path = har((404, {"error_code": ATTACK, "error_desc": ATTACK}))
    recording = json.loads(path.read_text("utf-8"))
    request = recording["log"]["entries"][0]["request"]
    request["headers"].append({"name": "Content-Type", "value": ATTACK})
    request["postData"]["text"] = json.dumps({"deviceId": "d", ATTACK: 1})
    request["url"] += "?" + urlencode({"appid": ATTACK})
    path.write_text(json.dumps(recording), "utf-8")
    lines = conformance("judge", path).output.splitlines()

    assert {"failed", "Request"} == {line.split()[0] for line in lines if "FORGED" in line}
    assert [] == [line for line in lines if line.startswith((":", "Conformant", " ")) or "::" in line or "##" in line]
    assert [] == [line for line in lines if not line.isprintable()]


def test_review_names_what_it_found(conformance: Command) -> None:
    """A call that the client made wrongly is told on the terminal, and has a page."""
    path = har((201, TASK))
    path.write_text(path.read_text("utf-8").replace("Bearer $TOKEN", "Bearer$TOKEN"), "utf-8")
    done = conformance("judge", path)

    assert 7 == done.exit_code
    assert "Request of entry 1: there is no space between Bearer and the token; the document: " in done.output
    assert Path("reports/requests.html").exists()


def test_judge_without_posts(conformance: Command) -> None:
    """Where no call is one of ours, what was passed over is told."""
    path = har((201, TASK))
    path.write_text(path.read_text("utf-8").replace("/iocm/app/cmd/v1.4.0/", "/elsewhere/"), "utf-8")
    done = conformance("judge", path)

    assert 5 == done.exit_code
    assert "Passed over: https://platform.example:8743/elsewhere/deviceCommandCancelTasks." in done.output


WRITTEN = (*FILES, "requests.html")


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("link", ["", "hard", "symbolic"])
def test_judge_keeps_its_input(conformance: Command, name: str, link: str) -> None:
    """A recording that a report would be written over is kept, also where it is linked; the line says what to do."""
    given = har((201, TASK)).rename("given.har" if link else name)
    if link:
        Path(name).hardlink_to(given) if link == "hard" else Path(name).symlink_to(given)
    before = given.read_bytes()
    done = conformance("judge", given, "--reports", ".")

    assert 4 == done.exit_code
    assert done.output == f"conformance: --reports .: {given} would be overwritten by {name}; name another folder\n"
    assert before == given.read_bytes()


def test_report_keeps_its_input(conformance: Command, right: Path) -> None:
    """Results in the folder of the reports stay byte for byte as they are, and the other reports are made of them."""
    # Not as the suite would write it.
    text = json.dumps(json.loads((right / "results.json").read_text("utf-8")))
    Path("results.json").write_text(text, "utf-8")
    done = conformance("report", "results.json", "--reports", ".")

    assert 0 == done.exit_code
    assert text == Path("results.json").read_text("utf-8")
    assert set(FILES) <= {path.name for path in Path().iterdir()}


@pytest.mark.parametrize("name", FILES[1:])
def test_report_keeps_an_input_of_another_name(conformance: Command, right: Path, name: str) -> None:
    """Results under the name of another report are refused."""
    text = (right / "results.json").read_text("utf-8")
    Path(name).write_text(text, "utf-8")
    done = conformance("report", name, "--reports", ".")

    assert 4 == done.exit_code
    assert text == Path(name).read_text("utf-8")


def test_overview_and_annotate_keep_their_input(conformance: Command, right: Path) -> None:
    """So are results under the name of the overview, or under that of the outputs."""
    text = (right / "results.json").read_text("utf-8")
    Path("overview.html").write_text(text, "utf-8")

    assert 4 == conformance("report", "overview.html", right / "results.json", "--reports", ".").exit_code
    assert 4 == conformance("annotate", "overview.html", "--outputs", "overview.html").exit_code
    assert text == Path("overview.html").read_text("utf-8")


def test_reports_are_those_that_are_listed(conformance: Command, right: Path) -> None:
    """Nothing is written beside what an input is kept from."""
    conformance("judge", right / "traffic.har", "--reports", "judged")

    assert set(FILES) == {path.name for path in right.iterdir()}
    assert set(WRITTEN) == {path.name for path in Path("judged").iterdir()}


# ---- the rest --------------------------------------------------------------------------------------------------------


def test_help(conformance: Command) -> None:
    """Every command and every option of a run is told."""
    commands = conformance("--help").output
    options = conformance("run", "--help").output

    for command in ("run", "serve", "list", "check", "report", "compare", "judge"):
        assert f"  {command} " in commands
    for option in (
        "--base-url",
        "--config",
        "--reports",
        "--strict",
        "--allow-untested",
        "--max-calls",
        "--max-time",
        "--seed",
        "--replay",
        "--slow",
        "--exhaust-flow-control",
        "--write-waivers",
    ):
        assert f"  {option}" in options


@pytest.mark.parametrize("arguments", [("nope",), ("list", "--nope"), ("list", "--format", "xml"), ("compare", "a")])
def test_wrong_usage(conformance: Command, arguments: tuple[str, ...]) -> None:
    """A command or an option that doesn't exist is a usage error like any other."""
    assert 4 == conformance(*arguments).exit_code


def test_unwritable(conformance: Command, right: Path) -> None:
    """A folder that can't be made is a usage error."""
    Path("file").write_text("", "utf-8")

    assert 4 == conformance("report", right / "results.json", "--reports", "file/reports").exit_code


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full on this system")
@pytest.mark.parametrize("command", ["report", "overview", "judge", "page", "annotate", "serve"])
def test_full_disk(
    conformance: Command, right: Path, wrong: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """A disk on which a report doesn't fit is told in a line, and is exit status 3, as the user made no mistake."""
    results = right / "results.json"
    arguments, name = {
        "report": (("report", results, "--reports", "full"), "report.html"),
        "overview": (("report", results, wrong / "results.json", "--reports", "full"), "overview.html"),
        "judge": (("judge", right / "traffic.har", "--reports", "full"), "report.html"),
        "page": (("judge", right / "traffic.har", "--reports", "full"), "requests.html"),
        "annotate": (("annotate", results, "--outputs", FULL), ""),
        "serve": (("serve", "--http", "--write-config", "full.toml"), "full.toml"),
    }[command]
    fill(monkeypatch, name)
    done = conformance(*arguments)

    assert 3 == done.exit_code
    assert "No space left on device" in done.output
    assert "Traceback" not in done.output
    assert [] == [*Path().rglob(name)] or not name


def fill(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Have nothing fit into a new file NAME."""
    new = files._new
    monkeypatch.setattr(
        files, "_new", lambda path, *rest: (path.touch(), FULL.open("w"))[1] if path.name == name else new(path, *rest)
    )


# ---- what stands where something is written or read -----------------------------------------------------------------


WRITING = {
    "report": (("report", "{results}", "--reports", "out"), FILES),
    "overview": (("report", "{results}", "{results}", "--reports", "out"), ("overview.html",)),
    "judge": (("judge", "{traffic}", "--reports", "out"), (*FILES, "requests.html")),
    "serve": (("serve", "--http", "--write-config", "out/ready.toml"), ("ready.toml",)),
}


def planted(kind: str, path: Path, victim: Path) -> None:
    """What somebody put at PATH before a command writes there."""
    victim.write_text("theirs", "utf-8")
    path.parent.mkdir(exist_ok=True)
    match kind:
        case "link":
            path.symlink_to(victim.resolve())
        case "hard link":
            path.hardlink_to(victim)
        case "link to nowhere":
            path.symlink_to("nowhere")
        case "link to a device":
            path.symlink_to(FULL)
        case _:
            os.mkfifo(path)


PLANTED = ("link", "hard link", "link to nowhere", "link to a device", "pipe")


@pytest.mark.parametrize("kind", PLANTED)
@pytest.mark.parametrize("command", WRITING)
def test_what_is_planted_is_replaced(
    conformance: Command, right: Path, monkeypatch: pytest.MonkeyPatch, command: str, kind: str
) -> None:
    """A new file takes the place of whatever stands there; no link is followed, and no pipe waited for."""
    monkeypatch.setattr(cli, "_until_told_to_stop", lambda: None)
    words, names = WRITING[command]
    given = {"results": right / "results.json", "traffic": right / "traffic.har"}
    for name in names:
        planted(kind, Path("out", name), Path(f"victim-{name}"))
    done = conformance(*(word.format(**given) for word in words))

    assert done.exit_code in (0, 7), done.output
    assert {"theirs"} == {path.read_text("utf-8") for path in Path().glob("victim-*")}
    assert [] == [name for name in names if Path("out", name).is_symlink() or not Path("out", name).is_file()]
    assert not Path("out", "nowhere").exists()


def test_a_link_to_a_folder_is_its_users(conformance: Command, right: Path) -> None:
    """Who makes a link of the folder itself has the reports where it leads."""
    Path("elsewhere").mkdir()
    Path("reports").symlink_to("elsewhere")

    assert 0 == conformance("report", right / "results.json").exit_code
    assert set(FILES) == {path.name for path in Path("elsewhere").iterdir()}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("link", "it is a link; name the file itself"),
        ("link to nowhere", "it is a link; name the file itself"),
        ("link to a device", "it is a link; name the file itself"),
        ("pipe", "No such device or address"),
    ],
)
def test_outputs_are_added_to_a_file(conformance: Command, right: Path, kind: str, said: str) -> None:
    """What a job's outputs are added to is a file: a link isn't followed, and a pipe not waited for."""
    planted(kind, Path("outputs"), Path("victim"))
    done = conformance("annotate", right / "results.json", "--outputs", "outputs")

    assert (4, "theirs") == (done.exit_code, Path("victim").read_text("utf-8"))
    assert done.output.endswith(f"conformance: --outputs outputs: {said}\n")
    assert not Path("nowhere").exists()


def test_outputs_into_a_pipe_that_is_read(conformance: Command, right: Path) -> None:
    """Nor is one taken for a file that somebody does read from."""
    os.mkfifo("outputs")
    reading = os.open("outputs", os.O_RDONLY | os.O_NONBLOCK)
    done = conformance("annotate", right / "results.json", "--outputs", "outputs")
    os.close(reading)

    assert (4, True) == (done.exit_code, done.output.endswith("--outputs outputs: it is no regular file\n"))


@pytest.mark.parametrize("place", ["/dev/null", "outputs"])
def test_outputs_go_where_they_are_wanted(conformance: Command, right: Path, place: str) -> None:
    """A file keeps what is in it, as a job's own does; and a job that wants none may say so."""
    Path("outputs").write_text("before=1\n", "utf-8")
    done = conformance("annotate", right / "results.json", "--outputs", place)

    assert (0, "before=1") == (done.exit_code, Path("outputs").read_text("utf-8").splitlines()[0])
    assert (place == "outputs") == ("verdict=" in Path("outputs").read_text("utf-8"))


READING = (
    ("report", "{}"),
    ("report", "{}", "{}"),
    ("verify", "{}"),
    ("compare", "{}", "{}"),
    ("annotate", "{}"),
    ("judge", "{}"),
    ("check", "--config", "{}"),
    ("run", "--config", "{}"),
    ("run", "@{}"),
)


@pytest.mark.parametrize(
    ("place", "said"),
    [("pipe", "it is no regular file"), ("/dev/zero", "it is no regular file"), (".", "Is a directory")],
)
@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_what_is_read_is_a_file(conformance: Command, words: tuple[str, ...], place: str, said: str) -> None:
    """A pipe that nobody writes to, a device without an end, and a folder are refused in a line."""
    os.mkfifo("pipe")
    done = conformance(*(word.format(place) for word in words))

    assert 4 == done.exit_code
    assert f"{place}: " in done.output
    assert said in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize("command", ["verify", "report", "judge", "annotate", "check"])
def test_a_pipe_of_ones_own(conformance: Command, right: Path, reference: Reference, command: str) -> None:
    """What a shell hands over, as with <(…), is read to its end."""
    name = "traffic.har" if command == "judge" else "results.json"
    content = (right / name).read_bytes() if command != "check" else reference.configuration().encode()
    reading, writing = os.pipe()
    thread = threading.Thread(target=slowly, args=(writing, content))
    thread.start()
    option = ("--config",) if command == "check" else ()
    done = conformance(command, *option, f"/dev/fd/{reading}")
    thread.join()
    os.close(reading)

    assert done.exit_code in (0, 7), done.output


def slowly(descriptor: int, content: bytes) -> None:
    """Write CONTENT to DESCRIPTOR as a program does that takes its time."""
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        for piece in (content[:9], content[9:]):
            time.sleep(0.1)
            file.write(piece)


def test_serve_writes_over_nothing_of_anybody_else(conformance: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """What serve wrote before it writes again; any other file it leaves alone."""
    monkeypatch.setattr(cli, "_until_told_to_stop", lambda: None)
    command = ("serve", "--http", "--write-config", "ready.toml")
    statuses = [conformance(*command).exit_code for _ in range(2)]
    Path("ready.toml").write_text("[target]\n", "utf-8")
    done = conformance(*command)

    assert [0, 0, 4] == [*statuses, done.exit_code]
    assert "--write-config ready.toml: it exists already, and serve didn't write it" in done.output
    assert "[target]\n" == Path("ready.toml").read_text("utf-8")


@pytest.mark.parametrize("existing", [False, True])
def test_written_configuration_is_for_its_owner_only(
    conformance: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, existing: bool
) -> None:
    """The file that serve writes holds key and token, so nobody else may read it, whoever might have before."""
    monkeypatch.setattr(cli, "_until_told_to_stop", lambda: None)
    file = tmp_path / "ready.toml"
    if existing:
        file.touch(mode=0o644)
    result = conformance("serve", "--http", "--write-config", file)
    assert 0 == result.exit_code
    assert "access_token" in file.read_text("utf-8")
    assert 0o600 == file.stat().st_mode & 0o777
