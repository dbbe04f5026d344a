"""Starts pytest for `conformance run`: with the suite's cases and nothing of the folder or the environment around it.

Pytest's settings, conftest.py files, other plugins and paths of that folder have no say in a run. What a user asks of
pytest by an option, such as -k, -x, -n or --lf, goes on to pytest.
"""

from __future__ import annotations

import difflib
import hashlib
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from conformance.cache import folder as cache_folder
from conformance.configuration.keys import PROVIDER_KEYS, TARGET_KEYS, variable_of
from conformance.evidence.glyphs import lines
from conformance.exceptions import UsageError
from conformance.plugin import names_among, options
from conformance.plugin.gc_policy import Garbage

__all__ = ["run"]

SUITE = Path(__file__).resolve().parent.parent / "suite"
PLUGINS = ("conformance.plugin", "xdist.plugin")
"""The plugins that a run has, those that are installed. No other one is loaded unless -p names it."""

NOT_NEEDED = ("unraisableexception", "threadexception", "pastebin")
"""Plugins of pytest itself that a run gains nothing from: two cost time at its start, one sends text elsewhere."""

STEERING = ("PYTEST_ADDOPTS", "PYTEST_DEBUG", "PYTEST_PLUGINS")
"""Variables by which a user steers pytest's runs of other tests."""

SAFE_PATH = "PYTHONSAFEPATH"
"""With it, the processes of a distributed run don't look for modules in the working folder."""


class _NothingElse:
    """A plugin that lets the suite be collected and no other file."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_cmdline_parse(self) -> Generator[None, object, object]:
        with _told_plainly():
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_cmdline_main(self) -> Generator[None, object, object]:
        with _told_plainly():
            return (yield)

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self, parser: pytest.Parser, args: list[str]) -> None:
        """Refuse the paths among ARGS; all of pytest's options are known by now."""
        foreign = options.read(args)[1]
        unknown = [word for word in parser.parse_known_and_unknown_args(foreign)[1] if word.startswith("-")]
        if unknown:
            # The word behind it may be its value.
            name = unknown[0].partition("=")[0]
            raise pytest.UsageError(f"conformance run has no option {name}: {_meant(name)}")
        strangers = [name for name in names_among(foreign, parser) if name != str(SUITE)]
        if strangers:
            raise pytest.UsageError(
                f"conformance run takes no paths or words without an option, as {strangers[0]} is; "
                "to select cases, use -k, as in -k revocation"
            )


def _meant(name: str) -> str:
    """What is probably meant by the option NAME, which there isn't."""
    key = name.lstrip("-").replace("-", "_")
    for section, keys in (("target", TARGET_KEYS), ("provider", PROVIDER_KEYS)):
        if key in {one.name for one in keys}:
            return f"set {key} under [{section}] in the configuration file, or the variable {variable_of(section, key)}"
    known = [option for option, _ in (*options.OPTIONS, options.STRICT)]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else "see conformance run --help"


def _cache() -> list[str]:
    """Where pytest keeps what --lf needs: in the user's cache, for each working folder apart; else nowhere."""
    try:
        here = Path.cwd()
    except FileNotFoundError:
        raise UsageError(["the working folder is gone: change into another one"]) from None
    place = hashlib.blake2b(os.fsencode(here), digest_size=8).hexdigest()
    folder = cache_folder() / "pytest" / place
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return ["-p", "no:cacheprovider"]
    return ["-o", f"cache_dir={folder}"]


def words(arguments: Sequence[str]) -> list[str]:
    """What pytest is given for ARGUMENTS of a run."""
    # Twice, as pytest's last line counts cases only, and would stand below a verdict that more than cases decide.
    quiet = [] if any(argument in arguments for argument in ("-v", "-vv", "--verbose")) else ["-qq"]
    return [
        # In front, so that no option of the user's that lacks its value can take it for that.
        str(SUITE),
        f"--config-file={os.devnull}",
        f"--rootdir={SUITE}",
        "--noconftest",
        "--disable-plugin-autoload",
        *(f"-p{name}" for name in PLUGINS if find_spec(name.partition(".")[0])),
        *(f"-pno:{name}" for name in NOT_NEEDED),
        *_cache(),
        # The suite asserts nothing, so there is nothing to rewrite.
        "--assert=plain",
        "--no-header",
        "--tb=no",
        "-rN",
        *quiet,
        *arguments,
    ]


@contextmanager
def _told_plainly() -> Iterator[None]:
    """What pytest has to say of the command line quotes it, and goes to the terminal as it is."""
    try:
        yield
    except pytest.UsageError as error:
        raise pytest.UsageError(*(lines(str(words)) for words in error.args)) from error


@contextmanager
def _unsteered() -> Iterator[None]:
    """Without the variables of STEERING, and with SAFE_PATH; all are as they were again afterwards."""
    saved = {name: os.environ.pop(name) for name in (*STEERING, SAFE_PATH) if name in os.environ}
    os.environ[SAFE_PATH] = "1"
    try:
        yield
    finally:
        del os.environ[SAFE_PATH]
        os.environ.update(saved)


def run(arguments: Sequence[str]) -> int:
    """Run the suite with ARGUMENTS, the suite's options and pytest's, and return the exit status.

    UsageError when an option of the suite has no value, or a wrong one: before pytest sees anything.
    """
    options.read(arguments)
    with _unsteered():
        return int(pytest.main(words(arguments), plugins=[Garbage(), _NothingElse()]))
