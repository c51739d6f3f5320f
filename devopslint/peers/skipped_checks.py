"""What the configurations of kube-linter and checkov leave out.

https://docs.kubelinter.io/#/configuring-kubelinter, https://www.checkov.io/2.Basics/CLI%20Command%20Reference.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from devopslint.peers.settings import LinterFile, LinterSetting, present, texts
from devopslint.readers.yaml import Node


class KubeLinterFile(LinterFile):
    """A .kube-linter.yaml."""

    kinds: ClassVar[tuple[str, ...]] = ("kube-linter",)

    @property
    def skipped(self) -> Iterator[tuple[str, Node]]:
        """(name of a check, where it stands)."""
        return ((item.text, item) for item in texts(self.root.get("checks", "exclude")))


class CheckovFile(LinterFile):
    """A .checkov.yaml."""

    kinds: ClassVar[tuple[str, ...]] = ("checkov",)

    @property
    def skipped(self) -> Iterator[tuple[str, Node]]:
        """(name of a check, which may hold *, where it stands)."""
        said = self.root["skip-check"]
        for item in [said] if said.is_scalar and said.present else texts(said):
            for name in item.text.split(","):
                yield name.strip(), item


def kube_linter_settings(file: KubeLinterFile) -> Iterator[LinterSetting]:
    checks = file.root["checks"]
    keys = ("addAllBuiltIn", "doNotAutoAddDefaults", "exclude", "ignorePaths", "include")
    yield from present(
        [
            LinterSetting("the configuration", file.root, "mapping", ("checks", "customChecks")),
            LinterSetting("'checks'", checks, "mapping", keys),
            LinterSetting("'exclude'", checks["exclude"], "sequence"),
        ]
    )


def checkov_settings(file: CheckovFile) -> Iterator[LinterSetting]:
    yield from present(
        [
            LinterSetting("the configuration", file.root, "mapping", ("skip-check",)),
            LinterSetting("'skip-check'", file.root["skip-check"], "names"),
        ]
    )
