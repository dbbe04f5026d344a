"""How fast the suite is, as ratios measured side by side: python -m tests.bench [CALLS]."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from conformance.contract import documents
from conformance.fuzzing import input_classes
from conformance.fuzzing.context import ACCEPTED_BY, stripped
from conformance.fuzzing.deviation import read
from conformance.fuzzing.example import Example, Values
from conformance.fuzzing.expectation import expect
from conformance.reference import Reference
from conformance.run.context import Options
from conformance.run.course import Course
from tests import running
from tests.bench.server import Answers, Server, answer_to, serving

CALLS = 3000
EACH = 600
"""Examples of each class that the server has answers for: more than any class sends."""

SEED = 1
ROUNDS = 5
IMPORTS = "import pytest, httpx, jsonschema, schemathesis"
PACED, THRESHOLD, MINUTE = 250, 100, 60.0
APPLICATION, TOKEN = "bench-application", "bench-token"
TOML = f"""
[target]
base_url = "%s"
app_key = "{APPLICATION}"
access_token = "{TOKEN}"
calls_per_minute = 0
"""


@dataclass(frozen=True)
class Line:
    """One result: RATIO, in the direction of GOAL."""

    what: str
    figures: str
    ratio: float
    goal: str
    met: bool

    def __str__(self) -> str:
        return (
            f"{self.what:58} {self.ratio:6.2f}  (goal: {self.goal}) {'met' if self.met else 'MISSED'}   {self.figures}"
        )


def main(calls: int) -> int:
    """Measure, print, and say by the exit status whether every goal was met."""
    with tempfile.TemporaryDirectory(prefix="conformance-") as cache:
        os.environ["CONFORMANCE_CACHE_DIR"] = cache
        lines = [*_rates(calls), _start_to_verdict(Path(cache)), _paced()]
    for line in lines:
        sys.stdout.write(f"{line}\n")
    return 0 if all(line.met for line in lines) else 1


# -- generated calls a second ------------------------------------------------------------------------------------------


def _course_for(url: str, max_calls: int) -> Course:
    course = running.begin(running.configured(TOML % url), Options(seed=SEED, max_calls=max_calls))
    course.planned = tuple(running.named(input_classes.INPUT_CLASSES))
    return course


def _examples() -> list[Example]:
    return [
        example
        for input_class in input_classes.INPUT_CLASSES
        for example in (
            *input_classes.fixed(input_class),
            *input_classes.fuzzed(input_class, SEED),
            *itertools.islice(input_classes.endless(input_class, SEED), EACH),
        )
    ]


def _answers(examples: list[Example], values: Values) -> Answers:
    made = {}
    # Where the cases about them don't run, examples go without what a valid call may have beside.
    bare = [stripped(example, frozenset(ACCEPTED_BY)) for example in examples]
    for number, example in enumerate((*examples, *bare)):
        draft = example.draft(values)
        expectation = expect(read(draft, values), values)
        key, answer = answer_to(draft.request("http://127.0.0.1:9"), expectation, values.app_id, number)
        made[key] = answer
    return made


def _rates(calls: int) -> list[Line]:
    started = time.perf_counter()
    input_classes.fuzzed(input_classes.INPUT_CLASSES[0], SEED)
    once = f"; once a run, {time.perf_counter() - started:.1f} s for the examples that come from the document"
    examples = _examples()
    device_id = f"none-such-device-{SEED:08x}"
    values = Values(device_id, exists=False, app_key=APPLICATION, token=TOKEN, app_id=APPLICATION)
    with serving(_answers(examples, values)) as server:
        ours = max(_ours(server, calls) for _ in range(3))
        bare = max(_bare(server, examples, values, calls) for _ in range(3))
        generic = _generic(server, calls)
    figures = f"{ours:.0f} / {bare:.0f}{once}"
    return [
        Line("generated calls a second / bare httpx loop", figures, ours / bare, "at least 0.5", ours / bare >= 0.5),
        Line(
            "generated calls a second / schemathesis run",
            f"{ours:.0f} / {generic:.0f}",
            ours / generic,
            "at least 5",
            ours / generic >= 5,
        ),
    ]


def _ours(server: Server, calls: int) -> float:
    """Calls a second over all generated cases, from the first case's beginning to the last one's end."""
    course = _course_for(server.url, calls)
    cases = running.named(input_classes.INPUT_CLASSES)
    started = time.perf_counter()
    for case in cases:
        course.run(case)
    seconds = time.perf_counter() - started
    course.rig.close()
    wrong = [finding.message for one in course.evidence for shown in one.shown for finding in shown.findings]
    if wrong:
        raise SystemExit(f"the server isn't conforming: {wrong[0]}")
    made, _ = server.rate()
    return made / seconds


def _bare(server: Server, examples: list[Example], values: Values, calls: int) -> float:
    """Calls a second of a loop that sends the same requests and looks at nothing."""
    drafts = [example.draft(values) for example in examples[:calls]]
    requests = [draft.request(server.url) for draft in drafts]
    started = time.perf_counter()
    with httpx.Client(timeout=10) as client:
        for request in requests:
            headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers]
            client.request("POST", request.url, headers=headers, content=request.body)
    seconds = time.perf_counter() - started
    made, _ = server.rate()
    return made / seconds


def _generic(server: Server, calls: int) -> float:
    """Calls a second of Schemathesis' own runner on the same document, from its first call to its last."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *(str(Path(sys.executable).with_name("schemathesis")), "run"),
            str(documents.document_path("device-command-cancel-tasks.yaml")),
            *("--url", server.url, "--max-examples", str(calls // 2), "--phases", "coverage,fuzzing"),
            *("--header", f"app_key: {APPLICATION}", "--header", f"Authorization: Bearer {TOKEN}"),
            *("--checks", "not_a_server_error", "--continue-on-failure", "--seed", str(SEED), "--mode", "all"),
        ]
        subprocess.run(command, cwd=folder, capture_output=True, check=False)
    _, rate = server.rate()
    return rate


# -- start to verdict --------------------------------------------------------------------------------------------------


def _seconds(command: list[str], folder: Path) -> float:
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    return time.perf_counter() - started


def _best(measure: Callable[[], float]) -> float:
    return min(measure() for _ in range(ROUNDS))


def _start_to_verdict(folder: Path) -> Line:
    """A whole run of the deterministic cases on the embedded reference, against importing what it stands on."""
    conformance = str(Path(sys.executable).with_name("conformance"))
    run = _best(lambda: _seconds([conformance, "run", "-k", "not generated"], folder))
    imports = _best(lambda: _seconds([sys.executable, "-c", IMPORTS], folder))
    figures = f"{run:.2f} s / {imports:.2f} s"
    return Line("start to verdict / import of four libraries", figures, run / imports, "at most 3", run / imports <= 3)


# -- pace --------------------------------------------------------------------------------------------------------------


def _paced() -> Line:
    """A run at the threshold, its waits simulated, against the waits that it can't do without."""
    clock = running.Clock()
    with Reference.start(tls=False, calls_per_minute=THRESHOLD, clock=clock.monotonic) as reference:
        toml = running.settled(reference.configuration(), watch_time=0)
        course = running.begin(running.configured(toml), Options(seed=SEED, max_calls=PACED + 1), clock)
        input_classes.fuzzed(input_classes.INPUT_CLASSES[0], SEED)
        started = clock.now()
        running.run(course, running.named(input_classes.INPUT_CLASSES))
        seconds = clock.now() - started
        calls = course.rig.client.calls
    waits = (calls - 1) // THRESHOLD * MINUTE
    what = f"{calls} calls at {THRESHOLD} a minute / two waits"
    return Line(what, f"{seconds:.1f} s / {waits:.0f} s", seconds / waits, "at most 1.02", seconds / waits <= 1.02)


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else CALLS))
