"""Attributes each finding to one requirement: a table of rules, applied to all that was recorded, after the last case.

Judging an observation names a requirement. Seen together with other observations it may be another one: a call that
was answered rightly when it was repeated says nothing about what sets it apart. Each rule has a name, a condition, the
requirement that it blames, and the sentence that tells the reader why. The first rule that applies is the one.

Cases are gone through in the order of the suite, wherever and in whatever order they ran, so that what an earlier one
found broken is known to those that follow it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from conformance.case import frame
from conformance.contract import names
from conformance.contract.classification import failed_inside, is_task, refused
from conformance.contract.expectation import suspects
from conformance.contract.refused import REFUSED_GENERAL
from conformance.evidence.exchange import Exchange
from conformance.evidence.finding import Finding, Rule
from conformance.record.observation import (
    Generated,
    Inconclusive,
    Observation,
    Reconnected,
    RefusedCall,
    Repeated,
    Revocation,
    Unchanged,
    ValidCall,
)
from conformance.verdict.evidence import CaseEvidence, Shown
from conformance.verdict.facts import Facts, facts_of, misanswer, read_back
from conformance.verdict.judging import generated_findings, task_of

__all__ = ["CASE_RULES", "DIRECT", "RULES", "Attributed", "Seen", "attribute"]

CALL_ACCEPTED = names.CALL_ACCEPTED
ANSWER_COMPLETE = names.ANSWER_COMPLETE
REVOKE_ALL = names.REVOKE_ALL_PENDING
TASK_ID_UNIQUE = names.TASK_ID_UNIQUE
CONTROL_FIRST, CONTROL_LAST, LATE_EFFECTS = frame.CONTROL_FIRST.id, frame.CONTROL_LAST.id, frame.LATE_EFFECTS.id
INCOMPLETE_REVOCATION = (REVOKE_ALL, names.REVOKE_KEEPS_RECORD, names.LISTED_ALL)
"""Violations by which any call misses commands, whatever was refused before it; the most telling first."""

MIXED_UP = frozenset(
    {
        names.TASK_APP_ID_OWN,
        names.TASK_DEVICE_ID_ECHO,
        names.COMMAND_APP_ID_SAME,
        names.COMMAND_DEVICE_ID_SAME,
        names.LISTED_ALL,
        names.LISTED_PENDING_ONLY,
    }
)
"""What an answer breaks that is the one to another application's call."""

UNCONTROLLED = "the plain valid call wasn't accepted, so a refusal proves nothing"


@dataclass(frozen=True)
class Seen:
    """A finding, beside the observation that shows it, the calls of its case, and what is known of the run."""

    finding: Finding
    observation: Observation
    exchanges: Sequence[Exchange]
    facts: Facts


Blames = Callable[[Seen], str | None]


@dataclass(frozen=True)
class AttributionRule:
    """A rule, and the requirement that it blames for a finding; None where it doesn't apply."""

    rule: Rule
    blames: Blames


def _repeated(seen: Seen) -> str | None:
    return CALL_ACCEPTED if isinstance(seen.observation, Repeated) else None


def _reconnected(seen: Seen) -> str | None:
    return ANSWER_COMPLETE if isinstance(seen.observation, Reconnected) else None


def _remembered(seen: Seen) -> str | None:
    repeated = getattr(seen.observation, "exchange", None) in seen.facts.remembered
    return names.SECOND_CALL_EMPTY if repeated and names.SECOND_CALL_EMPTY in seen.facts.broken else None


def _uncontrolled(seen: Seen) -> str | None:
    if seen.facts.controlled or seen.facts.case == CONTROL_FIRST:
        return None
    blame = _blame_of(seen.observation)
    return CALL_ACCEPTED if blame is not None and seen.finding.requirement == blame else None


def _blame_of(observation: Observation) -> str | None:
    """What is broken when a valid call is refused."""
    if isinstance(observation, ValidCall):
        return observation.blame
    if isinstance(observation, Generated):
        return observation.expectation.blame
    return None


def _plain_call_too(seen: Seen) -> str | None:
    if not isinstance(seen.observation, ValidCall) or seen.observation.plainly is None:
        return None
    applies = seen.finding.requirement == seen.observation.blame and refused(seen.exchanges[seen.observation.plainly])
    return (_special(seen.observation, seen.facts) or seen.observation.otherwise) if applies else None


def _sets_it_apart(seen: Seen) -> str | None:
    if not isinstance(seen.observation, ValidCall) or seen.finding.requirement != seen.observation.blame:
        return None
    # Where the plain call for the device is accepted, it is the edit.
    return _special(seen.observation, seen.facts) if seen.observation.plainly is None else None


def _special(call: ValidCall, facts: Facts) -> str | None:
    """What sets CALL apart from other valid calls, which were accepted: what isn't known to hold."""
    suspects = [one for one in call.special if one not in facts.hold]
    return next((one for one in suspects if one in facts.broken), suspects[0] if suspects else None)


def _refused_anyway(seen: Seen) -> str | None:
    if not isinstance(seen.observation, RefusedCall) or not seen.observation.optional:
        return None
    applies = CALL_ACCEPTED in seen.facts.broken and seen.finding.requirement == seen.observation.refusal.row
    return CALL_ACCEPTED if applies else None


def _answered_alike(seen: Seen) -> str | None:
    if not isinstance(seen.observation, RefusedCall) or seen.finding.requirement != seen.observation.refusal.row:
        return None
    given, known = misanswer(seen.exchanges[seen.observation.exchange]), seen.facts.misanswers
    alike = [row.requirement for row in seen.observation.refusal.rows if given in known.get(row.requirement, ())]
    return None if seen.finding.requirement in alike else next(iter(alike), None)


def _any_call_misses(seen: Seen) -> str | None:
    if not isinstance(seen.observation, Revocation) or seen.observation.after_refusals != seen.finding.requirement:
        return None
    if seen.facts.control_missed is None:
        return REVOKE_ALL
    return next((one for one in INCOMPLETE_REVOCATION if one in seen.facts.control_missed | seen.facts.broken), None)


def _explained(seen: Seen) -> str | None:
    if not isinstance(seen.observation, Generated):
        return None
    named = next(
        (one.requirement for one in generated_findings(seen.observation, seen.exchanges, seen.facts.broken)), None
    )
    return named if named != seen.finding.requirement else None


def _only_together(seen: Seen) -> str | None:
    if not isinstance(seen.observation, ValidCall) or seen.observation.blame != names.CONCURRENT_CALLS:
        return None
    known = {names.CONCURRENT_CALLS, *seen.facts.broken, *seen.facts.broken_alone}
    task, tried = task_of(seen.exchanges[seen.observation.exchange]), seen.facts.tried
    if task is not None and not task.commands and tried is not None and names.NOTHING_PENDING_EMPTY_TASK not in tried:
        # Of such calls none was made alone.
        return None
    return None if seen.finding.requirement in known else names.CONCURRENT_CALLS


def _fails_together(seen: Seen) -> str | None:
    call = seen.observation
    if not isinstance(call, ValidCall) or call.apart is None or seen.finding.requirement != call.blame:
        return None
    exchange = seen.exchanges[call.exchange]
    return names.CONCURRENT_CALLS if exchange.response is None or failed_inside(exchange) else None


def _revived_like_others(seen: Seen) -> str | None:
    known = names.KEEP_FINISHED in seen.facts.broken
    return names.KEEP_FINISHED if known and _late(seen, REVOKE_ALL) else None


def _vanished_like_others(seen: Seen) -> str | None:
    if not seen.facts.finished_vanish or not _late(seen, names.REVOKE_KEEPS_RECORD):
        return None
    broken = {kept.broken_by(now) for kept, now in read_back(seen.observation) if now is not None}
    return None if seen.finding.requirement in broken else names.KEEP_FINISHED


def _late(seen: Seen, requirement: str) -> bool:
    """Whether SEEN is of a command that changed late, by which REQUIREMENT is broken that no case found broken."""
    late = seen.facts.case == LATE_EFFECTS and isinstance(seen.observation, Unchanged)
    return late and seen.finding.requirement == requirement and requirement not in seen.facts.broken


def _named_by_several(seen: Seen) -> str | None:
    if seen.facts.case != LATE_EFFECTS or not isinstance(seen.observation, Unchanged):
        return None
    known = seen.facts.late | seen.facts.broken
    kinds = [seen.facts.named_by.get(kept, frozenset()) for kept in seen.observation.kept]
    others = sorted(frozenset().union(*kinds) & known)
    return None if seen.finding.requirement in known else next(iter(others), None)


def _one_of_several(seen: Seen) -> str | None:
    if seen.facts.case != LATE_EFFECTS or not isinstance(seen.observation, Unchanged):
        return None
    several = not seen.facts.named_by.keys().isdisjoint(seen.observation.kept)
    return seen.finding.requirement if several and seen.finding.requirement not in seen.facts.late else None


def _of_the_calls_before(seen: Seen) -> str | None:
    closing = seen.facts.case == CONTROL_LAST and isinstance(seen.observation, Unchanged)
    return names.KEEP_OTHER_DEVICES if closing and names.KEEP_OTHER_DEVICES not in seen.facts.hold else None


def _somebody_elses(seen: Seen) -> str | None:
    apart = seen.observation.apart if isinstance(seen.observation, ValidCall | Revocation) else None
    return apart if seen.finding.requirement in MIXED_UP - seen.facts.broken else None


DIRECT = Rule("direct", "the answer to this call, or what it left behind, shows it by itself")
RULES: tuple[AttributionRule, ...] = (
    AttributionRule(Rule("repeated", "the same call was answered correctly when it was repeated"), _repeated),
    AttributionRule(
        Rule("connection", "the same call was answered correctly whenever it had a connection of its own"), _reconnected
    ),
    AttributionRule(
        Rule("remembered", "another case found that a repeated call gets an earlier call's task"), _remembered
    ),
    AttributionRule(Rule("no-control", "not even the plain valid call is accepted"), _uncontrolled),
    AttributionRule(Rule("plain-call-too", "the plain call for the same device is refused as well"), _plain_call_too),
    AttributionRule(
        Rule("sets-it-apart", "this is what sets the call apart from others that were accepted"),
        _sets_it_apart,
    ),
    AttributionRule(
        Rule("refused-anyway", "another case found that valid calls are answered wrongly as well"),
        _refused_anyway,
    ),
    AttributionRule(
        Rule(
            "answered-alike",
            "several rows of the error table were right, and of these this one is answered in the same wrong way where "
            "it alone is right",
        ),
        _answered_alike,
    ),
    AttributionRule(
        Rule(
            "any-call-misses",
            "no call without refused calls before it was seen to revoke everything, so the refused calls can't be "
            "blamed",
        ),
        _any_call_misses,
    ),
    AttributionRule(
        Rule("only-together", "the same calls, made one after the other, were right in this respect"),
        _only_together,
    ),
    AttributionRule(
        Rule("fails-together", "any two simultaneous calls fail like this, whoever makes them"),
        _fails_together,
    ),
    AttributionRule(
        Rule("revived-like-others", "commands that had been revoked before come back as well"),
        _revived_like_others,
    ),
    AttributionRule(
        Rule("vanished-like-others", "commands that had finished in other ways vanish as well"),
        _vanished_like_others,
    ),
    AttributionRule(
        Rule(
            "named-by-several",
            "refused calls of this kind named the device as well, and alone they are followed by late changes too",
        ),
        _named_by_several,
    ),
    AttributionRule(
        Rule(
            "one-of-several",
            "refused calls of several kinds named the device, and which of them changed it can't be told",
        ),
        _one_of_several,
    ),
    AttributionRule(
        Rule(
            "calls-before",
            "the commands were pending until calls for other devices were made, which aren't known to leave them alone",
        ),
        _of_the_calls_before,
    ),
    AttributionRule(
        Rule("somebody-elses", "the call was answered correctly when no other application called at the same time"),
        _somebody_elses,
    ),
    AttributionRule(
        Rule(
            "known-to-be-broken",
            "another case, or another request of this one, found this requirement broken, which explains this answer",
        ),
        _explained,
    ),
)


@dataclass(frozen=True)
class Attributed:
    """A case with its findings attributed to requirements.

    Attributes:
        evidence: what the case left behind.
        findings: what is wrong.
        judged: requirements that something was said about.
        unobserved: requirements that nothing could be said about, and why.
        partly: requirements that were looked at in part, and why.
    """

    evidence: CaseEvidence
    findings: tuple[Finding, ...]
    judged: frozenset[str]
    unobserved: Mapping[str, str]
    partly: Mapping[str, str]


def attribute(cases: Sequence[CaseEvidence], *, all_known: bool = True) -> tuple[Attributed, ...]:
    """CASES, in the order of the suite, with every finding attributed to a requirement.

    all_known: no other cases run; else what only they could tell is told as far as can be seen.
    """
    facts = facts_of(cases)
    facts = facts if all_known else replace(facts, tried=None)
    tasks = _TaskIds(sum(len(shown.task_ids) for case in cases for shown in case.shown))
    done = []
    for case in cases:
        attributed = _one(case, replace(facts, case=case.id), tasks)
        done.append(attributed)
        broken = {finding.requirement for finding in attributed.findings if finding.outcome == "failed"}
        facts = replace(facts, broken=facts.broken | broken)
    return tuple(done)


class _TaskIds:
    """Which case was given each taskId first: they are compared across the whole run."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._first: dict[str, str] = {}

    def compare(self, shown: Shown, case: str) -> Iterator[Finding]:
        """A finding for each task of SHOWN that has the id of an earlier one."""
        for given in shown.task_ids:
            if given not in self._first:
                self._first[given] = case
                continue
            words = f"the taskId {given} was given to an earlier task too (case {self._first[given]})"
            exchange = getattr(shown.observation, "exchange", None)
            expected = "an identifier of its own"
            yield Finding(TASK_ID_UNIQUE, "failed", words, expected, given, exchange, rule=DIRECT)
            return

    @property
    def comparable(self) -> bool:
        """Whether there is more than one task."""
        return self._total > 1


def _one(case: CaseEvidence, facts: Facts, tasks: _TaskIds) -> Attributed:
    findings: list[Finding] = []
    judged: set[str] = set()
    unobserved: dict[str, str] = {}
    partly: dict[str, str] = {}
    repeated = [tuple(tasks.compare(shown, case.id)) for shown in case.shown]
    remembered = {finding.exchange for same_id in repeated for finding in same_id if finding.exchange is not None}
    facts = replace(facts, remembered=frozenset(remembered))
    known = replace(facts, broken=facts.broken | _bounds(case))
    for shown, same_id in zip(case.shown, repeated, strict=True):
        found = [_ruled(Seen(finding, shown.observation, case.exchanges, known)) for finding in shown.findings]
        findings += found
        findings += same_id
        judged.update(shown.judged, (finding.requirement for finding in found))
        if shown.task_ids and tasks.comparable:
            judged.add(TASK_ID_UNIQUE)
        for requirement, reason in shown.unobserved:
            unobserved.setdefault(requirement, reason)
        if isinstance(shown.observation, Inconclusive):
            partly[shown.observation.requirement] = shown.observation.reason
        blame = _blame_of(shown.observation)
        if blame not in (None, CALL_ACCEPTED) and not facts.controlled and case.id != CONTROL_FIRST:
            judged.discard(str(blame))
            unobserved[str(blame)] = "the plain valid call isn't accepted either"
    attributed = Attributed(case, tuple(findings), frozenset(judged), unobserved, partly)
    for of_the_case in CASE_RULES:
        attributed = of_the_case(attributed, facts)
    return attributed


def _bounds(case: CaseEvidence) -> frozenset[str]:
    """The bounds that the generated requests of CASE break, as each explains how others are answered."""
    return frozenset(
        finding.requirement
        for shown in case.shown
        if isinstance(shown.observation, Generated)
        for finding in shown.findings
        if finding.requirement in names.BOUNDS
    )


def _ruled(seen: Seen) -> Finding:
    """The finding of SEEN, attributed by the first rule that applies."""
    for rule in RULES:
        blamed = rule.blames(seen)
        if blamed is not None:
            return replace(seen.finding, requirement=blamed, rule=rule.rule)
    return replace(seen.finding, rule=DIRECT)


# -- rules about a case as a whole -------------------------------------------------------------------------------------

FAILS_NOW = Rule("fails-now", "the plain valid call was accepted before, and now fails with an internal error too")
WHATEVER_REFUSED = Rule(
    "whatever-was-refused", "calls after refusals of every kind miss commands, so no single kind is to blame"
)
ALREADY_FOUND = Rule("already-found", "a refused call is known to have had effects, and may have had this one as well")
UNDECIDED = "a whole run can tell which row of the error table this breaks, the selected cases can't"


def _replaced(attributed: Attributed, _: Facts) -> Attributed:
    """Internal errors are one failure where the plain valid call now fails with one too."""
    exchanges = attributed.evidence.exchanges
    plain = {
        shown.observation.exchange
        for shown in attributed.evidence.shown
        if isinstance(shown.observation, ValidCall) and shown.observation.replaces_failures
    }
    if not any(failed_inside(exchanges[index]) for index in plain):
        return attributed
    findings = tuple(
        replace(finding, rule=FAILS_NOW) if finding.exchange in plain else finding
        for finding in attributed.findings
        if finding.exchange in plain or finding.exchange is None or not failed_inside(exchanges[finding.exchange])
    )
    return replace(attributed, findings=findings)


def _whatever_was_refused(attributed: Attributed, _: Facts) -> Attributed:
    """Where calls after refusals of several kinds miss commands, no later call does all that it should."""
    kinds = {finding.requirement for finding in attributed.findings if finding.requirement in names.NO_EFFECT}
    if attributed.evidence.id != CONTROL_LAST or len(kinds) < 2:  # noqa: PLR2004 (several)
        return attributed
    findings = tuple(
        replace(finding, requirement=REVOKE_ALL, rule=WHATEVER_REFUSED) if finding.requirement in kinds else finding
        for finding in attributed.findings
    )
    return replace(attributed, findings=findings, judged=attributed.judged | {REVOKE_ALL})


def _without_control(attributed: Attributed, facts: Facts) -> Attributed:
    """Where the plain valid call isn't accepted, how a call was refused says nothing.

    That it was carried out, or changed something, stands.
    """
    case = attributed.evidence
    refuses = set(REFUSED_GENERAL) <= set(case.requirements) and case.id != CONTROL_LAST
    if facts.controlled or not refuses:
        return attributed
    stands = tuple(
        finding
        for finding in attributed.findings
        if finding.requirement in names.NO_EFFECT
        or (finding.exchange is not None and is_task(case.exchanges[finding.exchange]))
    )
    if stands:
        return replace(attributed, findings=stands)
    unobserved = dict.fromkeys(case.requirements, UNCONTROLLED) | dict(attributed.unobserved)
    return replace(attributed, findings=(), judged=frozenset(), unobserved=unobserved)


def _already_found(attributed: Attributed, facts: Facts) -> Attributed:
    """What changed late isn't a second fault where refused calls are known to have had effects anywhere."""
    known = sorted(one for one in facts.broken if one in names.NO_EFFECT)
    if attributed.evidence.id != LATE_EFFECTS or not known or not attributed.findings:
        return attributed
    findings = tuple(replace(one, requirement=known[0], rule=ALREADY_FOUND) for one in attributed.findings)
    unclear = {one.requirement for one in attributed.findings}
    unobserved = {**attributed.unobserved, **dict.fromkeys(unclear, ALREADY_FOUND.sentence)}
    return replace(attributed, findings=findings, judged=attributed.judged - unclear, unobserved=unobserved)


def _undecided(attributed: Attributed, facts: Facts) -> Attributed:
    """A wrong answer for which several rows were right is put down to none while a case about one of them didn't run.

    A whole run has them all; of those that were selected none may be able to tell which row was meant. A failure inside
    is told all the same: whichever it is, it has to go.
    """
    rows: dict[int | None, tuple[str, ...]] = {}
    for shown in attributed.evidence.shown:
        call = shown.observation
        if isinstance(call, Generated) and facts.tried is not None:
            exchange = attributed.evidence.exchanges[call.exchange]
            suspected = suspects(exchange, call.expectation)
            if len(suspected) > 1 and not facts.tried.issuperset(suspected) and not failed_inside(exchange):
                rows[call.exchange] = suspected

    def undecided(finding: Finding) -> bool:
        return finding.requirement in rows.get(finding.exchange, ()) and finding.requirement not in facts.broken

    found = [finding for finding in attributed.findings if undecided(finding)]
    if not found:
        return attributed
    stands = tuple(finding for finding in attributed.findings if not undecided(finding))
    unclear: dict[str, str] = {}
    for finding in found:
        for suspect in rows[finding.exchange]:
            unclear.setdefault(suspect, f"{UNDECIDED}: {finding.message}")
    return replace(attributed, findings=stands, partly={**attributed.partly, **unclear})


CASE_RULES = (_replaced, _whatever_was_refused, _without_control, _already_found, _undecided)
"""What is applied to each case as a whole once its findings are attributed, one after the other."""
