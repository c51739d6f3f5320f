"""Values that a kustomization copies from one object into others."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from devopslint.kubernetes.kustomize.editing import (
    Changed,
    List,
    Unbuilt,
    empty_mapping,
    is_null,
    keyed,
    named,
    scalar,
    with_value,
)
from devopslint.kubernetes.kustomize.resources import Id, Resource, Selector, settled
from devopslint.readers.regular_expressions import RegularError, regular
from devopslint.readers.yaml import Node, Scalar, Sequence

_NAME = "metadata.name"


def replaced(resources: list[Resource], replacements: Iterable[Node]) -> list[Resource]:
    """The same after every replacement, in their order."""
    for one in replacements:
        if (not one["source"].present and not one["sourceValue"].exists) or not one["targets"].is_sequence:
            raise Unbuilt("a replacement has no source or no target", one.location)
        value = one["sourceValue"] if one["sourceValue"].exists else _source(resources, one["source"])
        for target in one["targets"]:
            resources = _into(resources, target, value)
    return resources


def _source(resources: list[Resource], source: Node) -> Node:
    wanted = Id(*(source[field].text for field in ("group", "version", "kind", "name", "namespace")))
    found = [one for one in resources if any(_selected(known, wanted) for known in one.ids)]
    if len(found) != 1:
        raise Unbuilt(f"{len(found)} objects are what a replacement takes its value from", source.location)
    path = source["fieldPath"]
    node = found[0].node
    for step in steps_of(path.text or _NAME):
        node = step_into(node, step)
    if is_null(node) or (not node.is_scalar and not len(node)):
        raise Unbuilt(f"there is no {path.text or _NAME} to be copied", source.location)
    delimiter = source["options"]["delimiter"].text
    if not delimiter:
        return node
    if not node.is_scalar:
        raise Unbuilt("what is to be cut apart is no text", source.location)
    parts, index = node.text.split(delimiter), source["options"]["index"].value or 0
    if not isinstance(index, int) or not 0 <= index < len(parts):
        raise Unbuilt(f"there is no part {index} of '{node.text}'", source.location)
    return scalar(node, parts[index])


def _selected(one: Id, wanted: Id) -> bool:
    return all(not want or want == had for want, had in zip(wanted[:4], one[:4], strict=True)) and (
        not wanted.namespace or wanted.where == one.where
    )


def step_into(node: Node, step: str) -> Node:
    """What a step of a path leads to; a missing node where it leads nowhere."""
    if node.is_sequence:
        if step.isdecimal() and int(step) < len(node):
            return list(node)[int(step)]
        if step == "-" and len(node):
            return list(node)[-1]
        if step.startswith("[") and "=" in step:
            field, _, text = step[1:-1].partition("=")
            return next((item for item in node if (item[field] if field else item).text == text), node["absent"])
        raise Unbuilt(f"'{step}' is no item of a list", node.location)
    return node[step]


def steps_of(path: str) -> list[str]:
    """`spec.containers.[name=a.b].image` has four, `metadata.annotations.[a.b/c]` three."""
    parts: list[str] = []
    for part in path.split("."):
        if parts and parts[-1].endswith("\\"):
            parts[-1] = f"{parts[-1][:-1]}.{part}"
        else:
            parts.append(part)
    steps: list[str] = []
    pending = iter(parts)
    for part in pending:
        if part.startswith("[") and not part.endswith("]"):
            for more in pending:
                part = f"{part}.{more}"
                if more.endswith("]"):
                    break
            part = part if "=" in part else part.strip("[]")
        if part or steps:  # a dot before the first says nothing
            steps.append(part)
    return steps


def _into(resources: list[Resource], target: Node, value: Node) -> list[Resource]:
    if not target["select"].present:
        raise Unbuilt("a replacement selects nothing", target.location)
    select = Selector(target["select"])
    rejects = [Selector(one) for one in target["reject"]]
    paths = target["fieldPaths"].strings()
    made: list[Resource] = []
    for one in resources:
        if _is_target(one, select, rejects):
            node = one.node
            for path in [node_.text for node_ in paths] or [_NAME]:
                node = _written(node, path, value, target)
            one = settled(one, one._replace(node=node))
        made.append(one)
    return made


def _is_target(one: Resource, select: Selector, rejects: list[Selector]) -> bool:
    if not select.fits_conditions(one.node):
        return False
    if any(reject.has_conditions and reject.fits_conditions(one.node) for reject in rejects):
        return False
    if any(reject.names_something and any(map(reject.fits, one.ids)) for reject in rejects):
        return False
    return any(map(select.fits, one.ids))


def _written(node: Node, path: str, value: Node, target: Node) -> Node:
    options = target["options"]
    create = options["create"].value is True
    counted = [0]

    def write(found: Node) -> Node:
        counted[0] += 1
        if found is value and options["delimiter"].text:
            raise Unbuilt("a replacement changes its own source", target.location)
        return _value(found, value, options)

    changed = _at(node, steps_of(path), write, value if create else None, target)
    if not counted[0]:
        raise Unbuilt(f"there is no {path} for a replacement to fill", target.location)
    return changed


def _value(found: Node, value: Node, options: Node) -> Node:
    delimiter = options["delimiter"].text
    if delimiter:
        if not found.is_scalar:
            raise Unbuilt("what is to be cut apart is no text", found.location)
        parts = found.text.split(delimiter)
        index = options["index"].value or 0
        if not isinstance(index, int):
            raise Unbuilt("an index is no number", options.location)
        if index < 0:
            parts.insert(0, value.text)
        elif index >= len(parts):
            parts.append(value.text)
        else:
            parts[index] = value.text
        value = scalar(value, delimiter.join(parts))
    if not found.is_scalar:
        return keyed(value, found.key) if found.key is not None else value
    if not value.is_scalar:
        raise Unbuilt("more than a text is put in the place of one", value.location)
    return _like(found, value)


def _like(found: Node, value: Node) -> Node:
    """The text of a value, of the type that it had in its place."""
    created = isinstance(found, Scalar) and found.tag == "!created"
    if (
        isinstance(found, Scalar)
        and not created
        and (found.tag is not None or found.style is not None or isinstance(found.value, str))
    ):
        made = scalar(value, value.text, None)
        made.key = found.key
        if found.tag is None and found.style is None and isinstance(found.value, str):
            made.tag = "tag:yaml.org,2002:str"
        return made
    made = _plain(value, value.text, found.key)
    if not created and found.present and type(made.value) is not type(found.value):
        raise Unbuilt(f"{value.text} is put in the place of {found.text}, whose type it has not", value.location)
    return made


def _plain(at: Node, text: str, key: Scalar | None) -> Scalar:
    """What a text is without quotes: a number, a truth, or a text."""
    made = Scalar(at.source, at.start, at.end, None, text, None)
    made.key, made._places = key, []
    return made


Write = Callable[[Node], Node]


def _at(node: Node, steps: list[str], write: Write, made_at: Node | None, target: Node) -> Node:
    if not steps:
        return write(node)
    step, rest = steps[0], steps[1:]
    if step == "*":
        return List(node, [_at(item, rest, write, made_at, target) for item in node])
    if step.isdecimal() and node.is_sequence:
        items = list(node)
        if made_at is not None and int(step) == len(items):
            items.append(_new(rest, made_at, ""))
        if int(step) >= len(items):
            raise Unbuilt(f"a list has no item {step}", target.location)
        items[int(step)] = _at(items[int(step)], rest, write, made_at, target)
        return List(node, items)
    if step.startswith("[") and step.endswith("]") and "=" in step:
        return _at_items(node, step, rest, write, made_at, target)
    if step.startswith("[") and step.endswith("]"):
        raise Unbuilt(f"'{step}' says no field and value that an item is found by", target.location)
    if node.is_scalar and node.present:
        raise Unbuilt("a replacement reaches into a text", target.location)
    if not node.is_mapping:
        raise Unbuilt(f"'{step}' is looked for in what is no mapping", target.location)
    inner = node[step]
    if not inner.exists:
        if made_at is None:
            return node
        inner = _new(rest, made_at, step)
    elif inner.is_scalar and rest:
        raise Unbuilt("a replacement reaches into a text", target.location)
    return with_value(node, step, _at(inner, rest, write, made_at, target))


def _at_items(node: Node, step: str, rest: list[str], write: Write, made_at: Node | None, target: Node) -> Node:
    field, _, pattern = step[1:-1].partition("=")
    try:
        expression = regular(pattern)
    except RegularError as error:
        raise Unbuilt(f"the expression '{pattern}' is not understood: {error}", target.location) from None
    if not node.is_sequence:
        raise Unbuilt(f"'{step}' is looked for in what is no list", target.location)
    items: list[Node] = []
    found = False
    for item in node:
        said = item[field] if field else item
        if said.is_scalar and said.exists and expression.found_in(said.text):
            found = True
            items.append(_at(item, rest if field else [], write, made_at, target))
        else:
            items.append(item)
    if not found and made_at is not None:
        fresh: Node = scalar(made_at, pattern, None)
        if field:
            mapping = Changed(empty_mapping(made_at, ""))
            mapping.key = None
            fresh = with_value(mapping, field, _plain(made_at, pattern, named(made_at, field)))
        items.append(_at(fresh, rest if field else [], write, made_at, target))
    return List(node, items)


def _new(rest: list[str], made_at: Node, name: str) -> Node:
    """What is made where nothing is: what the next step needs, in the end a text."""
    key = named(made_at, name) if name else None
    made: Node
    if not rest:
        if made_at.is_mapping:
            made = Changed(empty_mapping(made_at, name))
        elif made_at.is_sequence:
            made = Sequence(made_at.source, made_at.start, None)
        else:
            made = Scalar(made_at.source, made_at.start, made_at.end, "!created", "", None)
    elif rest[0].isdecimal() or rest[0] == "*" or (rest[0].startswith("[") and "=" in rest[0]):
        made = Sequence(made_at.source, made_at.start, None)
    else:
        made = Changed(empty_mapping(made_at, name))
    made.end, made.key = made_at.end, key
    return made
