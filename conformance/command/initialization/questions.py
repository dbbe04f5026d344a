"""The questions of init; each has a flag, which answers it beforehand."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from conformance.command.initialization.answers import BASE_URL, CI_SERVICES, LANGUAGES, PROVIDERS, Answers
from conformance.configuration.addresses import base_url_of
from conformance.exceptions import UsageError

__all__ = ["ask"]


def ask(*, base_url: str | None, provider: str | None, language: str | None, ci: str | None, yes: bool) -> Answers:
    """The answers: those that were given as flags, and for the rest what a person says, or the default.

    Args:
        base_url: --base-url.
        provider: --provider.
        language: --hook; it says that the provider is a hook, too.
        ci: --ci.
        yes: take every default that is left.

    Raises UsageError when flags contradict each other or are wrong, or when nobody can be asked.
    """
    if language is not None and provider not in (None, "hook"):
        raise UsageError([f"--hook {language} needs --provider hook, not {provider}: leave one of them out"])
    if language is not None:
        provider = "hook"
    if base_url is not None:
        base_url = base_url.strip()
        wrong = _problem(base_url)
        if wrong:
            raise UsageError([wrong])
    given = {"--base-url": base_url, "--provider": provider, "--hook": language, "--ci": ci}
    if provider not in (None, "hook"):
        del given["--hook"]
    if yes:
        base_url = base_url or BASE_URL
        provider = provider or "hook"
        ci = ci or _ci_service()
    elif not _terminal() and None in given.values():
        left_out = ", ".join(flag for flag, value in given.items() if value is None)
        raise UsageError([f"init can't ask without a terminal: give {left_out}, or --yes to take the defaults"])
    base_url = base_url or _base_url()
    provider = provider or _choice(
        "How are states prepared, such as a device with pending commands?", PROVIDERS, "hook"
    )
    if provider == "hook":
        language = language or ("python" if yes else _language())
    ci = ci or _choice("Which CI service runs the tests?", CI_SERVICES, _ci_service())
    return Answers(base_url, provider, language, ci)


def _terminal() -> bool:
    return sys.stdin.isatty()


def _ci_service() -> str:
    """The service whose files are here, or GitHub."""
    return "gitlab" if Path(".gitlab-ci.yml").exists() else "github"


def _problem(base_url: str) -> str | None:
    """What is wrong with BASE_URL as the implementation's, or None."""
    _, wrong = base_url_of(base_url)
    return f"--base-url: {wrong}; it has the form https://host:port" if wrong else None


def _base_url() -> str:
    while True:
        base_url: str = click.prompt("Base URL of your implementation", default=BASE_URL).strip()
        problem = _problem(base_url)
        if problem is None:
            return base_url
        click.echo(problem)


def _language() -> str:
    words = {name: language.words for name, language in LANGUAGES.items()}
    return _choice("Which language do you write the hook in?", words, "python")


def _choice(question: str, choices: Mapping[str, str], default: str) -> str:
    click.echo(f"\n{question}")
    width = max(map(len, choices))
    for name, words in choices.items():
        click.echo(f"  {name:{width}}  {words}")
    chosen: str = click.prompt("Choose", type=click.Choice(list(choices)), default=default, show_choices=False)
    return chosen
