"""What a case is: its id, the requirements it proves, and those that its answers are judged by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

__all__ = ["Case"]


@dataclass(frozen=True)
class Case:
    """A case.

    Attributes:
        id: a slug that never changes.
        title: the fact that it states.
        chapter: the module of the suite that it stands in.
        proves: the requirements that it is about, and that stay untested when it isn't run.
        general: the requirements that its answers are judged by beside them.
        slow: it runs only with --slow.
        order: cases run by it; those of the same order as they stand.
        after: the case that it comes right behind, so that its calls follow one that was refused for another reason.
        instead_of: the case that proves the same, where this one can't be run, or needn't.
        calls: as many as it may need; generated requests leave them to it.
        codes: the error codes that it may ask for.
        body: what it does, called with what the run hands to a case; None for the cases that frame a run.
    """

    id: str
    title: str
    chapter: str
    proves: tuple[str, ...]
    general: tuple[str, ...]
    slow: bool = False
    order: int = 0
    after: str | None = None
    instead_of: str | None = None
    calls: int = 2
    codes: frozenset[str] = frozenset()
    body: Callable[[Any], None] | None = field(default=None, compare=False, repr=False)

    @cached_property
    def requirements(self) -> tuple[str, ...]:
        """All requirements that the case can say something about."""
        return tuple(dict.fromkeys((*self.proves, *self.general)))
