"""What each overlay deploys: a base is judged through the overlays over it, and not by itself."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator

from devopslint.kubernetes.kustomize import Entry, Kustomizations, Overlay
from devopslint.kubernetes.kustomize.building import Builder, Built
from devopslint.kubernetes.kustomize.deletions import Deletion, deletions
from devopslint.kubernetes.kustomize.editing import Unbuilt
from devopslint.kubernetes.kustomize.given import GivenObjects
from devopslint.kubernetes.kustomize.relations import (
    OF_DELETIONS,
    OF_REPLICAS,
    RULES,
    are_changed,
    sets_replicas_unseen,
    told,
)
from devopslint.kubernetes.workloads import Workload, is_fragment, manifest_of
from devopslint.model import Build, Location, NotKnown, Summaries
from devopslint.readers.yaml import Node
from devopslint.readers.yaml_dialects import BUILT, KUBERNETES

_WITHOUT_SCHEMAS = BUILT._replace(unasked=KUBERNETES.unasked)


def builds(summaries: Summaries, read: Callable[[str], bytes], rendered: Collection[str]) -> Iterator[Build]:
    """What the overlays build that nothing else is built from, and that change more than names.

    Of a ConfigMap that several of them generate, each may have other keys.

    `read` raises OSError or ValueError; `rendered` are the kustomizations that a program has built.
    """
    kustomizations = summaries.seen_by(Kustomizations)
    times = Counter(made for one in kustomizations.overlays for made in set(one.generated))
    changing = [
        one
        for one in kustomizations.roots
        if any(part.changes or any(times[made] > 1 for made in part.generated) for part in kustomizations.parts(one))
    ]
    paths = {overlay.folder: overlay.path for overlay in kustomizations.overlays}
    builder, whole = Builder(paths, read, _WITHOUT_SCHEMAS), Builder(paths, read)
    places: dict[int, tuple[str, int, int]] = {}
    for overlay in kustomizations.roots:
        if overlay.path in rendered:
            continue
        if added := _changed_by_flux(kustomizations, overlay):
            question = NotKnown(added.location, f"what {overlay.folder or '.'} builds", "Flux adds a component to it")
            resources = frozenset(kustomizations.resources(overlay))
            yield Build(overlay.path, resources, known=False, question=question)
            continue
        if overlay not in changing:
            yield Build(overlay.path, frozenset(kustomizations.resources(overlay)), known=False)
            continue
        try:
            built = _built(builder, whole, overlay.path)
            deleted = tuple(deletions(kustomizations, overlay, built)) if built.deleted else ()
            yield _build(overlay, kustomizations.parts(overlay), built, deleted, places)
        except Unbuilt as error:
            files = {path for part in kustomizations.parts(overlay) for path in _files(part)}
            yield Build(overlay.path, frozenset(files), known=False, question=_question(overlay, error))


def _changed_by_flux(kustomizations: Kustomizations, overlay: Overlay) -> Entry | None:
    """The first component by which Flux changes what a kustomization builds; none where all of them only add objects."""
    for part in kustomizations.parts(overlay):
        for entry in kustomizations.by_flux.get(part.path, ()):
            component = kustomizations.by_folder[entry.path or ""]
            if any(one.changes for one in kustomizations.parts(component)):
                return entry
    return None


def _built(builder: Builder, whole: Builder, path: str) -> Built:
    """What a kustomization builds, from the whole schemas of custom resources only where a patch needs them."""
    try:
        return builder.build(path)
    except Unbuilt:
        if not builder.patches_schemas:
            raise
    return whole.build(path)


def _build(
    overlay: Overlay,
    parts: list[Overlay],
    built: Built,
    deleted: tuple[Deletion, ...],
    places: dict[int, tuple[str, int, int]],
) -> Build:
    """`places` are those of the objects as they are written, which the builders keep."""
    changed: list[tuple[Node, Node]] = []
    untouched = set()
    for one in built.resources:
        if one.made or one.origin is None:
            continue  # what a generator makes is judged where it is written
        if _is_as_written(one.node, one.origin) or _waits(one.node):
            place = places.get(id(one.origin))
            if place is None:
                first = one.origin.source.place(one.origin.start)[0]
                place = places[id(one.origin)] = (one.origin.source.path, first, one.origin.last_line)
            untouched.add(place)
        else:
            changed.append((one.node, one.origin))
    relations = RULES if are_changed(changed, built.resources) else frozenset()
    tells = functools.partial(told, overlay, built, deleted)
    if deleted:
        relations |= OF_DELETIONS
    if sets_replicas_unseen(parts, changed):
        relations |= OF_REPLICAS
    if not changed:
        return Build(overlay.path, built.files, untouched=frozenset(untouched), relations=relations, told=tells)

    @functools.cache
    def before() -> dict[tuple[str, int, int, int, int], Location]:
        return _places_before(changed)

    return Build(
        overlay.path,
        built.files,
        tuple(changed),
        functools.partial(GivenObjects, overlay.path),
        frozenset(untouched),
        before=lambda at: before().get(at.region) if at.path == overlay.path or at.path in built.files else None,
        relations=relations,
        told=tells,
    )


def _places_before(pairs: Iterable[tuple[Node, Node]]) -> dict[tuple[str, int, int, int, int], Location]:
    """Region of what was changed -> where its file has what stood there; not what is changed in two objects at once."""
    found: dict[tuple[str, int, int, int, int], Location] = {}
    several = set()
    for node, origin in pairs:
        for at, before in _changes(node, origin):
            if found.setdefault(at.region, before) != before:
                several.add(at.region)
    return {region: before for region, before in found.items() if region not in several}


def _changes(node: Node, before: Node) -> Iterator[tuple[Location, Location]]:
    """Every place of a value that is new, or of what takes one away, with that of the value in its stead."""
    if node is before or not before.exists:
        return
    if (node.source.path, node.start) != (before.source.path, before.start):
        yield node.location, before.location
    for key, value in node.items():
        yield from _changes(value, before[key.text])
    for key, value in before.items():
        if not node[key.text].exists:
            yield node[key.text].location, value.location
    if node.is_sequence:
        named = {item["name"].text: item for item in before if item["name"].text}
        for item in node:
            if item["name"].text in named:
                yield from _changes(item, named[item["name"].text])


def _waits(node: Node) -> bool:
    """Whether an object still lacks what no cluster does without: it is laid over one that is there."""
    manifest = manifest_of(node)
    return is_fragment(manifest) or (isinstance(manifest, Workload) and manifest.incomplete)


def _is_as_written(node: Node, origin: Node) -> bool:
    """Whether an object differs from that in its file by its metadata at most."""
    if node is origin:
        return True
    before = origin.items()
    if not all(node[key.text] is value for key, value in before if key.text != "metadata"):
        return False
    return len(node) - node.has("metadata") == len(before) - origin.has("metadata")


def _files(part: Overlay) -> Iterator[str]:
    yield part.path
    yield from (entry.path for entry in part.entries if entry.path is not None)


_SAID_BY_OTHERS = (
    "comes from outside",
    "renders charts",
    "that a patch changes",
    "is not in the repository",
    "has no kustomization in the repository",
    "cannot be read",
    "is a template",
)
"""Why a build is not known, where a finding or a line about what is not checked says it already."""


def _question(overlay: Overlay, error: Unbuilt) -> NotKnown | None:
    if any(words in error.reason for words in _SAID_BY_OTHERS):
        return None
    at = error.location or Location(overlay.path, 1, 1, 1, 1)
    return NotKnown(at, f"what {overlay.folder or '.'} builds", error.reason, "--render")
