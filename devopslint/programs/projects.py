"""The files that name a program, and those that set it up for one of its stacks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from devopslint.deferred import NamedTuple, compiled
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


class CdktfProject(_Project):
    """A cdktf.json."""

    kinds: ClassVar[tuple[str, ...]] = ("cdktf-project",)

    @property
    def reason(self) -> str:
        if not self.root["app"].present:
            return ""
        return "is a CDKTF app: what it builds is known only when it runs; what cdktf synth writes is judged where it is kept"


class ServerlessService(_Project):
    """A serverless.yml."""

    kinds: ClassVar[tuple[str, ...]] = ("serverless-service",)

    @property
    def reason(self) -> str:
        return "is a service of the Serverless Framework: what it deploys is not judged; templates that it includes are"

    def summaries(self) -> Iterable[object]:
        return ()


def reads_as_service(name: str, text: str | None) -> bool:
    """Whether a file that is called like one of the Serverless Framework's says what runs where."""
    return text is not None and _SERVICE.search(text) is not None and "AWSTemplateFormatVersion" not in text


_SERVICE = compiled(r"""(?m)^[ \t{]*["']?(?:functions|provider|service)["']?[ \t]*:""")


class _Unjudged(TextFile):
    """Text of a language that no rule reads."""

    judged: ClassVar[bool] = False
    reason: ClassVar[str]

    def __init__(self, path: str, text: str) -> None:
        super().__init__(path, text)
        self.unchecked = bool(text.strip())
        if self.unchecked:
            self.not_checked.append(NotChecked(path, self.reason))

    def summaries(self) -> Iterable[object]:
        return ()


class PackerTemplate(_Unjudged):
    """A template of Packer."""

    kinds: ClassVar[tuple[str, ...]] = ("packer-template",)
    reason = "is a Packer template: what it builds into an image is not judged"


class TerragruntUnit(_Unjudged):
    """A unit of Terragrunt, a stack of them, or what they include."""

    kinds: ClassVar[tuple[str, ...]] = ("terragrunt",)
    reason = "is Terragrunt's: which module it calls, and with what, is not judged; modules in the tree are"


class TerramateFile(_Unjudged):
    """What Terramate makes files from."""

    kinds: ClassVar[tuple[str, ...]] = ("terramate",)
    reason = "is Terramate's: the files that it generates are judged where they are kept"


def reads_as_terramate(name: str, text: str | None) -> bool:
    """Whether anything is generated from it."""
    return text is not None and _GENERATES.search(text) is not None


_GENERATES = compiled(r"(?m)^[ \t]*generate_(?:file|hcl)[ \t]")


class AzureTemplate(_Unjudged):
    """A program in Bicep, or the template that Azure's Resource Manager reads."""

    kinds: ClassVar[tuple[str, ...]] = ("azure-template",)
    reason = "is a template of Azure's: what it opens, or leaves in the clear, is not judged"


def reads_as_azure_template(name: str, text: str | None) -> bool:
    """Whether it is Bicep, or says by its schema that Azure deploys it."""
    return text is not None and (name.endswith(".bicep") or _AZURE_SCHEMA.search(text[:2_000]) is not None)


_AZURE_SCHEMA = compiled(r"schema\.management\.azure\.com/schemas/[\w-]+/\w*[dD]eploymentTemplate\.json")


class NomadJob(_Unjudged):
    """A job of Nomad."""

    kinds: ClassVar[tuple[str, ...]] = ("nomad-job",)
    reason = "is a job of Nomad: what it runs is not judged"


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
