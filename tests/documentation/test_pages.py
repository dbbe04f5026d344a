"""README, CONTRIBUTING and docs/: what they say is so."""

from __future__ import annotations

import configparser
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from conformance.command.catalogue import all_cases
from conformance.command.cli import main
from conformance.configuration.loader import load
from conformance.contract import documents
from conformance.plugin.options import OPTIONS
from conformance.provider.states import STATES
from conformance.record.results import Outcome
from conformance.reference import faults
from conformance.verdict import Exit

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "docs" / "requirements" / "README.md"])
README = (ROOT / "README.md").read_text("utf-8")
ENVIRON = {"CONFORMANCE_APP_KEY": "app", "CONFORMANCE_ACCESS_TOKEN": "token", "CONFORMANCE_BASE_URL": "https://a:1"}
PYTEST = {"-k", "-n"}


def _tokens(path: Path) -> list[Token]:
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(path.read_text("utf-8"))
    return tokens + [child for token in tokens for child in token.children or ()]


def _blocks(path: Path, language: str) -> list[str]:
    return [token.content for token in _tokens(path) if token.type == "fence" and token.info == language]


def _commands(path: Path) -> list[list[str]]:
    """Every command of the suite that the page shows, as words."""
    shown = [token.content for token in _tokens(path) if token.type in ("fence", "code_block", "code_inline")]
    lines = [line.strip() for text in shown for line in text.splitlines()]
    return [shlex.split(line) for line in lines if line.startswith("conformance ")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
class TestPage:
    """Every page."""

    def test_links_lead_somewhere(self, page: Path) -> None:
        """A link or picture that isn't on the web is a file of the repository, its anchor a heading there."""
        targets = [
            str(t.attrs.get("href") or t.attrs.get("src")) for t in _tokens(page) if t.type in ("link_open", "image")
        ]
        missing = []
        for target in targets:
            file, _, anchor = target.partition("#")
            path = (page.parent / file).resolve() if file else page
            if target.startswith("https://"):
                continue
            if not path.exists() or (anchor and anchor not in _anchors(path)):
                missing.append(target)

        assert [] == missing

    def test_commands_exist(self, page: Path) -> None:
        """A command of the suite that is shown exists, with each of its options."""
        known: dict[str, set[str]] = {
            name: {option for parameter in command.params for option in parameter.opts}
            for name, command in main.commands.items()
        }
        known["run"] |= {name for name, _ in OPTIONS} | {"--strict"} | PYTEST
        wrong = [
            words
            for words in _commands(page)
            if words[1] not in known or not {w for w in words[2:] if w.startswith("-")} <= known[words[1]]
        ]

        assert [] == wrong

    def test_configurations_are_right(self, page: Path, tmp_path: Path) -> None:
        """A TOML block is a configuration that the suite takes, and names ids that exist."""
        requirements = documents.load().requirements
        for number, block in enumerate(_blocks(page, "toml")):
            path = tmp_path / f"{number}.toml"
            path.write_text(block.replace("…", "x"), "utf-8")
            configuration = load(path, {} if _is_whole(block) else ENVIRON, requirements=requirements)
            for waiver in configuration.waivers:
                assert waiver.requirement in requirements or waiver.case in {case.id for case in all_cases()}


def _is_whole(block: str) -> bool:
    return all(f"\n{key} = " in block for key in ("base_url", "app_key", "access_token"))


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table below HEADING."""
    table = re.search(r"(?:^\|.*\n)+", page.partition(f"# {heading}\n")[2], re.MULTILINE)
    assert table is not None
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[0].splitlines()[2:]]


def test_exit_statuses() -> None:
    """The README's table has every exit status of the suite."""
    assert [str(int(status)) for status in Exit] == [row[0] for row in _rows(README, "Exit status")]


def test_options() -> None:
    """docs/configuration.md tells of every option of a run that isn't a place."""
    listed = {row[0].strip("`").split()[0] for row in _rows(_docs("configuration"), "What else a run can be told")}
    places = {"--base-url", "--config", "--reports"}

    assert listed == {name for name, _ in OPTIONS} - places | {"--strict"}


def test_states() -> None:
    """docs/hook.md has the states of the hook, in their order."""
    assert [f"`{state}`" for state in STATES] == [row[0] for row in _rows(_docs("hook"), "The request")]


def test_environments() -> None:
    """CONTRIBUTING tells of every environment that tox knows."""
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini")
    environments = {section.partition(":")[2] for section in tox.sections() if section.startswith("testenv:")}
    told = set(re.findall(r"`tox run -e ([\w-]+)", (ROOT / "CONTRIBUTING.md").read_text("utf-8")))

    assert environments == {name for name in told if not re.fullmatch(r"py\d+", name)}


def test_cases_in_contributing() -> None:
    """The cases that CONTRIBUTING shows are cases of the suite, word for word."""
    suite = [path.read_text("utf-8") for path in (ROOT / "conformance" / "suite").glob("*.py")]
    shown = [block for block in _blocks(ROOT / "CONTRIBUTING.md", "python") if re.search(r"^@\w+\(", block)]

    assert [("@refused", True), ("@case", True)] == [
        (block.partition("(")[0], any(block in text for text in suite)) for block in shown
    ]


def test_pictures_are_small() -> None:
    """A picture has less than 200 KB, and a page shows it."""
    pictures = {path: path.stat().st_size for path in (ROOT / "docs" / "pictures").iterdir()}
    shown = {
        (page.parent / str(t.attrs["src"])).resolve() for page in PAGES for t in _tokens(page) if t.type == "image"
    }

    assert [] == [path.name for path, size in pictures.items() if size >= 200_000]
    assert set(pictures) - shown == set()


def test_the_readme_is_short() -> None:
    """The README has fewer than 150 lines, and leads to every page of docs/."""
    links = {str(token.attrs["href"]) for token in _tokens(ROOT / "README.md") if token.type == "link_open"}

    assert len(README.splitlines()) < 150
    assert {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")} - links == set()


def test_glossary() -> None:
    """The glossary has each word once, in the order of the alphabet, and names every outcome."""
    words = {row[0]: row[1] for row in _rows(_docs("glossary"), "Glossary")}

    assert sorted(words) == [row[0] for row in _rows(_docs("glossary"), "Glossary")]
    assert [] == [outcome for outcome in get_args(Outcome) if outcome not in words["outcome"]]


def test_hundreds_of_faults() -> None:
    """The README's “hundreds of other mistakes” are there."""
    assert len(faults()) >= 200


def _docs(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text("utf-8")


class TestFirstRedCase:
    """The first chapter of the README, done as it says."""

    def test_serve_then_run(self, tmp_path: Path) -> None:
        """The server with a fault, and the run against it from a second terminal: one red requirement, status 1."""
        serve, test = (words for words in _commands(ROOT / "README.md") if "broken.toml" in words)
        with subprocess.Popen(_ours(serve), cwd=tmp_path, stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout is not None
                # The last line that it prints says that all is ready.
                line = next(line for line in server.stdout if line.startswith("conformance run"))
                done = _run(test, tmp_path)
            finally:
                server.terminate()

        assert shlex.split(line) == test
        assert 1 == done.returncode, done.stdout
        red = re.findall(r"^  ✗ MUST +([\w-]+)", done.stdout, re.MULTILINE)
        explained = next(words[2] for words in _commands(ROOT / "README.md") if words[1] == "explain")
        assert red == [explained]

    def test_reports(self, tmp_path: Path) -> None:
        """A run of the embedded reference writes the files that docs/reports.md lists, and no other."""
        done = _run(["conformance", "run"], tmp_path)
        listed = {name.strip("`") for row in _rows(_docs("reports"), "Files") for name in row[0].split(", ")}

        assert 0 == done.returncode, done.stdout
        assert {path.name for path in (tmp_path / "reports").iterdir()} == listed


def _ours(words: list[str]) -> list[str]:
    assert "conformance" == words[0]
    return [sys.executable, "-u", "-c", "from conformance.command.cli import main; main()", *words[1:]]


def _run(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(_ours(words), cwd=folder, capture_output=True, text=True, timeout=300, check=False)
