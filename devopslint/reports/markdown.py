"""A summary in Markdown, for the page of a GitHub Actions run or a comment."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import quote

from devopslint.model import Finding, Location
from devopslint.reports import Report
from devopslint.reports.frames import printable
from devopslint.reports.text import open_question, summary, turned_off

MOST_ROWS = 200
"""GitHub refuses a step summary of more than 1 MiB, and nobody reads so far down a table."""
_SIGNS = {"error": "🔴", "warning": "🟡", "note": "🔵"}


def render(report: Report, *, color: bool, show_suppressed: bool, statistics: bool) -> str:
    findings = sorted(report.findings if show_suppressed else report.counted, key=lambda finding: -finding.severity)
    blocks = [f"## devopslint\n\n{summary(report)}"]
    if findings:
        rows = [_row(finding, report) for finding in findings[:MOST_ROWS]]
        blocks.append("\n".join(["| | finding | rule | where |", "|---|---|---|---|", *rows]))
    if len(findings) > MOST_ROWS:
        blocks.append(f"and {len(findings) - MOST_ROWS} more")
    if findings:
        blocks.append(_folded("How to fix them", _advice(findings)))
    if report.not_checked:
        gaps = [
            f"{_code(gap.path)}: {escaped(gap.reason)}" if gap.path else escaped(gap.reason)
            for gap in report.not_checked
        ]
        blocks.append(_folded("Not checked", gaps))
    if report.not_known:
        questions = [f"{_code(f'{one.path}:{one.line}')}: {escaped(open_question(one))}" for one in report.not_known]
        blocks.append(_folded("Not known", questions))
    blocks.extend(escaped(line) for line in turned_off(report))
    if report.failures:
        failures = [f"{_code(one.rule_id)} on {_code(one.path)}: {escaped(one.message)}" for one in report.failures]
        blocks.append(_folded("Internal errors, please report them", failures))
    return "\n\n".join(blocks) + "\n"


def _row(finding: Finding, report: Report) -> str:
    suppressed = f"<br>suppressed: {escaped(finding.suppressed.reason or '')}" if finding.suppressed else ""
    cells = (
        f"{_SIGNS[str(finding.severity)]} {finding.severity}",
        escaped(finding.message) + suppressed,
        _code(finding.rule.id),
        _place(finding.location, report),
    )
    return f"| {' | '.join(cells)} |"


def _place(location: Location, report: Report) -> str:
    shown = escaped(f"{location.path}:{location.line}")
    if report.revision is None:
        return shown
    path = quote(location.path.encode("utf-8", "replace"))
    return f"[{shown}]({report.revision.repository}/blob/{report.revision.commit}/{path}#L{location.line})"


def _advice(findings: list[Finding]) -> Iterator[str]:
    for rule in {finding.rule.id: finding.rule for finding in findings}.values():
        yield f"{_code(rule.id)}: {escaped(rule.remediation)}"


def _folded(title: str, items: Iterator[str] | list[str]) -> str:
    lines = [*items]
    more = [f"- and {len(lines) - MOST_ROWS} more"] if len(lines) > MOST_ROWS else []
    shown = "\n".join([*(f"- {line}" for line in lines[:MOST_ROWS]), *more])
    return f"<details><summary>{title}</summary>\n\n{shown}\n\n</details>"


def escaped(text: str) -> str:
    """Plain text, whatever it holds: no markup, link, image, table cell or mention begins in it."""
    quoted = html.escape(printable(text.strip()), quote=False)
    return re.sub(r"([\\`*_\[\]()|~#!@$]|:(?=//)|(?<=www)\.)", r"\\\1", quoted)


def _code(text: str) -> str:
    return f"<code>{escaped(text)}</code>"
