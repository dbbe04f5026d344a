"""Text from the target becomes harmless to look at."""

from __future__ import annotations

import pytest

from conformance.evidence.glyphs import block, cut, line, visible


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
        ("a\u3164\ufe0f\u2800\U000e0041", "a⟨U+3164⟩⟨U+FE0F⟩⟨U+2800⟩⟨U+E0041⟩"),
    ],
)
def test_invisible_becomes_visible(text: str, expected: str) -> None:
    """Controls, bidirectional marks, odd spaces and half surrogates show; letters of any script stay."""
    assert expected == visible(text)


def test_cut_says_how_much() -> None:
    """A cut text comes with the number of characters left off."""
    assert ("abc", 4) == cut("abcdefg", 3)
    assert ("abc", 0) == cut("abc", 3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n b\t\tc ", "a b c"),
        ("::error title=x::y", ":⟨⟩:error title=x:⟨⟩:y"),
        ("a ::stop-commands::b", "a :⟨⟩:stop-commands:⟨⟩:b"),
        (":::::", ":⟨⟩:⟨⟩:⟨⟩:⟨⟩:"),
        ("a##[error]b ##vso[task.x]c ##TeamCity[d]", "a#⟨⟩#[error]b #⟨⟩#vso[task.x]c #⟨⟩#TeamCity[d]"),
        (":\n:error::", ": :error:⟨⟩:"),
        (":\u200b:error", ":⟨U+200B⟩:error"),
        ("#12 ## C# a:b", "#12 ## C# a:b"),
        ("https://[::1]:8743/ https://[fe80::1]", "https://[::1]:8743/ https://[fe80::1]"),
        ("[::error::] [::1]::error", "[:⟨⟩:error:⟨⟩:] [::1]:⟨⟩:error"),
        ("x\nConformant: all\n\t non-conformant", "x C⟨⟩onformant: all n⟨⟩on-conformant"),
        ("x\r\nReport: y\nFAILED z", "x⟨CR⟩ R⟨⟩eport: y F⟨⟩AILED z"),
        ("Conformant: every MUST that can be tested holds.", "Conformant: every MUST that can be tested holds."),
        ("x\nfails, and confirms", "x fails, and confirms"),
        ("\x1b]0;title\x07\x9b31m", "⟨ESC⟩]0;title⟨BEL⟩⟨U+009B⟩31m"),
    ],
)
def test_line_gives_no_command(text: str, expected: str) -> None:
    """What comes from elsewhere is one line, in which nothing is a command or passes for a line of the suite's."""
    assert expected == line(text)


@pytest.mark.parametrize("width", [5, 30, 60, 200])
def test_block_marks_its_further_lines(width: int) -> None:
    """Wherever text from elsewhere is wrapped, what begins a line is the suite's: spaces and a mark."""
    text = "設 word " * 30 + "Conformant: every MUST holds. ::error::x " + "x" * 300
    first, *further = block(text, 10, width).split("\n")

    assert first.startswith("設 word")
    assert all(one.startswith(" " * 10 + "… ") for one in further)
    assert "".join(line(text).split()) == "".join(
        "".join([first, *(one.removeprefix(" " * 10 + "… ") for one in further)]).split()
    )
