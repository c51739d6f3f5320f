"""`devopslint badge`: how much of the Definition of Done holds, as a picture."""

from __future__ import annotations

from typing import Any

import click

from devopslint.cli import answers_of, make_run
from devopslint.options import run_options
from devopslint.output import usage_errors, write
from devopslint.reports.checklist_page import badge


@click.command()
@run_options
@click.option("--output", "-o", metavar="FILE", default="-", help="Write it here; - is standard output.")
def command(output: str, **run: Any) -> None:
    """Write an SVG that says how many of the items that apply here hold."""
    with usage_errors():
        config, outcome = make_run(**run)
    write(output, badge(answers_of(config, outcome)))
