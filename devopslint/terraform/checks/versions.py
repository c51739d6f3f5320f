"""Versions of Terraform and of providers."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.model import Location, Problem
from devopslint.registry import check
from devopslint.terraform.modules import Declaration
from devopslint.terraform.source import all_attributes
from devopslint.terraform.subjects import ModuleSubject, Requirement, modules, requirements, roots
from devopslint.terraform.versions import is_unbounded, lowest, parsed, shown

_BUILT_IN = "terraform"


def _required_versions(subject: ModuleSubject) -> Iterator[tuple[Declaration, str, Location]]:
    for setting in subject.module.settings:
        version = setting.literal("required_version")
        if version is not None:
            yield setting, version, setting.at("required_version")


def _says_version(subject: ModuleSubject) -> bool:
    """Whether some file says which versions the module runs with, in Terraform's words or OpenTofu's."""
    if any(setting.attribute("required_version") for setting in subject.module.settings):
        return True
    return any(one.block.type == "language" for one in subject.module.others)


@check("tf-missing-required-version", each=modules)
def missing_required_version(subject: ModuleSubject) -> Iterator[Problem]:
    if subject.module.aside or subject.called or subject.open or _says_version(subject):
        return
    if any(file.body.blocks for file in subject.module.files):
        at = subject.module.settings[0].location if subject.module.settings else subject.location
        yield Problem(at, f"module '{subject.label}' does not say which versions of Terraform it runs with")


@check("tf-old-required-version", each=roots)
def old_required_version(root: ModuleSubject, *, minimum: str) -> Iterator[Problem]:
    yield from _old(root, minimum)


@check("tf-old-module-version", each=modules)
def old_module_version(subject: ModuleSubject, *, minimum: str) -> Iterator[Problem]:
    if not subject.module.root and not subject.module.aside:
        yield from _old(subject, minimum)


def _old(subject: ModuleSubject, minimum: str) -> Iterator[Problem]:
    for _, version, at in _required_versions(subject):
        bound = lowest(version) or (0,)
        if bound < parsed(minimum):
            yield Problem(at, f"required_version '{version}' allows Terraform {shown(bound)}, older than {minimum}")


@check("tf-unbounded-required-version", each=roots)
def unbounded_required_version(root: ModuleSubject) -> Iterator[Problem]:
    for _, version, at in _required_versions(root):
        if is_unbounded(version):
            yield Problem(at, f"required_version '{version}' allows every later version, the next major one too")


@check("tf-unpinned-provider", each=modules)
def unpinned_provider(subject: ModuleSubject) -> Iterator[Problem]:
    if subject.called or subject.open:
        return
    known = requirements(subject.module)
    told: set[str] = set()
    for use in subject.module.uses:
        if use.name in told or use.name == _BUILT_IN:
            continue
        told.add(use.name)
        requirement = known.get(use.name)
        if requirement is None:
            yield Problem(use.location, f"provider {use.name} is used, and required_providers gives it no version")
        elif requirement.version is None and requirement.known and not _is_built_in(requirement):
            yield Problem(requirement.location, f"provider {use.name} is required in any version")


def _is_built_in(requirement: Requirement) -> bool:
    return (requirement.source or "").startswith("terraform.io/builtin/")


@check("tf-provider-without-source", each=modules)
def provider_without_source(subject: ModuleSubject) -> Iterator[Problem]:
    for requirement in requirements(subject.module).values():
        if requirement.source is None and requirement.known:
            name = requirement.name
            yield Problem(requirement.location, f"provider {name} has no source, and is taken for hashicorp/{name}")


@check("tf-provider-open-range", each=roots)
def provider_open_range(root: ModuleSubject) -> Iterator[Problem]:
    for requirement in requirements(root.module).values():
        if requirement.version and is_unbounded(requirement.version):
            yield Problem(
                requirement.location,
                f"provider {requirement.name} may be any version {requirement.version}, the next major one too",
            )


@check("tf-provider-version-argument", each=modules)
def provider_version_argument(subject: ModuleSubject) -> Iterator[Problem]:
    for provider in subject.module.providers:
        if provider.attribute("version") is not None:
            name = provider.block.labels[0]
            yield Problem(
                provider.at("version"), f"version in provider {name} is deprecated: required_providers gives versions"
            )


@check("tf-unused-provider", each=modules)
def unused_provider(subject: ModuleSubject) -> Iterator[Problem]:
    if subject.open or _hands_providers_on(subject):
        return
    others = _used_by_others(subject)
    if others is None:
        return
    used = {use.name for use in subject.module.uses} | others
    for requirement in requirements(subject.module).values():
        if requirement.name not in used:
            yield Problem(requirement.location, f"provider {requirement.name} is required, and nothing here uses it")


def _hands_providers_on(subject: ModuleSubject) -> bool:
    """Whether a module from elsewhere is called, which has the providers of its caller."""
    return any(subject.tree.called(call) is None for call in subject.module.calls.values())


MOST_CALLED = 100
"""Modules that are looked into for what one of them uses."""


def _used_by_others(subject: ModuleSubject) -> set[str] | None:
    """The providers that called modules use, or tests beside the module; None where those are too many to look into."""
    used: set[str] = set()
    pending = [subject.module]
    seen = set()
    while pending:
        module = pending.pop()
        if module.folder in seen:
            continue
        seen.add(module.folder)
        if len(seen) > MOST_CALLED or len(pending) > 10 * MOST_CALLED:
            return None
        used.update(use.name for use in module.uses)
        for call in module.calls.values():
            called = subject.tree.called(call)
            if called is not None:
                pending.append(called)
    for other in subject.tree.others:
        used.update(block.labels[0] for block in other.body.blocks if block.type == "provider" and block.labels)
    return used


@check("tf-unused-provider-alias", each=modules)
def unused_provider_alias(subject: ModuleSubject) -> Iterator[Problem]:
    if subject.open or _unreadable(subject):
        return
    used: set[tuple[str, str]] = {(use.name, use.alias) for use in subject.module.uses}
    for provider in subject.module.providers:
        alias = provider.literal("alias")
        if alias is not None and (provider.block.labels[0], alias) not in used:
            name = f"{provider.block.labels[0]}.{alias}"
            yield Problem(provider.location, f"provider {name} is configured, and nothing uses it")


def _unreadable(subject: ModuleSubject) -> bool:
    return any(
        attribute.name in ("provider", "providers") and file.value(attribute) is None
        for file in subject.module.files
        if "provider" in file.text
        for attribute in all_attributes(file.body)
    )


@check("tf-duplicate-required-providers", each=modules)
def duplicate_required_providers(subject: ModuleSubject) -> Iterator[Problem]:
    if subject.samples:
        return
    found = [
        (setting, block)
        for setting in subject.module.settings
        if not setting.source.name.partition(".")[0].endswith("override")
        for block in setting.block.blocks
        if block.type == "required_providers"
    ]
    for setting, block in found[1:]:
        first = found[0][0].source.of_block(found[0][1])
        yield Problem(
            setting.source.of_block(block),
            f"a module has one required_providers block, and {first.path} has one at line {first.line}",
        )
