"""The access token of a run: who logs in, when, and what every answer to it is taken for."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from conformance.client.pacing import Pacer
from conformance.configuration.settings import TargetSettings
from conformance.evidence.exchange import TransportError
from conformance.evidence.redaction import Redaction
from conformance.exceptions import NoVerdict
from conformance.provider.login import MOST_AT_ONCE, Login

from .channels import Answer, FakeChannel

TARGET = TargetSettings("http://platform.example:9", "key", None, "own-app")


def login_of(answer: Answer, shared: Path | None = None) -> tuple[Login, FakeChannel]:
    """A log-in that the platform answers so, and the channel to it."""
    channel = FakeChannel(lambda _: answer)
    return Login(TARGET, "s3cret&", channel, Pacer(0), Redaction(), shared=shared), channel


def granted(lifetime: object = 3600, token: str = "t0ken-granted") -> Answer:  # noqa: S107 (made up)
    """The platform's answer with a token."""
    return 200, {"accessToken": token, "tokenType": "bearer", "refreshToken": "r", "expiresIn": lifetime}


def test_request() -> None:
    """The log-in is one form-encoded POST of appId and secret; the token is used again and again."""
    login, channel = login_of(granted())

    assert ["t0ken-granted"] * 3 == [login.token() for _ in range(3)]
    (request,) = channel.sent
    assert ("POST", "http://platform.example:9/iocm/app/sec/v1.1.0/login") == (request.method, request.url)
    assert "application/x-www-form-urlencoded" == request.header("Content-Type")
    assert {"appId": ["own-app"], "secret": ["s3cret&"]} == parse_qs((request.body or b"").decode())


@pytest.mark.parametrize("lifetime", [None, "3600", 0, -1, [], 1e99, True])
def test_odd_lifetime(lifetime: object) -> None:
    """A token whose lifetime can't be made out is taken for one of the usual lifetime."""
    login, channel = login_of(granted(lifetime))

    assert ["t0ken-granted"] * 2 == [login.token(), login.token()]
    assert 1 == len(channel.sent)


@pytest.mark.parametrize(
    "answer",
    [
        (401, {"error_code": "100208"}),
        (200, {}),
        (200, []),
        (200, b"<html>"),
        (200, {"accessToken": None}),
        (200, {"accessToken": 7}),
        (200, {"accessToken": ""}),
        (200, {"accessToken": "a\r\nX-Header: b"}),
    ],
)
def test_no_token(answer: Answer) -> None:
    """Without a token that can be sent there is no verdict, and the reason says what to check."""
    login, _ = login_of(answer)

    with pytest.raises(NoVerdict, match=r"without a token; check target.app_id and provider.secret"):
        login.token()


def test_unreachable() -> None:
    """A platform that can't be reached for the log-in is told like any other that can't."""
    login, _ = login_of(TransportError("unreachable", "Connection refused"))

    with pytest.raises(NoVerdict, match=r"http://platform.example:9: the connection was refused"):
        login.token()


def test_shared(tmp_path: Path) -> None:
    """Of the processes of a run one logs in, and the others adopt its token: a second log-in would end the first."""
    shared = tmp_path / "pace.sqlite"
    first, channel = login_of(granted(), shared)
    second, other = login_of(granted(token="another-token"), shared)

    assert ["t0ken-granted"] * 3 == [first.token(), second.token(), first.token()]
    assert ([1, 0]) == [len(channel.sent), len(other.sent)]


def test_shared_and_expired(tmp_path: Path) -> None:
    """A shared token that is over is renewed by whoever needs it first."""
    shared = tmp_path / "pace.sqlite"
    shared.with_suffix(".token").write_text(json.dumps(["old", 1.0]), "utf-8")
    login, channel = login_of(granted(), shared)

    assert "t0ken-granted" == login.token()
    assert 1 == len(channel.sent)
    assert "t0ken-granted" == json.loads(shared.with_suffix(".token").read_text("utf-8"))[0]


def test_kept_secret(tmp_path: Path) -> None:
    """The shared token can be read by its owner alone, and is redacted from then on."""
    shared = tmp_path / "pace.sqlite"
    redaction = Redaction()
    login = Login(TARGET, "s", FakeChannel(lambda _: granted()), Pacer(0), redaction, shared=shared)

    assert f"token {login.token()}" != redaction.text(f"token {login.token()}")
    assert 0o600 == shared.with_suffix(".token").stat().st_mode & 0o777


def test_token_that_expires_at_once() -> None:
    """Tokens that don't last end the run after a few log-ins, with what is wrong, instead of one for each call."""
    login, channel = login_of(granted(1e-9))
    tokens: list[str] = []
    with pytest.raises(NoVerdict, match="the tokens of its log-in expire at once"):
        tokens.extend(login.token() for _ in range(700))

    assert MOST_AT_ONCE == len(channel.sent)


def test_token_that_lasts_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a run takes, tokens of a minute are renewed as often as they end."""
    now = [1_000_000.0]
    monkeypatch.setattr("conformance.provider.login.time.time", lambda: now[0])
    monkeypatch.setattr("conformance.provider.login.time.monotonic", lambda: now[0])
    login, channel = login_of(granted(60))
    for _ in range(300):
        assert "t0ken-granted" == login.token()
        now[0] += 60

    assert 300 == len(channel.sent)
