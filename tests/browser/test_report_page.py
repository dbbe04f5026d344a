"""report.html in a browser: harmless, accessible, usable by keyboard, on a phone, on paper and without scripts."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser

REPORT = "non-conformant/report.html"
PHONE = {"width": 400, "height": 800}
DESKTOP = {"width": 1280, "height": 900}
PAGES = (
    REPORT,
    "conformant/report.html",
    "incomplete/report.html",
    "no-verdict/report.html",
    "overview.html",
    "requirements.html",
    "recording/requests.html",
)

Open = Callable[..., Any]


def _violations(page: Any) -> list[tuple[str, str]]:
    # Not imported above: it is installed only where browser tests run.
    axe = importlib.import_module("axe_playwright_python.sync_playwright").Axe()
    response = axe.run(page).response
    assert response["passes"], "axe-core checked nothing"
    return [(violation["id"], node["html"]) for violation in response["violations"] for node in violation["nodes"]]


def _focus(page: Any) -> str:
    words: str = page.evaluate("document.activeElement.textContent.trim() || document.activeElement.id")
    return words


@pytest.mark.parametrize("name", [REPORT, "hostile/report.html"])
def test_hostile_strings_do_nothing(visit: Open, name: str) -> None:
    """With every case open, no script of the target runs, no tag of it is made, and nothing is fetched."""
    report = visit(name)
    report.page.click("#show_all_details")

    assert report.page.title().startswith("Conformance report: ")
    assert [] == report.errors
    assert 1 == len(report.calls)
    assert 2 == report.page.locator("script").count()
    assert 0 == report.page.locator("img[src=x], [onmouseover], [onerror]").count()
    assert "</script><script>document.title='owned'</script>" in report.page.inner_text("#results-table")


@pytest.mark.parametrize("name", ["recording/report.html", "recording/requests.html"])
def test_hostile_recording_does_nothing(visit: Open, name: str) -> None:
    """Nor does anything happen for a recording with hostile strings in every place, on either page made of it."""
    report = visit(name)
    if report.page.locator("#show_all_details").count():
        report.page.click("#show_all_details")

    assert [] == report.errors
    assert 1 == len(report.calls)
    assert report.page.locator("script").count() == (2 if name.endswith("report.html") else 0)
    assert 0 == report.page.locator("img[src=x], [onmouseover], [onerror]").count()
    assert "</script><script>document.title='owned'</script>" in report.page.inner_text("main")
    assert report.page.title() != "owned"


def test_policy_is_a_second_wall(visit: Open) -> None:
    """Even a script that got into the page wouldn't run: the policy refuses it."""
    report = visit(REPORT)
    report.page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "document.title = 'owned'";
          document.body.append(script);
          document.body.insertAdjacentHTML("beforeend", "<img src=x onerror=\\"document.title = 'owned'\\">");
        }"""
    )
    report.page.wait_for_function("() => true")

    assert report.page.title() != "owned"
    assert any("Content Security Policy" in error for error in report.errors)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_accessible(visit: Open, name: str, scheme: str, size: dict[str, int]) -> None:
    """axe-core finds nothing, on a phone and a desktop, light and dark, everything open."""
    report = visit(name, viewport=size, color_scheme=scheme)
    report.page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
    if report.page.locator("#show_all_details").count():
        report.page.click("#show_all_details")

    assert [] == _violations(report.page)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [320, 400, 1280])
def test_nothing_sticks_out(visit: Open, name: str, width: int) -> None:
    """The page never scrolls sideways, also with every case open."""
    report = visit(name, viewport={"width": width, "height": 800})
    if report.page.locator("#show_all_details").count():
        report.page.click("#show_all_details")

    assert report.page.evaluate("document.documentElement.scrollWidth") <= width


def test_case_opens_by_keyboard(visit: Open) -> None:
    """A case opens and closes with Enter, says so to assistive technology, and keeps the focus."""
    page = visit(REPORT).page
    button = page.locator("#case-unknown-device .toggle")
    button.focus()

    assert "false" == button.get_attribute("aria-expanded")
    page.keyboard.press("Enter")
    assert "true" == button.get_attribute("aria-expanded")
    assert page.locator("#details-unknown-device").is_visible()
    assert _focus(page).startswith("unknown-device")
    page.keyboard.press("Enter")
    assert "false" == button.get_attribute("aria-expanded")
    assert not page.locator("#details-unknown-device").is_visible()


def test_case_opens_by_mouse_anywhere_on_its_row(visit: Open) -> None:
    """A click on any cell of a row opens it; one on a link in it leads to the requirement instead."""
    page = visit(REPORT).page
    for place in (".col-result .outcome", ".col-duration", ".case-title"):
        page.click(f"#case-unknown-device {place}")
        assert page.locator("#details-unknown-device").is_visible()
        page.click(f"#case-unknown-device {place}")
        assert not page.locator("#details-unknown-device").is_visible()
    page.click("#case-unknown-device .col-requirements a >> nth=0")
    page.wait_for_selector("#requirement-error-100418-unknown-device", state="visible")

    assert not page.locator("#details-unknown-device").is_visible()


def test_filters_work_by_keyboard(visit: Open) -> None:
    """A filter is a labelled checkbox that Space toggles; search narrows, says how much is left, and stays in force."""
    page = visit(REPORT).page
    shown = "#results-table tbody:visible .case-id"
    page.get_by_label("Failed", exact=False).focus()
    page.keyboard.press("Space")
    assert "device-id-65" not in page.locator(shown).all_inner_texts()
    page.keyboard.press("Space")
    page.get_by_label("Find a case").focus()
    page.keyboard.type("device max-length")

    assert {"device-id-65", "device-id-66"} == set(page.locator(shown).all_inner_texts())
    assert "2 of 12 shown" == page.inner_text("#found")
    page.click("#show_all_details")
    assert {"device-id-65", "device-id-66"} == set(page.locator(shown).all_inner_texts())


def test_filters_are_in_the_suites_words(visit: Open) -> None:
    """The filters name the suite's outcomes with their numbers; those with none aren't shown."""
    page = visit(REPORT).page
    labels = page.locator(".filters label:visible").all_inner_texts()

    assert {
        "4 Failed",
        "1 Masked",
        "1 Waived",
        "1 Tolerated",
        "2 Not tested or untestable",
        "2 Passed",
        "1 Gate",
    } == set(labels)


def test_table_sorts_by_keyboard(visit: Open) -> None:
    """A heading is a button; the order is said to assistive technology, and the focus stays."""
    page = visit(REPORT).page
    page.get_by_role("button", name="Case", exact=True).focus()
    page.keyboard.press("Enter")
    first = page.locator("#results-table .case-id").first.inner_text()

    assert "accepted" == first
    assert 1 == page.locator("th[aria-sort=ascending], th[aria-sort=descending]").count()
    assert "Case" == _focus(page)


@pytest.mark.parametrize("fragment", ["#case-accepted", "?visible=failed#case-accepted"])
def test_link_leads_to_a_case(visit: Open, fragment: str) -> None:
    """A link to a case opens it and brings it into view, also when a filter hid it."""
    page = visit(REPORT, fragment).page
    page.wait_for_selector("#details-accepted", state="visible")

    assert page.evaluate("document.querySelector('#case-accepted').getBoundingClientRect().top < innerHeight")
    assert _focus(page).startswith("accepted")


def test_link_within_the_page_leads_to_a_case(visit: Open) -> None:
    """A link in the list of repairs opens its case."""
    page = visit(REPORT).page
    page.click("#repairs a[href='#case-unknown-device'] >> nth=0")
    page.wait_for_selector("#details-unknown-device", state="visible")


def test_link_leads_to_a_requirement(visit: Open) -> None:
    """A link to a requirement unfolds the list of all."""
    page = visit(REPORT, "#requirement-task-status").page
    page.wait_for_selector("#requirement-task-status", state="visible")

    assert page.evaluate("document.querySelector('#requirement-task-status').getBoundingClientRect().top < innerHeight")


def test_edit_is_marked(visit: Open) -> None:
    """In an opened case the one edit of the request is marked."""
    page = visit(REPORT, "#case-unknown-device").page
    page.wait_for_selector("#details-unknown-device", state="visible")

    assert ['  "deviceId": "no-such-device"'] == page.locator("#details-unknown-device mark").all_text_contents()[:1]


def test_printed_page_has_everything(visit: Open) -> None:
    """Printing unfolds the requirements and leaves the controls out."""
    page = visit(REPORT).page
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")

    assert page.locator("#requirement-task-status").is_visible()
    assert not page.locator(".controls").is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert not page.locator("#requirement-task-status").is_visible()


def test_readable_without_scripts(visit: Open) -> None:
    """Without scripts all is there: verdict, map, what to fix, and each case with its request and answer."""
    page = visit(REPORT, java_script_enabled=False).page
    text = page.inner_text("body")

    for words in ("Non-conformant", "The document, row by row", "What to fix first", "What was not tested"):
        assert words in text
    assert not page.locator(".controls").is_visible()
    assert not page.locator("#results-table").is_visible()
    page.click("#case-unknown-device summary")
    assert "a deviceId that was never registered" in page.inner_text("#case-unknown-device .evidence")


def test_pytest_html_is_named(visit: Open) -> None:
    """The circumstances of the run stand in a table, with the suite, and with what drew the table of cases."""
    words = visit("conformant/report.html").page.inner_text("table.circumstances")

    assert "pytest-html" in words
    assert "revocation-conformance 0.1.0" in words


def test_map_folds_on_a_phone(visit: Open) -> None:
    """On a phone only the tables of the document in which something failed are open; on a desktop all are."""
    for size, shown in ((PHONE, 1), (DESKTOP, 8)):
        page = visit(REPORT, viewport=size).page

        assert page.locator("details.sheet").count() >= 8
        assert shown <= page.locator("details.sheet[open]").count()
    assert 0 == visit("conformant/report.html", viewport=PHONE).page.locator("details.sheet[open]").count()


def test_map_leads_to_requirements(visit: Open) -> None:
    """A sign in the map leads to its requirement and unfolds the list; its name says requirement and outcome."""
    page = visit(REPORT).page
    sign = page.locator("#map a[href='#requirement-error-100418-unknown-device']")

    assert "✕ error-100418-unknown-device: failed" == sign.text_content()
    sign.click()
    page.wait_for_selector("#requirement-error-100418-unknown-device", state="visible")


def test_map_is_a_table(visit: Open) -> None:
    """To assistive technology the map is tables: each row has a heading, and its outcome is a word."""
    page = visit(REPORT).page
    table = page.get_by_role("table", name="Error Codes: the rows, their outcome and their requirements")
    row = table.get_by_role("row", name="200 100418")

    assert ["Outcome", "Status and code", "Requirements"] == table.get_by_role("columnheader").all_inner_texts()
    assert row.get_by_role("rowheader").inner_text().startswith("200 100418")
    assert ["✕", "failed"] == row.get_by_role("cell").first.inner_text().split()


def test_strip_has_words(visit: Open) -> None:
    """The strip is a picture with a name and a description that says what it shows."""
    picture = visit(REPORT).page.get_by_role("img", name="The run's calls, waits and hook requests over time")

    assert 1 == picture.count()
    assert "1 request to the hook took" in picture.locator("desc").text_content()


def test_messages_are_whole_on_a_phone(visit: Open) -> None:
    """On a phone a usual request and its answer are shown whole, without a scrollbar of their own."""
    page = visit(REPORT, viewport=PHONE).page
    cut = page.evaluate(
        "[...document.querySelectorAll('#repairs .brief[open] pre')].map(box => box.scrollHeight > box.clientHeight)"
    )

    assert cut
    assert not any(cut)


@pytest.mark.parametrize(("viewport", "told"), [(PHONE, True), (DESKTOP, False)])
def test_wide_tables_say_that_they_scroll(visit: Open, viewport: dict[str, int], told: bool) -> None:  # noqa: FBT001 (a fact)
    """On a phone, where the overview's tables are wider than the page, words say that they scroll sideways."""
    page = visit("overview.html", viewport=viewport).page

    assert told == page.get_by_text("The tables scroll sideways").is_visible()
