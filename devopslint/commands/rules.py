"""`devopslint rules`: which rules there are."""

from __future__ import annotations

import click

from devopslint import catalogue_text
from devopslint.catalogue import catalogue
from devopslint.cli import completed_rule, tokens, usage_errors, write
from devopslint.config import selected


@click.command()
@click.argument("what", nargs=-1, shell_complete=completed_rule)
@click.option("--format", "format", type=click.Choice(["text", "json"]), default="text")
def command(what: tuple[str, ...], format: str) -> None:
    """List the rules, or those that WHAT selects: families (k8s-), tags, dod:kubernetes.hpa, hadolint:DL3008."""
    with usage_errors():
        chosen = sorted(selected(tokens(what)) if what else catalogue())
    write("-", catalogue_text.listing([catalogue()[rule_id] for rule_id in chosen], format), format)
