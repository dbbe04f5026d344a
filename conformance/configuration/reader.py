"""Collects what file, environment and command line say, and every problem found on the way."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from conformance.configuration.keys import CACHE_DIR, ONLY_OPTIONS, OTHER_VARIABLES, PREFIX, VARIABLES, Key, variable_of
from conformance.configuration.source import table_of

__all__ = ["Reader", "nearest"]

ALIKE = 0.6
"""How much a misspelling has in common with what is meant."""

LONGER = 2
"""Characters by which a misspelling may be longer."""

WORDS = re.compile(r"[a-z]{1,14}([_-][a-z]{1,14}){0,5}")
"""What reads like the name of a key."""

TYPE_NAMES = {
    str: "a string",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list of strings",
    dict: "a table",
}


class Reader:
    """Collects settings of all three origins, and every problem found on the way."""

    def __init__(
        self,
        file: Mapping[str, Any],
        name: str,
        environ: Mapping[str, str],
        flags: Mapping[str, str | None],
        folder: Path = Path(),
    ) -> None:
        self.file, self.name, self.environ, self.flags, self.folder = file, name, environ, flags, folder
        self.problems: list[str] = []
        self.by_file: set[str] = set()
        """The settings that the file gives, as in "target.base_url"."""

        self.refused: set[str] = set()
        """The settings that are given wrongly, so that it isn't said that they are missing."""

    def section(self, section: str, keys: Sequence[Key]) -> dict[str, Any]:
        """The settings of SECTION: command line over environment over file."""
        table = self.file.get(section, {})
        if not isinstance(table, dict):
            self.problems.append(f"[{section}] in {self.name} must be a table")
            table = {}
        self.unknown(table, [key.name for key in keys], f"[{section}] of {self.name}")
        found: dict[str, Any] = {}
        for key in keys:
            variable, place = variable_of(section, key.name), f"{section}.{key.name}"
            flag = self.flags.get(key.flag) if key.flag else None
            before = len(self.problems)
            if flag is not None:
                self._convert(found, key, flag, key.flag or "")
            elif variable in self.environ:
                self._convert(found, key, self.environ[variable], variable)
            elif key.name in table:
                self.by_file.add(place)
                self._check(found, key, table[key.name], f"{place} in {self.name}")
            if len(self.problems) > before:
                self.refused.add(place)
        return found

    def path(self, section: str, key: str, text: str) -> tuple[Path, str]:
        """(the path TEXT of KEY, where it is sought): beside the file that names it, else in the working folder."""
        by_file = f"{section}.{key}" in self.by_file
        path = Path(text)
        with suppress(RuntimeError):
            # There may be no such user.
            path = path.expanduser()
        sought = "" if path.is_absolute() else f" beside {self.name}" if by_file else " in the working folder"
        return (self.folder if by_file else Path()) / path, sought

    def variables(self) -> None:
        """A problem for every variable of the suite's prefix that it doesn't know, with the nearest that it does."""
        for name in self.environ:
            if name == CACHE_DIR and not self.environ[name]:
                self.problems.append(f"{name} is empty: name a folder, or unset it")
            elif name.upper().startswith(PREFIX) and name not in (*VARIABLES, *OTHER_VARIABLES):
                self.problems.append(f"unknown variable {name}: {_meant(name)}")

    def unknown(self, table: Mapping[str, Any], names: Sequence[str], where: str) -> None:
        """A problem for every key of TABLE that isn't in NAMES, with the nearest one that is."""
        for number, key in enumerate(table, 1):
            if key not in names:
                near, shown = nearest(key, names)
                hint = f"did you mean {near}?" if near else f"known keys: {', '.join(names)}"
                self.problems.append(f"unknown key {shown or f'(number {number})'} in {where}: {hint}")

    def _convert(self, found: dict[str, Any], key: Key, text: str, variable: str) -> None:
        if not text.strip():
            # A variable that CI leaves empty, as it is protected or missing, must not pass for one that isn't set.
            self.problems.append(f"{variable} is empty; give it a value, or leave it out")
            return
        try:
            # What the environment holds of other bytes than UTF-8 can't be sent.
            text.encode("utf-8")
            if key.type is bool:
                found[key.name] = {"true": True, "1": True, "false": False, "0": False}[text.strip().lower()]
            elif key.type is list:
                found[key.name] = [part.strip() for part in text.split(",") if part.strip()]
            elif key.type is dict:
                found[key.name] = table_of(text)
            else:
                found[key.name] = key.type(text)
        except (ValueError, KeyError):
            self.problems.append(f"{variable} must be {TYPE_NAMES[key.type]}")

    def _check(self, found: dict[str, Any], key: Key, value: Any, where: str) -> None:
        right = isinstance(value, (int, float) if key.type is float else key.type)
        if right and key.type in (int, float) and isinstance(value, bool):
            right = False
        if right and key.type is list:
            right = all(isinstance(element, str) for element in value)
        if not right:
            self.problems.append(f"{where} must be {TYPE_NAMES[key.type]}")
        elif (place := _empty(value)) is not None:
            self.problems.append(f"{place}{where} is empty; give it a value, or leave it out")
        else:
            found[key.name] = value

    def tables(self, name: str, keys: Sequence[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The tables [[NAME]] of the file with a name for each, their keys checked."""
        tables = self.file.get(name, [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self.problems.append(f"[[{name}]] in {self.name} must be a list of tables")
            return
        for number, table in enumerate(tables, 1):
            where = f"[[{name}]] number {number} of {self.name}"
            self.unknown(table, keys, where)
            yield where, table


def _empty(value: object) -> str | None:
    """Which text of VALUE, a text or a list of texts, is empty, "" where it is VALUE itself; None when none is."""
    if isinstance(value, str):
        return None if value.strip() else ""
    texts = value if isinstance(value, list) else ()
    return next((f"entry {number} of " for number, one in enumerate(texts, 1) if not one.strip()), None)


def nearest(given: str, known: Collection[str]) -> tuple[str | None, str | None]:
    """(the one of KNOWN that GIVEN is probably meant for, GIVEN itself), either None.

    It is shown only as a misspelling or a name: what stands in a wrong place may be a credential.
    """
    named = given if WORDS.fullmatch(given) else None
    near = difflib.get_close_matches(given, known, n=1, cutoff=0.5)
    if not near:
        return None, named
    alike = difflib.SequenceMatcher(None, given, near[0]).ratio() >= ALIKE
    return near[0], given if alike and len(given) <= len(near[0]) + LONGER else named


def _meant(name: str) -> str:
    """What is probably meant by the variable NAME, which there isn't."""
    option = f"--{name.upper().removeprefix(PREFIX).replace('_', '-').lower()}"
    if name.upper() not in VARIABLES and option in ONLY_OPTIONS:
        return f"that is set by {option} only"
    near = difflib.get_close_matches(name.upper(), (*VARIABLES, CACHE_DIR), n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else f"known ones: {', '.join(VARIABLES)}"
