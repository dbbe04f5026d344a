"""The course of a run: the control call, the cases, the look for late effects, the last control call.

Whoever runs cases runs them here: carry_out goes through them all, and the pytest plugin, which is handed one case
after the other by pytest, opens, runs and closes the same course.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

from conformance.case import frame
from conformance.case.case import Case
from conformance.contract import answer as answers
from conformance.contract import codes, names
from conformance.exceptions import Blocked, NoVerdict, Unprepared
from conformance.run.case_context import CaseContext
from conformance.run.context import Context
from conformance.run.control import check_alive, control, late_effects, still_refused, still_serving
from conformance.run.rig import Rig
from conformance.run.state import Patience, RunState
from conformance.verdict.evidence import CaseEvidence

__all__ = ["Course", "carry_out", "new_state"]

KINDS = len(names.NO_EFFECT)
"""Kinds of refused calls, each with a device of its own."""

MOST_PREPARING = 3.0
"""Seconds in which what a provider prepared must be read back."""

REUSED = (
    "The provider gave the same device more than once. Late effects, and effects on other devices, show on fresh "
    "devices only."
)
LINGERING = {"congestion": codes.CONGESTION, "internal-error": codes.INTERNAL_ERROR}
"""The cases that bring the whole target into a state, and the code with which it answers every call then."""

Body = Callable[[CaseContext], None]


def new_state(context: Context) -> RunState:
    """What a run remembers before its first call."""
    settle_time = context.configuration.provider.settle_time
    return RunState(Patience(settle_time, min(settle_time, MOST_PREPARING)))


class Course:
    """One run by RIG. Cases run one after the other."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.state = new_state(rig.context)
        self.evidence: list[CaseEvidence] = []
        self.planned: tuple[Case, ...] = ()
        """The cases that are to run, in their order."""

        self.turn: Callable[[str], AbstractContextManager[object]] = nullcontext
        """Entered for the time of each case, by its id, so that the processes of a distributed run take turns."""

    @property
    def _most_calls(self) -> int:
        return self.rig.context.options.max_calls + self.state.extra_calls

    @property
    def _reserved(self) -> int:
        # A last control call for each device that refused calls were made for, and one to compare them with.
        return max(len({requirement for _, requirement in self.state.devices.refused.values()}), KINDS) + 1

    def open(self) -> None:
        """The first control call; NoVerdict when the target can't be reached or refuses the credentials."""
        self.rig.provider.begin()
        ctx = CaseContext(self.rig, self.state, frame.CONTROL_FIRST, self.planned)
        self._framed(ctx, control)
        self.state.health.opened = True

    def run(self, case: Case) -> CaseEvidence | None:
        """Run CASE; None where the run is over before, as the state tells."""
        with self.turn(case.id), self._guarded():
            if not (self.state.health.stopped or self.state.health.no_verdict):
                assert case.body is not None, case.id  # noqa: S101 (only the cases that frame a run have none)
                return self._run(case, case.body)
        return None

    def _run(self, case: Case, body: Body) -> CaseEvidence:
        ctx = CaseContext(self.rig, self.state, case, self.planned)
        client, health = self.rig.client, self.state.health
        client.reconnecting = self.state.intermittence.reconnecting
        started, calls, reason = time.monotonic(), client.calls, ""
        client.most_calls = self._most_calls - self._reserved
        try:
            body(ctx)
        except (Unprepared, Blocked) as error:
            reason = str(error)
        finally:
            self.rig.provider.release()
        try:
            if ctx.transcript.needs_health_check:
                check_alive(ctx)
            elif health.controlled and self.rig.context.options.replay is None:
                still_serving(ctx)
        except Blocked as error:
            reason = reason or str(error)
        health.stopped = health.stopped or client.silence.reason
        return self._keep(ctx, reason, started, calls)

    def _framed(self, ctx: CaseContext, body: Callable[[CaseContext], str]) -> None:
        started, calls, reason = time.monotonic(), self.rig.client.calls, ""
        try:
            reason = body(ctx)
        except Blocked as error:
            reason = str(error)
            raise
        finally:
            self.rig.provider.release()
            self._keep(ctx, reason, started, calls)

    def _keep(self, ctx: CaseContext, reason: str, started: float, calls: int) -> CaseEvidence:
        self.state.done.append(ctx.transcript.case.id)
        evidence = ctx.transcript.evidence(reason, time.monotonic() - started, self.rig.client.calls - calls)
        self.evidence.append(evidence)
        self.state.broken |= {one.requirement for one in ctx.transcript.findings if one.outcome == "failed"}
        if self.state.devices.reused:
            self.state.note(REUSED)
        return evidence

    def close(self) -> None:
        """Look for late effects, make the last control call, and end every state; NoVerdict as in open."""
        self.rig.client.most_calls = self._most_calls
        self._note_lingering_states()
        try:
            if self.state.watchlist.entries:
                watched = self.state.watchlist.last_call + self.rig.context.configuration.provider.watch_time
                self.rig.client.pacer.wait(max(0.0, watched - time.time()))
            self._framed(CaseContext(self.rig, self.state, frame.LATE_EFFECTS, self.planned), late_effects)
            last = CaseContext(self.rig, self.state, frame.CONTROL_LAST, self.planned)
            self._framed(last, lambda ctx: control(ctx, still_refused(ctx)))
        except Blocked as error:
            self.state.health.stopped = self.state.health.stopped or str(error)
        finally:
            self.rig.close()

    def _note_lingering_states(self) -> None:
        """Say so where the first call after such a state was still answered as in it: it may not have ended."""
        for case in self.evidence:
            if case.id not in LINGERING or not case.exchanges:
                continue
            ended = max(exchange.started for exchange in case.exchanges)
            later = [one for other in self.evidence for one in other.exchanges if one.started > ended]
            following = min(later, key=lambda one: one.started, default=None)
            code = answers.read(following.response).code if following and following.response else None
            if code == LINGERING[case.id]:
                self.state.note(
                    f"The first call after the case {case.id} was answered with code {code}, too: either the "
                    "provider's teardown doesn't end that state, or the target doesn't recover from it. What failed "
                    "after that case may be due to that alone."
                )

    def begin(self) -> None:
        """Open the course; why no verdict can be had, or nothing more be done, is kept in the state."""
        with self._guarded():
            self.open()

    def finish(self) -> None:
        """Close the course, unless no verdict can be had."""
        with self._guarded():
            if self.state.health.no_verdict:
                self.rig.close()
            else:
                self.close()

    @contextmanager
    def carried_out(self) -> Iterator[None]:
        """Begin the course, and finish it after what is done meanwhile."""
        self.begin()
        yield
        self.finish()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except NoVerdict as error:
            self.state.health.no_verdict = str(error)
        except Blocked as error:
            self.state.health.stopped = str(error)


def carry_out(course: Course, cases: Sequence[Case]) -> None:
    """Run CASES, in that order, between the control calls; the evidence is the course's."""
    course.planned = tuple(cases)
    with course.carried_out():
        for case in cases:
            course.run(case)
