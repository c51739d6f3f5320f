"""What kustomize refuses in a kustomization, as far as the file alone says it: the build stops before it begins."""

from __future__ import annotations

from collections.abc import Iterator

from devopslint.kubernetes.kustomize import Kustomization
from devopslint.kubernetes.kustomize.editing import Unbuilt
from devopslint.kubernetes.kustomize.operations import is_json_if_in_brackets
from devopslint.kubernetes.kustomize.spelling import spelled
from devopslint.kubernetes.names import stands_in
from devopslint.model import Location, Problem
from devopslint.readers.yaml import Node

_LABELS = "metadata/labels"


def refusals(kustomization: Kustomization) -> Iterator[Problem]:
    """What kustomize stops at."""
    if kustomization.faults or any(one.templated is not None for one in kustomization.stream.documents):
        return
    if len(kustomization.stream.documents) > 1:
        return  # which of them is read differs from version to version
    root = kustomization.root if kustomization.stream.documents else None
    if root is None or not any(value.present for key, value in root.items() if key.text not in ("apiVersion", "kind")):
        place = Location(kustomization.path, 1, 1, 1, 1) if root is None else root.location
        yield Problem(place, "kustomize takes no kustomization that says nothing")
        return
    try:
        spelled(root)
    except Unbuilt as error:
        if error.location is not None and not _is_put_in(kustomization, error.location):
            yield Problem(error.location, error.reason)
    for field in ("patches", "patchesJson6902"):
        for entry in root[field]:
            yield from _of_patch(entry["patch"])
    for labels in root["labels"]:
        for one in labels["fields"]:
            everywhere = not any(one[name].text for name in ("group", "version", "kind"))
            if everywhere and one["path"].text == _LABELS and one["create"].value is not True:
                yield Problem(one["path"].location, f"{_LABELS} is made where it is not there, and is said not to be")


def _of_patch(patch: Node) -> Iterator[Problem]:
    if patch.is_sequence or patch.is_mapping:
        yield Problem(patch.location, "kustomize takes no list or object for 'patch': it wants a text")
    elif not is_json_if_in_brackets(patch.text):
        said = "kustomize reads a patch that begins with [ as JSON, which this is not: names and texts stand in quotes"
        yield Problem(patch.location, said)


def _is_put_in(kustomization: Kustomization, place: Location) -> bool:
    """Whether something puts another value there before kustomize reads it."""
    line = kustomization.stream.source.text.splitlines()[place.line - 1]
    return stands_in(line[place.column - 1 : place.end_column - 1].strip())
