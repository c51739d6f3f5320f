"""Workflow commands: GitHub Actions turns each into an annotation of the line in question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from devopslint.model import Finding, NotChecked, Severity
from devopslint.reports import Report
from devopslint.reports.frames import printable
from devopslint.reports.text import open_question, summary, turned_off

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(report: Report, *, color: bool, show_suppressed: bool, statistics: bool) -> str:
    lines = [_annotation(finding) for finding in report.counted]
    lines += [
        _command("warning", reason, {"file": gap.path, "line": gap.line if gap.path else "", "title": "not checked"})
        for reason, gap in _by_reason(report.not_checked)
    ]
    lines += [
        _command("notice", open_question(one), {"file": one.path, "line": one.line, "title": "not known"})
        for one in report.not_known
    ]
    lines += [
        _command(
            "error",
            f"{failure.rule_id or 'reading'}: {failure.message}",
            {"file": failure.path, "title": "internal error"},
        )
        for failure in report.failures
    ]
    return "\n".join([*lines, *turned_off(report), summary(report)]) + "\n"


def _by_reason(gaps: Iterable[NotChecked]) -> Iterator[tuple[str, NotChecked]]:
    """The first place of each reason: GitHub shows ten annotations of a step."""
    places: dict[str, list[NotChecked]] = {}
    for gap in gaps:
        places.setdefault(gap.reason, []).append(gap)
    for reason, found in places.items():
        more = f" (and in {len(found) - 1} more place{'' if len(found) == 2 else 's'})" if len(found) > 1 else ""
        yield f"{reason}{more}", found[0]


def _annotation(finding: Finding) -> str:
    place = finding.location
    region: dict[str, str | int] = {"file": place.path, "line": place.line, "endLine": place.end_line}
    if place.line == place.end_line:  # GitHub refuses columns on an annotation of several lines
        region |= {"col": place.column, "endColumn": place.end_column}
    message = "; ".join([finding.message, *(f"{related.message} ({related.location})" for related in finding.related)])
    return _command(_COMMANDS[finding.severity], message, {**region, "title": finding.rule.id})


def _command(name: str, message: str, properties: dict[str, str | int]) -> str:
    written = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items() if value != "")
    return f"::{name} {written}::{_data(message)}"


def _data(text: str) -> str:
    return printable(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
