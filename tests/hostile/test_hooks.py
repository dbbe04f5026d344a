"""A provider-state hook that lies, hangs or answers rubbish: its states aren't tested, and the target isn't blamed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from conformance.client.budget import UNLIMITED, Budget
from conformance.client.client import PATIENCE
from conformance.configuration.settings import Configuration, ProviderSettings
from conformance.exceptions import Blocked, ConformanceError, Unprepared
from conformance.provider.hook import GRACE
from conformance.provider.states import Provider
from conformance.reference import Reference
from conformance.run.course import Course
from tests.running import begin, case_context

from . import behaviours as does
from .behaviours import answer, answers, then_closes, then_resets
from .judging import LIMIT, SLACK, settings
from .runs import MOST_SECONDS, run
from .server import Behaviour, Connection, serving

OK = b"200 OK"


@contextmanager
def _run(hook: str, target: str = "http://127.0.0.1:1", budget: Budget = UNLIMITED) -> Iterator[Course]:
    course = begin(Configuration(settings(target), ProviderSettings("hook", hook)), budget=budget)
    try:
        yield course
    finally:
        course.rig.close()


def _says(value: object) -> Behaviour:
    return answers(answer(json.dumps(value).encode(), status=OK))


def _why(ask: Callable[[Provider], Any], behaviour: Behaviour) -> str:
    """Why the hook with BEHAVIOUR gives nothing when asked by ASK; it takes no longer than a time limit."""
    with serving(behaviour) as hook, _run(hook.url) as course:
        started = time.monotonic()
        with pytest.raises(Unprepared) as caught:
            ask(course.rig.provider)
        assert time.monotonic() - started < PATIENCE * LIMIT + SLACK
    return str(caught.value)


def _device(provider: Provider) -> object:
    return provider.device(pending=2)


RUBBISH: dict[str, tuple[Behaviour, str]] = {
    "nothing": (then_closes(), "can't be used (provider.url): Server disconnected without sending a response."),
    "a reset": (then_resets(), "can't be used (provider.url): Connection reset by peer"),
    "silence": (does.never_answers, "can't be used (provider.url): no whole answer within 1.5 seconds"),
    "one byte at a time": (does.one_byte_at_a_time, "no whole answer within 1.5 seconds (after"),
    "a body without end": (does.body_without_end, "more than 8 MiB were sent"),
    "a bomb": (then_closes(answer(does.bomb(), b"Content-Encoding: gzip", status=OK)), "more than 8 MiB were sent"),
    "another status": (answers(answer(status=b"302 Found")), "answered 302 to the state “device”, 200 was expected"),
    "an unknown state": (answers(answer(status=b"501 No")), "answers 501 to the state “device”: implement this state"),
    "no JSON": (
        answers(answer(b"\x1b[2J", status=OK)),
        "without a JSON object: Expecting value: line 1 column 1 (char 0)",
    ),
    "a list": (_says([]), "answered the state “device” without a JSON object"),
    "no members": (_says({}), "without deviceId as a string of 1 to 64 printable characters"),
    "a number for an id": (_says({"deviceId": 1, "pending": ["a", "b"]}), "without deviceId as"),
    "a long id": (_says({"deviceId": "x" * 65, "pending": ["a", "b"]}), "without deviceId as"),
    "an escape in an id": (_says({"deviceId": "\x1b[2J", "pending": ["a", "b"]}), "without deviceId as"),
    "half a character": (_says({"deviceId": "\ud800", "pending": ["a", "b"]}), "without deviceId as"),
    "too few commands": (_says({"deviceId": "d", "pending": ["a"]}), "prepared 1 commands as pending instead of 2"),
    "the same one twice": (
        _says({"deviceId": "d", "pending": ["a", "a"]}),
        "prepared 1 commands as pending instead of 2",
    ),
    "no list": (_says({"deviceId": "d", "pending": 2}), "without pending as a list, each a string of 1 to 64"),
    "nested rubbish": (_says({"deviceId": "d", "pending": [["a"], {}]}), "without pending as a list"),
    "other states that are none": (
        _says({"deviceId": "d", "pending": ["a", "b"], "others": {"c": 1}}),
        "without others as {commandId: status}",
    ),
}


@pytest.mark.parametrize("name", RUBBISH)
def test_rubbish_is_told_in_words(name: str) -> None:
    """Whatever the hook answers, the state is not prepared, for a reason that names the hook and what it did."""
    behaviour, words = RUBBISH[name]
    why = _why(_device, behaviour)
    assert why.startswith("the provider-state hook")
    assert words in why
    assert why.isprintable()


@pytest.mark.parametrize("value", ["a\r\nX-Injected: 1", "ü", "\ud800", "a\0", "", "a b", "x" * 9000, None, 5, ["x"]])
def test_token_that_would_break_a_header_is_refused(value: object) -> None:
    """A token that would be sent in a header can't carry another header into the call."""
    why = _why(lambda provider: provider.expired_token(), _says({"accessToken": value}))
    assert "without accessToken as a string fit for a header" in why


@pytest.mark.parametrize("value", ["a\r\nX-Injected: 1", "\ud800", "a\0", "", "x" * 65, None, 5, ["x"]])
def test_app_id_that_is_none(value: object) -> None:
    """An appId is an id like every other."""
    why = _why(lambda provider: provider.unauthorized_application(), _says({"appId": value}))
    assert "without appId as a string of 1 to 64 printable characters" in why


@pytest.mark.parametrize("value", ["ü", "a b"])
def test_app_id_that_is_no_app_key(value: str) -> None:
    """An appId that can't stand in a header isn't sent in one; the case that would is not tested."""
    with serving(_says({"appId": value})) as hook, _run(hook.url) as course:
        credentials = case_context(course, "app-key-of-another-application").credentials
        assert value == credentials.unauthorized_application()
        with pytest.raises(Unprepared, match="can't stand in a header"):
            credentials.unauthorized_app_key()


@pytest.mark.parametrize("value", [None, 5, [], {"a": 1}, {"a": None}, {"a" * 65: "PENDING"}, {"a": "\x1b[2J"}])
def test_statuses_that_are_none(value: object) -> None:
    """What is read back must be ids and statuses."""
    assert "without commands as {commandId: status}" in _why(
        lambda provider: provider.commands("d"), _says({"commands": value})
    )


def test_hook_that_hangs_is_asked_once() -> None:
    """A hook that was out of reach, or hung, isn't asked again: every question would cost a time limit."""
    with serving(does.never_answers) as hook, _run(hook.url) as course:
        for _ in range(5):
            with pytest.raises(Unprepared):
                course.rig.provider.device(pending=1)
        course.rig.provider.close()
    assert 1 == len(hook.heard)


def test_credentials_do_not_go_to_the_hook() -> None:
    """The hook is told states, and no credentials of the target."""
    with serving(_says({"deviceId": "d", "pending": []})) as hook, _run(hook.url) as course:
        course.rig.provider.device(pending=0)
    assert 2 == len(hook.heard)
    assert b"-of-the-application" not in b"".join(hook.heard)


class _Forgetful:
    """Sets everything up, and remembers what it was asked; teardowns take their time."""

    def __init__(self, pause: float = 0.0) -> None:
        self.asked: list[tuple[str, str]] = []
        self.pause = pause

    def __call__(self, connection: Connection) -> None:
        while True:
            call = json.loads(connection.request().partition(b"\r\n\r\n")[2])
            self.asked.append((call["action"], call["state"]))
            name = f"d{len(self.asked)}"
            values: dict[str, object] = {"deviceId": name, "pending": ["a"], "commands": {"a": "PENDING"}}
            if call["action"] == "teardown":
                time.sleep(self.pause)
            connection.send(answer(json.dumps(values).encode(), status=OK))


def test_states_are_ended_the_last_one_first() -> None:
    """At the end of a run every state that was set up is ended."""
    hook = _Forgetful()
    with serving(hook) as server, _run(server.url) as course:
        course.rig.provider.device(pending=1)
        with course.rig.provider.congestion():
            pass
    setups = [("setup", "device"), ("setup", "congestion")]
    assert hook.asked == [*setups, ("teardown", "congestion"), ("teardown", "device")]


def test_target_is_left_working_when_the_time_is_over() -> None:
    """A state that lames the whole target is ended even after the run's time; devices then stay as they are."""
    hook = _Forgetful()
    deadline = time.monotonic() + 0.3
    with serving(hook) as server, _run(server.url, budget=Budget(deadline)) as course:
        course.rig.provider.device(pending=1)
        with course.rig.provider.flow_control(3):
            while time.monotonic() < deadline:
                time.sleep(0.01)
        with pytest.raises(Blocked, match="--max-time"):
            course.rig.provider.device(pending=1)
    assert ("teardown", "flow control") == hook.asked[-1]


def test_slow_teardowns_do_not_outlast_the_run() -> None:
    """A hook that takes its time over every device's end doesn't hold a run whose time is over."""
    hook = _Forgetful(pause=0.2)
    with serving(hook) as server, _run(server.url, budget=Budget(time.monotonic() + 1)) as course:
        for _ in range(50):
            course.rig.provider.device(pending=1)
        started = time.monotonic()
        course.rig.provider.close()
        assert time.monotonic() - started < 1 + GRACE


@pytest.mark.parametrize(
    ("statuses", "why"),
    [
        ({}, "the provider prepared a as pending, but it reads back as absent"),
        ({"a": "CANCELED"}, "the provider prepared a as pending, but it reads back as CANCELED"),
    ],
)
def test_lie_is_found_out(statuses: dict[str, str], why: str) -> None:
    """A device that doesn't read back as the hook said it was prepared isn't used."""
    with serving(_says({"deviceId": "d", "pending": ["a"], "commands": statuses})) as hook, _run(hook.url) as course:
        assert "unreachable" == _opened(course)
        assert course.state.health.unreadable == why


def _opened(course: Course) -> str:
    """What the first control call came to."""
    try:
        course.open()
    except ConformanceError as error:
        return "unreachable" if "refused" in str(error) else str(error)
    return "opened"


@pytest.mark.parametrize(
    "behaviour",
    [does.never_answers, does.body_without_end, then_closes(), answers(answer(b"\x1b]0;x\x07", status=OK)), _says([])],
)
def test_run_with_a_broken_hook_blames_nobody(behaviour: Behaviour, tmp_path: Path) -> None:
    """With a right target and a broken hook nothing is violated; what needs states isn't tested, so the exit is 7."""
    with Reference.start(tls=False) as reference, serving(behaviour) as hook:
        toml = reference.configuration().replace(reference.address.hook_url, hook.url)
        outcome = run(tmp_path, "-k", "not generated", toml=toml)
    assert outcome.kept_promises()
    assert 7 == outcome.status
    assert outcome.requirements("failed") == set()
    assert "the provider-state hook" in outcome.text
    assert outcome.seconds < MOST_SECONDS
