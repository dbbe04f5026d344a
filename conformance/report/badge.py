"""The verdict as a small picture (SVG)."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

from conformance.files import write
from conformance.record.results import Record, Verdict

__all__ = ["write_badge"]

_COLOURS: dict[Verdict, str] = {
    "conformant": "#1a6e3c",
    "non-conformant": "#b3261e",
    "incomplete": "#8a5a00",
    "no verdict": "#4f5b67",
}
_LABEL = "conformance"
_NARROW, _PADDING = 6.6, 20
_TEMPLATE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-labelledby="title">
<title id="title">{title}</title>
<clipPath id="round"><rect width="{width}" height="20" rx="4"/></clipPath>
<g clip-path="url(#round)"><rect width="{left}" height="20" fill="#3a414a"/>\
<rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" aria-hidden="true">\
<text x="{label_x}" y="14" textLength="{label_length}">{label}</text>\
<text x="{verdict_x}" y="14" textLength="{verdict_length}">{verdict}</text></g>
</svg>
"""


def write_badge(record: Record, path: Path) -> None:
    """Write the verdict of RECORD as a badge to PATH."""
    label_length, verdict_length = round(len(_LABEL) * _NARROW), round(len(record.verdict) * _NARROW)
    left, right = label_length + _PADDING, verdict_length + _PADDING
    write(
        path,
        _TEMPLATE.format(
            width=left + right,
            left=left,
            right=right,
            label_x=left / 2,
            verdict_x=left + right / 2,
            label_length=label_length,
            verdict_length=verdict_length,
            label=_LABEL,
            verdict=record.verdict,
            colour=_COLOURS[record.verdict],
            title=escape(f"{_LABEL}: {record.verdict} ({record.suite.document})"),
        ),
    )
