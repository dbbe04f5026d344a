"""Flow control, congestion and internal errors, and the hook that brings them about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.reference.conftest import Client, Start

REFUSED = (403, "1010009")
ADMITTED = (400, "100022")  # a call of no body, once it is past flow control


def test_threshold(start: Start) -> None:
    """As many calls as the threshold says are admitted in a sliding minute, and refused calls don't count."""
    now = 0.0
    client = start(calls_per_minute=2, clock=lambda: now)

    assert ADMITTED == client.error(b"")
    now = 30.0
    assert ADMITTED == client.error(b"")
    now = 59.9
    assert [REFUSED] * 5 == [client.error(b"") for _ in range(5)]
    now = 60.0
    assert [ADMITTED, REFUSED] == [client.error(b"") for _ in range(2)]
    now = 90.0
    assert [ADMITTED, REFUSED] == [client.error(b"") for _ in range(2)]


def test_flow_control_comes_first(start: Start) -> None:
    """Calls with a wrong token count, and are refused for flow control before it."""
    client = start(calls_per_minute=1)
    headers = {**client.headers, "Authorization": "Bearer x"}

    assert [(403, "1010005"), REFUSED] == [client.error(b"", headers=headers) for _ in range(2)]


def test_flow_control_by_application(start: Start) -> None:
    """One application's calls don't use up another's."""
    client = start(calls_per_minute=1)
    other = {**client.headers, "app_key": client.inventory.parties.stranger.app_id}

    assert ADMITTED == client.error(b"")
    assert (403, "1010005") == client.error(b"", headers=other)


def test_no_threshold(client: Client) -> None:
    """Without a threshold, calls are admitted without end."""
    assert {ADMITTED} == {client.error(b"") for _ in range(150)}


def test_flow_control_state(start: Start) -> None:
    """The state counts from zero by its own threshold; its end brings the old one back, from zero too."""
    client = start(calls_per_minute=4)
    client.error(b"")

    client.state("flow control", calls_per_minute=2)
    assert [ADMITTED, ADMITTED, REFUSED] == [client.error(b"") for _ in range(3)]
    client.state("flow control", "teardown", calls_per_minute=2)
    assert [ADMITTED] * 4 + [REFUSED] == [client.error(b"") for _ in range(5)]


@pytest.mark.parametrize(("state", "expected"), [("congestion", (503, "100501")), ("internal error", (500, "100001"))])
def test_state_of_the_platform(client: Client, state: str, expected: tuple[int, str]) -> None:
    """Every call is refused until the state ends, the hook's never."""
    client.state(state)
    assert expected == client.error(b"")
    assert client.state("device", pending=1)["pending"]
    client.state(state, "teardown")
    assert ADMITTED == client.error(b"")
