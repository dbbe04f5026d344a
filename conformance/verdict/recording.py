"""Makes the run record from what was judged."""

from __future__ import annotations

import datetime as dt
from importlib.metadata import version

from conformance import distribution
from conformance.contract import documents
from conformance.record.results import Conditions, Record, RunInfo, SuiteInfo, TargetInfo
from conformance.verdict import Judged

__all__ = ["make_record", "today"]


def today() -> dt.date:
    """The day by which waivers are judged, in UTC."""
    return dt.datetime.now(dt.UTC).date()


def make_record(
    judged: Judged,
    target: TargetInfo,
    run: RunInfo,
    conditions: Conditions,
    *,
    strict: bool,
) -> Record:
    """The record of a run.

    Args:
        judged: its outcome.
        target: what was tested.
        run: what took place.
        conditions: what else the verdict rests on.
        strict: whether what is tolerated counted as failed.
    """
    return Record(
        suite=SuiteInfo(distribution.NAME, version(distribution.NAME), documents.load().document, documents.digests()),
        target=target,
        exit_status=int(judged.exit_status),
        verdict=judged.verdict,
        strict=strict,
        summary=judged.summary,
        waivers=judged.waivers,
        requirements=judged.requirements,
        cases=judged.cases,
        run=run,
        conditions=conditions,
    )
