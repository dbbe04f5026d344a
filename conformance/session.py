"""A pytest session of the suite: wires configuration, target, provider, cases and reports together."""

from __future__ import annotations

import base64
import os
import pickle
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import fasteners
import pytest

from conformance import progress
from conformance.assembly import assemble
from conformance.cache import folder
from conformance.case.frame import FRAME
from conformance.case.registry import Case, case_of, in_order, registered
from conformance.contract import documents
from conformance.exceptions import Blocked, ConformanceError, NoVerdict, UsageError
from conformance.record import CaseResult, Record, TargetInfo
from conformance.recording import make_record, today
from conformance.run import Run, new_seed
from conformance.target.budget import Budget
from conformance.target.configuration import Configuration, load
from conformance.verdict import Exit, Judged, Rules, judge

__all__ = ["Session"]

MOST_CALLS = 200
MOST_CALLS_EMBEDDED = 1000
EMBEDDED_PROVIDER = "[provider]\nwatch_time = 0"
"""Nothing that the embedded implementation does comes later than its answer; others are watched."""

DEFAULT_REPORTS = Path("reports")


class CaseFailed(AssertionError):
    """The target violates what the case is about; the message is the reason."""


@dataclass(frozen=True)
class Plan:
    """What every process of a run is told: the same for the controller and the workers of a distributed run.

    replay is the id of the one generated request that is sent, replayed the case that it belongs to.
    """

    configuration: Configuration
    embedded: bool
    seed: int
    max_calls: int
    deadline: float | None
    slow: bool
    exhaust: bool
    replay: str | None
    replayed: str | None
    cache: Path | None
    shared: Path | None = None
    controlled: bool = False
    workers: int = 1


class Session:
    """The hooks of one process: a whole run, or the controller or a worker of a distributed one."""

    def __init__(self, config: pytest.Config, plan: Plan, stack: ExitStack) -> None:
        self.config, self.plan, self._stack = config, plan, stack
        self.worker = hasattr(config, "workerinput")
        self.distributed = not self.worker and bool(getattr(config.option, "tx", None))
        self.started = time.time()
        self.no_verdict = ""
        self.broken: list[str] = []
        self.results: list[CaseResult] = []
        self.calls = 0
        self.record: Record | None = None
        self.progress = progress.make(config, plan.max_calls)
        self.run = self._make_run()
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
                plan = pickle.loads(base64.b64decode(workerinput["conformance"]))  # noqa: S301 (our own controller's)
                plan = _in_this_process(plan)
            else:
                plan = _plan(config, stack)
                _end_politely(stack)
            return cls(config, plan, stack)
        except ConformanceError as error:
            stack.close()
            problems = error.problems if isinstance(error, UsageError) else (str(error),)
            raise pytest.UsageError(*problems) from error
        except BaseException:
            stack.close()
            raise

    def end(self) -> None:
        """Stop what was started."""
        self._stack.close()

    def _make_run(self) -> Run:
        plan = self.plan
        configuration = plan.configuration
        if self.worker:
            number = int(self.config.workerinput["workerid"].removeprefix("gw"))  # type: ignore[attr-defined]  # xdist's
            configuration = _share(configuration, number, plan.workers)
        run = assemble(configuration, Budget(plan.deadline), self.progress.waiting, plan.shared)
        run.seed, run.cache = plan.seed, plan.cache
        run.max_calls = plan.max_calls // plan.workers
        run.slow, run.exhaust, run.replay = plan.slow, plan.exhaust, plan.replay
        run.controlled = plan.controlled
        run.opened = self.worker
        return run

    # -- the course of a run -----------------------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """The control call first and last; nothing is tried when the first one shows that no verdict can be had."""
        if self.worker or not (session.items or self.distributed):
            result = yield
            if self.worker:
                self._guarded(self.run.close_worker)
            return result
        if not self.distributed:
            self._guarded(self.run.open)
        if self.no_verdict:
            session.items.clear()
        result = yield
        if not self.no_verdict:
            self.progress.doing("looking for late effects, and the last control call")
            self._guarded(self.run.close)
        return result

    def _guarded(self, step: Any) -> None:
        try:
            step()
        except NoVerdict as error:
            self.no_verdict = str(error)
        except Blocked as error:
            self.run.stopped = str(error)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Deterministic cases first, generated ones after them, what changes the whole target in between."""
        if self.plan.replayed is not None:
            others = [item for item in items if (case := _case(item)) is None or case.id != self.plan.replayed]
            config.hook.pytest_deselected(items=others)
            items[:] = [item for item in items if item not in others]
        cases = {item: case for item in items if (case := _case(item))}
        for item, case in cases.items():
            # So that -k selects by the ids that people see.
            item.extra_keyword_matches.update((case.id, case.chapter, *case.requirements))
        place = {case.id: number for number, case in enumerate(in_order(cases.values()))}
        items.sort(key=lambda item: place[cases[item].id] if item in cases else -1)
        self.run.planned = tuple(case.id for case in map(_case, items) if case)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Run a case, and say how it ended in pytest's terms."""
        case = _case(pyfuncitem)
        if case is None:
            return None
        self.progress.case(case, self.run.client.calls)
        if self.run.stopped:
            pytest.skip(self.run.stopped)
        arguments = {
            name: pyfuncitem.funcargs[name]
            for name in pyfuncitem._fixtureinfo.argnames  # noqa: SLF001 (as pytest's own implementation does)
            if name != "talk"
        }
        with self._alone(case):
            try:
                result = self.run.run_case(case, lambda talk: pyfuncitem.obj(talk=talk, **arguments))
            except NoVerdict as error:
                self.no_verdict = str(error)
                pyfuncitem.session.shouldstop = f"no verdict: {self._shown(error)}"
                pytest.skip(self._shown(error))
            except (KeyboardInterrupt, pytest.exit.Exception):
                raise
            except Exception:
                self.broken.append(case.id)
                raise
        if self.run.stopped:
            pyfuncitem.session.shouldstop = self.run.stopped
        if result.outcome == "failed":
            raise CaseFailed(self._shown(result.reason))
        if result.outcome == "not tested":
            pytest.skip(self._shown(result.reason))
        return True

    def _shown(self, words: object) -> str:
        """WORDS, which may hold what the target sent, as the terminal may have them."""
        return progress.line(self.run.redaction.text(str(words)))

    def _alone(self, case: Case) -> AbstractContextManager[object]:
        """In a distributed run, keep other workers away from a target that a case changes as a whole."""
        if self.plan.shared is None or not self.worker:
            return nullcontext()
        lock = fasteners.InterProcessReaderWriterLock(f"{self.plan.shared}.lock")
        manager: AbstractContextManager[object] = lock.write_lock() if case.alone else lock.read_lock()
        return manager

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Judge the run, write the reports, and set the exit status."""
        if self.worker:
            self.config.workeroutput["conformance"] = self._packed()  # type: ignore[attr-defined]  # xdist's
            return
        if exitstatus == Exit.USAGE_ERROR:
            return
        try:
            session.exitstatus = self._judge([*self.run.results, *self.results], exitstatus)
            self._write(session)
        except (ConformanceError, OSError) as error:
            # Looked at before the first call; the disk may have become full since, or the folder have gone.
            sys.stderr.write(f"conformance: the reports couldn't be written: {progress.line(str(error))}\n")
            session.exitstatus = Exit.USAGE_ERROR
        except Exception:  # noqa: BLE001 (whatever it is, pytest must not end with its own status)
            # pytest would end with the status that stands for a target that isn't conformant.
            traceback.print_exc()
            session.exitstatus = Exit.INTERNAL_ERROR

    def _write(self, session: pytest.Session) -> None:
        """Write every report of the run, the page for people drawn in SESSION.

        Raises OSError, or UsageError for the file of waivers.
        """
        from conformance.report import write_reports  # noqa: PLC0415 (not needed before the end)

        assert self.record is not None  # noqa: S101 (made by _judge)
        write_reports(self.record, self.config.option.reports or DEFAULT_REPORTS, session)
        if self.config.option.write_waivers:
            from conformance.waivers import write_waivers  # noqa: PLC0415 (rarely needed)

            write_waivers(self.record, self.config.option.write_waivers)

    def _packed(self) -> str:
        # The controller doesn't know the secrets that this worker was given by the provider.
        results, notes, no_verdict = self.run.redaction.apply((self.run.results, self.run.notes, self.no_verdict))
        pack = (results, self.run.client.calls, notes, no_verdict, self.broken)
        return base64.b64encode(pickle.dumps(pack)).decode("ascii")

    def unpack(self, packed: str) -> None:
        """Take in what a worker found."""
        results, calls, notes, no_verdict, broken = pickle.loads(base64.b64decode(packed))  # noqa: S301 (our own worker's)
        self.results += results
        self.calls += calls
        self.run.notes += [note for note in notes if note not in self.run.notes]
        self.no_verdict = self.no_verdict or no_verdict
        self.broken += broken

    def _judge(self, results: list[CaseResult], exitstatus: int) -> int:
        plan = self.plan
        rules = Rules(
            strict=bool(self.config.option.strict),
            allow_untested=bool(self.config.option.allow_untested),
            waivers=plan.configuration.waivers,
            untestable=plan.configuration.untestable,
            today=today(),
        )
        cases = (*FRAME, *registered().values())
        by_id = {result.id: result for result in _merged(results)}
        ordered = [by_id[case.id] for case in cases if case.id in by_id]
        judged = judge(documents.load(), cases, ordered, rules, facts=self._facts(), no_verdict=self.no_verdict)
        judged = self._ended_early(judged, exitstatus)
        settings = plan.configuration
        record = make_record(
            judged,
            TargetInfo(settings.target.base_url, settings.provider.kind or "none"),
            started=self.started,
            duration_s=time.time() - self.started,
            seed=plan.seed,
            calls=self.calls + self.run.client.calls,
            strict=rules.strict,
            notes=self._notes(),
        )
        self.record = self.run.redaction.apply(record)
        return record.exit_status

    def _ended_early(self, judged: Judged, exitstatus: int) -> Judged:
        """JUDGED, with the exit status of an interrupted run or of a fault in the suite where that is what happened."""
        if self.broken or (exitstatus == Exit.INTERNAL_ERROR and not self.no_verdict):
            status, words = (
                Exit.INTERNAL_ERROR,
                f"Internal error of the suite ({', '.join(self.broken) or 'see above'})",
            )
        elif exitstatus == Exit.INTERRUPTED and not (self.no_verdict or self.run.stopped):
            status, words = Exit.INTERRUPTED, "Interrupted"
        elif judged.exit_status == Exit.NOTHING_TESTED and self.run.stopped:
            # There was something to test; what is missing is time.
            status, words = Exit.INCOMPLETE, f"Ended early, as {self.run.stopped}"
        else:
            return judged
        verdict = "incomplete" if judged.verdict == "conformant" else judged.verdict
        return replace(judged, exit_status=status, verdict=verdict, summary=f"{words}; until then: {judged.summary}")

    def _facts(self) -> dict[str, str]:
        """Requirements that this run declares untestable by how it was set up."""
        facts = {}
        if not self.plan.configuration.target.https:
            facts["transport-https"] = "the base URL is http, so HTTPS is declared untestable"
        if not self.plan.slow:
            facts["flow-control-recovers"] = "it takes more than a minute to see; tested with --slow"
        return facts

    def _notes(self) -> tuple[str, ...]:
        settings = self.plan.configuration.target
        notes = []
        if not settings.https:
            notes.append("The base URL is http: the requirement to serve HTTPS is declared untestable.")
        elif not settings.verify_hostname:
            notes.append("target.verify_hostname is false: the certificate was accepted for any host name.")
        if self.plan.embedded:
            notes.append("The embedded reference implementation was tested, as no base URL was given.")
        if self.run.unreadable:
            notes.append(f"What the target holds can't be read back: {self.run.unreadable}.")
        if self.run.stopped:
            notes.append(f"Ended early: {self.run.stopped}.")
        if self.run.client.throttled:
            notes.append(
                f"{self.run.client.throttled} calls were refused by flow control although the suite kept to "
                f"{settings.calls_per_minute} a minute, and were repeated a minute later: others call the target too."
            )
        if self.run.client.resent:
            notes.append(
                f"{self.run.client.resent} calls were sent again, on a new connection, as the target had closed the "
                "kept-alive one unannounced; whether it had carried them out by then can't be told."
            )
        return (*notes, *self.run.notes)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The verdict, and where the report is."""
        if self.record is not None:
            progress.summarize(terminalreporter, self.record, self.config.option.reports or DEFAULT_REPORTS)


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
            session._guarded(session.run.open)  # noqa: SLF001 (the two are one)
        workers = max(len(node.config.option.tx or ()), 1)
        plan = replace(_on_its_way(session.plan), controlled=session.run.controlled, workers=workers)
        node.workerinput["conformance"] = base64.b64encode(pickle.dumps(plan)).decode("ascii")

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Take in what a worker found; one that died leaves its cases untested, and says so by the exit status."""
        output = getattr(node, "workeroutput", {}) or {}
        if "conformance" in output:
            self.session.unpack(output["conformance"])
        else:
            self.session.broken.append(f"worker {node.gateway.id} ({error})")


def _on_its_way(plan: Plan) -> Plan:
    """PLAN with the seconds that are left instead of the deadline: each machine has a clock of its own."""
    return plan if plan.deadline is None else replace(plan, deadline=plan.deadline - time.monotonic())


def _in_this_process(plan: Plan) -> Plan:
    """A plan that was on its way, with the deadline by this process's clock."""
    return plan if plan.deadline is None else replace(plan, deadline=plan.deadline + time.monotonic())


def _case(item: pytest.Item) -> Case | None:
    return case_of(getattr(item, "function", None))


def _merged(results: list[CaseResult]) -> list[CaseResult]:
    """One result for each case: in a distributed run every worker has its own look for late effects."""
    merged: dict[str, CaseResult] = {}
    for result in results:
        if result.id in merged:
            first = merged[result.id]
            worse = max((first, result), key=lambda one: (one.outcome == "failed", one.outcome == "passed"))
            merged[result.id] = replace(
                worse,
                findings=(*first.findings, *result.findings),
                exchanges=(*first.exchanges, *result.exchanges),
                calls=first.calls + result.calls,
            )
        else:
            merged[result.id] = result
    return list(merged.values())


def _end_politely(stack: ExitStack) -> None:
    """A request to terminate, as CI systems and containers send it, ends a run as Ctrl-C does: with its reports."""
    if threading.current_thread() is threading.main_thread():
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        stack.callback(signal.signal, signal.SIGTERM, before or signal.SIG_DFL)


def _plan(config: pytest.Config, stack: ExitStack) -> Plan:
    option = config.option
    embedded: list[str] = []

    def start() -> str:
        from conformance.reference import Reference  # noqa: PLC0415 (only when nothing else is to be tested)

        embedded.append("started")
        return stack.enter_context(Reference.start()).configuration().replace("[provider]", EMBEDDED_PROVIDER)

    problems = []
    if option.max_calls is not None and option.max_calls < 1:
        problems.append("--max-calls must be 1 or more")
    if option.max_time is not None and option.max_time <= 0:
        problems.append("--max-time must be more than 0 seconds")
    if problems:
        raise UsageError(problems)
    replayed = None
    if option.replay is not None:
        from conformance.generated import replay  # noqa: PLC0415 (rarely needed)

        replayed = replay.find(option.replay).strand
    configuration = load(
        option.config, os.environ, option.base_url, requirements=documents.load().requirements, embedded=start
    )
    _check_writable(option.reports or DEFAULT_REPORTS, option.write_waivers)
    shared = None
    if getattr(option, "tx", None):
        _check_shareable(configuration, option.tx)
        place = tempfile.TemporaryDirectory(prefix="conformance-", dir=configuration.target.pace_folder)
        shared = Path(stack.enter_context(place)).resolve() / "pace.sqlite"
    return Plan(
        configuration=configuration,
        embedded=bool(embedded),
        seed=option.seed if option.seed is not None else new_seed(),
        max_calls=option.max_calls or (MOST_CALLS_EMBEDDED if embedded else MOST_CALLS),
        deadline=None if option.max_time is None else time.monotonic() + option.max_time,
        slow=bool(option.slow),
        exhaust=bool(option.exhaust_flow_control),
        replay=option.replay,
        replayed=replayed,
        cache=folder(),
        shared=shared,
    )


def _check_writable(reports: Path, waivers: Path | None) -> None:
    """UsageError when the folder REPORTS can't be made and written, or the new file WAIVERS can't."""
    problems = []
    try:
        reports.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=reports):
            pass
    except OSError as error:
        problems.append(f"--reports {reports}: {error.strerror or error}")
    if waivers is not None and waivers.exists():
        problems.append(f"--write-waivers {waivers}: the file exists already; name a new one")
    elif waivers is not None and not waivers.absolute().parent.is_dir():
        problems.append(f"--write-waivers {waivers}: there is no folder {waivers.absolute().parent}")
    if problems:
        raise UsageError(problems)


def _check_shareable(configuration: Configuration, workers: Sequence[str]) -> None:
    """UsageError when a run by CONFIGURATION can't be shared out among WORKERS, as pytest-xdist names them."""
    provider = configuration.provider
    problems = []
    if provider.kind == "static":
        problems.append("-n: devices under [provider.static] can't be shared out among processes; leave -n out")
    if provider.kind == "northbound" and len(provider.device_ids) < len(workers):
        problems.append(f"-n {len(workers)}: every process needs a device of its own in provider.device_ids")
    elsewhere = [worker for worker in workers if "popen" not in worker]
    if elsewhere and configuration.target.pace_folder is None:
        problems.append(
            f"--tx {elsewhere[0]}: the machines of a run keep one pace by a folder that all of them see under the same "
            "path: name it as pace_folder under [target] (CONFORMANCE_PACE_FOLDER)"
        )
    if problems:
        raise UsageError(problems)


def _share(configuration: Configuration, number: int, workers: int) -> Configuration:
    """CONFIGURATION with the share of worker NUMBER of the offline devices: two users of one would see each other."""
    provider = configuration.provider
    mine = provider.device_ids[number % workers :: workers]
    return replace(configuration, provider=replace(provider, device_ids=mine))
