"""Results files of whatever kind: rendered, or refused with one line."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conformance.command.cli import main
from conformance.contract.expectation import Expectation
from conformance.evidence.exchange import Exchange, Request, Response
from conformance.exceptions import RecordError
from conformance.record import reading
from conformance.record.observation import Generated
from conformance.record.reading import read_record
from conformance.record.results import (
    CaseResult,
    Evidence,
    Finding,
    Ground,
    Record,
    RequirementResult,
    RunInfo,
    Source,
    SuiteInfo,
    TargetInfo,
    WaiverUse,
)
from conformance.report import annotations as job_annotations
from conformance.report import compare, render_overview, write_reports
from tests.records import changed

URL = "https://platform.example:8743/iocm/app/cmd/v1.4.0/deviceCommandCancelTasks"
EXCHANGE = Exchange(
    Request("POST", URL, (("app_key", "$APP_KEY"),), b'{"deviceId": "d"}'),
    Response(404, "Not Found", "HTTP/1.1", (("Content-Type", "application/json"),), b"\xff\xfe"),
    None,
    1_767_225_600.0,
    0.1,
)
RECORD = Record(
    suite=SuiteInfo("revocation-conformance", "0.1.0", "The document", {"requirements.yaml": "0" * 64}),
    target=TargetInfo("https://platform.example:8743", "hook"),
    exit_status=1,
    verdict="non-conformant",
    strict=False,
    summary="Non-conformant: 1 MUST violated.",
    waivers=(WaiverUse("task-id", None, "reason", "owner", "2099-01-31", "active"),),
    requirements=(
        RequirementResult(
            "task-id", "MUST", "A statement.", Ground(Source("Section", "Row")), "failed", "why", ("a-case",)
        ),
    ),
    cases=(
        CaseResult(
            "a-case",
            "A title.",
            "chapter",
            ("task-id",),
            "failed",
            "why",
            Evidence(0.1, 1, (EXCHANGE,), replay="0123456789"),
            findings=(Finding("task-id", "failed", "message", "expected", "actual", exchange=0),),
            untested={"task-status": "why"},
        ),
    ),
    run=RunInfo("2026-01-01T00:00:00+00:00", duration_s=1.0, seed=1, calls=1, notes=("a note",)),
)
ODD: tuple[Any, ...] = (
    *(None, True, 0, -5, 1.5, -0.5, 1e308, 10**30, "", "1", [], ["a"], {}, {"a": 1}),
    *("a\nb", "\ud800", "\x1b[2J", "::error::", "http://[::1", "https://a:b:c@x:99999/", "9999-99-99", "../../x"),
)


@pytest.fixture
def data(tmp_path: Path) -> Any:
    """A good results file, parsed."""
    RECORD.write(tmp_path / "good.json")
    return json.loads((tmp_path / "good.json").read_text("utf-8"))


def test_good_results_are_read(tmp_path: Path) -> None:
    """What the suite writes it reads back as it was, also behind a byte order mark."""
    RECORD.write(tmp_path / "good.json")
    (tmp_path / "marked.json").write_bytes(b"\xef\xbb\xbf" + (tmp_path / "good.json").read_bytes())

    assert RECORD == read_record(tmp_path / "good.json") == read_record(tmp_path / "marked.json")


def test_half_a_pair_that_was_sent(tmp_path: Path) -> None:
    """Half a surrogate pair in a device that a generated request named is read back as it was."""
    expectation = Expectation("generated-device-id-characters", None, absent=("none-\ud83d-a",))
    generated = Generated(0, expectation, 0, "app", (), 1, 1, "an edit", ("an edit",), "0123456789")
    record = replace(RECORD, cases=(changed(RECORD.cases[0], observations=(generated,)),))
    record.write(tmp_path / "good.json")

    assert record == read_record(tmp_path / "good.json")


def test_further_members_are_skipped(tmp_path: Path, data: Any) -> None:
    """A member that this version doesn't know is no damage."""
    data["requirements"][0]["new"] = data["new"] = [1]
    (tmp_path / "new.json").write_text(json.dumps(data), "utf-8")

    assert RECORD == read_record(tmp_path / "new.json")


def refused(path: Path) -> str:
    """What each command that reads results says of the file PATH, which is the same: one line, and exit status 4."""
    said = set()
    for words in (["report", path], ["compare", path, path], ["annotate", path], ["report", path, path]):
        done = CliRunner().invoke(main, [*map(str, words), *(["--reports", "x"] if words[0] == "report" else [])])
        assert 4 == done.exit_code, done.output
        assert isinstance(done.exception, SystemExit)
        said.add(done.output)
    (words_said,) = said
    assert 1 == words_said.count("\n")
    assert words_said.startswith("conformance: ")
    return words_said.removeprefix(f"conformance: {path}: ").rstrip("\n")


@pytest.mark.parametrize("value", [True, False, 0, -5, 1.5, "1", None, [1], {}, 1.0])
def test_format_is_a_number_from_one_on(tmp_path: Path, data: Any, value: Any) -> None:
    """A format of any other kind is none of this suite's, and is told."""
    data["format"] = value
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(data), "utf-8")

    assert f"not results of this suite (format is {json.dumps(value)}, not a number from 1 on)" == refused(path)


TEXTS = {
    "nested deeply": "[" * 500_000,
    "nested deeply and closed": '{"format": 1, "cases": ' + "[" * 5000 + "]" * 5000 + "}",
    "a long number": '{"format": ' + "9" * 5000 + "}",
    "a long fraction": '{"format": 1.' + "9" * 5000 + "}",
    "a member twice": '{"format": 1, "verdict": "conformant", "verdict": "conformant"}',
    "nothing": "",
    "NUL": "\0" * 100,
    "a list": "[]",
    "text": '"format"',
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
def test_what_is_no_record_is_refused(tmp_path: Path, text: str) -> None:
    """Texts that no parser reads, or that hold something else, are told in a line."""
    path = tmp_path / "bad.json"
    path.write_text(text, "utf-8")

    assert 10 < len(refused(path)) < 200


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    """So is what isn't UTF-8, a folder, and a file that is larger than results can be."""
    (tmp_path / "latin.json").write_bytes(b'{"format": 1, "summary": "\xfc"}')
    with (tmp_path / "huge.json").open("wb") as file:
        file.truncate(reading.LARGEST + 1)

    assert "not JSON (byte 26 isn't UTF-8)" == refused(tmp_path / "latin.json")
    assert "Is a directory" == refused(tmp_path)
    assert "too large for results (more than 256 MiB)" == refused(tmp_path / "huge.json")


Change = Callable[[Any], Any]
DAMAGES: dict[str, tuple[Change, str]] = {
    "NaN": (lambda d: d.update(duration_s=float("nan")), "not JSON (NaN is no JSON number)"),
    "infinity": (lambda d: d.update(duration_s=float("-inf")), "not JSON (-Infinity is no JSON number)"),
    "an id of two lines": (lambda d: d["cases"][0].update(id="a\nb"), 'an id in cases can\'t be "a\\nb"'),
    "an id with a dot": (lambda d: d["requirements"][0].update(id="a.b"), 'an id in requirements can\'t be "a.b"'),
    "an empty id": (lambda d: d["cases"][0].update(id=""), 'an id in cases can\'t be ""'),
    "two cases": (lambda d: d["cases"].append(d["cases"][0]), 'two cases have the id "a-case"'),
    "two requirements": (
        lambda d: d["requirements"].append(d["requirements"][0]),
        'two requirements have the id "task-id"',
    ),
    "half a pair in a URL": (lambda d: d["target"].update(base_url="https://\ud800"), "half a surrogate pair in base_"),
    "half a pair in a body": (
        lambda d: d["cases"][0]["exchanges"][0]["request"].update(body={"text": "\ud800"}),
        "half a surrogate pair in a body at cases[0].exchanges[0].request.body",
    ),
    "a URL that can't be read": (
        lambda d: d["cases"][0]["exchanges"][0]["request"].update(url="https://[::1"),
        "url of an exchange of the case a-case can't be",
    ),
    "a base URL that can't be read": (lambda d: d["target"].update(base_url="https://x:port"), "target.base_url can't"),
    "a date that doesn't exist": (lambda d: d.update(started="2026-02-30T00:00:00+00:00"), "started can't be"),
    "a date of no zone": (lambda d: d.update(started="2026-02-20T00:00:00"), "started can't be"),
    "a date long ago": (lambda d: d.update(started="0001-01-01T00:00:00+23:00"), "started can't be"),
    "an end that doesn't exist": (lambda d: d["waivers"][0].update(expires="soon"), "expires of a waiver can't be"),
    "a moment that no date has": (
        lambda d: d["cases"][0]["exchanges"][0].update(started=1e15),
        "started of an exchange of the case a-case can't be 1000000000000000.0",
    ),
    "an exchange that isn't there": (
        lambda d: d["cases"][0]["findings"][0].update(exchange=-1),
        "exchange of a finding of the case a-case can't be -1",
    ),
    "fewer than no repetitions": (
        lambda d: d["cases"][0]["exchanges"][0].update(resent=-5),
        "resent of an exchange of the case a-case can't be -5",
    ),
    "a wait of less than no time": (
        lambda d: d.update(timeline=[{"kind": "wait", "started": 1.0, "duration_s": -1.0, "words": "a wait"}]),
        "duration_s of an event of the timeline can't be -1.0",
    ),
    "what masks a case isn't an id": (
        lambda d: d["cases"][0].update(masked_by="a\n::error::"),
        "an id in cases can't be",
    ),
    "a number as text": (lambda d: d.update(calls="1"), '"1" where a whole number belongs at calls'),
    "true as a number": (lambda d: d.update(calls=True), "true where a whole number belongs at calls"),
    "a text as a list": (lambda d: d.update(notes="note"), '"note" where a list belongs at notes'),
    "a list as an object": (lambda d: d.update(suite=[]), "[] where an object belongs at suite"),
    "an unknown outcome": (lambda d: d["cases"][0].update(outcome="good"), '"good" isn\'t one of passed, failed,'),
    "a lacking member": (lambda d: d.pop("summary"), "the member summary is missing at summary"),
    "a header of one": (
        lambda d: d["cases"][0]["exchanges"][0]["request"].update(headers=[["a"]]),
        "a list of 1 where 2 belong at cases[0].exchanges[0].request.headers[0]",
    ),
    "odd base64": (
        lambda d: d["cases"][0]["exchanges"][0]["response"].update(body={"base64": "!"}),
        "a body that is no base64 at cases[0].exchanges[0].response.body",
    ),
}


@pytest.mark.parametrize(("change", "words"), DAMAGES.values(), ids=list(DAMAGES))
def test_damage_is_told(tmp_path: Path, data: Any, change: Change, words: str) -> None:
    """What is wrong is told with its place, in every command alike."""
    change(data)
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(data), "utf-8")

    assert refused(path).removeprefix("damaged results: ").startswith(words)


def _places(value: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, one in inner for place in ((*before, key), *_places(one, (*before, key)))]


def _read(path: Path) -> tuple[Record | None, str]:
    try:
        return read_record(path), ""
    except RecordError as error:
        return None, str(error)


def test_anything_anywhere_is_refused_or_rendered(tmp_path: Path, data: Any) -> None:
    """Whatever stands in the place of whatever: the file is refused in a line, or every report can be made of it."""
    chance = random.Random(7)  # noqa: S311 (which of many combinations are tried)
    path, outcomes = tmp_path / "odd.json", set()
    for place in _places(data):
        for value in chance.sample(ODD, 3):
            changed = copy.deepcopy(data)
            inner = changed
            for key in place[:-1]:
                inner = inner[key]
            inner[place[-1]] = value
            path.write_text(json.dumps(changed), "utf-8")
            record, words = _read(path)
            outcomes.add("refused" if record is None else "rendered")
            assert "\n" not in words
            assert len(words) < 1500
            if record is not None:
                write_reports(record, tmp_path / "reports")
                assert compare(RECORD, record).text()
                assert render_overview([RECORD, record])
                list(job_annotations.annotate(record))

    assert {"refused", "rendered"} == outcomes
