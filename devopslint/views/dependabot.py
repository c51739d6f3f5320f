"""Dependabot's configuration: which ecosystems it updates, how often, and with what rights."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Self

from devopslint.model import Fault, Location, NotChecked
from devopslint.readers.yaml import Node, Scalar, Stream, read_yaml


class DependabotFile:
    """A .github/dependabot.yml."""

    kinds: ClassVar[tuple[str, ...]] = ("dependabot",)

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
class Update:
    """One entry of `updates`: an ecosystem in a folder."""

    node: Node
    number: int

    @property
    def label(self) -> str:
        return f"update {self.number} {self.ecosystem.text}"

    @property
    def ecosystem(self) -> Node:
        return self.node["package-ecosystem"]

    @property
    def location(self) -> Location:
        return self.ecosystem.location

    @property
    def cooldown(self) -> Node:
        return self.node["cooldown"]


@dataclass(frozen=True)
class Registry:
    """One entry of `registries`."""

    name: str
    node: Node

    @property
    def label(self) -> str:
        return f"registry {self.name}"


def updates(file: DependabotFile) -> Iterable[Update]:
    return (Update(node, number) for number, node in enumerate(file.node["updates"], 1))


def registries(file: DependabotFile) -> Iterable[Registry]:
    return (Registry(key.text, value) for key, value in file.node["registries"].items())
