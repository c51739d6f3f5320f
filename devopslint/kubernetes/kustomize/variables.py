"""Variables of kustomize, `vars`: what stands in a field of one object is put where others say `$(NAME)`.

https://github.com/kubernetes-sigs/kustomize/tree/api/v0.21.1/api/filters/refvar
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from devopslint.deferred import compiled
from devopslint.kubernetes.kustomize.editing import Unbuilt, is_null, same_size, scalar, with_value
from devopslint.kubernetes.kustomize.fields import Field, set_in
from devopslint.kubernetes.kustomize.replacements import step_into, steps_of
from devopslint.kubernetes.kustomize.resources import Resource, group_and_version
from devopslint.readers.yaml import Node, Scalar

Variables = Mapping[str, Node]
"""What kustomizations say of each variable, by its name."""

_ITEM = re.compile(r"(.*)\[(\d+)\]")
_REFERENCE = compiled(r"\$(?:\$|\(([^)]*)\))")
"""`$$`, which is a dollar, or a variable. A dollar before anything else is itself."""


def declared(resources: list[Resource], known: Variables, said: Node) -> tuple[list[Resource], Variables]:
    """The same with each new variable noted at the object that has its value: by that object's name as it is here."""
    if not len(said):
        return resources, known
    resources = list(resources)
    for one in said:
        name = one["name"].text
        if not name or name in known:
            raise Unbuilt(f"the variable '{name}' is said twice" if name else "a variable has no name", one.location)
        known = {**known, name: one}
        found = [number for number, resource in enumerate(resources) if _is_meant(resource, one["objref"])]
        if len(found) > 1:
            raise Unbuilt(f"several objects are that of the variable '{name}'", one.location)
        for number in found:
            resource = resources[number]
            resources[number] = resource._replace(variables=(*resource.variables, name))
    return resources, known


def together(known: Variables, more: Variables) -> Variables:
    for name in more:
        if name in known:
            raise Unbuilt(f"the variable '{name}' is said twice", more[name].location)
    return {**known, **more} if more else known


def _is_meant(resource: Resource, wanted: Node) -> bool:
    group, version = wanted["group"].text, wanted["version"].text
    if wanted["apiVersion"].text:
        group_said, version = group_and_version(wanted["apiVersion"].text)
        group = group_said or group
    this = (group, version, wanted["kind"].text, wanted["name"].text)
    namespace = wanted["namespace"].text
    return any(one[:4] == this and (not namespace or one.where == namespace) for one in resource.ids)


def resolved(resources: list[Resource], variables: Variables, fields: Iterable[Field]) -> list[Resource]:
    """The same with the value of each variable in place of its references."""
    if not variables:
        return resources
    values = {name: _value_of(name, said, resources) for name, said in variables.items()}

    def change(node: Node) -> Node:
        if is_null(node):
            return node
        if node.is_mapping:
            for key, value in node.items():
                changed = _filled(value, values)
                node = node if changed is value else with_value(node, key.text, changed)
            return node
        if node.is_sequence:
            if not all(_is_text(item) for item in node):
                raise Unbuilt("variables are looked for in a list of more than texts", node.location)
            return same_size(node, [_filled(item, values) for item in node])
        return _filled(node, values)

    return [set_in(one, fields, change, None, scalar=False) for one in resources]


def _value_of(name: str, said: Node, resources: Iterable[Resource]) -> Node:
    owner = next((one for one in resources if name in one.variables), None)
    if owner is None:
        raise Unbuilt(f"no object is that of the variable '{name}'", said.location)
    path = said["fieldref"]["fieldPath"].text or "metadata.name"
    node = owner.node
    for step in steps_of(path):
        indexed = _ITEM.fullmatch(step)
        for part in (step,) if indexed is None else filter(None, indexed.groups()):
            node = step_into(node, part)
    if is_null(node):
        raise Unbuilt(f"there is no {path} for the variable '{name}'", said.location)
    if isinstance(node.value, float):
        raise Unbuilt(f"the variable '{name}' is a fraction, which may be written in several ways", said.location)
    return node


def _is_text(node: Node) -> bool:
    return node.is_scalar and isinstance(node.value, str)


def _filled(node: Node, values: Mapping[str, Node]) -> Node:
    """A text with the values in place of references; alone, a value keeps its type. It stands where it stood."""
    if not _is_text(node) or "$" not in node.text:
        return node
    text = node.text
    alone = _REFERENCE.fullmatch(text)
    value = values.get(alone[1]) if alone is not None and alone[1] is not None else None
    if value is not None and value.is_scalar and not isinstance(value.value, str):
        made = Scalar(node.source, node.start, node.end, None, _written(value), None)
        made.key, made._places = node.key, []
        return made

    def replace(found: re.Match[str]) -> str:
        if found[1] is None:
            return "$"
        value = values.get(found[1])
        return _written(value) if value is not None and value.is_scalar else found[0]

    filled = _REFERENCE.sub(replace, text)
    return node if filled == text else scalar(node, filled)


def _written(value: Node) -> str:
    return str(value.value).lower() if isinstance(value.value, bool) else value.canonical
