"""The parts of report.html that are ours: everything above pytest-html's table of cases, and the rows of that table.

Every value that a template shows is escaped, and made visible where it holds control characters, by the environment:
no template can forget to.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import unescape
from html.parser import HTMLParser
from importlib import resources
from importlib.metadata import version
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.ext import Extension
from markupsafe import Markup

from conformance.evidence.exchange import PLAIN_EDIT, Exchange, Request
from conformance.evidence.glyphs import cut, visible
from conformance.record.results import CaseResult, Outcome, Record, Verdict
from conformance.report.curl import command
from conformance.report.document import chart
from conformance.report.junit import errors
from conformance.report.message import Line, request_lines, response_lines
from conformance.report.strip import Strip
from conformance.report.survey import FEW, NEWER, SEVERAL, Survey, attribution, sightings

__all__ = ["HEADER", "STYLE", "Entry", "Page", "Row", "filters", "finish", "render", "seal", "stylesheet"]

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
    "masked": "↳",
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

QUIET: tuple[Outcome, ...] = ("passed", "untestable", "not tested")
"""Outcomes that say nothing against the target: the map shows their signs without names."""

_CATEGORIES: dict[str, str] = {
    "failed": "Failed",
    "error": "Error",
    "masked": "Rerun",
    "waived": "XFailed",
    "tolerated": "XPassed",
    "not tested": "Skipped",
    "untestable": "Skipped",
    "passed": "Passed",
}
"""pytest-html knows seven results, and its filters only those; ours take their places under their own labels."""

_GATE = "Gate"
"""What keeps the run from a verdict although no case failed."""

_LIMIT = 2000
"""As many characters of one expected or actual value as the page shows."""

_MANY = 8
"""Exchanges of a case that are shown without choosing."""

_BRIEF = 240
"""As many characters of it as are shown where it is told in passing."""


_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)
_COMMENT = re.compile(r"/\*.*?\*/\n?", re.DOTALL)
_REMARK = re.compile(r"^ *//.*\n", re.MULTILINE)
_BLOB = re.compile(r'(?<= data-jsonblob=)"([^"]*)"')
"""The attribute in which pytest-html's page holds the rows of its table, as JSON."""


@dataclass(frozen=True)
class Row:
    """A row of pytest-html's table: its cells, which of its seven results it is filtered by, and our word for that."""

    cells: list[str]
    category: str
    label: str


@dataclass(frozen=True)
class Entry:
    """A case, or what keeps the run from a verdict although no case failed (case is None), as the page shows it."""

    case: CaseResult | None
    name: str
    title: str
    row: Row
    evidence: Markup


@dataclass(frozen=True)
class List:
    """A list of ids under its name; what it has in common with a shorter one, the core, isn't told again.

    number is the place among the lists of its kind, size how many ids it has, the core's among them.
    """

    name: str
    number: int
    size: int
    own: tuple[str, ...]
    core: List | None


class Lists:
    """Long lists of ids that several places of the page name: each stands in it once, under a name of its own."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._names: dict[tuple[str, ...], str] = {}

    def name(self, identifiers: Iterable[str]) -> str:
        """The name of the list of IDENTIFIERS."""
        return self._names.setdefault(tuple(identifiers), f"{self._kind}-{len(self._names) + 1}")

    @property
    def listed(self) -> tuple[List, ...]:
        """Every list that was asked for."""
        made: dict[tuple[str, ...], List] = {}
        numbers = {identifiers: number for number, identifiers in enumerate(self._names, 1)}
        # Each is told by the longest of those that it holds whole; shorter ones come first.
        for identifiers in sorted(self._names, key=len):
            within = [one for one in made if len(one) > FEW and set(one) < set(identifiers)]
            core = max(within, key=len, default=())
            own = tuple(identifier for identifier in identifiers if identifier not in core)
            name, number = self._names[identifiers], numbers[identifiers]
            made[identifiers] = List(name, number, len(identifiers), own, made.get(core))
        return tuple(made[identifiers] for identifiers in self._names)


def _show(value: object) -> object:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _clip(text: str) -> str:
    shown, left_off = cut(text, _LIMIT)
    return f"{shown}\n… (cut: {left_off:,} more characters in results.json)" if left_off else shown


def _brief(text: str, limit: int = _BRIEF) -> str:
    shown, left_off = cut(_line(text), limit)
    return f"{shown}…" if left_off else shown


def _line(text: str) -> str:
    return " ".join(text.split())


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M:%S %Z}".strip()


_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def _text(text: str) -> Markup:
    """TEXT as the content of an element, where quotation marks need no escape: they are a tenth of a report."""
    return Markup(visible(text).translate(_TEXT))  # noqa: S704 (escaped here)


_MARKS = {
    "": "%s",
    "edited": "<mark>%s</mark>",
    "left out": '<del><span class="visually-hidden">left out: </span>%s</del>',
    "remark": "<i>%s</i>",
}


def _marked_up(lines: Iterable[Line]) -> Markup:
    """LINES of a message as HTML; most of a report is made of them, so no template goes through them one by one."""
    return Markup("".join(f"{_MARKS[line.mark] % _text(line.text)}\n" for line in lines))  # noqa: S704 (each is escaped)


def _flush(source: str) -> str:
    """SOURCE, of a template, script or style, without its indentation: it is for who writes it, not for the page."""
    return _INDENTATION.sub("", source)


class _Flush(Extension):
    """Takes the indentation out of the templates themselves; what is filled in keeps its own."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002 (Jinja's)
        """SOURCE as it is compiled."""
        return _flush(source)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("conformance.report"),
        extensions=[_Flush],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_show,
        # They don't change while a run goes on.
        auto_reload=False,
    )
    environment.filters.update(
        attribution=attribution,
        line=_line,
        clip=_clip,
        brief=_brief,
        seconds=_seconds,
        moment=_moment,
        curl=command,
        marked_up=_marked_up,
        text=_text,
    )
    environment.globals.update(
        NEWER=NEWER,
        SIGNS=SIGNS,
        VERDICTS=VERDICTS,
        quiet=QUIET,
        few=FEW,
        most=SEVERAL,
        request_lines=request_lines,
        response_lines=response_lines,
        marked=_marked,
    )
    return environment


def render(template: str, **values: object) -> str:
    """The text of TEMPLATE filled with VALUES, each escaped."""
    return _environment().get_template(template).render(**values)


_TEMPLATES = resources.files("conformance.report") / "templates"

STYLE = _TEMPLATES / "report.css"
"""The style that turns pytest-html's page into ours."""


def stylesheet() -> str:
    """The same as text, without what only its writers read."""
    return _flush(_COMMENT.sub("", STYLE.read_text("utf-8")))


class Page:
    """report.html of one record, in the parts that pytest-html asks for."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._survey = Survey(record)
        self._plain = _first_plain(exchange for case in record.cases for exchange in case.evidence.exchanges)
        self._asked = Lists("asked")
        gates = [self._gate(number, *error) for number, error in enumerate(errors(record))]
        cases = [self._entry(number, case) for number, case in enumerate(self._survey.ordered_cases(), len(gates))]
        self.entries = (*gates, *cases)

    def title(self) -> str:
        """The page's title."""
        return visible(f"Conformance report: {self._record.target.base_url}")

    def _circumstances(self) -> tuple[tuple[str, str], ...]:
        record = self._record
        return (
            ("Suite", f"{record.suite.name} {record.suite.version}"),
            ("Document", record.suite.document),
            ("Target", record.target.base_url),
            ("Provider of states", record.target.provider),
            ("Started", _moment(record.run.started)),
            ("Duration", _seconds(record.run.duration_s)),
            ("Calls to the endpoint", str(record.run.calls)),
            ("Seed", str(record.run.seed)),
            ("Strict", "yes" if record.strict else "no"),
            ("Exit status", str(record.exit_status)),
            ("Case table made by", f"pytest-html {version('pytest-html')}"),
        )

    def summary(self) -> str:
        """Everything above the table of cases; it holds the cases as well, for a reader without scripts."""
        return render(
            "summary.html.jinja",
            survey=self._survey,
            record=self._record,
            plain=self._plain,
            sheets=chart(self._record.requirements),
            strip=Strip(self._record),
            circumstances=self._circumstances(),
            entries=self.entries,
            judging=Lists("judging"),
            asked=self._asked,
        )

    def script(self) -> str:
        """The script that makes the table usable by keyboard and links lead to cases."""
        return f"<script>{_flush(_REMARK.sub('', (_TEMPLATES / 'report.js').read_text('utf-8')))}</script>"

    def _entry(self, number: int, case: CaseResult) -> Entry:
        main = self._survey.main_requirements(case)
        label = case.outcome.capitalize()
        cells = render(
            "row.html.jinja",
            number=number,
            case=case,
            main=main,
            more=len(set(case.requirements) - set(main)),
            category=_CATEGORIES[case.outcome],
        )
        evidence = render(
            "evidence.html.jinja",
            number=number,
            case=case,
            sightings=tuple(sightings(case)),
            survey=self._survey,
            plain=_first_plain(case.evidence.exchanges) or self._plain,
            untested=_by_reason(case.untested),
            asked=self._asked,
            shown=_shown(case),
        )
        return Entry(case, case.id, case.title, _row(cells, _CATEGORIES[case.outcome], label), _made(evidence))

    def _gate(self, number: int, name: str, message: str) -> Entry:
        category = _CATEGORIES["error"]
        cells = render("error_row.html.jinja", number=number, name=name, category=category)
        evidence = render("error_evidence.html.jinja", number=number, message=message)
        return Entry(None, name, message, _row(cells, category, _GATE), _made(evidence))


def _by_reason(untested: Mapping[str, str]) -> dict[str, list[str]]:
    """The requirements that are UNTESTED, by the reason why."""
    groups: dict[str, list[str]] = {}
    for identifier, reason in untested.items():
        groups.setdefault(reason, []).append(identifier)
    return groups


def _shown(case: CaseResult) -> frozenset[int]:
    """The exchanges of CASE that the page shows: all, or of many the first and those that its findings are about."""
    if len(case.evidence.exchanges) <= _MANY:
        return frozenset(range(len(case.evidence.exchanges)))
    telling = {finding.exchange for finding in case.findings if finding.exchange is not None}
    return frozenset((*range(FEW), *sorted(telling)[:FEW]))


def _made(html: str) -> Markup:
    return Markup(html)  # noqa: S704 (a template of ours made it)


def _row(cells: str, category: str, label: str) -> Row:
    return Row(cells.strip().split("\n"), category.lower(), label)


def filters(rows: Iterable[Row]) -> dict[str, tuple[str, int]]:
    """The filters above the table: by pytest-html's result, our words for it and the number of ROWS."""
    found: dict[str, list[str]] = {category.lower(): [] for category in _CATEGORIES.values()}
    for row in rows:
        found[row.category].append(row.label)
    return {
        category: (" or ".join(dict.fromkeys(labels)).capitalize() or category, len(labels))
        for category, labels in found.items()
    }


def _is_plain(exchange: Exchange) -> bool:
    return exchange.edit in ("", PLAIN_EDIT)


def _first_plain(exchanges: Iterable[Exchange]) -> Request | None:
    return next((exchange.request for exchange in exchanges if _is_plain(exchange)), None)


def _marked(exchange: Exchange, plain: Request | None) -> list[Line]:
    return request_lines(exchange.request, None if _is_plain(exchange) else plain, exchange.edit)


class _Sources(HTMLParser):
    """The texts of a page's scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self._open = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 (the parser's)
        """A script or style begins."""
        self._open = tag if tag in self.texts else ""
        if self._open:
            self.texts[tag].append("")

    def handle_data(self, data: str) -> None:
        """A piece of it, or of something else."""
        if self._open:
            self.texts[self._open][-1] += data

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 (the parser's)
        """It ends; neither holds other elements."""
        self._open = ""

    def policy(self, tag: str) -> str:
        """The digests by which a policy allows the elements TAG of the page."""
        digests = (hashlib.sha256(text.encode("utf-8")).digest() for text in self.texts[tag])
        return " ".join(f"'sha256-{base64.b64encode(digest).decode('ascii')}'" for digest in digests) or "'none'"


def seal(page: str) -> str:
    """PAGE with a content security policy: its own scripts and styles as they stand, and nothing from elsewhere."""
    # No element stands within the attribute that holds all evidence, which is most of the page.
    sources = _Sources(_BLOB.sub("", page, count=1))
    policy = (
        f"default-src 'none'; script-src {sources.policy('script')}; style-src {sources.policy('style')}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}"/>'
    return page.replace('<meta charset="utf-8"/>', f'<meta charset="utf-8"/>\n    {meta}', 1)


def finish(page: str, style: Path) -> str:
    """PAGE, as pytest-html wrote it, with what neither a hook nor an option of it gives.

    That is its language, a viewport for phones, a landmark, and a content security policy. The path of this machine
    that it is without is that of STYLE, which pytest-html names in a comment.
    """
    for old, new in (
        (str(style), style.name),
        ("<html>", '<html lang="en">'),
        ("<title", '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n    <title'),
        ("<body>", "<body>\n    <main>"),
        # The one inline handler of pytest-html's template; a finished report has no use for it.
        (' onclick="location.reload()"', ""),
        ("<footer>", "</main>\n  <footer>"),
    ):
        page = page.replace(old, new, 1)
    return _BLOB.sub(_requoted, seal(page), count=1)


def _requoted(blob: re.Match[str]) -> str:
    """The attribute's value between apostrophes: JSON is full of quotation marks, each of which needed an escape."""
    text = unescape(blob[1])
    compact = json.dumps(json.loads(text), separators=(",", ":"))
    escaped = compact.translate(_TEXT | {ord("'"): "&#39;"})
    return f"'{escaped}'"
