"""report.html and the overview, as files. What a browser makes of them is tested in tests/browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest

from conformance.report import html, render_overview, write_reports
from conformance.report.html import seal
from conformance.verdict.rules import DIRECT
from tests.records import changed

TOLD = ("report.html", "junit.xml", "summary.md")
"""The reports that say why a finding was attributed to its requirement."""

CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
REMOTE = re.compile(r"^(?:https?:)?//")


@dataclass
class _Page(HTMLParser):
    """The tags of a page, and the text of its scripts and styles."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=lambda: {"script": [], "style": []})

    def __post_init__(self) -> None:
        super().__init__()
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open = tag

    def handle_data(self, data: str) -> None:
        if self._open in self.texts:
            self.texts[self._open].append(data)
        self._open = ""

    def blob(self) -> dict[str, object]:
        """What pytest-html's script draws the table from."""
        text = next(attributes["data-jsonblob"] for _, attributes in self.tags if "data-jsonblob" in attributes)
        blob: dict[str, object] = json.loads(text or "")
        return blob


def _parse(text: str) -> _Page:
    page = _Page()
    page.feed(text)
    return page


@pytest.fixture
def text(folder: Path) -> str:
    """report.html of the run with hostile strings."""
    return (folder / "non-conformant" / "report.html").read_text("utf-8")


@pytest.fixture(params=["non-conformant", "hostile"])
def poisoned(folder: Path, request: pytest.FixtureRequest) -> str:
    """report.html of the run with hostile strings, and of one in which every text is one."""
    return (folder / str(request.param) / "report.html").read_text("utf-8")


def test_it_is_pytest_htmls_page(text: str) -> None:
    """The page is pytest-html's, self-contained, with one row for each case and each bad waiver."""
    page = _parse(text)
    tests = page.blob()["tests"]

    assert "pytest-html" in text
    assert isinstance(tests, dict)
    assert 12 == len(tests)


def test_nothing_is_fetched(poisoned: str, samples: ModuleType) -> None:
    """No tag loads anything from elsewhere; a link to pytest-html's own page loads nothing."""
    for source in (poisoned, render_overview(list(samples.all_records().values()))):
        loaded = [
            (tag, value)
            for tag, attributes in _parse(source).tags
            for name, value in attributes.items()
            if name in ("src", "href", "srcset", "action", "data") and tag != "a" and REMOTE.match(value or "")
        ]

        assert [] == loaded
        assert "@import" not in source
        assert not re.search(r"url\(\s*['\"]?(?:https?:)?//", source)


def test_policy_allows_its_own_scripts_only(poisoned: str) -> None:
    """The content security policy names the digest of each script and style, and no unsafe source."""
    page = _parse(poisoned)
    policies = [
        a["content"] or "" for tag, a in page.tags if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy"
    ]
    digests = {
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in (*page.texts["script"], *page.texts["style"])
    }

    assert 1 == len(policies)
    assert "unsafe" not in policies[0]
    assert "default-src 'none'" in policies[0]
    assert 3 == len(digests)
    assert digests <= set(policies[0].replace(";", " ").split())


def test_no_inline_handler(poisoned: str) -> None:
    """No tag of the page has an event handler as an attribute."""
    handlers = [
        (tag, name) for tag, attributes in _parse(poisoned).tags for name in attributes if name.startswith("on")
    ]

    assert [] == handlers


def test_scripts_are_ours_alone(poisoned: str) -> None:
    """There are two scripts, the suite's and pytest-html's, and the target's tags are text everywhere."""
    page = _parse(poisoned)

    assert 2 == len(page.texts["script"])
    assert "<script>document.title" not in poisoned
    assert "<img src=x" not in poisoned
    for test in (row for rows in page.blob()["tests"].values() for row in rows):  # type: ignore[attr-defined]
        inserted = "".join([*test["resultsTableRow"], *(extra["content"] for extra in test["extras"])])
        tags = _parse(inserted).tags

        assert not any(tag in ("script", "img", "iframe", "object", "svg", "style") for tag, _ in tags)
        assert not any(name.startswith("on") for _, attributes in tags for name in attributes)


def _strings(value: object) -> Iterator[str]:
    """All texts inside VALUE, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, element in value.items():
            yield from (*_strings(key), *_strings(element))
    elif isinstance(value, list):
        for element in value:
            yield from _strings(element)


def test_control_characters_are_visible(poisoned: str) -> None:
    """No control, bidirectional or byte order mark of the target is in the page or its data; words stand for them."""
    found = [string for string in (poisoned, *_strings(_parse(poisoned).blob())) if CONTROLS.search(string)]

    assert [] == found
    assert "⟨ESC⟩" in poisoned


def test_language_viewport_and_title(text: str) -> None:
    """The page says its language, fits a phone, and names the target in its title."""
    tags = _parse(text).tags

    assert ("html", {"lang": "en"}) in tags
    assert any(a.get("name") == "viewport" for tag, a in tags if tag == "meta")
    assert '<title id="head-title">Conformance report: http://platform.example:8743</title>' in text


def test_no_path_of_the_machine(text: str, folder: Path) -> None:
    """No folder of the machine that rendered the page is in it."""
    assert str(folder) not in text
    assert "site-packages" not in text
    assert "report.css" in text


def test_order_of_the_page(text: str) -> None:
    """Verdict, notes and waivers come first, then the map, counts, repairs, gaps, the run, requirements and cases."""
    parts = (
        'aria-label="Verdict"',
        "Non-conformant",
        "HTTPS counts as untestable",
        'id="waivers"',
        'id="map"',
        'id="counts"',
        'id="repairs"',
        'id="gaps"',
        'id="tolerated"',
        'id="run"',
        'id="requirements"',
        'id="cases"',
        'id="results-table"',
    )
    start = text.index("<main>")
    places = [text.index(part, start) for part in parts]

    assert sorted(places) == places


def test_links_lead_somewhere(text: str) -> None:
    """Every link within the page leads to a requirement, a case or a part that is there."""
    tags = _parse(text).tags
    targets = {attributes["id"] for _, attributes in tags if "id" in attributes}
    links = {a["href"] for tag, a in tags if tag == "a" and (a.get("href") or "").startswith("#")}

    assert set() == {link for link in links if (link or "")[1:] not in targets}
    assert {"#case-unknown-device", "#requirement-device-known"} <= links


def test_evidence_stands_in_the_page_once(text: str) -> None:
    """Each case's evidence is in the page itself, for readers without scripts, and in the data of no row."""
    page = _parse(text)
    tests = page.blob()["tests"]
    rows = [row for rows in tests.values() for row in rows]  # type: ignore[attr-defined]
    evidence = [a["id"] for tag, a in page.tags if tag == "div" and a.get("class") == "evidence"]

    assert [f"evidence-{number}" for number in range(12)] == evidence
    assert [[]] * 12 == [row["extras"] for row in rows]
    assert 2 == text.count("deviceId of 65 characters")  # in what to fix first, and in the case


def test_one_mistake_is_one_block(text: str) -> None:
    """What was found against a requirement is told by its plainest case; the others are counted."""
    start = text.index('id="repair-device-id-max-length"')
    block = text[start : text.index("</article>", start)]

    assert block.count("Expected</h4>") == block.count("Got</h4>") == 1
    assert "in <a" in block
    assert "device-id-66" in block
    assert "1 more case found the same" in block
    assert "conformance run --replay generated-65-1" in block


def test_each_finding_is_replayed_by_its_own_id(samples: ModuleType, tmp_path: Path) -> None:
    """Of two things that one generated case found, each is replayed by its own request, at the same target."""
    write_reports(samples.of_two_requests(), tmp_path)
    page = (tmp_path / "report.html").read_text("utf-8")
    blocks = {name: page[page.index(f'id="repair-{name}"') :].partition("</article>")[0] for name in "xy"}
    told = re.compile(r"conformance run --replay (\w+)</code> with the same <code[^>]*>--config</code> or ")

    assert {"x": ["1f"], "y": ["2e"]} == {name: told.findall(block) for name, block in blocks.items()}


def test_masked_stand_under_what_masks_them(text: str) -> None:
    """A masked requirement stands in the block of the one that masks it, and in no block of its own."""
    start = text.index('id="repair-error-100418-unknown-device"')
    block = text[start : text.index("</article>", start)]

    assert "What follows from it" in block
    assert "#requirement-device-known" in block
    assert 'id="repair-device-known"' not in text


def test_rule_is_told(text: str) -> None:
    """Where a rule chose the requirement, what to fix first and the case's evidence say its sentence."""
    assert 2 == text.count("nothing else was wrong with the call")


def test_what_an_answer_shows_by_itself_needs_no_rule(samples: ModuleType, tmp_path: Path) -> None:
    """That the requirement of a finding is the one that was judged by goes without saying."""
    finding = samples.Finding("x", "failed", "404 came.", "201", "404", rule=DIRECT)
    case = samples.case("c", ("x",), "failed", findings=(finding,))
    record = changed(samples.conformant(), requirements=(samples.requirement("x", "failed"),), cases=(case,))
    write_reports(record, tmp_path)

    assert dict.fromkeys(TOLD, False) == {
        name: DIRECT.sentence in (tmp_path / name).read_text("utf-8") for name in TOLD
    }


def test_advisory_failures_have_their_own_sign(samples: ModuleType, tmp_path: Path) -> None:
    """A failed SHOULD is in the legend, and is counted apart from the MUSTs that failed."""
    source = (samples.Source("Error Codes", "200 100418"), samples.Source("Error Codes", "400 100022"))
    requirements = (
        samples.requirement("x", "failed", source=source[0]),
        samples.requirement("y", "failed", source=source[1], level="SHOULD"),
    )
    write_reports(changed(samples.conformant(), requirements=requirements), tmp_path)
    page = (tmp_path / "report.html").read_text("utf-8")
    legend = page[page.index('class="legend"') :].partition("</ul>")[0]

    assert '<span aria-hidden="true">failed (SHOULD)</span>' in legend
    assert "1&nbsp;failed</span>" in page
    assert "1&nbsp;failed&nbsp;(SHOULD)</span>" in page
    assert 'y<span class="visually-hidden">: failed (SHOULD)</span>' in page


def test_reasons_that_are_other_failures(text: str) -> None:
    """The parts of what wasn't tested are named so that all of their reasons fit."""
    assert "needed to test them, or what has to be fixed first." in text
    assert "declares untestable, or that this kind of run leaves out" in text


def test_requirement_shows_what_proves_it(samples: ModuleType, tmp_path: Path) -> None:
    """Cases beyond the first seven, and those that merely judge by a requirement, are a number that leads to a list."""
    cases = tuple(samples.case(f"case-{number}", ("task-id", "task-status")) for number in range(99))
    requirements = tuple(
        samples.requirement(name, cases=tuple(case.id for case in cases))
        for name in ("task-id", "task-status", "app-id")
    )
    write_reports(changed(samples.conformant(), requirements=requirements, cases=cases), tmp_path)
    text = (tmp_path / "report.html").read_text("utf-8")
    row = text[text.index('<tr id="requirement-task-id"') :]
    row = row[: row.index("</tr>")]

    assert "judged by" in row
    assert ">99</a>" in row
    assert 0 == row.count("#case-")
    assert 1 == text.count('class="list"')


def test_size_of_a_usual_report(samples: ModuleType, tmp_path: Path) -> None:
    """The page of a run of 200 calls stays below 700 kB."""
    task = dict(samples.TASK, deviceCommands=samples.TASK["deviceCommands"] * 3)
    refusal = samples.response(200, {"error_code": "100418", "error_desc": "The deviceData is not existed."}, "OK")
    answers = (samples.response(201, task, "Created"), *[refusal] * 4)
    names = [f"requirement-number-{number}-of-the-ledger" for number in range(107)]
    calls = [samples.exchange(answer=answers[number % 5], edit="deviceId has 65 characters") for number in range(200)]
    cases = tuple(
        samples.case(f"case-number-{number}", tuple(names), exchanges=tuple(calls[number::107]))
        for number in range(107)
    )
    requirements = tuple(samples.requirement(name, cases=tuple(case.id for case in cases)) for name in names)
    write_reports(changed(samples.conformant(), requirements=requirements, cases=cases, calls=200), tmp_path)

    assert (tmp_path / "report.html").stat().st_size < 700_000


def test_many_alike_exchanges_are_shown_in_part(samples: ModuleType, tmp_path: Path) -> None:
    """Of a burst of calls the page shows the first and those that findings are about, and says where the rest is."""
    findings = tuple(samples.Finding("x", "failed", "404 came.", "201", "404", number) for number in (1, 11, 12))
    calls = tuple(samples.exchange(edit=f"call {number} of the burst") for number in range(16))
    case = samples.case("burst", ("x",), "failed", exchanges=calls, findings=findings)
    record = changed(samples.conformant(), requirements=(samples.requirement("x", "failed"),), cases=(case,))
    write_reports(record, tmp_path)
    page = (tmp_path / "report.html").read_text("utf-8")
    evidence = page[page.index('id="evidence-0"') :].partition("</details>")[0]
    shown = [number for number in range(16) if f"call {number} of the burst" in evidence]

    assert [0, 1, 2, 11, 12] == shown
    assert "11 more exchanges of this case are in <code>results.json</code>." in evidence
    assert "Seen in exchange 12, below." in evidence


def test_newer_requirements_are_marked(samples: ModuleType, tmp_path: Path) -> None:
    """A requirement that has no say in the verdict is marked wherever it is told, and one that has isn't."""
    requirements = (
        samples.requirement("newer", "failed", counts=False),
        samples.requirement("newer-untested", "not tested", counts=False),
        samples.requirement("older", "failed"),
    )
    write_reports(changed(samples.conformant(), requirements=requirements), tmp_path)
    page = (tmp_path / "report.html").read_text("utf-8")
    told = 'class="newer">new since this release, doesn&#39;t count</span>'

    assert 4 == page.count(told)
    assert re.search(rf'<h3>[^\n]*#requirement-newer"[^\n]*{re.escape(told)}', page)
    assert not re.search(rf'<h3>[^\n]*#requirement-older"[^\n]*{re.escape(told)}', page)
    assert "but not in the verdict: " in page
    assert "newer-untested: not tested, new since" in page


def test_lists_tell_what_they_share_once() -> None:
    """A list that holds another whole refers to it, and all of its ids can be found by that."""
    lists = html.Lists("asked")
    short, long, other = tuple("abcde"), tuple("xaybcde"), tuple("abcdz")
    for identifiers in (long, short, other):
        lists.name(identifiers)
    first, second, third = lists.listed

    assert (7, ("x", "y"), second) == (first.size, first.own, first.core)
    assert (short, None) == (second.own, second.core)
    assert (other, None) == (third.own, third.core)


def test_waived_and_conformant_pages_have_no_empty_parts(folder: Path) -> None:
    """A part without content isn't there."""
    text = (folder / "conformant" / "report.html").read_text("utf-8")

    assert not any(f'id="{part}"' in text for part in ("waivers", "repairs", "gaps", "tolerated"))


def test_overview_has_a_column_for_each(samples: ModuleType) -> None:
    """The overview has each target as a column, each requirement and each row of the document as a row."""
    records = [samples.conformant(), samples.non_conformant(), samples.conformant()]
    text = render_overview(records)
    rows = re.findall(r'<tr id="requirement-([^"]+)"', text)

    assert {r.id for record in records for r in record.requirements} == set(rows)
    assert {"error-100418-unknown-device", "device-id-max-length"} == set(rows[:2])
    assert 6 == text.count("https://platform.example:8743 (2026-01-01T00:00:00+00:00)")
    assert 8 == text.count('<th scope="rowgroup"')
    assert "script-src 'none'" in text


def test_seal_without_a_script() -> None:
    """A page without scripts allows none."""
    assert "script-src 'none'" in seal('<meta charset="utf-8"/><style>a{}</style>')
