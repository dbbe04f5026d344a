"""Where a recording may have secrets, and that there is no end of memory for them."""

from __future__ import annotations

import base64
import copy
import gzip
import json
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.recorded import judging
from conformance.recorded.page import write_page
from conformance.recorded.secrets import MOST, MOST_OF_ONE, secrets
from conformance.report import write_reports
from tests.recorded.conftest import TASK

Change = Callable[[Any], object]
Har = Callable[..., Path]
X = "q7Zt0pLw9sXe4Kk"


def answer(text: str, **members: Any) -> Change:
    """The answer's body is TEXT."""
    return lambda entry: entry["response"]["content"].update(text=text, size=-1, **members)


def task(**members: Any) -> Change:
    """The answer is a task with further MEMBERS."""
    return answer(json.dumps({**TASK, **members}))


def error(words: str) -> Change:
    """The answer is an error of these WORDS."""
    return answer(json.dumps({"error_code": "100418", "error_desc": words}))


def request(text: str) -> Change:
    """The request's body is TEXT."""
    return lambda entry: entry["request"]["postData"].update(text=text)


def line(side: str, name: str, value: str) -> Change:
    """SIDE has a further header NAME."""
    return lambda entry: entry[side]["headers"].append({"name": name, "value": value})


def url(old: str, new: str) -> Change:
    """In the URL OLD is NEW."""
    return lambda entry: entry["request"].update(url=entry["request"]["url"].replace(old, new))


def digits(text: str | bytes) -> str:
    """TEXT in base64."""
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def deep(levels: int) -> Any:
    """X at the bottom of so many LEVELS."""
    value: Any = X
    for _ in range(levels):
        value = [{"a": value}]
    return value


END = "Tasks"
PLACES: dict[str, Change] = {
    "base64, authToken": answer(digits(json.dumps({**TASK, "authToken": X})), encoding="base64"),
    "base64, words": answer(digits(json.dumps({"error_desc": f"login password={X}"})), encoding="base64"),
    "base64 of gzip": lambda e: (
        line("response", "Content-Encoding", "gzip")(e),
        answer(digits(gzip.compress(json.dumps({**TASK, "sessionId": X}).encode())), encoding="base64")(e),
    ),
    "JSON in JSON": task(ext=json.dumps({"sessionToken": X})),
    "JSON in JSON in JSON": request(json.dumps({"payload": json.dumps({"inner": json.dumps({"password": X})})})),
    "more than 1 MiB": answer(json.dumps({"authToken": X, "pad": "x" * 1_100_000})),
    "a request of more than 1 MiB": request(json.dumps({"deviceId": "d", "pwd": X, "pad": "x" * 1_100_000})),
    "far below": task(tokens=deep(20)),
    "names": task(tokens={X: "valid"}),
    "broken JSON": answer(f'{{"authToken": "{X}",}}'),
    "single quotes": request(f"{{'authToken':'{X}'}}"),
    "no quotes": request(f"{{authToken: '{X}'}}"),
    "YAML": request(f"deviceId: d\npassword: {X}\n"),
    "XML": request(f"<request><accessToken>{X}</accessToken></request>"),
    "XML with a prefix": answer(f"<s:e><s:password type='a'><![CDATA[{X}]]></s:password></s:e>"),
    "XML by name": answer(f"<property name='client_secret'>{X}</property>"),
    "parts": request(f'--B\r\nContent-Disposition: form-data; name="password"\r\n\r\n{X}\r\n--B--'),
    "parts with a type": request(
        f'--B\r\nContent-Disposition: form-data; name="token"\r\nContent-Type: a\r\n\r\n{X}\r\n'
    ),
    "a colon": error(f"bad password: {X}"),
    "a verb": error(f"API key is {X}"),
    "quotes": error(f'token "{X}" has expired'),
    "a word before it": error(f"The access token {X} has expired"),
    "a status": lambda e: e["response"].update(statusText=f"password: {X}"),
    "an address in a parameter": url(END, f"{END}?callbackUrl=https%3A%2F%2Fcb.example%2F%3Ftoken%3D{X}"),
    "an address in that": url(
        END, f"{END}?callbackUrl=https%3A%2F%2Fc%2F%3Fu%3Dhttps%253A%252F%252Fd%252F%253Fsig%253D{X}"
    ),
    "sig": task(x=f"https://a.example/cb?sig={X}"),
    "key": task(x=f"https://a.example/cb?a=b&key={X}"),
    "a handshake": line("response", "WWW-Authenticate", f"Negotiate {X}"),
    "a proxy's handshake": line("response", "Proxy-Authenticate", f"NTLM {X}"),
    "a comment": lambda e: (
        e["response"]["content"].pop("text"),
        e["response"]["content"].update(comment=f"truncated token={X}"),
    ),
    "a path": url("/iocm", f"/token/{X}/iocm"),
    "a JWT in a path": url("/iocm", f"/t/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{X}/iocm"),
    "where it came from": line("request", "Referer", f"https://h.example/reset-password/{X}"),
    "a JWT": error(f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{X}"),
    "keys of a cloud": error(f"AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMIKkMDENG{X}EXAMPLEKEY"),
    "a key of a forge": error(f"ghp_abcdefghij{X}"),
    "a header that repeats": lambda e: (line("request", "X-Foo", f"v1 {X}")(e), error(f"bad {X}")(e)),
    "a webhook": url("https://platform.example:8743/iocm", f"https://hooks.example/services/T0000/{X}/iocm"),
    "a bot": lambda e: e["request"].update(url=f"https://api.example/bot12345678:{X}/sendMessage"),
    "a service": lambda e: e["request"].update(url=f"https://hooks.example/services/T000/B000/{X}"),
}


@pytest.mark.parametrize("change", PLACES.values(), ids=list(PLACES))
def test_secret_is_in_nothing_that_is_written(har: Har, entry: Any, tmp_path: Path, change: Change) -> None:
    """Wherever people and programs put secrets, none is shown."""
    change(entry)
    judged = judging.judge_file(har(entry), strict=False, allow_untested=False)
    reports = tmp_path / "reports"
    write_reports(judged.record, reports)
    write_page(judged.requests, "traffic.har", reports)

    assert [] == [path.name for path in reports.iterdir() if X in path.read_text("utf-8")]
    assert X not in str(judged.told)


def test_numbers_are_secrets_too(har: Har, entry: Any) -> None:
    """A password may be a number; how long a token holds is none."""
    task(password=918273645546, token_expires_in=864000123, session=True)(entry)
    found = secrets((json.loads(har(entry).read_text("utf-8"))["log"]["entries"][0],)).names

    assert "918273645546" in found
    assert {"864000123", "True"}.isdisjoint(found)


@pytest.mark.parametrize(
    "words", ["The token has expired", "the password is required", "session: terminated", "the key of the application"]
)
def test_words_about_secrets_are_none(har: Har, entry: Any, words: str) -> None:
    """What is said of a secret isn't one."""
    error(words)(entry)
    record = judging.judge_file(har(entry), strict=False, allow_untested=False).record
    response = record.cases[0].evidence.exchanges[0].response
    assert response is not None

    assert words in response.body.decode()


def login(tokens: int, entry: Any, start: int = 0) -> Any:
    """A call with an answer that holds so many TOKENS."""
    made = copy.deepcopy(entry)
    task(tokens=[f"token-{number:08}-abcdef" for number in range(start, start + tokens)])(made)
    return made


def test_more_secrets_than_are_learned_are_not_shown(har: Har, entry: Any, tmp_path: Path) -> None:
    """Nothing is shown of a message with more secrets than are learned, nor of what is wrong in it; others are."""
    many = login(MOST_OF_ONE + 500, entry)
    many["response"]["headers"] = [{"name": "Content-Type", "value": "text/token-00001499-abcdef"}]
    record = judging.judge_file(har(many, entry), strict=False, allow_untested=False).record
    write_reports(record, tmp_path / "reports")

    assert [1] == [record.exit_status]
    shown, other = (case.evidence.exchanges[0].response for case in record.cases)
    assert shown is not None
    assert other is not None
    assert (b"", True) == (shown.body, str(TASK["taskId"]) in other.body.decode())
    assert any("aren't shown" in note for note in record.cases[0].evidence.exchanges[0].notes)
    for path in (tmp_path / "reports").iterdir():
        assert "token-0000" not in path.read_text("utf-8"), path.name


def test_all_secrets_together_are_bounded(entry: Any) -> None:
    """So it is behind as many secrets as are learned of a whole recording."""
    each = MOST_OF_ONE - 100
    entries = [login(each, entry, start=number * each) for number in range(MOST // each + 3)]
    found = secrets(tuple(json.loads(json.dumps(entries))))

    assert MOST == len(found.names)
    assert {len(entries), len(entries) - 1} <= found.beyond
    assert 1 not in found.beyond


def test_secrets_take_no_endless_memory(har: Har, entry: Any) -> None:
    """40,000 tokens in one body, or 20,000 headers, take little more than the file."""
    many = login(40_000, entry)
    many["request"]["headers"] += [
        {"name": f"X-Token-{number}", "value": f"v{number:012}x"} for number in range(20_000)
    ]
    path = har(many, many)
    tracemalloc.start()
    try:
        judging.judge_file(path, strict=False, allow_untested=False)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 120_000_000


def test_many_calls_take_seconds(har: Har, entry: Any) -> None:
    """A thousand calls, each with a token of its own, are judged in the time of a sip of tea."""
    entries = []
    for number in range(1000):
        entry["request"]["headers"][1]["value"] = f"Bearer token-{number:08}-abcdefghijkl"
        entries.append(copy.deepcopy(entry))
    path = har(*entries)
    started = time.process_time()
    judging.judge_file(path, strict=False, allow_untested=False)

    assert time.process_time() - started < 10
