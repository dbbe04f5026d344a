"""Which secrets can't be told from the suite's own words."""

from __future__ import annotations

import pytest

from conformance.evidence.vocabulary import is_common


@pytest.mark.parametrize(
    "word",
    ["x", "1", "12345", "aB3$x", "deviceId", "DEVICECOMMANDS", "expect", "violat", "Content-Type", "100418", "Bearer"],
)
def test_own_words_are_common(word: str) -> None:
    """What is short, or stands in a word of the suite or of HTTP, is common, in any letter case."""
    assert is_common(word)


@pytest.mark.parametrize("word", ["hunter22", "b7Rk2Q", "k1k1k1k1", "correct horse battery", "SECRETTOKEN100"])
def test_others_are_not(word: str) -> None:
    """What the suite never says isn't, be it a word or not."""
    assert not is_common(word)
