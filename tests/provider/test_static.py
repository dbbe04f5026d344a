"""Test data that stands on the target already: served as it is named, each device once; and no provider at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conformance.exceptions import Unprepared
from conformance.provider.absent import AbsentProvider
from conformance.provider.static import StaticProvider

DATA: dict[str, Any] = {
    "devices": [
        {"id": "empty"},
        {"id": "one", "pending": ["a"]},
        {"id": "two", "pending": ["b", "c"], "delivered": ["d", "e"]},
        {"id": "another two", "pending": ["f", "g"]},
    ],
    "foreign_device": {"id": "foreign", "pending": ["h"], "app_id": "other"},
    "unauthorized_app_id": "stranger",
    "expired_token": "old",
    "authorized_application": {"app_id": "partner", "device_id": "partner's", "pending": ["i"]},
    "second_application": {"app_key": "second", "access_token": "token", "device_id": "second's", "pending": ["j"]},
}
ASKED: dict[str, Callable[[AbsentProvider], Any]] = {
    "device": lambda provider: provider.device(1),
    "foreign device": lambda provider: provider.foreign_device(1),
    "queue command": lambda provider: provider.queue_command("d"),
    "commands": lambda provider: provider.commands("d"),
    "unauthorized application": lambda provider: provider.unauthorized_application(),
    "expired token": lambda provider: provider.expired_token(),
    "flow control": lambda provider: provider.flow_control(1),
    "congestion": lambda provider: provider.congestion(),
    "internal error": lambda provider: provider.internal_error(),
    "authorized application": lambda provider: provider.authorized_application(1),
    "second application": lambda provider: provider.second_application(1),
    "deliver command": lambda provider: provider.deliver_command("d", "c"),
}


@pytest.mark.parametrize("state", ASKED)
def test_absent(state: str) -> None:
    """Without a provider no state can be prepared; the reason says which one, and what to configure."""
    with pytest.raises(Unprepared, match=rf"so the state “{state}” can't be prepared: write .*hook"):
        ASKED[state](AbsentProvider())


def test_devices() -> None:
    """A device is served that has just so many pending commands and at least so many delivered ones."""
    provider = StaticProvider(DATA)

    assert ("two", ("b", "c"), ("d", "e")) == _of(provider.device(2, 1))
    assert ("empty", (), ()) == _of(provider.device(0))
    assert ("another two", ("f", "g"), ()) == _of(provider.device(2))
    assert ("one", ("a",), ()) == _of(provider.device(1))


def _of(device: Any) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    return device.id, device.pending, device.delivered


def test_used_up() -> None:
    """A device is served once; then the reason says what to name more of."""
    provider = StaticProvider(DATA)
    provider.device(1)
    provider.release()

    with pytest.raises(Unprepared, match="no unused device with 1 pending and 0 delivered commands is left"):
        provider.device(1)


@pytest.mark.parametrize("wanted", [(1, 1, None), (3, 0, None), (2, 3, None), (2, 0, {"FAILED": 1})])
def test_not_there(wanted: tuple[int, int, dict[str, int] | None]) -> None:
    """A device that isn't named can't be had."""
    with pytest.raises(Unprepared, match="name more devices"):
        StaticProvider(DATA).device(*wanted)


def test_values() -> None:
    """What is named of other applications is served again and again."""
    provider = StaticProvider(DATA)

    for _ in range(2):
        device = provider.foreign_device(2)
        assert ("foreign", "other", ("h",)) == (device.id, device.app_id, device.pending)
        assert ("stranger", "old") == (provider.unauthorized_application(), provider.expired_token())
        device = provider.authorized_application(2)
        assert ("partner's", "partner", ("i",)) == (device.id, device.app_id, device.pending)
        second = provider.second_application(2)
        assert ("second", "token", "second") == (second.app_key, second.access_token, second.app_id)
        assert ("second's", "second", ("j",)) == (second.device.id, second.device.app_id, second.device.pending)


@pytest.mark.parametrize(
    ("state", "key"),
    [
        ("foreign device", "foreign_device"),
        ("unauthorized application", "unauthorized_app_id"),
        ("expired token", "expired_token"),
        ("authorized application", "authorized_application"),
        ("second application", "second_application"),
    ],
)
def test_not_named(state: str, key: str) -> None:
    """What isn't named is asked for by its key."""
    with pytest.raises(Unprepared, match=rf"name it as {key} under \[provider.static\]"):
        ASKED[state](StaticProvider({}))


NEEDS_A_HOOK = ["queue command", "commands", "flow control", "congestion", "internal error", "deliver command"]


@pytest.mark.parametrize("state", NEEDS_A_HOOK)
def test_needs_a_hook(state: str) -> None:
    """What no data can stand for needs a hook, says the reason."""
    with pytest.raises(Unprepared, match=r"the provider is static, .*hook"):
        ASKED[state](StaticProvider(DATA))
