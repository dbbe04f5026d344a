"""Known vulnerabilities among the locked dependencies: python -m tests.audit; exit status 1 where there are some.

Where the database can't be reached nothing is known: that is said as a skip, and is no failure.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Verdict", "judge"]

LOCK = Path(__file__).parents[2] / ".ci" / "lock.txt"
VULNERABLE, BROKEN = 1, 2
UNREACHABLE = re.compile(
    r"Could not connect|Connection\w*Error|ConnectTimeout|ReadTimeout|ProxyError|SSLError|Max retries|"
    r"HTTPError|ServiceError|ChunkedEncodingError|JSONDecodeError|blocking this service|timed out"
)
"""How pip-audit and what it stands on speak of a database that isn't there, or isn't itself."""


@dataclass(frozen=True)
class Verdict:
    """What to say, and the exit status."""

    text: str
    status: int


def judge(status: int, output: str, errors: str) -> Verdict:
    """What pip-audit found, from its exit STATUS, its OUTPUT in JSON and its ERRORS."""
    last = (errors.strip().splitlines() or [f"exit status {status} without a word"])[-1]
    try:
        dependencies = json.loads(output)["dependencies"]
    except (ValueError, KeyError, TypeError):
        if UNREACHABLE.search(errors):
            return Verdict(f"skipped: the vulnerability database can't be reached ({last[:300]})", 0)
        return Verdict(f"{errors}\npip-audit failed: {last[:300]}", BROKEN)
    audited = [one for one in dependencies if "skip_reason" not in one]
    left_out = [f"not audited: {one['name']} ({one['skip_reason']})" for one in dependencies if "skip_reason" in one]
    found = [line for one in audited for line in _vulnerabilities(one)]
    if dependencies and not audited:
        return Verdict("\n".join([*left_out, "skipped: the vulnerability database can't be reached"]), 0)
    summary = f"{len(audited)} dependencies audited, {len(found)} known vulnerabilities"
    return Verdict("\n".join([*left_out, *found, summary]), VULNERABLE if found else 0)


def _vulnerabilities(dependency: dict[str, Any]) -> Iterator[str]:
    for one in dependency["vulns"]:
        fixed = ", ".join(one["fix_versions"]) or "no version yet"
        yield f"vulnerable: {dependency['name']} {dependency['version']}: {one['id']}, fixed in {fixed}"


def main() -> int:
    """Run pip-audit on the lock file, say what it found, and return the exit status."""
    command = [
        *(sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), "--no-deps", "--disable-pip"),
        *("--format", "json", "--progress-spinner", "off"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    verdict = judge(done.returncode, done.stdout, done.stderr)
    sys.stdout.write(f"{verdict.text}\n")
    return verdict.status


if __name__ == "__main__":
    raise SystemExit(main())
