"""The pages of the requirements: complete, up to date, and the same wherever they are read."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.command import requirement_pages as guide
from conformance.command.catalogue import all_cases
from conformance.command.cli import main
from conformance.contract import documents
from conformance.reference import faults
from conformance.report.bundle import GUIDE
from tests.documentation.__main__ import mistakes
from tests.documentation.page import as_html

FOLDER = Path(__file__).parents[2] / "docs" / "requirements"
IDS = tuple(documents.load().requirements)
HEADINGS = ["What is asked", "How it is tested", "How it can fail", "How to fix it"]


class _Outline(HTMLParser):
    """Collects ids, link targets and element names."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name in ("href", "src"):
                self.links.append(value or "")


def test_the_folder_is_up_to_date() -> None:
    """docs/requirements/ holds what `python -m tests.documentation` writes, and nothing else."""
    written = {path.name: path.read_text("utf-8") for path in FOLDER.iterdir()}
    stale = sorted(name for name, text in guide.pages().items() if written.get(name) != text)

    assert [] == stale, "run python -m tests.documentation"
    assert set(guide.pages()) == set(written)


@pytest.mark.parametrize("shown", guide.guides(), ids=lambda one: str(one.requirement.id))
def test_the_command_of_a_page_runs_cases(shown: guide.Guide) -> None:
    """A page names the command that runs the cases about its requirement, unless there are none to be selected."""
    selected = [case for case in all_cases() if case.body is not None and shown.requirement.id in case.proves]

    assert bool(selected) == (f"conformance run -k {shown.requirement.id}\n" in guide.as_markdown(shown))


def test_what_is_told_of_faults_is_up_to_date() -> None:
    """The file that pages are made from, without the reference, says what the reference says of its faults."""
    assert mistakes() == guide.MISTAKES.read_text("utf-8"), "run python -m tests.documentation"


def test_the_page_is_up_to_date() -> None:
    """The page that stands beside every report is the one that `python -m tests.documentation` makes now."""
    assert as_html(guide.guides()) == GUIDE.read_text("utf-8"), "run python -m tests.documentation"


def test_every_requirement_has_a_page() -> None:
    """Each id of the ledger has one page, and the index links to it."""
    pages = guide.pages()

    assert {f"{identity}.md" for identity in IDS} == set(pages) - {"README.md"}
    assert set(re.findall(r"\(([^)]+\.md)\)", pages["README.md"])) == set(pages) - {"README.md"}


@pytest.mark.parametrize("identity", IDS)
def test_a_page_has_its_four_parts(identity: str) -> None:
    """A page says what is asked, how it is tested, how it can fail and how to fix it; none of these is empty."""
    page = guide.as_markdown(guide.guide(identity))
    parts = re.split(r"^## (.+)$", page, flags=re.MULTILINE)

    assert HEADINGS == parts[1::2]
    assert all(part.strip() for part in parts[2::2])


def test_every_proving_case_is_told() -> None:
    """A case that is about a requirement stands on that requirement's page, with its docstring."""
    told = {(one.requirement.id, case.id) for one in guide.guides() for case in one.proving}

    assert told == {(requirement, case.id) for case in all_cases() for requirement in case.proves}


def test_every_fault_is_told() -> None:
    """A fault of the reference stands on the page of the requirement that it breaks."""
    told = [fault.name for one in guide.guides() for fault in one.faults]

    assert sorted(told) == sorted(fault.name for fault in faults())


def test_a_sentence_stays_text() -> None:
    """What Markdown would read as markup is escaped, names with an underscore stay readable."""
    assert r"app_key, \*all\*, \<b\>, \`x\`, \_y\_" == guide._plain("app_key, *all*, <b>, `x`, _y_")


class TestExplain:
    """`conformance explain`."""

    def test_it_prints_the_page(self) -> None:
        """Through a pipe the page is printed as it stands in the folder."""
        result = CliRunner().invoke(main, ["explain", "device-own"])

        assert (0, (FOLDER / "device-own.md").read_text("utf-8")) == (result.exit_code, result.output)

    def test_an_unknown_id_is_a_usage_error(self) -> None:
        """An id that doesn't exist is answered with the nearest ones and exit status 4."""
        result = CliRunner().invoke(main, ["explain", "error-100418"])

        assert 4 == result.exit_code
        assert "did you mean error-100418-unknown-device" in result.output

    def test_a_case_is_told_from_a_requirement(self) -> None:
        """The id of a case is answered with the requirements that the case is about."""
        result = CliRunner().invoke(main, ["explain", "device-unknown"])

        assert 4 == result.exit_code
        assert "it is about error-100418-unknown-device" in result.output


class TestPage:
    """requirements.html, which stands beside a report."""

    def test_each_requirement_has_an_anchor(self) -> None:
        """The id of a requirement is the id of its part, once; every link stays in the page."""
        outline = _Outline()
        outline.feed(GUIDE.read_text("utf-8"))

        assert sorted(outline.ids) == sorted(IDS)
        assert {f"#{identity}" for identity in IDS} == set(outline.links)

    def test_it_loads_and_runs_nothing(self) -> None:
        """The page has no script or picture, and its policy allows nothing but its own style."""
        page = GUIDE.read_text("utf-8")
        outline = _Outline()
        outline.feed(page)

        assert outline.names.isdisjoint({"script", "img", "link", "iframe", "object", "form"})
        assert "default-src 'none'; script-src 'none'; style-src 'sha256-" in page
