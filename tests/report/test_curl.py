"""The curl line, run by a real shell with a curl that shows what it was given."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from conformance.evidence.exchange import Request
from conformance.report.curl import command

SHELL = shutil.which("sh")
FAKE = """\
CONFORMANCE_APP_KEY='the key'; CONFORMANCE_ACCESS_TOKEN='the token'; EXPIRED_TOKEN='an old one'
curl() {
  for word in "$@"; do printf '%s\\n\\037' "$word"; done
  case "$*" in *@-*) cat ;; esac
}
"""


def _received(request: Request) -> tuple[list[str], bytes]:
    """The words that curl receives for REQUEST, and its standard input."""
    assert SHELL is not None
    script = FAKE + command(request)
    output = subprocess.run([SHELL, "-c", script], capture_output=True, check=True).stdout
    *words, rest = output.split(b"\n\x1f")
    return [word.decode() for word in words], rest


def _request(body: bytes | None, *headers: tuple[str, str], url: str = "https://h:1/p") -> Request:
    return Request("POST", url, (*headers, ("User-Agent", "suite")), body)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("$APP_KEY", "the key"),
        ("Bearer $ACCESS_TOKEN", "Bearer the token"),
        ("Bearer $ACCESS_TOKENx", "Bearer the tokenx"),
        ("Bearer $EXPIRED_TOKEN", "Bearer an old one"),
        ('it\'s "$ACCESS_TOKEN" $HOME `id` \\ !', 'it\'s "the token" $HOME `id` \\ !'),
        ("$(id)", "$(id)"),
        ("schlüssel\x01", "schlüssel\x01"),
    ],
)
def test_header_values_arrive(value: str, expected: str) -> None:
    """A header arrives as it was sent, the secrets' variables filled in, and nothing else expanded."""
    words, _ = _received(_request(None, ("app_key", value)))

    assert ["-H", f"app_key: {expected}"] == words[6:]


@pytest.mark.parametrize("body", [b"", b'{"deviceId": "it\'s"}', b"@file", b"-n", b"line\nline", b"$HOME `id` \\n %s"])
def test_text_bodies_arrive(body: bytes) -> None:
    """A printable body is an argument, unchanged."""
    words, _ = _received(_request(body, ("Content-Type", "application/json")))

    assert ["--data-raw", body.decode()] == words[-2:]


@pytest.mark.parametrize(
    "body", [bytes(range(256)), b"\x00", "\ufeff{}".encode(), "{}".encode("utf-16"), b"\xff1%d\\'"]
)
def test_binary_bodies_arrive(body: bytes) -> None:
    """A body that isn't printable ASCII comes from printf, byte for byte."""
    words, standard_input = _received(_request(body, ("Content-Type", "application/json")))

    assert ["--data-binary", "@-"] == words[-2:]
    assert body == standard_input


def test_urls_arrive() -> None:
    """The URL arrives whole, and curl is told not to take brackets for patterns."""
    url = "https://[::1]:8743/p?appId=a&b={c}$(id)'"
    words, _ = _received(_request(None, url=url))

    assert ["-i", "--globoff", "-X", "POST", "--url", url] == words


def test_missing_content_type_stays_missing() -> None:
    """Where the request has a body and no content type, curl is told not to add its own."""
    words, _ = _received(_request(b"{}"))

    assert ["-H", "Content-Type:"] == words[6:8]


def test_empty_header_is_sent() -> None:
    """A header without a value is spelt with a semicolon: with a colon curl would drop it."""
    words, _ = _received(_request(None, ("app_key", "")))

    assert ["-H", "app_key;"] == words[6:]


def test_headers_that_were_not_sent_are_left_out() -> None:
    """Where the request goes without the headers that clients usually send, curl is told not to send its own."""
    words, _ = _received(Request("POST", "https://h:1/p", (("app_key", "x"),), None))

    assert ["-H", "app_key: x", "-H", "User-Agent:", "-H", "Accept:"] == words[6:]


def test_headers_of_the_connection_are_left_to_curl() -> None:
    """What curl writes by itself isn't repeated."""
    words, _ = _received(_request(b"{}", ("Host", "h:1"), ("content-length", "2"), ("Content-Type", "a/b")))

    assert ["-H", "Content-Type: a/b", "--data-raw", "{}"] == words[6:]


FOREIGN = (
    "$GITHUB_TOKEN",
    "$SECRET",
    "$AWS_SECRET_ACCESS_KEY",
    "$HOME_SECRET",
    "$ACCESS_TOKEN_KEY",
    "${ACCESS_TOKEN}",
    "`id`",
)


@pytest.mark.parametrize("value", FOREIGN)
def test_only_own_variables_are_live(value: str) -> None:
    """What looks like a variable and isn't one of the suite's arrives as it stands, wherever it stands."""
    words, _ = _received(
        Request(
            value, f"https://h:1/p?{value}", (("X", value), ("Authorization", "Bearer $ACCESS_TOKEN")), value.encode()
        )
    )

    assert [value, f"https://h:1/p?{value}", f"X: {value}", "Authorization: Bearer the token", value] == [
        words[3],
        words[5],
        words[7],
        words[9],
        words[-1],
    ]


@pytest.mark.parametrize("value", ["-K-", "--config=x", "-o/etc/passwd", "@/etc/passwd", "-", "--"])
def test_no_value_is_an_option_or_a_file(value: str) -> None:
    """Method, URL and body follow options that take them literally, whatever they begin with."""
    words, _ = _received(Request(value, value, (("Content-Type", value), ("User-Agent", "suite")), value.encode()))
    url = f"http://{value}" if value.startswith("@") else value

    assert words == [
        *("-i", "--globoff", "-X", value, "--url", url, "-H", f"Content-Type: {value}", "--data-raw", value)
    ]


@pytest.mark.parametrize("name", ["@/etc/passwd", "", "a b", "x\r\ny"])
def test_header_that_curl_would_misread_is_left_out(name: str) -> None:
    """A header whose name is none isn't in the command: curl reads files whose names follow an at sign."""
    assert "-H" not in _received(_request(None, (name, "x")))[0]


def test_endless_body_makes_no_endless_command() -> None:
    """A very long body is named, not printed."""
    text = command(_request(b"x" * 100_000))

    assert len(text) < 300
    assert "100,000 bytes" in text
