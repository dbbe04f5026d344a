"""The suite's exceptions, one tree.

ConformanceError
├── UsageError              the command line or the configuration is wrong: exit status 4
├── RecordError             a results file can't be read: exit status 4
├── DiskFull                what a command is to write doesn't fit any more: exit status 3
├── NoVerdict               the target can't be reached or refuses the configured credentials: exit status 6
├── Unprepared              the provider can't bring the target into a state: the case is not tested
└── Blocked                 an earlier finding or fault leaves a case nothing more to say
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["Blocked", "ConformanceError", "DiskFull", "NoVerdict", "RecordError", "Unprepared", "UsageError"]


class ConformanceError(Exception):
    """Base of everything that the suite raises on purpose."""


class UsageError(ConformanceError):
    """The command line or the configuration is wrong; problems holds one sentence for each thing to put right."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class RecordError(ConformanceError):
    """A results file can't be read, or holds no results."""


class DiskFull(ConformanceError):
    """What a command is to write doesn't fit any more, which is nobody's mistake on the command line."""


class NoVerdict(ConformanceError):
    """Nothing can be said about the target: it isn't reachable, or it refuses the configured credentials."""


class Unprepared(ConformanceError):
    """The provider can't bring the target into the state that a case needs; says why and what to configure."""


class Blocked(ConformanceError):
    """A case can't go on: what it found already, or a fault of the connection, leaves nothing to judge."""
