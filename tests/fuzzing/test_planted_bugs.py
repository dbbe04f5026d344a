"""Bugs of real servers: each turns the class red that it belongs to, with the requirement that it breaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.reference.edits import Edit
from conformance.suite.registry import registered

from .bugs import BUGS, Bug
from .rig import run_classes


def _each(bug: Bug) -> Edit:
    return bug.edit


@pytest.mark.parametrize("bug", BUGS, ids=[bug.name for bug in BUGS])
def test_bug_is_found_and_put_down_to_its_requirement(bug: Bug, tmp_path: Path) -> None:
    """A class of generated examples finds the bug, and blames just the requirement that it breaks."""
    outcome = run_classes(bug.classes, tmp_path, bugs=[bug.edit])

    assert bug.breaks == outcome.red
    assert set(bug.classes) == {identity for identity, one in outcome.results.items() if one.outcome == "failed"}


def test_only_generated_cases_find_these_bugs(tmp_path: Path) -> None:
    """With all of the bugs at once, every explicit case still passes."""
    explicit = [case.id for case in registered().values() if case.chapter != "generated" and not case.order]
    outcome = run_classes(explicit, tmp_path, bugs=[bug.edit for bug in BUGS])

    assert set() == outcome.red
