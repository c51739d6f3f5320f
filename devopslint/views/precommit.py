"""pre-commit's configuration: the repositories that hooks are fetched from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Self

from devopslint.model import Fault, NotChecked
from devopslint.readers.yaml import Node, Scalar, Stream, read_yaml


class PreCommitFile:
    """A .pre-commit-config.yaml."""

    kinds: ClassVar[tuple[str, ...]] = ("pre-commit",)

    def __init__(self, path: str, stream: Stream) -> None:
        self.path = path
        self.stream = stream
        self.faults: list[Fault] = stream.faults
        self.not_checked: list[NotChecked] = []
        self.node = stream.documents[0].root if stream.documents else Scalar(stream.source, 0, 0, None, "", None)

    @classmethod
    def read(cls, path: str, text: str) -> Self:
        return cls(path, read_yaml(path, text, "1.2"))

    def extent(self, line: int) -> tuple[int, int]:
        return self.stream.extent(line)

    def summaries(self) -> Iterable[object]:
        return ()


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
    return (HookRepository(node, number) for number, node in enumerate(file.node["repos"], 1))
