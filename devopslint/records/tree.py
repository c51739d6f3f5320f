"""The files that records name, against those of the tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Self

from devopslint.deferred import cached_property, compiled, dataclass
from devopslint.model import KnownFiles, Location, ProjectView, Summaries
from devopslint.records.records import RecordedPath

_LISTED = compiled(r"[\w./@+-]*(?:\.(?:ya?ml|json|tf|md)|(?:^|/)Dockerfile)$")
"""Of files with other names, not all are listed."""

LONGEST = 1_000
"""Characters of a path that is looked for."""


class RecordedTree(ProjectView):
    """What records name, and what is there."""

    subject_kinds: ClassVar[tuple[str, ...]] = ("change-record",)

    def __init__(self, summaries: Summaries) -> None:
        self.named = summaries.of(RecordedPath)
        self._known = [path for known in summaries.of(KnownFiles) for path in known.paths]

    @classmethod
    def of(cls, summaries: Summaries) -> Self:
        return cls(summaries)

    @cached_property
    def _paths(self) -> frozenset[str]:
        """Every known path and, of each, what is left of it without its first folders."""
        return frozenset(tail for path in self._known for tail in _tails(path))

    def lacks(self, path: str) -> bool:
        """Whether no file that could be meant is there: the record may be written from a folder above or below."""
        if len(path) > LONGEST or not _LISTED.fullmatch(path) or ".." in path or path.startswith("/"):
            return False
        clean = path.removeprefix("./")
        folders = [clean[: at + 1] for at, character in enumerate(clean) if character == "/"]
        if any(folder in self._paths for folder in folders):  # not looked into
            return False
        known = self._paths
        return not any(tail in known for tail in _tails(clean) if "/" in tail or tail == clean)


def _tails(path: str) -> Iterator[str]:
    yield path
    for at, character in enumerate(path):
        if character == "/" and at + 1 < len(path):
            yield path[at + 1 :]


@dataclass(frozen=True)
class Mention:
    """A file that a record names, before the tree."""

    name: str
    location: Location
    lacking: bool

    @property
    def label(self) -> str:
        return self.name


def mentions(tree: RecordedTree) -> Iterator[Mention]:
    for one in tree.named:
        yield Mention(one.name, one.location, tree.lacks(one.name))
