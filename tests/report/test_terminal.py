"""What a run says on the terminal: while it goes on, and at its end."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest

from conformance.case.case import Case
from conformance.fuzzing.call_budget import CUT
from conformance.plugin.progress import Progress, remark, summarize
from conformance.record.results import Record
from conformance.verdict.rules import DIRECT
from tests.records import changed

CASE = Case("device-unknown", "A title.", "device", (), ())


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class _Reporter:
    """What pytest's reporter is told to write."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def section(self, title: str, sep: str) -> None:
        self.lines.append(f"{sep} {title}")

    def write_line(self, text: str, **_: bool) -> None:
        self.lines.append(text)


def _summary(record: Record, **more: Any) -> list[str]:
    reporter = _Reporter()
    summarize(cast("pytest.TerminalReporter", reporter), record, Path("reports"), **more)
    return reporter.lines


def _bar(monkeypatch: pytest.MonkeyPatch) -> tuple[Progress, _Terminal]:
    # What these say of a terminal goes before what it says itself.
    for name in ("NO_COLOR", "TERM", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "120")
    stream = _Terminal()
    return Progress(200, stream, live=True, silent=False), stream


def test_bar_says_calls_case_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal a bar says the calls used of the budget, what is tested, and how long a wait still takes."""
    progress, stream = _bar(monkeypatch)
    progress.case(CASE, 57)
    progress.waiting(43)
    progress.end()

    assert "57/200 calls" in stream.getvalue()
    assert "· device · device-unknown" in stream.getvalue()
    assert "waiting 43 s" in stream.getvalue()


def test_narrow_terminal_cuts_what_is_being_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a narrow terminal the bar stays one line, with the calls and the time left whole."""
    monkeypatch.setenv("COLUMNS", "80")
    stream = _Terminal()
    progress = Progress(1000, stream, live=True, silent=False)
    progress.doing("looking for late effects, and the last control call")
    progress.waiting(43)
    progress.end()

    assert "· waiting 43 s" in stream.getvalue()
    assert "· looking for late effects" in stream.getvalue()
    assert "the last control call" not in stream.getvalue()


def test_bar_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """When it ends the line is cleared and the cursor is back; nothing is written afterwards."""
    progress, stream = _bar(monkeypatch)
    progress.doing("looking\nfor late effects \x1b[2J")
    progress.end()
    written = stream.getvalue()
    progress.end()

    assert "looking for late effects ⟨ESC⟩[2J" in written
    assert "\x1b[?25h" in written
    assert written.endswith("\x1b[2K")
    assert written == stream.getvalue()


@pytest.mark.parametrize(
    ("when", "outcome", "counted"),
    [
        ("call", "failed", "failed"),
        ("call", "passed", "passed"),
        ("setup", "failed", "error"),
        ("setup", "skipped", "skipped"),
        ("teardown", "passed", ""),
    ],
)
def test_no_signs_beside_the_bar(monkeypatch: pytest.MonkeyPatch, when: Any, outcome: Any, counted: str) -> None:
    """While there is a bar pytest writes no sign for a case, and counts it; without one it does as usual."""
    report = pytest.TestReport("a", ("a", 0, "a"), {}, outcome, None, when)
    progress, _ = _bar(monkeypatch)

    assert progress.pytest_report_teststatus(report) == (counted, "", "")
    assert Progress(200, io.StringIO(), live=False, silent=False).pytest_report_teststatus(report) is None


def test_lines_without_a_terminal() -> None:
    """Without a terminal a line says that something takes long, and nothing else is written."""
    stream = io.StringIO()
    progress = Progress(200, stream, live=False, silent=False)
    progress.case(CASE, 57)
    progress.waiting(0.5)
    progress.waiting(42.2)
    progress.end()

    assert "\nwaiting 43 s for the target's allowance of calls or for late effects\n" == stream.getvalue()


class Unread(io.StringIO):
    """A stream that nobody reads any more."""

    def write(self, text: str, /) -> int:
        """Nothing gets through."""
        raise BrokenPipeError(text)


def test_waits_that_nobody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """What can't be said is no error of the run."""
    monkeypatch.setattr(sys, "stderr", Unread())
    Progress(200, Unread(), live=False, silent=False).waiting(3)
    remark("it is over")


def test_workers_are_silent() -> None:
    """A worker of a distributed run writes nothing, whatever it is told."""
    stream = _Terminal()
    progress = Progress(200, stream, live=True, silent=True)
    progress.case(CASE, 57)
    progress.waiting(42.2)

    assert "" == stream.getvalue()


def test_failure_can_be_understood_without_the_report(samples: ModuleType) -> None:
    """A failed requirement is told by its sentence, its plainest case, expected and got, and how to send it again."""
    lines = _summary(samples.non_conformant())
    start = lines.index(
        "  ✗ MUST error-100418-unknown-device: An unknown device is refused with status 200 and code 100418."
    )

    assert "      case unknown-device, a deviceId that was never registered" == lines[start + 1]
    assert "      expected status 200, code 100418" == lines[start + 2]
    assert lines[start + 3].startswith("      got      status 404, body </script>")
    assert lines[start + 4].startswith(
        "      attributed to error-100418-unknown-device: nothing else was wrong with the call"
    )
    assert lines[start + 5].startswith("      again:   curl -i --globoff -X POST --url https://platform.example:8743/")
    assert lines[start + 6].startswith("    ↳ MUST device-known, masked by it: A call for an unknown device")


def test_generated_request_is_sent_again_by_its_id(samples: ModuleType) -> None:
    """A generated case is sent again by --replay; one that isn't the plainest names the smallest request."""
    finding = samples.Finding("x", "failed", "404 came.", "200", "404", exchange=0)
    generated = samples.case(
        "generated", ("x",), "failed", findings=(finding,), replay="1f", exchanges=(samples.exchange(edit="a NUL"),)
    )
    written = samples.case("written", ("x",), "failed", findings=(finding,))
    record = changed(samples.conformant(), requirements=(samples.requirement("x", "failed"),))

    assert "      again:   conformance run --replay 1f" in _summary(changed(record, cases=(generated,)))
    assert ["      smallest generated request: a NUL (conformance run --replay 1f)"] == _summary(
        changed(record, cases=(generated, written))
    )[-5:-4]


def test_each_finding_is_sent_again_by_its_own_id(samples: ModuleType) -> None:
    """Of two things that one generated case found, each is sent again by its own request."""
    lines = _summary(samples.of_two_requests())

    assert ["1f", "2e"] == [line.rpartition(" ")[2] for line in lines if "--replay" in line]


def test_same_target_is_named(samples: ModuleType) -> None:
    """The command that replays a request names the target as the run did, for a shell to take."""
    target = ("--config", "my conf.toml", "--base-url", "http://h/?a&b")
    last = [line for line in _summary(samples.of_two_requests(), target=target) if "--replay" in line][-1]
    torn = [line for line in _summary(samples.of_two_requests(), target=("--config", "a  b")) if "--replay" in line][-1]

    assert "      again:   conformance run --replay 2e --config 'my conf.toml' --base-url 'http://h/?a&b'" == last
    assert "      again:   conformance run --replay 2e with the same --config or --base-url" == torn


def test_what_an_answer_shows_by_itself_needs_no_rule(samples: ModuleType) -> None:
    """That the requirement of a finding is the one that was judged by goes without saying."""
    finding = samples.Finding("x", "failed", "", "", "", rule=DIRECT)
    case = samples.case("c", ("x",), "failed", findings=(finding,))
    record = changed(samples.conformant(), requirements=(samples.requirement("x", "failed"),), cases=(case,))

    assert [] == [line for line in _summary(record) if "attributed" in line]


def test_usual_notes_are_for_the_report(samples: ModuleType) -> None:
    """That not all generated requests fitted is no news on the terminal; other notes are."""
    lines = _summary(changed(samples.conformant(), notes=(CUT, "The base URL is http.")))

    assert ["= conformance", "The base URL is http."] == lines[:2]


def test_what_was_not_selected_is_one_line(samples: ModuleType) -> None:
    """Requirements whose case wasn't to run share a line; one whose case should have run keeps its own."""
    untested = [samples.requirement(f"r-{n}", "not tested", reason=f"the case c-{n} wasn't run") for n in range(4)]
    record = changed(samples.conformant(), requirements=tuple(untested))
    lines = _summary(record, unselected={"c-0", "c-1", "c-2"})

    assert ["not tested: 4", "  ? r-3: the case c-3 wasn't run", "  ? 3 requirements: not selected"] == lines[1:4]


def test_wrong_answers_that_nothing_is_accused_of_are_told(samples: ModuleType) -> None:
    """A case of generated requests whose wrong answers the selected cases can't explain has a line of its own."""
    wrong = samples.generated(0, "1f")
    case = samples.case("c", ("x",), "not tested", observations=(wrong,), reason="a whole run can tell")
    untested = samples.requirement("x", "not tested", reason="the case d wasn't run")
    lines = _summary(changed(samples.conformant(), requirements=(untested,), cases=(case,)), unselected={"d"})

    assert ["  ? case c: a whole run can tell", "  ? 1 requirement: not selected"] == lines[2:4]


def test_same_call_is_written_once(samples: ModuleType) -> None:
    """Where the same call shows several violations its command is written for the first of them."""
    findings = tuple(samples.Finding(name, "failed", "", "", "", exchange=0) for name in "xy")
    record = changed(
        samples.conformant(),
        requirements=tuple(samples.requirement(name, "failed") for name in "xy"),
        cases=(samples.case("c", ("x", "y"), "failed", findings=findings),),
    )
    again = [line for line in _summary(record) if "again:" in line]

    assert ["      again:   curl ", "      again:   the same call as for x"] == [again[0][:20], again[1]]


def test_command_that_a_terminal_would_change(samples: ModuleType) -> None:
    """A command that isn't one plain line, or a very long one, is left to the report."""
    finding = samples.Finding("x", "failed", "", "", "", exchange=0)
    record = changed(samples.conformant(), requirements=(samples.requirement("x", "failed"),))
    for body in (b'{"a":\n1}', b'{"a":  1}', b"x" * 700):
        case = samples.case(
            "c", ("x",), "failed", findings=(finding,), exchanges=(samples.exchange(samples.request(body)),)
        )

        assert "      again:   the command for curl is in the report" in _summary(changed(record, cases=(case,)))


def test_one_reason_is_one_line(samples: ModuleType) -> None:
    """Requirements that aren't tested for the same reason share a line; many are counted."""
    untested = [samples.requirement(f"r-{n}", "not tested", reason="No state.") for n in range(6)]
    lines = _summary(changed(samples.conformant(), requirements=tuple(untested)))

    assert ["not tested: 6", "  ? r-0, r-1, r-2, r-3 and 2 more: No state."] == lines[1:3]


def test_counts(samples: ModuleType) -> None:
    """All outcomes are counted, of requirements and of cases."""
    counts = next(line for line in _summary(samples.non_conformant()) if line.startswith("requirements: "))

    assert (
        "requirements: 1 passed, 3 failed, 1 masked, 1 tolerated, 1 waived, 1 untestable, 2 not tested, of 10; "
        "cases: 2 passed, 4 failed, 1 masked, 1 tolerated, 1 waived, 1 untestable, 1 not tested"
    ) == counts


def test_nothing_foreign_gets_through(samples: ModuleType) -> None:
    """Whatever a target, a hook or a results file says is one line without control characters."""
    for record in (samples.non_conformant(), samples.hostile()):
        shown: Any = _summary(record)

        assert [] == [line for line in shown if "\n" in line or "\x1b" in line or "\u202e" in line]
