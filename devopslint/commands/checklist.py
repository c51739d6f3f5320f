"""`devopslint checklist`: the Definition of Done, item by item."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from devopslint import baseline
from devopslint.checklist import render
from devopslint.cli import answers_of, gathered_in, make_run
from devopslint.options import run_options
from devopslint.output import usage_errors, write
from devopslint.reports.frames import printable
from devopslint.reports.neutral import neutral

if TYPE_CHECKING:
    from devopslint.checklist import Answer
    from devopslint.config import Config
    from devopslint.run import Outcome


@click.command()
@run_options
@click.option("--format", "format", type=click.Choice(["text", "json", "markdown", "html"]), default="text")
@click.option(
    "--evidence",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with reports of scanners, coverage, tests, image sizes and run times, which answer items: docs/evidence.md.",
)
def command(format: str, evidence: Path | None, **run: Any) -> None:
    """Answer the Definition of Done item by item: met, violated, not applicable, needs evidence."""
    with usage_errors():
        config, outcome = make_run(**run)
    gathered = gathered_in(config, outcome, evidence)
    answers = answers_of(config, outcome, gathered)
    text = _page(answers, config, outcome) if format == "html" else render(answers, format)
    write("-", text, format)
    for path, why in gathered.passed_over:
        click.echo(neutral(printable(f"{path}: {why}")), err=True)
    if outcome.settled.failures:
        sys.exit(2)


def _page(answers: list[Answer], config: Config, outcome: Outcome) -> str:
    """The checklist for a browser, with what has become of a baseline where there is one."""
    from devopslint.reports.checklist_page import Trend, page  # only where a page is asked for

    with usage_errors():
        found = baseline.find(outcome.scope.root)
    trend = None
    if found is not None:
        held = baseline.hold_outcome(found, config, outcome)
        there = sum(one.suppressed is not None and one.suppressed.origin == "baseline" for one in held.findings)
        new = sum(one.suppressed is None for one in held.findings)
        trend = Trend(there, sum(one.times for one in held.gone), new)
    return page(answers, datetime.date.today(), trend)
