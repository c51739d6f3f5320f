"""What checks look at besides resources: modules, backends, calls, variables and outputs."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import NamedTuple
from devopslint.model import Location
from devopslint.terraform import expressions as hcl
from devopslint.terraform.modules import (
    Body,
    Declaration,
    Instance,
    Module,
    ModuleCall,
    Resource,
    Terraform,
)
from devopslint.terraform.providers import chosen
from devopslint.terraform.reader import Attribute
from devopslint.terraform.references import references_in, spoken_in
from devopslint.terraform.source import SourceText
from devopslint.terraform.values import Value

_COPIED = frozenset(("boilerplate", "scaffold", "skeleton", "skeletons", "template", "templates"))
"""Folders of files that are copied to where they are applied, beside others."""


class ModuleSubject(NamedTuple):
    """A module, as a subject that knows its tree."""

    module: Module
    tree: Terraform

    @property
    def label(self) -> str:
        return self.module.label

    @property
    def location(self) -> Location:
        return self.module.location

    @property
    def open(self) -> bool:
        """Whether something unread may declare more: a broken file, a link, Terragrunt, what it is copied into.

        Terragrunt's `generate` writes files into the folder that it runs, wherever its own file stands.
        """
        folder = self.module.folder
        if self.tree.terragrunt and not self.called:
            return True
        copied = not _COPIED.isdisjoint(folder.split("/")) and not self.called
        if self.samples:
            return True
        return copied or self.module.broken or folder in self.tree.half_known

    @property
    def samples(self) -> bool:
        """Whether its files are each a sample of its own, to choose from: Terraform takes one such block of a module."""
        if len({setting.source.path for setting, _ in self.module.backends}) > 1:
            return True
        requiring = [
            setting.source
            for setting in self.module.settings
            if self.module.aside and any(block.type == "required_providers" for block in setting.block.blocks)
        ]
        if len(requiring) < 2:
            return False
        named = [{(block.type, *block.labels) for block in file.body.blocks if block.labels} for file in requiring]
        return not named[0].isdisjoint(named[1])

    @property
    def queried(self) -> frozenset[tuple[str, ...]]:
        """What the queries beside it refer to: `terraform query` reads both together."""
        beside = (one for one in self.tree.others if one.folder == self.module.folder)
        queries = (one for one in beside if one.name.endswith(".tfquery.hcl"))
        return frozenset(reference for query in queries for reference in spoken_in(query).references)

    @property
    def called(self) -> bool:
        """Whether something that is applied in this tree calls it."""
        return any(not caller.aside for caller, _ in self.tree.callers.get(self.module.folder, ()))

    @property
    def instance(self) -> Instance:
        return self.tree.alone(self.module)


def modules(terraform: Terraform) -> Iterator[ModuleSubject]:
    for module in terraform.modules.values():
        yield ModuleSubject(module, terraform)


def roots(terraform: Terraform) -> Iterator[ModuleSubject]:
    """The directories that are applied."""
    for subject in modules(terraform):
        if subject.module.root and not subject.called:
            yield subject


class Backend(NamedTuple):
    """Where a state is kept."""

    owner: ModuleSubject
    body: Body
    type: str
    """`cloud` for HCP Terraform."""

    @property
    def label(self) -> str:
        return f"backend {self.type}"

    @property
    def location(self) -> Location:
        return self.body.location

    @property
    def partial(self) -> bool:
        """Whether it is completed with -backend-config when it is initialised."""
        return not any(self.body.written(name) for name in ("bucket", "path", "key", "container_name", "address"))


def backends(terraform: Terraform) -> Iterator[Backend]:
    for subject in modules(terraform):
        for setting, block in subject.module.backends:
            body = Body(subject.instance, setting.source, block, {})
            yield Backend(subject, body, block.labels[0] if block.labels else block.type)


class CalledModule(NamedTuple):
    """A call of a module, with the module that it means where that is in the tree."""

    owner: ModuleSubject
    call: ModuleCall
    source: Value
    version: Value
    meant: Module | None

    @property
    def label(self) -> str:
        return self.call.label

    @property
    def location(self) -> Location:
        return self.call.location


def calls(terraform: Terraform) -> Iterator[CalledModule]:
    for subject in modules(terraform):
        for call in subject.module.calls.values():
            body = subject.instance.body(call.declared)
            version = body.get("version")
            if version.unknown and _is_null(subject.module, call.declared.tree("version")):
                version = Value("absent", used=version.used, wanted="version")
            yield CalledModule(subject, call, body.get("source"), version, terraform.called(call))


def _is_null(module: Module, tree: hcl.Expression | None) -> bool:
    """Whether a variable is meant whose default is null: init knows no other value of it."""
    if not isinstance(tree, hcl.Reference) or tree.root != "var" or not tree.steps:
        return False
    declared = module.variables.get(str(tree.steps[0]))
    default = None if declared is None else declared.tree("default")
    return isinstance(default, hcl.Literal) and default.value is None


class Named(NamedTuple):
    """A variable or an output."""

    owner: ModuleSubject
    declared: Declaration

    @property
    def name(self) -> str:
        return self.declared.block.labels[0]

    @property
    def label(self) -> str:
        return f"{self.declared.block.type} {self.name}"

    @property
    def location(self) -> Location:
        return self.declared.location

    @property
    def body(self) -> Body:
        return self.owner.instance.body(self.declared)


def variables(terraform: Terraform) -> Iterator[Named]:
    for subject in modules(terraform):
        for declared in subject.module.variables.values():
            yield Named(subject, declared)


class StackVariable(NamedTuple):
    """A variable of a stack, which has no modules around it."""

    name: str
    typed: bool
    location: Location

    @property
    def label(self) -> str:
        return f"variable {self.name}"


def stack_variables(terraform: Terraform) -> Iterator[StackVariable]:
    for file in terraform.others:
        for block in file.body.blocks if file.name.endswith((".tfcomponent.hcl", ".tfstack.hcl")) else ():
            if block.type == "variable" and block.labels and not block.broken:
                typed = any(attribute.name == "type" for attribute in block.attributes)
                yield StackVariable(block.labels[0], typed, file.of_block(block))


def outputs(terraform: Terraform) -> Iterator[Named]:
    for subject in modules(terraform):
        for declared in subject.module.outputs.values():
            yield Named(subject, declared)


class Requirement(NamedTuple):
    """An entry of required_providers."""

    name: str
    source: str | None
    version: str | None
    known: bool
    """False where the entry is no literal."""
    aliases: frozenset[str]
    location: Location


def requirements(module: Module) -> dict[str, Requirement]:
    found: dict[str, Requirement] = {}
    for setting in module.settings:
        for block in setting.block.blocks:
            if block.type == "required_providers":
                for attribute in block.attributes:
                    found.setdefault(attribute.name, _requirement(setting.source, attribute))
    return found


def _requirement(source: SourceText, attribute: Attribute) -> Requirement:
    tree = source.value(attribute)
    at = source.of_attribute(attribute)
    texts: dict[str, str] = {}
    aliases: set[str] = set()
    if isinstance(tree, hcl.Object):
        for item in tree.items:
            key = item.key.root if isinstance(item.key, hcl.Reference) else hcl.text_of(item.key)
            if key is not None and (text := hcl.text_of(item.value)) is not None:
                texts[key] = text
            elif key is not None and key != "configuration_aliases":
                texts[key] = ""
            if key == "configuration_aliases":
                aliases.update(node.root for node in references_in(item.value))
        return Requirement(attribute.name, texts.get("source"), texts.get("version"), True, frozenset(aliases), at)
    return Requirement(attribute.name, None, hcl.text_of(tree), hcl.text_of(tree) is not None, frozenset(), at)


def provider_of(resource: Resource) -> str:
    """The name that its module has for the provider that builds it."""
    found = next(chosen(resource.source, resource.block), None)
    return resource.type.partition("_")[0] if found is None else found.name
