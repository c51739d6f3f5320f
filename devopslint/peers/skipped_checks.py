"""What the configurations of kube-linter, checkov and ansible-lint leave out.

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


class AnsibleLintFile(LinterFile):
    """An .ansible-lint."""

    kinds: ClassVar[tuple[str, ...]] = ("ansible-lint",)

    @property
    def skipped(self) -> Iterator[tuple[str, Node]]:
        """(name of a rule, where it stands); of a part of a rule, `name[template]`, nothing is said here."""
        return ((item.text, item) for item in texts(self.root["skip_list"]) if "[" not in item.text)


def ansible_lint_settings(file: AnsibleLintFile) -> Iterator[LinterSetting]:
    yield from present([LinterSetting("'skip_list'", file.root["skip_list"], "sequence")])


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
