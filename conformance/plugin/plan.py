"""The plan of a run: what every process of it is told, checked as a whole before any call is made."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from conformance.cache import folder
from conformance.client.occupancy import alone
from conformance.configuration.keys import LONGEST, MOST
from conformance.configuration.loader import load
from conformance.configuration.settings import Configuration
from conformance.contract import documents
from conformance.exceptions import UsageError
from conformance.plugin import progress
from conformance.plugin.inputs import DEFAULT_REPORTS
from conformance.plugin.options import given
from conformance.run.context import Options, new_seed

__all__ = ["Plan", "make_plan"]

MOST_CALLS = 200
MOST_CALLS_EMBEDDED = 1000
EMBEDDED_PROVIDER = "[provider]\nwatch_time = 0"
"""Nothing that the embedded implementation does comes later than its answer; others are watched."""


@dataclass(frozen=True)
class Plan:
    """What every process of a run is told: the same for the controller and the workers of a distributed run.

    Attributes:
        configuration: the target, its provider, and what was declared beforehand.
        options: how to run.
        embedded: the embedded reference implementation is tested.
        deadline: when the run must be over, on the monotonic clock; None: it may take as long as it takes.
        replayed: the case that the one request to be replayed belongs to.
        folder: where the processes of a distributed run hand each other what they remember.
    """

    configuration: Configuration
    options: Options
    embedded: bool = False
    deadline: float | None = None
    replayed: str | None = None
    folder: Path | None = None

    @property
    def pace_file(self) -> Path | None:
        """The file by which the processes of a distributed run keep one pace."""
        return None if self.folder is None else self.folder / "pace.sqlite"


def make_plan(config: pytest.Config, stack: ExitStack) -> Plan:
    """The plan of the run that CONFIG asks for; what is started for it ends with STACK. UsageError."""
    option = given(config)
    embedded: list[str] = []

    def start() -> str:
        from conformance.reference import Reference  # noqa: PLC0415 (only when nothing else is to be tested)

        embedded.append("started")
        return stack.enter_context(Reference.start()).configuration().replace("[provider]", EMBEDDED_PROVIDER)

    problems = []
    if option.max_calls is not None and not 1 <= option.max_calls <= MOST:
        problems.append(f"--max-calls must be from 1 to {MOST}")
    if option.max_time is not None and not 0 < option.max_time <= LONGEST:
        problems.append(f"--max-time must be more than 0 seconds, and at most {LONGEST}")
    if problems:
        raise UsageError(problems)
    replayed = None
    if option.replay is not None:
        from conformance.fuzzing import replay  # noqa: PLC0415 (rarely needed)

        replayed = replay.find(option.replay)
    configuration = load(
        option.config,
        os.environ,
        option.base_url,
        requirements=documents.load().requirements,
        embedded=None if option.require_target else start,
    )
    if replayed is not None and replayed.target and embedded:
        # The reference passes it, which would look as if the failing target did by now.
        words = "that request failed at a target of yours; name the target by --config or --base-url"
        raise UsageError([f"--replay {option.replay}: {words}"])
    if option.requirements is not None:
        configuration = replace(configuration, requirements=_release(option.requirements))
    _check_writable(option.reports or DEFAULT_REPORTS, option.write_waivers)
    deadline = None if option.max_time is None else time.monotonic() + option.max_time
    stack.enter_context(alone(configuration.target, deadline, progress.remark))
    place = None
    if workers := getattr(config.option, "tx", None):
        _check_shareable(configuration, workers)
        temporary = tempfile.TemporaryDirectory(prefix="conformance-", dir=configuration.target.pace_folder)
        place = Path(stack.enter_context(temporary)).resolve()
    options = Options(
        seed=option.seed if option.seed is not None else new_seed(),
        max_calls=option.max_calls or (MOST_CALLS_EMBEDDED if embedded else MOST_CALLS),
        slow=bool(option.slow),
        exhaust=bool(option.exhaust_flow_control),
        replay=option.replay,
        cache=folder(),
    )
    return Plan(configuration, options, bool(embedded), deadline, replayed.input_class if replayed else None, place)


def _release(given: str) -> str:
    """The release whose requirements count, as GIVEN; UsageError when there is none of that name."""
    known = documents.releases(documents.load().requirements)
    if given not in known:
        raise UsageError([f"--requirements: it must be one of {', '.join(known)}"])
    return given


def _check_writable(reports: Path, waivers: Path | None) -> None:
    """UsageError when the folder REPORTS can't be made and written, or the new file WAIVERS can't."""
    problems = []
    try:
        reports.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=reports):
            pass
    except OSError as error:
        problems.append(f"--reports {reports}: {error.strerror or error}")
    try:
        wrong = None if waivers is None else _not_new(waivers)
    except OSError as error:
        wrong = error.strerror or str(error)
    if wrong:
        problems.append(f"--write-waivers {waivers}: {wrong}")
    if problems:
        raise UsageError(problems)


def _not_new(path: Path) -> str | None:
    """Why no new file can be made at PATH; None when one can. OSError when that can't be told."""
    if os.path.lexists(path):
        return "the file exists already; name a new one"
    with suppress(FileNotFoundError):
        # A name that is too long for a file isn't found out otherwise.
        path.lstat()
    folder = path.absolute().parent
    return None if folder.is_dir() else f"there is no folder {folder}"


def _check_shareable(configuration: Configuration, workers: Sequence[str]) -> None:
    """UsageError when a run by CONFIGURATION can't be shared out among WORKERS, as pytest-xdist names them."""
    problems = []
    elsewhere = [worker for worker in workers if "popen" not in worker]
    if elsewhere and configuration.target.pace_folder is None:
        problems.append(
            f"--tx {elsewhere[0]}: the machines of a run keep one pace by a folder that all of them see under the same "
            "path: name it as pace_folder under [target] (CONFORMANCE_PACE_FOLDER)"
        )
    if problems:
        raise UsageError(problems)
