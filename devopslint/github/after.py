"""Workflows that run after others, and whether strangers set those off."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.github.authors import OWN_EVENTS
from devopslint.github.summaries import WorkflowSummary
from devopslint.model import PartialDocument, Summaries

_REASON = "runs after workflows of this tree that no stranger starts"


def after_own_events(summaries: Summaries) -> Iterator[PartialDocument]:
    """The workflows that wait only for such as the repository's own people set off: what those hand on is theirs."""
    workflows = summaries.of(WorkflowSummary)
    by_name: dict[str, list[WorkflowSummary]] = {}
    for one in workflows:
        by_name.setdefault(str(one.name) or one.path, []).append(one)
    for one in workflows:
        waited_for = [name for each in one.triggers for name in each.filter("workflows")]
        before = [by_name.get(name, []) for name in waited_for if str(name)]
        if before and all(found and all(map(_is_of_own, found)) for found in before):
            yield PartialDocument(one.path, _REASON, keys=frozenset({"workflow_run"}), exact=True)


def _is_of_own(workflow: WorkflowSummary) -> bool:
    """Whether nothing but pushes, schedules and their like starts it; a call runs under its caller's name."""
    started = {str(trigger.event) for trigger in workflow.triggers} - {"workflow_call"}
    return bool(started) and started <= OWN_EVENTS
