"""zizmor's configuration: which audits a repository does not want, where it accepts findings, and its own policies.

https://docs.zizmor.sh/configuration/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from devopslint.deferred import NamedTuple, compiled
from devopslint.readers.yaml import Node
from devopslint.readers.yaml_file import YamlFile

POLICIES = ("any", "ref-pin", "hash-pin")
SEVERITIES = ("informational", "low", "medium", "high")
_PLACE = compiled(r"(?P<file>[^/:]+\.ya?ml)(?::(?P<line>[1-9][0-9]{0,6})(?::[1-9][0-9]{0,6})?)?\Z")


class ZizmorFile(YamlFile):
    """A zizmor.yml, at the top of a repository or in its .github."""

    kinds: ClassVar[tuple[str, ...]] = ("zizmor",)

    @property
    def repository(self) -> str:
        """The folder of the repository that it speaks of, with a slash behind it; empty for the root."""
        folder, slash, _ = self.path.rpartition("/")
        return f"{folder}{slash}".removesuffix(".github/")

    @property
    def audits(self) -> list[Audit]:
        return [Audit(name, node) for name, node in self.root["rules"].items()]


class Audit(NamedTuple):
    """What is said of one audit."""

    key: Node
    node: Node

    @property
    def name(self) -> str:
        return self.key.text

    @property
    def label(self) -> str:
        return f"'{self.name}'"

    @property
    def disabled(self) -> bool:
        return self.node["disable"].value is True

    @property
    def severity(self) -> Node:
        return self.node.get("remap", "severity")

    @property
    def accepted(self) -> Iterator[AcceptedPlace]:
        for item in self.node["ignore"]:
            if found := _PLACE.match(item.text):
                yield AcceptedPlace(item, found["file"], int(found["line"]) if found["line"] else None)

    def setting(self, *path: str) -> Node:
        """A value of its `config`."""
        return self.node.get("config", *path)


class AcceptedPlace(NamedTuple):
    """`release.yml`, or a line of it, in any folder."""

    node: Node
    file: str
    line: int | None


class ZizmorSetting(NamedTuple):
    """A value whose form zizmor knows."""

    label: str
    node: Node
    wanted: str | tuple[str, ...]
    """`boolean`, `places`, `policy`, `severity`, `mapping`, or a mapping's keys."""


def zizmor_settings(file: ZizmorFile) -> Iterator[ZizmorSetting]:
    if file.root.present:
        yield ZizmorSetting("the configuration", file.root, ("rules",))
    if file.root["rules"].present:
        yield ZizmorSetting("'rules'", file.root["rules"], "mapping")
    for audit in file.audits:
        if not audit.node.present:
            continue
        yield ZizmorSetting(audit.label, audit.node, ("disable", "ignore", "config", "remap"))
        if audit.node["disable"].exists:
            yield ZizmorSetting(f"'disable' of {audit.label}", audit.node["disable"], "boolean")
        if audit.node["ignore"].present:
            yield ZizmorSetting(f"'ignore' of {audit.label}", audit.node["ignore"], "places")
        if audit.severity.exists:
            yield ZizmorSetting(f"'severity' of {audit.label}", audit.severity, "severity")
        for pattern, policy in audit.setting("policies").items() if audit.name == "unpinned-uses" else ():
            yield ZizmorSetting(f"the policy of '{pattern.text}'", policy, "policy")


def is_place(text: str) -> bool:
    """Whether it is `file.yml`, with a line or a line and a column behind it."""
    return _PLACE.match(text) is not None
