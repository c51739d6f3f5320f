"""Tags that every resource is to have."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.deferred import NamedTuple
from devopslint.model import Location, Problem
from devopslint.registry import check
from devopslint.terraform.modules import Resource, Terraform


class Tagged(NamedTuple):
    """A resource with tags or labels, and the tags that its provider adds."""

    resource: Resource
    added: frozenset[str] | None
    """None where that is not known."""

    @property
    def label(self) -> str:
        return self.resource.label

    @property
    def location(self) -> Location:
        return self.resource.location


def tagged(terraform: Terraform) -> Iterator[Tagged]:
    for resource in terraform.resources:
        if resource.mode == "resource" and resource.type.startswith(("aws_", "azurerm_", "google_")):
            yield Tagged(resource, _added(resource))


def _added(resource: Resource) -> frozenset[str] | None:
    """The keys of default_tags or default_labels; of a module that is called, its caller's provider may have them."""
    instance = resource.instance
    found: set[str] = set()
    for provider in instance.module.providers:
        body = instance.body(provider)
        for path in ("default_tags.tags", "default_labels"):
            value = body.get(path)
            if value.unknown or (value.kind == "map" and value.open):
                return None
            found.update(value.data if value.kind == "map" else ())
    return None if not instance.module.providers and instance.told else frozenset(found)


@check("tf-untagged", each=tagged)
def untagged(tagged: Tagged, *, required_tags: list[str]) -> Iterator[Problem]:
    resource = tagged.resource
    name = "labels" if resource.type.startswith("google_") else "tags"
    value = resource.get(name)
    if tagged.added is None or value.kind != "map" or value.open:
        return
    missing = [tag for tag in required_tags if tag not in value.data and tag not in tagged.added]
    if missing:
        yield Problem(value.location, f"{resource.label} lacks the tags {', '.join(missing)}", resource.told)
