"""Runs against the embedded reference, put together in this process and without pytest around them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conformance.assembly import assemble

from conformance.contract import documents
from conformance.reference import Reference
from conformance.run import Run
from conformance.target.budget import Budget
from conformance.target.configuration import load

Begin = Callable[..., Run]


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
def begin(tmp_path: Path) -> Iterator[Begin]:
    """A run against a reference, its states made by a kind of provider; further settings of [provider] as TOML.

    other: with the credentials of another application, where the provider is northbound.
    """
    runs: list[Run] = []

    def make(reference: Reference, kind: str = "hook", *, other: bool = True, **settings: Any) -> Run:
        toml = reference.configuration(kind)  # type: ignore[arg-type]  # one of the three
        if not other:
            lines = toml.splitlines(keepends=True)
            toml = "".join(
                line
                for line in lines
                if not line.startswith(("other_", "authorizing_", "[provider.static]", "expired"))
            )
        quick = {"settle_time": 2.0, "watch_time": 0.2, **settings}
        quick_lines = "".join(f"{key} = {str(value).replace(chr(39), chr(34))}\n" for key, value in quick.items())
        toml = toml.replace("[target]\n", "[target]\ntimeout = 5.0\n")
        toml = toml.replace("[provider]\n", f"[provider]\n{quick_lines}")
        file = tmp_path / "conformance.toml"
        file.write_text(toml, "utf-8")
        configuration = load(file, {}, requirements=documents.load().requirements)
        runs.append(assemble(configuration, Budget(), lambda _: None))
        return runs[-1]

    yield make
    for run in runs:
        run.provider.close()
        run.client.close()
