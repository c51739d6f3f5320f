"""Kustomizations that say the same but for what they put in, as one for each cluster: they change the same objects."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator

from devopslint.deferred import compiled
from devopslint.readers.yaml import Node, Scalar

PUT_IN = (("metadata", "namespace"), ("metadata", "labels"))
"""Where objects of kustomizations of one form may differ, but for what is said by lines() that tell them apart."""
_TAG = compiled(r"[a-zA-Z0-9_.{}-]+")
"""Of an image that a second entry would find again, whatever it is."""
_COUNT = object()
_LABEL = object()
_NAMESPACE = object()
_VERSION = object()
"""Stand for such values in a form."""


def form_of(root: Node, resolve: Callable[[str, Node], str], tags: Collection[str]) -> Hashable:
    """What a kustomization says, with what it merely puts in left out.

    `tags` are those of the images that it is laid over: one that says such a tag may change nothing.
    """
    return tuple((key.text, _of_field(key.text, value, resolve, tags)) for key, value in root.items())


def _of_field(name: str, value: Node, resolve: Callable[[str, Node], str], tags: Collection[str]) -> Hashable:
    if name == "namespace" and value.text:
        return _NAMESPACE
    if name in ("resources", "components", "patchesStrategicMerge"):
        return tuple(_of_path(item, resolve) for item in value)
    if name in ("patches", "patchesJson6902"):
        return tuple(_of_patch(item, resolve) for item in value)
    if name == "images":
        return tuple(_of_image(item, tags) for item in value)
    if name == "replicas":
        return tuple(_of_replicas(item) for item in value)
    if name == "labels":
        return tuple(_of_labels(item) for item in value)
    return _content(value)


def _of_path(item: Node, resolve: Callable[[str, Node], str]) -> Hashable:
    if item.is_scalar and item.text and "\n" not in item.text:
        return resolve(item.text, item)
    return _content(item)


def _of_patch(item: Node, resolve: Callable[[str, Node], str]) -> Hashable:
    if not item.is_mapping:
        return _of_path(item, resolve)
    return tuple(
        (key.text, _of_path(value, resolve) if key.text == "path" else _content(value)) for key, value in item.items()
    )


def _of_image(item: Node, tags: Collection[str]) -> Hashable:
    name = item["name"].text
    if ":" in name or "@" in name:
        return _content(item)
    return tuple(
        (key.text, _VERSION if key.text == "newTag" and _is_new(value.text, tags) else _content(value))
        for key, value in item.items()
    )


def _is_new(tag: str, tags: Collection[str]) -> bool:
    return tag not in tags and _TAG.fullmatch(tag) is not None


def _of_replicas(item: Node) -> Hashable:
    return tuple(
        (key.text, _COUNT if key.text == "count" and type(value.value) is int else _content(value))
        for key, value in item.items()
    )


def _of_labels(item: Node) -> Hashable:
    return tuple(
        (key.text, tuple((name.text, _LABEL if one.is_scalar else _content(one)) for name, one in value.items()))
        if key.text == "pairs" and value.is_mapping
        else (key.text, _content(value))
        for key, value in item.items()
    )


def _content(node: Node) -> Hashable:
    if isinstance(node, Scalar):
        return node.text, node.tag, node.style
    if node.is_mapping:
        return tuple((key.text, _content(value)) for key, value in node.items())
    return ("[", *map(_content, node))


def lines_of(items: Iterable[Node]) -> Iterator[str]:
    """The lines that entries of a kustomization stand on."""
    for item in items:
        source = item.source
        starts = source.line_starts
        first, last = source.place(item.start)[0], source.place(max(item.start, item.end - 1))[0]
        yield source.text[starts[first - 1] : starts[last] if last < len(starts) else len(source.text)]
