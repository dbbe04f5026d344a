"""What to do once init has written its files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from conformance.command.initialization.answers import BASE_URL, LANGUAGES, Answers
from conformance.command.initialization.files import credentials
from conformance.configuration.settings import DEFAULT_FILE

__all__ = ["steps"]

FILL_IN = {
    "northbound": f"Name your devices in {DEFAULT_FILE}.",
    "static": f"Name your test data in {DEFAULT_FILE}.",
}


def steps(answers: Answers, written: Sequence[Path]) -> str:
    """Which files were WRITTEN for ANSWERS, what to fill in, and the next two commands."""
    lines = ["", *(f"Wrote {path}" for path in written), ""]
    if answers.base_url == BASE_URL:
        lines.append(f"Put the base URL of your implementation into {DEFAULT_FILE}, if it isn't {BASE_URL}.")
    lines.append(f"Set the environment variables {' and '.join(credentials(answers))}.")
    if answers.language:
        language = LANGUAGES[answers.language]
        install = f"{language.install} && " if language.install else ""
        lines.append(f"Fill in {language.file}, device and commands first, and start it in a second terminal:")
        lines += ["", f"  {install}{language.start}", ""]
    elif answers.provider in FILL_IN:
        lines.append(FILL_IN[answers.provider])
    lines += [
        "Then see whether everything is there, and run the tests:",
        "",
        "  conformance check",
        "  conformance run",
    ]
    return "\n".join(lines)
