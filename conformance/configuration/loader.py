"""The configuration of a run: file, environment and command line, checked as a whole before any call is made."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from conformance.configuration.declarations import counted_release, declarations
from conformance.configuration.keys import SECTIONS, VARIABLES, variable_of
from conformance.configuration.provider import provider_settings, read_provider
from conformance.configuration.reader import Reader
from conformance.configuration.settings import SECRETS, Configuration, Untestable, Waiver, inside
from conformance.configuration.source import file_table, table_of
from conformance.configuration.target import target_settings
from conformance.exceptions import UsageError

__all__ = ["load", "secrets"]


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
    table, path = file_table(file)
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
    table: Mapping[str, object] = {}
    with suppress(UsageError):
        table, _ = file_table(file)
    static: dict[str, object] = {}
    with suppress(ValueError):
        static = table_of(environ.get(variable_of("provider", "static"), ""))
    for keys, name in SECRETS.items():
        by_variable = environ.get(variable_of(keys[0], keys[-1]))
        for value in (by_variable, inside(table, *keys), inside({"provider": {"static": static}}, *keys)):
            if value:
                yield value, name


def _whole(reader: Reader, declared: tuple[tuple[Waiver, ...], tuple[Untestable, ...]]) -> Configuration:
    provider = read_provider(reader)
    target = target_settings(reader, provider)
    if reader.problems or target is None:
        raise UsageError(reader.problems)
    return Configuration(target, provider_settings(provider), *declared)
