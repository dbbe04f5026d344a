"""The command line in this process, and the reports of a short run to give to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conformance.assembly import assemble

from conformance.case.frame import FRAME
from conformance.cli import main
from conformance.contract import documents
from conformance.record import Record, TargetInfo
from conformance.recording import make_record
from conformance.reference import Reference
from conformance.report import write_reports
from conformance.suite.registry import registered
from conformance.target.budget import Budget
from conformance.target.configuration import load
from conformance.verdict import Rules, judge

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
        folder = tmp_path_factory.mktemp("recorded")
        with Reference.start(tls=False, faults=faults) as reference:
            toml = reference.configuration().replace("[provider]\n", "[provider]\nwatch_time = 0.1\n")
            settings = load(None, {}, requirements=documents.load().requirements, embedded=lambda: toml)
            run = assemble(settings, Budget(), lambda _: None)
            run.open()
            for name in SHORT:
                run.run_case(registered()[name], function_of(registered()[name]))
            run.close()
        judged = judge(
            documents.load(), (*FRAME, *registered().values()), run.results, Rules(), facts={}, no_verdict=""
        )
        made: Record = make_record(
            judged,
            TargetInfo(reference.base_url, "hook"),
            started=0.0,
            duration_s=1.0,
            calls=run.client.calls,
            strict=False,
        )
        write_reports(run.redaction.apply(made), folder)
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
