"""An embedded implementation of the call, written by hand from the source document.

It imports nothing else of the suite, so that a mistake in the contract can't hide by being in both.
"""

from conformance.reference.configuration import replaceable
from conformance.reference.edits import Fault, Variant
from conformance.reference.fault import faults
from conformance.reference.reference import Reference
from conformance.reference.variant import variants

__all__ = ["Fault", "Reference", "Variant", "faults", "replaceable", "variants"]
