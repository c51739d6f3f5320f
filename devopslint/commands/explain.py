"""`devopslint explain`: what a rule finds, why, and how to mend it."""

from __future__ import annotations

import sys

import click

from devopslint import catalogue_text
from devopslint.catalogue import catalogue
from devopslint.cli import config_here
from devopslint.config import matching
from devopslint.options import completed_rule
from devopslint.output import is_terminal, usage_errors, wants_color, write


@click.command()
@click.argument("rule", shell_complete=completed_rule)
def command(rule: str) -> None:
    """Say what RULE finds, why it matters, how to mend it, and what it can be told."""
    with usage_errors():
        if rule not in catalogue():
            config_here()
        found = sorted(matching(rule, every=True))
    told = "\n".join(catalogue_text.explanation(catalogue()[rule_id]) for rule_id in found)
    if is_terminal(sys.stdout):
        told = catalogue_text.for_terminal(told, colored=(colored := wants_color()))
        write("-", told, coloured=colored)
    else:
        write("-", told)
