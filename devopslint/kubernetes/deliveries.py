"""What Flux's and Argo CD's objects tell the project: where they take their objects from, and for what they wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from devopslint.deferred import NamedTuple, dataclass
from devopslint.kubernetes.summaries import ObjectSummary, Placed, identity_of
from devopslint.kubernetes.workloads import Manifest
from devopslint.readers.yaml import Node

KUSTOMIZATION, RELEASE = ("kustomize.toolkit.fluxcd.io", "Kustomization"), ("helm.toolkit.fluxcd.io", "HelmRelease")


class Named(NamedTuple):
    """A reference to another object of the delivery."""

    kind: str
    name: Placed[str]
    namespace: str
    """Empty where it is the object's own."""


class Folder(NamedTuple):
    """A folder of a repository, from which objects are taken."""

    repository: str
    """What tells the repository from others: its address, or the name of the object that has it."""
    path: Placed[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryWords(ObjectSummary):
    """A Kustomization or a HelmRelease of Flux, an Application of Argo CD, or what an ApplicationSet makes."""

    waits_for: tuple[Named, ...]
    source: Named | None
    """Where its chart comes from; None for what needs no object for it."""
    folders: tuple[Folder, ...]
    project: Placed[str]
    """Of Argo CD; empty for Flux."""


def delivery_summaries(manifests: Iterable[Manifest]) -> Iterator[object]:
    for manifest in manifests:
        names = identity_of(manifest)
        if (manifest.group, manifest.kind) in (KUSTOMIZATION, RELEASE):
            yield _flux(manifest, names)
        elif manifest.group == "argoproj.io" and manifest.kind in ("Application", "ApplicationSet"):
            yield _argo(manifest, names)


def _flux(manifest: Manifest, names: dict[str, Any]) -> DeliveryWords:
    spec = manifest.spec
    chart = spec["chart"]["spec"]["sourceRef"] if spec["chart"].present else spec["chartRef"]
    source = spec["sourceRef"]
    repository = f"{source['kind'].text}/{source['namespace'].text or manifest.namespace}/{source['name'].text}"
    folders = [Folder(repository, _text(spec["path"]))] if source["kind"].text == "GitRepository" else []
    return DeliveryWords(
        **names,
        waits_for=tuple(
            Named(manifest.kind, _text(one["name"]), one["namespace"].text)
            for one in spec["dependsOn"]
            if one["name"].text
        ),
        source=Named(chart["kind"].text, _text(chart["name"]), chart["namespace"].text) if chart["name"].text else None,
        folders=tuple(one for one in folders if one.path.value),
        project=Placed("", manifest.location),
    )


def _argo(manifest: Manifest, names: dict[str, Any]) -> DeliveryWords:
    spec = manifest.spec if manifest.kind == "Application" else manifest.spec["template"]["spec"]
    sources = [one for one in (spec["source"], *spec["sources"]) if one["path"].text and not one["chart"].present]
    return DeliveryWords(
        **names,
        waits_for=(),
        source=None,
        folders=tuple(
            Folder(one["repoURL"].text.removesuffix(".git").rstrip("/"), _text(one["path"]))
            for one in sources
            if one["targetRevision"].text in ("", "HEAD", "main", "master")
        ),
        project=_text(spec["project"]),
    )


def own_repositories(folders: Iterable[Folder], known: frozenset[str]) -> frozenset[str]:
    """Those repositories that are this tree, as far as their folders tell: at least two and most of them are here."""
    here: dict[str, set[str]] = defaultdict(set)
    elsewhere: dict[str, set[str]] = defaultdict(set)
    for folder in folders:
        path = normal(folder.path.value)
        if path and folder.repository:
            (here if path in known else elsewhere)[folder.repository].add(path)
    return frozenset(name for name, paths in here.items() if len(paths) > max(1, len(elsewhere[name])))


def normal(path: str) -> str:
    """A path from the root of its repository; empty for the root itself, and for what is not known before it is made."""
    if any(mark in path for mark in "${}<>*"):
        return ""
    return "/".join(part for part in path.split("/") if part not in ("", "."))


def _text(node: Node) -> Placed[str]:
    return Placed(node.text, node.location)
