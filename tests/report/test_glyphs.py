"""Text from the target becomes harmless to look at."""

from __future__ import annotations

import pytest

from conformance.report.glyphs import cut, visible


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain text", "plain text"),
        ("größe 设备 🙂", "größe 设备 🙂"),
        ("two\n\tlines", "two\n\tlines"),
        ("\x1b[31mred", "⟨ESC⟩[31mred"),
        ("\x00\r\x7f\x85", "⟨NUL⟩⟨CR⟩⟨DEL⟩⟨U+0085⟩"),
        ("\u202egnp\u2066", "⟨U+202E⟩gnp⟨U+2066⟩"),
        ("\u200b\u00a0\ufeff", "⟨U+200B⟩⟨NBSP⟩⟨BOM⟩"),
        ("\u2028\ue000\ud800", "⟨U+2028⟩⟨U+E000⟩⟨U+D800⟩"),
    ],
)
def test_invisible_becomes_visible(text: str, expected: str) -> None:
    """Controls, bidirectional marks, odd spaces and half surrogates show; letters of any script stay."""
    assert expected == visible(text)


def test_cut_says_how_much() -> None:
    """A cut text comes with the number of characters left off."""
    assert cut("abcdefg", 3) == ("abc", 4)
    assert cut("abc", 3) == ("abc", 0)
