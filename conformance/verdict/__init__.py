"""From what was recorded to outcomes, verdict and exit status: pure functions over frozen values."""

from __future__ import annotations

from conformance.verdict.verdict import Exit, Judged, Policy, ended_early, judge, judge_evidence, provisional

__all__ = ["Exit", "Judged", "Policy", "ended_early", "judge", "judge_evidence", "provisional"]
