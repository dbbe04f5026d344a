"""The configuration of a run: file, environment and command line, checked as a whole before any call is made."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from conformance.configuration.declarations import counted_release, declarations
from conformance.configuration.keys import SECTIONS, VARIABLES, variable_of
from conformance.configuration.provider import provider_settings, read_provider
from conformance.configuration.reader import Reader
from conformance.configuration.settings import SECRETS, Configuration, Untestable, Waiver, inside
from conformance.configuration.target import target_settings
from conformance.exceptions import UsageError

__all__ = ["DEFAULT_FILE", "load", "secrets"]

DEFAULT_FILE = Path("conformance.toml")


def load(
    file: Path | None,
    environ: Mapping[str, str],
    base_url: str | None = None,
    *,
    requirements: Collection[str] = (),
    embedded: Callable[[], str] | None = None,
) -> Configuration:
    """The configuration of FILE, ENVIRON and the command line; UsageError with every problem at once.

    Args:
        file: The configuration file; None stands for ./conformance.toml, when there is one.
        environ: The environment variables.
        base_url: What --base-url says; None when it isn't given.
        requirements: The ids that declarations may name.
        embedded: Starts the embedded implementation and returns its configuration as TOML. It is called only when
            nothing at all is said about a target; None makes that an error.
    """
    table, path = _read_file(file)
    name = path.name if path else "the configuration"
    folder = path.parent if path else Path()
    reader = Reader(table, name, environ, {"--base-url": base_url}, folder)
    reader.unknown(table, SECTIONS, name)
    reader.variables()
    declared, counting = declarations(reader, requirements), counted_release(reader)
    targeted = file is not None or base_url is not None or "target" in table or "provider" in table
    if targeted or embedded is None or any(variable in environ for variable in VARIABLES):
        return replace(_whole(reader, declared), requirements=counting)
    if reader.problems:
        raise UsageError(reader.problems)
    own = _whole(Reader(tomllib.loads(embedded()), "the embedded implementation's configuration", {}, {}), declared)
    return replace(own, target=replace(own.target, embedded=True), requirements=counting)


def secrets(file: Path | None, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each secret that FILE and ENVIRON hold, as far as they can be read, with the name that stands for it."""
    try:
        table, _ = _read_file(file)
    except UsageError:
        table = {}
    for keys, name in SECRETS.items():
        for value in (environ.get(variable_of(keys[0], keys[-1])), inside(table, *keys)):
            if value:
                yield value, name


def _read_file(path: Path | None) -> tuple[Mapping[str, Any], Path | None]:
    """(what the configuration file holds, where it is or None)."""
    if path is None:
        # A link that leads nowhere, or a folder of that name, is told and not passed over.
        if not os.path.lexists(DEFAULT_FILE):
            return {}, None
        path = DEFAULT_FILE
    try:
        # Some editors begin a file with a byte order mark.
        return tomllib.loads(path.read_text("utf-8-sig")), path
    except OSError as error:
        raise UsageError([f"--config {path}: {error.strerror or error}"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError([f"--config {path}: not valid TOML: {error}"]) from error


def _whole(reader: Reader, declared: tuple[tuple[Waiver, ...], tuple[Untestable, ...]]) -> Configuration:
    provider = read_provider(reader)
    target = target_settings(reader, provider)
    if reader.problems or target is None:
        raise UsageError(reader.problems)
    return Configuration(target, provider_settings(provider), *declared)
