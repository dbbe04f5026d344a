"""The command line in this process, and the reports of a short run to give to it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.command.cli import main
from conformance.record.results import Conditions, Record, RunInfo, TargetInfo
from conformance.reference import Reference
from conformance.report import write_reports
from conformance.verdict.recording import make_record
from tests import running

Command = Callable[..., Result]
SHORT = ("accepted-several-pending", "device-unknown", "token-unknown", "body-missing")


@pytest.fixture
def conformance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command in a folder of its own, without any setting in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("BASE_URL", "APP_KEY", "ACCESS_TOKEN", "PROVIDER_URL", "PROVIDER_KIND"):
        monkeypatch.delenv(f"CONFORMANCE_{name}", raising=False)
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """The folder with the reports of a few cases against a reference with faults."""

    def record(*faults: str) -> Path:
        folder, started = tmp_path_factory.mktemp("recorded"), time.time()
        with Reference.start(tls=False, faults=faults) as reference:
            toml = running.settled(reference.configuration(), watch_time=0.1)
            course = running.begin(running.configured(toml))
            judged = running.run(course, running.named(SHORT), facts={})
        made: Record = make_record(
            judged,
            TargetInfo(reference.address.base_url, "hook"),
            RunInfo.until_now(started, course.rig.client.calls, ()),
            Conditions(),
            strict=False,
        )
        write_reports(course.rig.redaction.apply(made), folder)
        return folder

    return record


@pytest.fixture(scope="session")
def right(recorded: Callable[..., Path]) -> Path:
    """The reports of the correct reference."""
    return recorded()


@pytest.fixture(scope="session")
def wrong(recorded: Callable[..., Path]) -> Path:
    """The reports of a reference that violates one MUST."""
    return recorded("task-device-id-upper-case")
