"""summary.md, as a Markdown reader shows it."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from conformance.report.markdown import write_markdown
from tests.records import changed

SUB = {"<sub>", "</sub>"}


def _tokens(text: str) -> list[Token]:
    tokens = MarkdownIt("gfm-like", {"html": True}).parse(text)
    return tokens + [child for token in tokens for child in token.children or ()]


@pytest.mark.parametrize("name", ["conformant", "non-conformant", "incomplete", "no-verdict"])
def test_heading_is_the_verdict(folder: Path, name: str) -> None:
    """The summary opens with the verdict in words."""
    words = (folder / name / "summary.md").read_text("utf-8").splitlines()[0]

    assert name.replace("-verdict", " verdict") in words.lower()


@pytest.mark.parametrize("name", ["non-conformant", "hostile"])
def test_nothing_of_the_target_becomes_markup(folder: Path, name: str) -> None:
    """Hostile strings make no HTML, link, image, code or emphasis: all of it is text."""
    tokens = _tokens((folder / name / "summary.md").read_text("utf-8"))

    assert [] == [
        token.type for token in tokens if token.type in ("image", "link_open", "code_inline", "fence", "html_block")
    ]
    assert SUB == {token.content for token in tokens if token.type == "html_inline"}


def test_hostile_strings_stay_in_their_row(samples: ModuleType, tmp_path: Path) -> None:
    """Bars, line feeds and brackets in a waiver's reason don't break its row."""
    waiver = samples.WaiverUse(
        "task-id", None, "a | b\n| c ![x](https://tracker.example) @all", "Ana", "2027-01-31", "active"
    )
    write_markdown(changed(samples.conformant(), waivers=(waiver,)), tmp_path / "x.md")
    tokens = _tokens((tmp_path / "x.md").read_text("utf-8"))
    cells = [token for token in tokens if token.type == "td_open"]

    assert 7 * 4 + 5 == len(cells)
    assert not any(token.type in ("image", "link_open") for token in tokens)


def test_order_is_that_of_urgency(folder: Path) -> None:
    """Waivers come first, then the counts, what to fix, what wasn't tested, what was tolerated."""
    text = (folder / "non-conformant" / "summary.md").read_text("utf-8")
    places = [
        text.index(part)
        for part in (
            "### Waivers",
            "| Outcome |",
            "### What to fix first",
            "### Not tested",
            "### Untestable",
            "### Tolerated",
        )
    ]

    assert sorted(places) == places


def test_worst_comes_first(folder: Path) -> None:
    """Of what is to be fixed, the MUST that most cases speak against is first, the SHOULD last."""
    text = (folder / "non-conformant" / "summary.md").read_text("utf-8")
    listed = [line.split("**")[1].replace("\\", "") for line in text.splitlines() if line.startswith("1. ")]

    assert ["MUST device-id-max-length", "MUST error-100418-unknown-device", "SHOULD error-description"] == listed


def test_masked_stand_under_what_masks_them(folder: Path) -> None:
    """A masked requirement is named under the one that masks it, and isn't told as one to fix."""
    text = (folder / "non-conformant" / "summary.md").read_text("utf-8").replace("\\", "")
    item = text[text.index("1. **MUST error-100418-unknown-device") :].partition("\n1. ")[0]

    assert "Masked by it, so fix this one first: device-known" in item
    assert "Attributed to error-100418-unknown-device: nothing else was wrong with the call" in item
    assert "1. **MUST device-known" not in text


def test_masked_by_something_waived(samples: ModuleType, tmp_path: Path) -> None:
    """What is masked by a waived violation is listed by itself."""
    requirements = (
        samples.requirement("task-id", "waived"),
        samples.requirement("task-status", "masked", masked_by="task-id"),
    )
    write_markdown(changed(samples.conformant(), requirements=requirements), tmp_path / "x.md")

    assert "### Masked\n\n- task-status, masked by task-id" in (tmp_path / "x.md").read_text("utf-8")


def test_newer_requirements_are_marked(samples: ModuleType, tmp_path: Path) -> None:
    """A requirement that has no say in the verdict is marked, and told below the counts."""
    requirements = (samples.requirement("newer", "failed", counts=False), samples.requirement("older", "failed"))
    record = changed(samples.conformant(), requirements=requirements)
    write_markdown(record, tmp_path / "x.md")
    text = (tmp_path / "x.md").read_text("utf-8")

    assert "1. **MUST newer** (new since this release, doesn't count): " in text
    assert "1. **MUST older**: " in text
    assert "but not in the verdict: newer (failed)" in text
