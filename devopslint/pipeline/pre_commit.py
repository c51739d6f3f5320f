"""pre-commit's configuration: the repositories that hooks are fetched from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from devopslint.deferred import NamedTuple, compiled
from devopslint.readers.yaml import Node
from devopslint.readers.yaml_file import YamlFile

_GITHUB = compiled(
    r"(?i)(?:(?:https?|git|ssh)://(?:[\w.-]{1,80}@)?(?:www\.)?github\.com/|git@github\.com:)"
    r"([\w.-]{1,100}/[\w.-]{1,100}?)(?:\.git)?/?\s*\Z"
)


class PreCommitFile(YamlFile):
    """A .pre-commit-config.yaml."""

    kinds: ClassVar[tuple[str, ...]] = ("pre-commit",)


class HookRepository(NamedTuple):
    """One entry of `repos`."""

    node: Node
    number: int

    @property
    def label(self) -> str:
        return f"repository {self.number} {self.url.text}"

    @property
    def url(self) -> Node:
        """Where its hooks come from, or the words `local` and `meta`."""
        return self.node["repo"]

    @property
    def github_name(self) -> str:
        """`owner/repo` in lower case, where it is a repository on GitHub; else empty."""
        found = _GITHUB.match(self.url.text)
        return found[1].lower() if found else ""


def hook_repositories(file: PreCommitFile) -> Iterable[HookRepository]:
    return (HookRepository(node, number) for number, node in enumerate(file.root["repos"], 1))
