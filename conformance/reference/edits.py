"""Edits of the correct behaviour: faults, which break one requirement, and variants, which the document allows."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformance.reference.behaviour import Behaviour
from conformance.reference.hook import Hook

Edit = Callable[[Behaviour], None]
# Steps differ in their types.
Step = Callable[..., Any]


@dataclass(frozen=True)
class Fault:
    """One mistake.

    `requirement` is the id, in the ledger, of what it breaks; `needs` says what a run must have to see it ("slow":
    about five minutes); `tolerated` marks what a listed contradiction of the document explains.
    """

    name: str
    requirement: str
    description: str
    edit: Edit
    needs: str = ""
    tolerated: bool = False


@dataclass(frozen=True)
class Variant:
    """Another way to do it right; the description names the sentence or the silence that allows it."""

    name: str
    description: str
    edit: Edit = lambda _: None
    edit_hook: Callable[[Hook], None] = lambda _: None


def wrap(owner: object, step: str, edited: Step) -> None:
    """Put an edit around one step of an object; edits of the same step add up, the last one outermost.

    Args:
        owner: what has the step.
        step: its name, after a point that of a part's: "accept", "revocation.select".
        edited: it is given the step as it was, then the step's own arguments.
    """
    *parts, name = step.split(".")
    for part in parts:
        owner = getattr(owner, part)
    setattr(owner, name, functools.partial(edited, getattr(owner, name)))


def around(step: str, edited: Step) -> Edit:
    """The edit that wraps one step."""
    return lambda behaviour: wrap(behaviour, step, edited)


def instead(step: str, value: object) -> Edit:
    """The edit that has one step give a fixed value."""
    return around(step, lambda _inner, *_arguments: value)


def without(*checks: str) -> Edit:
    """The edit that leaves checks out."""

    def edit(behaviour: Behaviour) -> None:
        behaviour.order = tuple(check for check in behaviour.order if check not in checks)

    return edit


def ordered(*checks: str) -> Edit:
    """The edit that puts these checks into this order, in the places that they hold together."""

    def edit(behaviour: Behaviour) -> None:
        turn = iter(checks)
        behaviour.order = tuple(next(turn) if check in checks else check for check in behaviour.order)

    return edit


def last(check: str) -> Edit:
    """The edit that puts this check behind all others."""

    def edit(behaviour: Behaviour) -> None:
        behaviour.order = (*(one for one in behaviour.order if one != check), check)

    return edit


def together(*edits: Edit) -> Edit:
    """One edit of several."""

    def edit(behaviour: Behaviour) -> None:
        for one in edits:
            one(behaviour)

    return edit
