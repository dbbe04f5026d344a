"""Whether there is an answer at all, and whether it keeps the access token to itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.contract.delivery import judge_delivery, token_places

from .exchanges import APP, REQUEST, TOKEN, broken, exchange, task, unanswered


def test_complete() -> None:
    """A complete answer of any status is one."""
    assert () == judge_delivery(exchange(500, b"")).findings


@pytest.mark.parametrize("kind", ["broken", "oversized", "unreachable"])
def test_incomplete(kind: str) -> None:
    """An answer that is cut, too large, or none at all isn't complete; whether it was in time can't be told."""
    judgement = judge_delivery(unanswered(kind))

    assert ["answer-complete"] == broken(judgement)
    assert ["answer-in-time"] == list(judgement.untested)


def test_late() -> None:
    """No whole answer within the limit is a late one; whether it was complete can't be told."""
    judgement = judge_delivery(unanswered("timeout"))

    assert ["answer-in-time"] == broken(judgement)
    assert ["answer-complete"] == list(judgement.untested)


def test_secret() -> None:
    """An answer without the token is right, refused or accepted."""
    for answer in (exchange(201, task()), exchange(403, {"resultcode": "1010005", "resultmsg": f"of {APP}"})):
        assert ((), "") == token_places(answer, TOKEN)


@pytest.mark.parametrize("text", [TOKEN, f"Bearer {TOKEN}", f"x{TOKEN}y"])
def test_repeated_in_the_body(text: str) -> None:
    """A body that repeats the token is told."""
    assert (("the body",), "") == token_places(exchange(403, {"resultmsg": text}), TOKEN)


def test_repeated_in_a_header() -> None:
    """A header line that repeats the token is told by its name."""
    answer = exchange(403, b"", headers=(("X-Echo", f"Bearer {TOKEN}"),))

    assert (("X-Echo",), "") == token_places(answer, TOKEN)


UNCLEAR = "the access token can't be told from other text of the answer"


@pytest.mark.parametrize("token", ["", "1", "app", "token", "taskId"])
def test_short_token(token: str) -> None:
    """A token so short that it may turn up in any text can't be told from it."""
    assert ((), UNCLEAR) == token_places(exchange(201, task(x="my app's token 1")), token)


@pytest.mark.parametrize("token", [APP, APP[3:15]])
def test_token_within_an_identifier(token: str) -> None:
    """A token that is part of what the answer must repeat, the application or the device, can't be told from it."""
    assert ((), UNCLEAR) == token_places(exchange(201, task()), token)


def test_token_within_the_device_id() -> None:
    """The same holds for the deviceId of the request's body."""
    answer = replace(exchange(201, task()), request=replace(REQUEST, body=f'{{"deviceId": "{TOKEN}"}}'.encode()))

    assert ((), UNCLEAR) == token_places(answer, TOKEN)


@pytest.mark.parametrize("kind", ["timeout", "broken"])
def test_unanswered(kind: str) -> None:
    """Where there is no complete answer, it repeats nothing."""
    assert ((), "") == token_places(unanswered(kind), TOKEN)
