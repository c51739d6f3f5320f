"""What each overlay deploys: a base is judged through the overlays over it, and not by itself."""

from __future__ import annotations

import functools
import operator
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator

from devopslint.deferred import NamedTuple
from devopslint.kubernetes.kustomize import Entry, Kustomizations, Overlay
from devopslint.kubernetes.kustomize.building import Builder, Built, Touched
from devopslint.kubernetes.kustomize.deletions import deletions
from devopslint.kubernetes.kustomize.editing import Changed, Unbuilt, differing
from devopslint.kubernetes.kustomize.forms import PUT_IN
from devopslint.kubernetes.kustomize.given import GivenObjects
from devopslint.kubernetes.kustomize.relations import (
    OF_DELETIONS,
    OF_REPLICAS,
    RULES,
    are_changed,
    sets_replicas_unseen,
    told,
)
from devopslint.kubernetes.kustomize.resources import Resource, is_as_written
from devopslint.kubernetes.kustomize.substitution import Given, substituted
from devopslint.kubernetes.kustomize.touching import Base
from devopslint.kubernetes.summaries import Deletion
from devopslint.kubernetes.workloads import Workload, is_fragment, manifest_of
from devopslint.model import Altered, Build, Location, NotKnown, Opening, Summaries
from devopslint.readers.yaml import Node, Scalar
from devopslint.readers.yaml_dialects import BUILT, KUBERNETES

_WITHOUT_SCHEMAS = BUILT._replace(unasked=KUBERNETES.unasked)


def builds(summaries: Summaries, read: Callable[[str], bytes], rendered: Collection[str]) -> Iterator[Build]:
    """What the overlays build that nothing else is built from, and that change more than names.

    Of a ConfigMap that several of them generate, each may have other keys.

    `read` raises OSError or ValueError; `rendered` are the kustomizations that a program has built.
    """
    kustomizations = summaries.seen_by(Kustomizations)
    times = Counter(made for one in kustomizations.overlays for made in set(one.generated))
    changing = {
        one.path
        for one in kustomizations.roots
        if any(part.changes or any(times[made] > 1 for made in part.generated) for part in kustomizations.parts(one))
    }
    paths = {overlay.folder: overlay.path for overlay in kustomizations.overlays}
    builder, whole = Builder(paths, read, _WITHOUT_SCHEMAS), Builder(paths, read)
    places = _Places()
    forms: dict[Hashable, _Form | Callable[[], _Form]] = {}
    for overlay in kustomizations.roots:
        if overlay.path in rendered:
            continue
        if kustomizations.by_flux and (added := _changed_by_flux(kustomizations, overlay)):
            question = NotKnown(added.location, f"what {overlay.folder or '.'} builds", "Flux adds a component to it")
            resources = frozenset(kustomizations.resources(overlay))
            yield Build(overlay.path, resources, known=False, question=question)
            continue
        given = _given_by_flux(kustomizations, overlay, builder)
        if given is not None and (filled := _substituted(overlay, given[1], builder, whole)) is not None:
            deleted = tuple(deletions(kustomizations, overlay, filled)) if filled.deleted else ()
            yield _build(overlay, kustomizations.parts(overlay), filled, deleted, places, given[0])
            continue
        if overlay.path not in changing:
            yield Build(overlay.path, frozenset(kustomizations.resources(overlay)), known=False)
            continue
        try:
            built = functools.partial(_built, builder, whole, overlay.path)
            form = builder.form(overlay.path)
            like = forms.get(form) if form is not None else None
            if like is not None:
                if not isinstance(like, _Form):
                    like = forms[form] = like()
                yield _build_of_form(overlay, like, builder, built)
                continue
            touched, parts = builder.build_touched(overlay.path), kustomizations.parts(overlay)
            if touched is None:
                whole_of_it = built()
                deleted = tuple(deletions(kustomizations, overlay, whole_of_it)) if whole_of_it.deleted else ()
                yield _build(overlay, parts, whole_of_it, deleted, places)
                continue
            build = _build_of_touched(overlay, parts, touched, built, places)
            if form is not None and _are_the_same(touched):
                forms[form] = functools.partial(_Form, build, touched, builder, summaries.of(Opening))
            yield build
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


def _given_by_flux(kustomizations: Kustomizations, overlay: Overlay, builder: Builder) -> tuple[str, Given] | None:
    """What Flux puts in place of variables in what a kustomization builds, with the file that says so, if one does."""
    one = kustomizations.substitutions.get(overlay.folder)
    if one is None:
        return None
    try:
        node = builder.object_in(one.path, "Kustomization", one.name)
    except Unbuilt:
        return None
    if node is None:
        return None
    return one.path, Given(node["spec"]["postBuild"]["substitute"], alone=one.alone)


def _substituted(overlay: Overlay, given: Given, builder: Builder, whole: Builder) -> Built | None:
    """What a kustomization builds with the variables of Flux filled in; None where that changes nothing, or is not known."""
    try:
        built = _built(builder, whole, overlay.path)
    except Unbuilt:
        return None
    filled = substituted(built.resources, given)
    if all(map(operator.is_, filled, built.resources)):
        return None
    return built._replace(resources=filled, objects=tuple(one.node for one in filled))


def _built(builder: Builder, whole: Builder, path: str) -> Built:
    """What a kustomization builds, from the whole schemas of custom resources only where a patch needs them."""
    try:
        return builder.build(path)
    except Unbuilt:
        if not builder.patches_schemas:
            raise
    return whole.build(path)


Place = tuple[str, int, int]
"""Path, first and last line of an object."""


class _Places:
    """Where the objects are written that builds take as they stand."""

    def __init__(self) -> None:
        self._of_objects: dict[int, tuple[Node, Place]] = {}
        self._of_bases: dict[int, tuple[Base, frozenset[Place]]] = {}

    def of(self, origin: Node) -> Place:
        known = self._of_objects.get(id(origin))
        if known is None:
            place = (origin.source.path, origin.source.place(origin.start)[0], origin.last_line)
            known = self._of_objects[id(origin)] = origin, place
        return known[1]

    def left_of(self, base: Base, touched: Collection[int]) -> frozenset[Place]:
        """Of what overlays leave of a base as it stands."""
        known = self._of_bases.get(id(base))
        if known is None:
            known = self._of_bases[id(base)] = base, frozenset(map(self.of, base.staying.values()))
        if len(known[1]) < len(base.staying):  # several stand on one line
            return frozenset(self.of(origin) for number, origin in base.staying.items() if number not in touched)
        return known[1].difference(self.of(base.staying[number]) for number in touched if number in base.staying)


def _build(
    overlay: Overlay, parts: list[Overlay], built: Built, deleted: tuple[Deletion, ...], places: _Places, by: str = ""
) -> Build:
    """`by` is the file of a Kustomization of Flux that fills in variables."""
    kinds = [one.kind for one in built.resources]
    build = _made(overlay, parts, built.resources, built.files, kinds, places, frozenset(), by)
    return build._replace(
        relations=build.relations | OF_DELETIONS if deleted else build.relations,
        told=functools.partial(told, overlay, built, deleted),
    )


def _build_of_touched(
    overlay: Overlay, parts: list[Overlay], touched: Touched, built: Callable[[], Built], places: _Places
) -> Build:
    base = touched.base
    kinds = [base.kinds[number] for number in base.staying if number not in touched.touched]
    kinds += [one.kind for one in touched.resources]
    left = places.left_of(base, touched.touched)
    build = _made(overlay, parts, touched.resources, touched.files, kinds, places, left)
    return build._replace(told=lambda now: told(overlay, built(), (), now))


class _Form:
    """What is the same of all builds of kustomizations of one form."""

    def __init__(self, build: Build, touched: Touched, builder: Builder, openings: Iterable[Opening]) -> None:
        """`touched` are all objects that there are beside those of the base that stay as they are."""
        self.build = build
        self.files = build.files - {build.path}
        self.base = base = touched.base
        numbers = {id(base.resources[number].origin): number for number in touched.touched}
        self.changed = [
            _InForm(
                number,
                builder.entries_for(build.path, base, number),
                builder.patches_for_others(build.path, base, number),
                _unseen(builder, build.path, base, number, one),
            )
            for one in build.changed
            for number in [numbers[id(one.before)]]
        ]
        root = builder.root(build.path)
        says_more = root["replicas"].present or root["labels"].present
        own = any(one.made()["spec"]["replicas"].location.path == build.path for one in build.changed)
        self._openings = openings
        self._counts_alike = build.relations == OF_REPLICAS and not (says_more or own)

    def alike(self, namespace: str) -> Hashable:
        """What builds of this form have in common in which numbers of pods are held against the same."""
        return self if self._counts_alike and repr(namespace) not in self._told else None

    @functools.cached_property
    def _told(self) -> str:
        """All that is said of namespaces, by the objects and by what may make others."""
        return repr([*self.build.told(False), *self._openings])


def _are_the_same(touched: Touched) -> bool:
    """Whether a kustomization makes no more of a base than its objects, by their own names and kinds."""
    known = [touched.base.ids[number] for number in sorted(touched.touched)]
    made = [one.id for one in touched.resources]
    return [one[:4] for one in made] == [one[:4] for one in known]


class _InForm(NamedTuple):
    """An object that kustomizations of one form change."""

    number: int
    """In the base."""
    entries: list[tuple[str, int]]
    """Those of a kustomization that say what is put into it, each by its field and its number there."""
    others: frozenset[int]
    """The numbers of the `patches` that are for other objects."""
    unseen: list[Scalar] | None
    """The keys of it under which something may be changed; None where its metadata are not those of all the others."""


def _unseen(builder: Builder, path: str, base: Base, number: int, one: Altered) -> list[Scalar] | None:
    root, node = builder.root(path), one.made()
    outline = builder.outline(path, base, number, ())
    if root["components"].present or _written(outline["metadata"]) != _written(node["metadata"]):
        return None
    if node.keys() != one.before.keys():
        return None
    return [key for key, value in node.items() if key.text != "metadata" and value is not one.before[key.text]]


def _written(node: Node) -> object:
    """All that there is to see of a value."""
    within = [(key.text, _written(value)) for key, value in node.items()] or [("", _written(item)) for item in node]
    return node.location, node.text, node.tag, getattr(node, "style", None), within


def _build_of_form(overlay: Overlay, form: _Form, builder: Builder, built: Callable[[], Built]) -> Build:
    path, like, files = overlay.path, form.build, form.files.union((overlay.path,))

    def altered(one: _InForm, before: Node) -> Altered:
        made = functools.partial(builder.build_object, path, form.base, one.number, one.others)
        outline = None
        if one.unseen is not None:
            outline = functools.partial(builder.outline, path, form.base, one.number, one.unseen)
        return Altered(before, made, (form, one.number), builder.lines(path, one.entries), PUT_IN, outline)

    changed = tuple(altered(one, of.before) for one, of in zip(form.changed, like.changed, strict=True))
    return like._replace(
        path=path,
        files=files,
        changed=changed,
        view=functools.partial(GivenObjects, path),
        before=_before(changed, files),
        told=lambda now: told(overlay, built(), (), now),
        alike=form.alike(builder.root(path)["namespace"].text),
    )


def _before(changed: Iterable[Altered], files: Collection[str]) -> Callable[[Location], Location | None]:
    """Where files have what a build changes at a place."""

    @functools.cache
    def before() -> dict[tuple[str, int, int, int, int], Location]:
        return _places_before((one.made(), one.before) for one in changed)

    return lambda at: before().get(at.region) if at.path in files else None


def _made(
    overlay: Overlay,
    parts: list[Overlay],
    resources: Iterable[Resource],
    files: frozenset[str],
    kinds: list[str],
    places: _Places,
    left: frozenset[Place],
    by: str = "",
) -> Build:
    """What an overlay makes of these objects; `kinds` are those of all that it builds, `left` where it takes others from."""
    changed: list[tuple[Node, Node]] = []
    untouched = set()
    for one in resources:
        if one.made or one.origin is None:
            continue  # what a generator makes is judged where it is written
        if is_as_written(one) or _waits(one.node):
            untouched.add(places.of(one.origin))
        else:
            changed.append((one.node, one.origin))
    # Names that are filled in are not followed, as those are to which kustomize gives a prefix.
    relations = RULES if by or are_changed(changed, kinds) else frozenset()
    if sets_replicas_unseen(parts, changed):
        relations |= OF_REPLICAS
    if not changed:
        return Build(overlay.path, files, untouched=left.union(untouched), relations=relations)
    altered = tuple(Altered(before, functools.partial(_itself, node)) for node, before in changed)
    return Build(
        overlay.path,
        files,
        altered,
        functools.partial(GivenObjects, overlay.path),
        left.union(untouched),
        before=_before(altered, files | {overlay.path, by}),
        relations=relations,
    )


def _itself(node: Node) -> Node:
    return node


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
    for name, value in differing(node, before):
        yield from _changes(value, before[name])
    if not (isinstance(node, Changed) and node.of is before):
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
    "it wants a text, in quotes",
    "kustomize takes no text for",
    "a patch begins with [",
    "kustomize takes no file that says nothing",
)
"""Why a build is not known, where a finding or a line about what is not checked says it already."""


def _question(overlay: Overlay, error: Unbuilt) -> NotKnown | None:
    if any(words in error.reason for words in _SAID_BY_OTHERS):
        return None
    at = error.location or Location(overlay.path, 1, 1, 1, 1)
    return NotKnown(at, f"what {overlay.folder or '.'} builds", error.reason, "--render")
