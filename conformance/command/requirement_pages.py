"""A page for each requirement: what is asked, how it is tested, how it can fail, how to fix it.

`conformance explain` prints a page; docs/requirements/ and requirements.html, beside a run's report, hold them all.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from conformance.case.case import Case
from conformance.command.catalogue import all_cases
from conformance.contract import documents
from conformance.contract.documents import ErrorRow, Interpretation, Requirement
from conformance.exceptions import UsageError

__all__ = ["MISTAKES", "Guide", "Mistake", "as_markdown", "guide", "guides", "index", "pages"]

MISTAKES = Path(__file__).with_name("mistakes.json")
"""What there is to say of the faults of the reference; `python -m tests.documentation` writes it. Nothing that only
explains imports the reference.
"""

SPECIAL = re.compile(r"([\\`*<>]|(?<!\w)_|_(?!\w))")
"""What Markdown may read as markup; an underscore between letters is none."""


@dataclass(frozen=True)
class Mistake:
    """A fault of the reference implementation, as far as it is told; its members are those of the fault."""

    name: str
    requirement: str
    description: str
    needs: str
    tolerated: bool


@dataclass(frozen=True)
class Guide:
    """Everything that is known of a requirement.

    proving are the cases that are about it, judging those whose answers are judged by it beside something else.
    faults are the mistakes of the reference implementation that break it.
    """

    requirement: Requirement
    readings: tuple[Interpretation, ...]
    rows: tuple[ErrorRow, ...]
    proving: tuple[Case, ...]
    judging: tuple[Case, ...]
    faults: tuple[Mistake, ...]


@cache
def guides() -> tuple[Guide, ...]:
    """A guide to every requirement, in the ledger's order."""
    contract, cases, mistakes = documents.load(), all_cases(), _mistakes()
    return tuple(
        Guide(
            requirement,
            tuple(contract.interpretations[reading] for reading in requirement.readings),
            tuple(row for row in contract.rows if row.requirement == identity),
            tuple(case for case in cases if identity in case.proves),
            tuple(case for case in cases if identity in case.requirements and identity not in case.proves),
            tuple(fault for fault in mistakes if fault.requirement == identity),
        )
        for identity, requirement in contract.requirements.items()
    )


def _mistakes() -> list[Mistake]:
    return [Mistake(**entry) for entry in json.loads(MISTAKES.read_text("utf-8"))]


def guide(identity: str) -> Guide:
    """The guide to the requirement IDENTITY. UsageError, with the nearest ids, when there is none."""
    known = {one.requirement.id: one for one in guides()}
    if identity in known:
        return known[identity]
    cases = {case.id: case for case in all_cases()}
    if identity in cases:
        about = ", ".join(cases[identity].requirements[:5])
        raise UsageError([f"{identity} is a case, not a requirement; it is about {about}"])
    near = difflib.get_close_matches(identity, known, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "see conformance list"
    raise UsageError([f"there is no requirement {identity}: {hint}"])


@cache
def _environment() -> Environment:
    # What is filled in is the project's own text; as_markdown escapes what Markdown would read as markup.
    environment = Environment(
        loader=PackageLoader("conformance"),
        autoescape=False,  # noqa: S701 (it makes Markdown; the page of HTML is made by escaping parts)
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_plain,
    )
    environment.filters["code"] = _code
    return environment


def _plain(value: object) -> object:
    return SPECIAL.sub(r"\\\1", value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _code(text: str) -> Markup:
    return Markup(f"`{text}`")  # noqa: S704 (ids and names: slugs, and codes of digits)


def as_markdown(shown: Guide) -> str:
    """The page of SHOWN, in Markdown."""
    return _environment().get_template("requirement.md.jinja").render(guide=shown).rstrip() + "\n"


def index(shown: Sequence[Guide]) -> str:
    """The page that lists all of SHOWN, in Markdown, by the sections of the document."""
    sections: dict[str, list[Guide]] = {}
    for one in shown:
        sections.setdefault(one.requirement.section, []).append(one)
    return _environment().get_template("requirements.md.jinja").render(sections=sections).rstrip() + "\n"


def pages() -> dict[str, str]:
    """The whole folder docs/requirements/: the text of each page by the name of its file."""
    return {"README.md": index(guides())} | {f"{one.requirement.id}.md": as_markdown(one) for one in guides()}
