"""One line per finding, for editors' problem matchers and for grep."""

from __future__ import annotations

from devopslint.reports import Report
from devopslint.reports.frames import printable
from devopslint.reports.text import coloured, ending, headline, plain


def render(report: Report, *, color: bool, show_suppressed: bool, statistics: bool) -> str:
    paint = coloured if color else plain
    findings = report.findings if show_suppressed else report.counted
    lines = [f"{printable(str(finding.location))}: {headline(finding, paint)}" for finding in findings]
    for block in ending(report, paint, statistics):
        lines += block
    return "\n".join(lines) + "\n"
