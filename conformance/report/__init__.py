"""The reports: everything that is written for people and machines, rendered from one run record."""

from conformance.report.bundle import write_reports
from conformance.report.comparison import Comparison, compare
from conformance.report.overview import render_overview

__all__ = ["Comparison", "compare", "render_overview", "write_reports"]
