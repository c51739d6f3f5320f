"""`devopslint rules`: which rules there are."""

from __future__ import annotations

import json

import click

from devopslint import catalogue_text, own_rules
from devopslint.catalogue import catalogue
from devopslint.cli import config_here, tokens
from devopslint.config import selected
from devopslint.options import completed_rule
from devopslint.output import usage_errors, write


@click.command()
@click.argument("what", nargs=-1, shell_complete=completed_rule)
@click.option("--format", "format", type=click.Choice(["text", "json", "json-schema"]), default="text")
def command(what: tuple[str, ...], format: str) -> None:
    """List the rules, or those that WHAT selects: families (k8s-), tags, dod:kubernetes.hpa, hadolint:DL3008.

    `--format json-schema` gives the schema of a file with a rule of one's own.
    """
    if format == "json-schema":
        write("-", json.dumps(own_rules.schema(), indent=2) + "\n", "json")
        return
    with usage_errors():
        config_here()
        chosen = sorted(selected(tokens(what)) if what else catalogue())
    write("-", catalogue_text.listing([catalogue()[rule_id] for rule_id in chosen], format), format)
