"""What is judged of a recording, and what isn't as the recording lacks it."""

from __future__ import annotations

import base64
import copy
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.exceptions import RecordError
from conformance.record.reading import read_record
from conformance.record.results import Record
from conformance.recorded import judging
from conformance.report import write_reports

Change = Callable[[Any], object]
Har = Callable[..., Path]


def judged(path: Path) -> Record:
    """The record of judging PATH, which can also be written and read again."""
    record = judging.judge_file(path, strict=False, allow_untested=False).record
    record.write(path.with_name("results.json"))
    assert read_record(path.with_name("results.json")).requirements == record.requirements
    return record


def outcomes(record: Record) -> dict[str, str]:
    """The outcome of each requirement of RECORD."""
    return {requirement.id: requirement.outcome for requirement in record.requirements}


def failed(record: Record) -> list[str]:
    """What RECORD holds to be violated."""
    return [name for name, outcome in outcomes(record).items() if outcome == "failed"]


def test_right_call_is_judged(har: Har, entry: Any) -> None:
    """Of a whole recording everything that an answer shows is judged."""
    record = judged(har(entry))

    assert (7, []) == (record.exit_status, failed(record))
    assert {"passed"} == {outcomes(record)[name] for name in ("answer-json", "task-device-id-echo", "task-app-id-own")}
    assert ("1 recorded call of traffic.har was judged; no call was made.",) == record.run.notes


def content(change: Change) -> Change:
    """CHANGE of the answer's content."""
    return lambda entry: change(entry["response"]["content"])


def text(value: str, **members: Any) -> Change:
    """The answer's content holds VALUE as its text, and MEMBERS."""
    return content(lambda found: found.update(text=value, **members))


BODY = json.dumps(
    {"taskId": "t", "appId": "application-1", "deviceId": "device-1", "status": "RUNNING"}
    | {"totalCount": 0, "deviceCommands": []}
)
LACKING: dict[str, tuple[Change, str]] = {
    "Chrome without content": (content(lambda found: found.pop("text")), "lacks the answer's body of"),
    "no sizes": (
        lambda e: e["response"].update(content={"mimeType": "application/json"}, bodySize=-1),
        "lacks the answer's body",
    ),
    "sizes of nothing": (
        lambda e: e["response"].update(content={"mimeType": "application/json", "size": 0}, bodySize=0),
        "lacks the answer's body",
    ),
    "content is null": (lambda e: e["response"].update(content=None), "lacks the answer's body"),
    "text is null": (content(lambda found: found.update(text=None)), "lacks the answer's body"),
    "empty text": (text(""), "lacks the answer's body of"),
    "Firefox without bodies": (
        lambda e: e["response"].update(content={"size": -1, "comment": "Response bodies are not included."}),
        "(Response bodies are not included.)",
    ),
    "empty text with a comment": (
        text("", size=0, comment="Response bodies are not included."),
        "(Response bodies are not included.)",
    ),
    "cut by size": (text(BODY[:40], size=len(BODY)), "bytes of the answer's body, which was cut"),
    "cut by bodySize": (
        lambda e: (text(BODY[:40], size=-1)(e), e["response"].update(bodySize=len(BODY))),
        "bytes of the answer's body, which was cut",
    ),
    "cut by Content-Length": (
        lambda e: (
            text(BODY[:40], size=0)(e),
            e["response"].update(bodySize=-1),
            e["response"]["headers"].append({"name": "content-length", "value": str(len(BODY))}),
        ),
        "bytes of the answer's body, which was cut",
    ),
    "cut at 1 MiB": (
        lambda e: (text('{"taskId": "' + "x" * (2**20 - 12), size=2**20)(e), e["response"].update(bodySize=2**20)),
        "1048576 bytes of the answer's body, which was cut",
    ),
    "cut with a comment": (
        lambda e: (text(BODY[:40], size=40, comment="Truncated")(e), e["response"].update(bodySize=40)),
        "which was cut",
    ),
    "cut with a mark": (
        lambda e: (text(BODY[:40] + "…", size=43)(e), e["response"].update(bodySize=43)),
        "which was cut",
    ),
    "half a character": (text(BODY[:40] + "\ud83d"), "half a character"),
    "false base64": (text(BODY, encoding="base64"), "calls the answer's body base64, which it isn't"),
    "false base64 by chance": (
        lambda e: (text("OKOK", size=4, encoding="base64")(e), e["response"].update(bodySize=4)),
        "calls the answer's body base64, which it isn't",
    ),
    "an unknown encoding": (text(BODY, encoding="gzip"), "in an encoding that HAR doesn't have"),
}


@pytest.mark.parametrize(("change", "words"), LACKING.values(), ids=list(LACKING))
@pytest.mark.parametrize("status", [201, 200, 404])
def test_lacking_body_is_not_judged(har: Har, entry: Any, change: Change, words: str, status: int) -> None:
    """Of an answer without its body nothing is held against the target; the exit status is 7, and a note says why."""
    change(entry)
    entry["response"]["status"] = status
    record = judged(har(entry))

    assert (7, []) == (record.exit_status, failed(record))
    assert "not tested" == outcomes(record)["answer-json"]
    notes = record.run.notes
    assert any(note.startswith("Entry 1: the recording ") and words in note for note in notes), notes
    assert outcomes(record)["accepted-media-type"] == ("passed" if status == 201 else "not tested")


WHOLE: dict[str, Change] = {
    "a larger size": text(BODY, size=len(BODY) + 10),
    "a smaller size": text(BODY, size=1),
    "no size": content(lambda found: found.pop("size")),
    "compressed": lambda e: (
        e["response"]["headers"].append({"name": "Content-Encoding", "value": "gzip"}),
        e["response"].update(bodySize=9000),
    ),
    "base64": text(base64.b64encode(BODY.encode()).decode(), size=len(BODY), encoding="base64"),
    "base64 in lines": text(base64.encodebytes(BODY.encode()).decode(), size=len(BODY), encoding="Base64"),
    "base64 without size": text(base64.b64encode(BODY.encode()).decode(), size=-1, encoding="base64"),
}


@pytest.mark.parametrize("change", WHOLE.values(), ids=list(WHOLE))
def test_whole_body_is_judged(har: Har, entry: Any, change: Change) -> None:
    """A body that is there is judged, whatever sizes the exporter wrote beside it."""
    change(entry)
    record = judged(har(entry))

    assert (7, []) == (record.exit_status, failed(record))
    assert "passed" == outcomes(record)["answer-json"]


@pytest.mark.parametrize(
    ("body", "size"), [("<html>", 6), ("", 0), ('{"taskId": ', 11), (BODY + "}", len(BODY) + 1)], ids=str
)
def test_wrong_body_is_wrong(har: Har, entry: Any, body: str, size: int) -> None:
    """What is there as a whole, and is no JSON, is a violation as before."""
    text(body, size=size)(entry)
    entry["response"]["bodySize"] = size
    record = judged(har(entry))

    assert (1, ["answer-json"]) == (record.exit_status, failed(record))


def test_lacking_headers_are_not_judged(har: Har, entry: Any) -> None:
    """An exporter that keeps no headers says nothing of media types."""
    entry["response"]["headers"] = []
    record = judged(har(entry))

    assert (7, []) == (record.exit_status, failed(record))
    assert ("not tested", "passed") == (outcomes(record)["accepted-media-type"], outcomes(record)["answer-json"])


def test_lacking_request_body_is_not_judged(har: Har, entry: Any) -> None:
    """Where the recording doesn't show which device was meant, the answer's isn't compared, and no client is blamed."""
    entry["request"]["postData"] = {"mimeType": "application/json", "comment": "Request bodies are not included."}
    judgement = judging.judge_file(har(entry), strict=False, allow_untested=False)

    assert () == judgement.requests
    assert "not tested" == outcomes(judgement.record)["task-device-id-echo"]


@pytest.mark.parametrize(
    ("device_id", "echoed"), [(" device-1", "device-1"), ("d" * 65, "d" * 64), (5, "5"), ("", "device-1")]
)
def test_wrong_request_is_not_compared(har: Har, entry: Any, device_id: object, echoed: str) -> None:
    """Where the request names no device as the document has it, the answer isn't held against what it names."""
    entry["request"]["postData"]["text"] = json.dumps({"deviceId": device_id})
    text(BODY.replace("device-1", echoed), size=-1)(entry)
    record = judged(har(entry))

    assert (7, []) == (record.exit_status, failed(record))
    assert "not tested" == outcomes(record)["task-device-id-echo"]


def test_wrong_application_is_not_compared(har: Har, entry: Any) -> None:
    """Nor is its application, where the request names none, or two."""
    entry["request"]["headers"].append({"name": "app_key", "value": "application-2"})
    text(BODY.replace("application-1", "application-2"), size=-1)(entry)

    assert [] == failed(judged(har(entry)))


ODD: dict[str, tuple[Change, str]] = {
    "no response": (lambda e: e.pop("response"), "no response is recorded"),
    "a null response": (lambda e: e.update(response=None), "no response is recorded"),
    "a response as text": (lambda e: e.update(response="201"), "no response is recorded"),
    "status 0": (lambda e: e["response"].update(status=0), "no answer is recorded"),
    "status null": (lambda e: e["response"].update(status=None), "status isn't a status of HTTP"),
    "status as a word": (lambda e: e["response"].update(status="Created"), "status isn't a status of HTTP"),
    "status NaN": (lambda e: e["response"].update(status=float("nan")), "status isn't a status of HTTP"),
    "status 1000": (lambda e: e["response"].update(status=1000), "status isn't a status of HTTP"),
    "status true": (lambda e: e["response"].update(status=True), "status isn't a status of HTTP"),
    "null headers": (lambda e: e["response"].update(headers=None), "the answer's headers aren't a list"),
    "null request headers": (lambda e: e["request"].update(headers=None), "the request's headers aren't a list"),
    "headers as an object": (lambda e: e["response"].update(headers={"a": "b"}), "the answer's headers aren't a list"),
    "a header without value": (
        lambda e: e["response"]["headers"].append({"name": "X"}),
        "the header X of the answer has",
    ),
    "a header of null": (
        lambda e: e["request"]["headers"].append({"name": "X", "value": None}),
        "the header X of the req",
    ),
    "a header as a list": (
        lambda e: e["request"]["headers"].append({"name": "X", "value": ["5"]}),
        "the header X of the req",
    ),
    "a header without name": (
        lambda e: e["response"]["headers"].append({"value": "x"}),
        "a header of the answer has no",
    ),
    "a header as text": (lambda e: e["response"]["headers"].append("X: y"), "a header of the answer has no name"),
    "a header's odd name": (
        lambda e: e["response"]["headers"].append({"name": "a\nb", "value": ""}),
        "a header of the ans",
    ),
    "a malformed URL": (lambda e: e["request"].update(url="https://[::1/x"), "its URL can't be read"),
    "a URL with an odd port": (lambda e: e["request"].update(url="https://h:port/x"), "its URL can't be read"),
    "a URL of two lines": (lambda e: e["request"].update(url=e["request"]["url"] + "\nx"), "its URL can't be read"),
    "a URL of half a character": (
        lambda e: e["request"].update(url=e["request"]["url"] + "\ud800"),
        "its URL can't be",
    ),
    "a URL as a number": (lambda e: e["request"].update(url=5), "the request's URL isn't text"),
    "a null method": (lambda e: e["request"].update(method=None), "the request's method isn't text"),
    "a null request": (lambda e: e.update(request=None), "no request is recorded"),
    "text as a number": (text(5), "the answer's body isn't text"),  # type: ignore[arg-type]  # that is the point
    "an encoding as a list": (text("", encoding=["base64"]), "the encoding of the answer's body isn't text"),
    "content as text": (lambda e: e["response"].update(content="x"), "the answer's content isn't an object"),
    "postData as text": (lambda e: e["request"].update(postData="x"), "the request's postData isn't an object"),
    "NaN time": (lambda e: e.update(time=float("nan")), "its time isn't a number"),
    "infinite time": (lambda e: e.update(time=float("inf")), "its time isn't a number"),
    "time as text": (lambda e: e.update(time="12.5"), "its time isn't a number"),
    "endless time": (lambda e: e.update(time=10**300), "its time isn't a number"),
}


@pytest.mark.parametrize(("change", "words"), ODD.values(), ids=list(ODD))
def test_odd_entry_costs_itself(har: Har, entry: Any, change: Change, words: str, tmp_path: Path) -> None:
    """An entry that can't be read gets a line; the one behind it is judged."""
    odd = copy.deepcopy(entry)
    change(odd)
    record = judged(har(odd, entry))
    write_reports(record, tmp_path / "reports")

    assert (7, []) == (record.exit_status, failed(record))
    assert "passed" == outcomes(record)["answer-json"]
    assert [note for note in record.run.notes if note.startswith("Entry 1: ") and words in note], record.run.notes


@pytest.mark.parametrize("value", [None, 5, "text", [], True], ids=str)
def test_entry_of_another_kind_costs_itself(har: Har, entry: Any, value: Any) -> None:
    """So does an entry that is no object at all."""
    record = judged(har(value, entry))

    assert "passed" == outcomes(record)["answer-json"]
    assert "Entry 1: no request is recorded; it isn't judged." in record.run.notes


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59", "0001-01-01T00:00:00+14:00"])
def test_moment_at_the_end_of_time(har: Har, entry: Any, moment: str, tmp_path: Path) -> None:
    """A moment that can't be written in every time zone is none; the call is judged, and every report written."""
    entry["startedDateTime"] = moment
    record = judged(har(entry))
    write_reports(record, tmp_path / "reports")

    assert "passed" == outcomes(record)["answer-json"]


def _places(value: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, one in inner for place in ((*before, key), *_places(one, (*before, key)))]


@pytest.mark.parametrize(
    "value",
    [None, True, -1, 1.5, 1e300, "", "\ud800", "a\nb", "http://[::1", [], [1], {}, {"a": 1}, "\x1b[2J"],
    ids=repr,
)
def test_anything_anywhere_is_survived(har: Har, entry: Any, value: Any) -> None:
    """Whatever stands in the place of whatever in an entry, the other one is judged, and the record can be read."""
    for place in _places(entry):
        odd = copy.deepcopy(entry)
        inner = odd
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = value
        record = judged(har(odd, entry))
        assert record.exit_status in (1, 7), place
        assert outcomes(record)["answer-json"] in ("passed", "failed"), place


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 200_000, "nested too deep"),
        ('{"log": {}}', "it has no list log.entries"),
        ('{"log": {"entries": [null]}}', "none of its entries has a request"),
    ],
)
def test_no_har(tmp_path: Path, text: str, words: str) -> None:
    """What is no recording at all is told in a line."""
    path = tmp_path / "traffic.har"
    path.write_text(text, "utf-8")
    with pytest.raises(RecordError) as caught:
        judging.judge_file(path, strict=False, allow_untested=False)

    assert f"{path}: no HAR file ({words})" == str(caught.value)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (gzip.compress(b'{"log": {}}'), "it is packed with gzip; unpack it first"),
        (b"PK\3\4\x14\xff", "it is packed with zip; unpack it first"),
        ('{"log": {}}'.encode("utf-16")[:-1], "it is UTF-16 that ends within a character"),
        ('{"log": {}}'.encode("utf-32-le")[:-1], "it is UTF-32 that ends within a character"),
        (b'{"log": "\xe9"}', "byte 9 isn't UTF-8"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_file_of_another_kind(tmp_path: Path, raw: bytes, words: str) -> None:
    """A file that is no text at all is told to be what it is."""
    path = tmp_path / "traffic.har"
    path.write_bytes(raw)
    with pytest.raises(RecordError) as caught:
        judging.judge_file(path, strict=False, allow_untested=False)

    assert f"{path}: no HAR file ({words})" == str(caught.value)


CLEAR: dict[str, Change] = {
    "a header as a number": lambda e: e["response"]["headers"].append({"name": "Content-Length", "value": len(BODY)}),
    "a status as text": lambda e: e["response"].update(status="201"),
    "a URL with a space": lambda e: e["request"].update(url=e["request"]["url"] + "?a=b c"),
    "a URL with needless escapes": lambda e: e["request"].update(url=e["request"]["url"].replace("v1.4", "v1%2E%34")),
}


@pytest.mark.parametrize("change", CLEAR.values(), ids=list(CLEAR))
def test_what_is_clear_is_judged(har: Har, entry: Any, change: Change) -> None:
    """What is only written in another way than HAR has it is judged like any other entry."""
    change(entry)
    record = judged(har(entry))

    assert ("passed", 7) == (outcomes(record)["answer-json"], record.exit_status)
    assert ("1 recorded call of traffic.har was judged; no call was made.",) == record.run.notes[:1]


@pytest.mark.parametrize("status", [100, 101, 103])
def test_interim_answer_is_none(har: Har, entry: Any, status: int) -> None:
    """An answer that another one follows isn't judged."""
    entry["response"]["status"] = status
    record = judged(har(entry))

    assert (5, []) == (record.exit_status, failed(record))
    assert (
        f"Entry 1: only {status} is recorded, which no answer ends with; there is nothing to judge." in record.run.notes
    )


def test_size_that_nothing_has_is_none(har: Har, entry: Any) -> None:
    """A size of three hundred digits is no size, and in no note."""
    text("", size=1e308)(entry)
    record = judged(har(entry))

    assert "Entry 1: the recording lacks the answer's body of 156 bytes; that isn't judged." in record.run.notes


@pytest.mark.parametrize("prefix", ["/iot", "/gateway/v2/iot"])
def test_prefix_is_taken(har: Har, entry: Any, prefix: str) -> None:
    """A recording made under a gateway's prefix is judged, and the base URL has it."""
    entry["request"]["url"] = entry["request"]["url"].replace(":8743/", f":8743{prefix}/")
    record = judged(har(entry))

    assert "passed" == outcomes(record)["answer-json"]
    assert f"https://platform.example:8743{prefix}" == record.target.base_url


def test_posts_that_do_not_fit_are_named(har: Har, entry: Any) -> None:
    """Where no POST is the call, those that were passed over are named, without what may be secret in them."""
    first, second, third = (copy.deepcopy(entry) for _ in range(3))
    first["request"]["url"] = second["request"]["url"] = "https://user:password@h.example/login?token=abcdefgh"
    third["request"]["url"] = "https://h.example/iocm/app/cmd/v1.4.0/deviceCommands"
    record = judged(har(first, second, third))

    assert 5 == record.exit_status
    assert (
        "No POST of the recording goes to …/iocm/app/cmd/v1.4.0/deviceCommandCancelTasks. "
        "Passed over: https://h.example/login (2 times); https://h.example/iocm/app/cmd/v1.4.0/deviceCommands."
    ) in record.run.notes


@pytest.mark.parametrize(
    "path", ["services/T0000/B0000/q7Zt0pLw9sXe", "bot123:q7Zt0pLw9sXe/sendMessage", "x/qZtpLwsXeKkAbQr", "a" * 40]
)
def test_posts_to_other_services_are_named_by_their_host(har: Har, entry: Any, path: str) -> None:
    """A path that isn't of words alone may be what lets anybody in."""
    entry["request"]["url"] = f"https://hooks.example/{path}"
    record = judged(har(entry))

    assert record.run.notes[1].endswith("Passed over: https://hooks.example.")


def test_lines_that_chrome_joins_are_lines(har: Har, entry: Any) -> None:
    """Lines of one header come joined by a line feed, and HTTP/2's own among the others."""
    entry["response"]["headers"] += [{"name": "Set-Cookie", "value": "a=1\nb=2"}, {"name": ":status", "value": "201"}]
    (case,) = judged(har(entry)).cases
    assert case.evidence.exchanges[0].response is not None

    assert ["Content-Type", "Set-Cookie", "Set-Cookie"] == [
        name for name, _ in case.evidence.exchanges[0].response.headers
    ]


def test_large_message_makes_no_large_report(har: Har, entry: Any, tmp_path: Path) -> None:
    """What reports hold of one value is bounded: bodies, headers and URLs of either side."""
    long = "x" * 3_000_000
    text(json.dumps({"taskId": long, "deviceCommands": []}), size=-1)(entry)
    entry["request"]["postData"]["text"] = json.dumps({"deviceId": long})
    entry["request"]["url"] += "?appId=" + long
    entry["request"]["headers"].append({"name": "X", "value": long})
    entry["response"]["headers"].append({"name": "X", "value": long})
    write_reports(judged(har(entry)), tmp_path / "reports")

    assert sum(path.stat().st_size for path in (tmp_path / "reports").iterdir()) < 3_000_000


SECRETS = {
    "Authorization": ("Bearer {}", "bearer  {}", "Bearer{}", "{}"),
    "app_key": ("{}",),
    "Proxy-Authorization": ("Basic {basic}", "Bearer {}"),
    "Cookie": ("SESSION={}; theme=dark",),
    "X-Api-Key": ("{}",),
    "X-Auth-Token": ("{}",),
}
SECRET = "q7Zt0pLw9sXe4"


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in SECRETS.items() for value in values], ids=str
)
def test_secrets_of_a_client_are_in_no_report(har: Har, entry: Any, tmp_path: Path, name: str, value: str) -> None:
    """Whatever a client sends as a secret, in a second line of a header too, is in nothing that is written."""
    basic = base64.b64encode(f"user:{SECRET}".encode()).decode()
    entry["request"]["headers"].append({"name": name, "value": value.format(SECRET, basic=basic)})
    text(json.dumps({"error_code": "9", "error_desc": f"no {SECRET}"}))(entry)
    write_reports(judged(har(entry)), tmp_path / "reports")

    for path in (tmp_path / "reports").iterdir():
        assert SECRET not in path.read_text("utf-8"), path.name
        assert basic not in path.read_text("utf-8"), path.name


@pytest.mark.parametrize(
    "change",
    [
        lambda e: e["request"].update(url=e["request"]["url"].replace("://", f"://user:{SECRET}@")),
        lambda e: e["request"].update(url=e["request"]["url"] + f"?access_token={SECRET}"),
        lambda e: e["response"]["headers"].append({"name": "Set-Cookie", "value": f"s={SECRET}; HttpOnly"}),
        lambda e: e["response"]["cookies"].append({"name": "s", "value": SECRET}),
        text(json.dumps({"accessToken": SECRET, "deep": [{"refresh_token": SECRET}]})),
        lambda e: e["request"]["postData"].update(text=f"appId=a&secret={SECRET}"),
        text(json.dumps({"refreshToken": [SECRET]})),
        text(json.dumps({"token": {"value": SECRET}})),
        text(json.dumps({"credentials": {"user": "someone", "pin": SECRET}})),
        text(json.dumps({"error_desc": f"sent with Bearer {SECRET}"})),
        text(json.dumps({"connectionString": f"Server=h;Password={SECRET};"})),
        text(json.dumps({"url": f"https://h.example/?access_token={SECRET}"})),
        text(f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----"),
        lambda e: e["response"].update(statusText=f"token {SECRET}"),
        lambda e: e["request"]["headers"].append({"name": "User-Agent", "value": f"curl token={SECRET}"}),
        lambda e: e["response"]["headers"].append({"name": "Warning", "value": f'199 - "token {SECRET}"'}),
    ],
)
def test_secrets_elsewhere_are_in_no_report(har: Har, entry: Any, tmp_path: Path, change: Change) -> None:
    """A secret of one call is none of another's words: what a log-in gives is looked for in every answer before it."""
    earlier, other = copy.deepcopy(entry), copy.deepcopy(entry)
    text(json.dumps({"error_code": "9", "error_desc": f"no {SECRET}"}))(earlier)
    change(other)
    if "postData" in str(change) or "secret=" in other["request"]["postData"]["text"]:
        other["request"]["url"] = "https://platform.example:8743/iocm/app/sec/v1.1.0/login"
    record = judged(har(earlier, other))
    write_reports(record, tmp_path / "reports")

    for path in (tmp_path / "reports").iterdir():
        assert SECRET not in path.read_text("utf-8"), path.name


def test_words_about_secrets_are_no_secrets(har: Har, entry: Any) -> None:
    """What only says something of a token, its type or scope, stays a word wherever it stands."""
    other = copy.deepcopy(entry)
    other["request"]["url"] = "https://platform.example:8743/iocm/app/sec/v1.1.0/login"
    text(json.dumps({"tokenType": "bearer", "tokenScope": "default", "token_expires_in": "application"}))(other)
    record = judged(har(other, entry))

    assert "application/json" == dict(record.cases[0].evidence.exchanges[0].request.headers)["Content-Type"]
