"""Results that follow from their evidence, and those that don't: what is shown of them, and what isn't."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.contract import documents
from conformance.exceptions import UsageError
from conformance.record.reading import read_record, unreadable
from conformance.record.results import Exit, Record
from conformance.suite.registry import framed, registered
from conformance.verdict.verification import Verification, verify

__all__ = ["Trusted", "examine", "trusted"]

UNUSABLE = (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What judging evidence ends with that is of the right types, and that no run records."""

SHOWN = 5
"""Problems that are named; one is enough to know that results don't add up."""


def examine(path: Path) -> tuple[Record, Verification]:
    """The results in PATH, and whether they follow from their evidence; RecordError when it holds none."""
    record = read_record(path)
    try:
        return record, verify(record, documents.load(), framed(registered().values()))
    except UNUSABLE as error:
        raise unreadable(path, f"damaged results: their evidence can't be judged ({type(error).__name__})") from error


@dataclass(frozen=True)
class Trusted:
    """Results that may be shown, and whether they were seen to follow from their evidence, whole.

    unjudged: why nothing of them could be judged anew; "" where something was.
    """

    record: Record
    verified: bool
    unjudged: str = ""


def trusted(paths: Sequence[Path], *, force: bool = False) -> list[Trusted]:
    """The results in PATHS; UsageError where some don't follow from their evidence.

    FORCE takes them all the same: they say so then, and have no verdict.
    """
    found, problems = [], []
    for path in paths:
        record, verification = examine(path)
        if verification.problems and force:
            record = _marked(record, verification)
        elif verification.problems:
            few = "; ".join(_few(verification.problems))
            problems.append(
                f"{path}: these results don't add up ({few}); report and compare use them anyway with --force"
            )
        elif verification.unverified:
            notes = tuple(f"Not verified: {words}." for words in _few(verification.unverified))
            record = replace(record, run=replace(record.run, notes=(*record.run.notes, *notes)))
        verified = not verification.problems and not verification.unverified
        unjudged = "" if verification.judged else f"{path}: not judged anew: {'; '.join(verification.unverified)}"
        found.append(Trusted(record, verified, unjudged))
    if problems:
        raise UsageError(problems)
    return found


def _marked(record: Record, verification: Verification) -> Record:
    banner = f"THESE RESULTS DON'T ADD UP: {'; '.join(_few(verification.problems))}."
    return replace(
        record,
        verdict="no verdict",
        exit_status=Exit.NO_VERDICT,
        summary="No verdict: these results don't add up.",
        run=replace(record.run, notes=(banner, *record.run.notes)),
    )


def _few(words: Sequence[str]) -> list[str]:
    more = len(words) - SHOWN
    return [*words[:SHOWN], f"and {more} more"] if more > 0 else list(words)
