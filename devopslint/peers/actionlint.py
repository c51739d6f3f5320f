"""actionlint's configuration: the labels of a repository's own runners, its variables, and what it is not to hear of.

https://github.com/rhysd/actionlint/blob/main/docs/config.md
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from devopslint.deferred import NamedTuple
from devopslint.readers.yaml import Node
from devopslint.readers.yaml_file import YamlFile

KEYS: Mapping[str, tuple[str, ...]] = {
    "": ("self-hosted-runner", "config-variables", "paths"),
    "self-hosted-runner": ("labels",),
    "path": ("ignore",),
}
"""The sections that are mappings, with the keys that each may have."""


class ActionlintFile(YamlFile):
    """A .github/actionlint.yaml."""

    kinds: ClassVar[tuple[str, ...]] = ("actionlint",)

    @property
    def repository(self) -> str:
        """The folder of the repository that it speaks of, with a slash behind it; empty for the root."""
        return self.path.rpartition(".github/")[0]

    @property
    def labels(self) -> list[str]:
        """Globs of the labels that the repository's own runners have; `[!…]` is not these characters."""
        return [label.text.replace("[^", "[!") for label in self.root.get("self-hosted-runner", "labels") if label.text]

    @property
    def variables(self) -> list[str] | None:
        """The configuration variables that there are; None where it does not say."""
        declared = self.root["config-variables"]
        return [name.text for name in declared if name.text] if declared.is_sequence else None

    @property
    def ignored(self) -> Iterator[tuple[str, Node]]:
        """(glob over paths, a regular expression over messages that are not to be given there)."""
        for glob, said in self.root["paths"].items():
            for pattern in said["ignore"]:
                if pattern.present and pattern.is_scalar:
                    yield glob.text, pattern


class Section(NamedTuple):
    """A part of the configuration with a form of its own."""

    kind: str
    label: str
    node: Node


def sections(file: ActionlintFile) -> Iterator[Section]:
    root = file.root
    yield Section("", "the configuration", root)
    yield Section("self-hosted-runner", "'self-hosted-runner'", root["self-hosted-runner"])
    yield Section("labels", "'labels'", root.get("self-hosted-runner", "labels"))
    yield Section("config-variables", "'config-variables'", root["config-variables"])
    yield Section("paths", "'paths'", root["paths"])
    for glob, said in root["paths"].items():
        yield Section("path", f"'{glob.text}'", said)
        yield Section("ignore", "'ignore'", said["ignore"])
