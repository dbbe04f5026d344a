"""The bar that a run shows on a terminal: calls used of the budget, what is being tested, the time left of a wait."""

from __future__ import annotations

import math
import time
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

__all__ = ["Bar"]

BESIDE = 36
"""As many columns as the calls and the time left of a wait take at most, with what stands between them."""

WIDE, NARROW, ROOMY = 24, 10, 100
"""Columns of the bar on a terminal of at least ROOMY columns, and on a narrower one."""

SHORTEST = 12


class _Left(ProgressColumn):
    """The time that is left of a wait."""

    def render(self, task: Task) -> Text:
        """The seconds, or nothing."""
        left = task.fields["until"] - time.monotonic()
        return Text(f"· waiting {math.ceil(left)} s" if left > 0 else "", style="bold")


class Bar:
    """A line on the terminal STREAM that changes, until it is taken away; MOST_CALLS fill it."""

    def __init__(self, most_calls: int, stream: TextIO) -> None:
        console = Console(file=stream)
        width = WIDE if console.width >= ROOMY else NARROW
        self._bar = Progress(
            BarColumn(bar_width=width, complete_style="cyan"),
            TextColumn("{task.completed:.0f}/{task.total:.0f} calls"),
            _Left(),
            TextColumn("· {task.description}", markup=False),
            console=console,
            transient=True,
            refresh_per_second=4,
        )
        # What doesn't fit would wrap, and take what stands beside it along.
        self._room = max(SHORTEST, console.width - width - BESIDE)
        self._task = self._bar.add_task("beginning", total=most_calls, until=0.0)

    def show(self, words: str, calls: int | None = None) -> None:
        """WORDS say what is being done; CALLS were made so far."""
        self._bar.update(self._task, description=words[: self._room], completed=calls, until=0.0)
        self._bar.start()

    def wait(self, seconds: float) -> None:
        """Count SECONDS down beside it."""
        self._bar.update(self._task, until=time.monotonic() + seconds)
        self._bar.start()

    def end(self) -> None:
        """Take it away."""
        self._bar.stop()
