"""The registries of faults and variants."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.reference import Fault, Reference, Variant, faults, variants

LEDGER = yaml.safe_load((Path(__file__).parents[2] / "openapi" / "requirements.yaml").read_text(encoding="utf-8"))
EDITS: list[Fault | Variant] = [*faults(), *variants()]
TESTABLE = {one["id"]: one["level"] for one in LEDGER["requirements"] if "untestable" not in one}


def test_names() -> None:
    """Every fault and every variant has a slug of its own, and no fault is called like a variant."""
    names = [one.name for one in EDITS]

    assert [] == [name for name, count in Counter(names).items() if count > 1]
    assert [] == [name for name in names if not re.fullmatch(r"[a-z0-9]+(?:[-.][a-z0-9]+)*", name)]


def test_descriptions() -> None:
    """Every one is described in a sentence."""
    for one in EDITS:
        assert one.description.endswith("."), one.name
        assert 10 < len(one.description) < 160, one.name


def test_faults_break_requirements_of_the_ledger() -> None:
    """What a fault breaks is a requirement that can be tested."""
    assert set() == {one.requirement for one in faults()} - set(TESTABLE)


def test_every_requirement_has_a_fault() -> None:
    """Every testable requirement, MUST or SHOULD, has a fault that breaks it and that nothing explains.

    A target that isn't served over HTTPS is out of reach at an https base URL, and untestable at another.
    """
    broken = {one.requirement for one in faults() if not one.tolerated}

    assert {"transport-https"} == set(TESTABLE) - broken


def test_most_faults_need_nothing_special() -> None:
    """A fault that only a slow run can see says so, and its requirement has others, but for the recovery."""
    assert {"", "slow"} == {one.needs for one in faults()}
    quick = {one.requirement for one in faults() if not one.needs}
    assert {"flow-control-recovers"} == {one.requirement for one in faults()} - quick


def test_numbers() -> None:
    """There are enough of both."""
    assert len(faults()) >= 170
    assert len(variants()) >= 45


@pytest.mark.parametrize("kind", ["fault", "variant"])
def test_unknown_names(kind: str) -> None:
    """A name that isn't registered is an error at the start."""
    names: dict[str, Any] = {f"{kind}s": ["nothing-of-the-kind"]}
    with pytest.raises(LookupError, match=f"no {kind} nothing-of-the-kind"):
        Reference.start(tls=False, **names)
