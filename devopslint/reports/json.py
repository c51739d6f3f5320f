"""The report for other programs, whole; docs/json-report.md describes it and docs/json-report.schema.json checks it."""

from __future__ import annotations

import json
from typing import Any

from devopslint import __version__
from devopslint.model import Finding, Location, Severity, Suppression
from devopslint.reports import Report, Suggestion

VERSION = 1
"""Grows when a program that reads the report has to change; new keys may come without."""


def render(report: Report, *, color: bool, show_suppressed: bool, statistics: bool) -> str:
    """One line for each finding: as quick to write as no indentation at all, and a diff shows findings."""
    lines = [f"{json.dumps(key)}: {_lines(value)}" for key, value in content(report).items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _lines(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return json.dumps(value)
    return "[\n" + ",\n".join(json.dumps(item) for item in value) + "\n]"


def content(report: Report) -> dict[str, Any]:
    return {
        "version": VERSION,
        "tool": {"name": "devopslint", "version": __version__},
        "summary": _summary(report),
        "findings": [_finding(finding, report.suggestions.get(finding.fingerprint)) for finding in report.findings],
        "fixed": [_finding(finding) for finding in report.fixed],
        "not_fixed": list(report.unmended),
        "not_checked": [{"path": gap.path, "line": gap.line, "reason": gap.reason} for gap in report.not_checked],
        "not_known": [
            {
                "path": one.path,
                "line": one.line,
                "reason": one.reason,
                "settled_by": one.settled_by,
                "rule": one.rule_id,
            }
            for one in report.not_known
        ],
        "turned_off": [
            {"path": one.location.path, "line": one.location.line, "what": one.words} for one in report.turned_off
        ],
        "baseline": {"path": report.baseline, "gone": list(report.gone), "expired": report.expired}
        if report.baseline
        else None,
        "internal_errors": [
            {"rule": failure.rule_id, "path": failure.path, "message": failure.message} for failure in report.failures
        ],
    }


def _summary(report: Report) -> dict[str, Any]:
    severities = [finding.severity for finding in report.counted]
    return {
        "findings": len(severities),
        **{f"{severity}s": severities.count(severity) for severity in reversed(Severity)},
        "suppressed": len(report.suppressed),
        "in_baseline": len(report.baselined),
        "hidden": report.hidden,
        "outside_changes": report.outside,
        "files_seen": report.files_seen,
        "files_checked": report.files_checked,
        "rules": len(report.rules),
    }


def _finding(finding: Finding, suggestion: Suggestion | None = None) -> dict[str, Any]:
    return {
        "rule": finding.rule.id,
        "title": finding.rule.title,
        "severity": str(finding.severity),
        **_place(finding.location),
        "message": finding.message,
        "remediation": finding.rule.remediation,
        "subject": finding.subject,
        "dod": list(finding.rule.dod),
        "related": [{**_place(related.location), "message": related.message} for related in finding.related],
        "fingerprint": finding.fingerprint,
        "suppression": _suppression(finding.suppressed),
        "fix": {
            "safe": suggestion.safe,
            "edits": [{"region": _place(one.location)["region"], "text": one.text} for one in suggestion.edits],
        }
        if suggestion is not None
        else None,
    }


def _place(location: Location) -> dict[str, Any]:
    return {
        "path": location.path,
        "region": {
            "line": location.line,
            "column": location.column,
            "end_line": location.end_line,
            "end_column": location.end_column,
        },
    }


def _suppression(suppression: Suppression | None) -> dict[str, Any] | None:
    if suppression is None:
        return None
    return {
        "origin": suppression.origin,
        "reason": suppression.reason,
        "until": suppression.until.isoformat() if suppression.until else None,
        "path": suppression.location.path,
        "line": suppression.location.line,
    }
