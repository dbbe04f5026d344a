"""conformance init: asks a few questions, and writes what a first run against one's own implementation needs."""

from conformance.command.initialization.answers import CI_SERVICES, LANGUAGES, PROVIDERS, Answers
from conformance.command.initialization.files import write
from conformance.command.initialization.questions import ask
from conformance.command.initialization.steps import steps

__all__ = ["CI_SERVICES", "LANGUAGES", "PROVIDERS", "Answers", "ask", "steps", "write"]
