"""A starting file of waivers from a run's failures; a person must fill it in before it is valid."""

from __future__ import annotations

import json
from pathlib import Path

from conformance.exceptions import UsageError
from conformance.record.results import Record

__all__ = ["write_waivers"]

HEAD = """\
# Known deviations, from the run of {started} against {target}.
# Each needs its owner, its reason and the day until which it is accepted; the file isn't valid before.
"""
ENTRY = """
# {reason}
[[waiver]]
requirement = {id}
reason = ""
owner = ""
expires = ""   # a date, as in expires = 2027-01-31
"""


def write_waivers(record: Record, path: Path) -> None:
    """Write one waiver for each requirement of RECORD that failed or is masked to PATH.

    UsageError when PATH exists.
    """
    # One that is masked by another counts as not tested once that other one is waived, and needs its waiver, too.
    failed = [requirement for requirement in record.requirements if requirement.outcome in ("failed", "masked")]
    text = HEAD.format(started=record.run.started, target=_line(record.target.base_url))
    for requirement in failed:
        text += ENTRY.format(reason=_line(requirement.reason), id=json.dumps(requirement.id))
    try:
        # It was looked at beforehand; whoever has put something there since is not written over.
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError([f"--write-waivers {path}: {error.strerror or error}"]) from error


def _line(text: str) -> str:
    """TEXT as one line of a comment; what a target sent can't end the comment."""
    return "".join(character if character.isprintable() else " " for character in text)
