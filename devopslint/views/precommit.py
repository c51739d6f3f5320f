"""pre-commit's configuration: the repositories that hooks are fetched from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from devopslint.readers.yaml import Node
from devopslint.views.yaml_file import YamlFile


class PreCommitFile(YamlFile):
    """A .pre-commit-config.yaml."""

    kinds: ClassVar[tuple[str, ...]] = ("pre-commit",)


@dataclass(frozen=True)
class HookRepository:
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


def hook_repositories(file: PreCommitFile) -> Iterable[HookRepository]:
    return (HookRepository(node, number) for number, node in enumerate(file.root["repos"], 1))
