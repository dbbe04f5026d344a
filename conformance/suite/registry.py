"""The cases of the suite, each with its id, the requirements it proves, and those that its answers are judged by."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import replace
from importlib import import_module
from typing import Any

from conformance.case.case import Case
from conformance.case.frame import CONTROL_FIRST, CONTROL_LAST, LATE_EFFECTS
from conformance.client.draft import Draft
from conformance.contract.accepted import accepted_requirements
from conformance.contract.refused import REFUSED_GENERAL, Refusal
from conformance.record.results import SLUG
from conformance.run.case_context import CaseContext

__all__ = ["CHAPTERS", "case", "case_of", "framed", "in_order", "refused", "registered"]

CHAPTERS = (
    "accepted",
    "revocation",
    "credentials",
    "application",
    "tenants",
    "device",
    "bounds",
    "malformed",
    "transport",
    "flow_control",
    "troubles",
    "generated",
)

Function = Callable[..., None]

_cases: dict[str, Case] = {}


def _register(registered_case: Case, function: Function) -> Function:
    if not SLUG.fullmatch(registered_case.id):
        raise ValueError(f"{registered_case.id} is no slug")
    if registered_case.id in _cases:
        raise ValueError(f"two cases have the id {registered_case.id}")
    _cases[registered_case.id] = replace(registered_case, body=function)
    return function


def _title(function: Callable[..., Any]) -> str:
    return " ".join((inspect.getdoc(function) or "").split())


def _chapter(function: Callable[..., Any]) -> str:
    return function.__module__.rpartition(".")[2].replace("_", " ")


def case(
    identity: str,
    *,
    proves: tuple[str, ...] = (),
    accepts: bool = False,
    refuses: tuple[Refusal, ...] = (),
    general: tuple[str, ...] = (),
    slow: bool = False,
    order: int = 0,
    after: str | None = None,
    instead_of: str | None = None,
    calls: int = 2,
) -> Callable[[Function], Function]:
    """Register a test function as the case IDENTITY.

    accepts: some of its calls must be accepted; refuses: the refusals it demands; both are judged in general too.
    general: further requirements that its answers are judged by. What the refusals demand is proved too, unless it is
    among them.
    """
    demanded = (requirement for refusal in refuses for requirement in refusal.requirements)
    specific = dict.fromkeys((*proves, *(requirement for requirement in demanded if requirement not in general)))
    general = (*(accepted_requirements() if accepts else ()), *(REFUSED_GENERAL if refuses else ()), *general)

    def decorate(function: Function) -> Function:
        made = Case(
            identity,
            _title(function),
            _chapter(function),
            tuple(specific),
            general,
            slow=slow,
            order=order,
            after=after,
            instead_of=instead_of,
            calls=calls,
            codes=frozenset(code for refusal in refuses for code in refusal.codes),
        )
        return _register(made, function)

    return decorate


def refused(
    identity: str,
    refusal: Refusal,
    unchanged: str,
    *,
    about: tuple[str, ...] | None = None,
    optional_parts: bool = False,
) -> Callable[[Callable[..., Draft]], Function]:
    """Register a one-call case: the function edits the plain valid call once; the target must refuse it by REFUSAL.

    Args:
        identity: the case's id.
        refusal: how the target must refuse the call.
        unchanged: the requirement that is broken when the refused call changes anything.
        about: what the case proves of all that, where it needs a state that not every target has and other cases prove
            the rest.
        optional_parts: the call that is edited has the optional parts, too; one case of each kind does, as a target may
            check less of such a call.
    """

    def decorate(function: Callable[..., Draft]) -> Function:
        wants = tuple(inspect.signature(function).parameters)[1:]

        def test(ctx: CaseContext) -> None:
            ctx.refusals.must_refuse(
                lambda plain: function(plain, *(ctx.asked_for(want) for want in wants)),
                refusal,
                unchanged,
                optional_parts=optional_parts,
            )

        test.__doc__, test.__module__ = function.__doc__, function.__module__
        test.__name__ = test.__qualname__ = function.__name__
        proves = (*refusal.requirements, unchanged) if about is None else about
        general = (
            *(requirement for requirement in refusal.requirements if requirement not in proves),
            *REFUSED_GENERAL,
        )
        codes = frozenset(refusal.codes)
        return _register(Case(identity, _title(function), _chapter(function), proves, general, codes=codes), test)

    return decorate


def registered() -> dict[str, Case]:
    """All cases by id, in the order of the chapters; importing the suite registers them."""
    for chapter in CHAPTERS:
        import_module(f"conformance.suite.{chapter}")
    # Whoever collects them may have imported the chapters in another order.
    chapters = {chapter.replace("_", " "): number for number, chapter in enumerate(CHAPTERS)}
    return dict(sorted(_cases.items(), key=lambda item: chapters.get(item[1].chapter, -1)))


def in_order(cases: Iterable[Case]) -> list[Case]:
    """CASES as they are run: by their order, then by chapters, or right behind the one of them that they name."""
    chosen = {case.id: case for case in cases}
    place = {identity: number for number, identity in enumerate(registered())}

    def key(case: Case) -> tuple[int, float]:
        after = case.after if case.after in chosen else None
        return case.order, place[case.id] if after is None else place[after] + 0.5

    return sorted(chosen.values(), key=key)


def framed(cases: Iterable[Case]) -> tuple[Case, ...]:
    """CASES in the order of the suite, between the cases that frame every run."""
    return (CONTROL_FIRST, *in_order(cases), LATE_EFFECTS, CONTROL_LAST)


def case_of(function: object) -> Case | None:
    """The case that FUNCTION is, or None when it is none."""
    return next((known for known in _cases.values() if known.body is function), None)
