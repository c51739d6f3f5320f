"""The repositories of images that Terraform makes: what is known of them in one file."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.images.summaries import MadeRegistry
from devopslint.terraform import expressions as hcl
from devopslint.terraform.reader import Block
from devopslint.terraform.source import SourceText

_MODULES = (
    (".dkr.ecr.", compiled(r"(?:^|[/._-])ecr(?:$|[/._-])")),
    (".pkg.dev", compiled(r"artifact-?registry")),
    (".azurecr.io", compiled(r"(?:^|[/._-])acr(?:$|[/._-])|azurerm[\w./-]*container-?registry|res-containerregistry")),
)
"""Modules from elsewhere that make repositories, by their sources."""
_SCANNERS = ("containerscanning.googleapis.com", "containeranalysis.googleapis.com")

_RESOURCES = frozenset(
    (
        "aws_ecr_repository",
        "aws_ecr_registry_scanning_configuration",
        "azurerm_container_registry",
        "azurerm_security_center_subscription_pricing",
        "google_artifact_registry_repository",
        "google_project_service",
    )
)
_DEFENDED = ("Containers", "ContainerRegistry")
"""What Microsoft Defender is bought for so that it scans images."""


def made_registries(source: SourceText) -> Iterator[MadeRegistry]:
    for block in source.body.blocks:
        if block.type == "module" and block.labels:
            said = _said(source, block, "source") or ""
            for host, pattern in _MODULES if not said.startswith(".") else ():
                if pattern.search(said):
                    yield MadeRegistry(f"module.{block.labels[0]}", source.of_block(block), host, "", None, False)
        if block.type != "resource" or len(block.labels) != 2 or block.labels[0] not in _RESOURCES:
            continue
        type, at = block.labels[0], source.of_block(block)
        label = ".".join(block.labels)
        if type == "aws_ecr_repository":
            name, tags = (_said(source, block, key) for key in ("name", "image_tag_mutability"))
            scans = _said(source, block, "image_scanning_configuration", "scan_on_push")
            yield MadeRegistry(label, at, ".dkr.ecr.", name or "", _is_on(scans), tags == "IMMUTABLE")
        elif type == "aws_ecr_registry_scanning_configuration":
            yield MadeRegistry(label, at, ".dkr.ecr.", "", True, keeps_tags=False)
        elif type == "google_artifact_registry_repository":
            kept = _said(source, block, "docker_config", "immutable_tags") == "true"
            name = _said(source, block, "repository_id") or ""
            yield MadeRegistry(label, at, ".pkg.dev", name, scans=False, keeps_tags=kept)
        elif type == "azurerm_container_registry":
            name = _said(source, block, "name") or ""
            yield MadeRegistry(label, at, ".azurecr.io", name, scans=False, keeps_tags=False)
        elif type == "azurerm_security_center_subscription_pricing":
            if _said(source, block, "resource_type") in _DEFENDED and _said(source, block, "tier") == "Standard":
                yield MadeRegistry(label, at, ".azurecr.io", "", True, keeps_tags=False)
        elif type == "google_project_service" and _said(source, block, "service") in _SCANNERS:
            yield MadeRegistry(label, at, ".pkg.dev", "", True, keeps_tags=False)


def _is_on(said: str | None) -> bool | None:
    """Whether a switch is on that is off where nothing is said; None is what is said and not known."""
    return None if said is None else said == "true"


def _said(source: SourceText, body: Block, *path: str) -> str | None:
    """What is written at a path; an empty text where nothing is, None where it is no plain value."""
    for name in path[:-1]:
        found = next((block for block in body.blocks if block.type == name), None)
        if found is None:
            made = any(block.type == "dynamic" and block.labels == (name,) for block in body.blocks)
            return None if made or any(one.name == name for one in body.attributes) else ""
        body = found
    attribute = next((one for one in body.attributes if one.name == path[-1]), None)
    if attribute is None:
        return ""
    tree = source.value(attribute)
    if isinstance(tree, hcl.Literal):
        return str(tree.value).lower() if isinstance(tree.value, bool) else str(tree.value)
    if isinstance(tree, hcl.Template) and all(isinstance(part, hcl.Literal) for part in tree.parts):
        return "".join(str(part.value) for part in tree.parts if isinstance(part, hcl.Literal))
    return None
