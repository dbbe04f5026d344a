"""An exchange as lines of HTTP, the edit marked."""

from __future__ import annotations

import json
from types import ModuleType

import pytest

from conformance.evidence.exchange import Exchange, Request, Response, TransportError
from conformance.report.message import BODY_LIMIT, Line, request_lines, response_lines


def _marked(request: Request, plain: Request, edit: str) -> list[tuple[str, str]]:
    return [(line.mark, line.text) for line in request_lines(request, plain, edit) if line.mark]


def _answer(body: bytes) -> Exchange:
    request = Request("POST", "https://h/p", (), None)
    return Exchange(request, Response(200, "OK", "HTTP/1.1", (), body), None, 0.0, 0.0)


def test_request_reads_as_http(samples: ModuleType) -> None:
    """A request is its start line, its headers, a blank line and the body as indented JSON."""
    lines = [line.text for line in request_lines(samples.request())]

    assert [
        "POST /iocm/app/cmd/v1.4.0/deviceCommandCancelTasks HTTP/1.1",
        "Host: platform.example:8743",
        "app_key: $APP_KEY",
        "Authorization: Bearer $ACCESS_TOKEN",
        "Content-Type: application/json",
        "",
        "{",
        f'  "deviceId": "{samples.DEVICE}"',
        "}",
    ] == lines


def test_another_device_is_no_edit(samples: ModuleType) -> None:
    """A header left out is marked; that the call is for another device isn't."""
    request = samples.request(b'{"deviceId": "other"}', app_key=None)

    assert [("left out", "app_key: $APP_KEY")] == _marked(request, samples.request(), "without the header app_key")


def test_the_device_may_be_the_edit(samples: ModuleType) -> None:
    """Where the edit speaks of the device, the member deviceId is marked and nothing else."""
    request = samples.request(b'{"deviceId": "dddd"}')

    assert [("edited", '  "deviceId": "dddd"')] == _marked(request, samples.request(), "a deviceId of 65 characters")


def test_changed_header_and_query_are_marked(samples: ModuleType) -> None:
    """A header with another value or spelling and a start line with a query are marked."""
    plain = samples.request()
    request = Request(
        "POST", plain.url + "?appId=x", (*plain.headers[:1], ("APP_KEY", "$APP_KEY"), *plain.headers[2:]), plain.body
    )

    assert [
        ("edited", "POST /iocm/app/cmd/v1.4.0/deviceCommandCancelTasks?appId=x HTTP/1.1"),
        ("edited", "APP_KEY: $APP_KEY"),
    ] == _marked(request, plain, "both")


def test_missing_member_and_further_member_are_marked(samples: ModuleType) -> None:
    """A member that was left out is shown as such, one that was added is marked."""
    marked = _marked(samples.request(b'{"appId": "a"}'), samples.request(), "appId for deviceId")

    assert [("edited", '  "appId": "a"'), ("left out", f'  "deviceId": "{samples.DEVICE}"')] == marked


def test_body_that_is_no_object_is_the_edit(samples: ModuleType) -> None:
    """A body of another kind is marked as a whole, also when there is none."""
    assert [("edited", "[]")] == _marked(samples.request(b"[]"), samples.request(), "a list")
    assert ("edited", "(empty body)") in _marked(samples.request(b""), samples.request(), "no body")


def test_other_spelling_is_the_edit(samples: ModuleType) -> None:
    """Where headers and members are those of the plain call, the spelling of the body is marked."""
    body = b'{"\\u0064eviceId": "other"}'

    assert [("edited", '{"\\u0064eviceId": "other"}')] == _marked(samples.request(body), samples.request(), "escapes")


def test_spelling_is_never_prettified_away() -> None:
    """JSON that indenting would change (members twice, numbers, escapes) is shown as it came."""
    for body in (b'{"a":1,"a":2}', b'{"a":1e2}', b'{"a":"\\u0041"}', b"[NaN] x"):
        assert body.decode() == response_lines(_answer(body))[-1].text


def test_pretty_json() -> None:
    """Other JSON is indented."""
    assert ["{", '  "a": [', "    1", "  ]", "}"] == [line.text for line in response_lines(_answer(b'{"a":[1]}'))[2:]]


def test_hopelessly_nested_json_is_shown_raw() -> None:
    """A body nested too deeply to parse is shown, not tripped over."""
    body = b"[" * 5000

    assert body.decode() == response_lines(_answer(body))[-1].text


def test_long_body_is_cut_in_words() -> None:
    """A long body is cut, and words say how long it is."""
    *_, body, last = response_lines(_answer(b"x" * (BODY_LIMIT + 1234)))

    assert "x" * BODY_LIMIT + "…" == body.text
    assert ("remark", "(cut: the whole body, 7,234 bytes, is in results.json)") == (last.mark, last.text)


def test_long_json_is_indented_as_far_as_it_shows() -> None:
    """As much of a long JSON body as is shown is indented, character for character as all of it would be."""
    value = [{"deviceId": f"device {number}", "list": [1, 2, {}]} for number in range(2000)]
    lines = response_lines(_answer(json.dumps(value).encode()))
    shown = [line.text for line in lines[lines.index(Line("")) + 1 : -1]]

    assert f"{json.dumps(value, indent=2)[:BODY_LIMIT]}…".split("\n") == shown


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (" ,\t", " :\r\n")])
def test_json_is_indented_however_it_is_spaced(separators: tuple[str, str]) -> None:
    """White space is nobody's edit: it gives way to the indenting."""
    value = {"a": [1, "x , y"], "b": None}
    lines = response_lines(_answer(json.dumps(value, separators=separators).encode()))

    assert json.dumps(value, indent=2).split("\n") == [line.text for line in lines[lines.index(Line("")) + 1 :]]


def test_bytes_that_are_no_text_show() -> None:
    """Bytes that aren't UTF-8 are written as escapes, and it says so."""
    lines = [line.text for line in response_lines(_answer(b"\xff\x00"))]

    assert ["\\xff⟨NUL⟩", "(not UTF-8: the bytes that aren't are written as \\xNN)"] == lines[2:]


def test_fault_takes_the_answers_place() -> None:
    """Where no answer came, the fault says why."""
    exchange = Exchange(
        Request("POST", "https://h/p", (), None), None, TransportError("timeout", "nothing in 10 s"), 0.0, 10.0
    )

    assert ["No complete answer: nothing in 10 s (timeout)"] == [line.text for line in response_lines(exchange)]


def test_request_marks_nothing_without_a_base(samples: ModuleType) -> None:
    """Without a plain call to compare with, nothing is marked."""
    request = samples.request(json.dumps({"deviceId": 1}).encode())

    assert [] == [line for line in request_lines(request) if line.mark]
