"""Modules that nobody applies any more: what lies in an archive."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.model import PartialDocument, Summaries
from devopslint.readers.folders import put_away_in
from devopslint.terraform.modules import Terraform
from devopslint.terraform.source import SourceText


def put_away(summaries: Summaries) -> Iterator[PartialDocument]:
    """What lies in an archive, unless a module outside calls it there."""
    found = [one for one in summaries.of(SourceText) if put_away_in(one.path)]
    if not found:
        return
    callers = summaries.seen_by(Terraform).callers
    for one in found:
        if not any(not put_away_in(f"{caller.folder}/") for caller, _ in callers.get(one.folder, ())):
            reason = f"lies in {put_away_in(one.path)}/: it is put away, and no module outside calls it there"
            yield PartialDocument(one.path, reason, whole=True, but_secrets=True)
