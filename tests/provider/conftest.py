"""Runs against the embedded reference, put together in this process and without pytest around them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from conformance.reference import Reference
from conformance.run.context import Options
from conformance.run.course import Course
from tests import running

Begin = Callable[..., Course]
WITHOUT = ("other_", "authorizing_", "[provider.static]", "expired")
"""How lines begin that a configuration hasn't where no other application is known."""


@pytest.fixture
def start() -> Iterator[Callable[..., Reference]]:
    """Starts references over plain HTTP, and stops them in the end."""
    started: list[Reference] = []

    def begin(**settings: Any) -> Reference:
        started.append(Reference.start(tls=False, **settings))
        return started[-1]

    yield begin
    for reference in started:
        reference.stop()


@pytest.fixture
def reference(start: Callable[..., Reference]) -> Reference:
    """The correct reference."""
    return start()


@pytest.fixture
def begin() -> Iterator[Begin]:
    """A run against a reference, its states made by a kind of provider; further settings of [provider] as TOML.

    other: with what is known of other applications, where the provider is northbound. options and clock: as a run
    is given them. kind "none": nothing makes states.
    """
    courses: list[Course] = []

    def make(
        reference: Reference,
        kind: str = "hook",
        *,
        other: bool = True,
        options: Options | None = None,
        clock: running.Clock | None = None,
        **settings: Any,
    ) -> Course:
        toml = reference.configuration("hook" if kind == "none" else kind)  # type: ignore[arg-type]  # one of the three
        if kind == "none":
            toml = toml.partition("[provider]")[0]
        if not other:
            lines = toml.splitlines(keepends=True)
            toml = "".join(line for line in lines if not line.startswith(WITHOUT))
        toml = running.settled(toml, {"timeout": 5.0}, **{"settle_time": 2.0, "watch_time": 0.2, **settings})
        courses.append(running.begin(running.configured(toml), options, clock))
        return courses[-1]

    yield make
    for course in courses:
        course.rig.close()
