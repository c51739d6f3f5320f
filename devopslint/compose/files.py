"""Compose files, each by itself: what it says of services, and which other files it takes in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import ClassVar

from devopslint.compose.composition import ComposeText, beside, builds_of
from devopslint.compose.names import reads_as_compose
from devopslint.compose.values import Value, value_of
from devopslint.deferred import cached_property
from devopslint.readers.inclusion import taken_in
from devopslint.readers.yaml import Node, Stream, read_yaml
from devopslint.readers.yaml_dialects import COMPOSE, Dialect
from devopslint.readers.yaml_file import YamlFile, misshapen

SECTIONS = ("services", "networks", "volumes", "secrets", "configs", "include")
"""The top-level keys that rules ask about."""


class ComposeFile(YamlFile):
    """A Compose file."""

    kinds: ClassVar[tuple[str, ...]] = ("compose",)
    dialect: ClassVar[Dialect] = COMPOSE

    def __init__(self, path: str, stream: Stream) -> None:
        super().__init__(path, stream)
        for document in stream.documents:
            for name in ("services", "networks", "volumes", "secrets", "configs"):
                self.faults += misshapen(document.root[name], f"'{name}'", "mapping")
            for key, service in document.root["services"].items():
                if not key.text.startswith("x-"):
                    self.faults += misshapen(service, f"service '{key.text}'", "mapping")

    @cached_property
    def said(self) -> ComposeText:
        documents = [document.readings for document in self.stream.documents]
        last = tuple(_document(readings[0]) for readings in documents)
        first = tuple(_document(readings[-1]) for readings in documents)
        twice = any(len(readings) > 1 for readings in documents)
        ends = tuple(
            (key.text, max(key.line, node.last_line) if node.start >= key.start else key.line)
            for readings in documents
            for key, node in readings[0]["services"].items()
        )
        return ComposeText(self.path, (last, first) if twice else (last,), ends)

    def summaries(self) -> Iterable[object]:
        yield self.said
        yield from builds_of(self.said)


def _document(root: Node) -> Value:
    at = root.location
    pairs = []
    for key, node in root.items():
        if key.text in SECTIONS:
            pairs.append((Value(key.location, key.text), value_of(node, key.location)))
    return Value(at, pairs=tuple(pairs))


def included_files(paths: Collection[str], read: Callable[[str], str]) -> dict[str, str]:
    """The files that Compose files extend or include, whatever they are called."""
    first = [path for path in paths if reads_as_compose(path.rpartition("/")[2], None)]
    return dict.fromkeys(taken_in(first, paths, read, _named_files), "compose")


def _named_files(path: str, text: str) -> Iterator[str]:
    if "include" not in text and "extends" not in text:
        return
    for document in read_yaml(path, text, COMPOSE).documents:
        for included in _items(document.root["include"]):
            named = included["path"] if included.is_mapping else included
            yield from (beside(path, one.text) for one in named.strings())
        pairs = document.root["services"].items()
        files = [service["extends"]["file"].text for _, service in pairs]
        yield from (beside(path, file) for file in files if file)


def _items(node: Node) -> Iterable[Node]:
    return node if node.is_sequence else (node,)
