"""The redaction, under the name that it had before it got a room of its own."""

from conformance.evidence.redaction import CUT, Redaction

__all__ = ["CUT", "Redaction"]
