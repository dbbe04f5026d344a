"""The suite's own options: what is read from arguments, and what is left of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.exceptions import UsageError
from conformance.plugin.options import OPTIONS, read, without

VALUED = [name for name, settings in OPTIONS if "action" not in settings]


def test_values_and_the_rest() -> None:
    """The suite's options are read wherever they stand; what is pytest's is left in its order."""
    words = ["-k", "a or b", "--base-url", "http://x", "-n2", "--seed=5", "--slow", "-x", "--reports", "r", "--strict"]
    options, rest = read(words)

    assert ("http://x", 5, True, Path("r"), True) == (
        options.base_url,
        options.seed,
        options.slow,
        options.reports,
        options.strict,
    )
    assert (None, None, None) == (options.config, options.max_calls, options.allow_untested)
    assert ["-k", "a or b", "-n2", "-x"] == rest


@pytest.mark.parametrize("name", VALUED)
def test_option_without_its_value(name: str) -> None:
    """An option whose value is missing is an error that names it, at the end and before another option."""
    said = f"{name} needs a value (a variable that is empty, and not in quotes, leaves none)"
    for words in ([name], [name, "--slow"], ["-k", "x", name]):
        with pytest.raises(UsageError) as caught:
            read(words)
        assert (said,) == caught.value.problems


@pytest.mark.parametrize("name", VALUED)
@pytest.mark.parametrize("words", [["{}", ""], ["{}", " "], ["{}="]])
def test_option_with_an_empty_value(name: str, words: list[str]) -> None:
    """An option whose value is empty is an error that names it."""
    with pytest.raises(UsageError) as caught:
        read([word.format(name) for word in words])
    assert (f"{name} is empty; give a value, or leave the option out",) == caught.value.problems


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--seed", "x"], "--seed must be a whole number"),
        (["--max-calls=1.5"], "--max-calls must be a whole number"),
        (["--max-time", "soon"], "--max-time must be a finite number of seconds"),
        (["--max-time", "inf"], "--max-time must be a finite number of seconds"),
        (["--seed", str(2**63)], "--seed must be a whole number of at most 63 bits"),
        (["--slow=yes"], "--slow ignored explicit argument 'yes'"),
    ],
)
def test_option_with_a_wrong_value(words: list[str], said: str) -> None:
    """A value of another kind is an error that names the option."""
    with pytest.raises(UsageError) as caught:
        read(words)
    assert (said,) == caught.value.problems


def test_shortened_options_are_pytests() -> None:
    """An option that is cut short isn't taken for one of the suite's; pytest says that it doesn't exist."""
    options, rest = read(["--base", "x"])
    assert (None, ["--base", "x"]) == (options.base_url, rest)


def test_without() -> None:
    """Options of the suite are taken out with their values; nothing else is, not even a word that looks like one."""
    words = ["--pyargs", "conformance", "--replay", "id", "--config=x", "-k", "replay", "--slow"]
    assert ["--pyargs", "conformance", "-k", "replay", "--slow"] == without(words, ["--replay", "--config"])
