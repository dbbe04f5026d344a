"""The provider-state hook as the suite asks it, and what it makes of every kind of answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conformance.evidence.exchange import Request, TransportError
from conformance.evidence.redaction import Redaction
from conformance.exceptions import Unprepared
from conformance.provider.hook import HookProvider
from conformance.provider.states import Queued
from conformance.record.timeline import Timeline

from .channels import Answer, FakeChannel

URL = "http://127.0.0.1:9000/provider-states"
DEVICE = {"deviceId": "d", "pending": ["p1", "p2"], "delivered": ["v1"], "others": {"f1": "FAILED"}}
STATES: dict[str, Callable[[HookProvider], Any]] = {
    "device": lambda hook: hook.device(2, 1, {"FAILED": 1}),
    "foreign device": lambda hook: hook.foreign_device(2),
    "queue command": lambda hook: hook.queue_command("d"),
    "commands": lambda hook: hook.commands("d"),
    "unauthorized application": lambda hook: hook.unauthorized_application(),
    "expired token": lambda hook: hook.expired_token(),
    "flow control": lambda hook: hook.flow_control(3).__enter__(),
    "congestion": lambda hook: hook.congestion().__enter__(),
    "internal error": lambda hook: hook.internal_error().__enter__(),
    "authorized application": lambda hook: hook.authorized_application(2),
    "second application": lambda hook: hook.second_application(2),
    "deliver command": lambda hook: hook.deliver_command("d", "p1"),
}
LASTING = ("flow control", "congestion", "internal error")
NUMBERS = b'{"deviceId": 7, "commandId": 7, "appId": 7, "accessToken": 7, "commands": 7}'
every_state = pytest.mark.parametrize("state", STATES)


def hook_of(answer: Callable[[Request], Answer] | Answer) -> tuple[HookProvider, FakeChannel]:
    """A provider whose hook answers so, and the channel to it."""
    channel = FakeChannel(answer if callable(answer) else lambda _: answer)
    return HookProvider(URL, channel), channel


def reason(provider: HookProvider, state: str) -> str:
    """Why STATE can't be had."""
    with pytest.raises(Unprepared) as raised:
        STATES[state](provider)
    return str(raised.value)


def test_device() -> None:
    """The state device is asked for with its numbers, and its values are taken as they are."""
    provider, channel = hook_of((200, {**DEVICE, "note": "further members are ignored"}))

    device = provider.device(2, 1, {"FAILED": 1})

    params = {"pending": 2, "delivered": 1, "others": {"FAILED": 1}}
    assert channel.asked == [{"action": "setup", "state": "device", "params": params}]
    assert ("d", ("p1", "p2"), ("v1",), {"f1": "FAILED"}) == (
        device.id,
        device.pending,
        device.delivered,
        device.others,
    )


@pytest.mark.parametrize("empty", [{}, {"pending": [], "delivered": []}, {"pending": None, "delivered": None}])
def test_nothing_asked_for(empty: dict[str, Any]) -> None:
    """Where nothing was asked for, an empty list, null and no list at all are the same."""
    provider, _ = hook_of((200, {"deviceId": "d", "others": None, **empty}))
    device = provider.device(0)

    assert ("d", (), (), {}) == (device.id, device.pending, device.delivered, device.others)


def test_other_states() -> None:
    """Every other state is asked for by its name and params, and its one value is taken."""
    values = {
        "deviceId": "d",
        "appId": "a",
        "pending": ["p1", "p2"],
        "commandId": "c",
        "commands": {"c": "PENDING"},
        "accessToken": "t",
        "appKey": "k",
        "status": "DELIVERED",
    }
    provider, channel = hook_of((200, values))

    device = provider.foreign_device(2)
    assert ("d", "a", ("p1", "p2")) == (device.id, device.app_id, device.pending)
    assert "c" == provider.queue_command("d")
    assert {"c": "PENDING"} == provider.commands("d")
    assert ("a", "t") == (provider.unauthorized_application(), provider.expired_token())
    device = provider.authorized_application(2)
    assert ("d", "a", ("p1", "p2")) == (device.id, device.app_id, device.pending)
    second = provider.second_application(2)
    assert ("k", "t", "a") == (second.app_key, second.access_token, second.app_id)
    assert ("d", "a", ("p1", "p2")) == (second.device.id, second.device.app_id, second.device.pending)
    assert "DELIVERED" == provider.deliver_command("d", "p1")
    assert [
        ("foreign device", {"pending": 2}),
        ("queue command", {"deviceId": "d"}),
        ("commands", {"deviceId": "d"}),
        ("unauthorized application", {}),
        ("expired token", {}),
        ("authorized application", {"pending": 2}),
        ("second application", {"pending": 2}),
        ("deliver command", {"deviceId": "d", "commandId": "p1"}),
    ] == [(asked["state"], asked["params"]) for asked in channel.asked]


@pytest.mark.parametrize("state", LASTING)
def test_lasting_states(state: str) -> None:
    """A state that lames the target is set up at once, and ended with the same params when it is left."""
    provider, channel = hook_of((200, b""))
    contexts = {
        "flow control": lambda: provider.flow_control(3),
        "congestion": provider.congestion,
        "internal error": provider.internal_error,
    }
    params = {"calls_per_minute": 3} if state == "flow control" else {}

    with contexts[state]():
        assert channel.asked == [{"action": "setup", "state": state, "params": params}]
    assert channel.asked[1:] == [{"action": "teardown", "state": state, "params": params}]


@every_state
@pytest.mark.parametrize("status", [404, 501])
def test_unknown_state(state: str, status: int) -> None:
    """A state that the hook doesn't know is said so, and the same isn't asked for again."""
    provider, channel = hook_of((status, b"<h1>no such state</h1>"))

    words = f"answers {status} to the state “{state}”: implement this state in the hook to have it tested"
    assert [f"the provider-state hook {words}"] * 2 == [reason(provider, state) for _ in range(2)]
    assert 1 == len(channel.sent)


def test_teardown_that_is_unknown() -> None:
    """What a teardown is answered doesn't matter: the state can be had again."""
    answers = iter([(200, b""), (404, b""), (200, b""), (501, b"")])
    provider, channel = hook_of(lambda _: next(answers))
    for _ in range(2):
        with provider.congestion():
            pass

    assert ["setup", "teardown"] * 2 == [asked["action"] for asked in channel.asked]


@pytest.mark.parametrize("status", [200, 404, 500])
def test_what_a_killed_run_left(status: int) -> None:
    """At the beginning the states of the whole target are ended, whatever the hook says to that."""
    provider, channel = hook_of((status, b""))
    provider.begin()

    assert [
        {"action": "teardown", "state": "flow control", "params": {"calls_per_minute": 100}},
        {"action": "teardown", "state": "congestion", "params": {}},
        {"action": "teardown", "state": "internal error", "params": {}},
    ] == channel.asked


def test_teardown_that_succeeds_shows_nothing() -> None:
    """A hook that answers 200 to every teardown may know none of the states."""
    provider, _ = hook_of(lambda request: (200 if b"teardown" in (request.body or b"") else 501, b""))
    provider.begin()

    assert reason(provider, "congestion").endswith("implement this state in the hook to have it tested")


def test_unknown_params() -> None:
    """A state that is unknown with some params may be known with others."""
    provider, _ = hook_of(lambda request: (501 if b"others" in (request.body or b"") else 200, {"deviceId": "d"}))

    reason(provider, "device")
    assert "d" == provider.device(0).id
    with pytest.raises(
        Unprepared, match=r'with pending 0, delivered 0, others {"FAILED": 1}: implement these params too'
    ):
        provider.device(0, others={"FAILED": 1})


@every_state
@pytest.mark.parametrize("status", [500, 400, 401, 405, 201, 204, 302])
def test_wrong_status(state: str, status: int) -> None:
    """Any other status than 200 is told, and asked for again the next time."""
    provider, channel = hook_of((status, b"{}"))

    expected = f"the provider-state hook answered {status} to the state “{state}”, 200 was expected"
    assert [expected] * 2 == [reason(provider, state) for _ in range(2)]
    assert [state] * 2 == [asked["state"] for asked in channel.asked if asked["action"] == "setup"]


@every_state
@pytest.mark.parametrize("body", [b"<html>", b"OK", b"[]", b'"x"', b"null", b'{"deviceId": NaN}', b"\xff"])
def test_garbage(state: str, body: bytes) -> None:
    """An answer that is no JSON object is told for what it is."""
    provider, _ = hook_of((200, body))

    assert reason(provider, state).startswith(
        f"the provider-state hook answered the state “{state}” without a JSON object"
    )


@pytest.mark.parametrize(
    "state", [state for state in STATES if state not in {"flow control", "congestion", "internal error"}]
)
@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"deviceId": 7, "commandId": 7, "appId": 7, "accessToken": 7, "commands": []}']
)
def test_missing_value(state: str, body: bytes) -> None:
    """An answer that lacks the value that was asked for, or has it in another type, is told."""
    provider, _ = hook_of((200, body))

    assert reason(provider, state).startswith(f"the provider-state hook answered the state “{state}” without ")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"pending": ["p1"]}, "prepared 1 commands as pending instead of 2"),
        ({"pending": ["p1", "p2", "p3"]}, "prepared 3 commands as pending instead of 2"),
        ({"pending": ["p1", "p1"]}, "prepared 1 commands as pending instead of 2"),
        ({"delivered": []}, "prepared 0 commands as delivered instead of 1"),
        ({"delivered": None}, "without delivered as a list"),
        ({"pending": {"p1": "PENDING"}}, "without pending as a list"),
        ({"pending": [1, 2]}, "without pending as a list"),
        ({"others": ["f1"]}, "without others as {commandId: status}"),
        ({"others": {"f1": 7}}, "without others as {commandId: status}"),
        ({"deviceId": ""}, "without deviceId"),
        ({"deviceId": "x" * 65}, "without deviceId"),
        ({"deviceId": "a\r\nb"}, "without deviceId"),
    ],
)
def test_wrong_values(change: dict[str, Any], words: str) -> None:
    """Wrong numbers and wrong types are told before any call is made."""
    provider, _ = hook_of((200, {**DEVICE, **change}))

    assert words in reason(provider, "device")


QUEUED = {
    "command": {"serviceId": "s", "method": "m", "paras": {"a": [1]}},
    "callbackUrl": "http://u",
    "expireTime": 60,
    "maxRetransmit": 3,
    "creationTime": "20261128T164000Z",
}


def test_queued() -> None:
    """What commands were queued with is taken as it is, with the device and for later."""
    known = Queued(QUEUED["command"], "http://u", 60, 3, "20261128T164000Z")  # type: ignore[arg-type]  # as above
    provider, _ = hook_of((200, {**DEVICE, "appId": "a", "commandId": "c", "queued": {"p1": QUEUED}}))

    assert {"p1": known} == provider.device(2, 1).queued == provider.foreign_device(2).queued
    assert {"p1": known} == provider.queued


def test_queued_later() -> None:
    """What a further command was queued with is known by its id from then on."""
    provider, _ = hook_of((200, {"commandId": "c", "queued": {"c": {"expireTime": 0}}}))

    assert "c" == provider.queue_command("d")
    assert {"c": Queued(expire_time=0)} == provider.queued


@pytest.mark.parametrize(
    "values",
    [
        {},
        dict.fromkeys(QUEUED),
        {"command": {}},
        {"command": dict.fromkeys(("serviceId", "method", "paras", "further"))},
        {"further": 1},
    ],
)
def test_queued_with_nothing_known(values: dict[str, Any]) -> None:
    """Members that are left out, or null, aren't known; further ones are ignored."""
    provider, _ = hook_of((200, {**DEVICE, "queued": {"p1": values}}))

    assert {"p1": Queued()} == provider.device(2, 1).queued


@pytest.mark.parametrize("queued", [None, {}])
def test_nothing_said_of_what_was_queued(queued: object) -> None:
    """The value queued is optional."""
    provider, _ = hook_of((200, {**DEVICE, "queued": queued}))

    assert {} == provider.device(2, 1).queued


@pytest.mark.parametrize(
    ("queued", "name"),
    [
        ([], "queued"),
        ({"": {}}, "queued"),
        ({"p1": []}, "queued"),
        ({"p1": {"command": "SET"}}, "queued.command"),
        ({"p1": {"command": {"serviceId": 1}}}, "queued.serviceId"),
        ({"p1": {"command": {"method": []}}}, "queued.method"),
        ({"p1": {"command": {"paras": "{}"}}}, "queued.paras"),
        ({"p1": {"callbackUrl": 1}}, "queued.callbackUrl"),
        ({"p1": {"expireTime": "60"}}, "queued.expireTime"),
        ({"p1": {"expireTime": True}}, "queued.expireTime"),
        ({"p1": {"maxRetransmit": {}}}, "queued.maxRetransmit"),
        ({"p1": {"creationTime": 1}}, "queued.creationTime"),
    ],
)
def test_wrong_values_of_what_was_queued(queued: object, name: str) -> None:
    """What a command can't have been queued with is told, and is no ground for judging."""
    provider, _ = hook_of((200, {**DEVICE, "queued": queued}))

    assert f"the state “device” without {name} as " in reason(provider, "device")


def test_credentials_are_kept_secret() -> None:
    """The second application's credentials are replaced in whatever is written from then on."""
    redaction = Redaction()
    values = {"appKey": "key-of-the-second", "accessToken": "token-of-the-second", "appId": "a", "deviceId": "d"}
    provider = HookProvider(URL, FakeChannel(lambda _: (200, values)), redaction)

    provider.second_application(0)

    assert "$SECOND_APP_KEY $SECOND_ACCESS_TOKEN" == redaction.text("key-of-the-second token-of-the-second")


@pytest.mark.parametrize("name", ["appKey", "accessToken", "appId"])
@pytest.mark.parametrize("value", [None, 7, "", "a\r\nb"])
def test_wrong_second_application(name: str, value: object) -> None:
    """Credentials that can't stand in a header are told, and never sent."""
    values = {"appKey": "k", "accessToken": "t", "appId": "a", "deviceId": "d", "pending": ["p1", "p2"]}
    provider, _ = hook_of((200, {**values, name: value}))

    assert f"the state “second application” without {name} as a string" in reason(provider, "second application")


@pytest.mark.parametrize("kind", ["unreachable", "timeout"])
def test_out_of_reach(kind: str) -> None:
    """A hook that is out of reach isn't asked again: every question would cost a time-out."""
    provider, channel = hook_of(TransportError(kind, "so it is"))

    words = (
        f"the provider-state hook {provider.url} can't be used (provider.url): so it is (asked for the state “device”)"
    )

    assert words == reason(provider, "device")
    assert {words} == {reason(provider, state) for state in STATES}
    provider.close()
    assert 1 == len(channel.sent)


def test_broken_answer() -> None:
    """A hook whose answer breaks off once is asked again."""
    provider, channel = hook_of(TransportError("broken", "so it is", answered=True))

    reason(provider, "device")
    reason(provider, "device")
    assert 2 == len(channel.sent)


@pytest.mark.parametrize("answer", [(500, b""), TransportError("timeout", "late"), TransportError("broken", "cut")])
def test_half_set_up(answer: Answer) -> None:
    """A state that lames the target is ended even when its setup failed: it may have been set up all the same."""
    provider, channel = hook_of(lambda request: answer if b'"setup"' in (request.body or b"") else (200, b""))

    reason(provider, "congestion")
    assert ["setup", "teardown"] == [asked["action"] for asked in channel.asked]


def test_end_of_a_failing_case() -> None:
    """A state is ended when what was done meanwhile failed, even by a hook that refuses."""
    provider, channel = hook_of(lambda request: (500 if b"teardown" in (request.body or b"") else 200, b"{}"))

    with pytest.raises(ZeroDivisionError), provider.congestion():
        _ = 1 / 0
    assert ["setup", "teardown"] == [asked["action"] for asked in channel.asked]


def test_close() -> None:
    """In the end every state that was set up is ended, the last one first; what only reads needs no end."""
    values = {**DEVICE, "appId": "a", "commands": {}, "commandId": "c", "status": "DELIVERED"}
    provider, channel = hook_of((200, values))
    provider.device(2, 1, {"FAILED": 1})
    provider.commands("d")
    provider.queue_command("d")
    provider.foreign_device(2)
    provider.deliver_command("d", "p1")

    provider.close()

    assert [("teardown", "foreign device"), ("teardown", "device")] == [
        (asked["action"], asked["state"]) for asked in channel.asked[5:]
    ]
    assert channel.closed
    provider.hold("d")
    provider.release()
    provider.close()
    assert 7 == len(channel.asked)


def test_timeline() -> None:
    """Each call of the hook is noted with what it was for, also one that is for nothing."""
    timeline, answers = Timeline(), iter([(200, DEVICE), (501, {}), (200, {})])
    provider = HookProvider(URL, FakeChannel(lambda _: next(answers)), timeline=timeline)
    provider.device(2, 1, {"FAILED": 1})
    with pytest.raises(Unprepared):
        provider.expired_token()
    provider.close()

    assert [("hook", "device"), ("hook", "expired token"), ("hook", "the end of device")] == [
        (event.kind, event.words) for event in timeline.events
    ]


@pytest.mark.parametrize("status", ["NaN", "pending", "2026-11-28T10:00:00Z", "REVOKED"])
def test_status_of_the_hooks_own(status: str) -> None:
    """A status that the document hasn't is the hook's mistake, and is never held against the target."""
    commands, _ = hook_of((200, {"commands": {"c": status}}))
    delivery, _ = hook_of((200, {"status": status}))

    said = f"with the command status {status}, which is none of DEFAULT, EXPIRED, "
    assert said in reason(commands, "commands")
    with pytest.raises(Unprepared, match=status):
        delivery.deliver_command("d", "c")
