"""`devopslint export`: the rules that a cluster can enforce, as policies of the cluster."""

from __future__ import annotations

import re
from pathlib import Path

import click

from devopslint.admission import policies
from devopslint.cli import config_here, tokens
from devopslint.options import completed_selection
from devopslint.output import Usage, usage_errors, write

_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
"""A label of RFC 1123: no namespace has another name, and an API server refuses a policy that asks for one."""


@click.command()
@click.option(
    "--format",
    "format",
    type=click.Choice([*policies.FORMATS]),
    default="vap",
    help="vap: ValidatingAdmissionPolicies, which Kubernetes itself enforces; kyverno: ValidatingPolicies of Kyverno 1.17.",
)
@click.option(
    "--select",
    multiple=True,
    metavar="WHAT",
    shell_complete=completed_selection,
    help="These instead of the configuration's: ids, families (hpa-), dod:kubernetes, tags; separated by commas.",
)
@click.option("--ignore", multiple=True, metavar="WHAT", shell_complete=completed_selection, help="Not these.")
@click.option(
    "--action",
    type=click.Choice(["audit", "warn", "deny", "severity"]),
    default="audit",
    help="What the cluster does about an object: note it down, warn who applies it, refuse it, or refuse it where the rule is an error and warn elsewhere.",
)
@click.option(
    "--spare",
    multiple=True,
    metavar="NAMESPACE",
    default=policies.SYSTEM_NAMESPACES,
    show_default=True,
    help="Leave the objects of these namespaces alone; separated by commas.",
)
@click.option(
    "--config",
    "config_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Use this configuration; otherwise the one of this folder, or above it.",
)
@click.option("--output", "-o", metavar="FILE", default="-", help="Write it here; - is standard output.")
def command(
    format: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    action: str,
    spare: tuple[str, ...],
    config_path: Path | None,
    output: str,
) -> None:
    """Write the rules that a cluster can enforce by itself as policies of the cluster: docs/export.md.

    Severities and parameters are those of the configuration. A rule that needs more than one object, or a file of the
    repository, is left out, and said on standard error where it is selected by its name.
    """
    spared = sorted({*tokens(spare)})
    for name in spared:
        if not _NAMESPACE.fullmatch(name):
            raise Usage(f"--spare: no namespace can be named {name!r}")
    with usage_errors():
        config = config_here(config_path).selecting(tokens(select) if select else None, tokens(ignore))
        selection = config.selection("")
    for rule_id in tokens(select):
        if rule_id in selection and rule_id not in policies.rows():
            click.echo(f"note: {rule_id} is left out: it takes more than one object to tell", err=True)
    if not selection:
        raise Usage("no rule is left: all that is selected is ignored, too")
    chosen = policies.policies(selection)
    if not chosen:
        raise Usage("none of these rules can be told from one object: docs/export.md lists those that can")
    write(output, policies.text(format, chosen, action, spared))
