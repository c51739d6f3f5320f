"""`devopslint pipeline`: what was understood of the delivery pipelines."""

from __future__ import annotations

from typing import Any

import click

from devopslint.cli import make_run
from devopslint.options import run_options
from devopslint.output import usage_errors, write
from devopslint.pipeline.pipelines import Pipelines
from devopslint.project import Project
from devopslint.reports.pipeline import explain, render


@click.command()
@run_options
@click.option("--format", "format", type=click.Choice(["text", "mermaid", "json"]), default="text")
@click.option("--why", metavar="JOB", default="", help="How the stages of one job were told, step by step.")
def command(format: str, why: str, **run: Any) -> None:
    """Draw the delivery pipelines as they were understood: jobs, their stages and why, order, environments."""
    run["select"] = run["select"] or ("pipeline-",)
    with usage_errors():
        config, outcome = make_run(**run)
    view = Pipelines.of(Project(outcome.reports, told=config.stages).summaries)
    seen = view.within(outcome.scope.wanted)
    told = explain(seen, why) if why else render(seen, format)
    if not told:
        raise click.BadParameter(f"no job has the id '{why}': `devopslint pipeline` lists them", param_hint="--why")
    write("-", told, format if not why else "text")
