"""The parts of report.html that are ours: the summary above pytest-html's table, its rows, and each case's evidence.

Every value that a template shows is escaped, and made visible where it holds control characters, by the environment:
no template can forget to.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from conformance.exchange import Exchange, Request
from conformance.record import CaseResult, Outcome, Verdict
from conformance.report.curl import command
from conformance.report.glyphs import cut, visible
from conformance.report.message import Line, request_lines, response_lines
from conformance.report.survey import Survey

__all__ = ["HEADER", "Page", "Row", "error_evidence", "error_row", "filters", "finish", "render", "seal", "stylesheet"]

VERDICTS: dict[Verdict, tuple[str, str, str]] = {
    "conformant": ("passed", "✓", "Conformant"),
    "non-conformant": ("failed", "✕", "Non-conformant"),
    "incomplete": ("not-tested", "○", "Incomplete"),
    "no verdict": ("untestable", "\N{EN DASH}", "No verdict"),
}
"""Of each verdict: the class that colours it, the sign, the words."""

SIGNS: dict[Outcome, str] = {
    "passed": "✓",
    "failed": "✕",
    "tolerated": "≈",
    "waived": "⚑",
    "untestable": "\N{EN DASH}",
    "not tested": "○",
}

HEADER = [
    '<th class="sortable" data-column-type="result">Outcome</th>',
    '<th class="sortable" data-column-type="testId">Case</th>',
    "<th>Requirements</th>",
    '<th class="sortable" data-column-type="duration">Duration</th>',
    '<th><span class="visually-hidden">Link</span></th>',
]

_CATEGORIES: dict[str, tuple[str, str]] = {
    "failed": ("Failed", "Failed"),
    "error": ("Error", "Gate"),
    "waived": ("XFailed", "Waived"),
    "tolerated": ("XPassed", "Tolerated"),
    "not tested": ("Skipped", "Not tested"),
    "untestable": ("Rerun", "Untestable"),
    "passed": ("Passed", "Passed"),
}
"""pytest-html knows seven results, and its filters only those; ours take their places under their own labels."""

_LIMIT = 2000
"""As many characters of one expected or actual value as the page shows."""


@dataclass(frozen=True)
class Row:
    """A row of pytest-html's table: its cells, and which of its seven results it is filtered by."""

    cells: list[str]
    category: str


def _show(value: object) -> object:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _clip(text: str) -> str:
    shown, left_off = cut(text, _LIMIT)
    return f"{shown}\n… (cut: {left_off:,} more characters in results.json)" if left_off else shown


def _line(text: str) -> str:
    return " ".join(text.split())


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M:%S %Z}".strip()


_MARKS = {
    "": "%s",
    "edited": "<mark>%s</mark>",
    "left out": '<del><span class="visually-hidden">left out: </span>%s</del>',
    "remark": "<i>%s</i>",
}


def _marked_up(lines: Iterable[Line]) -> Markup:
    """LINES of a message as HTML; most of a report is made of them, so no template goes through them one by one."""
    return Markup("".join(f"{_MARKS[line.mark] % escape(visible(line.text))}\n" for line in lines))  # noqa: S704 (each is escaped)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("conformance.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_show,
        # They don't change while a run goes on.
        auto_reload=False,
    )
    environment.filters.update(
        line=_line, clip=_clip, seconds=_seconds, moment=_moment, curl=command, marked_up=_marked_up
    )
    environment.globals.update(
        SIGNS=SIGNS, VERDICTS=VERDICTS, request_lines=request_lines, response_lines=response_lines
    )
    return environment


def render(template: str, **values: object) -> str:
    """The text of TEMPLATE filled with VALUES, each escaped."""
    return _environment().get_template(template).render(**values)


def _asset(name: str) -> str:
    return resources.files("conformance.report").joinpath("templates", name).read_text("utf-8")


def stylesheet() -> str:
    """The style that turns pytest-html's page into ours."""
    return _asset("report.css")


class Page:
    """report.html of one record, in the parts that pytest-html asks for."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._plain = _first_plain(exchange for case in survey.record.cases for exchange in case.exchanges)

    def title(self) -> str:
        """The page's title."""
        return visible(f"Conformance report: {self._survey.record.target.base_url}")

    def environment(self) -> dict[str, str]:
        """What ran, as pytest-html's environment table; its values are inserted as HTML, so they are escaped here."""
        record = self._survey.record
        values = {
            "Suite": f"{record.suite.name} {record.suite.version}",
            "Document": record.suite.document,
            "Target": record.target.base_url,
            "Provider of states": record.target.provider,
            "Started": _moment(record.started),
            "Duration": _seconds(record.duration_s),
            "Calls to the endpoint": str(record.calls),
            "Seed": str(record.seed),
            "Strict": "yes" if record.strict else "no",
            "Exit status": str(record.exit_status),
        }
        return {name: str(Markup.escape(visible(value))) for name, value in values.items()}

    def summary(self) -> str:
        """Everything above the table of cases."""
        return render("summary.html.jinja", survey=self._survey, record=self._survey.record)

    def script(self) -> str:
        """The script that makes the table usable by keyboard and links lead to cases."""
        return f"<script>{_asset('report.js')}</script>"

    def evidence(self, case: CaseResult) -> str:
        """What opening the row of CASE shows."""
        plain = _first_plain(case.exchanges) or self._plain
        return render("evidence.html.jinja", case=case, survey=self._survey, plain=plain, marked=_marked)

    def row(self, case: CaseResult) -> Row:
        """The row of CASE."""
        category, label = _CATEGORIES[case.outcome]
        main = self._survey.main_requirements(case)
        cells = render(
            "row.html.jinja",
            case=case,
            main=main,
            more=len(set(case.requirements) - set(main)),
            category=category,
            label=label,
            sign=SIGNS[case.outcome],
            advisory=self._survey.advisory(case),
        )
        return Row(cells.strip().split("\n"), category.lower())


def error_row(name: str, message: str) -> Row:
    """A row for what keeps the run from a verdict although no case failed."""
    category, label = _CATEGORIES["error"]
    cells = render("error_row.html.jinja", name=name, message=message, category=category, label=label)
    return Row(cells.strip().split("\n"), category.lower())


def error_evidence(message: str) -> str:
    """What opening such a row shows."""
    return render("error_evidence.html.jinja", message=message)


def filters(rows: Iterable[Row]) -> dict[str, tuple[str, int]]:
    """The filters above the table: by pytest-html's result, the label and the number of ROWS."""
    counts = Counter(row.category for row in rows)
    return {category.lower(): (label, counts[category.lower()]) for category, label in _CATEGORIES.values()}


def _is_plain(exchange: Exchange) -> bool:
    return exchange.edit in ("", "the plain valid call")


def _first_plain(exchanges: Iterable[Exchange]) -> Request | None:
    return next((exchange.request for exchange in exchanges if _is_plain(exchange)), None)


def _marked(exchange: Exchange, plain: Request | None) -> list[Line]:
    return request_lines(exchange.request, None if _is_plain(exchange) else plain, exchange.edit)


_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)
_GENERATED = re.compile(r"<p>Report generated on.*?</p>", re.DOTALL)
_CIRCUMSTANCES = re.compile(r'<div id="environment-header">.*?</table>', re.DOTALL)


def _sources(pattern: re.Pattern[str], page: str) -> str:
    digests = (hashlib.sha256(text.encode("utf-8")).digest() for text in pattern.findall(page))
    return " ".join(f"'sha256-{base64.b64encode(digest).decode('ascii')}'" for digest in digests) or "'none'"


def seal(page: str) -> str:
    """PAGE with a content security policy: its own scripts and styles as they stand, and nothing from elsewhere."""
    policy = (
        f"default-src 'none'; script-src {_sources(_SCRIPT, page)}; style-src {_sources(_STYLE, page)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}"/>'
    return page.replace('<meta charset="utf-8"/>', f'<meta charset="utf-8"/>\n    {meta}', 1)


def finish(path: Path, style: Path) -> None:
    """Give the page that pytest-html wrote to PATH what no option of it gives.

    Its language, a viewport for phones, a landmark, the verdict before the circumstances, no path of this machine
    (STYLE, which pytest-html names in a comment), and a content security policy.
    """
    page = path.read_text("utf-8").replace(str(style), style.name)
    moved = "".join(match.group() for pattern in (_CIRCUMSTANCES, _GENERATED) if (match := pattern.search(page)))
    page = _GENERATED.sub("", _CIRCUMSTANCES.sub("", page, count=1), count=1)
    for old, new in (
        ("<html>", '<html lang="en">'),
        ("<title", '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n    <title'),
        ("<body>", "<body>\n    <main>"),
        # The one inline handler of pytest-html's template; a finished report has no use for it.
        (' onclick="location.reload()"', ""),
        ("<footer>", f"{moved}\n    </main>\n  <footer>"),
    ):
        page = page.replace(old, new, 1)
    path.write_text(seal(page), "utf-8")
