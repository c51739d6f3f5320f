"""Checkstyle's XML, which Jenkins, Bitbucket, GitLab and most reviewers' bots read."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from devopslint.model import Severity
from devopslint.reports import Report
from devopslint.reports.frames import printable
from devopslint.reports.text import open_question

_SEVERITIES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "info"}


def render(report: Report, *, color: bool, show_suppressed: bool, statistics: bool) -> str:
    by_file: dict[str, list[str]] = {}
    for finding in report.counted:
        at = finding.location
        line = _error(at.line, at.column, _SEVERITIES[finding.severity], finding.message, finding.rule.id)
        by_file.setdefault(at.path, []).append(line)
    for gap in report.not_checked:
        by_file.setdefault(gap.path or ".", []).append(
            _error(gap.line, 1, "info", f"not checked: {gap.reason}", "not-checked")
        )
    for one in report.not_known:
        by_file.setdefault(one.path, []).append(
            _error(one.line, 1, "info", f"not known: {open_question(one)}", "not-known")
        )
    for switch in report.turned_off:
        at = switch.location
        by_file.setdefault(at.path, []).append(_error(at.line, 1, "info", f"turned off: {switch.words}", "turned-off"))
    for failure in report.failures:
        message = f"internal error: {failure.rule_id or 'reading'}: {failure.message}"
        by_file.setdefault(failure.path or ".", []).append(_error(1, 1, "error", message, "internal-error"))
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<checkstyle version="4.3">']
    for path, errors in sorted(by_file.items()):
        lines += [f" <file name={_attribute(path)}>", *errors, " </file>"]
    return "\n".join([*lines, "</checkstyle>"]) + "\n"


def _error(line: int, column: int, severity: str, message: str, source: str) -> str:
    return (
        f'  <error line="{line}" column="{column}" severity="{severity}" '
        f'message={_attribute(message)} source="devopslint.{source}"/>'
    )


def _attribute(text: str) -> str:
    return quoteattr(printable(text))
