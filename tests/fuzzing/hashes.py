"""One hash of all requests of each seed, for the locked versions: python -m tests.fuzzing.hashes writes them anew."""

from __future__ import annotations

import hashlib
import itertools
import json
import sys
from pathlib import Path
from typing import Any

from conformance.fuzzing import input_classes
from conformance.fuzzing.versions import MADE_BY, versions

__all__ = ["FILE", "SEEDS", "hashed", "made_by"]

FILE = Path(__file__).with_name("hashes.json")
SEEDS = range(1, 21)
ENDLESS = 50
"""Examples taken of each class that has no end."""


def hashed(seed: int) -> str:
    """A hash of the requests of SEED, class by class, in the order in which they are sent."""
    ids = [
        example.id
        for input_class in input_classes.INPUT_CLASSES
        for example in (
            *input_classes.ordered(input_class, seed),
            *input_classes.fuzzed(input_class, seed),
            *itertools.islice(input_classes.endless(input_class, seed), ENDLESS),
        )
    ]
    return hashlib.sha256("".join(ids).encode("ascii")).hexdigest()


def made_by() -> dict[str, str]:
    """The versions that the hashes depend on; Python's isn't among them."""
    return {name: versions()[name] for name in MADE_BY}


def main() -> None:
    """Write the file for the installed versions."""
    found: dict[str, Any] = {"made_by": made_by(), "seeds": {str(seed): hashed(seed) for seed in SEEDS}}
    FILE.write_text(json.dumps(found, indent=1) + "\n", "ascii")
    sys.stdout.write(f"{len(SEEDS)} hashes in {FILE.relative_to(Path.cwd())}\n")


if __name__ == "__main__":
    main()
