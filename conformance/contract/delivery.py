"""Judges whether there is an answer at all: complete, and in time."""

from __future__ import annotations

from conformance.contract.judgement import Judgement, failed
from conformance.exchange import Exchange

__all__ = ["DELIVERY", "SECRECY", "judge_delivery", "judge_secrecy"]

DELIVERY = ("answer-complete", "answer-in-time")
SECRECY = "answer-hides-credentials"


def judge_delivery(exchange: Exchange) -> Judgement:
    """Whether EXCHANGE holds one complete answer; the fault's own words say what came instead."""
    fault = exchange.fault
    if fault is None:
        return Judgement()
    if fault.kind == "timeout":
        finding = failed(
            "answer-in-time", f"no whole answer came: {fault.message}", "an answer within the limit", fault.message
        )
        return Judgement((finding,), {"answer-complete": "no whole answer came in time"})
    finding = failed(
        "answer-complete", f"no complete answer came: {fault.message}", "one complete HTTP answer", fault.message
    )
    return Judgement((finding,), {"answer-in-time": "no complete answer came"})


def judge_secrecy(exchange: Exchange, token: str) -> Judgement:
    """Whether the answer keeps the access token TOKEN to itself."""
    response = exchange.response
    if response is None:
        return Judgement((), {SECRECY: "there was no complete answer"})
    places = [name for name, value in response.headers if token in value]
    if token.encode("utf-8") in response.body:
        places.append("the body")
    if not token or not places:
        return Judgement()
    where = ", ".join(places)
    return Judgement((failed(SECRECY, f"the answer repeats the access token: {where}", "no credentials", where),))
