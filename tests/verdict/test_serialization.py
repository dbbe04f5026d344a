"""Records of every kind survive the way to JSON and back."""

from __future__ import annotations

from typing import get_args

import cattrs
import pytest

from conformance.record.observation import Observation
from conformance.record.serialization import structure, unstructure
from conformance.verdict.evidence import CaseEvidence

from .samples import OBSERVATIONS, as_json, evidence


def test_every_kind_has_a_sample() -> None:
    """What follows is tried with every kind of observation."""
    assert set(get_args(Observation)) == set(OBSERVATIONS)


@pytest.mark.parametrize("kind", OBSERVATIONS, ids=lambda kind: kind.__name__)
def test_observation(kind: type) -> None:
    """An observation comes back as it went, and as the kind that it was: several kinds have equal members."""
    observation, exchanges = OBSERVATIONS[kind]
    whole = evidence("case", observation, exchanges=exchanges)

    back = structure(as_json(unstructure(whole)), CaseEvidence)

    assert whole == back
    assert kind is type(back.shown[0].observation)


@pytest.mark.parametrize("body", [b"", b"plain", "é\u0000\U0001f600".encode(), b"\xff\x00\xfe", None])
def test_body(body: bytes | None) -> None:
    """Bodies come back byte by byte, be they text, anything else, or none."""
    from tests.contract.exchanges import REQUEST  # noqa: PLC0415 (this test only)

    changed = type(REQUEST)(REQUEST.method, REQUEST.url, REQUEST.headers, body)

    assert changed == structure(as_json(unstructure(changed)), type(REQUEST))


def test_text_stays_readable() -> None:
    """A body that is text can be read in the file; what is no UTF-8 can't, and says so."""
    assert {"text": "é"} == unstructure("é".encode())
    assert {"base64": "/w=="} == unstructure(b"\xff")


@pytest.mark.parametrize("damaged", [{}, {"id": 1}, [], {"id": "x", "shown": [{"observation": {"kind": "None"}}]}])
def test_damaged(damaged: object) -> None:
    """What is no record raises one of the errors that readers of records expect."""
    with pytest.raises((cattrs.BaseValidationError, KeyError, ValueError, TypeError)):
        structure(damaged, CaseEvidence)
