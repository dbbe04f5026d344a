"""What one case leaves behind: its calls and its observations."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.case.case import Case
from conformance.contract.delivery import token_places
from conformance.evidence.exchange import Exchange
from conformance.evidence.finding import Finding
from conformance.evidence.truncation import kept
from conformance.exceptions import Blocked
from conformance.record.observation import Inconclusive, Observation, Proved, TokenShown, Unobserved
from conformance.verdict.evidence import CaseEvidence, Shown
from conformance.verdict.judging import secrecy, show

__all__ = ["Transcript"]


class Transcript:
    """The record of CASE while it runs."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.exchanges: list[Exchange] = []
        self.named: set[str] = set()
        """The devices that it was given."""

        self.needs_health_check = False
        """Something looked as if the target had died or the credentials had ended."""

        self.replay: str | None = None
        self._shown: list[Shown] = []

    def record(self, exchange: Exchange, token: str) -> int:
        """Take EXCHANGE in as evidence; its index. TOKEN, which was valid then, must not be in the answer."""
        self.exchanges.append(exchange)
        if exchange.fault is not None and not exchange.fault.answered:
            self.needs_health_check = True
        index = len(self.exchanges) - 1
        places, unclear = token_places(exchange, token)
        if places or unclear:
            self.observe(TokenShown(index, places, unclear))
        return index

    def observe(self, observation: Observation) -> Shown:
        """Take OBSERVATION in; what it shows by itself."""
        shown = show(observation, self.exchanges, self.case.requirements)
        self._shown.append(shown)
        return shown

    def mark_untested(self, requirements: Iterable[str], reason: str) -> None:
        """This case can't say anything about REQUIREMENTS."""
        self.observe(Unobserved(tuple(sorted(requirements)), reason))

    def mark_inconclusive(self, requirement: str, reason: str) -> None:
        """What this case finds about REQUIREMENT counts, but that it finds nothing doesn't prove it, for REASON."""
        self.observe(Inconclusive(requirement, reason))

    def mark_proved(self, *requirements: str) -> None:
        """The case got through to where REQUIREMENTS are seen to hold."""
        self.observe(Proved(requirements))

    def skip_if(self, condition: bool, reason: str) -> None:  # noqa: FBT001 (reads as a sentence: skip if …)
        """End the case when there is nothing more to say; what it hasn't judged stays untested for REASON."""
        if condition:
            raise Blocked(reason)

    @property
    def findings(self) -> list[Finding]:
        """What is wrong, as far as each observation tells by itself: what to blame for it is decided at the end."""
        return [finding for shown in self._shown for finding in shown.findings]

    def failed(self, *requirements: str) -> bool:
        """Whether one of REQUIREMENTS seems to be violated in this case."""
        return any(finding.outcome == "failed" and finding.requirement in requirements for finding in self.findings)

    def evidence(self, reason: str, duration_s: float, calls: int) -> CaseEvidence:
        """All of it; REASON says why the case ended early, if it did."""
        case = self.case
        return CaseEvidence(
            id=case.id,
            title=case.title,
            chapter=case.chapter,
            proves=case.proves,
            requirements=case.requirements,
            shown=(*self._shown, secrecy(self.exchanges, self._shown)),
            exchanges=tuple(map(kept, self.exchanges)),
            reason=reason,
            duration_s=duration_s,
            calls=calls,
            replay=self.replay,
        )
