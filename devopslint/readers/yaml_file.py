"""What the views of all YAML files have in common: the documents, what is wrong with them, and how far a value goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar, Self

from devopslint.model import Fault, FileView, NotChecked
from devopslint.readers.yaml import Node, Scalar, Stream, read_yaml
from devopslint.readers.yaml_dialects import CORE, Dialect


class YamlFile(FileView):
    """What one kind of YAML file shares with the others."""

    dialect: ClassVar[Dialect] = CORE
    """What the program that reads such a file makes of YAML."""

    def __init__(self, path: str, stream: Stream) -> None:
        self.path = path
        self.stream = stream
        self.faults: list[Fault] = [*stream.faults, *_repeated_keys(stream)]
        self.not_checked: list[NotChecked] = []

    @classmethod
    def read(cls, path: str, text: str) -> Self:
        return cls(path, read_yaml(path, text, cls.dialect))

    @property
    def root(self) -> Node:
        """The first document; an empty value where there is none."""
        if self.stream.documents:
            return self.stream.documents[0].root
        return Scalar(self.stream.source, 0, 0, None, "", None)

    @property
    def readable(self) -> bool:
        """False where the YAML is broken, so that what is missing may only be unread."""
        return not self.stream.faults

    def extent(self, line: int) -> tuple[int, int]:
        return self.stream.extent(line)

    def summaries(self) -> Iterable[object]:
        return ()


def _repeated_keys(stream: Stream) -> Iterator[Fault]:
    for document in stream.documents:
        for first, again in document.duplicates:
            message = f"{again.text!r} stands here again, first in line {first.line}"
            yield Fault(again.location, message, "duplicate-key")
