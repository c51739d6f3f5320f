"""Variables of groups, hosts and roles, and every value that a file gives a name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar, Self

from devopslint.ansible.layout import VAULT, kept_away
from devopslint.ansible.playbooks import is_for_tests
from devopslint.deferred import NamedTuple
from devopslint.model import Location
from devopslint.readers.yaml import Node, read_yaml
from devopslint.readers.yaml_dialects import ANSIBLE, Dialect
from devopslint.readers.yaml_file import YamlFile


class Given(NamedTuple):
    """A value under a name."""

    name: str
    text: str
    location: Location
    default: bool = False
    """Whether it is what a role takes where nobody says otherwise."""

    @property
    def label(self) -> str:
        return self.name


class Variables(YamlFile):
    """A file of variables. One that is encrypted as a whole says nothing, and is as it is to be."""

    kinds: ClassVar[tuple[str, ...]] = ("ansible-variables",)
    dialect: ClassVar[Dialect] = ANSIBLE

    @classmethod
    def read(cls, path: str, text: str) -> Self:
        encrypted = text.lstrip("\ufeff \n\r\t-").startswith(VAULT)
        return cls(path, read_yaml(path, "" if encrypted else text, cls.dialect))

    def given(self) -> Iterator[Given]:
        if is_for_tests(self.path):
            return
        default = "defaults" in self.path.split("/")[:-1]
        for document in self.stream.documents:
            yield from (one._replace(default=default) for one in given_in(document.root))

    def summaries(self) -> Iterable[object]:
        return kept_away(self.path)


def given_in(root: Node) -> Iterator[Given]:
    """Every scalar below a value that has a name; what is encrypted is none."""
    for node in root.walk():
        for key, value in node.items():
            if value.is_scalar and value.present and value.tag != "!vault":
                yield Given(key.text, value.text, value.location)


def variables(file: Variables) -> list[Given]:
    """Every value of the file that has a name."""
    return list(file.given())
