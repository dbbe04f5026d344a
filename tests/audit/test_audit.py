"""The audit tells a vulnerable dependency from a database that it couldn't ask."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from tests.audit.__main__ import judge

CLEAN = {"name": "h11", "version": "0.16.0", "vulns": []}
VULNERABLE = {
    "name": "h11",
    "version": "0.14.0",
    "vulns": [{"id": "PYSEC-2025-1", "fix_versions": ["0.16.0"], "aliases": [], "description": "…"}],
}
UNKNOWN = {"name": "left-pad", "skip_reason": "Dependency not found on PyPI and could not be audited: left-pad (1)"}
UNREACHABLE = (
    "Traceback (most recent call last):\nrequests.exceptions.ProxyError: HTTPSConnectionPool: Max retries exceeded",
    "ERROR:pip_audit._cli:Could not connect to PyPI's vulnerability feed",
    "pip_audit._service.interface.ServiceError",
    "requests.exceptions.JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
    "requests.exceptions.ReadTimeout: HTTPSConnectionPool: Read timed out. (read timeout=15)",
)


def _output(*dependencies: Mapping[str, object]) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


def test_a_vulnerability_fails() -> None:
    """A dependency with a known vulnerability is named with what fixes it, and the exit status is 1."""
    verdict = judge(1, _output(CLEAN, VULNERABLE), "Found 1 known vulnerability in 1 package")

    assert 1 == verdict.status
    assert [
        "vulnerable: h11 0.14.0: PYSEC-2025-1, fixed in 0.16.0",
        "2 dependencies audited, 1 known vulnerabilities",
    ] == verdict.text.splitlines()


def test_nothing_known_passes() -> None:
    """Without a vulnerability the exit status is 0; what the database doesn't know is named."""
    verdict = judge(0, _output(CLEAN, UNKNOWN), "")

    assert 0 == verdict.status
    assert verdict.text.splitlines() == [
        f"not audited: left-pad ({UNKNOWN['skip_reason']})",
        "1 dependencies audited, 0 known vulnerabilities",
    ]


@pytest.mark.parametrize("errors", UNREACHABLE)
def test_a_database_that_cannot_be_reached_is_a_skip(errors: str) -> None:
    """Where the database gave no answer that is said as a skip, with exit status 0."""
    verdict = judge(1, "", errors)

    assert 0 == verdict.status
    assert verdict.text.startswith("skipped: the vulnerability database can't be reached (")


def test_a_database_that_knows_nothing_is_a_skip() -> None:
    """A mirror that knows none of the dependencies is no database."""
    verdict = judge(0, _output(UNKNOWN), "")

    assert 0 == verdict.status
    assert "skipped: the vulnerability database can't be reached" == verdict.text.splitlines()[-1]


def test_a_broken_audit_fails() -> None:
    """Anything else that goes wrong is neither: it fails with the tool's own words."""
    verdict = judge(1, "", "ERROR:pip_audit._cli:invalid requirements input: .ci/lock.txt")

    assert 2 == verdict.status
    assert "invalid requirements input" in verdict.text
