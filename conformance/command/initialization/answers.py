"""What init has to know, and the languages that it writes a hook in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["BASE_URL", "CI_SERVICES", "LANGUAGES", "PROVIDERS", "Answers", "Language"]

BASE_URL = "https://localhost:8743"
"""The default, which is seldom right."""


@dataclass(frozen=True)
class Language:
    """A language of the hook.

    Args:
        words: what it is, for a person who chooses.
        file: the file that holds the hook.
        template: the name of its template.
        start: the command that starts it.
        job: the commands that start it in a CI job, where nothing is installed yet.
        install: the command that installs what it needs, or None.
        package: the Debian package that it needs in an image that has only Python, or None.
    """

    words: str
    file: str
    template: str
    start: str
    job: tuple[str, ...]
    install: str | None = None
    package: str | None = None


LANGUAGES: Mapping[str, Language] = MappingProxyType(
    {
        "python": Language(
            "Python, its standard library only", "hook.py", "python.jinja", "python hook.py", ("python3 hook.py &",)
        ),
        "fastapi": Language(
            "Python with FastAPI",
            "hook.py",
            "fastapi.jinja",
            "python hook.py",
            (
                "python3 -m venv .hook-venv",
                ".hook-venv/bin/python -m pip install --quiet fastapi uvicorn",
                ".hook-venv/bin/python hook.py &",
            ),
            install="python -m pip install fastapi uvicorn",
        ),
        "node": Language(
            "Node.js 18 or newer", "hook.mjs", "node.jinja", "node hook.mjs", ("node hook.mjs &",), package="nodejs"
        ),
        "java": Language(
            "Java 17 or newer, the JDK only",
            "Hook.java",
            "java.jinja",
            "java Hook.java",
            ("java Hook.java &",),
            package="openjdk-17-jdk-headless",
        ),
    }
)
PROVIDERS: Mapping[str, str] = MappingProxyType(
    {
        "hook": "a small HTTP endpoint that you write; tests the most",
        "northbound": "the platform's own API, with offline devices that you name",
        "static": "ids of test data that you name, each used once",
        "none": "nothing is prepared; every answer to an accepted call stays untested",
    }
)
CI_SERVICES: Mapping[str, str] = MappingProxyType(
    {"github": "GitHub Actions", "gitlab": "GitLab CI/CD", "none": "no CI job"}
)


@dataclass(frozen=True)
class Answers:
    """Everything that init was told. language: None unless provider is "hook"."""

    base_url: str
    provider: str
    language: str | None
    ci: str
