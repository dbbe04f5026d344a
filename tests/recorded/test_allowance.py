"""Answers that aren't the service's own, and that a recording is judged as the run was that it is of."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.recorded import judging
from conformance.reference.variant import variants
from conformance.report.har import write_har
from tests.proof.rehearsal import Rehearsal, rehearse

Change = Callable[[Any], object]
Har = Callable[..., Path]


def failed(path: Path) -> list[str]:
    """What the recording PATH is judged to violate."""
    record = judging.judge_file(path, strict=False, allow_untested=False).record
    assert record.exit_status in (1, 7)
    return [requirement.id for requirement in record.requirements if requirement.outcome == "failed"]


def answered(entry: Any, status: int, body: str = "<html>no</html>", media_type: str = "text/html") -> None:
    """ENTRY has another answer, as HTTP servers give it by themselves."""
    entry["response"].update(status=status, headers=[{"name": "Content-Type", "value": media_type}])
    entry["response"]["headers"].append({"name": "Content-Length", "value": str(len(body))})
    entry["response"].update(bodySize=len(body), content={"size": len(body), "mimeType": media_type, "text": body})


def header(name: str, value: str) -> Change:
    """The request has a further header NAME."""
    return lambda entry: entry["request"]["headers"].append({"name": name, "value": value})


def content_type(value: str | None) -> Change:
    """The request's Content-Type is VALUE."""

    def change(entry: Any) -> None:
        entry["request"]["headers"] = entry["request"]["headers"][:2]
        if value is not None:
            header("Content-Type", value)(entry)

    return change


def large_body(entry: Any) -> None:
    """The request's body is larger than some servers read."""
    entry["request"]["postData"]["text"] = json.dumps({"deviceId": "d" * 10_000})
    entry["request"]["bodySize"] = -1


def unknown_body(entry: Any) -> None:
    """The recording has nothing of the request's body, and no size."""
    del entry["request"]["postData"]["text"]
    entry["request"]["postData"]["comment"] = "Request bodies are not included."
    entry["request"]["bodySize"] = -1


OWN: dict[str, tuple[int, Change]] = {
    "a large body": (413, large_body),
    "a body that was left out": (413, unknown_body),
    "a long URL": (414, lambda e: e["request"].update(url=e["request"]["url"] + "?x=" + "y" * 5000)),
    "a long header": (431, header("X-Long", "y" * 5000)),
    "many headers": (431, lambda e: [header(f"X-{number}", "y" * 40)(e) for number in range(120)]),
    "headers that were taken out": (431, header("Cookie", "[redacted]")),
    "another type": (415, content_type("text/plain")),
    "another charset": (415, content_type("application/json; charset=latin1")),
    "no type": (415, content_type(None)),
    "a compressed body": (415, header("Content-Encoding", "gzip")),
    "no headers": (415, lambda e: e["request"].update(headers=[])),
    "a repeated header": (400, header("App_Key", "application-1")),
    "a control character": (400, header("X-Odd", "a\0b")),
    "letters outside ASCII": (400, header("X-Odd", "é")),
    "a proxy asks who calls": (407, lambda _: None),
    "a bad gateway": (502, lambda _: None),
    "a gateway that waits no longer": (504, lambda _: None),
    "a network that asks for a log-in": (511, lambda _: None),
    "a content delivery network": (522, lambda _: None),
}


@pytest.mark.parametrize(("status", "change"), OWN.values(), ids=list(OWN))
def test_own_answers_of_http_are_not_judged(har: Har, entry: Any, status: int, change: Change) -> None:
    """What HTTP itself, or a proxy, answers to such a request says nothing of the service; a note says so."""
    change(entry)
    answered(entry, status)
    record = judging.judge_file(har(entry), strict=False, allow_untested=False).record

    assert (7, []) == (record.exit_status, [one.id for one in record.requirements if one.outcome == "failed"])
    assert any(note.startswith(f"Entry 1: {status} is ") for note in record.run.notes), record.run.notes


@pytest.mark.parametrize("status", [400, 413, 414, 415, 429, 431, 500, 503])
def test_a_plain_request_has_no_such_answer(har: Har, entry: Any, status: int) -> None:
    """The plain call is no reason for HTTP to refuse anything."""
    answered(entry, status)

    assert [] != failed(har(entry))


@pytest.mark.parametrize("status", [400, 407, 413, 502])
def test_a_coded_answer_is_judged(har: Har, entry: Any, status: int) -> None:
    """An answer with a code is the service's own, whatever its status."""
    answered(entry, status, json.dumps({"error_code": "100418", "error_desc": "x"}), "application/json")

    assert ["error-100418-unknown-device"] == failed(har(entry))


GENERATED = ("generated-content-type", "generated-body-malformed", "generated-repeated-parameters", "generated-token")
HTTPS_OWN = ("other-media-type-415", "large-body-413", "repeated-headers-400")


def test_legal_answers_are_legal_in_a_recording_too(tmp_path: Path) -> None:
    """What a run lets pass isn't held against the target when the traffic of that run is judged.

    A run of each variant would take minutes; these are those with statuses of their own, and one in 24.
    """
    path = tmp_path / "traffic.har"
    judged = {}
    for variant in dict.fromkeys([*HTTPS_OWN, *[one.name for one in variants()][::24]]):
        write_har(rehearse(Rehearsal(variants=(variant,), generated=False)), path)
        judged[variant] = failed(path)

    assert {variant: [] for variant in judged} == judged


@pytest.mark.parametrize("variant", HTTPS_OWN)
def test_generated_requests_are_refused_legally_too(variant: str, tmp_path: Path) -> None:
    """So it is with requests that were generated, which bring out HTTP's own answers."""
    path = tmp_path / "traffic.har"
    write_har(rehearse(Rehearsal(variants=(variant,), cases=GENERATED, max_calls=60)), path)

    assert [] == failed(path)
