"""Equal runs: the same seed gives the same results, whatever else happens; the order of cases doesn't matter."""

from __future__ import annotations

import base64
import json
import random
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from conformance.assembly import assemble

from conformance.case.frame import FRAME
from conformance.contract import documents
from conformance.reference import Reference
from conformance.suite.registry import in_order, registered
from conformance.target.budget import Budget
from conformance.target.configuration import load
from conformance.verdict import Exit, Rules, judge

from .processes import CONFORMANCE, results, run

RUNS = 20
CHANCE = (
    # What the platform allocates: ids, whole, cut and spelled in escapes; and the port that it was given.
    (re.compile(r"(\\u(00|ff)[0-9a-f]{2}){16,}"), "ID"),
    (re.compile(r"[0-9A-Fa-f-]{12,}"), "ID"),
    (re.compile(r"127\.0\.0\.1:\d+"), "HOST"),
    # The captured form of a time, and that of the record.
    (re.compile(r"\d{8}T\d{6}Z"), "TIME"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00"), "TIME"),
)


def _told(value: Any) -> Any:
    """VALUE without times and ids, and without the lengths of what ids stand in."""
    if isinstance(value, dict):
        if "base64" in value:
            return _told(base64.b64decode(value["base64"]).decode("latin-1"))
        return {key: _told(member) for key, member in value.items()}
    if isinstance(value, list):
        if [str(one).lower() for one in value[:1]] == ["content-length"]:
            return value[:1]
        return [_told(member) for member in value]
    if isinstance(value, str):
        for pattern, word in CHANCE:
            value = pattern.sub(word, value)
        return value
    return None if isinstance(value, float) else value


def test_equal_runs(tmp_path: Path) -> None:
    """Twenty runs of one seed have the same results.json, times and ids aside."""

    def once(number: int) -> str:
        folder = tmp_path / str(number)
        folder.mkdir()
        done = run(*CONFORMANCE, "run", "--seed", "7", "--max-calls", "200", folder=folder)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.dumps(_told(results(folder / "reports")), indent=1)

    with ThreadPoolExecutor(2) as executor:
        told = list(executor.map(once, range(RUNS)))

    assert [told[0]] * RUNS == told


def test_seeds_differ(tmp_path: Path) -> None:
    """What is compared above would show a request more or less: another seed sends others."""
    seeds = ("7", "8")
    for seed in seeds:
        run(*CONFORMANCE, "run", "--seed", seed, "--max-calls", "1000", "--reports", seed, folder=tmp_path)
    first, second = (_told(results(tmp_path / seed)) for seed in seeds)

    assert first["cases"] != second["cases"]


@pytest.mark.parametrize("seed", range(5))
def test_any_order(seed: int, tmp_path: Path) -> None:
    """The cases of one order come to the same outcomes however they are shuffled."""
    file = tmp_path / "conformance.toml"
    cases = [case for case in registered().values() if case.chapter != "generated"]
    random.Random(seed).shuffle(cases)  # noqa: S311 (an order, not a secret)
    with Reference.start(tls=False) as reference:
        file.write_text(reference.configuration().replace("[provider]", "[provider]\nwatch_time = 0.2"), "utf-8")
        suite_run = assemble(load(file, {}), Budget(), lambda _: None)
        suite_run.open()
        for case in in_order(cases):
            suite_run.run_case(case, function_of(case))
        suite_run.close()
    facts = {"transport-https": "http", "flow-control-recovers": "slow"}
    judged = judge(documents.load(), (*FRAME, *cases), suite_run.results, Rules(), facts=facts, no_verdict="")

    assert Exit.CONFORMANT == judged.exit_status
    assert {"passed", "untestable"} == {one.outcome for one in judged.requirements}
