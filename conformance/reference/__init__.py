"""An embedded implementation of the call, written by hand from the source document.

It imports nothing else of the suite, so that a mistake in the contract can't hide by being in both.
"""

from .reference import Reference

__all__ = ["Reference"]
