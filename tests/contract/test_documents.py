"""The documents as the judging reads them, and bodies as strict JSON."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from conformance.contract import body, documents
from conformance.contract.accepted import accepted_requirements
from conformance.contract.meaning import LISTING
from conformance.contract.refused import REFUSED_GENERAL
from conformance.contract.task import members

LEDGER = documents.load().requirements


def test_judged_requirements_exist() -> None:
    """Whatever the judging says is said of a requirement of the ledger."""
    named = {*accepted_requirements(), *REFUSED_GENERAL, *LISTING, *(row.requirement for row in documents.load().rows)}
    named |= {str(member["x-requirement"]) for member in members().values()}

    assert set() == named - set(LEDGER)


def test_masks() -> None:
    """A mask is a testable MUST of the ledger, and no chain of masks leads back to where it began.

    A mask that is only a SHOULD could keep the violation of a MUST out of the verdict; two that mask each other could
    hide both.
    """
    summing = {summed: (one.id,) for one in LEDGER.values() for summed in one.subsumes}

    def behind(requirement: str, seen: tuple[str, ...] = ()) -> None:
        assert requirement not in seen
        for mask in (*LEDGER[requirement].masked_by, *summing.get(requirement, ())):
            assert ("MUST", None) == (LEDGER[mask].level, LEDGER[mask].untestable)
            behind(mask, (*seen, requirement))

    assert set() == set(summing) - set(LEDGER)
    for requirement in LEDGER:
        behind(requirement)


def _ledger_of(**since: str) -> dict[str, documents.Requirement]:
    entry = LEDGER["task-id"]
    return {name: replace(entry, id=name, since=release) for name, release in since.items()}


def test_requirements_are_of_the_first_release_unless_they_say_otherwise() -> None:
    """An id that was there from the start is of release 0.1, and every release is one of numbers."""
    assert "0.1" == LEDGER["call-accepted"].since
    assert "0.1" == documents.releases(LEDGER)[0]
    assert all(re.fullmatch(r"\d+\.\d+", one.since) for one in LEDGER.values())


@pytest.mark.parametrize(
    ("configured", "expected"),
    [
        (None, {"a", "b", "c", "d"}),
        ("0.1", {"a"}),
        ("0.2", {"a", "b"}),
        ("0.9", {"a", "b"}),
        ("0.10", {"a", "b", "c"}),
        ("1.0", {"a", "b", "c", "d"}),
        ("2.0", {"a", "b", "c", "d"}),
        ("0.0", set()),
    ],
)
def test_counted(configured: str | None, expected: set[str]) -> None:
    """What came with a release counts from then on; 0.10 is later than 0.9, and nothing configured is the newest."""
    assert expected == documents.counted(_ledger_of(a="0.1", b="0.2", c="0.10", d="1.0"), configured)


def test_releases() -> None:
    """Releases are in the order of their numbers, each once."""
    assert ("0.1", "0.2", "0.10") == documents.releases(_ledger_of(c="0.10", a="0.1", b="0.2", d="0.1"))


def test_rows_by_code() -> None:
    """The rows of a code are all of its statuses; a code that the table doesn't have is an error of the suite."""
    rows = documents.load().answers("100203")

    assert {(200, "100203"), (403, "100203")} == {(row.status, row.code) for row in rows}
    with pytest.raises(KeyError):
        documents.load().answers("100204")


@pytest.mark.parametrize("text", ["{}", "[]", "1", '"x"', "null", ' {"a": [1, 2.5, 1e9]}\r\n', '"\\ud83d\\ude00"'])
def test_json(text: str) -> None:
    """What is JSON is read as such."""
    assert body.Body(json.loads(text), ()) == body.parse(text.encode())


@pytest.mark.parametrize(
    "text", ["", " ", "{", "{]", "{'a': 1}", "{a: 1}", "[1,]", "01", "+1", "NaN", "-Infinity", "//x\n1"]
)
def test_no_json(text: str) -> None:
    """What isn't JSON is refused with a reason, though some parsers read it."""
    with pytest.raises(body.NotJSON, match=r"\w"):
        body.parse(text.encode())


def test_depth() -> None:
    """A hundred levels are read; one more is not."""
    assert body.parse(b"[" * 100 + b"]" * 100)
    with pytest.raises(body.NotJSON, match="deeper"):
        body.parse(b"[" * 101 + b"]" * 101)


def test_repeated_names() -> None:
    """Names that an object has twice are told, the first few of them; the same name in two objects is none."""
    assert ("a",) == body.parse(b'{"b": {"a": 1}, "c": {"a": 1, "a": 1}}').repeated
    assert () == body.parse(b'[{"a": 1}, {"a": 1}]').repeated
