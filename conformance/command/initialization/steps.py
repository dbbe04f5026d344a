"""What to do once init has written its files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from conformance.command.initialization.answers import BASE_URL, LANGUAGES, Answers
from conformance.command.initialization.files import CI_FILES, credentials
from conformance.configuration.source import DEFAULT_FILE

__all__ = ["steps"]

FILL_IN = {
    "northbound": f"Name your devices in {DEFAULT_FILE}.",
    "static": f"Name your test data in {DEFAULT_FILE}.",
}
CI_STEPS = {
    "github": (
        "For the CI job, replace your-organisation/… in {file} with the repository that holds the suite, "
        "and store {credentials} as secrets."
    ),
    "gitlab": (
        "For the CI job, include {file} in .gitlab-ci.yml, "
        "and set CONFORMANCE_SOURCE, {credentials} as variables of the project."
    ),
}


def steps(answers: Answers, written: Sequence[Path]) -> str:
    """Which files were WRITTEN for ANSWERS, what to fill in, the next two commands, and what the CI job needs."""
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
    if answers.ci in CI_STEPS:
        facts = {"file": CI_FILES[answers.ci], "credentials": " and ".join(credentials(answers))}
        lines += ["", CI_STEPS[answers.ci].format(**facts)]
    return "\n".join(lines)
