"""What Flux patches into the objects that a Kustomization applies: the defaults of every HelmRelease of a tree."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from devopslint.deferred import NamedTuple
from devopslint.kubernetes.workloads import Manifest, keys_of
from devopslint.model import Location
from devopslint.readers.embedded_yaml import read_within
from devopslint.readers.yaml import Node
from devopslint.readers.yaml_dialects import KUSTOMIZE

DEEPEST = 5
"""Patches within patches that are followed: a parent patches Kustomizations, which patch releases."""


class FluxPatch(NamedTuple):
    """A summary: keys that a Kustomization of Flux sets on objects of a kind."""

    path: str
    kind: str
    name: str
    """A regular expression, or a name; empty for every object."""
    keys: frozenset[str]


class FluxComponents(NamedTuple):
    """A summary: components that a Kustomization of Flux adds to the kustomization of its path."""

    folder: str
    components: tuple[tuple[str, Location], ...]


class FluxSubstitution(NamedTuple):
    """A summary: a Kustomization of Flux that puts values in place of variables in what its path builds."""

    folder: str
    path: str
    """The file that it stands in."""
    name: str
    given: tuple[tuple[str, str], ...]
    """The values that it says itself, which win over those that others give."""
    alone: bool
    """Whether it names no ConfigMap or Secret that gives others."""


def flux_substitutions(manifest: Manifest) -> Iterator[FluxSubstitution]:
    """What a Kustomization of Flux fills in after the build, as far as it says where without variables."""
    spec = manifest.spec
    said = spec["postBuild"]
    if not _is_kustomization(manifest) or not said.is_mapping or "$" in spec["path"].text:
        return
    given = tuple((key.text, value.text) for key, value in said["substitute"].items())
    alone = not len(said["substituteFrom"])
    if given or not alone:  # or Flux looks for no variables at all
        yield FluxSubstitution(_folder(spec), manifest.node.source.path, manifest.name, given, alone)


def _is_kustomization(manifest: Manifest) -> bool:
    return manifest.kind == "Kustomization" and manifest.group == "kustomize.toolkit.fluxcd.io"


def _folder(spec: Node) -> str:
    folder = posixpath.normpath(spec["path"].text or ".").strip("/")
    return "" if folder == "." else folder


def flux_components(manifest: Manifest) -> Iterator[FluxComponents]:
    """What a Kustomization of Flux builds its path with, as far as it says so without variables."""
    spec = manifest.spec
    if _is_kustomization(manifest) and spec["components"] and "$" not in spec["path"].text:
        found = tuple((item.text, item.location) for item in spec["components"].strings())
        yield FluxComponents(_folder(spec), found)


def flux_patches(manifest: Manifest) -> Iterator[FluxPatch]:
    """The patches of a Kustomization of Flux, those among them that are for other Kustomizations too."""
    if _is_kustomization(manifest):
        yield from _patches(manifest.node.source.path, manifest.spec, 0)


def _patches(path: str, spec: Node, depth: int) -> Iterator[FluxPatch]:
    for item in spec["patches"]:
        stream = read_within(item["patch"], KUSTOMIZE)
        for document in stream.documents if stream is not None else ():
            root, target = document.root, item["target"]
            kind = target["kind"].text or root["kind"].text
            name = target["name"].text if target.present else root["metadata"]["name"].text
            yield FluxPatch(path, kind, name, keys_of(root) | _segments(root))
            if depth < DEEPEST:
                yield from _patches(path, root["spec"], depth + 1)


def _segments(operations: Node) -> frozenset[str]:
    return frozenset(part for operation in operations for part in operation["path"].text.split("/"))
