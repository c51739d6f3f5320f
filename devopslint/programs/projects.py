"""The files that name a program, and those that set it up for one of its stacks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from devopslint.deferred import NamedTuple
from devopslint.model import Location, NotChecked, Opening
from devopslint.readers.text_file import TextFile
from devopslint.readers.yaml import Stream
from devopslint.readers.yaml_file import YamlFile


class _Project(YamlFile):
    """A file that says which program builds the infrastructure; nothing in it is judged, but for what is the program itself."""

    unchecked = True

    def __init__(self, path: str, stream: Stream) -> None:
        super().__init__(path, stream)
        reason = self.reason
        if reason:
            self.not_checked.append(NotChecked(path, reason))

    @property
    def reason(self) -> str:
        """Why nothing that the program builds is judged; empty where it is no program."""
        return ""

    def summaries(self) -> Iterable[object]:
        if self.reason:
            yield Opening(Location(self.path, 1, 1, 1, 1), f"the program of {self.path} may make it", near=True)


class PulumiProject(_Project):
    """A Pulumi.yaml."""

    kinds: ClassVar[tuple[str, ...]] = ("pulumi-project",)

    def __init__(self, path: str, stream: Stream) -> None:
        super().__init__(path, stream)
        self.unchecked = not self.is_yaml  # such a program is asked for secrets

    @property
    def _language(self) -> str:
        runtime = self.root["runtime"]
        return runtime.text or runtime["name"].text

    @property
    def is_yaml(self) -> bool:
        """Whether the program is written in the file itself."""
        return self._language.lower() == "yaml"

    @property
    def reason(self) -> str:
        language = self._language
        if not language:
            return ""
        if self.is_yaml:
            return "is a Pulumi program in YAML: what its resources open, or leave in the clear, is not judged"
        return f"is a Pulumi program in {language}: what it builds is known only when it runs"


class CdkProject(_Project):
    """A cdk.json."""

    kinds: ClassVar[tuple[str, ...]] = ("cdk-project",)

    @property
    def reason(self) -> str:
        if not self.root["app"].present:
            return ""
        return "is a CDK app: what it builds is known only when it runs; templates of cdk synth are judged where they are kept"


class PackerTemplate(TextFile):
    """A template of Packer."""

    kinds: ClassVar[tuple[str, ...]] = ("packer-template",)
    judged: ClassVar[bool] = False

    def __init__(self, path: str, text: str) -> None:
        super().__init__(path, text)
        if text.strip():
            self.not_checked.append(
                NotChecked(path, "is a Packer template: what it builds into an image is not judged")
            )

    def summaries(self) -> Iterable[object]:
        return ()


class Setting(NamedTuple):
    """A value that a stack gives its program."""

    name: str
    text: str
    location: Location

    @property
    def label(self) -> str:
        return self.name


class PulumiStack(YamlFile):
    """A Pulumi.STACK.yaml."""

    kinds: ClassVar[tuple[str, ...]] = ("pulumi-stack",)


def settings(stack: PulumiStack) -> list[Setting]:
    """Every value that is written in plain text; one that Pulumi has encrypted stands under `secure`."""
    found = []
    for node in stack.root["config"].walk():
        if not node.has("secure"):
            for key, value in node.items():
                if value.is_scalar and value.present:
                    found.append(Setting(key.text, value.text, value.location))
    return found


def program_settings(project: PulumiProject) -> list[Setting]:
    """What a program in YAML writes out: defaults of its settings, and properties of what it builds."""
    root = project.root
    if not project.is_yaml:
        return []
    found = [
        Setting(name.text, given.text, given.location)
        for name, declared in root["config"].items()
        for given in (declared["default"], declared["value"])
        if given.is_scalar and given.present and declared["secret"].text.lower() != "true"
    ]
    for part in ("resources", "variables"):
        for node in root[part].walk():
            for key, value in node.items():
                if value.is_scalar and value.present and "${" not in value.text:
                    found.append(Setting(key.text, value.text, value.location))
    return found
