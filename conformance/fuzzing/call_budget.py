"""How classes share a budget of calls: in turns, so that none starves and what one doesn't need goes to the others."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["CUT", "share"]

CUT = "Not every generated request fitted into --max-calls; with more calls, a run sends more of them."
"""What a run notes that didn't send all the examples that it could have."""


def share(budget: int, needs: Sequence[int], turns: Sequence[int]) -> int:
    """How many of BUDGET calls the first of several classes gets.

    NEEDS are the finite examples of each class, its own first; TURNS, how many examples each sends when it is its
    turn. They take turns until the budget or the examples are used up; what is left then is divided equally, for random
    examples without end.
    """
    if budget <= 0:
        return 0
    wanted = sum(needs)
    if budget >= wanted:
        return needs[0] + -(-(budget - wanted) // len(needs))
    given = [0] * len(needs)
    while True:
        for index, (need, turn) in enumerate(zip(needs, turns, strict=True)):
            step = min(turn, need - given[index], budget)
            given[index] += step
            budget -= step
        if not budget:
            return given[0]
