"""JSON patches (RFC 6902), carried out on nodes.

https://pkg.go.dev/gopkg.in/evanphx/json-patch.v4
"""

from __future__ import annotations

import json

from devopslint.kubernetes.kustomize.editing import Changed, List, Unbuilt, added_to, keyed, named, with_value, without
from devopslint.readers.yaml import Mapping, Node

_ESCAPES = (("~1", "/"), ("~0", "~"))
DEEPEST = 100
"""Steps into an object, and kustomizations that build on one another: real ones have a handful."""


def is_json_if_in_brackets(patch: str) -> bool:
    """Whether kustomize can read a patch that begins with a bracket, which it takes for JSON; what is put in is not known."""
    if not patch.startswith("[") or "${" in patch or "{{" in patch:
        return True
    try:
        json.loads(patch)
    except (ValueError, RecursionError):
        return False
    return True


def unescaped(segment: str) -> str:
    for escape, character in _ESCAPES:
        segment = segment.replace(escape, character)
    return segment


def carry_out(node: Node, operations: Node) -> Node:
    """The object with every operation of a patch carried out. Raises Unbuilt where one cannot be."""
    for operation in operations:
        node = _carry_out(node, operation)
    return node


def _carry_out(node: Node, operation: Node) -> Node:
    path = operation["path"]
    steps = _steps(path)
    match operation["op"].text:
        case "add":
            return _add(node, steps, _value(operation), path)
        case "replace":
            return _replace(node, steps, _value(operation), path)
        case "remove":
            return _remove(node, steps, path)
        case "move":
            start = _steps(operation["from"])
            value = _find(node, start, operation["from"])
            return _add(_remove(node, start, path), steps, value, path)
        case "copy":
            return _add(node, steps, _find(node, _steps(operation["from"]), operation["from"]), path)
        case "test":
            value = operation["value"]
            found = _find(node, steps, path, absent_is_null=True)
            if (found.plain() if found.exists else None) != (value.plain() if value.exists else None):
                raise Unbuilt(f"'{path.text}' is not what the patch tests it for", path.location)
            return node
        case word:
            raise Unbuilt(f"'{word}' is no operation of a patch", operation.location)


def _steps(path: Node) -> list[str]:
    if not path.text.startswith("/"):
        raise Unbuilt(f"'{path.text}' is no path of a patch", path.location)
    steps = [unescaped(segment) for segment in path.text.split("/")[1:]]
    if len(steps) > DEEPEST:
        raise Unbuilt("a path of a patch has too many steps", path.location)
    return steps


def _value(operation: Node) -> Node:
    value = operation["value"]
    if not value.exists:
        raise Unbuilt("an operation of a patch has no value", operation.location)
    return value


def _lost(path: Node) -> Unbuilt:
    return Unbuilt(f"there is nothing at '{path.text}', which a patch speaks of", path.location)


def _find(node: Node, steps: list[str], path: Node, *, absent_is_null: bool = False) -> Node:
    for number, step in enumerate(steps):
        if node.is_sequence:
            node = list(node)[_index(node, step, path)]
        else:
            inner = node[step]
            if not inner.exists:
                if absent_is_null and number == len(steps) - 1:
                    return inner
                raise _lost(path)
            node = inner
    return node


def _index(node: Node, step: str, path: Node, *, last: int = -1) -> int:
    try:
        number = int(step)
    except ValueError:
        raise _lost(path) from None
    number = number + len(node) if number < 0 else number
    if not 0 <= number < len(node) + (last == 0):
        raise _lost(path)
    return number


def _above(node: Node, steps: list[str], path: Node, change: object) -> Node:
    """The same with `change(parent, last step)` in place of the parent of what the steps lead to."""
    if len(steps) == 1:
        return change(node, steps[0])  # type: ignore[operator,no-any-return]
    step, rest = steps[0], steps[1:]
    if node.is_sequence:
        items = list(node)
        number = _index(node, step, path)
        items[number] = _above(items[number], rest, path, change)
        return List(node, items)
    inner = node[step]
    if not inner.is_mapping and not inner.is_sequence:
        raise _lost(path)
    return with_value(node, step, _above(inner, rest, path, change))


def _placed(value: Node, name: str) -> Node:
    """A value as that of another key: it stands at its first entry, not at the word `value`."""
    key = named(value, name)
    if isinstance(value, Mapping) and value.entries and not value.flow:
        first = value.entries[0][0]
        key.start, key.end, key.source = first.start, first.end, first.source
    return keyed(value, key)


def _add(node: Node, steps: list[str], value: Node, path: Node) -> Node:
    def change(parent: Node, step: str) -> Node:
        if parent.is_sequence:
            items = list(parent)
            items.insert(len(items) if step == "-" else _index(parent, step, path, last=0), _item(value))
            return List(parent, items)
        if not parent.is_mapping:
            raise _lost(path)
        placed = _placed(value, step)
        return with_value(parent, step, placed if parent[step].exists else added_to(parent, placed))

    return _above(node, steps, path, change)


def _item(value: Node) -> Node:
    """A value as an item of a list, which has no key."""
    if isinstance(value, Mapping):
        item = Changed(value)
        for entry in value.items():
            item.add(*entry)
        item.key = None
        return item
    return value


def _replace(node: Node, steps: list[str], value: Node, path: Node) -> Node:
    def change(parent: Node, step: str) -> Node:
        if parent.is_sequence:
            items = list(parent)
            items[_index(parent, step, path)] = _item(value)
            return List(parent, items)
        if not parent.is_mapping:
            raise _lost(path)
        # A field that is not there is added: kustomize's library replaces what it does not find, but in lists.
        return with_value(parent, step, _placed(value, step))

    return _above(node, steps, path, change)


def _remove(node: Node, steps: list[str], path: Node) -> Node:
    def change(parent: Node, step: str) -> Node:
        if parent.is_sequence:
            items = list(parent)
            del items[_index(parent, step, path)]
            return List(parent, items)
        if not parent[step].exists:
            raise _lost(path)
        return without(parent, step, path)

    return _above(node, steps, path, change)
