"""Kubernetes' own schemas, from the package kubernetes-validate where it is installed, held against nodes.

The package's data alone is used: its validator reads 1.8 MB for every object and gives one error without a place.
The schemas speak a small part of JSON Schema, which is all that is understood here.
"""

from __future__ import annotations

import functools
import importlib.util
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from devopslint.deferred import NamedTuple, compiled
from devopslint.readers.yaml import Node

_FOLDER = compiled(r"v1\.([0-9]+)\.[0-9]+-local-strict\Z")
_INTEGER, _NUMBER, _STRING, _BOOLEAN = "integer", "number", "string", "boolean"
_TYPES: dict[type, str] = {bool: _BOOLEAN, int: _INTEGER, float: _NUMBER, str: _STRING}


class Unknown(NamedTuple):
    """A field that its object does not have."""

    key: Node
    owner: str
    """What has no such field: `Container`."""
    fields: tuple[str, ...]
    """Those that it has."""


class WrongType(NamedTuple):
    """A value of another type than its field has."""

    node: Node
    name: str
    given: str
    wanted: tuple[str, ...]


class Lacking(NamedTuple):
    """A field that its object cannot do without."""

    node: Node
    """The value that is not there."""
    name: str
    owner: str


Violation = Unknown | WrongType | Lacking


class Schema:
    """The objects of one version of Kubernetes."""

    def __init__(self, minor: int, definitions: Mapping[str, Any]) -> None:
        self.minor = minor
        self._definitions = definitions
        self._names = {
            (known["group"], known["version"], known["kind"]): name
            for name, definition in definitions.items()
            for known in definition.get("x-kubernetes-group-version-kind", ())
        }

    def violations(self, root: Node) -> Iterator[Violation]:
        """What the API server objects to; nothing for an object that is none of Kubernetes' own."""
        group, slash, version = root["apiVersion"].text.rpartition("/")
        name = self._names.get((group if slash else "", version, root["kind"].text))
        if name is not None:
            yield from self._walk(root, self._definitions[name], _short(name), root["kind"].text, set())

    def _walk(
        self, node: Node, schema: Mapping[str, Any], owner: str, name: str, seen: set[tuple[int, int]]
    ) -> Iterator[Violation]:
        """`owner` is the type that the schema describes, `name` the field that the value stands in.

        What an alias repeats, or leads back into, is in `seen` and is looked at once.
        """
        reference = schema.get("$ref")
        if reference is not None:
            target = reference.rpartition("/")[2]
            schema, owner = self._definitions.get(target, {}), _short(target)
        if (id(node), id(schema)) in seen:
            return
        seen.add((id(node), id(schema)))
        wanted = _types(schema)
        given = _type(node)
        if wanted and not _fits(given, wanted):
            yield WrongType(node, name, given, tuple(sorted(wanted - {"null"})))
        elif node.is_mapping:
            yield from self._walk_fields(node, schema, owner, seen)
        elif node.is_sequence and "items" in schema:
            for item in node:
                yield from self._walk(item, schema["items"], owner, name, seen)

    def _walk_fields(
        self, node: Node, schema: Mapping[str, Any], owner: str, seen: set[tuple[int, int]]
    ) -> Iterator[Violation]:
        fields = schema.get("properties", {})
        others = schema.get("additionalProperties", True)
        for key, value in node.items():
            if key.text in fields:
                yield from self._walk(value, fields[key.text], owner, key.text, seen)
            elif isinstance(others, dict):
                yield from self._walk(value, others, owner, key.text, seen)
            elif others is False and not key.text.startswith("$"):  # $patch and its like are Kustomize's
                yield Unknown(key, owner, tuple(fields))
        for name in schema.get("required", ()):
            if not node[name].present:
                yield Lacking(node[name], name, owner)


@functools.cache
def schema_of(minor: int) -> Schema | None:
    """The schema of Kubernetes 1.`minor`, else of the nearest version there is; None where no schemas are installed."""
    folders = _folders()
    if not folders:
        return None
    nearest = max((known for known in folders if known <= minor), default=min(folders))
    text = (folders[nearest] / "_definitions.json").read_text("utf-8")
    return Schema(nearest, json.loads(text)["$defs"])


def installed() -> bool:
    return bool(_folders())


@functools.cache
def _folders() -> dict[int, Path]:
    """Minor version -> the folder of its schemas."""
    package = importlib.util.find_spec("kubernetes_validate")
    if package is None or package.origin is None:
        return {}
    schemas = Path(package.origin).parent / "kubernetes-json-schema"
    found = {folder: _FOLDER.match(folder.name) for folder in schemas.iterdir()} if schemas.is_dir() else {}
    return {int(match.group(1)): folder for folder, match in found.items() if match is not None}


def _types(schema: Mapping[str, Any]) -> frozenset[str]:
    """The types that a value may have; empty where any will do."""
    said = [schema, *schema.get("oneOf", ())]
    return frozenset(
        name for one in said for name in ([one["type"]] if isinstance(one.get("type"), str) else one.get("type", ()))
    )


def _type(node: Node) -> str:
    if node.is_mapping:
        return "object"
    if node.is_sequence:
        return "array"
    return _TYPES.get(type(node.value), "null")


def _fits(given: str, wanted: frozenset[str]) -> bool:
    return given in wanted or (given == _INTEGER and _NUMBER in wanted)


def _short(definition: str) -> str:
    return definition.rpartition(".")[2]


def missing_schemas() -> str | None:
    """Why nothing can be held against a schema; None where it can."""
    return None if installed() else "fields of Kubernetes objects are not checked: install devopslint[schema]"
