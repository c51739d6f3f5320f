"""Files of rules that others are made from."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.model import PartialDocument, Summaries
from devopslint.monitoring.summaries import GroupSummary

_SOURCES = compiled(r"(?:\A|(?<=/))(?:src|sources?)/")


def made_into_others(summaries: Summaries) -> Iterator[PartialDocument]:
    """The files of rules in a folder `src` whose groups all stand beside that folder, too: what is there is loaded."""
    groups: dict[str, list[GroupSummary]] = {}
    for group in summaries.of(GroupSummary):
        groups.setdefault(group.location.path, []).append(group)
    places: dict[str, list[str]] = {}
    for path, found in groups.items():
        for group in found:
            places.setdefault(group.name, []).append(path)
    for path, found in groups.items():
        at = _SOURCES.search(path)
        if at is None:
            continue
        beside, sources = path[: at.start()], path[: at.end()]
        made = [
            next((one for one in places[group.name] if one.startswith(beside) and not one.startswith(sources)), "")
            for group in found
        ]
        if made and all(made):
            reason = f"is what {made[0]} is made from: what is loaded is judged there"
            yield PartialDocument(path, reason, whole=True, but_secrets=True)
