"""Classifies an exchange by its answer: carried out, refused, or failing whatever the call was."""

from __future__ import annotations

from conformance.contract import answer as answers
from conformance.contract import codes
from conformance.contract.refused import Refusal
from conformance.contract.statuses import FAILED, SUCCESSFUL
from conformance.evidence.exchange import Exchange

__all__ = ["described", "failed_inside", "is_success", "is_task", "refused", "unrelated_failure"]


def is_task(exchange: Exchange) -> bool:
    """Whether the answer is a task."""
    return exchange.response is not None and answers.read(exchange.response).kind == "task"


def is_success(exchange: Exchange) -> bool:
    """Whether the answer says, by its body or by its status, that the call was carried out."""
    if exchange.response is None:
        return False
    status, kind = exchange.response.status, answers.read(exchange.response).kind
    return kind == "task" or (kind == "neither" and status in SUCCESSFUL)


def refused(exchange: Exchange) -> bool:
    """Whether the answer is a refusal: no task, and either not 2xx or carrying an error code."""
    if exchange.response is None or is_task(exchange):
        return False
    return exchange.response.status not in SUCCESSFUL or answers.read(exchange.response).code is not None


def unrelated_failure(exchange: Exchange, refusal: Refusal) -> bool:
    """Whether EXCHANGE failed with an internal error or refused good credentials, neither of which REFUSAL is about."""
    if exchange.response is None:
        return False
    answer = answers.read(exchange.response)
    if answer.kind == "task" or answer.code in refusal.codes:
        return False
    return answer.code == codes.INVALID_CREDENTIALS or answer.status >= FAILED


def failed_inside(exchange: Exchange) -> bool:
    """Whether the call failed with an internal error."""
    return exchange.response is not None and exchange.response.status >= FAILED


def described(exchange: Exchange) -> str:
    """The answer in a few words."""
    return answers.read(exchange.response).describe() if exchange.response else "not at all"
