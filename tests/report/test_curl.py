"""The curl line, run by a real shell with a curl that shows what it was given."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from conformance.exchange import Request
from conformance.report.curl import command

SHELL = shutil.which("sh")
FAKE = """\
APP_KEY='the key'; ACCESS_TOKEN='the token'
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
    return Request("POST", url, headers, body)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("$APP_KEY", "the key"),
        ("Bearer $ACCESS_TOKEN", "Bearer the token"),
        ("Bearer $ACCESS_TOKENx", "Bearer the tokenx"),
        ('it\'s "$ACCESS_TOKEN" $HOME `id` \\ !', 'it\'s "the token" $HOME `id` \\ !'),
        ("$(id)", "$(id)"),
        ("schlüssel\x01", "schlüssel\x01"),
    ],
)
def test_header_values_arrive(value: str, expected: str) -> None:
    """A header arrives as it was sent, the secrets' variables filled in, and nothing else expanded."""
    words, _ = _received(_request(None, ("app_key", value)))

    assert ["-H", f"app_key: {expected}"] == words[4:]


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

    assert words[-2:] == ["--data-binary", "@-"]
    assert body == standard_input


def test_urls_arrive() -> None:
    """The URL arrives whole, and curl is told not to take brackets for patterns."""
    url = "https://[::1]:8743/p?appId=a&b={c}$(id)'"
    words, _ = _received(_request(None, url=url))

    assert ["-i", "-g", "-X", "POST", url] == words


def test_missing_content_type_stays_missing() -> None:
    """Where the request has a body and no content type, curl is told not to add its own."""
    words, _ = _received(_request(b"{}"))

    assert words[4:6] == ["-H", "Content-Type:"]


def test_empty_header_is_sent() -> None:
    """A header without a value is spelt with a semicolon: with a colon curl would drop it."""
    words, _ = _received(_request(None, ("app_key", "")))

    assert words[4:] == ["-H", "app_key;"]


def test_headers_of_the_connection_are_left_to_curl() -> None:
    """What curl writes by itself isn't repeated."""
    words, _ = _received(_request(b"{}", ("Host", "h:1"), ("content-length", "2"), ("Content-Type", "a/b")))

    assert words[4:] == ["-H", "Content-Type: a/b", "--data-raw", "{}"]


def test_endless_body_makes_no_endless_command() -> None:
    """A very long body is named, not printed."""
    text = command(_request(b"x" * 100_000))

    assert len(text) < 300
    assert "100,000 bytes" in text
