"""The page for whoever develops the client: the calls of a recording that were made wrongly, and what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from conformance.files import write
from conformance.recorded.review import Reviewed
from conformance.report import html
from conformance.report.message import request_lines

__all__ = ["NAME", "write_page"]

NAME = "requests.html"
MOST = 200
"""Calls on the page; whoever makes as many mistakes makes the same ones."""


def write_page(reviewed: Sequence[Reviewed], source: str, directory: Path) -> None:
    """Write the page about REVIEWED, the wrong calls of the recording SOURCE, into DIRECTORY."""
    calls = [(one, request_lines(one.call.exchange.request)) for one in reviewed[:MOST]]
    page = html.render(
        "requests.html.jinja",
        calls=calls,
        left=len(reviewed) - len(calls),
        source=source,
        style=Markup(html.stylesheet()),  # noqa: S704 (our own file)
    )
    write(directory / NAME, html.seal(page))
