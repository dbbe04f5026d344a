"""All pages of the requirements as one page of HTML, which stands beside every report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from conformance.command.requirement_pages import Guide, as_markdown
from conformance.contract import documents
from conformance.report.html import seal

__all__ = ["as_html"]

TEMPLATE = Path(__file__).with_name("requirements.html.jinja")


def as_html(shown: Sequence[Guide]) -> str:
    """All of SHOWN as one page of HTML; the requirement ID stands at #ID."""
    articles = [(one.requirement.id, _article(one)) for one in shown]
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    template = environment.from_string(TEMPLATE.read_text("utf-8"))
    return seal(template.render(articles=articles, document=documents.load().document))


def _article(shown: Guide) -> Markup:
    """The page of SHOWN as HTML, its headings one level down: it is a part of a page."""
    markdown = MarkdownIt("commonmark", {"html": False})
    tokens = markdown.parse(as_markdown(shown))
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{int(token.tag[1:]) + 1}"
    html: str = markdown.renderer.render(tokens, markdown.options, {})
    return Markup(html)  # noqa: S704 (the renderer escapes all text, and raw HTML is switched off)
