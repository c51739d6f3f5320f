"""Workflows that GitHub never runs: it looks for them at the root of the repository alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar, Self

from devopslint.github.summaries import WorkflowSummary
from devopslint.model import KnownFiles, PartialDocument, ProjectView, Summaries

_WORKFLOWS = "/.github/workflows/"
REASON = "is never run: GitHub takes the workflows in .github/workflows at the root of the repository, and no others"


class NestedWorkflows(ProjectView):
    """The workflows below a folder that is no checkout of its own, where what is looked at is one."""

    subject_kinds: ClassVar[tuple[str, ...]] = ("workflow",)

    def __init__(self, workflows: Iterable[str], files: frozenset[str]) -> None:
        nested = {path: path[: path.rindex(_WORKFLOWS)] for path in workflows if _WORKFLOWS in path}
        # Without its .git, what GitHub reads at the root tells a repository from a folder with several.
        rooted = nested and (_is_checkout("", files) or any(path.startswith(".github/") for path in files))
        self.paths = frozenset(path for path, above in nested.items() if rooted and not _within_another(above, files))

    @classmethod
    def of(cls, summaries: Summaries) -> Self:
        files = frozenset(path for known in summaries.of(KnownFiles) for path in known.paths)
        return cls((one.path for one in summaries.of(WorkflowSummary)), files)


def _is_checkout(folder: str, files: frozenset[str]) -> bool:
    git = f"{folder}/.git" if folder else ".git"
    return git in files or f"{git}/" in files


def _within_another(folder: str, files: frozenset[str]) -> bool:
    """Whether the folder is a checkout of its own, a submodule say, or lies in one."""
    parts = folder.split("/")
    return any(_is_checkout("/".join(parts[:end]), files) for end in range(1, len(parts) + 1))


def never_run(summaries: Summaries) -> Iterator[PartialDocument]:
    """The workflows that nothing runs where they lie; a secret that anybody can read there is one all the same."""
    for path in summaries.seen_by(NestedWorkflows).paths:
        yield PartialDocument(path, REASON, whole=True, but_secrets=True)
