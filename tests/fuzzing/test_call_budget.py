"""The budget of calls, shared out among the classes."""

from __future__ import annotations

import pytest

from conformance.fuzzing.call_budget import share


def _shares(budget: int, needs: list[int], turns: list[int] | None = None) -> list[int]:
    """What each class gets when they run one after the other, each using all that it is given."""
    turns = turns or [1] * len(needs)
    given: list[int] = []
    for index in range(len(needs)):
        mine = share(budget - sum(given), needs[index:], turns[index:])
        given.append(mine)
    return given


def test_classes_take_turns() -> None:
    """Where the budget admits a part only, every class gets the same."""
    assert [5, 5, 5, 5] == _shares(20, [100, 50, 10, 6])


def test_class_may_send_several_when_it_is_its_turn() -> None:
    """A class whose turn is three examples gets three times what the others get."""
    assert [12, 4, 4] == _shares(20, [100, 100, 100], [3, 1, 1])


def test_what_a_small_class_does_not_need_goes_to_the_others() -> None:
    """A class of few examples leaves its turns to the others."""
    assert [9, 2, 9] == _shares(20, [100, 2, 100])


def test_what_is_left_is_for_random_examples() -> None:
    """Beyond the fixed examples the budget is divided equally."""
    assert [15, 10, 8] == _shares(33, [10, 5, 3])


@pytest.mark.parametrize("budget", [0, -3])
def test_no_budget_gives_nothing(budget: int) -> None:
    """Without a budget no class gets anything."""
    assert 0 == share(budget, [5, 5], [1, 2])


@pytest.mark.parametrize("budget", range(0, 200, 7))
def test_budget_is_kept_and_used_up(budget: int) -> None:
    """All shares together are the budget, however it falls."""
    assert budget == sum(_shares(budget, [31, 4, 17, 60, 1], [1, 3, 2, 3, 1]))


def test_no_class_starves() -> None:
    """With at least one call for each, every class gets one."""
    assert [1] * 17 == _shares(17, [50] * 17)
