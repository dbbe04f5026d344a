"""What is asked of every JSON body that a target sends, a task or an error: a true label, and one member of a name."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.contract import names
from conformance.contract.answer import Answer
from conformance.contract.judgement import failed
from conformance.evidence.finding import Finding

__all__ = ["judge_label", "judge_members"]


def judge_label(answer: Answer, what: str, requirement: str) -> Iterator[Finding]:
    """Whether the media type of ANSWER is right; WHAT is its body in words, and REQUIREMENT broken where it isn't."""
    if not answer.json_media_type:
        given = answer.media_type or "no Content-Type"
        yield failed(requirement, f"{what} came as {given}", "application/json", given)
    elif answer.mislabelled:
        given = answer.media_type or ""
        yield failed(requirement, f"{what} came as {given}, and is UTF-8", "the charset UTF-8, or none", given)


def judge_members(answer: Answer) -> Iterator[Finding]:
    """Whether no object of ANSWER has two members of one name."""
    if answer.repeated:
        members = ", ".join(answer.repeated)
        yield failed(
            names.ANSWER_JSON_UNIQUE_MEMBERS,
            f"an object has two members {members}",
            "one member of a name",
            members,
        )
