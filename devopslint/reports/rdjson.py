"""The Reviewdog Diagnostic Format: findings as comments on the lines of a change.

Its schema: https://github.com/reviewdog/reviewdog/tree/master/proto/rdf
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

from devopslint.model import Finding, Location, Severity
from devopslint.reports import HOMEPAGE, Report, Suggestion, page_of
from devopslint.reports.frames import printable
from devopslint.reports.sources import lines_of
from devopslint.reports.text import open_question

_SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.NOTE: "INFO"}


def render(report: Report, *, color: bool, show_suppressed: bool, statistics: bool) -> str:
    lines_at = functools.cache(lambda path: lines_of(report.source(path)))
    diagnostics = [
        _finding(finding, lines_at, report.suggestions.get(finding.fingerprint)) for finding in report.counted
    ]
    diagnostics += [_remark(gap.path or ".", gap.line, f"not checked: {gap.reason}") for gap in report.not_checked]
    diagnostics += [_remark(one.path, one.line, f"not known: {open_question(one)}") for one in report.not_known]
    diagnostics += [
        _remark(one.location.path, one.location.line, f"turned off: {one.words}") for one in report.turned_off
    ]
    diagnostics += [
        {
            **_remark(one.path or ".", 1, f"internal error: {one.rule_id or 'reading'}: {one.message}"),
            "severity": "ERROR",
        }
        for one in report.failures
    ]
    source = {"name": "devopslint", "url": HOMEPAGE}
    return json.dumps({"source": source, "diagnostics": diagnostics}, indent=1) + "\n"


def _finding(finding: Finding, lines_at: Callable[[str], list[str]], suggestion: Suggestion | None) -> dict[str, Any]:
    rule = finding.rule
    diagnostic: dict[str, Any] = {
        "message": printable(f"{finding.message}. {rule.remediation.strip()}"),
        "location": _location(finding.location, lines_at),
        "severity": _SEVERITIES[finding.severity],
        "code": {"value": rule.id, **({"url": page} if (page := page_of(rule)) else {})},
    }
    if suggestion is not None:
        diagnostic["suggestions"] = [
            {"range": _location(one.location, lines_at)["range"], "text": one.text} for one in suggestion.edits
        ]
    if finding.related:
        diagnostic["related_locations"] = [
            {"message": printable(one.message), "location": _location(one.location, lines_at)}
            for one in finding.related
        ]
    return diagnostic


def _remark(path: str, line: int, message: str) -> dict[str, Any]:
    place = {"path": printable(path), "range": {"start": {"line": line, "column": 1}}}
    return {"message": printable(message), "location": place, "severity": "INFO"}


def _location(at: Location, lines_at: Callable[[str], list[str]]) -> dict[str, Any]:
    lines = lines_at(at.path)
    return {
        "path": printable(at.path),
        "range": {
            "start": {"line": at.line, "column": _bytes_before(lines, at.line, at.column) + 1},
            "end": {"line": at.end_line, "column": _bytes_before(lines, at.end_line, at.end_column) + 1},
        },
    }


def _bytes_before(lines: list[str], line: int, column: int) -> int:
    """Columns count bytes of UTF-8 there."""
    before = lines[line - 1][: column - 1] if line <= len(lines) else " " * (column - 1)
    return len(before.encode("utf-8", "surrogatepass"))
