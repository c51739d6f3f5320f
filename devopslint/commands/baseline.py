"""`devopslint baseline`: accept what is there today, so that only what is new counts."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import Any

import click

from devopslint import baseline
from devopslint.cli import make_run
from devopslint.files import is_link, is_there
from devopslint.options import run_options
from devopslint.output import usage_errors, write
from devopslint.reports.frames import printable


@click.command()
@run_options
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file; otherwise .devopslint-baseline.json at the root of the repository.",
)
@click.option("--update", is_flag=True, help="Take in what is new, too. Without this no baseline grows.")
@click.option("--prune", is_flag=True, help="Take out what is gone.")
def command(output: Path | None, update: bool, prune: bool, **run: Any) -> None:
    """Accept today's findings for now, in a file that is committed; `check` then fails on what is new.

    A baseline never grows by itself: where there is one, this says what is new and what is gone, and exits with 1
    where it would have to grow. What has moved, in its file or into another, is still known. Each entry in the file
    can be given a "reason", and a last day as "until": "2027-06-30".
    """
    with usage_errors():
        config, outcome = make_run(**run)
        target = output or outcome.scope.root / baseline.NAME
        if output is None and is_link(target):
            raise click.UsageError(f"{baseline.NAME} is a link, and is not written through; --output names any file")
        found = baseline.find(outcome.scope.root, output) if is_there(target) else None
        if found is None and prune and not update:
            raise click.UsageError(f"there is no {target.name} to prune")
        known = found or baseline.Baseline(target.name)
        held = baseline.hold_outcome(known, config, outcome)
    new = [one for one in held.findings if one.suppressed is None]
    kept = [one for one in held.findings if one.suppressed is not None and one.suppressed.origin == "baseline"]
    if found is None or update or (prune and held.gone):
        taken = [*kept, *new] if found is None or update else kept
        rest = held.unseen if update else (*held.unseen, *held.expired)
        entries = baseline.of_findings(taken, known.entries, datetime.date.today())
        write(str(target), baseline.write(baseline.joined(entries, rest)), "json")
    told = _told(target, held, kept, new, first=found is None, update=update, prune=prune)
    write("-", "".join(f"{printable(line)}\n" for line in told))
    if new and found is not None and not update:
        sys.exit(1)


def _told(
    target: Path, held: baseline.Held, kept: list[Any], new: list[Any], *, first: bool, update: bool, prune: bool
) -> list[str]:
    if first:
        return [
            f"{target.name}: {len(new)} findings are accepted for now; from here on only new ones count.",
            "Commit it. `devopslint baseline --prune` makes it smaller as findings go away.",
        ]
    lines = [f"{target.name}: {len(kept)} still there, {len(held.gone)} gone, {len(new)} new"]
    if held.gone:
        lines += [f"{'taken out' if prune or update else 'gone'}:", *(f"  {one}" for one in baseline.told(held.gone))]
        lines += [] if prune or update else ["--prune takes out what is gone."]
    if held.expired:
        lines += ["the day has passed of:", *(f"  {one}" for one in baseline.told(held.expired))]
    if new:
        lines += [
            f"{'taken in' if update else 'new'}:",
            *(f"  {one}" for one in baseline.told(baseline.of_findings(new))),
        ]
        lines += [] if update else ["--update takes in what is new; mending it is better."]
    return lines
