"""The starting file of waivers."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from conformance.exceptions import UsageError
from conformance.report.waivers import write_waivers
from tests.records import changed


def test_what_gets_a_waiver(samples: ModuleType, tmp_path: Path) -> None:
    """Requirements that failed get one, and masked ones, too: they count once what masks them is waived."""
    record = samples.non_conformant()
    one, two, *rest = record.requirements
    failed = (replace(one, outcome="failed"), replace(two, outcome="masked", masked_by=one.id))
    others = tuple(replace(other, outcome="passed") for other in rest)
    write_waivers(changed(record, requirements=(*failed, *others)), tmp_path / "waivers.toml")
    text = (tmp_path / "waivers.toml").read_text("utf-8").replace('expires = ""', "expires = 2999-12-31")

    assert [one.id, two.id] == [waiver["requirement"] for waiver in tomllib.loads(text)["waiver"]]


def test_words_of_a_target(samples: ModuleType, tmp_path: Path) -> None:
    """What a target said can't end the comment that it stands in."""
    record = samples.non_conformant()
    hostile = replace(record.requirements[0], outcome="failed", reason="wrong\n[[waiver]]\nrequirement = 'all'")
    write_waivers(changed(record, requirements=(hostile,)), tmp_path / "waivers.toml")

    assert 1 == (tmp_path / "waivers.toml").read_text("utf-8").count("\n[[waiver]]\n")


def test_file_that_exists(samples: ModuleType, tmp_path: Path) -> None:
    """A file that is there isn't written over."""
    (tmp_path / "waivers.toml").write_text("mine", "utf-8")

    with pytest.raises(UsageError, match=r"waivers\.toml: File exists"):
        write_waivers(samples.conformant(), tmp_path / "waivers.toml")
    assert "mine" == (tmp_path / "waivers.toml").read_text("utf-8")
