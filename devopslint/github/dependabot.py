"""Dependabot's configuration: which ecosystems it updates, how often, and with what rights."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from devopslint.deferred import NamedTuple
from devopslint.model import Location
from devopslint.readers.yaml import Node
from devopslint.readers.yaml_file import YamlFile


class DependabotFile(YamlFile):
    """A .github/dependabot.yml."""

    kinds: ClassVar[tuple[str, ...]] = ("dependabot",)


class Update(NamedTuple):
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


class Registry(NamedTuple):
    """One entry of `registries`."""

    name: str
    node: Node

    @property
    def label(self) -> str:
        return f"registry {self.name}"


def updates(file: DependabotFile) -> Iterable[Update]:
    return (Update(node, number) for number, node in enumerate(file.root["updates"], 1))


def registries(file: DependabotFile) -> Iterable[Registry]:
    return (Registry(key.text, value) for key, value in file.root["registries"].items())
