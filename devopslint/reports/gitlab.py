"""GitLab's Code Quality report: findings in the merge request widget.

What GitLab reads: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import json
from typing import Any

from devopslint.digests import sha256
from devopslint.model import Finding, Location, Severity
from devopslint.reports import Report
from devopslint.reports.frames import printable
from devopslint.reports.text import open_question

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "info"}


def render(report: Report, *, color: bool, show_suppressed: bool, statistics: bool) -> str:
    issues = [_finding(finding) for finding in report.counted]
    issues += [
        _by_itself("not-checked", "info", gap.path, gap.line, f"Not checked: {gap.reason}")
        for gap in report.not_checked
    ]
    issues += [
        _by_itself("not-known", "info", one.path, one.line, f"Not known: {open_question(one)}")
        for one in report.not_known
    ]
    issues += [
        _by_itself("turned-off", "info", one.location.path, one.location.line, f"Turned off: {one.words}")
        for one in report.turned_off
    ]
    issues += [
        _by_itself("internal-error", "blocker", one.path, 1, f"{one.rule_id or 'reading'} failed: {one.message}")
        for one in report.failures
    ]
    return json.dumps(issues, indent=2) + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    description = f"{finding.message}. {finding.rule.remediation.strip()}"
    return _issue(finding.rule.id, _SEVERITIES[finding.severity], finding.location, description, finding.fingerprint)


def _by_itself(name: str, severity: str, path: str, line: int, description: str) -> dict[str, Any]:
    identity = "\0".join((name, path, str(line), description))
    fingerprint = sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return _issue(name, severity, Location(path or ".", line, 1, line, 1), description, fingerprint)


def _issue(name: str, severity: str, at: Location, description: str, fingerprint: str) -> dict[str, Any]:
    return {
        "description": printable(description),
        "check_name": name,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {
            "path": printable(at.path),
            "positions": {
                "begin": {"line": at.line, "column": at.column},
                "end": {"line": at.end_line, "column": at.end_column},
            },
        },
    }
