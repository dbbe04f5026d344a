"""Whatever stands in a configuration, a variable or an option: it is used, or refused in a line; nothing crashes."""

from __future__ import annotations

import copy
import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from conformance.command import cli
from conformance.configuration.keys import PROVIDER_KEYS, TARGET_KEYS, variable_of
from conformance.reference import Reference

from .conftest import Command

KEYS = [(section, key.name) for section, keys in (("target", TARGET_KEYS), ("provider", PROVIDER_KEYS)) for key in keys]
NORTHBOUND = [key.name for key in PROVIDER_KEYS if key.name.endswith(("device_ids", "app_id", "app_key", "secret"))]
TEXTS = (
    *("", " ", "-1", "0", "1e-320", "9" * 30, "9" * 400, "1e308", "nan", "-inf", "x" * 5000, "a/" * 3000, "a,,b"),
    *("~nouser/x", "/", "/dev/zero", "/proc/self/mem", "pipe", "loop", "folder"),
    *("\u0085", "ü", "\u202e", "\x1b[2J\n::error::x", "##vso[x]y", "[" * 500, "{", "=" * 3),
    *("http://127.0.0.1:9/ü", "http://127.0.0.1:9/\u0085", "http://127.0.0.1:9/a b", "http://127.0.0.1:9\n"),
    *("http://a..b", f"http://{'a' * 70}.example", "http://[v1.a]", "http://[::1%25x]:1", "http://.", "http://a\\b"),
)
BYTES = ("\udcff", "http://127.0.0.1:9/\udcff", 'a = "\udcff"')
"""What a variable or an option may hold, and a file not."""

SHARE = 3
"""Of the values each key and option is given one in so many, another share than the one before."""

VALUES: tuple[Any, ...] = (
    *(*TEXTS, "a\0b", "http://127.0.0.1:9/\0"),
    *(0, -1, 10**19, 10**400, float("nan"), float("inf"), 1e308, 1e-320, True),
    *([], [""], ["\0"], ["x" * 5000], [[]], [1], {}, {"a": 1}),
    *({"devices": [{}]}, {"devices": [{"id": "\0"}]}, {"foreign_device": 1}, {"unauthorized_app_id": "x" * 99999}),
    *({"authorized_application": []}, {"expired_token": "\n"}),
)
PATHS = (
    "pipe",
    "loop",
    "folder",
    "full",
    "nowhere",
    "none/x",
    "@loop",
    "@pipe",
    "@folder",
    "--",
    "-",
    "@",
    "\udcff.json",
)
OPTIONS = (
    *(("serve", "--http", f"--{name}") for name in ("port", "calls-per-minute", "token-lifetime", "fault", "variant")),
    *(("serve", "--http", f"--{name}") for name in ("write-config", "provider")),
    *(("init", "--yes", f"--{name}") for name in ("base-url", "provider", "hook", "ci")),
    ("init", "--yes"),
    ("list", "--format"),
    ("list",),
    ("explain",),
    *(("check", f"--{name}") for name in ("config", "base-url")),
    ("report",),
    ("report", "results.json", "--reports"),
    ("report", "results.json", "results.json", "--reports"),
    ("verify",),
    ("compare", "results.json"),
    ("annotate",),
    ("annotate", "results.json", "--outputs"),
    ("judge",),
    ("judge", "traffic.har", "--reports"),
    *(("run", "-k", "none-such", f"--{name}") for name in ("base-url", "config", "max-calls", "max-time", "seed")),
    *(("run", "-k", "none-such", f"--{name}") for name in ("reports", "replay", "requirements", "write-waivers")),
)


@pytest.fixture(scope="module")
def reference() -> Iterator[Reference]:
    """The correct reference, over plain HTTP."""
    with Reference.start(tls=False, calls_per_minute=0) as started:
        yield started


@pytest.fixture(autouse=True)
def _places(tmp_path: Path) -> None:
    """What a path may lead to."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "nowhere").symlink_to("none")
    (tmp_path / "full").symlink_to("/dev/full")
    os.mkfifo(tmp_path / "pipe")


def settings(reference: Reference, kind: str = "hook") -> dict[str, dict[str, Any]]:
    """The configuration of REFERENCE."""
    tables: dict[str, dict[str, Any]] = tomllib.loads(reference.configuration(kind))  # type: ignore[arg-type]  # one of the three
    tables["target"] |= {"calls_per_minute": 0, "timeout": 2}
    return {section: tables[section] for section in ("target", "provider")}


def as_toml(value: Any) -> str:
    """VALUE as TOML."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{json.dumps(key)} = {as_toml(one)}' for key, one in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(as_toml, value))}]"
    return json.dumps(value) if isinstance(value, str | bool) else str(value)


def configure(tables: Mapping[str, Mapping[str, Any]]) -> None:
    """Have ./conformance.toml hold TABLES."""
    lines = [
        f"[{name}]\n" + "".join(f"{key} = {as_toml(one)}\n" for key, one in table.items())
        for name, table in tables.items()
    ]
    Path("conformance.toml").write_text("".join(lines), "utf-8")


def problem(done: Result) -> str | None:
    """What is wrong with how a command ended; None when nothing is."""
    if done.exit_code not in (0, 1, 2, 4, 5, 6, 7):
        return f"exit status {done.exit_code}: {done.output[-300:]}"
    if "Traceback" in done.output:
        return repr(done.output)
    if done.exit_code != 4:
        return None
    # What annotate prints before is for CI.
    lines = [one for one in done.output.splitlines() if not re.match("::(error|warning|notice) title=", one)]
    shown = [one for one in lines if "::" in one or "##" in one or not one.isprintable()]
    return repr(shown) if shown or not lines else None


@pytest.mark.parametrize(("section", "key"), KEYS, ids=[".".join(key) for key in KEYS])
def test_keys(conformance: Command, reference: Reference, section: str, key: str) -> None:
    """Each key of the file, and each variable, takes any value, or refuses it with exit status 4."""
    found: dict[str, str | None] = {}
    tables = settings(reference, "static" if key == "static" else "northbound" if key in NORTHBOUND else "hook")
    turn = KEYS.index((section, key)) % SHARE
    for value in VALUES[turn::SHARE]:
        changed = copy.deepcopy(tables)
        changed[section][key] = value
        configure(changed)
        found[f"file: {str(value)[:60]!r}"] = problem(conformance("check"))
    configure(tables)
    for text in (*TEXTS, *BYTES)[turn::SHARE]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(variable_of(section, key), text)
            found[f"variable: {text[:60]!r}"] = problem(conformance("check"))

    assert {} == {value: wrong for value, wrong in found.items() if wrong}


@pytest.mark.parametrize("words", OPTIONS, ids=" ".join)
def test_options(
    conformance: Command, reference: Reference, right: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """So does each option, and each argument, of each command."""
    monkeypatch.setattr(cli, "_until_told_to_stop", lambda: None)
    found = {}
    for name, value in product((words,), (*TEXTS, *BYTES, *PATHS)[OPTIONS.index(words) % SHARE :: SHARE]):
        configure(settings(reference))
        for given in ("results.json", "traffic.har"):
            Path(given).write_bytes((right / given).read_bytes())
        if words[0] == "init":
            Path("conformance.toml").unlink()
        found[value[:60]] = problem(conformance(*name, value))

    assert {} == {value: wrong for value, wrong in found.items() if wrong}
