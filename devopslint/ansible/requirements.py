"""The roles and collections that are fetched before anything runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from devopslint.ansible.playbooks import is_for_tests
from devopslint.deferred import NamedTuple
from devopslint.model import Location
from devopslint.readers.yaml import Node
from devopslint.readers.yaml_dialects import ANSIBLE, Dialect
from devopslint.readers.yaml_file import YamlFile


class Requirement(NamedTuple):
    """A role or a collection of another project."""

    what: str
    name: str
    version: Node
    location: Location
    local: bool
    """Whether it is taken from the machine itself, or from a file whose name says which it is."""

    @property
    def label(self) -> str:
        return f"{self.what} '{self.name}'"


class Requirements(YamlFile):
    """A requirements.yml of ansible-galaxy, or the meta/main.yml of a role."""

    kinds: ClassVar[tuple[str, ...]] = ("ansible-requirements",)
    dialect: ClassVar[Dialect] = ANSIBLE

    def required(self) -> Iterator[Requirement]:
        if is_for_tests(self.path):
            return
        root = self.root
        if self.path.rpartition("/")[0].endswith("meta"):
            yield from _dependencies(root["dependencies"])
            return
        for what, listed in (("role", root["roles"]), ("collection", root["collections"]), ("role", root)):
            for item in listed:
                if item.is_scalar and item.present:
                    yield Requirement(what, item.text, item["version"], item.location, False)
                elif item.is_mapping:
                    named = next((item[key] for key in ("name", "src", "role", "source") if item[key].text), None)
                    if named is not None:
                        yield Requirement(what, named.text, item["version"], named.location, _is_local(item))


def _dependencies(listed: Node) -> Iterator[Requirement]:
    """The roles that a role fetches from where it says; one that is only named may lie beside it."""
    for item in listed:
        source = next((item[key] for key in ("src", "source") if item[key].text), None) if item.is_mapping else None
        if source is not None:
            yield Requirement("role", source.text, item["version"], source.location, _is_local(item))


def _is_local(item: Node) -> bool:
    source = item["src"].text or item["source"].text or item["name"].text
    return (
        item["type"].text in ("file", "dir", "subdirs") or source.endswith((".tar.gz", ".tgz")) or source[:1] in "./~"
    )


def requirements(file: Requirements) -> list[Requirement]:
    """Everything that the file lists."""
    return list(file.required())
