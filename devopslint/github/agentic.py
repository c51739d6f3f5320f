"""Workflows that GitHub's agentic workflows are compiled to: whoever changes them changes the Markdown beside them."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.github.summaries import WorkflowSummary
from devopslint.model import KnownFiles, PartialDocument, Summaries

_COMPILED = ".lock.yml"


def compiled_from_markdown(summaries: Summaries) -> Iterator[PartialDocument]:
    """What `gh aw compile` has written; a secret that anybody can read there is one all the same."""
    candidates = [one.path for one in summaries.of(WorkflowSummary) if one.path.endswith(_COMPILED)]
    if not candidates:
        return
    files = frozenset(path for known in summaries.of(KnownFiles) for path in known.paths)
    for path in candidates:
        written = f"{path.removesuffix(_COMPILED)}.md"
        if written in files:
            yield PartialDocument(path, f"is compiled by `gh aw` from {written}", whole=True, but_secrets=True)
