"""What a case observed: which call was made for what, what was read back, what could not be said.

Observations are facts. Whether they are right, and which requirement they break if not, is decided from them and the
recorded exchanges alone (conformance.verdict). Numbers are indices into the exchanges of the case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.contract import names
from conformance.contract.expectation import Expectation
from conformance.contract.meaning import MustStay, State
from conformance.contract.refused import Refusal
from conformance.contract.values import Queued

__all__ = [
    "AppIdDemanded",
    "Counted",
    "Generated",
    "Inconclusive",
    "Observation",
    "Overrun",
    "Proved",
    "Reconnected",
    "RefusedCall",
    "Repeated",
    "Revocation",
    "Sampled",
    "Simultaneous",
    "TokenShown",
    "Unchanged",
    "Unobserved",
    "ValidCall",
]


@dataclass(frozen=True)
class ValidCall:
    """A call that had to be accepted.

    Attributes:
        exchange: the call.
        device_id: the device that it was for.
        app_id: the application that the task must name; None where it isn't known.
        blame: the requirement that is broken when the call is refused.
        pending: the commands that should be listed, where they are known.
        plainly: the plain call for the same device, after a second refusal.
        otherwise: the requirement that is broken instead when that is refused too.
        special: requirements that set this call apart; one of them is broken instead, if it isn't known to hold.
        replaces_failures: the call was made because an earlier one failed with an internal error; if it fails so too,
            it stands for those.
        queued: what the commands were queued with, where that is known.
        apart: the requirement that is broken when the answer is that to somebody else's call, made at the same time.
    """

    exchange: int
    device_id: str
    app_id: str | None
    blame: str = names.CALL_ACCEPTED
    pending: tuple[str, ...] | None = None
    plainly: int | None = None
    otherwise: str | None = None
    special: tuple[str, ...] = ()
    replaces_failures: bool = False
    queued: Mapping[str, Queued] = field(default_factory=dict)
    apart: str | None = None


@dataclass(frozen=True)
class RefusedCall:
    """A call that had to be refused.

    Attributes:
        exchange: the call.
        refusal: the refusals that are right.
        optional: the document leaves open whether the call is valid, so that it might have been accepted too.
    """

    exchange: int
    refusal: Refusal
    optional: bool = False


@dataclass(frozen=True)
class Revocation:
    """What an accepted call did, by what is read back.

    Attributes:
        exchange: the call.
        state: what stood on the target before.
        first: what was read back right after the answer; None when it couldn't be.
        after: what was read back once it had settled; None when it couldn't be.
        unreadable: why nothing could be read back.
        after_refusals: refused calls for the device came before; a call that misses commands then breaks this.
        control: no refused call for the device came before; made to tell what such calls left behind from what any
            call does.
        settle_time: seconds without progress after which the revocation counts as not carried out.
        apart: as ValidCall has it.
        shortened: that is less than provider.settle_time, as a revocation before wasn't carried out in that.
    """

    exchange: int
    state: State
    first: Mapping[str, str] | None
    after: Mapping[str, str] | None
    unreadable: str = ""
    after_refusals: str | None = None
    control: bool = False
    settle_time: float = 0.0
    apart: str | None = None
    shortened: bool = False


@dataclass(frozen=True)
class Unchanged:
    """Commands that a call had to leave alone, and what they read back as.

    Attributes:
        kept: the commands, each with what it was and what is broken when it changes.
        after: what was read back; None when it couldn't be.
        unreadable: why nothing could be read back.
        exchange: the call; None where no single one is meant.
        late: time had passed since the commands were prepared or looked at, in which they may have gone on.
    """

    kept: Mapping[str, MustStay]
    after: Mapping[str, str] | None
    unreadable: str = ""
    exchange: int | None = None
    late: bool = False


@dataclass(frozen=True)
class Repeated:
    """A call that was answered wrongly, and rightly when it was made again.

    Attributes:
        exchange: the wrong answer.
        again: the right one.
        blame: the requirement that the wrong answer would break if it were no matter of chance.
    """

    exchange: int
    again: int
    blame: str


@dataclass(frozen=True)
class Reconnected:
    """A call that was answered wrongly on a connection it shared, and rightly whenever it had one of its own.

    Attributes:
        exchange: the wrong answer.
        alone: the right one.
        blame: the requirement that the wrong answer would break if the connection weren't to blame.
    """

    exchange: int
    alone: int
    blame: str


@dataclass(frozen=True)
class Simultaneous:
    """Calls made at the same time, all accepted: what they listed and did.

    Attributes:
        exchanges: the calls.
        pending: the commands that were pending for their devices, each of which must be listed.
        revoked: those that must be revoked.
        after: what was read back once it had settled; None when it couldn't be.
        unreadable: why nothing could be read back.
    """

    exchanges: tuple[int, ...]
    pending: tuple[str, ...]
    revoked: tuple[str, ...]
    after: Mapping[str, str] | None
    unreadable: str = ""


@dataclass(frozen=True)
class Counted:
    """An accepted call for a device whose commands aren't known: totalCount is held against the list alone."""

    exchange: int


@dataclass(frozen=True)
class Overrun:
    """Calls within the target's allowance; the last one, the exchange, was refused by flow control or was admitted.

    Attributes:
        exchange: the last call.
        number: how many calls were made within the minute, it included.
        threshold: how many the target admits a minute.
    """

    exchange: int
    number: int
    threshold: int


@dataclass(frozen=True)
class AppIdDemanded:
    """The plain valid call was refused, and the same call with the application's own appId in the query was not."""

    exchange: int
    named: int


@dataclass(frozen=True)
class TokenShown:
    """An answer that repeats the access token, in PLACES; or of which that can't be said, as UNCLEAR tells."""

    exchange: int
    places: tuple[str, ...] = ()
    unclear: str = ""


@dataclass(frozen=True)
class Generated:
    """One way of failing at generated requests; the exchange is the smallest request that failed so.

    Attributes:
        exchange: the smallest request, with its answer.
        expectation: the answers that are right.
        finding: which of the findings about that answer this is, counted from 0.
        app_id: the application's own appId.
        revoked: the commands of the request's device, which are all revoked.
        count: how many requests failed so.
        sent: how many were sent in all.
        edit: what sets the request apart, in words.
        edits: what sets the first two apart that failed so, in words; more: how many further ones there are.
        example: the id by which the request is sent again (--replay).
    """

    exchange: int
    expectation: Expectation
    finding: int
    app_id: str
    revoked: tuple[str, ...]
    count: int
    sent: int
    edit: str
    edits: tuple[str, ...]
    example: str
    more: int = 0


@dataclass(frozen=True)
class Sampled:
    """What generated requests that aren't kept one by one were judged by, and the ids of the tasks they brought."""

    judged: tuple[str, ...]
    unobserved: Mapping[str, str]
    task_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unobserved:
    """Requirements that the case could say nothing about, and why."""

    requirements: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Inconclusive:
    """A requirement that the case could only look at in part: that it finds nothing doesn't prove it, for REASON."""

    requirement: str
    reason: str


@dataclass(frozen=True)
class Proved:
    """Requirements that hold by what the case got through to."""

    requirements: tuple[str, ...]


Observation = (
    ValidCall
    | RefusedCall
    | Revocation
    | Unchanged
    | Repeated
    | Reconnected
    | Simultaneous
    | Counted
    | Overrun
    | AppIdDemanded
    | TokenShown
    | Generated
    | Sampled
    | Unobserved
    | Inconclusive
    | Proved
)
