"""What a run is given: its configuration and its options. It is made once and never changes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from conformance.configuration.settings import Configuration

__all__ = ["Context", "Options", "new_seed"]


@dataclass(frozen=True)
class Options:
    """How to run.

    Attributes:
        seed: of the generated cases.
        max_calls: maximum number of calls to the endpoint under test.
        slow: also run the cases that wait for minutes to pass, about five in all.
        exhaust: use up the target's real allowance of calls.
        replay: the id of the one generated request to send; None for all.
        cache: the folder of failing requests; None: the user's own.
    """

    seed: int = 0
    max_calls: int = 200
    slow: bool = False
    exhaust: bool = False
    replay: str | None = None
    cache: Path | None = None


@dataclass(frozen=True)
class Context:
    """The configuration of the target and its provider, and the options of the run."""

    configuration: Configuration
    options: Options


def new_seed() -> int:
    """A seed for a run that was given none."""
    return secrets.randbelow(2**32)
