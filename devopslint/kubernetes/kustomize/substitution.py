"""Variables that Flux fills in after a build, `postBuild`: `${NAME}` and `${NAME:=default}` in any text of an object.

https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution
"""

from __future__ import annotations

import re

from devopslint.deferred import compiled
from devopslint.kubernetes.kustomize.editing import same_size, with_value
from devopslint.kubernetes.kustomize.resources import Resource
from devopslint.readers.yaml import Node, Scalar

DISABLED = "kustomize.toolkit.fluxcd.io/substitute"
"""The label, or annotation, that has an object left as it is where it says `disabled`."""
_VARIABLE = compiled(r"\$\{(\w+)(?::?=([^${}]*)|:-([^${}]*))?\}")
_MOST_VARIABLES = 100
"""Of one text; one with more stays as it is, for each of them may be as long as a file."""
_STRUCTURE = compiled(r"[\n{}\[\]\"'#&*!|>%@`]|:(?=[ ]|$)|^[-?](?=[ ]|$)|^[ ]|[ ]$")
"""What may make of a value more than a text when Flux puts it into YAML."""


class Given(dict[str, Node]):
    """The values that a Kustomization of Flux says itself, by the names of their variables."""

    def __init__(self, said: Node, *, alone: bool) -> None:
        super().__init__((key.text, value) for key, value in said.items() if _is_given(value))
        self._known = {key.text for key, _ in said.items()}
        self._alone = alone
        """Whether nothing else gives values, so that what it does not name has its default."""

    def is_unnamed(self, name: str) -> bool:
        return self._alone and name not in self._known


def _is_given(value: Node) -> bool:
    return value.is_scalar and isinstance(value.value, str) and "$" not in value.text


def substituted(resources: tuple[Resource, ...], given: Given) -> tuple[Resource, ...]:
    """The same objects with values in place of variables; those whose value is not known stay."""
    made = []
    for one in resources:
        metadata = one.node["metadata"]
        off = any(metadata[field][DISABLED].text == "disabled" for field in ("labels", "annotations"))
        node = one.node if off else _filled(one.node, given)
        made.append(one if node is one.node else one._replace(node=node))
    return tuple(made)


def _filled(node: Node, given: Given) -> Node:
    if node.is_mapping:
        for key, value in node.items():
            changed = _filled(value, given)
            if changed is not value:
                node = with_value(node, key.text, changed)
        return node
    if node.is_sequence:
        return same_size(node, [_filled(item, given) for item in node])
    return _text_filled(node, given) if node.is_scalar and "${" in node.text else node


def _text_filled(node: Node, given: Given) -> Node:
    """One that is all of a value stands where Flux is given that, so that what is wrong with it is said there."""
    text = node.text
    if "\n" in text or "$$" in text or not isinstance(node.value, str) or text.count("${") > _MOST_VARIABLES:
        return node
    used: list[Node] = []

    def replace(found: re.Match[str]) -> str:
        value = given.get(found[1])
        default = found[2] if found[2] is not None else found[3]
        if value is not None and (value.text or default is None):
            used.append(value)
            return value.text
        if default is not None and (value is not None or given.is_unnamed(found[1])):
            return default
        return found[0]

    filled = _VARIABLE.sub(replace, text)
    if filled == text or _STRUCTURE.search(_VARIABLE.sub("", filled)):
        return node
    at = used[0] if len(used) == 1 and _VARIABLE.fullmatch(text) else node
    made = Scalar(at.source, at.start, at.end, None, filled, None)
    made.key, made._places = node.key, []
    return made
