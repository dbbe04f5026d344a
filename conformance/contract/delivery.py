"""Judges whether there is an answer at all: complete, and in time."""

from __future__ import annotations

from conformance.contract.judgement import Judgement, failed
from conformance.exchange import Exchange

__all__ = ["DELIVERY", "judge_delivery"]

DELIVERY = ("answer-complete", "answer-in-time")


def judge_delivery(exchange: Exchange) -> Judgement:
    """Whether EXCHANGE holds one complete answer; the fault's own words say what came instead."""
    fault = exchange.fault
    if fault is None:
        return Judgement()
    if fault.kind == "timeout":
        finding = failed("answer-in-time", f"no whole answer came: {fault.message}", "an answer within the limit", fault.message)
        return Judgement((finding,), {"answer-complete": "no whole answer came in time"})
    finding = failed("answer-complete", f"no complete answer came: {fault.message}", "one complete HTTP answer", fault.message)
    return Judgement((finding,), {"answer-in-time": "no complete answer came"})
