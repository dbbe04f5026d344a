"""A pytest session of the suite: wires configuration, target, provider, cases and reports together."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from conformance.case.case import Case
from conformance.client.budget import Budget
from conformance.contract import documents, names
from conformance.evidence.crash import keep_crash
from conformance.evidence.glyphs import line, lines, visible
from conformance.exceptions import ConformanceError
from conformance.fuzzing.versions import versions
from conformance.plugin import progress
from conformance.plugin.diagnostics import Diagnostics
from conformance.plugin.inputs import DEFAULT_REPORTS
from conformance.plugin.options import as_pytest, given
from conformance.plugin.plan import Plan, make_plan
from conformance.record.results import Conditions, Record, RunInfo, TargetInfo
from conformance.record.serialization import structure, unstructure
from conformance.record.timeline import Timeline
from conformance.run.context import Context
from conformance.run.course import Course
from conformance.run.rig import assemble
from conformance.run.turns import Turns
from conformance.suite.registry import case_of, framed, in_order, registered
from conformance.verdict import Exit, Judged, Policy, ended_early, judge_evidence, provisional
from conformance.verdict.recording import make_record, today

__all__ = ["Session"]

CREDENTIALS_NAMED = 2
SHOWN_IDS = 3


CASE = "conformance_case"
"""The attribute of pytest's reports that has the case's id."""


class CaseFailed(AssertionError):
    """The target violates what the case is about; the message is the reason."""


@dataclass
class Mishaps:
    """What went wrong otherwise than by the target's fault.

    Attributes:
        crashed: the cases in which the suite itself failed, and the workers that died.
        failed: the ids of the cases that failed in pytest's eyes; None for tests that are no cases.
        unwritten: why the reports couldn't be written; "" when they were.
    """

    crashed: list[str] = field(default_factory=list)
    failed: set[str | None] = field(default_factory=set)
    unwritten: str = ""


class Session:
    """The hooks of one process: a whole run, or the controller or a worker of a distributed one."""

    def __init__(self, config: pytest.Config, plan: Plan, stack: ExitStack) -> None:
        self.config, self.plan, self._stack = config, plan, stack
        self.worker: str | None = config.workerinput["workerid"] if hasattr(config, "workerinput") else None
        self.distributed = self.worker is None and bool(getattr(config.option, "tx", None))
        self.started = time.time()
        self.mishaps = Mishaps()
        self.record: Record | None = None
        self.progress = progress.make(config, plan.options.max_calls)
        context = Context(plan.configuration, plan.options)
        rig = assemble(
            context,
            budget=Budget(plan.deadline),
            on_wait=self._waiting,
            shared=plan.pace_file,
            timeline=Timeline(),
        )
        self.course = Course(rig)
        self.diagnostics = Diagnostics(rig.redaction)
        stack.enter_context(self.diagnostics)
        if self.distributed:
            config.pluginmanager.register(_Distribution(self), "conformance-distribution")

    # -- beginning and end -------------------------------------------------------------------------------------------

    @classmethod
    def begin(cls, config: pytest.Config) -> Session:
        """Check everything that the user set; pytest.UsageError with every problem at once."""
        stack = ExitStack()
        try:
            workerinput = getattr(config, "workerinput", None)
            if workerinput is not None:
                plan = _in_this_process(structure(json.loads(workerinput["conformance"]), Plan))
            else:
                plan = make_plan(config, stack)
                _end_politely(stack)
            return cls(config, plan, stack)
        except ConformanceError as error:
            stack.close()
            raise as_pytest(error) from error
        except BaseException:
            stack.close()
            raise

    def end(self) -> None:
        """Stop what was started."""
        self._stack.close()

    # -- the course of a run -----------------------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """The control call first and last; nothing is tried when the first one shows that no verdict can be had."""
        if self.worker is not None:
            result = yield
            self.course.rig.provider.disconnect()
            self.course.rig.client.close()
            return result
        if not (session.items or self.distributed):
            return (yield)
        if self.distributed:
            # The control call was made before the first worker started.
            try:
                result = yield
            finally:
                # Also what was seen before somebody stopped the run.
                self._take_back()
            if not self.course.state.health.no_verdict:
                self.progress.doing("looking for late effects, and the last control call")
                self.course.finish()
            return result
        with self.course.carried_out():
            if self.course.state.health.no_verdict:
                session.items.clear()
            result = yield
            self.progress.doing("looking for late effects, and the last control call")
        return result

    def _take_back(self) -> None:
        """Go on with what the workers left."""
        if self.plan.folder is not None and self.course.state.health.opened:
            baton = self.turns("controller").take_back()
            self.mishaps.crashed += baton.crashed

    def turns(self, name: str) -> Turns:
        """The turns that this process takes as NAME."""
        assert self.plan.folder is not None  # noqa: S101 (every distributed run has one)
        return Turns(self.plan.folder, self.course, name)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """What people select cases by, and which of them a replay needs."""
        if self.plan.replayed is not None:
            others = [item for item in items if (case := _case(item)) is None or case.id != self.plan.replayed]
            config.hook.pytest_deselected(items=others)
            items[:] = [item for item in items if item not in others]
        for item in items:
            if (case := _case(item)) is not None:
                # So that -k selects by the ids that people see.
                item.extra_keyword_matches.update((case.id, case.chapter, *case.proves))

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Cases run in the order of the suite, whatever order others brought them into."""
        items = session.items
        cases = {item: case for item in items if (case := _case(item))}
        place = {case.id: number for number, case in enumerate(in_order(cases.values()))}
        items.sort(key=lambda item: place[cases[item].id] if item in cases else -1)
        self.course.planned = tuple(case for case in map(_case, items) if case)
        if self.worker is not None:
            self.course.turn = self.turns(self.worker).turn

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Run a case, and say how it ended in pytest's terms."""
        case = _case(pyfuncitem)
        if case is None:
            return None
        self.progress.case(case, self.course.rig.client.calls)
        health = self.course.state.health
        if health.no_verdict or health.stopped:
            pytest.skip(self._shown(health.no_verdict or health.stopped))
        try:
            evidence = self.course.run(case)
        except (KeyboardInterrupt, pytest.exit.Exception):
            raise
        except Exception:
            self.mishaps.crashed.append(case.id)
            raise
        health = self.course.state.health
        if (over := health.no_verdict or health.stopped) and self.worker is None:
            # The processes of a distributed run hear of it with their next turn; xdist would call it an interruption.
            pyfuncitem.session.shouldstop = f"{'no verdict: ' * bool(health.no_verdict)}{self._shown(over)}"
        if health.no_verdict:
            pytest.skip(self._shown(health.no_verdict))
        if evidence is None:
            pytest.skip(self._shown(health.stopped))
        result = provisional(evidence)
        if result.outcome == "failed":
            raise CaseFailed(self._shown(result.reason))
        if result.outcome == "not tested":
            pytest.skip(self._shown(result.reason))
        return True

    def _waiting(self, seconds: float) -> None:
        self.course.rig.timeline.waiting(seconds, progress.WAIT)
        self.progress.waiting(seconds)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """What pytest shows of a case that failed holds no secret; and which case it was, for the controller."""
        report = yield
        if (case := _case(item)) is not None:
            vars(report)[CASE] = case.id
        return self.diagnostics.report(report, self.config)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Which cases failed in pytest's eyes, and whether other tests did."""
        if report.failed:
            self.mishaps.failed.add(vars(report).get(CASE))

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self, excrepr: object) -> None:
        """Nor does what it shows of an error inside."""
        self.diagnostics.hide(excrepr)
        if self.worker is None:
            keep_crash(visible(self.diagnostics.text(str(excrepr))), self.reports)

    def _shown(self, words: object) -> str:
        """WORDS, which may hold what the target sent, as the terminal may have them."""
        return line(self.course.rig.redaction.text(str(words)))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> Generator[None, object, object]:
        """Judge the run, write the reports, and set the exit status, which no other plugin makes better."""
        if self.worker is not None or exitstatus == Exit.USAGE_ERROR:
            return (yield)
        self._finish(session, exitstatus)
        others_failed = exitstatus == pytest.ExitCode.TESTS_FAILED and None in self.mishaps.failed
        if session.exitstatus == Exit.CONFORMANT and others_failed:
            session.exitstatus = exitstatus
        status = session.exitstatus
        try:
            return (yield)
        except pytest.exit.Exception as leaving:
            leaving.returncode = leaving.returncode or int(status)
            raise
        finally:
            session.exitstatus = session.exitstatus or status

    def _finish(self, session: pytest.Session, exitstatus: int) -> None:
        """Judge, write, and set the exit status."""
        try:
            most = self.config.getoption("maxfail") or 0
            if exitstatus == Exit.INTERRUPTED and 0 < most <= session.testsfailed:
                # -x and --maxfail end a run of one process so; a distributed one is interrupted.
                exitstatus = pytest.ExitCode.TESTS_FAILED
            session.exitstatus = self._judge(exitstatus)
            self._write(session)
        except (ConformanceError, OSError) as error:
            # Looked at before the first call; the disk may have become full since, or the folder have gone.
            self.mishaps.unwritten = self._shown(error)
            progress.remark(f"the reports couldn't be written: {self.mishaps.unwritten}")
            session.exitstatus = Exit.INTERNAL_ERROR
        except Exception as error:  # noqa: BLE001 (whatever it is, pytest must not end with its own status)
            # pytest would end with the status that stands for a target that isn't conformant.
            self._crash(error)
            session.exitstatus = Exit.INTERNAL_ERROR

    def _crash(self, error: Exception) -> None:
        """Say that the suite itself failed, and keep ERROR, without secrets, where its maintainers can be shown it."""
        text = lines(self.diagnostics.traceback(error))
        kept = keep_crash(text, self.reports)
        self.mishaps.unwritten = "internal error of the suite"
        progress.remark(
            f"{self.mishaps.unwritten}; {f'it is in {kept}' if kept else 'it follows'}, without your secrets"
        )
        if kept is None:
            sys.stderr.write(text)

    @property
    def reports(self) -> Path:
        """The folder of the reports."""
        return given(self.config).reports or DEFAULT_REPORTS

    def _write(self, session: pytest.Session) -> None:
        """Write every report of the run, by SESSION. Raises OSError, or UsageError for the file of waivers."""
        from conformance.report import write_reports  # noqa: PLC0415 (not needed before the end)

        assert self.record is not None  # noqa: S101 (made by _judge)
        write_reports(self.record, self.reports, session)
        if given(self.config).write_waivers:
            from conformance.report.waivers import write_waivers  # noqa: PLC0415 (rarely needed)

            write_waivers(self.record, given(self.config).write_waivers)

    def _judge(self, exitstatus: int) -> int:
        plan, course = self.plan, self.course
        policy = Policy(
            strict=bool(given(self.config).strict),
            allow_untested=bool(given(self.config).allow_untested),
            waivers=plan.configuration.waivers,
            today=today(),
            release=plan.configuration.requirements,
        )
        declared = self._declared()
        by_evidence = judge_evidence(
            documents.load(),
            framed(registered().values()),
            course.evidence,
            policy,
            declared=declared,
            no_verdict=course.state.health.no_verdict,
        )
        judged = self._ended_early(by_evidence, exitstatus)
        ended = "" if judged == by_evidence else judged.summary
        settings = plan.configuration
        record = make_record(
            judged,
            TargetInfo(settings.target.base_url, settings.provider.kind or "none"),
            RunInfo.until_now(
                self.started,
                course.rig.client.calls,
                self._notes(),
                seed=plan.options.seed,
                versions=versions(),
                timeline=course.rig.timeline.events,
            ),
            Conditions(
                allow_untested=policy.allow_untested,
                declared=declared,
                day=policy.today.isoformat(),
                no_verdict=course.state.health.no_verdict,
                ended=ended,
                release=policy.release,
            ),
            strict=policy.strict,
        )
        self.record = course.rig.redaction.apply(record)
        return record.exit_status

    def _ended_early(self, judged: Judged, exitstatus: int) -> Judged:
        """JUDGED, with the exit status of an interrupted run or of a fault in the suite where that is what happened."""
        health = self.course.state.health
        failed = {case for case in self.mishaps.failed if case is not None}
        aborted = sorted(failed - {result.id for result in judged.cases})[:SHOWN_IDS]
        if self.mishaps.crashed or (exitstatus == Exit.INTERNAL_ERROR and not health.no_verdict):
            status = Exit.INTERNAL_ERROR
            words = f"Internal error of the suite ({', '.join(self.mishaps.crashed) or 'see above'})"
        elif exitstatus == Exit.INTERRUPTED and not (health.no_verdict or health.stopped):
            status, words = Exit.INTERRUPTED, "Interrupted"
        elif aborted and judged.exit_status in (Exit.CONFORMANT, Exit.INCOMPLETE, Exit.NOTHING_TESTED):
            status, words = Exit.INCOMPLETE, f"Incomplete: cases were aborted from outside ({', '.join(aborted)})"
        elif judged.exit_status == Exit.NOTHING_TESTED and health.stopped:
            # There was something to test; what is missing is time.
            status, words = Exit.INCOMPLETE, f"Ended early, as {health.stopped}"
        else:
            return judged
        return ended_early(judged, status, words)

    def _declared(self) -> dict[str, str]:
        """Requirements that can't be tested as this run was set up, with the reason."""
        settings = self.plan.configuration
        declared = {entry.requirement: f"declared untestable: {entry.reason}" for entry in settings.untestable}
        if not settings.target.https:
            declared[names.TRANSPORT_HTTPS] = "the base URL is http, so HTTPS counts as untestable"
        if not self.plan.options.slow:
            declared[names.FLOW_CONTROL_RECOVERS] = "testing it takes about five minutes; use --slow"
        return declared

    def _notes(self) -> tuple[str, ...]:
        settings, state, client = self.plan.configuration.target, self.course.state, self.course.rig.client
        notes = []
        if not settings.https:
            notes.append("The base URL is http: the requirement to serve HTTPS counts as untestable.")
        elif not settings.verify_hostname:
            notes.append("target.verify_hostname is false: the certificate was accepted for any host name.")
        if self.plan.embedded:
            notes.append("The embedded reference implementation was tested, because no base URL was given.")
        if state.health.unreadable:
            notes.append(f"What the target holds can't be read back: {state.health.unreadable}.")
        if state.health.stopped:
            notes.append(f"Ended early: {state.health.stopped}.")
        if client.tally.throttled:
            notes.append(
                f"{client.tally.throttled} calls were refused by flow control although the suite kept to "
                f"{settings.calls_per_minute} a minute, and were repeated a minute later: others call the target too."
            )
        if client.tally.resent:
            notes.append(
                f"{client.tally.resent} calls were sent again on a new connection, because the target had closed the "
                "kept-alive one without notice; whether it had carried them out before isn't known."
            )
        indistinct = self.course.rig.redaction.indistinct
        if indistinct:
            notes.append(_in_plain_sight(indistinct))
        return (*notes, *state.notes)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The verdict, and where the report is."""
        if self.record is not None:
            progress.summarize(
                terminalreporter,
                self.record,
                self.reports,
                self.mishaps.unwritten,
                target=self._target(),
                unselected=self._unselected(),
            )

    def _target(self) -> tuple[str, ...]:
        """The options that name the target, as they were given."""
        named = {"--config": given(self.config).config, "--base-url": given(self.config).base_url}
        words = (word for option, value in named.items() if value is not None for word in (option, str(value)))
        return tuple(map(self.course.rig.redaction.text, words))

    def _unselected(self) -> frozenset[str]:
        """The cases that weren't to run."""
        known = frozenset(case.id for case in registered().values())
        if not self.distributed:
            return known - {case.id for case in self.course.planned}
        # The controller isn't told what the workers collected; all of that was run unless something ended the run.
        health = self.course.state.health
        if self.record is None or self.record.conditions.ended or health.stopped or health.no_verdict:
            return frozenset()
        return known - {case.id for case in self.record.cases}


class _Distribution:
    """The hooks that only the controller of a distributed run has; pytest-xdist declares them."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._opened = False

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Hand the plan to a worker; before the first one the control call is made."""
        session = self.session
        if not self._opened:
            self._opened = True
            session.course.begin()
            session.turns("controller").give()
        node.workerinput["conformance"] = json.dumps(unstructure(_on_its_way(session.plan)))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """A worker that died leaves its cases untested, and says so by the exit status."""
        if error:
            self.session.mishaps.crashed.append(f"worker {node.gateway.id} ({error})")


def _on_its_way(plan: Plan) -> Plan:
    """PLAN with the seconds that are left instead of the deadline: each machine has a clock of its own."""
    return plan if plan.deadline is None else replace(plan, deadline=plan.deadline - time.monotonic())


def _in_this_process(plan: Plan) -> Plan:
    """A plan that was on its way, with the deadline by this process's clock."""
    return plan if plan.deadline is None else replace(plan, deadline=plan.deadline + time.monotonic())


def _case(item: pytest.Item) -> Case | None:
    return case_of(getattr(item, "function", None))


def _in_plain_sight(names: Sequence[str]) -> str:
    """What is said of the credentials NAMES, which are hidden only where credentials stand."""
    words = [name.lower().replace("_", " ").replace("app key", "app_key") for name in names]
    if len(words) > CREDENTIALS_NAMED:
        words[CREDENTIALS_NAMED:] = [f"{len(words) - CREDENTIALS_NAMED} more credentials"]
    *others, last = words
    named = f"{', '.join(others)} and {last}" if others else last
    are, longer = ("are", "longer ones") if others else ("is", "a longer one")
    return (
        f"Your {named} {are} too short or too common to be hidden everywhere in the reports; "
        f"use {longer} before you share them."
    )


def _end_politely(stack: ExitStack) -> None:
    """A request to terminate, as CI systems and containers send it, ends a run as Ctrl-C does: with its reports."""
    if threading.current_thread() is threading.main_thread():
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        stack.callback(signal.signal, signal.SIGTERM, before or signal.SIG_DFL)
