"""The matrix of fault against case as a page that a person can read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment

from tests.proof.figures import Figures
from tests.proof.trial import Trial

__all__ = ["render"]

PAGE = Path(__file__).with_name("page.html")


def render(trials: Sequence[Trial], figures: Figures) -> str:
    """A self-contained page of TRIALS."""
    single = [trial for trial in trials if trial.kind == "fault"]
    requirements = dict.fromkeys(trial.requirements[0] for trial in single)
    killers = dict.fromkeys(killer for trial in single for killer in trial.killers)
    environment = Environment(autoescape=True, trim_blocks=False)
    return environment.from_string(PAGE.read_text("utf-8")).render(
        figures=figures,
        cases=list(killers),
        groups=[(one, [trial for trial in single if trial.requirements[0] == one]) for one in requirements],
        legal=[trial for trial in trials if trial.kind in ("variant", "mixture")],
        pairs=[trial for trial in trials if trial.kind == "pair"],
    )
