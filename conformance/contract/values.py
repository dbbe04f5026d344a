"""Holds what a task lists of its commands against what they were queued with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.contract import names, times
from conformance.contract.bounds import LONGEST, MOST_RETRANSMISSIONS
from conformance.contract.judgement import Judgement, failed
from conformance.contract.task import shown
from conformance.evidence.finding import Finding

__all__ = ["VALUES", "Queued", "judge_values"]

VALUES = names.LISTED_VALUES_TRUE
"""The requirement that what is listed is judged by here."""

QUARTER = 900.0
"""Seconds. Zones are whole quarters of an hour apart."""

UNKNOWN = "the provider doesn't say what commands were queued with"


@dataclass(frozen=True)
class Queued:
    """The values that a command was queued with, as far as they are known (None: not known, so not compared).

    command: of serviceId, method and paras those that are known.
    """

    command: Mapping[str, Any] = field(default_factory=dict)
    callback_url: str | None = None
    expire_time: float | None = None
    max_retransmit: float | None = None
    creation_time: str | None = None


@dataclass(frozen=True)
class _Pair:
    """A member of a listed command: its name, what was queued, what is listed, and whether both are the same."""

    name: str
    queued: Any
    listed: Any
    same: bool


def judge_values(value: Mapping[str, Any], queued: Mapping[str, Queued]) -> Judgement:
    """Hold the commands in VALUE, the body of an accepted call, against QUEUED, by commandId; a finding a member.

    Members of a wrong form aren't compared: that is another matter. Null and absent are the same.
    """
    commands = value.get("deviceCommands")
    if not isinstance(commands, list):
        return Judgement((), {VALUES: "the list of commands could not be read"})
    first: dict[str, Finding] = {}
    compared = False
    for index, command in enumerate(commands):
        known = _of(command, queued)
        for pair in _pairs(command, known) if known is not None else ():
            compared = True
            if not pair.same and pair.name not in first:
                first[pair.name] = _differing(f"deviceCommands[{index}].{pair.name}", pair)
    return Judgement(tuple(first.values()), {} if compared else {VALUES: UNKNOWN})


def _of(command: Any, queued: Mapping[str, Queued]) -> Queued | None:
    identity = command.get("commandId") if isinstance(command, dict) else None
    return queued.get(identity) if isinstance(identity, str) else None


def _pairs(command: Mapping[str, Any], known: Queued) -> Iterator[_Pair]:
    information = command.get("command")
    given: Mapping[str, Any] = information if isinstance(information, dict) else {}
    for name, right in known.command.items():
        listed = _parameters(given.get(name)) if isinstance(right, Mapping) else given.get(name)
        if isinstance(listed, type(right)) and _short_enough(name, listed):
            yield _Pair(f"command.{name}", right, listed, _same(right, listed))
    rules: tuple[tuple[str, Any, Callable[[Any, Any], bool | None]], ...] = (
        ("callbackUrl", known.callback_url, _same_text),
        ("expireTime", known.expire_time, _same_number),
        ("maxRetransmit", known.max_retransmit, _same_count),
        ("creationTime", known.creation_time, _same_time),
    )
    for name, right, compare in rules:
        listed = command.get(name)
        same = None if right is None or not _short_enough(name, listed) else compare(right, listed)
        if same is not None:
            yield _Pair(name, right, listed, same)


def _differing(where: str, pair: _Pair) -> Finding:
    listed = "not given" if pair.listed is None else shown(pair.listed)
    # JSON and results that were read back may spell a whole number with a fraction.
    whole = isinstance(pair.queued, float) and pair.queued.is_integer()
    queued = shown(int(pair.queued) if whole else pair.queued)
    return failed(
        VALUES,
        f"{where} is {listed}, but the command was queued with {queued}",
        f"{where}: {queued}",
        f"{where}: {listed}",
    )


def _short_enough(name: str, listed: Any) -> bool:
    """Whether LISTED has the right form, as far as that is a matter of its length."""
    return not isinstance(listed, str) or len(listed) <= LONGEST.get(name, len(listed))


def _parameters(listed: Any) -> Any:
    """The member paras as an object; text may hold one (interpretation paras-json-string)."""
    if not isinstance(listed, str):
        return listed
    try:
        return json.loads(listed)
    except (ValueError, RecursionError):
        return listed


def _same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same; a member that is null is like one that isn't there."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        given = {name for each in (one, other) for name, value in each.items() if value is not None}
        return all(name in one and name in other and _same(one[name], other[name]) for name in given)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def _same_text(queued: str, listed: Any) -> bool | None:
    """An empty text stands for no value; None: LISTED is of another type."""
    if listed is None or isinstance(listed, str):
        return queued == (listed or "")
    return None


def _same_number(queued: float, listed: Any) -> bool | None:
    """None: LISTED is no whole number of 0 or more."""
    if listed is None:
        return False
    if isinstance(listed, bool) or not isinstance(listed, (int, float)) or listed < 0 or listed % 1:
        return None
    return bool(queued == listed)


def _same_count(queued: float, listed: Any) -> bool | None:
    """The same of a number from 0 to 3."""
    same = _same_number(queued, listed)
    return None if same is not None and (listed or 0) > MOST_RETRANSMISSIONS else same


def _same_time(queued: str, listed: Any) -> bool | None:
    """None: one of the two can't be read as a time."""
    right, read = times.read(queued), times.read(listed) if isinstance(listed, str) else None
    if right is None or read is None:
        return None
    later = right.seconds - read.seconds
    # Without a zone it may be the same time on another clock.
    zones = 0.0 if right.zoned == read.zoned else round(later / QUARTER) * QUARTER
    least, most = -right.open - times.ROUNDING, read.open + times.ROUNDING
    return abs(zones) <= times.ZONES and least <= later - zones <= most
