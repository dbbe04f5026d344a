"""badge.svg."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

NAMESPACE = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("verdict", ["conformant", "non-conformant", "incomplete", "no verdict"])
def test_badge_says_the_verdict(folder: Path, verdict: str) -> None:
    """The badge shows the verdict, and has a title for those who can't see it."""
    badge = ET.parse(folder / verdict.replace(" ", "-") / "badge.svg").getroot()  # noqa: S314 (our own file)
    texts = [element.text for element in badge.iter(f"{NAMESPACE}text")]
    title = badge.find(f"{NAMESPACE}title")

    assert ["conformance", verdict] == texts
    assert title is not None
    assert f"conformance: {verdict}" in (title.text or "")
    assert ("img", title.get("id")) == (badge.get("role"), badge.get("aria-labelledby"))
