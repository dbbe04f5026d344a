"""Makes the run record from what was judged."""

from __future__ import annotations

import datetime as dt
from importlib.metadata import version

from conformance import distribution
from conformance.contract import documents
from conformance.record.results import Conditions, Record, SuiteInfo, TargetInfo
from conformance.verdict import Judged

__all__ = ["make_record", "today"]


def today() -> dt.date:
    """The day by which waivers are judged, in UTC."""
    return dt.datetime.now(dt.UTC).date()


def make_record(
    judged: Judged,
    target: TargetInfo,
    *,
    started: float,
    duration_s: float,
    calls: int,
    strict: bool,
    seed: int = 0,
    notes: tuple[str, ...] = (),
    conditions: Conditions | None = None,
) -> Record:
    """The record of a run.

    Args:
        judged: its outcome.
        target: what was tested.
        started: when it began, in seconds since the epoch.
        duration_s: how long it took, in seconds.
        calls: calls to the endpoint under test.
        strict: whether what is tolerated counted as failed.
        seed: of the generated cases.
        notes: what is to be said about the run as a whole.
        conditions: what else the verdict rests on.
    """
    return Record(
        suite=SuiteInfo(distribution.NAME, version(distribution.NAME), documents.load().document, documents.digests()),
        target=target,
        started=dt.datetime.fromtimestamp(started, dt.UTC).isoformat(timespec="seconds"),
        duration_s=duration_s,
        seed=seed,
        calls=calls,
        exit_status=int(judged.exit_status),
        verdict=judged.verdict,
        strict=strict,
        summary=judged.summary,
        notes=notes,
        waivers=judged.waivers,
        requirements=judged.requirements,
        cases=judged.cases,
        conditions=conditions or Conditions(),
    )
