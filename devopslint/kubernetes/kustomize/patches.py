"""Strategic merge patches, merged as kustomize merges them: lists by the keys of Kubernetes' own types.

https://pkg.go.dev/sigs.k8s.io/kustomize/kyaml/yaml/merge2
"""

from __future__ import annotations

import functools
from collections.abc import Mapping as Table
from typing import Any

from devopslint.facts import table
from devopslint.kubernetes.kustomize.editing import (
    Changed,
    List,
    Unbuilt,
    added_to,
    is_null,
    named,
    same_size,
    scalar,
    with_value,
    without,
)
from devopslint.readers.yaml import Mapping, Node

DIRECTIVE = "$patch"
Fields = Table[str, Any]
"""Field -> the type that its values, or the items of its list, have, and the keys that tell the items apart."""


@functools.cache
def _types() -> Table[str, Fields]:
    types: Table[str, Fields] = table("kustomize")["types"]
    return types


def fields_of(node: Node) -> Fields | None:
    """What is known of the fields of an object of this kind; None for kinds that Kubernetes does not bring."""
    name = table("kustomize")["kinds"].get(f"{node['apiVersion'].text} {node['kind'].text}")
    return _types()[name] if name is not None else None


def merge(node: Node, patch: Node) -> Node | None:
    """The object with the patch laid over it; None where the patch deletes it."""
    return _merge(node, patch, fields_of(node), None)


def without_twins(node: Node) -> Node:
    """An object whose lists hold what their keys tell apart once, as any patch leaves it: the last in the first's place."""
    return _once(node, fields_of(node), None)


@functools.lru_cache(maxsize=500)
def has_twins(node: Node) -> bool:
    """Whether that changes anything, asked of an object of a file once for all overlays."""
    return without_twins(node) is not node


def _once(node: Node, fields: Fields | None, keys: list[str] | None) -> Node:
    if node.is_mapping:
        made = node
        for key, value in node.items():
            inner, inner_keys = _inside(fields, key.text)
            if not value.is_scalar and (inner is not None or inner_keys is not None):
                once = _once(value, inner, inner_keys)
                made = made if once is value else with_value(made, key.text, once)
        return made
    node = same_size(node, [_once(item, fields, None) if item.is_mapping else item for item in node])
    told = [tuple(item[key].text for key in keys) for item in node] if keys else []
    if len(set(told)) < len(told) and keys:
        return _by_keys(node, List(node, []), fields, keys)
    return node


def _merge(node: Node | None, patch: Node | None, fields: Fields | None, keys: list[str] | None) -> Node | None:
    """What comes of a value and of what a patch says of it, both of which may not be there; None: nothing.

    `keys` are those that tell the items of a list apart, none for a list of texts; None for a list that is replaced.
    """
    first = next((one for one in (node, patch) if one is not None and not is_null(one)), None)
    for one in (node, patch):
        if first is not None and one is not None and not is_null(one) and _shape(one) != _shape(first):
            raise Unbuilt("a patch has another type than what it is laid over", one.location)
    if first is None or first.is_mapping:
        return _mapping(node, patch, fields)
    if first.is_sequence and keys is not None:
        return _list(node, patch, fields, keys)
    if patch is None:
        return node
    return None if is_null(patch) else patch


def _shape(node: Node) -> str:
    return "mapping" if node.is_mapping else "sequence" if node.is_sequence else "scalar"


def _mapping(node: Node | None, patch: Node | None, fields: Fields | None) -> Node | None:
    if patch is None:
        return _kept(node)
    directive = ""
    if patch.is_mapping:
        directive, patch = _directive(patch)
    if node is None or is_null(node):
        if directive == "delete" or is_null(patch):
            return None
        node = patch  # what a patch adds is merged with itself: nulls and directives in it go
    elif is_null(patch) or directive == "delete":
        return None
    elif directive == "replace":
        node = patch
    assert isinstance(node, Mapping)
    made = Changed(node)
    unchanged = node is not patch
    for key, value in node.items():
        said = patch[key.text]
        inner, keys = _inside(fields, key.text)
        result = _merge(value, said, inner, keys) if said.exists else _kept(value)
        if result is not None and not (is_null(result) and said.exists):
            made.add(key, result)
        elif said.exists:
            made.taken[key.text] = said
        unchanged = unchanged and result is value
    for key, said in patch.items() if node is not patch else ():
        if not node[key.text].exists:
            inner, keys = _inside(fields, key.text)
            result = _merge(None, said, inner, keys)
            if result is not None and not is_null(result):
                made.add(key, added_to(node, result))
                made.taken.pop(key.text, None)
                unchanged = False
    return node if unchanged else made


@functools.lru_cache(maxsize=500)
def _kept(node: Node | None) -> Node | None:
    """What no patch speaks of stays, but nulls that are not written out go."""
    if node is None or (node.is_scalar and not _is_unwritten(node)):
        return node
    if node.is_scalar:
        return None
    if isinstance(node, Mapping):
        pairs = [(key, value, _kept(value)) for key, value in node.items()]
        if all(value is left for _, value, left in pairs):
            return node
        made = Changed(node)
        for key, _, left in pairs:
            if left is not None:
                made.add(key, left)
        return made
    return same_size(node, [_kept(item) or item for item in node])


def _is_unwritten(node: Node) -> bool:
    return not node.present and not node.source.text[node.start : node.end].strip()


def _inside(fields: Fields | None, name: str) -> tuple[Fields | None, list[str] | None]:
    if fields is None or name not in fields:
        return None, None
    of, keys = fields[name]
    return _types().get(of), keys


def _directive(patch: Node) -> tuple[str, Node]:
    """The word at `$patch`, and the patch without it."""
    said = patch[DIRECTIVE]
    if not said.exists:
        return "", patch
    if said.text not in ("delete", "replace", "merge"):
        raise Unbuilt(f"'{said.text}' is no directive of a patch", said.location)
    return said.text, without(patch, DIRECTIVE, said)


def _list(node: Node | None, patch: Node | None, fields: Fields | None, keys: list[str]) -> Node | None:
    if patch is None:
        return _kept(node)
    directive = ""
    if patch.is_sequence:
        directive, patch = _directive_of_list(patch)
    if node is None or is_null(node):
        if is_null(patch):
            return None
        node = patch
    elif is_null(patch) or directive == "delete":
        return None
    elif directive == "replace":
        node = patch
    if not keys or all(item.is_scalar for item in (*node, *patch)):
        said = {item.text for item in patch}
        return List(node, [*_each_once(patch), *(item for item in _each_once(node) if item.text not in said)])
    return _by_keys(node, patch, fields, keys)


def _each_once(items: Node) -> list[Node]:
    return list({item.text: item for item in reversed(list(items))}.values())[::-1]


def _directive_of_list(patch: Node) -> tuple[str, Node]:
    item = next((one for one in patch if one[DIRECTIVE].exists), None)
    if item is None or len(item) > 1:  # the directive is the item's own
        return "", patch
    return item[DIRECTIVE].text, List(patch, [one for one in patch if one is not item])


def _by_keys(node: Node, patch: Node, fields: Fields | None, keys: list[str]) -> Node:
    """Two lists of mappings that are told apart by some keys.

    Step by step what kustomize does, its faults too: an item that a patch is to replace stays as it was, and one that
    says a key more than the item that it is meant for is lost.
    """
    kept = [_kept(item) or item for item in node]
    said = kept if patch is node else list(patch)
    for item in (*kept, *said):
        if not item.is_mapping or not item[keys[0]].text:
            raise Unbuilt(f"an item of a list that is merged has no '{keys[0]}'", item.location)
    wanted = list(dict.fromkeys(tuple(item[key].text for key in keys) for item in (*said, *kept)))
    if len(keys) > 1:
        wanted = _completed(wanted)
    used = [n for n in range(len(keys)) if any(values[n] for values in wanted)]
    names = [keys[n] for n in used]
    added: list[Node] = []
    for values in wanted:
        texts = [values[n] for n in used]
        asked = [(key, text) for key, text in zip(names, texts, strict=True) if text]
        had = next((n for n, item in enumerate(kept) if _has(item, asked)), None)
        given = next((item for item in said if _has(item, asked)), None)
        before = kept[had] if had is not None else None
        result = _merge(before, given, fields, None)
        if result is None or not len(result):
            kept = _set_item(kept, names, texts, None)
            continue
        for key, text in asked:
            if not result[key].exists:
                result = with_value(result, key, scalar(result, text, named(result, key)))
        if had is not None and (given is None or given[DIRECTIVE].text != "replace" or given is before):
            kept[had] = result
        added = _set_item(added, names, texts, result)
    for item in kept:
        texts = [item[key].text for key in names if item[key].exists]
        added += [item] * (len(names) - len(texts))
        if len(names) > 1:
            added = _set_item(added, names, texts, None)
        added = _set_item(added, names, texts, item)
    return List(node, added)


def _completed(wanted: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Where the keys of two items differ only in that one of them lacks some, both are taken to have all."""
    found = list(wanted)
    for n, one in enumerate(wanted):
        one = found[n]
        for m in range(len(found)):
            both = _both(one, found[m])
            if both is not None:
                found[n] = found[m] = both
    return found


def _both(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...] | None:
    pairs = list(zip(one, other, strict=True))
    if any(a and b and a != b for a, b in pairs) or not any(a == b for a, b in pairs):
        return None
    return tuple(a or b for a, b in pairs)


def _has(item: Node, asked: list[tuple[str, str]]) -> bool:
    return all(item[key].text == text for key, text in asked)


def _set_item(items: list[Node], keys: list[str], texts: list[str], value: Node | None) -> list[Node]:
    """A list in which the item of these keys is another, or none; what is new comes last."""
    made: list[Node] = []
    found = False
    for item in items:
        if not _matches(item, keys, texts):
            made += [item] if texts else []
            continue
        found = True
        made += [value] if value is not None else []
    return made if found or value is None else [*made, value]


def _matches(item: Node, keys: list[str], texts: list[str]) -> bool:
    if not texts:
        return False
    return all(
        item[key].exists and (not text or item[key].text == text) for key, text in zip(keys, texts, strict=False)
    )
