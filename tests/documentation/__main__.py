"""Writes the pages that are made from the ledger, the cases and the faults: python -m tests.documentation."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import click

from conformance.command import requirement_pages as guide
from conformance.reference import faults
from conformance.report.bundle import GUIDE
from tests.documentation.page import as_html

__all__ = ["mistakes"]

FOLDER = Path(__file__).parents[2] / "docs" / "requirements"


def mistakes() -> str:
    """What is told of the faults: each in a line, so that changes show one by one."""
    members = [field.name for field in dataclasses.fields(guide.Mistake)]
    entries = [json.dumps({name: getattr(fault, name) for name in members}, ensure_ascii=False) for fault in faults()]
    return "[\n" + ",\n".join(entries) + "\n]\n"


def main() -> None:
    """Write every page that is missing or out of date, and remove those of requirements that are gone."""
    guide.MISTAKES.write_text(mistakes(), "utf-8")
    pages = guide.pages()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in FOLDER.glob("*.md"):
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        (FOLDER / name).write_text(text, "utf-8")
    GUIDE.write_text(as_html(guide.guides()), "utf-8")
    click.echo(f"{len(pages)} pages in {FOLDER.relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
