"""What in the tree shows that an item about infrastructure as code is addressed, or calls for it."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.model import Location, Summaries, Witness
from devopslint.terraform.modules import Module, Terraform
from devopslint.terraform.network import firewall_rules
from devopslint.terraform.source import SourceText


def witnesses(summaries: Summaries) -> Iterator[Witness]:
    if any(source.kind == "terraform" for source in summaries.of(SourceText)):
        terraform = Terraform.of(summaries)
        for module in terraform.modules.values():
            yield from _of_module(module, terraform)
        for rule in firewall_rules(terraform):
            if rule.inbound and rule.allows and rule.everyone is None and not rule.maybe:
                yield Witness("iac.network", rule.place, f"a rule of {rule.owner} that names who is let in")


def _of_module(module: Module, terraform: Terraform) -> Iterator[Witness]:
    called = bool(terraform.callers.get(module.folder))
    for setting in module.settings:
        if setting.attribute("required_version") is not None:
            yield Witness("iac.terraform", setting.at("required_version"), "required_version")
    if module.resources:
        yield Witness("iac.terraform", module.location, f"module '{module.label}' builds something", calls=True)
    for setting, block in module.backends:
        kind = block.labels[0] if block.labels else block.type
        if kind != "local":
            yield Witness("iac.state", setting.source.of_block(block), f"backend {kind}")
    if module.root:
        yield Witness("iac.state", module.location, f"module '{module.label}' is applied", calls=True)
        yield Witness("iac.modules", module.location, f"module '{module.label}' is applied", calls=True)
    for call in module.calls.values():
        yield Witness("iac.modules", call.location, f"module '{call.name}' is called")
    for declared in module.variables.values():
        if declared.literal("description"):
            yield Witness("iac.variables", declared.location, f"variable '{declared.block.labels[0]}' is described")
    for declared in module.outputs.values():
        if declared.literal("description"):
            yield Witness("iac.outputs", declared.location, f"output '{declared.block.labels[0]}' is described")
        else:
            yield Witness("iac.outputs", declared.location, f"output '{declared.block.labels[0]}'", calls=True)
    readme = terraform.readmes.get(module.folder)
    if readme is not None and readme.usage:
        yield Witness(
            "iac.documentation", Location(readme.path, 1, 1, 1, 1), "a README that shows how the module is called"
        )
    if called or module.variables:
        yield Witness("iac.documentation", module.location, f"module '{module.label}' has variables", calls=True)
