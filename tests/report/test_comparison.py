"""Two results, compared."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from conformance.record.results import Record, TargetInfo
from conformance.report import compare
from tests.records import changed


def _pair(samples: ModuleType, old: str, new: str) -> tuple[Record, Record]:
    """Two records whose one requirement went from OLD to NEW."""
    record = samples.conformant()
    before, after = (changed(record, requirements=(samples.requirement("x", outcome),)) for outcome in (old, new))
    return before, after


@pytest.mark.parametrize(
    ("old", "new", "list_name", "exit_status"),
    [
        ("passed", "failed", "worse", 1),
        ("passed", "tolerated", "worse", 1),
        ("passed", "waived", "worse", 1),
        ("tolerated", "failed", "worse", 1),
        ("waived", "failed", "worse", 1),
        ("failed", "passed", "better", 0),
        ("failed", "waived", "better", 0),
        ("tolerated", "passed", "better", 0),
        ("not tested", "passed", "newly_tested", 0),
        ("untestable", "passed", "newly_tested", 0),
        ("not tested", "failed", "newly_tested", 0),
        ("passed", "not tested", "no_longer_tested", 0),
        ("failed", "untestable", "no_longer_tested", 0),
    ],
)
def test_changes(samples: ModuleType, old: str, new: str, list_name: str, exit_status: int) -> None:
    """Each change of outcome is in one list, and only what got worse gives exit status 1."""
    comparison = compare(*_pair(samples, old, new))
    lists = {name: getattr(comparison, name) for name in ("worse", "better", "newly_tested", "no_longer_tested")}
    changed = {name: [(c.id, c.old, c.new) for c in changes] for name, changes in lists.items() if changes}

    assert {list_name: [("x", old, new)]} == changed
    assert exit_status == comparison.exit_status
    assert f"x: {old} -> {new}" in comparison.text()


def test_same_results(samples: ModuleType) -> None:
    """A record compared with itself shows no change."""
    comparison = compare(samples.non_conformant(), samples.non_conformant())

    assert 0 == comparison.exit_status
    assert "No requirement changed." in comparison.text()


def test_other_set_is_said(samples: ModuleType) -> None:
    """Requirements that only one of the results has are listed as such, and don't count as worse."""
    old = samples.conformant()
    new = changed(old, requirements=(*old.requirements[1:], samples.requirement("brand-new", "failed")))
    comparison = compare(old, new)

    assert (["brand-new"], ["accepted-status"]) == (
        [requirement.id for requirement in comparison.added],
        [requirement.id for requirement in comparison.removed],
    )
    assert 0 == comparison.exit_status
    assert "Only in the new results (1):\n  MUST   brand-new: failed" in comparison.text()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"suite": {"version": "0.2.0"}}, "Suite differs: revocation-conformance 0.1.0 before"),
        ({"suite": {"document": "another"}}, "Document differs"),
        ({"target": {"base_url": "https://other.example"}}, "Target differs"),
        ({"target": {"provider": "static"}}, "Provider differs"),
    ],
)
def test_differences_are_said(samples: ModuleType, changes: dict[str, dict[str, Any]], sentence: str) -> None:
    """What else may explain a change is named: another suite version, document, target or provider."""
    old = samples.conformant()
    new = changed(old, **{name: replace(getattr(old, name), **values) for name, values in changes.items()})

    assert sentence in compare(old, new).text()


def test_text_is_harmless(samples: ModuleType) -> None:
    """No control character of a results file reaches the terminal."""
    old = samples.conformant()
    new = changed(old, target=replace(old.target, base_url=samples.HOSTILE))

    assert "\x1b" not in compare(old, new).text()


def test_names_give_no_command(samples: ModuleType) -> None:
    """What a results file calls its target or suite begins no line and gives no command to a CI service."""
    attack = "https://x/\n::error::forged\nConformant: every MUST holds.\x1b[2J##[error]"
    old = samples.conformant()
    text = compare(old, changed(old, target=TargetInfo(attack, attack))).text()

    assert [] == [line for line in text.splitlines() if line.startswith((":", "Conformant")) or not line.isprintable()]
    assert "::" not in text
    assert "##[" not in text
