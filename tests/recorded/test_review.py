"""Requests that a client made wrongly, apart from the verdict on the answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.recorded import judging
from conformance.recorded.page import NAME, write_page
from conformance.recorded.review import Mistake

Change = Callable[[Any], object]
Har = Callable[..., Path]


def judge(path: Path) -> judging.Judged:
    """The judgement of PATH."""
    return judging.judge_file(path, strict=False, allow_untested=False)


def mistakes(path: Path) -> list[Mistake]:
    """What is wrong with the requests in PATH."""
    return [mistake for reviewed in judge(path).requests for mistake in reviewed.mistakes]


def test_right_request_has_no_mistake(har: Har, entry: Any) -> None:
    """What the document shows as an example is right, with appId or a charset, too."""
    assert [] == mistakes(har(entry))
    entry["request"]["url"] += "?appId=application-1"
    entry["request"]["headers"][2]["value"] = 'application/json;charset="UTF-8"'
    assert [] == mistakes(har(entry))


def header(name: str, *values: str) -> Change:
    """The lines of the header NAME are these VALUES."""

    def change(entry: Any) -> None:
        lines = [line for line in entry["request"]["headers"] if line["name"].lower() != name.lower()]
        entry["request"]["headers"] = [*lines, *({"name": name, "value": value} for value in values)]

    return change


def body(value: object) -> Change:
    """The request's body is VALUE, as JSON unless it is text."""
    text = value if isinstance(value, str) else json.dumps(value)
    return lambda entry: (
        entry["request"].update(bodySize=len(text.encode())),
        entry["request"]["postData"].update(text=text),
    )


def url(old: str, new: str) -> Change:
    """In the URL OLD is NEW."""
    return lambda entry: entry["request"].update(url=entry["request"]["url"].replace(old, new))


def query(text: str) -> Change:
    """The query is TEXT."""
    return lambda entry: entry["request"].update(url=f"{entry['request']['url']}?{text}")


def no_body(entry: Any) -> None:
    """The request has no body."""
    del entry["request"]["postData"]
    entry["request"]["bodySize"] = 0


TOKEN = "a-token-of-the-recording"
AUTHORIZATION, APP_KEY, APP_ID, DEVICE_ID, CONTENT_TYPE, METHOD, URL = (
    "Request Parameters > Authorization",
    "Request Parameters > app_key",
    "Request Parameters > appId",
    "Request Parameters > deviceId",
    "Request Example > Header",
    "API Prototype > Method",
    "API Prototype > URL",
)
WRONG: list[tuple[Change, str, str]] = [
    (header("Authorization"), "the header Authorization is missing", AUTHORIZATION),
    (header("Authorization", ""), "Authorization is empty", AUTHORIZATION),
    (header("Authorization", "Bearer"), "there is no token after Bearer", AUTHORIZATION),
    (header("Authorization", f"Bearer{TOKEN}"), "there is no space between Bearer and the token", AUTHORIZATION),
    (header("Authorization", f"bearer{TOKEN}"), "there is no space between Bearer and the token", AUTHORIZATION),
    (header("Authorization", f"Bearer:{TOKEN}"), "there is a colon or an equals sign after Bearer", AUTHORIZATION),
    (header("Authorization", f"Bearer: {TOKEN}"), "there is a colon or an equals sign after Bearer", AUTHORIZATION),
    (
        header("Authorization", f"Bearer\t{TOKEN}"),
        "there is a tab between Bearer and the token, not a s",
        AUTHORIZATION,
    ),
    (header("Authorization", f"bearer {TOKEN}"), "Bearer is written in other letter case", AUTHORIZATION),
    (header("Authorization", f"Bearer  {TOKEN}"), "there is more than one space between Bearer and th", AUTHORIZATION),
    (header("Authorization", f"Bearer Bearer {TOKEN}"), "Bearer stands twice before the token", AUTHORIZATION),
    (header("Authorization", "Bearer null"), "the token is a word for no value", AUTHORIZATION),
    (header("Authorization", "Bearer {accessToken}"), "the token is a word for no value", AUTHORIZATION),
    (header("Authorization", f'Bearer "{TOKEN}"'), "the token stands in quotes or brackets", AUTHORIZATION),
    (header("Authorization", f"Basic {TOKEN}"), "the scheme is Basic, not Bearer", AUTHORIZATION),
    (header("Authorization", f"Own {TOKEN}"), "the scheme is not Bearer", AUTHORIZATION),
    (header("Authorization", TOKEN), "the scheme Bearer is missing before the token", AUTHORIZATION),
    (header("Authorization", f"Bearer {TOKEN}", "Bearer x"), "there are 2 headers Authorization", AUTHORIZATION),
    (header("app_key"), "the header app_key is missing", APP_KEY),
    (header("app_key", ""), "app_key is empty", APP_KEY),
    (header("app_key", "undefined"), "app_key holds a word for no value", APP_KEY),
    (header("app_key", "a", "b"), "there are 2 headers app_key", APP_KEY),
    (header("Content-Type"), "the header Content-Type is missing", CONTENT_TYPE),
    (header("Content-Type", "text/plain"), "Content-Type is text/plain", CONTENT_TYPE),
    (header("Content-Type", "application/jsonx"), "Content-Type is application/jsonx", CONTENT_TYPE),
    (
        header("Content-Type", "application/json; charset=latin1"),
        "the charset is latin1, and JSON is UTF-8",
        CONTENT_TYPE,
    ),
    (no_body, "there is no body", DEVICE_ID),
    (body("   "), "the body is blank", DEVICE_ID),
    (body([]), "the body is a list, not an object", DEVICE_ID),
    (body([{"deviceId": "d"}]), "the body is a list, not an object", DEVICE_ID),
    (body('"device-1"'), "the body is a string, not an object", DEVICE_ID),
    (body(None), "the body is null, not an object", DEVICE_ID),
    (body(17), "the body is a number, not an object", DEVICE_ID),
    (body("deviceId=device-1"), "the body is no JSON: a form (name=value)", DEVICE_ID),
    (body("{'deviceId': 'd'}"), "the body is no JSON: names in single quotes", DEVICE_ID),
    (body("{deviceId: 'd'}"), "the body is no JSON: names without quotes", DEVICE_ID),
    (body('{"deviceId": "d",}'), "the body is no JSON: a comma before the closing brace", DEVICE_ID),
    (body("<device/>"), "the body is no JSON: XML or HTML", DEVICE_ID),
    (body('\ufeff{"deviceId": "d"}'), "the body is no JSON: a byte order mark stands before the JSON text", DEVICE_ID),
    (body('{"deviceId": "a", "deviceId": "b"}'), "two members have one name: deviceId", DEVICE_ID),
    (body({}), "deviceId is missing", DEVICE_ID),
    (body({"device_id": "d"}), "deviceId is missing; there is a member device_id", DEVICE_ID),
    (body({"deviceIds": ["d"]}), "deviceId is missing; there is a member deviceIds", DEVICE_ID),
    (body({"deviceId": None}), "deviceId is null, not a string", DEVICE_ID),
    (body({"deviceId": 5}), "deviceId is a number, not a string", DEVICE_ID),
    (body({"deviceId": True}), "deviceId is true or false, not a string", DEVICE_ID),
    (body({"deviceId": ["d"]}), "deviceId is a list, not a string", DEVICE_ID),
    (body({"deviceId": ""}), "deviceId is empty", DEVICE_ID),
    (body({"deviceId": "d" * 65}), "deviceId has 65 characters", DEVICE_ID),
    (body({"deviceId": "ü" * 70}), "deviceId has 70 characters", DEVICE_ID),
    (body({"deviceId": " d"}), "deviceId begins or ends with white space", DEVICE_ID),
    (body({"deviceId": "undefined"}), "deviceId holds a word for no value", DEVICE_ID),
    (body({"deviceId": "d", "force": True}), "the body has members that the document doesn't have: force", DEVICE_ID),
    (body({"deviceId": "d", "appId": "a"}), "appId stands in the body", APP_ID),
    (body({"deviceId": "d", "app_key": "a"}), "app_key stands in the body", APP_KEY),
    (body({"deviceId": "d", "accessToken": TOKEN}), "the token stands in the body", AUTHORIZATION),
    (query("appId="), "appId is empty", APP_ID),
    (query("appId=a&appId=b"), "there are 2 parameters appId", APP_ID),
    (query("appid=application-1"), "appId is written appid", APP_ID),
    (query("appId=null"), "appId holds a word for no value", APP_ID),
    (query("deviceId=device-1"), "deviceId stands in the query", DEVICE_ID),
    (query(f"access_token={TOKEN}"), "the token stands in the query", AUTHORIZATION),
    (lambda entry: entry["request"].update(method="PUT"), "the method is PUT", METHOD),
    (lambda entry: entry["request"].update(method="DELETE"), "the method is DELETE", METHOD),
    (url("Tasks", "Tasks/"), "the path ends in a slash", URL),
    (url("/iocm/", "/IOCM/"), "the path is written in other letter case", URL),
    (url("v1.4.0", "v1.1.0"), "the path is another one", URL),
    (url("https:", "http:"), "the call goes over http", "Transport Protocol > HTTPS"),
]


@pytest.mark.parametrize(
    ("change", "words", "source"), WRONG, ids=[f"{n} {words}" for n, (_, words, _) in enumerate(WRONG)]
)
def test_mistake_is_told(har: Har, entry: Any, change: Change, words: str, source: str) -> None:
    """Each mistake is told alone, with the document's row, and without any value that may be a secret."""
    change(entry)
    (mistake,) = mistakes(har(entry))

    assert mistake.what.startswith(words)
    assert source == mistake.source
    assert TOKEN not in str(mistake)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("appKey", "the header app_key is missing; there is a header appKey"),
        ("X-App-Key", "the header app_key is missing; there is a header X-App-Key"),
        ("access_token", "the header Authorization is missing; there is a header access_token"),
        ("X-Auth-Token", "the header Authorization is missing; there is a header X-Auth-Token"),
    ],
)
def test_header_of_another_name_is_named(har: Har, entry: Any, name: str, words: str) -> None:
    """A header that the value seems to be in instead is named."""
    wanted = "app_key" if "key" in name.lower() else "Authorization"
    for line in entry["request"]["headers"]:
        if line["name"] == wanted:
            line["name"] = name

    assert [words] == [mistake.what for mistake in mistakes(har(entry))]


@pytest.mark.parametrize(("creator", "expected"), [("WebInspector", 0), ("an exporter", 1)])
def test_sanitized_recording_is_not_held_against_the_client(har: Har, entry: Any, creator: str, expected: int) -> None:
    """Chrome takes Authorization out of a recording by itself; then nothing is said of it."""
    header("Authorization")(entry)

    assert expected == len(mistakes(har(entry, creator=creator)))


def test_call_without_answer_is_reviewed(har: Har, entry: Any) -> None:
    """Also where nothing came back, what was sent can be wrong."""
    entry["response"] = None
    body([])(entry)

    assert ["the body is a list, not an object"] == [mistake.what for mistake in mistakes(har(entry))]


def test_query_of_tasks_is_no_mistake(har: Har, entry: Any) -> None:
    """GET on the path is a call of its own, and so are a browser's OPTIONS."""
    get, options = json.loads(json.dumps(entry)), json.loads(json.dumps(entry))
    get["request"]["method"], options["request"]["method"] = "GET", "OPTIONS"

    assert [] == mistakes(har(get, options, entry))


def test_review_has_no_say_in_the_verdict(har: Har, entry: Any) -> None:
    """The verdict is the same with a request that is wrong; notes tell it, and those of one kind together."""
    right = judge(har(entry)).record
    header("Authorization", f"Bearer{TOKEN}")(entry)
    wrong = judge(har(entry, entry)).record

    assert (right.exit_status, right.verdict, right.summary) == (wrong.exit_status, wrong.verdict, wrong.summary)
    first, second = wrong.run.notes[1:]
    assert (
        "The client made 2 of 2 requests wrongly. That doesn't affect the verdict, which is about the answers."
    ) == first
    assert (
        "Request of entries 1, 2: there is no space between Bearer and the token; the document: "
        "Request Parameters > Authorization: Authorization: Bearer {accessToken}."
    ) == second
    assert "the request: there is no space between Bearer and the token" in wrong.cases[0].evidence.exchanges[0].notes


def test_many_mistakes_are_all_told(har: Har, entry: Any) -> None:
    """The terminal is told more than the report's notes, and says how much is left."""
    entries = []
    for number in range(250):
        entry["request"]["postData"]["text"] = json.dumps({"deviceId": "d", f"member{number}": 1})
        entries.append(json.loads(json.dumps(entry)))
    judgement = judge(har(*entries))

    assert (200, 20) == tuple(
        sum(one.startswith("Request of entry") for one in lines)
        for lines in (judgement.told, judgement.record.run.notes)
    )
    assert "50 more such lines stand beside the exchanges." == judgement.told[-1]


def test_page_shows_what_is_wrong(har: Har, entry: Any, tmp_path: Path) -> None:
    """The page has the request, what is wrong and the row; nothing foreign is markup, and no secret is in it."""
    header("Authorization", f"Bearer{TOKEN}")(entry)
    body({"deviceId": "<script>alert(1)</script>", "<img src=x>": 1})(entry)
    write_page(judge(har(entry)).requests, "<b>.har", tmp_path)
    page = (tmp_path / NAME).read_text("utf-8")

    for words in ("there is no space between Bearer and the token", "Request Parameters &gt; Authorization", "Entry 1"):
        assert words in page
    for words in ("<script>alert", "<img", "<b>", TOKEN):
        assert words not in page
    assert "Content-Security-Policy" in page
