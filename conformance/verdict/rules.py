"""The rules by which a finding is attributed to a requirement, from what all observations together show.

Each rule has a name, a condition, the requirement that it blames, and the sentence that tells the reader why. The first
rule that applies is the one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from conformance.case import frame
from conformance.contract import names
from conformance.contract.classification import failed_inside, refused
from conformance.evidence.finding import Finding, Rule
from conformance.record.observation import (
    Generated,
    Observation,
    Reconnected,
    RefusedCall,
    Repeated,
    Revocation,
    Unchanged,
    ValidCall,
)
from conformance.verdict.evidence import CaseEvidence
from conformance.verdict.facts import Facts, kept_commands, misanswer
from conformance.verdict.judging import generated_findings, task_of

__all__ = ["DIRECT", "RULES", "AttributionRule", "Seen", "blame_of", "ruled"]

CALL_ACCEPTED = names.CALL_ACCEPTED
ANSWER_COMPLETE = names.ANSWER_COMPLETE
REVOKE_ALL = names.REVOKE_ALL_PENDING
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


@dataclass(frozen=True)
class Seen:
    """A finding, with all by which it is attributed.

    Attributes:
        finding: it.
        observation: what shows it.
        case: what its case left behind.
        facts: what is known of the run.
        remembered: the calls of the case that brought a task with the id of an earlier one.
    """

    finding: Finding
    observation: Observation
    case: CaseEvidence
    facts: Facts
    remembered: frozenset[int] = frozenset()


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
    repeated = getattr(seen.observation, "exchange", None) in seen.remembered
    return names.SECOND_CALL_EMPTY if repeated and names.SECOND_CALL_EMPTY in seen.facts.broken else None


def _uncontrolled(seen: Seen) -> str | None:
    if seen.facts.controlled or seen.case.id == CONTROL_FIRST:
        return None
    blame = blame_of(seen.observation)
    return CALL_ACCEPTED if blame is not None and seen.finding.requirement == blame else None


def blame_of(observation: Observation) -> str | None:
    """What is broken when a valid call is refused."""
    if isinstance(observation, ValidCall):
        return observation.blame
    if isinstance(observation, Generated):
        return observation.expectation.blame
    return None


def _plain_call_too(seen: Seen) -> str | None:
    call = seen.observation
    if not isinstance(call, ValidCall) or call.plainly is None or seen.finding.requirement != call.blame:
        return None
    plain_too = refused(seen.case.exchanges[call.plainly])
    return (_special(call, seen.facts) or call.otherwise) if plain_too else None


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
    given, known = misanswer(seen.case.exchanges[seen.observation.exchange]), seen.facts.misanswers
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
        (one.requirement for one in generated_findings(seen.observation, seen.case.exchanges, seen.facts.broken)), None
    )
    return named if named != seen.finding.requirement else None


def _only_together(seen: Seen) -> str | None:
    if not isinstance(seen.observation, ValidCall) or seen.observation.blame != names.CONCURRENT_CALLS:
        return None
    known = {names.CONCURRENT_CALLS, *seen.facts.broken, *seen.facts.broken_alone}
    task, tried = task_of(seen.case.exchanges[seen.observation.exchange]), seen.facts.tried
    if task is not None and not task.commands and tried is not None and names.NOTHING_PENDING_EMPTY_TASK not in tried:
        # Of such calls none was made alone.
        return None
    return None if seen.finding.requirement in known else names.CONCURRENT_CALLS


def _fails_together(seen: Seen) -> str | None:
    call = seen.observation
    if not isinstance(call, ValidCall) or call.apart is None or seen.finding.requirement != call.blame:
        return None
    exchange = seen.case.exchanges[call.exchange]
    return names.CONCURRENT_CALLS if exchange.response is None or failed_inside(exchange) else None


def _revived_like_others(seen: Seen) -> str | None:
    known = names.KEEP_FINISHED in seen.facts.broken
    return names.KEEP_FINISHED if known and _first_shown_late(seen, REVOKE_ALL) else None


def _vanished_like_others(seen: Seen) -> str | None:
    if not seen.facts.finished_vanish or not _first_shown_late(seen, names.REVOKE_KEEPS_RECORD):
        return None
    broken = {kept.broken_by(now) for kept, now in kept_commands(seen.observation) if now is not None}
    return None if seen.finding.requirement in broken else names.KEEP_FINISHED


def _first_shown_late(seen: Seen, requirement: str) -> bool:
    """Whether the finding is REQUIREMENT's, shows only in the look for late effects, and no case found it before."""
    late = seen.case.id == LATE_EFFECTS and isinstance(seen.observation, Unchanged)
    return late and seen.finding.requirement == requirement and requirement not in seen.facts.broken


def _named_by_several(seen: Seen) -> str | None:
    if seen.case.id != LATE_EFFECTS or not isinstance(seen.observation, Unchanged):
        return None
    known = seen.facts.late | seen.facts.broken
    kinds = [seen.facts.named_by.get(kept, frozenset()) for kept in seen.observation.kept]
    others = sorted(frozenset().union(*kinds) & known)
    return None if seen.finding.requirement in known else next(iter(others), None)


def _one_of_several(seen: Seen) -> str | None:
    if seen.case.id != LATE_EFFECTS or not isinstance(seen.observation, Unchanged):
        return None
    several = not seen.facts.named_by.keys().isdisjoint(seen.observation.kept)
    return seen.finding.requirement if several and seen.finding.requirement not in seen.facts.late else None


def _of_the_calls_before(seen: Seen) -> str | None:
    closing = seen.case.id == CONTROL_LAST and isinstance(seen.observation, Unchanged)
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


def ruled(seen: Seen) -> Finding:
    """The finding of SEEN, attributed by the first rule that applies."""
    for rule in RULES:
        blamed = rule.blames(seen)
        if blamed is not None:
            return replace(seen.finding, requirement=blamed, rule=rule.rule)
    return replace(seen.finding, rule=DIRECT)
