"""Reusable workflows to which every caller hands all of its secrets."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.github.repository import Repository, local_calls
from devopslint.model import PartialDocument, Summaries

SECRETS = "secrets"
_REASON = "each workflow of this tree that calls it hands on all of its secrets"


def inheriting_secrets(summaries: Summaries) -> Iterator[PartialDocument]:
    """The workflows that only such callers have: they get the secrets, too, that they do not declare."""
    inherited: dict[str, bool] = {}
    for call in local_calls(summaries.seen_by(Repository)):
        if call.workflow is not None:
            path = call.workflow.path
            inherited[path] = inherited.get(path, True) and call.job.inherits_secrets
    for path, all_of_them in inherited.items():
        if all_of_them:
            yield PartialDocument(path, _REASON, keys=frozenset({SECRETS}), exact=True)
