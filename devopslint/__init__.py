"""Checks infrastructure files, and how they fit together, against a Definition of Done.

The public API: `check()` and `rules()` with the types that they give, `Finding`, `Rule`, `Location` and
`Severity`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from devopslint.model import Finding, Location, Rule, Severity

if TYPE_CHECKING:
    from devopslint.config import Config

__all__ = ["Finding", "Location", "Rule", "Severity", "__version__", "check", "rules"]
__version__ = "0.1.0"


def check(
    files: Mapping[str, str], *, select: Collection[str] | None = None, config: Config | str | None = None
) -> list[Finding]:
    """Check the texts of a whole project.

    files: path relative to the project's root, with slashes -> the file's text. Files of no known kind are
        passed over.
    select: what to run in place of the default rules: ids, families (`hpa-`), items (`dod:kubernetes.hpa`),
        tags, peers' rules (`hadolint:DL3008`). A rule that is off by default runs when it is named.
    config: a Config, or the text of a devopslint.yaml.

    Gives all findings, sorted by path, line, column and rule; those that a suppression accepts have
    `suppressed` set. Raises ConfigError (a ValueError) for a selection or configuration that is not
    understood, and RuntimeError where a check broke.
    """
    from devopslint import config as configuration
    from devopslint import engine

    if isinstance(config, str):
        config = configuration.load_config("devopslint.yaml", config)
    settled = engine.check_texts(files, (config or configuration.Config()).selecting(select))
    for failure in settled.failures:
        raise RuntimeError(f"{failure.rule_id} broke on {failure.path or 'the project'}: {failure.message}")
    return list(settled.findings)


def rules() -> list[Rule]:
    """Every rule of the catalogue, those that are off by default too, in alphabetical order."""
    from devopslint.catalogue import catalogue

    return [entry.rule for entry in catalogue().values()]
