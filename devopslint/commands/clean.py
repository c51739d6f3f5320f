"""`devopslint clean`: forget what earlier runs found out."""

from __future__ import annotations

import click

from devopslint import cache
from devopslint.output import Usage
from devopslint.reports.text import many


@click.command()
def command() -> None:
    """Delete what earlier runs have kept about files, of all projects."""
    try:
        count, size = cache.clear()
    except OSError as error:
        raise Usage(f"cannot delete {error.filename}: {error.strerror}") from None
    click.echo(f"{many(count, 'file')} deleted, {size / 1e6:.1f} MB" if count else "nothing was kept")
