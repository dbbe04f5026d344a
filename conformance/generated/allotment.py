"""How classes share a budget of calls: in turns, so that none starves and what one doesn't need goes to the others."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["share"]


def share(budget: int, needs: Sequence[int]) -> int:
    """How many of BUDGET calls the first of several classes gets.

    NEEDS are the finite examples of each class, its own first. They take turns, one example each, until the budget or
    the examples are used up; what is left then is divided equally, for random examples without end.
    """
    if budget <= 0:
        return 0
    wanted = sum(needs)
    if budget >= wanted:
        return needs[0] + -(-(budget - wanted) // len(needs))
    turns, left = 0, budget
    while True:
        open_classes = [need for need in needs if need > turns]
        if left < len(open_classes):
            break
        step = min(min(open_classes) - turns, left // len(open_classes))
        left -= step * len(open_classes)
        turns += step
    return min(needs[0], turns) + (1 if left and needs[0] > turns else 0)
