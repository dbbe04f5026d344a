"""What is shown, and what is learned, by its place in a message."""

from __future__ import annotations

import base64

import pytest

from conformance.evidence.exchange import Exchange, Request, Response
from conformance.evidence.positions import (
    MARKERS,
    VARIABLE,
    credentials,
    is_credential,
    shown_header,
    shown_url,
    url_credentials,
)


def _unknown(_: str) -> None:
    """No value is a known secret."""


HEADERS = [
    ("Content-Type", "application/json", "application/json"),
    ("DATE", "today", "today"),
    ("Authorization", "Bearer x", "Bearer $ACCESS_TOKEN"),
    ("authorization", " bearer \t x y", " bearer \t $ACCESS_TOKEN"),
    ("Authorization", "x", "$ACCESS_TOKEN"),
    ("Authorization", "Basic x", "Basic $CREDENTIALS"),
    ("Authorization", "Bearer", "$ACCESS_TOKEN"),
    ("Authorization", "", ""),
    ("Authorization", "Bearer $EDITED_ACCESS_TOKEN", "Bearer $EDITED_ACCESS_TOKEN"),
    ("Proxy-Authorization", "Digest x", "Digest $CREDENTIALS"),
    ("app_key", "x", "$APP_KEY"),
    ("App_Key ", "x", "$APP_KEY"),
    ("Cookie", "a=b; c=d", "$COOKIE"),
    ("Set-Cookie", "a=b; Path=/", "$COOKIE"),
    ("X-Api-Key", "x", "$MASKED"),
    ("Anything", "x", "$MASKED"),
    ("Anything", " ", " "),
    (":path", "/p?appId=1&x=2", "/p?appId=1&x=$MASKED"),
    (":authority", "u:p@h:1", "$USERINFO@h:1"),
    ("Host", "h:1", "h:1"),
    ("Location", "https://u:p@h/?deviceId=1&t=2", "https://$USERINFO@h/?deviceId=1&t=$MASKED"),
]


@pytest.mark.parametrize(("name", "value", "expected"), HEADERS)
def test_values_of_headers(name: str, value: str, expected: str) -> None:
    """A listed header shows its value, any other a word for what it is; a scheme and its white space stay."""
    assert expected == shown_header(name, value, _unknown)


URLS = [
    ("https://h:1/p", "https://h:1/p"),
    ("https://h/?appId=1&DEVICEID=2&pageNo=3", "https://h/?appId=1&DEVICEID=2&pageNo=3"),
    ("https://h/?access_token=x&app_key=y&z=1", "https://h/?access_token=$ACCESS_TOKEN&app_key=$APP_KEY&z=$MASKED"),
    ("https://h/?a%63cess_token=x", "https://h/?a%63cess_token=$ACCESS_TOKEN"),
    ("https://h/?x;y=1", "https://h/?$MASKED;y=$MASKED"),
    ("https://h/?x=", "https://h/?x="),
    ("https://h/#access_token=x", "https://h/#access_token=$ACCESS_TOKEN"),
    ("https://h/p;jsessionid=x?appId=1", "https://h/p;jsessionid=$MASKED?appId=1"),
    ("https://u@h/", "https://$USERINFO@h/"),
    ("https://u:p@q@h/", "https://$USERINFO@h/"),
    ("https://u:p/q?r@h/", "https://$USERINFO@h/"),
    ("https://h:80/a@b", "https://h:80/a@b"),
    ("https://h/?appId=a@b", "https://h/?appId=a@b"),
    ("https://h/?access_token=$ACCESS_TOKEN", "https://h/?access_token=$ACCESS_TOKEN"),
]


@pytest.mark.parametrize(("url", "expected"), URLS)
def test_urls(url: str, expected: str) -> None:
    """A URL shows the parameters that are listed, and neither user nor password."""
    assert expected == shown_url(url, _unknown)


def test_known_secrets_keep_their_names() -> None:
    """A value that is a known secret is shown by its own name, wherever it is sent."""
    names = {"k": "EXPIRED_TOKEN"}
    assert "$EXPIRED_TOKEN" == shown_header("X-Anything", "k", names.get)
    assert "Bearer $EXPIRED_TOKEN" == shown_header("Authorization", "Bearer k", names.get)
    assert "/?x=$EXPIRED_TOKEN" == shown_url("/?x=k", names.get)
    assert "/?x=y&z=$EXPIRED_TOKEN" == shown_url("/?x=y&z=k", names.get, own=True)


def test_credentials_of_urls() -> None:
    """User, password, both together, and parameters that sound secret are learned from a URL."""
    found = dict(url_credentials("https://us%65r:p%40ss@h/?token=t&appId=1&page=2&session=s%20s"))
    expected = {"user:p@ss": "USERINFO", "p@ss": "USERINFO", "user": "USERINFO", "t": "MASKED", "s s": "MASKED"}
    assert expected == found


def _learned(name: str, value: str) -> set[str]:
    request = Request("POST", "https://h/", ((name, value),), None)
    found = {secret for secret, _ in credentials(Exchange(request, None, None, 0, 0), recorded=True)}
    answer = Exchange(Request("POST", "https://h/", (), None), Response(200, "", "", ((name, value),), b""), None, 0, 0)
    assert found == {secret for secret, _ in credentials(answer, recorded=False)}
    return found


BASIC = base64.b64encode(b"user:p").decode().rstrip("=")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("Authorization", "Bearer  t", {"t"}),
        ("authorization", "t", {"t"}),
        ("Authorization", "Bearer a, b", {"a, b", "a", "b"}),
        ("Authorization", f"basic {BASIC}", {BASIC, "user:p", "user", "p"}),
        ("Proxy-Authorization", "Basic %", {"%"}),
        ("Set-Cookie", 'a="b"; Path=/', {"b"}),
        ("X-Session-Id", "s", {"s"}),
        ("Content-Type", "text/html", set()),
        ("X-Whatever", "w", set()),
        ("Author", "me", set()),
        ("Host", "u:p@h", {"u:p", "u", "p"}),
        ("Location", "//u:p@h/?code=1&token=2", {"u:p", "u", "p", "2"}),
    ],
)
def test_credentials_of_headers(name: str, value: str, expected: set[str]) -> None:
    """What stands where credentials stand is learned, from requests that others made and from any answer."""
    assert expected == _learned(name, value)


def test_cookies_of_requests_are_learned_one_by_one() -> None:
    """A request has several cookies, each with a value."""
    request = Request("POST", "https://h/", (("Cookie", "a=1; b=2=3; c"),), None)
    found = [secret for secret, _ in credentials(Exchange(request, None, None, 0, 0), recorded=True)]
    assert ["1", "2=3", "c"] == found


def test_random_values_of_recordings_are_learned() -> None:
    """In a recording, what looks random is learned from any header, unless it is what the call is about."""
    headers = (("X-Whatever", "a1b2c3d4e5f6"), ("X-Device", "device-47110815"), ("Server", "nginx/1.25.3-x"))
    request = Request("POST", "https://h/", headers, b'{"deviceId": "device-47110815"}')
    found = list(credentials(Exchange(request, None, None, 0, 0), recorded=True))
    assert [("a1b2c3d4e5f6", "MASKED")] == found


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("correcthorsebattery", ["correcthorsebattery"]),
        ("v1 a1b2c3d4e5f6", ["a1b2c3d4e5f6"]),
        ("device-47110815-abc", []),
        ("no word is long", []),
    ],
)
def test_long_words_of_recordings_are_learned(value: str, expected: list[str]) -> None:
    """So is each long word, also behind another, but for the device; what a body repeats otherwise stays secret."""
    body = b'{"deviceId": "device-47110815-abc", "x": "correcthorsebattery"}'
    request = Request("POST", "https://h/", (("X-Whatever", value),), body)
    assert expected == [secret for secret, _ in credentials(Exchange(request, None, None, 0, 0), recorded=True)]


def test_parameters_of_an_address_within_an_address() -> None:
    """An address in a parameter that is shown is shown as any other is."""
    url = "https://h/?callbackUrl=https%3A%2F%2Fu%3Ap%40c%2F%3Fx%3D1%26deviceId%3D2&callbackUrl=http%3A%2F%2Fc%2Fd"
    shown = "https%3A%2F%2F$USERINFO%40c%2F%3Fx%3D$MASKED%26deviceId%3D2"

    assert f"https://h/?callbackUrl={shown}&callbackUrl=http%3A%2F%2Fc%2Fd" == shown_url(url, _unknown)


def test_requests_of_the_suite_teach_nothing() -> None:
    """What the suite itself sent it knows; most of it is wrong on purpose."""
    request = Request("POST", "https://u:p@h/?token=1", (("Authorization", "Bearer t"),), b'{"accessToken": "t"}')
    assert [] == list(credentials(Exchange(request, None, None, 0, 0), recorded=False))


def test_members_of_bodies_are_learned() -> None:
    """A token that an answer hands out is learned, in a string of another object, too."""
    body = b'{"accessToken": "a\\u0062c", "x": "{\\"client_secret\\": \\"def\\"}", "taskId": "t"}'
    answer = Exchange(Request("POST", "https://h/", (), None), Response(200, "", "", (), body), None, 0, 0)
    found = set(credentials(answer, recorded=False))
    assert {("abc", "ACCESS_TOKEN"), ("def", "MASKED")} == found


@pytest.mark.parametrize("name", ["X-Api-Key", "X-Auth-Token", "sid", "my_session", "Password", "X-Amz-Signature"])
def test_names_that_sound_secret(name: str) -> None:
    """People have many names for a secret."""
    assert is_credential(name)


def test_markers_are_known_again() -> None:
    """What is put in a secret's place is told from a secret when it is read again."""
    assert [] == [marker for marker in MARKERS if not VARIABLE.fullmatch(f"${marker}")]
    assert VARIABLE.fullmatch("$GITHUB_TOKEN") is None


@pytest.mark.parametrize("value", ["Basic $APP_KEY", "Basic a*b=c", "Basic AAECAwQF"])
def test_what_basic_cannot_hold_is_no_password(value: str) -> None:
    """What isn't base64 there, or of something that is no text, is only as secret as it stands."""
    request = Request("POST", "https://h/", (("Authorization", value),), b"")
    exchange = Exchange(request, None, None, 0.0, 0.0)
    rest = value.removeprefix("Basic ")

    assert {rest} == {secret for secret, _ in credentials(exchange, recorded=True)}
