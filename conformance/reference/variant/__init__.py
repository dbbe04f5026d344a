"""The registry of variants."""

from __future__ import annotations

from conformance.reference.edits import Variant
from conformance.reference.variant import answers, checks, provider, timing, wire

_VARIANTS = (*checks.VARIANTS, *timing.VARIANTS, *answers.VARIANTS, *wire.VARIANTS, *provider.VARIANTS)


def variants() -> tuple[Variant, ...]:
    """Every variant, each with a name of its own."""
    return _VARIANTS
