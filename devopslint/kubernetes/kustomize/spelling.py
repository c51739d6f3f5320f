"""The fields of a kustomization by the names that kustomize has for them: Go reads `fieldpath` as `fieldPath`.

https://pkg.go.dev/encoding/json#Unmarshal: keys are matched with fields without regard to case.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TypeAlias

from devopslint.kubernetes.kustomize.editing import Changed, Unbuilt, named, same_size
from devopslint.kubernetes.kustomize.reading import MOST_KEPT
from devopslint.readers.yaml import Node

Names: TypeAlias = "Mapping[str, tuple[str, Names | None]]"
"""A field by its name, and in small letters -> its name, and the fields in it, or in each item of its list."""


def _names(text: str, **inner: Names) -> Names:
    names = (*text.split(), *inner)
    return {spelled: (name, inner.get(name)) for name in names for spelled in (name.lower(), name)}


_KIND = "group version kind name namespace"
_OPTIONS = _names("labels annotations disableNameSuffixHash immutable")
_TARGET = _names(f"{_KIND} labelSelector annotationSelector")
_PATCH = _names("path patch options", target=_TARGET)
_MADE = _names("name namespace behavior literals files envs env type", options=_OPTIONS)
_CUT = _names("delimiter index create encoding")
FIELDS: Names = _names(
    "apiVersion kind metadata openapi namePrefix nameSuffix namespace commonLabels commonAnnotations patchesStrategicMerge"
    " sortOptions resources components crds bases helmGlobals helmCharts helmChartInflationGenerator configurations"
    " generators transformers validators buildMetadata",
    labels=_names("pairs includeSelectors includeTemplates fields"),
    patchesJson6902=_PATCH,
    patches=_PATCH,
    images=_names("name newName newTag digest tagSuffix"),
    imageTags=_names("name newName newTag digest tagSuffix"),
    replicas=_names("name count"),
    vars=_names("name", objref=_names(f"{_KIND} apiVersion"), fieldref=_names("fieldPath")),
    replacements=_names(
        "path",
        source=_names(f"{_KIND} fieldPath", options=_CUT),
        targets=_names("fieldPaths", select=_TARGET, reject=_TARGET, options=_CUT),
    ),
    configMapGenerator=_MADE,
    secretGenerator=_MADE,
    generatorOptions=_OPTIONS,
)


_NO_TEXTS = frozenset(
    [
        "create",
        "includeSelectors",
        "includeTemplates",
        "disableNameSuffixHash",
        "immutable",
        "count",
        "index",
        "options",
    ]
)
_PAIRS = frozenset(["commonLabels", "commonAnnotations", "pairs", "labels", "annotations"])


def _refuse_numbers(name: str, value: Node) -> None:
    """Stop where kustomize does: what is to be a text is a number or a truth, like `newTag: 1.10` and `namespace: on`."""
    if name in _NO_TEXTS:
        if value.is_scalar and isinstance(value.value, str):
            raise Unbuilt(f"kustomize takes no text for '{name}'", value.location)
        return
    if value.is_scalar:
        said = value.value
        if said is not None and not isinstance(said, str):
            raise Unbuilt(
                f"kustomize takes no {value.canonical} for '{name}': it wants a text, in quotes", value.location
            )
    elif value.is_sequence:
        for item in value:
            if item.is_scalar:
                _refuse_numbers(name, item)
    elif name in _PAIRS:
        for key, item in value.items():
            if item.is_scalar:
                _refuse_numbers(key.text, item)


@functools.lru_cache(maxsize=MOST_KEPT)
def spelled(root: Node) -> Node:
    """as_spelled() for the tree of a file, once for its own rules and for whoever builds with it."""
    return as_spelled(root)


def as_spelled(node: Node, names: Names = FIELDS) -> Node:
    """The same with each field under its name; what is no field stays as it is. Raises Unbuilt where kustomize stops."""
    if node.is_sequence:
        return same_size(node, [as_spelled(item, names) for item in node])
    if not node.is_mapping:
        return node
    entries = []
    changed = False
    for key, value in node.items():
        written = key.text
        known = names.get(written) or names.get(written.lower())
        if known is None:
            entries.append((key, value))
            continue
        name, inner = known
        if name != "metadata":
            _refuse_numbers(name, value)
        made = value if inner is None or value.is_scalar else as_spelled(value, inner)
        same = written == name
        changed |= made is not value or not same
        entries.append((key if same else named(key, name), made))
    if not changed:
        return node
    spelled = Changed(node)
    for one in entries:
        spelled.add(*one)
    return spelled
