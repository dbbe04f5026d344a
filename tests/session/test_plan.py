"""The plan of a run: what every process of it is told, and what is checked before any call is made."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.cache import folder
from conformance.configuration.settings import Configuration, ProviderSettings, TargetSettings
from conformance.exceptions import UsageError
from conformance.fuzzing import input_classes
from conformance.fuzzing.memory import Memory
from conformance.plugin.options import give
from conformance.plugin.plan import Plan, make_plan
from conformance.record.serialization import structure, unstructure
from conformance.run.context import Options

PLAIN = '[target]\nbase_url = "http://127.0.0.1:9"\napp_key = "k"\naccess_token = "t"\n'
OPTIONS = {
    "config": None,
    "base_url": None,
    "reports": None,
    "max_calls": None,
    "max_time": None,
    "seed": 1,
    "replay": None,
    "slow": None,
    "exhaust_flow_control": None,
    "write_waivers": None,
    "require_target": None,
    "requirements": None,
}


@pytest.fixture(autouse=True)
def _somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder of its own, without settings in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONFORMANCE_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("BASE_URL", "APP_KEY", "ACCESS_TOKEN", "PROVIDER_URL", "PROVIDER_KIND", "PACE_FOLDER"):
        monkeypatch.delenv(f"CONFORMANCE_{name}", raising=False)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What is started for a plan ends with the test."""
    with ExitStack() as one:
        yield one


def planned(stack: ExitStack, toml: str = PLAIN, tx: Any = None, **options: Any) -> Plan:
    """The plan for these OPTIONS, where ./conformance.toml says TOML."""
    if toml:
        Path("conformance.toml").write_text(toml, "utf-8")
    config: Any = SimpleNamespace(option=Namespace(tx=tx), stash=pytest.Stash())
    give(config, Namespace(**{**OPTIONS, **options}))
    return make_plan(config, stack)


def problems(stack: ExitStack, **options: Any) -> tuple[str, ...]:
    """Why there is no plan for these options."""
    with pytest.raises(UsageError) as raised:
        planned(stack, **options)
    return raised.value.problems


# ---- what it says ----------------------------------------------------------------------------------------------------


def test_plain(stack: ExitStack, tmp_path: Path) -> None:
    """Without any option a run has two hundred calls, all the time it takes, and no folder to hand things over by."""
    plan = planned(stack)

    assert Options(1, 200, cache=tmp_path / "cache") == plan.options
    assert (200, None, None, None, None, False) == (
        plan.options.max_calls,
        plan.deadline,
        plan.replayed,
        plan.folder,
        plan.pace_file,
        plan.embedded,
    )


def test_options(stack: ExitStack) -> None:
    """What is asked for is what the run is told."""
    plan = planned(stack, max_calls=7, slow=True, exhaust_flow_control=True, seed=3, max_time=60.0)

    assert (7, True, True, 3) == (plan.options.max_calls, plan.options.slow, plan.options.exhaust, plan.options.seed)
    assert plan.deadline is not None


def test_seed() -> None:
    """A run that is given no seed has one of its own."""

    def seed(given: int | None) -> int:
        # One run has the target to itself until it ends.
        with ExitStack() as stack:
            return planned(stack, seed=given).options.seed

    assert 1 < len({seed(None) for _ in range(5)})
    assert 0 == seed(0)


def test_embedded(stack: ExitStack) -> None:
    """Where no target is named the embedded one is started, has more calls, and isn't watched for late effects."""
    plan = planned(stack, "")

    assert (True, 1000, 0) == (plan.embedded, plan.options.max_calls, plan.configuration.provider.watch_time)


def test_replay(stack: ExitStack) -> None:
    """A replay is of one class."""
    input_class = input_classes.INPUT_CLASSES[0]
    example = next(iter(input_classes.core(input_class)))
    plan = planned(stack, replay=example.id)

    assert input_class == plan.replayed


def test_distributed(stack: ExitStack) -> None:
    """The processes of a distributed run have a folder that only this user can read, and that goes with the run."""
    plan = planned(stack, tx=["popen", "popen"])
    assert plan.folder is not None

    assert (0o700, plan.folder / "pace.sqlite") == (plan.folder.stat().st_mode & 0o777, plan.pace_file)
    stack.close()
    assert not plan.folder.exists()


def test_other_machines(stack: ExitStack, tmp_path: Path) -> None:
    """Machines that all see one folder keep their pace and hand things over there."""
    plan = planned(stack, f'{PLAIN}pace_folder = "{tmp_path}"\n', tx=["ssh=host"])

    assert plan.folder is not None
    assert plan.folder.parent == tmp_path


# ---- what is wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"max_calls": 0}, "--max-calls must be from 1 to 1000000"),
        ({"max_calls": -1}, "--max-calls must be from 1 to 1000000"),
        ({"max_calls": 2**62}, "--max-calls must be from 1 to 1000000"),
        ({"max_time": 0.0}, "--max-time must be more than 0 seconds, and at most 1000000"),
        ({"max_time": -1.0}, "--max-time must be more than 0 seconds, and at most 1000000"),
        ({"max_time": 1e308}, "--max-time must be more than 0 seconds, and at most 1000000"),
        ({"tx": ["popen", "ssh=host"]}, "--tx ssh=host: the machines of a run keep one pace by a folder"),
        ({"write_waivers": Path("conformance.toml")}, "--write-waivers conformance.toml: the file exists already"),
        ({"write_waivers": Path("none/w.toml")}, "--write-waivers none/w.toml: there is no folder"),
        ({"reports": Path("conformance.toml/reports")}, "--reports conformance.toml/reports: Not a directory"),
        ({"reports": Path("conformance.toml")}, "--reports conformance.toml: File exists"),
    ],
)
def test_problem(stack: ExitStack, options: dict[str, Any], words: str) -> None:
    """What can't be done is told in one line that names the option as it was typed, before any call is made."""
    (problem,) = problems(stack, **options)

    assert problem.startswith(words)


def test_several_problems(stack: ExitStack) -> None:
    """Problems of a kind are told at once."""
    assert 2 == len(problems(stack, max_calls=0, max_time=0.0))
    assert 2 == len(problems(stack, reports=Path("conformance.toml"), write_waivers=Path("none/w.toml")))


def test_replay_of_another_target(stack: ExitStack) -> None:
    """A request that failed at a target isn't sent to the embedded reference, which would pass it."""
    input_class = input_classes.INPUT_CLASSES[0]
    example = input_classes.fixed(input_class)[0]
    assert Memory(folder(), "https://platform.example").keep(input_class, example)

    with pytest.raises(UsageError, match="failed at a target of yours; name the target by --config or --base-url"):
        planned(stack, "", replay=example.id)


def test_unknown_replay(stack: ExitStack) -> None:
    """A replay of a request that nobody knows is told as such."""
    assert any("none-such" in problem for problem in problems(stack, replay="none-such"))


# ---- on its way to a worker ------------------------------------------------------------------------------------------


def test_round_trip(tmp_path: Path) -> None:
    """A worker is told the whole plan, as JSON."""
    settings = TargetSettings("https://a.example", "k", "t", "a", 5, 1.5, tmp_path / "ca.pem")
    provider = ProviderSettings("static", device_ids=("d",), static={"devices": [{"id": "d", "pending": []}]})
    plan = Plan(
        Configuration(settings, provider),
        Options(1, 2, slow=True, exhaust=True, replay="r", cache=tmp_path),
        embedded=True,
        deadline=12.5,
        replayed="x",
        folder=tmp_path,
    )

    assert plan == structure(json.loads(json.dumps(unstructure(plan))), Plan)
