"""Custom resources held against the fields that their controllers' own definitions have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from devopslint.deferred import NamedTuple, cached_property
from devopslint.facts import table
from devopslint.kubernetes.manifests import Manifests
from devopslint.kubernetes.quantity import percentage
from devopslint.kubernetes.schema import Unknown, WrongType
from devopslint.kubernetes.workloads import Manifest
from devopslint.model import Location
from devopslint.readers.yaml import Node

_TYPES: dict[str, tuple[str, set[type]]] = {
    "s": ("string", {str}),
    "b": ("boolean", {bool}),
    "i": ("integer", {int}),
    "n": ("number", {int, float}),
}
_EITHER: tuple[str, set[type]] = ("integer or string", {int, str})
_NAMES = {bool: "boolean", int: "integer", float: "number", str: "string"}
_PLACEHOLDER_MARKS = frozenset("${}<>%")


class CustomResource:
    """An object of a kind whose fields are known."""

    def __init__(self, manifest: Manifest, fields: Any) -> None:
        self.manifest = manifest
        self._fields = fields

    @property
    def label(self) -> str:
        return self.manifest.label

    @property
    def location(self) -> Location:
        return self.manifest.location

    @cached_property
    def violations(self) -> list[Unknown | WrongType]:
        """The fields that it does not have, and the values that none of its fields takes."""
        return list(_walk(_Part(self.manifest.node, self._fields, self.manifest.kind)))


class _Part(NamedTuple):
    node: Node
    fields: Any
    name: str


def custom_resources(manifests: Manifests) -> list[CustomResource]:
    """Every object of a kind whose fields the table of definitions has."""
    found = []
    for manifest in manifests.objects:
        if "." in manifest.group:
            fields = table("custom_resources")["kinds"].get(f"{manifest.group}/{manifest.kind}")
            if fields is not None:
                found.append(CustomResource(manifest, fields))
    return found


def _walk(root: _Part) -> Iterator[Unknown | WrongType]:
    seen: set[tuple[int, int]] = set()
    pending = [root]
    while pending:
        node, fields, name = pending.pop()
        if fields is None or not node.present or (id(node), id(fields)) in seen:
            continue
        if not node.is_scalar:  # small strings are shared, so that a scalar's fields say nothing of where it stands
            seen.add((id(node), id(fields)))
        if wrong := _wrong_type(node, fields, name):
            yield wrong
        elif node.is_mapping:
            yield from _unknown_keys(node, fields, name)
            parts = [(key.text, value) for key, value in node.items()]
            pending += [_Part(v, fields[k] if k in fields else fields.get("*"), k) for k, v in reversed(parts)]
        elif node.is_sequence:
            pending += [_Part(item, fields[0], name) for item in reversed(list(node))]


def _unknown_keys(node: Node, fields: dict[str, Any], name: str) -> Iterator[Unknown]:
    for key, _ in node.items() if "*" not in fields else ():
        # $patch and its like are Kustomize's.
        if key.text not in fields and not _PLACEHOLDER_MARKS & set(key.text):
            yield Unknown(key, name, tuple(fields))


def _wrong_type(node: Node, fields: Any, name: str) -> WrongType | None:
    if isinstance(fields, dict):
        wanted, fits = "object", node.is_mapping
    elif isinstance(fields, list):
        wanted, fits = "array", node.is_sequence
    else:
        wanted, types = _TYPES.get(fields, _EITHER)
        fits = type(node.value) in types or (fields == "i" and type(node.value) is float and node.value.is_integer())
    if fits or (node.is_scalar and _PLACEHOLDER_MARKS & set(node.text) and percentage(node) is None):
        return None
    given = "object" if node.is_mapping else "array" if node.is_sequence else _NAMES.get(type(node.value), "null")
    return WrongType(node, name, given, (wanted,))
