"""The registry of variants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.reference.variant import answers, checks, provider, timing, wire

if TYPE_CHECKING:
    from conformance.reference.edits import Variant

_VARIANTS = (*checks.VARIANTS, *timing.VARIANTS, *answers.VARIANTS, *wire.VARIANTS, *provider.VARIANTS)


def variants() -> tuple[Variant, ...]:
    """Every variant, each with a name of its own."""
    return _VARIANTS
