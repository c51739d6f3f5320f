"""The fields in which Kustomize knows names, labels and images, and how something is set there."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from devopslint.deferred import NamedTuple
from devopslint.facts import table
from devopslint.kubernetes.kustomize.editing import (
    Unbuilt,
    empty_mapping,
    is_null,
    same_size,
    with_value,
)
from devopslint.kubernetes.kustomize.resources import Id, Resource, group_and_version
from devopslint.readers.yaml import Node

Change = Callable[[Node], Node]


class Field(NamedTuple):
    """Where something stands in objects of a kind."""

    group: str
    version: str
    kind: str
    path: tuple[str, ...]
    create: bool = False
    """Whether it is made where it is not there."""

    def fits(self, one: Id) -> bool:
        return (
            (not self.kind or self.kind == one.kind)
            and (not self.group or self.group == one.group)
            and (not self.version or self.version == one.version)
        )

    def fits_node(self, node: Node) -> bool:
        if self.kind and self.kind != node["kind"].text:
            return False
        if not self.group and not self.version:
            return True
        group, version = group_and_version(node["apiVersion"].text)
        return (not self.group or self.group == group) and (not self.version or self.version == version)


class References(NamedTuple):
    """Where objects of one kind are named in others."""

    group: str
    version: str
    kind: str
    fields: tuple[Field, ...]

    def fits(self, one: Id) -> bool:
        return all(not wanted or wanted == had for wanted, had in zip(self[:3], one, strict=False))


class Fields(NamedTuple):
    """All that a kustomization, and those below it, know of fields."""

    labels: tuple[Field, ...]
    """Those of selectors and templates, too."""
    template_labels: tuple[Field, ...]
    annotations: tuple[Field, ...]
    namespace: tuple[Field, ...]
    images: tuple[Field, ...]
    replicas: tuple[Field, ...]
    references: tuple[References, ...]
    variables: tuple[Field, ...]
    prefixed: tuple[Field, ...] = ()
    """What gets a prefix beside the name."""
    suffixed: tuple[Field, ...] = ()
    own_labels: tuple[Field, ...] = ()
    """Where `labels` are put beside the metadata."""


@functools.cache
def default_fields() -> Fields:
    said = table("kustomize")["fields"]
    return Fields(
        labels=_fields(said["commonLabels"]),
        template_labels=_fields(said["templateLabels"]),
        annotations=_fields(said["commonAnnotations"]),
        namespace=_fields(said["namespace"]),
        images=_fields(said["images"]),
        replicas=_fields(said["replicas"]),
        references=tuple(
            References(*_kind(one), _fields(one["fieldSpecs"])) for one in sorted(said["nameReference"], key=_order)
        ),
        variables=_fields(said["varReference"]),
    )


def _fields(said: Iterable[Mapping[str, Any]]) -> tuple[Field, ...]:
    return tuple(Field(*_kind(one), split(one["path"]), bool(one.get("create"))) for one in said)


def _kind(one: Mapping[str, Any]) -> tuple[str, str, str]:
    return one.get("group", ""), one.get("version", ""), one.get("kind", "")


def _order(one: Mapping[str, Any]) -> tuple[str, str, str]:
    return one.get("kind", ""), one.get("group", ""), one.get("version", "")


def field_of(node: Node) -> Field:
    """One that a kustomization says itself."""
    kind = (node["group"].text, node["version"].text, node["kind"].text)
    return Field(*kind, split(node["path"].text), node["create"].value is True)


def merged(fields: Iterable[Field], more: Iterable[Field]) -> tuple[Field, ...]:
    found = list(fields)
    for one in more:
        known = next((known for known in found if known.path == one.path and _within(known, one)), None)
        if known is None:
            found.append(one)
        elif known.create != one.create:
            raise Unbuilt(f"{'/'.join(one.path)} is to be made, and not to be made")
    return tuple(found)


def _within(known: Field, other: Field) -> bool:
    return all(not wanted or wanted == had for wanted, had in zip(other[:3], known[:3], strict=True))


def split(path: str) -> tuple[str, ...]:
    """The keys of a path: `metadata/annotations/a.b\\/c` has three."""
    parts: list[str] = []
    for part in path.removeprefix("/").split("/"):
        if parts and parts[-1].endswith("\\"):
            parts[-1] = f"{parts[-1][:-1]}/{part}"
        else:
            parts.append(part)
    return tuple(parts)


def set_in(
    resource: Resource, fields: Iterable[Field], change: Change, made_at: Node | None, *, scalar: bool
) -> Resource:
    """The same with what stands in these fields changed.

    Where a field is made, the mappings on the way stand where `made_at` does; `change` then gets that for a scalar, and
    an empty mapping for others.
    """
    node = resource.node
    for field in fields:
        if field.fits_node(node):
            node = _set(node, field.path, change, made_at if field.create else None, scalar=scalar)
    return resource if node is resource.node else resource._replace(node=node)


def _set(node: Node, path: tuple[str, ...], change: Change, made_at: Node | None, *, scalar: bool) -> Node:
    if not path:
        return change(node)
    if is_null(node):
        return node
    if node.is_sequence:
        return same_size(node, [_set(item, path, change, made_at, scalar=scalar) for item in node])
    if not node.is_mapping:
        raise Unbuilt(f"'{'.'.join(path)}' is looked for in what is no mapping", node.location)
    name = path[0].removesuffix("[]")
    inner = node[name]
    if is_null(inner):
        if made_at is None or path[0].endswith("[]") or (inner.exists and not scalar and not made_at.exists):
            return node
        if len(path) == 1 and scalar:
            return with_value(node, name, change(made_at))
        inner = empty_mapping(made_at, name)
    changed = _set(inner, path[1:], change, made_at, scalar=scalar)
    return node if changed is node[name] else with_value(node, name, changed)
