"""Waivers, requirements that are declared untestable, and the release whose requirements count."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from conformance.configuration.keys import SUITE_KEYS, UNTESTABLE_KEYS, WAIVER_KEYS
from conformance.configuration.reader import Reader, nearest
from conformance.configuration.settings import Untestable, Waiver
from conformance.contract import documents

__all__ = ["counted_release", "declarations"]


def declarations(reader: Reader, requirements: Collection[str]) -> tuple[tuple[Waiver, ...], tuple[Untestable, ...]]:
    """Waivers that match nothing are for the run to tell; a declaration must name a requirement that exists."""
    return tuple(_waivers(reader)), tuple(_untestable(reader, requirements))


def _date(value: Any) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        return None


def _filled(table: Mapping[str, Any], key: str) -> str | None:
    value = table.get(key)
    return value.strip() if isinstance(value, str) and value.strip() else None


def _waivers(reader: Reader) -> Iterator[Waiver]:
    for where, table in reader.tables("waiver", WAIVER_KEYS):
        requirement, case = _filled(table, "requirement"), _filled(table, "case")
        reason, owner, expires = _filled(table, "reason"), _filled(table, "owner"), _date(table.get("expires"))
        if (requirement is None) == (case is None):
            reader.problems.append(f"{where}: name either a requirement or a case")
        for key, value in (("reason", reason), ("owner", owner)):
            if value is None:
                reader.problems.append(f"{where}: {key} must be filled in")
        if expires is None:
            reader.problems.append(f"{where}: expires must be a date, as in expires = 2027-01-31")
        if reason is not None and owner is not None and expires is not None:
            yield Waiver(requirement, case, reason, owner, expires)


def _untestable(reader: Reader, requirements: Collection[str]) -> Iterator[Untestable]:
    for where, table in reader.tables("untestable", UNTESTABLE_KEYS):
        requirement, reason = _filled(table, "requirement"), _filled(table, "reason")
        if requirement is None or reason is None:
            reader.problems.append(f"{where}: requirement and reason must be filled in")
        elif requirement not in requirements:
            near, shown = nearest(requirement, requirements)
            hint = f"did you mean {near}?" if near else "see conformance list"
            reader.problems.append(f"{where}: unknown requirement{f' {shown}' if shown else ''}: {hint}")
        else:
            yield Untestable(requirement, reason)


def counted_release(reader: Reader) -> str | None:
    """The setting of [suite]: the release whose requirements count."""
    table = reader.file.get("suite", {})
    if not isinstance(table, dict):
        reader.problems.append(f"[suite] in {reader.name} must be a table")
        return None
    reader.unknown(table, SUITE_KEYS, f"[suite] of {reader.name}")
    given, known = table.get("requirements"), documents.releases(documents.load().requirements)
    if given is not None and given not in known:
        choice = ", ".join(f'"{release}"' for release in known)
        kind = "" if isinstance(given, str) else ", as a string in quotes"
        reader.problems.append(
            f"suite.requirements in {reader.name} must be the release whose requirements count, one of {choice}{kind}"
        )
        return None
    return given
