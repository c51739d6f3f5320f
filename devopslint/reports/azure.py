"""Logging commands: Azure Pipelines shows each as an issue of the run, with its line.

What it reads: https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
"""

from __future__ import annotations

from devopslint.model import Severity
from devopslint.reports import Report
from devopslint.reports.frames import printable
from devopslint.reports.text import open_question, summary, turned_off


def render(report: Report, *, color: bool, show_suppressed: bool, statistics: bool) -> str:
    lines = [
        _issue(
            finding.severity,
            finding.message,
            finding.location.path,
            finding.location.line,
            finding.location.column,
            finding.rule.id,
        )
        for finding in report.counted
    ]
    lines += [_issue(Severity.WARNING, f"not checked: {gap.reason}", gap.path, gap.line) for gap in report.not_checked]
    lines += [f"not known: {_plain(open_question(one))} ({_plain(one.path)}:{one.line})" for one in report.not_known]
    lines += [
        _issue(Severity.ERROR, f"internal error: {one.rule_id or 'reading'}: {one.message}", one.path)
        for one in report.failures
    ]
    return "\n".join([*lines, *map(_plain, turned_off(report)), _plain(summary(report))]) + "\n"


def _issue(severity: Severity, message: str, path: str = "", line: int = 1, column: int = 1, code: str = "") -> str:
    """Azure knows errors and warnings; advice is a plain line, or it would colour the run."""
    if severity is Severity.NOTE:
        return _plain(f"{path}:{line}:{column}: note[{code}]: {message}")
    place = f"sourcepath={_property(path)};linenumber={line};columnnumber={column};" if path else ""
    named = f"code={_property(code)};" if code else ""
    return f"##vso[task.logissue type={severity};{place}{named}]{_data(message)}"


def _data(text: str) -> str:
    """One line, in which no other command can begin."""
    return printable(text).replace("%", "%AZP25").replace("##", "# #")


def _property(text: str) -> str:
    return _data(text).replace(";", "%3B").replace("]", "%5D")


def _plain(text: str) -> str:
    return printable(text).replace("##", "# #")
