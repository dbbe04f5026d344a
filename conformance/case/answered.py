"""What an exchange was answered with, in a word."""

from __future__ import annotations

from conformance.contract import answer as answers
from conformance.contract.refused import Refusal
from conformance.exchange import Exchange

__all__ = ["described", "fails_at_anything", "is_success", "is_task", "refused"]

FAILED = 500
SUCCESSFUL = range(200, 300)
EXPIRED = "1010005"


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
    """Whether EXCHANGE is an answer, but neither a task nor, by its status and for want of a code, the like of one."""
    if exchange.response is None or is_task(exchange):
        return False
    return exchange.response.status not in SUCCESSFUL or answers.read(exchange.response).code is not None


def fails_at_anything(exchange: Exchange, refusal: Refusal) -> bool:
    """Whether EXCHANGE failed inside or refused good credentials, which has nothing to do with REFUSAL."""
    if exchange.response is None:
        return False
    answer = answers.read(exchange.response)
    if answer.kind == "task" or answer.code in refusal.codes:
        return False
    return answer.code == EXPIRED or answer.status >= FAILED


def described(exchange: Exchange) -> str:
    """The answer in a few words."""
    return answers.read(exchange.response).describe() if exchange.response else "not at all"
