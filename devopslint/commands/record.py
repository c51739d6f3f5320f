"""`devopslint record check`: one verdict for each record of a change."""

from __future__ import annotations

import sys
from typing import Any

import click

from devopslint.cli import make_run
from devopslint.model import Finding, Severity
from devopslint.options import run_options
from devopslint.output import usage_errors, write
from devopslint.records.records import RecordSummary
from devopslint.reports.frames import printable


@click.group()
def command() -> None:
    """Records of changes: JSON or YAML with agentName, status and filesChanged."""


@command.command()
@run_options
def check(**run: Any) -> None:
    """Say of each record whether it holds, and what is wrong where it does not. Exits with 1 where one does not."""
    run["select"] = run["select"] or ("change-",)
    with usage_errors():
        _, outcome = make_run(**run)
    records = [
        one
        for report in outcome.reports
        if report.file.path in outcome.scope.wanted
        for one in report.summaries
        if isinstance(one, RecordSummary)
    ]
    findings = [one for one in outcome.settled.findings if one.suppressed is None]
    lines, bad = [], 0
    for record in records:
        own = [one for one in findings if _is_of(one, record)]
        worst = max((one.severity for one in own), default=None)
        holds = worst is None or worst < Severity.WARNING
        bad += not holds
        lines.append(f"{record.path}:{record.first_line}: {record.label}: {'holds' if holds else 'does not hold'}")
        lines += [f"  {one.severity} {one.location.line}: {one.message} ({one.rule.id})" for one in own]
    if len(records) == 1:
        lines.append(f"1 record, and it {'does not hold' if bad else 'holds'}")
    else:
        lines.append(
            f"{len(records)} records, {bad} of them do not hold" if records else "no record of a change was found"
        )
    write("-", "".join(f"{printable(line)}\n" for line in lines))
    if outcome.settled.failures:
        sys.exit(2)
    if bad:
        sys.exit(1)


def _is_of(finding: Finding, record: RecordSummary) -> bool:
    return finding.location.path == record.path and record.first_line <= finding.location.line <= record.last_line
