"""What Flux's and Argo CD's objects tell the project: where they take their objects from, and for what they wait."""

from __future__ import annotations

import fnmatch
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from devopslint.deferred import NamedTuple, compiled, dataclass
from devopslint.kubernetes.argo_projects import is_made_later
from devopslint.kubernetes.names import stands_in
from devopslint.kubernetes.summaries import ObjectSummary, Placed, identity_of
from devopslint.kubernetes.workloads import Manifest, application_spec
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
    makes: bool = False
    """Whether it is a pattern, and an ApplicationSet makes an Application of each folder, or file, that matches it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryWords(ObjectSummary):
    """A Kustomization or a HelmRelease of Flux, an Application of Argo CD, or what an ApplicationSet makes."""

    waits_for: tuple[Named, ...]
    source: Named | None
    """Where its chart comes from; None for what needs no object for it."""
    folders: tuple[Folder, ...]
    project: Placed[str]
    """Of Argo CD; empty for Flux."""
    sources: int = 0
    """How many an Application has, folders and charts."""
    unseen_sizes: tuple[Placed[str], ...] = ()
    """The kinds of workload of which Argo CD does not see how many pods they are to have."""


def delivery_summaries(manifests: Iterable[Manifest]) -> Iterator[object]:
    for manifest in manifests:
        if (manifest.group, manifest.kind) in (KUSTOMIZATION, RELEASE):
            yield _flux(manifest, identity_of(manifest))
        elif manifest.group == "argoproj.io" and manifest.kind in ("Application", "ApplicationSet"):
            yield _argo(manifest, identity_of(manifest))


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
    spec, is_set = application_spec(manifest), manifest.kind == "ApplicationSet"
    sources = [one for one in (spec["source"], *spec["sources"]) if one["path"].text and not one["chart"].present]
    folders = [
        Folder(_repository(one), path)
        for one in sources
        if one["targetRevision"].text in _CURRENT and not is_made_later(one["repoURL"].text)
        if is_set or not stands_in(manifest.name)  # the whole of it is a template
        for path in (_filled(one["path"], manifest.spec["generators"]) if is_set else [_text(one["path"])])
    ]
    if is_set:
        folders += _generated(manifest.spec["generators"])
    given = [one for one in (spec["source"], *spec["sources"]) if one.items() and not one["ref"].present]
    return DeliveryWords(
        **names,
        waits_for=(),
        source=None,
        folders=tuple(folders),
        project=_text(spec["project"]),
        sources=len(given),
        unseen_sizes=() if is_set else tuple(_unseen_sizes(spec)),
    )


def _unseen_sizes(spec: Node) -> Iterator[Placed[str]]:
    for ignored in spec["ignoreDifferences"]:
        said = (*ignored["jsonPointers"].strings(), *ignored["jqPathExpressions"].strings())
        for field in said if not ignored["name"].text else ():
            if field.text in ("/spec/replicas", ".spec.replicas"):
                yield Placed(ignored["kind"].text, field.location)


_CURRENT = ("", "HEAD", "main", "master")
"""The revisions that may be what is in the tree."""
_PARAMETER = compiled(r"\{\{-?\s*\.?([\w-]+)\s*-?\}\}")
_MOST_ELEMENTS = 1_000


def _repository(source: Node) -> str:
    return source["repoURL"].text.removesuffix(".git").rstrip("/")


def _filled(path: Node, generators: Node) -> list[Placed[str]]:
    """The paths of an ApplicationSet's template for the elements of a list, each where its element stands."""
    lists = [one["list"]["elements"] for one in generators if one["list"]["elements"].is_sequence]
    if not _PARAMETER.search(path.text) or len(lists) != len(generators):
        return [_text(path)]
    elements = [element for one in lists for element in one][:_MOST_ELEMENTS]
    return [Placed(_with(path.text, element), element.location) for element in elements]


def _with(path: str, element: Node) -> str:
    return _PARAMETER.sub(lambda found: element[found[1]].text or found[0], path)


def _generated(generators: Node, depth: int = 0) -> Iterator[Folder]:
    """What Git generators look for, those within matrices and merges too."""
    for generator in generators:
        git = generator["git"]
        if git["revision"].text in _CURRENT:
            for entry in (*git["directories"], *git["files"]):
                if entry["path"].text and entry["exclude"].value is not True:
                    yield Folder(_repository(git), _text(entry["path"]), makes=True)
        for kind in ("matrix", "merge"):
            if depth < 2 and generator[kind]["generators"].is_sequence:  # deeper ones Argo CD refuses
                yield from _generated(generator[kind]["generators"], depth + 1)


def name_of_repository(repository: str) -> str:
    """What a repository is called wherever it is mirrored: its object's name, or the end of its address."""
    return repository.replace(":", "/").rpartition("/")[2].lower()


def own_repositories(folders: Iterable[Folder], tree: Tree) -> frozenset[str]:
    """Those repositories that are this tree, as far as their folders tell: at least two and most of them are here."""
    here: dict[str, set[str]] = defaultdict(set)
    elsewhere: dict[str, set[str]] = defaultdict(set)
    for folder in folders:
        if folder.repository and (found := tree.found(folder)) is not None:
            (here if found else elsewhere)[folder.repository].update(found or [folder.path.value])
    return frozenset(name for name, paths in here.items() if len(paths) > max(1, len(elsewhere[name])))


class Tree:
    """The folders and the files of the tree, to look for what is delivered."""

    def __init__(self, folders: Collection[str], files: Collection[str]) -> None:
        self._folders = folders
        self._files = files
        self._matching: dict[str, list[str]] = {}

    def found(self, folder: Folder) -> list[str] | None:
        """The paths that are meant; None where it is the root, or not known before it is made."""
        if not folder.makes:
            path = normal(folder.path.value)
            return ([path] if path in self._folders else []) if path else None
        pattern = "/".join(part for part in folder.path.value.split("/") if part not in ("", "."))
        if not pattern or any(mark in pattern for mark in "${}<>[\\") or "**" in pattern:
            return None
        if pattern not in self._matching:
            steps = [compiled(fnmatch.translate(part)) for part in pattern.split("/")]
            self._matching[pattern] = [
                path for path in (*self._folders, *self._files) if _matches(steps, path.split("/"))
            ]
        return self._matching[pattern]


def _matches(steps: list[re.Pattern[str]], parts: list[str]) -> bool:
    return len(parts) == len(steps) and all(step.match(part) for step, part in zip(steps, parts, strict=True))


def normal(path: str) -> str:
    """A path from the root of its repository; empty for the root itself, and for what is not known before it is made."""
    if any(mark in path for mark in "${}<>*"):
        return ""
    return "/".join(part for part in path.split("/") if part not in ("", "."))


def _text(node: Node) -> Placed[str]:
    return Placed(node.text, node.location)
