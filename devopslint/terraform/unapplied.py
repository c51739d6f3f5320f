"""Modules that nobody applies as they lie there: in an archive, for a test to compare with, to be laid over another."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.model import PartialDocument, Summaries
from devopslint.readers.folders import REFUSED, put_away_in, refused_in
from devopslint.terraform.modules import Terraform, is_override
from devopslint.terraform.source import SourceText

_DATA = compiled(r"(?:^|/)(testdata)/")
"""What Go leaves to tests: they write beside it what it lacks, and apply it."""
_EXPECTED = compiled(r"(?:^|/)(\.?golden|goldens|golden[_-](?:copies|files)|__snapshots?__)/")

_OF_TESTS = (
    (_EXPECTED, "a test compares with it what a program writes"),
    (_DATA, "it is what a test makes of it"),
)


def put_away(summaries: Summaries) -> Iterator[PartialDocument]:
    """What lies in an archive, unless a module outside calls it there; what tests expect, or expect to be refused."""
    every = list(summaries.of(SourceText))
    for one in every:
        if folder := refused_in(one.path):
            yield PartialDocument(one.path, f"lies in {folder}/: {REFUSED}", whole=True, but_secrets=True)
            continue
        for expression, what in _OF_TESTS:
            if (matched := expression.search(one.path)) is not None:
                yield PartialDocument(one.path, f"lies in {matched[1]}/: {what}", whole=True, but_secrets=True)
                break
    yield from _laid_over(every)
    found = [one for one in every if put_away_in(one.path)]
    if not found:
        return
    callers = summaries.seen_by(Terraform).callers
    for one in found:
        if not any(not put_away_in(f"{caller.folder}/") for caller, _ in callers.get(one.folder, ())):
            reason = f"lies in {put_away_in(one.path)}/: it is put away, and no module outside calls it there"
            yield PartialDocument(one.path, reason, whole=True, but_secrets=True)


def _laid_over(every: list[SourceText]) -> Iterator[PartialDocument]:
    """Folders of override files alone, which change what is not there: Terraform refuses them where they lie."""
    modules = [one for one in every if one.kind == "terraform"]
    complete = {one.folder for one in modules if not is_override(one)}
    for one in modules:
        if one.folder not in complete:
            reason = "no other file of its folder has what it overrides: it is laid over another module"
            yield PartialDocument(one.path, reason, whole=True, but_secrets=True)
