"""Which violations can't be told apart from others: one fault is one red requirement.

The ledger says of each requirement by which violations it is masked (masked_by), and which ones it sums up when all of
them are violated together with it (subsumes).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from conformance.contract.documents import Contract
from conformance.record.results import CaseResult, RequirementResult

__all__ = ["mask_cases", "mask_requirements"]


def mask_requirements(requirements: Sequence[RequirementResult], contract: Contract) -> list[RequirementResult]:
    """REQUIREMENTS, those that are violated together with one that masks them as masked by it."""
    violated = {requirement.id for requirement in requirements if requirement.outcome in ("failed", "waived")}
    sums = [one for one in contract.requirements.values() if one.subsumes and violated >= {one.id, *one.subsumes}]
    result = []
    for requirement in requirements:
        masks = [one.id for one in sums if requirement.id in one.subsumes]
        masks += [other for other in contract.requirements[requirement.id].masked_by if other in violated]
        if requirement.outcome == "failed" and masks:
            reason = f"can't be told apart from the violation of {masks[0]}: {requirement.reason}"
            result.append(replace(requirement, outcome="masked", reason=reason, masked_by=masks[0]))
        else:
            result.append(requirement)
    return result


def mask_cases(results: Sequence[CaseResult], masked: Mapping[str, str]) -> list[CaseResult]:
    """RESULTS with the findings against MASKED requirements (each with what masks it) as masked."""
    return [_mask_case(result, masked) for result in results]


def _mask_case(result: CaseResult, masked: Mapping[str, str]) -> CaseResult:
    findings = tuple(
        replace(finding, outcome="masked") if finding.outcome == "failed" and finding.requirement in masked else finding
        for finding in result.findings
    )
    if result.outcome != "failed" or findings == result.findings:
        return replace(result, findings=findings)
    failures = [finding.message for finding in findings if finding.outcome == "failed"]
    if failures:
        return replace(result, findings=findings, reason="; ".join(dict.fromkeys(failures)))
    by = next(masked[one.requirement] for one in findings if one.requirement in masked)
    return replace(result, findings=findings, outcome="masked", masked_by=by)
