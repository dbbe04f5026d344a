"""The course of a class: budget, evidence, shrinking, memory, replay."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from conformance.fuzzing import input_classes
from conformance.fuzzing.call_budget import CUT
from conformance.fuzzing.example import TOKEN, Example, like
from conformance.fuzzing.memory import Memory
from conformance.reference.behaviour import Behaviour
from conformance.reference.edits import around
from conformance.run.course import KINDS

from .bugs import BUGS, Crash, crashing_on_text
from .rig import fixed_classes, run_classes

CHARACTERS = fixed_classes("device-id-characters")[0]
NUL = next(bug.edit for bug in BUGS if bug.name == "nul-crashes")


def test_reference_passes_every_class(tmp_path: Path) -> None:
    """Two thousand generated calls find nothing wrong with a conforming target."""
    outcome = run_classes(input_classes.INPUT_CLASSES, tmp_path, max_calls=2000, seed=3)

    assert set() == outcome.red
    assert {"passed"} == {result.outcome for result in outcome.results.values()}


def test_reference_passes_the_core(tmp_path: Path) -> None:
    """Every example of the core is right for a conforming target, and all of them are sent in the usual budget."""
    calls = sum(2 * input_classes.turn(input_class) + 1 for input_class in input_classes.INPUT_CLASSES)
    outcome = run_classes(input_classes.INPUT_CLASSES, tmp_path, max_calls=100, seed=6)
    sent = {input_class: outcome.results[input_class].evidence.calls for input_class in input_classes.INPUT_CLASSES}

    assert set() == outcome.red
    assert calls <= 97
    assert {} == {
        input_class: calls for input_class, calls in sent.items() if calls < len(input_classes.core(input_class))
    }


@pytest.mark.parametrize("provider", ["static", "northbound"])
def test_reference_passes_without_a_hook(tmp_path: Path, provider: str) -> None:
    """Where no device with nothing pending can be had, generated calls are made for one that doesn't exist."""
    outcome = run_classes(input_classes.INPUT_CLASSES, tmp_path, provider=provider, max_calls=900, seed=4)

    assert set() == outcome.red


@pytest.mark.parametrize(
    "variants",
    [
        ("body-before-credentials", "further-members-refused", "other-media-type-415", "length-in-bytes"),
        ("device-before-application", "applications-200", "bearer-in-any-case", "empty-app-id-invalid"),
        ("unknown-app-key-100203-200", "other-media-type-invalid", "length-in-utf-16-units", "errors-of-the-gateway"),
    ],
)
def test_legal_variants_pass(tmp_path: Path, variants: tuple[str, ...]) -> None:
    """What the document leaves open is never a finding."""
    outcome = run_classes(input_classes.INPUT_CLASSES, tmp_path, variants=variants, max_calls=1500, seed=5)

    assert set() == outcome.red


def test_budget_is_kept_and_what_it_cut_is_said(tmp_path: Path) -> None:
    """Of --max-calls, all are made but those kept for the cases at the run's end, and no class starves."""
    outcome = run_classes(input_classes.INPUT_CLASSES, tmp_path, max_calls=100)
    calls = [result.evidence.calls for result in outcome.results.values()]
    closing = sum(case.calls for case in outcome.course.evidence[-2:])

    assert outcome.course.rig.client.calls <= 100
    assert 100 - KINDS - 1 == outcome.course.rig.client.calls - closing
    assert min(calls) >= 3
    assert "of 100 calls admitted" in outcome.results[CHARACTERS].reason
    assert CUT in outcome.course.state.notes


def test_budget_that_is_used_up_leaves_the_class_untested(tmp_path: Path) -> None:
    """A class without calls is not tested, and leaves no requirement unproven."""
    outcome = run_classes([CHARACTERS], tmp_path, max_calls=1)
    result = outcome.results[CHARACTERS]

    assert ("not tested", 0) == (result.outcome, result.evidence.calls)


def test_evidence_stays_small(tmp_path: Path) -> None:
    """Of hundreds of examples that fail in one way, one is kept, beside three that passed and two plain calls."""
    bug = crashing_on_text(lambda text: not text.isascii())
    result = run_classes([CHARACTERS], tmp_path, bugs=[bug], max_calls=300).results[CHARACTERS]

    assert (1, 6) == (len(result.findings), len(result.evidence.exchanges))
    assert re.search(r"\((\d{3}) of \d{3} generated requests", result.reason)


def test_distinct_findings_come_out_in_one_run(tmp_path: Path) -> None:
    """One failing example stops nothing: two ways of failing are two findings."""

    def wrong(behaviour: Behaviour) -> None:
        crashing_on_text(lambda text: "\0" in text)(behaviour)
        around("answers.error_status", lambda inner, error: 404 if error.code == "100418" else inner(error))(behaviour)

    result = run_classes([CHARACTERS], tmp_path, bugs=[wrong]).results[CHARACTERS]

    assert {"500 with code 100001", "404 with code 100418"} == {finding.actual for finding in result.findings}


def test_smallest_failing_request_is_shown(tmp_path: Path) -> None:
    """The finding names the shrunk request, and its exchange is the evidence."""
    bug = crashing_on_text(lambda text: "%n" in text)
    result = run_classes([CHARACTERS], tmp_path, bugs=[bug]).results[CHARACTERS]
    (finding,) = result.findings

    assert finding.exchange is not None
    assert b'{"deviceId": "%n"}' == result.evidence.exchanges[finding.exchange].request.body
    assert f"--replay {result.evidence.replay}" in finding.message


def test_failing_request_is_tried_first_next_time(tmp_path: Path) -> None:
    """The next run begins, after two plain calls, with what failed, and forgets it when it passes."""
    first = run_classes([CHARACTERS], tmp_path, bugs=[crashing_on_text(lambda text: "%n" in text)])
    second = run_classes([CHARACTERS], tmp_path)

    assert "failed" == first.results[CHARACTERS].outcome
    assert b'{"deviceId": "%n"}' == second.results[CHARACTERS].evidence.exchanges[2].request.body
    assert () == Memory(tmp_path, "http://127.0.0.1").failed_before(CHARACTERS)


def test_replay_sends_one_request(tmp_path: Path) -> None:
    """A replay sends the one request, in its class."""
    identity = run_classes([CHARACTERS], tmp_path, bugs=[NUL]).results[CHARACTERS].evidence.replay
    failing = run_classes([CHARACTERS], tmp_path, bugs=[NUL], replay=identity).results[CHARACTERS]
    passing = run_classes([CHARACTERS], tmp_path, replay=identity).results[CHARACTERS]

    assert [("failed", 1), ("passed", 1)] == [(one.outcome, one.evidence.calls) for one in (failing, passing)]


def test_same_seed_makes_the_same_run(tmp_path: Path) -> None:
    """Two runs of one seed send the same requests, the device aside."""
    runs = [run_classes(input_classes.INPUT_CLASSES, tmp_path / name, max_calls=1200, seed=8) for name in ("a", "b")]
    shown = [
        [exchange.edit for result in one.results.values() for exchange in result.evidence.exchanges]
        + [str(result.evidence.calls) for result in one.results.values()]
        for one in runs
    ]

    assert shown[0] == shown[1]


def test_other_seed_makes_another_run(tmp_path: Path) -> None:
    """Two runs of the usual budget send the same core, and other fixed examples behind it."""
    outcomes = [
        run_classes(input_classes.INPUT_CLASSES, tmp_path / str(seed), max_calls=100, seed=seed) for seed in (1, 2)
    ]
    sent = [set(outcome.sent) for outcome in outcomes]
    shown = [[result.evidence.exchanges[-1].edit for result in outcome.results.values()] for outcome in outcomes]
    core = {example.edit for input_class in input_classes.INPUT_CLASSES for example in input_classes.core(input_class)}

    assert core <= sent[0] & sent[1]
    assert shown[0] != shown[1]
    assert 5 < len(sent[0] - sent[1])


def test_changed_secrets_are_redacted(tmp_path: Path) -> None:
    """What was made of a token is in no evidence: who reads it backwards would have the token."""
    written_backwards = Example("", headers=(("Authorization", f"Bearer {like(TOKEN, 'reversed')}"),))
    input_class = input_classes.place(written_backwards)
    Memory(tmp_path, "http://127.0.0.1").keep(input_class, written_backwards)
    outcome = run_classes([input_class], tmp_path, max_calls=20)
    shown = str(outcome.course.rig.redaction.apply(outcome.results[input_class].evidence.exchanges))

    assert "Bearer $EDITED_ACCESS_TOKEN" in shown
    assert outcome.course.rig.token()[::-1] not in shown


def test_secrets_reach_neither_cache_nor_findings(tmp_path: Path) -> None:
    """When every call of every class fails, nothing that is kept or said holds a credential."""

    def broken(behaviour: Behaviour) -> None:
        def fail(_inner: object, _call: object) -> None:
            raise Crash

        around("check_body", fail)(behaviour)

    outcome = run_classes(input_classes.INPUT_CLASSES, tmp_path, bugs=[broken], max_calls=600)
    target = outcome.course.rig.context.configuration.target
    kept = [path.read_text() for path in (tmp_path / "failing").iterdir()]
    shown = [one for evidence in outcome.course.evidence for one in evidence.shown]
    said = [finding.message for one in shown for finding in one.findings]

    assert kept
    assert said
    for secret in (target.app_key, str(target.access_token)):
        assert not any(secret in text for text in (*kept, *said))


def test_refused_credentials_end_the_run(tmp_path: Path) -> None:
    """Credentials that stop working midway give no verdict; they paint no class red."""

    def expire(behaviour: Behaviour) -> None:
        calls = itertools.count()
        around("access.same_token", lambda inner, *tokens: next(calls) < 5 and inner(*tokens))(behaviour)

    outcome = run_classes([CHARACTERS], tmp_path, bugs=[expire])

    assert "the target refuses the configured credentials" in outcome.course.state.health.no_verdict
    assert set() == outcome.red


def test_target_that_hangs_is_not_waited_for_again_and_again(tmp_path: Path) -> None:
    """After two calls without an answer in time the class ends, and the finding is answer-in-time."""
    from conformance.reference.messages import Pause  # noqa: PLC0415 (this test only)

    def hang(behaviour: Behaviour) -> None:
        inner = behaviour.wire.transmit

        def transmit(request, answer):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 (a step as it is)
            if b"\\u0000" in request.body:
                yield Pause(30)
            yield from inner(request, answer)

        behaviour.wire.transmit = transmit  # type: ignore[method-assign]  # that is how steps are edited

    outcome = run_classes([CHARACTERS], tmp_path, bugs=[hang], timeout=0.3)
    result = outcome.results[CHARACTERS]

    assert {"answer-in-time"} == outcome.red
    assert "weren't answered in time" in result.reason or "no whole answer" in result.reason
