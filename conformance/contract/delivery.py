"""Judges whether there is an answer at all: complete, and in time."""

from __future__ import annotations

from conformance.contract import names
from conformance.contract.judgement import Judgement, failed
from conformance.evidence.exchange import Exchange

__all__ = ["DELIVERY", "SECRECY", "judge_delivery", "token_places"]

DELIVERY = (names.ANSWER_COMPLETE, names.ANSWER_IN_TIME)
SECRECY = names.ANSWER_HIDES_CREDENTIALS
SHORTEST = 8
"""Characters. A shorter token may turn up in any answer; real ones are much longer."""


def judge_delivery(exchange: Exchange) -> Judgement:
    """Whether EXCHANGE holds one complete answer; the fault's own words say what came instead."""
    fault = exchange.fault
    if fault is None:
        return Judgement()
    if fault.kind == "timeout":
        finding = failed(
            names.ANSWER_IN_TIME, f"no whole answer came: {fault.message}", "an answer within the limit", fault.message
        )
        return Judgement((finding,), {names.ANSWER_COMPLETE: "no whole answer came in time"})
    finding = failed(
        names.ANSWER_COMPLETE, f"no complete answer came: {fault.message}", "one complete HTTP answer", fault.message
    )
    return Judgement((finding,), {names.ANSWER_IN_TIME: "no complete answer came"})


def token_places(exchange: Exchange, token: str) -> tuple[tuple[str, ...], str]:
    """Where the answer repeats the access token TOKEN, and why that can't be told, if it can't."""
    response = exchange.response
    if response is None:
        return (), ""
    # What the answer must repeat (application, device) or would have by chance isn't told from the token.
    repeated = (exchange.request.header("app_key") or "", (exchange.request.body or b"").decode("utf-8", "replace"))
    if len(token) < SHORTEST or any(token in text for text in repeated):
        return (), "the access token can't be told from other text of the answer"
    places = [name for name, value in response.headers if token in value]
    if token.encode("utf-8") in response.body:
        places.append("the body")
    return tuple(places), ""
