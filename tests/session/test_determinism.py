"""Equal runs: the same seed gives the same results, whatever else happens; the order of cases doesn't matter."""

from __future__ import annotations

import base64
import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from conformance.verdict import Exit
from tests.proof.rehearsal import Rehearsal, rehearse

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
        return [[_told(key), _told(member)] for key, member in value.items()]
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
        assert 0 == done.returncode, done.stdout + done.stderr
        return json.dumps(_told(results(folder / "reports")), indent=1)

    with ThreadPoolExecutor(2) as executor:
        told = list(executor.map(once, range(RUNS)))

    assert [told[0]] * RUNS == told


def test_seeds_differ(tmp_path: Path) -> None:
    """What is compared above would show a request more or less: another seed sends others."""
    seeds = ("7", "8")
    for seed in seeds:
        run(*CONFORMANCE, "run", "--seed", seed, "--max-calls", "1000", "--reports", seed, folder=tmp_path)
    first, second = (_told(results(tmp_path / seed)["cases"]) for seed in seeds)

    assert first != second


@pytest.mark.parametrize("seed", range(5))
def test_any_order(seed: int) -> None:
    """The cases come to the same outcomes in whatever order they run."""
    record = rehearse(Rehearsal(generated=False, shuffled=seed))

    assert Exit.CONFORMANT == record.exit_status
    assert {"passed", "untestable"} == {one.outcome for one in record.requirements}
