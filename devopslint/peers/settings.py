"""The parts of another linter's configuration that have a form of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from devopslint.deferred import NamedTuple
from devopslint.readers.yaml import Node
from devopslint.readers.yaml_file import YamlFile


class LinterFile(YamlFile):
    """A configuration that speaks of what is in its folder and below."""

    kinds: ClassVar[tuple[str, ...]] = ()

    @property
    def folder(self) -> str:
        """With a slash behind it; empty for the root."""
        return self.path[: self.path.rfind("/") + 1]


class LinterSetting(NamedTuple):
    """A value whose form the linter knows."""

    label: str
    node: Node
    wanted: str
    """`mapping`, `sequence` (of texts), `names` (these, or one text), `boolean` or `word`."""
    known: tuple[str, ...] = ()
    """The keys of a mapping, or the words."""
    closed: bool = False
    """Whether a key that is not known is wrong however little it looks like one that is."""
    form: str = ""
    """`code` where each text of a sequence is one of hadolint's or ShellCheck's."""


def texts(node: Node) -> Iterator[Node]:
    """The texts of a sequence; whatever else stands there is passed over."""
    return (item for item in node if item.is_scalar and item.present)


def present(settings: Iterable[LinterSetting]) -> Iterator[LinterSetting]:
    return (setting for setting in settings if setting.node.present)
