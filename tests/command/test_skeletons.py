"""The hooks that init writes: short, honest when they aren't filled in, and whole when they are."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.command.initialization import LANGUAGES
from conformance.reference import Reference
from conformance.reference.hook import UnsupportedStateError

from . import hooks

STATES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "device": (
        {"pending": 2, "delivered": 1, "others": {"EXPIRED": 1}},
        {"deviceId": "d", "pending": ["1", "2"], "delivered": ["3"], "others": {"4": "EXPIRED"}},
    ),
    "foreign device": ({"pending": 1}, {"deviceId": "d", "appId": "a", "pending": ["1"]}),
    "queue command": ({"deviceId": 'a "device" é \\ 1/2'}, {"commandId": "c"}),
    "commands": ({"deviceId": "d"}, {"commands": {"1": "PENDING"}}),
    "unauthorized application": ({}, {"appId": "a"}),
    "expired token": ({}, {"accessToken": "t"}),
    "flow control": ({"calls_per_minute": 10}, {}),
    "congestion": ({}, {}),
    "internal error": ({}, {}),
    "authorized application": ({"pending": 0}, {"appId": "a", "deviceId": "d", "pending": []}),
    "second application": ({"pending": 1}, {"appKey": "k", "accessToken": "t", "appId": "a", "deviceId": "d"}),
    "deliver command": ({"deviceId": "d", "commandId": "c"}, {"status": "DELIVERED"}),
}
"""Every state that a hook may know: params, and values to answer with."""
LASTING = ("flow control", "congestion", "internal error")
SIGNATURES = {
    "python": r"def (?!ask)\w+\(self.*\):",
    "fastapi": r"def (?!ask)\w+\(self.*\):",
    "node": r"^  async .*(?= \{)",
    "java": r"static Map<String, Object> (?!ask)\w+\(.*?\)",
}


@pytest.fixture(params=list(LANGUAGES))
def language(request: pytest.FixtureRequest) -> str:
    """Each language of a hook."""
    return str(request.param)


@pytest.fixture
def runnable(language: str) -> str:
    """Each language that this machine can run."""
    lacking = hooks.lacking(language)
    if lacking:
        pytest.skip(lacking)
    return language


def filled_in(language: str) -> str:
    """The hook in LANGUAGE, its section replaced by one that asks the vendor's own means."""
    return hooks.SECTION.sub(lambda _: hooks.filled(language), hooks.skeleton(language))


def test_it_is_short(language: str) -> None:
    """A hook has fewer than 100 lines, none of them longer than 120 characters."""
    lines = hooks.skeleton(language).splitlines()

    assert len(lines) < 100
    assert [] == [line for line in lines if len(line) > 120]


def test_it_is_filled_in_as_it_stands(language: str) -> None:
    """The section of these tests has the functions of the hook's own section, with the same parameters."""
    expected, actual = (
        re.findall(SIGNATURES[language], text, re.MULTILINE)
        for text in (hooks.section(language), hooks.filled(language))
    )

    assert len(expected) == len(STATES)
    assert expected == actual


class TestNotFilledIn:
    """A hook as it is written."""

    @pytest.fixture
    def url(self, runnable: str, tmp_path: Path) -> Iterator[str]:
        """Where it is served."""
        with hooks.running(runnable, hooks.skeleton(runnable), tmp_path) as url:
            yield url

    def test_states(self, url: str) -> None:
        """Every state answers 501, one that nobody knows 404, and the end of a state that only left a device 200."""
        actual = {state: hooks.ask(url, "setup", state, **params)[0] for state, (params, _) in STATES.items()}

        assert dict.fromkeys(STATES, 501) == actual
        assert 404 == hooks.ask(url, "setup", "full moon")[0]
        assert 404 == hooks.ask(url, "setup", "__init__")[0]
        assert 404 == hooks.ask(url, "setup", "to string")[0]
        assert (200, {}) == hooks.ask(url, "teardown", "device", pending=1)


class TestFilledIn:
    """A hook that asks the vendor's own means."""

    def test_states(self, runnable: str, tmp_path: Path) -> None:
        """Each function is given its params, whatever else is sent, and its values are the answer."""
        asked: list[tuple[str, dict[str, Any]]] = []

        def respond(state: str, params: dict[str, Any]) -> dict[str, Any]:
            asked.append((state, params))
            return STATES[state][1]

        with (
            hooks.admin(respond) as address,
            hooks.running(runnable, filled_in(runnable), tmp_path, address) as url,
        ):
            answers = {
                state: hooks.ask(url, "setup", state, **params, later=["a", {"b": True}])
                for state, (params, _) in STATES.items()
            }
            ended = [hooks.ask(url, "teardown", state, **STATES[state][0]) for state in LASTING]

        begun: dict[str, dict[str, Any]] = {state: {"on": True} for state in LASTING}
        setup = [(state, params | begun.get(state, {})) for state, (params, _) in STATES.items()]
        assert {state: (200, values) for state, (_, values) in STATES.items()} == answers
        assert setup == asked[: len(STATES)]
        assert [(200, {})] * len(LASTING) == ended
        assert [(state, STATES[state][0] | {"on": False}) for state in LASTING] == asked[len(STATES) :]

    def test_a_mistake(self, runnable: str, tmp_path: Path) -> None:
        """A function that fails answers 500, and the next state is as good as before."""

        def respond(state: str, _: dict[str, Any]) -> dict[str, Any]:
            if state == "device":
                raise ConnectionAbortedError
            return {"appId": "a"}

        with (
            hooks.admin(respond) as address,
            hooks.running(runnable, filled_in(runnable), tmp_path, address) as url,
        ):
            assert 500 == hooks.ask(url, "setup", "device", pending=1)[0]
            assert (200, {"appId": "a"}) == hooks.ask(url, "setup", "unauthorized application")

    def test_conformant(self, runnable: str, tmp_path: Path) -> None:
        """With the hook over the reference's own states, a run finds the reference conformant."""
        with Reference.start(tls=False) as reference:

            def respond(state: str, params: dict[str, Any]) -> dict[str, Any] | None:
                try:
                    return reference.hook.bring(params.pop("on", True), state, params)
                except UnsupportedStateError:
                    return None

            with (
                hooks.admin(respond) as address,
                hooks.running(runnable, filled_in(runnable), tmp_path, address) as url,
            ):
                configuration = reference.configuration().replace(reference.address.hook_url, url)
                (tmp_path / "conformance.toml").write_text(configuration, "utf-8")
                done = subprocess.run(
                    [sys.executable, "-c", "from conformance.command.cli import main; main()", "run"],
                    cwd=tmp_path,
                    env=os.environ | {"CONFORMANCE_CACHE_DIR": str(tmp_path / "cache")},
                    capture_output=True,
                    text=True,
                    timeout=240,
                    check=False,
                )

        assert 0 == done.returncode, done.stdout + done.stderr
