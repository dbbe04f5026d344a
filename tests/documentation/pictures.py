"""Takes the pictures of README and docs/ from a real run: python -m tests.documentation.pictures (needs chromium)."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, FloatRect, Page, sync_playwright
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from conformance.reference import Reference

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
COMMAND = "conformance run --config broken.toml"
PORT = 8743
WIDTH = 100
LAST_TABLE = 2
"""The index of the last table that the picture of the report shows."""
MARGIN = 16
CALM = (
    "--disable-lcd-text",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-sync",
)
PAGE = """<!doctype html><meta charset="utf-8"><body style="margin:0;background:#1b1d1e">
<pre style="display:inline-block;margin:0;padding:16px 20px;color:#e8e8e8;font:14px/1.35 monospace">{code}</pre>"""


def _run(folder: Path) -> str:
    """What the README's first red case prints, with its colours; its reports are in FOLDER."""
    with Reference.start(port=PORT, faults=["100418-status-404"], calls_per_minute=0) as reference:
        (folder / "broken.toml").write_text(reference.configuration(), "utf-8")
        done = subprocess.run(
            [sys.executable, "-c", "from conformance.command.cli import main; main()", *COMMAND.split()[1:]],
            cwd=folder,
            env=os.environ
            | {"FORCE_COLOR": "1", "COLUMNS": str(WIDTH), "CONFORMANCE_CACHE_DIR": str(folder / "cache")},
            capture_output=True,
            text=True,
            check=False,
        )
    return done.stdout


def _terminal(text: str) -> str:
    """TEXT, with its colours, as a page."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(f"$ {COMMAND}", style="bold", highlight=False)
    console.print(Text.from_ansi(text.rstrip()))
    return console.export_html(theme=MONOKAI, inline_styles=True, code_format=PAGE)


@contextmanager
def _chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CALM))
        yield browser
        browser.close()


def _take(page: Page, name: str, first: str, last: str) -> None:
    """Take the picture NAME of PAGE, over its whole width, from the top of the element FIRST to the end of LAST."""
    top, end = page.locator(first).bounding_box(), page.locator(last).bounding_box()
    assert top is not None
    assert end is not None
    start = max(0, top["y"] - MARGIN)
    clip: FloatRect = {"x": 0, "y": start, "width": 1000, "height": end["y"] + end["height"] + MARGIN - start}
    page.screenshot(path=FOLDER / name, clip=clip, full_page=True)


def main() -> None:
    """Take the pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, _chromium() as browser:
        folder = Path(name)
        (folder / "terminal.html").write_text(_terminal(_run(folder)), "utf-8")
        page = browser.new_page(viewport={"width": 1000, "height": 600})
        page.goto((folder / "terminal.html").as_uri())
        page.locator("pre").screenshot(path=FOLDER / "terminal.png")
        page = browser.new_page(viewport={"width": 1000, "height": 2000}, device_scale_factor=0.85)
        page.goto((folder / "reports" / "report.html").as_uri())
        page.wait_for_selector("#repairs article")
        # From the verdict to the first tables of the document; and what to fix first, on its own.
        _take(page, "report.png", "html", f"#map details >> nth={LAST_TABLE}")
        _take(page, "repairs.png", "#repairs", "#repairs")


if __name__ == "__main__":
    main()
