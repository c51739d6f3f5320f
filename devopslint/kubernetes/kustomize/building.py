"""What a kustomization builds, worked out here: the steps of kustomize in its order, on nodes that keep their places.

Held against kustomize itself: docs/oracles.md.
https://pkg.go.dev/sigs.k8s.io/kustomize/api
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping

from devopslint.deferred import NamedTuple, compiled
from devopslint.kubernetes.kustomize.editing import (
    Unbuilt,
    at_path,
    differing,
    empty_mapping,
    is_null,
    named,
    same_size,
    scalar,
    with_entry,
    with_value,
    without,
    written_out,
)
from devopslint.kubernetes.kustomize.fields import (
    Field,
    Fields,
    References,
    default_fields,
    field_of,
    merged,
    set_in,
)
from devopslint.kubernetes.kustomize.forms import form_of, lines_of
from devopslint.kubernetes.kustomize.generators import Generated, generated, hash_of
from devopslint.kubernetes.kustomize.operations import carry_out, is_json_if_in_brackets
from devopslint.kubernetes.kustomize.patches import has_twins, merge, without_twins
from devopslint.kubernetes.kustomize.reading import read_kustomization, read_patch
from devopslint.kubernetes.kustomize.references import ByKind, by_referrer, followed
from devopslint.kubernetes.kustomize.replacements import replaced
from devopslint.kubernetes.kustomize.resources import (
    EVERYWHERE,
    Id,
    Path,
    Resource,
    Selector,
    is_as_written,
    only,
    places_of,
    put,
    selector_of,
    settled,
)
from devopslint.kubernetes.kustomize.spelling import FIELDS, as_spelled, spelled
from devopslint.kubernetes.kustomize.touching import BINDINGS, Base, is_plain_image, tells_what_it_touches
from devopslint.kubernetes.kustomize.variables import Variables, declared, resolved, together
from devopslint.readers.embedded_yaml import read_within
from devopslint.readers.regular_expressions import RegularError, regular
from devopslint.readers.watching import Unseen
from devopslint.readers.yaml import Node, Scalar, Stream, read_yaml
from devopslint.readers.yaml_dialects import BUILT, OPERATIONS, Dialect

MOST_OBJECTS = 5_000
"""Of one build: of two folders that each build on two, and so on, there is no end."""
MOST_CHANGES = 200_000
"""Objects that the changes of one kustomization are held against, counted again for each change."""
MOST_BYTES = 5_000_000
"""Of all that the generators of one kustomization make; a cluster takes 1 MB an object."""
VERSION = "v5.8.1"
"""Of the kustomize whose steps these are."""

_KNOWN = frozenset(name for name, _ in FIELDS.values())
_NOT_DONE = {
    "openapi": "merges lists by a schema of its own",
    "crds": "takes field names from CRDs",
    "helmCharts": "renders charts",
    "helmChartInflationGenerator": "renders charts",
    "generators": "runs generators",
    "validators": "runs validators",
}
"""Fields of which nothing here knows what they come to."""
_TRANSFORMERS = (
    "AnnotationsTransformer",
    "LabelTransformer",
    "PatchTransformer",
    "PrefixSuffixTransformer",
    "PrefixTransformer",
    "SuffixTransformer",
)
_NO_PREFIX = (("", "CustomResourceDefinition"), ("apiregistration.k8s.io", "APIService"), ("", "Namespace"))
_IMAGE_OF = compiled(r"(?::[a-zA-Z0-9_.{}-]*)?(?:@sha256:[a-zA-Z0-9_.{}-]*)?")
_LOCAL = "config.kubernetes.io/local-config"
_ORIGIN = "config.kubernetes.io/origin"
_CONTAINERS = ("containers", "initContainers")
_TRUTH = compiled(r"(?i)(?<![\w.-])(?:y|yes|on|n|no|off)(?![\w.-])")
"""A word that means true or false in YAML 1.1."""


class Deleted(NamedTuple):
    """An object that a patch takes out of the build."""

    resource: Resource
    """As it was then."""
    by: Node
    """What in the patch says so."""


class Accumulated(NamedTuple):
    """What a kustomization has come to, before names get their hashes."""

    resources: tuple[Resource, ...]
    fields: Fields
    files: frozenset[str]
    """All that was read for it."""
    identities: frozenset[tuple[str, ...]]
    variables: Variables
    deleted: tuple[Deleted, ...] = ()


def _nothing() -> Accumulated:
    return Accumulated((), default_fields(), frozenset(), frozenset(), {})


class Built(NamedTuple):
    """What a kustomization builds."""

    objects: tuple[Node, ...]
    files: frozenset[str]
    """All that went into it: kustomizations, resources, patches, what generators read."""
    resources: tuple[Resource, ...]
    deleted: tuple[Deleted, ...] = ()


class Touched(NamedTuple):
    """What a kustomization makes of those objects that it may change by more than their metadata."""

    resources: tuple[Resource, ...]
    files: frozenset[str]
    base: Base
    """The objects that it is laid over."""
    touched: frozenset[int]
    """The numbers of those of them that are among `resources`; the others are as their files have them."""


class Builder:
    """Builds the kustomizations of one tree; what several of them are built from is built once."""

    def __init__(
        self, kustomizations: Mapping[str, str], read: Callable[[str], bytes], dialect: Dialect = BUILT
    ) -> None:
        """`kustomizations` are the kustomization files by their folders; `read` raises OSError or ValueError."""
        self.patches_schemas = False
        """Whether a patch so far speaks of the schema of a custom resource, which `dialect` may leave out."""
        self._dialect = dialect
        self._kustomizations = kustomizations
        self._own_files = frozenset(kustomizations.values())
        self._read = read
        self._done: dict[str, Accumulated | Unbuilt] = {}
        self._streams: dict[str, Stream] = {}
        self._roots: dict[str, Node] = {}
        self._objects: dict[str, tuple[Node, ...]] = {}
        self._references: dict[int, tuple[object, ByKind]] = {}
        self._ids: dict[int, tuple[Node, Id]] = {}
        self._bases: dict[int, tuple[Accumulated, Base | None]] = {}
        self._places: dict[int, list[tuple[Path, Node, int]] | None] = {}
        """Where images stand in such objects."""
        self._images: dict[int, frozenset[str] | None] = {}
        """What stands where images do in objects of the files, by the ids of their nodes; None where one is odd."""

    def build_touched(self, path: str) -> Touched | None:
        """What comes of those objects that a kustomization changes by more than their metadata.

        None where these are not told from the others before the whole is built, or nothing can be built.
        """
        try:
            root = self.root(path)
            _refuse(root, component=False)
            step = _Step(self, path, root, _nothing(), (path,))
            base = step.take_touched()
            if base is None:
                return None
            step.take_components()
            step.transform()
        except (Unbuilt, RecursionError):
            return None
        if step.fields is not default_fields() or step.variables or step.deleted:
            return None
        following = self._by_referrer(step.fields).with_namespaces
        for one in step.resources:
            # Whatever names it would have to follow.
            if one.hashed or one.kind in following or any(name != one.name for _, name, _ in one.earlier):
                return None
        resources = tuple(_with_final_annotations(one) for one in step.resources if _stays(one.node))
        return Touched(resources, frozenset(step.files), base, step.touched)

    def form(self, path: str) -> Hashable:
        """What is the same of kustomizations that change the same objects in the same places; None where that is not told."""
        try:
            root = self.root(path)
            step = _Step(self, path, root, _nothing(), (path,))
            if not tells_what_it_touches(root) or step.has_files_of_its_own():
                return None
            base = step.base()
            return None if base is None else form_of(root, step.resolve, base.tags)
        except (Unbuilt, RecursionError):
            return None

    def build_object(self, path: str, base: Base, number: int, others: frozenset[int]) -> Node:
        """One of the objects that a kustomization touches, as it makes it, where it is known that all of it can be built.

        `others` are the numbers of those of its `patches` that are not for this object.
        """
        step = _Step(self, path, self.root(path), _nothing(), (path,), None)
        step.passed_over = others
        step.resources = [base.resources[number]]
        step.take_components()
        step.transform()
        return _with_final_annotations(step.resources[0]).node

    def outline(self, path: str, base: Base, number: int, unseen: Iterable[Scalar]) -> Node:
        """The same without what stands under some of its keys, which nobody may look at."""
        root = self.root(path)
        one = base.resources[number]
        if root["labels"].present:
            step = _Step(self, path, root, _nothing(), (path,), None)
            step.resources = [one]
            step.move()
            one = step.resources[0]
        elif root["namespace"].text and not base.ids[number].is_cluster_wide:
            one = one.moved(base.ids[number], _entry_of(root["namespace"]))
        node = one.node
        for key in unseen:
            node = with_entry(node, key, Unseen())
        return node

    def lines(self, path: str, entries: Iterable[tuple[str, int]]) -> tuple[str, ...]:
        """The lines that entries of a kustomization stand on, each by its field and its number."""
        root = self.root(path)
        return tuple(lines_of([*root[field]][number] for field, number in entries))

    def entries_for(self, path: str, base: Base, number: int) -> list[tuple[str, int]]:
        """The entries of a kustomization that put something into an object."""
        root = self.root(path)
        found = []
        for index, item in enumerate(root["images"]):
            if number in (base.running(item["name"].text) or ()):
                found.append(("images", index))
        for index, item in enumerate(root["replicas"]):
            if number in base.named(item["name"].text):
                found.append(("replicas", index))
        return found

    def patches_for_others(self, path: str, base: Base, number: int) -> frozenset[int]:
        """The numbers of the `patches` of a kustomization that are not for an object, whatever others make of it."""
        found = set()
        for index, item in enumerate(self.root(path)["patches"]):
            target = item["target"]
            if target.present and not (selector := selector_of(target)).asks_what_may_change:
                found |= {index} - ({index} if number in base.selected(selector) else set())
        return frozenset(found)

    def _base(self, accumulated: Accumulated) -> Base | None:
        """What overlays are laid over; None where they may change more of it than they say."""
        known = self._bases.get(id(accumulated))
        if known is None:
            found = None
            if accumulated.fields is default_fields() and not (accumulated.variables or accumulated.deleted):
                ids = [self._id_of(one) for one in accumulated.resources]
                found = Base(accumulated.resources, ids, accumulated.identities, self._images_as_written, _stays)
                if not found.is_plain(self._by_referrer(accumulated.fields).with_namespaces):
                    found = None
            known = self._bases[id(accumulated)] = accumulated, found
        return known[1]

    def build(self, path: str) -> Built:
        """What the kustomization file builds. Raises Unbuilt where that is not known here, or kustomize stops."""
        accumulated = self._accumulated(path, ())
        resources = [
            one.remembering().called(f"{one.name}-{hash_of(one)}", one.node["metadata"]["name"]) if one.hashed else one
            for one in accumulated.resources
        ]
        resources = followed(resources, self._by_referrer(accumulated.fields))
        resources = resolved(resources, accumulated.variables, accumulated.fields.variables)
        root = self.root(path)
        resources = [_with_final_annotations(one) for one in resources if _stays(one.node)]
        wanted = [item.text for item in root["buildMetadata"].strings()]
        if "transformerAnnotations" in wanted:
            raise Unbuilt("says of each object what has changed it", root["buildMetadata"].location)
        if "originAnnotations" in wanted:
            folder = posixpath.dirname(path)
            resources = [self._with_origin(one, folder, root["buildMetadata"]) for one in resources]
        if "managedByLabel" in wanted:
            key = "app.kubernetes.io/managed-by"
            at = scalar(root["buildMetadata"], f"kustomize-{VERSION}", named(root["buildMetadata"], key))
            field = Field("", "", "", ("metadata", "labels"), create=True)
            resources = [_with_pair(one, [field], named(at, key), at) for one in resources]
        objects = tuple(one.node for one in resources)
        return Built(objects, accumulated.files, tuple(resources), accumulated.deleted)

    def _id_of(self, one: Resource) -> Id:
        """What an object is told by, found out once: that of a base is asked in each overlay."""
        known = self._ids.get(id(one.node))
        if known is None:
            known = self._ids[id(one.node)] = (one.node, one.id)
        return known[1]

    def _images_as_written(self, one: Resource) -> frozenset[str] | None:
        """What an object of a file says where images stand, asked once for all builds; None where a build has changed it."""
        origin = one.origin
        if origin is None or one.made or not is_as_written(one):
            return None
        known = self._images
        if id(origin) not in known:
            try:
                is_schema = one.kind == "CustomResourceDefinition"
                known[id(origin)] = frozenset() if is_schema else _images_of(one, default_fields())
            except Unbuilt:
                known[id(origin)] = None
        return known[id(origin)]

    def places_of_images(self, one: Resource) -> list[tuple[Path, Node, int]] | None:
        """Where images stand in an object of a file, and how often a change comes by there; None where that is odd."""
        origin = one.origin
        assert origin is not None
        if id(origin) not in self._places:
            met: list[Node] = []

            def look(node: Node) -> Node:
                met.append(node)
                return node

            _with_images(one, look, default_fields())
            images = {id(node): node for node in met}.values()
            places = [(places_of(one.node, image), image, sum(image is other for other in met)) for image in images]
            plain = all(len(paths) == 1 and paths[0][0] != "metadata" for paths, _, _ in places)
            self._places[id(origin)] = [(paths[0], image, times) for paths, image, times in places] if plain else None
        return self._places[id(origin)]

    def _by_referrer(self, fields: Fields) -> ByKind:
        known = self._references.get(id(fields.references))
        if known is None:
            known = self._references[id(fields.references)] = (fields.references, by_referrer(fields.references))
        return known[1]

    def object_in(self, path: str, kind: str, name: str) -> Node | None:
        """The first object of the kind that has this name in a file. Raises Unbuilt where there is no such file."""
        roots = (document.root for document in self._stream(path).documents)
        return next((one for one in roots if one["kind"].text == kind and one["metadata"]["name"].text == name), None)

    def root(self, path: str) -> Node:
        known = self._roots.get(path)
        if known is None:
            known = self._roots[path] = self._root(path)
        return known

    def _root(self, path: str) -> Node:
        stream = self._stream(path)
        if stream.faults or len(stream.documents) != 1 or not stream.documents[0].root.is_mapping:
            raise Unbuilt(f"{path} cannot be read")
        document = stream.documents[0]
        if document.templated is not None:
            raise Unbuilt(f"{path} is a template", document.templated)
        text = stream.source.text
        if "&" in text and "*" in text:
            return as_spelled(written_out(document.root))
        return spelled(document.root)

    def _stream(self, path: str, at: Node | None = None) -> Stream:
        if path not in self._streams:
            text = self._text(path, at)
            own = path in self._own_files
            self._streams[path] = read_kustomization(path, text) if own else read_yaml(path, text, self._dialect)
        return self._streams[path]

    def _text(self, path: str, at: Node | None = None) -> str:
        return self._bytes(path, at).decode("utf-8", "surrogateescape")

    def _bytes(self, path: str, at: Node | None = None) -> bytes:
        try:
            return self._read(path)
        except (OSError, ValueError):
            raise Unbuilt(f"{path} is not in the repository", at.location if at is not None else None) from None

    def _accumulated(self, path: str, above: tuple[str, ...]) -> Accumulated:
        if path in above:
            raise Unbuilt(f"{path} is built from itself")
        known = self._done.get(path)
        if known is None:
            try:
                known = self._accumulate(path, _nothing(), (*above, path), component=False)
            except Unbuilt as error:
                known = error
            except RecursionError:
                known = Unbuilt("it nests too deep")
            self._done[path] = known
        if isinstance(known, Unbuilt):
            raise known
        return known

    def _accumulate(
        self,
        path: str,
        before: Accumulated,
        above: tuple[str, ...],
        *,
        component: bool,
        beside: frozenset[tuple[str, ...]] | None = frozenset(),
    ) -> Accumulated:
        root = self.root(path)
        _refuse(root, component=component)
        step = _Step(self, path, root, before, above, beside)
        step.take_resources()
        step.take_fields()
        step.generate()
        step.take_components()
        step.transform()
        step.declare()
        return step.accumulated()

    def objects_of(self, path: str, at: Node) -> tuple[Node, ...]:
        """The objects in a file of resources or patches."""
        if path not in self._objects:
            self._objects[path] = tuple(_objects(self._stream(path, at), at))
        return self._objects[path]

    def _with_origin(self, one: Resource, folder: str, at: Node) -> Resource:
        assert one.origin is not None
        path = one.origin.source.path
        if one.made:
            of = "ConfigMapGenerator" if one.kind == "ConfigMap" else "SecretGenerator"
            relative = posixpath.relpath(path, folder or ".")
            text = f"configuredIn: {relative}\nconfiguredBy:\n  apiVersion: builtin\n  kind: {of}\n"
        else:
            text = f"path: {posixpath.relpath(path, folder or '.')}\n"
        said = scalar(at, text, named(at, _ORIGIN))
        field = Field("", "", "", ("metadata", "annotations"), create=True)
        return set_in(one, [field], lambda node: with_value(node, _ORIGIN, said), said, scalar=False)


def _refuse(root: Node, *, component: bool) -> None:
    """Stop at what kustomize stops at, and at what nothing here knows."""
    for key, value in root.items():
        if key.text not in _KNOWN:
            raise Unbuilt(f"kustomize knows no field '{key.text}'", key.location)
        if key.text in _NOT_DONE and value.present and len(value):
            raise Unbuilt(_NOT_DONE[key.text], key.location)
    if not any(value.present for key, value in root.items() if key.text not in ("apiVersion", "kind")):
        raise Unbuilt("kustomize takes no file that says nothing", root.location)
    kind = root["kind"].text or "Kustomization"
    if kind not in ("Kustomization", "Component") or component is not (kind == "Component"):
        raise Unbuilt(f"kustomize takes no {kind} here", root["kind"].location)
    version = "kustomize.config.k8s.io/v1alpha1" if component else "kustomize.config.k8s.io/v1beta1"
    if root["apiVersion"].text not in ("", version):
        raise Unbuilt(f"kustomize takes no {root['apiVersion'].text} of a {kind}", root["apiVersion"].location)


def _objects(stream: Stream, at: Node) -> Iterator[Node]:
    path = stream.source.path
    if stream.faults:
        raise Unbuilt(f"{path} cannot be read", stream.faults[0].location)
    text = stream.source.text
    aliased = "*" in text and "&" in text
    for document in stream.documents:
        root = document.root
        if is_null(root) or not (root.is_mapping and len(root)):
            if root.present and (root.is_scalar or len(root)):
                raise Unbuilt(f"{path} holds what is no object", at.location)
            continue
        if document.templated is not None:
            raise Unbuilt(f"{path} is a template", document.templated)
        yield from _unlisted(written_out(root) if aliased else root)


def _unlisted(root: Node) -> Iterator[Node]:
    kind = root["kind"].text
    if not kind:
        raise Unbuilt("an object has no kind", root.location)
    if kind.endswith("List") and root["items"].exists:
        for item in root["items"]:
            if not is_null(item):
                yield from _unlisted(item)
    elif not kind.endswith("List") and not root["metadata"]["name"].text:
        raise Unbuilt("an object has no name", root["kind"].location)
    else:
        yield root


def _stays(node: Node) -> bool:
    local = node["metadata"]["annotations"][_LOCAL]
    return not local.exists or local.text == "false"


def _with_final_annotations(one: Resource) -> Resource:
    """The same without empty annotations, and with texts alone: kustomize writes them all anew, whatever it has changed."""
    annotations = one.node["metadata"]["annotations"]
    if not annotations.exists:
        return one
    if not (annotations.is_mapping and len(annotations)):
        return one._replace(
            node=at_path(one.node, ("metadata",), lambda node: without(node, "annotations", annotations))
        )
    texts = annotations
    for key, value in annotations.items():
        if value.is_scalar and not isinstance(value.value, str):
            texts = with_value(texts, key.text, scalar(value, _as_written(value)))
    if texts is annotations:
        return one
    return one._replace(node=at_path(one.node, ("metadata",), lambda node: with_value(node, "annotations", texts)))


class _Step:
    """One kustomization at work."""

    def __init__(
        self,
        builder: Builder,
        path: str,
        root: Node,
        before: Accumulated,
        above: tuple[str, ...],
        beside: frozenset[tuple[str, ...]] | None = frozenset(),
    ) -> None:
        """`before` is what a component is laid over; `beside` are objects that are there and not looked at.

        None where these may be any, and are such that nothing stops at them.
        """
        self._builder = builder
        self._path = path
        self._root = root
        self.resources = list(before.resources)
        self.fields = before.fields
        self.variables = before.variables
        self.deleted = before.deleted
        self._above = above
        self._changes_left = MOST_CHANGES
        self._bytes_left = MOST_BYTES
        self._known: set[object] = set()
        self.files = {path}
        self.touched: frozenset[int] = frozenset()
        """Of the base, where the others are `beside`."""
        self._beside = beside or frozenset()
        self._of_some = beside is None
        self.passed_over: frozenset[int] = frozenset()
        """The numbers of those of its `patches` that change nothing here."""
        self._parts: dict[int, list[Node]] = {}

    def accumulated(self) -> Accumulated:
        identities = frozenset(_identity(self._builder._id_of(one)) for one in self.resources)
        files = frozenset(self.files)
        return Accumulated(tuple(self.resources), self.fields, files, identities, self.variables, self.deleted)

    def _count(self, at: Node, weight: int = 1) -> None:
        """One more change, which each object is held against."""
        self._changes_left -= (len(self.resources) + len(self._beside)) * weight
        if self._changes_left < 0:
            raise Unbuilt("it has too many changes of too many objects", at.location)

    def resolve(self, text: str, at: Node) -> str:
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|[^/@\s]+@[^/:\s]+:|(?:github|gitlab|bitbucket)\.[a-z]+[/:]", text):
            raise Unbuilt(f"{text} comes from outside, and nothing is fetched", at.location)
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self._path), text))
        if text.startswith("/") or path.startswith(".."):
            raise Unbuilt(f"{text} is outside of the repository", at.location)
        return "" if path == "." else path

    def _below(self, path: str, at: Node) -> str | None:
        """The kustomization in a folder. kustomize takes no folder for a base that holds one of those built from it."""
        below = self._builder._kustomizations.get(path)
        if below is not None and any(not path or one.startswith(f"{path}/") for one in self._above):
            raise Unbuilt(f"{below} is built from itself: its folder holds what is built from it", at.location)
        return below

    def has_files_of_its_own(self) -> bool:
        """Whether patches lie in its own folder, which are hardly those of another."""
        own = posixpath.dirname(self._path)
        named = [item["path"].text for field in ("patches", "patchesJson6902") for item in self._root[field]]
        named += [item.text for item in self._root["patchesStrategicMerge"].strings() if "\n" not in item.text]
        return any(text and posixpath.dirname(self.resolve(text, self._root)) == own for text in named)

    def take_touched(self) -> Base | None:
        """take_resources() without those of a base that are not touched; None where they are not told from the others."""
        if not tells_what_it_touches(self._root):
            return None
        base = self.base()
        touched = self._touches(base) if base is not None else None
        if base is None or touched is None:
            return None
        self.touched = frozenset(touched)
        self._beside = base.identities.difference(_identity(base.ids[number]) for number in touched)
        self.take_resources(base)
        return base

    def base(self) -> Base | None:
        """The first other kustomization that it is built from."""
        for item in self._root["resources"].strings():
            below = self._builder._kustomizations.get(self.resolve(item.text, item))
            if below is not None:
                return self._builder._base(self._builder._accumulated(below, self._above))
        return None

    def _touches(self, base: Base, *, last: bool = True) -> set[int] | None:
        """The objects of a base that come out changed by more than their metadata, or may; None where that is not told.

        `last`: whether no other kustomization was laid over the base before.
        """
        root = self._root
        if not tells_what_it_touches(root) or (root["namespace"].present and not (last and base.can_move)):
            return None
        last = last and not root["components"].present
        touched: set[int] = set()
        for item in (*root["patchesStrategicMerge"].strings(), *root["patches"].strings()):
            touched.update(*(base.named(patch["metadata"]["name"].text) for patch in self._merge_patches(item)))
        for field in ("patches", "patchesJson6902"):
            for item in root[field]:
                if not item["target"].present:
                    for patch in self._patches(item) if item.is_mapping else ():
                        touched.update(base.named(patch["metadata"]["name"].text))
                    continue
                selector = selector_of(item["target"])
                if selector.asks_what_may_change and not (last and field == "patches"):
                    return None
                touched |= base.selected(selector)
        for item in root["replicas"]:
            touched.update(base.named(item["name"].text))
        for item in root["images"]:
            running = base.running(item["name"].text)
            if running is None:
                return None
            touched.update(running)
        for item in root["components"].strings():
            below = self._builder._kustomizations.get(self.resolve(item.text, item))
            if below is None or below in self._above:
                return None
            component = _Step(self._builder, below, self._builder.root(below), _nothing(), (*self._above, below))
            more = component._touches(base, last=False)
            if more is None:
                return None
            touched |= more
        return touched

    def take_resources(self, base: Base | None = None) -> None:
        """Of a `base` only what is touched."""
        for item in (*self._root["resources"].strings(), *self._root["bases"].strings()):
            path = self.resolve(item.text, item)
            below = self._below(path, item)
            if below is not None:
                inner = self._builder._accumulated(below, self._above)
                self.files |= inner.files
                self.fields = _together(self.fields, inner.fields)
                self.variables = together(self.variables, inner.variables)
                self.deleted += inner.deleted
                if base is not None and inner.resources is base.resources:
                    self._append([base.resources[number] for number in sorted(self.touched)], item)
                    base = None
                elif self.resources or len(inner.identities) < len(inner.resources):
                    self._append(inner.resources, item)
                else:  # one base is all that most overlays have
                    self.resources, self._known = list(inner.resources), set(inner.identities)
            elif not path or "." not in posixpath.basename(path):
                raise Unbuilt(f"{item.text} has no kustomization in the repository", item.location)
            else:
                self.files.add(path)
                self._append((Resource(node, origin=node) for node in self._builder.objects_of(path, item)), item)

    def _append(self, more: Iterable[Resource], at: Node) -> None:
        if len(self._known) != len(self.resources):
            self._known = {_identity(one.id) for one in self.resources}
        for one in more:
            identity = _identity(self._builder._id_of(one))
            if identity in self._known or identity in self._beside:
                raise Unbuilt(f"{one.kind}/{one.name} is in the build twice", at.location)
            self._known.add(identity)
            self.resources.append(one)
        if len(self.resources) + len(self._beside) > MOST_OBJECTS:
            raise Unbuilt("it has too many objects", at.location)

    def take_fields(self) -> None:
        for item in self._root["configurations"].strings():
            path = self.resolve(item.text, item)
            self.files.add(path)
            if self._builder._stream(path, item).documents:
                self.fields = _with_configuration(self.fields, self._builder.root(path))

    def take_components(self) -> None:
        for item in self._root["components"].strings():
            path = self.resolve(item.text, item)
            below = self._below(path, item)
            if below is None:
                raise Unbuilt(f"{item.text} has no kustomization in the repository", item.location)
            before, above = self.accumulated(), (*self._above, below)
            beside = None if self._of_some else self._beside
            inner = self._builder._accumulate(below, before, above, component=True, beside=beside)
            self.resources, self._known = [], set()
            self._append(inner.resources, item)
            self.fields, self.variables, self.deleted = inner.fields, inner.variables, inner.deleted
            self.files |= inner.files

    def declare(self) -> None:
        self.resources, self.variables = declared(self.resources, self.variables, self._root["vars"])

    def generate(self) -> None:
        def read(entry: Node, text: str) -> bytes:
            path = self.resolve(text, entry)
            self.files.add(path)
            content = self._builder._bytes(path, entry)
            self._bytes_left -= len(content)
            if self._bytes_left < 0:
                raise Unbuilt("its generators make too much", entry.location)
            return content

        for one in generated(self._root, read):
            self._absorb(one)

    def _absorb(self, made: Generated) -> None:
        new, behavior = made
        found = only(self.resources, new.id)
        at = new.origin or new.node
        if len(found) > 1:
            raise Unbuilt(f"several objects are called {new.name}", at.location)
        if not found:
            if behavior != "create":
                raise Unbuilt(f"there is no {new.kind}/{new.name} to {behavior}", at.location)
            self._append([new], at)
            return
        if behavior == "create":
            raise Unbuilt(f"{new.kind}/{new.name} is in the build twice", at.location)
        old = self.resources[found[0]]
        node = new.node
        for field in ("labels", "annotations"):
            node = _joined(node, ("metadata", field), old.node["metadata"][field])
        if behavior == "merge":
            for field in ("data", "binaryData"):
                node = _joined(node, (field,), old.node[field])
                if node[field].exists and not len(node[field]):
                    node = without(node, field, node[field])
        made_of = new._replace(node=node).called(old.name, old.node["metadata"]["name"])
        if old.namespace != new.namespace:
            made_of = made_of.in_namespace(old.node["metadata"]["namespace"])
        origin = old.origin if behavior == "merge" else new.origin
        self.resources[found[0]] = old._replace(
            node=made_of.node,
            hashed=old.hashed and new.hashed,
            origin=origin,
            made=old.made if behavior == "merge" else True,
        )

    def transform(self) -> None:
        root = self._root
        written = sum(len(root[field]) for field in ("patches", "patchesJson6902", "images", "imageTags", "replicas"))
        self._count(root, written)
        self._changes_left = MOST_CHANGES
        fields = {key.text for key, _ in root.items()}  # most have three of these
        for item in (*root["patchesStrategicMerge"].strings(), *root["patches"].strings()):
            for patch in self._merge_patches(item):
                self._lay(_with_texts(patch), None, None)
        for number, item in enumerate(root["patches"]):
            if item.is_mapping and number not in self.passed_over:
                self._patch(item)
        if root["namespace"].text:
            self._put_into_namespace(root["namespace"])
        if "namePrefix" in fields and root["namePrefix"].text:
            self._rename(root["namePrefix"], before=True)
        if "nameSuffix" in fields and root["nameSuffix"].text:
            self._rename(root["nameSuffix"], before=False)
        if "labels" in fields or "commonLabels" in fields:
            self._label()
        if "commonAnnotations" in fields:
            self._annotate(root["commonAnnotations"])
        for item in root["patchesJson6902"] if "patchesJson6902" in fields else ():
            self._patch(item, remembers=False)
        for item in root["replicas"]:
            self._scale(item)
        named: dict[int, frozenset[str]] = {}
        for item in (*root["images"], *root["imageTags"]):
            self._retag(item, named)
        if "replacements" in fields and root["replacements"].present:
            replacements = list(self._replacements())
            for one in replacements:
                self._count(one, 1 + len(one["targets"]))
            self.resources = replaced(self.resources, replacements)
        for item in root["transformers"].strings() if "transformers" in fields else ():
            self._run(item)

    def move(self) -> None:
        """As much of it as tells objects apart."""
        if self._root["namespace"].text:
            self._put_into_namespace(self._root["namespace"])
        self._label()

    def _run(self, item: Node) -> None:
        """The transformers in a file, or in a text, of those that are kustomize's own and need no field names of others."""
        inline = "kind:" in item.text
        for document in self._documents(item, in_file=not inline):
            for said in _unlisted(document):
                kind = said["kind"].text
                if said["apiVersion"].text != "builtin" or kind not in _TRANSFORMERS:
                    raise Unbuilt("runs transformers", item.location)
                fields = [field_of(one) for one in said["fieldSpecs"]]
                if kind == "PatchTransformer":
                    self._patch(said)
                elif kind == "LabelTransformer":
                    self._set_pairs(said["labels"], fields)
                elif kind == "AnnotationsTransformer":
                    self._set_pairs(said["annotations"], fields)
                elif [one.path for one in fields] == [("metadata", "name")] and not any(fields[0][:3]):
                    if said["prefix"].text and kind != "SuffixTransformer":
                        self._rename(said["prefix"], before=True)
                    if said["suffix"].text and kind != "PrefixTransformer":
                        self._rename(said["suffix"], before=False)
                else:
                    raise Unbuilt("runs transformers", item.location)

    def _patch(self, item: Node, *, remembers: bool = True) -> None:
        target = item["target"]
        patch, path = item["patch"], item["path"]
        if bool(patch.text.strip()) == bool(path.text):
            raise Unbuilt("a patch has to say either patch or path", item.location)
        parts = self._documents(path if path.text else patch, in_file=bool(path.text))
        if any(part.is_sequence for part in parts):
            parts = self._operations(item, parts)
        if remembers and not path.text:
            parts = _cut(parts)
        if any(part.is_sequence for part in parts):
            if not target.present:
                raise Unbuilt("a JSON patch has no target", item.location)
            selector = selector_of(target)
            self._count(item, selector.weight)
            operations = next(part for part in parts if part.is_sequence)
            self.resources = [
                self._operated(one, operations, remembers=remembers) if selector.selects(one) else one
                for one in self.resources
            ]
            return
        patches = [node for part in parts for node in _unlisted(part)]
        if not target.present:
            for node in patches:
                self._lay(node, None, item["options"])
            return
        if len(patches) != 1:
            raise Unbuilt("one target has several patches", item.location)
        self._lay(_with_texts(patches[0]), selector_of(target), item["options"])

    def _operations(self, item: Node, parts: list[Node]) -> list[Node]:
        """The parts of a JSON patch, in which `yes` is true: kustomize reads it as it reads its own files."""
        path = item["path"]
        file = self.resolve(path.text, path) if path.text else ""
        text = self._builder._text(file, path) if file else item["patch"].text
        if not is_json_if_in_brackets(text):
            raise Unbuilt(
                f"{file or 'a patch'} begins with [ and is no JSON, as which kustomize reads it", path.location
            )
        if _TRUTH.search(text) is not None:
            stream = read_yaml(file, text, OPERATIONS) if file else read_within(item["patch"], OPERATIONS)
            parts = [document.root for document in stream.documents] if stream is not None else parts
        return parts

    def _operated(self, one: Resource, operations: Node, *, remembers: bool) -> Resource:
        node = one.node
        if remembers:
            one = one.remembering()
        if (one.earlier or one.made) and not node["metadata"]["annotations"].is_mapping:
            # kustomize keeps what it remembers in annotations, so that a patch finds some.
            annotations = empty_mapping(operations, "annotations")
            node = at_path(node, ("metadata",), lambda metadata: with_value(metadata, "annotations", annotations))
        return one._replace(node=carry_out(node, operations), shared=(), operated=True)

    def _documents(self, said: Node, *, in_file: bool) -> list[Node]:
        if id(said) not in self._parts:
            self._parts[id(said)] = self._documents_in(said, in_file=in_file)
        return self._parts[id(said)]

    def _documents_in(self, said: Node, *, in_file: bool) -> list[Node]:
        if in_file:
            path = self.resolve(said.text, said)
            self.files.add(path)
            stream: Stream | None = self._builder._stream(path, said)
        else:
            stream = read_patch(said)
        if stream is None or stream.faults:
            raise Unbuilt("a patch cannot be read", said.location)
        self._builder.patches_schemas |= "openAPIV3Schema" in stream.source.text
        aliased = "*" in stream.source.text and "&" in stream.source.text
        roots = [document.root for document in stream.documents if not is_null(document.root)]
        if any(document.templated is not None for document in stream.documents):
            raise Unbuilt("a patch is a template", said.location)
        return [written_out(root) if aliased else root for root in roots]

    def _patches(self, item: Node) -> list[Node]:
        """What an item of `patches` without a target says of objects."""
        path = item["path"]
        parts = self._documents(path if path.text else item["patch"], in_file=bool(path.text))
        return [node for part in parts for node in _unlisted(part)]

    def _merge_patches(self, item: Node) -> list[Node]:
        inline = "\n" in item.text
        return [node for part in self._documents(item, in_file=not inline) for node in _unlisted(part)]

    def _lay(self, patch: Node, selector: Selector | None, options: Node | None) -> None:
        """A strategic merge patch over the object that it names, or over those that a target selects."""
        self._count(patch, selector.weight if selector is not None else 1)
        if selector is not None:
            chosen = {number for number, one in enumerate(self.resources) if selector.selects(one)}
        else:
            wanted = Resource(patch).id
            found = only(self.resources, wanted)
            if not found and self._of_some:
                return
            if len(found) != 1:
                raise Unbuilt(
                    f"{len(found)} objects are the {wanted.kind}/{wanted.name} that a patch changes", patch.location
                )
            chosen = set(found)
        rename = options is not None and options["allowNameChange"].value is True
        recast = options is not None and options["allowKindChange"].value is True
        made: list[Resource] = []
        for number, one in enumerate(self.resources):
            if number in chosen:
                changed = _laid_over(one, patch, rename=rename, recast=recast)
                if changed is not None:
                    made.append(changed)
                else:
                    self.deleted += (Deleted(one, patch["$patch"]),)
            else:
                made.append(one)
        self.resources = made

    def _put_into_namespace(self, namespace: Node) -> None:
        made = []
        identities: set[tuple[str, ...]] = set()
        elsewhere = [f for f in self.fields.namespace if f.path != ("metadata", "namespace")]
        entry = _entry_of(namespace)
        for one in self.resources:
            known = self._builder._id_of(one)
            moved = one.remembering(known) if known.is_cluster_wide else one.moved(known, entry)
            binds = known.kind in BINDINGS
            if binds:
                moved = moved._replace(
                    node=at_path(moved.node, ("subjects",), lambda s: _default_subjects(s, namespace))
                )
            fields = [
                f for f in elsewhere if f.fits(known) and (f.path != ("metadata", "name") or known[:2] == ("", "v1"))
            ]
            if binds:
                fields = [f for f in fields if f.path != ("subjects", "namespace")]
            if fields:
                moved = set_in(moved, fields, lambda node: _text_in(node, namespace), namespace, scalar=True)
            made.append(moved)
            now = moved.id if fields else known._replace(namespace=namespace.text)
            identities.add((*now[:4], now.where))
        for *kind_and_name, where in self._beside:
            identities.add((*kind_and_name, where if where == EVERYWHERE else namespace.text))
        if len(identities) < len(made) + len(self._beside):
            raise Unbuilt("two objects have one name in the namespace", namespace.location)
        self.resources = made

    def _rename(self, text: Node, *, before: bool) -> None:
        made = []
        beside = self.fields.prefixed if before else self.fields.suffixed

        def change(node: Node) -> Node:
            if not node.is_scalar:
                raise Unbuilt("what gets a prefix or a suffix is no text", node.location)
            return scalar(text, f"{text.text}{node.text}" if before else f"{node.text}{text.text}", node.key)

        for one in self.resources:
            first = one.first_id
            if any(kind == first.kind and (not group or group == first.group) for group, kind in _NO_PREFIX):
                made.append(one)
                continue
            name = one.node["metadata"]["name"]
            called = one.remembering().called(f"{text.text}{name.text}" if before else f"{name.text}{text.text}", name)
            if before:
                called = called._replace(prefixes=(*called.prefixes, text.text))
            else:
                called = called._replace(suffixes=(*called.suffixes, text.text))
            fields = [field for field in beside if field.fits(first)] if beside else ()
            made.append(set_in(called, fields, change, None, scalar=True) if fields else called)
        self.resources = made

    def _label(self) -> None:
        for item in self._root["labels"]:
            fields = merged([field_of(one) for one in item["fields"]], self.fields.own_labels)
            if item["includeSelectors"].value is True:
                fields = merged(fields, self.fields.labels)
            else:
                if item["includeTemplates"].value is True:
                    fields = merged(fields, self.fields.template_labels)
                fields = merged(fields, [Field("", "", "", ("metadata", "labels"), create=True)])
            self._set_pairs(item["pairs"], fields)
        self._set_pairs(self._root["commonLabels"], self.fields.labels)

    def _annotate(self, pairs: Node) -> None:
        self._set_pairs(pairs, self.fields.annotations)

    def _set_pairs(self, pairs: Node, fields: Iterable[Field]) -> None:
        for key, value in pairs.items():
            self._count(key)
            self.resources = [_with_pair(one, fields, key, value) for one in self.resources]

    def _scale(self, item: Node) -> None:
        self._count(item)
        name, count = item["name"].text, item["count"]
        found = False
        made = list(self.resources)
        called = {
            number: [known for known in one.ids if known.name == name]
            for number, one in enumerate(made)
            if one.was_called(name)
        }
        for field in self.fields.replicas if called else ():
            for number, ids in called.items():
                one = made[number]
                if any(map(field.fits, ids)):
                    found = True
                    made[number] = set_in(one, [field], lambda node: _number_in(node, count), count, scalar=True)
        if not found and not self._of_some:
            raise Unbuilt(f"nothing is called {name}, of which there are to be more", item["name"].location)
        self.resources = made

    def _retag(self, item: Node, named: dict[int, frozenset[str]]) -> None:
        """Another name or version of an image. `named` is what the objects say where images stand, as far as it is known."""
        self._count(item)
        name = item["name"].text
        if not is_plain_image(name):
            self._retag_matching(item)
            named.clear()
            return

        def change(node: Node) -> Node:
            if not node.is_scalar or not node.text.startswith(name) or not _IMAGE_OF.fullmatch(node.text[len(name) :]):
                return node
            return _image(node, item)

        for number, one in enumerate(self.resources):
            if number not in named:
                said = None
                if self.fields.images is default_fields().images:
                    said = self._builder._images_as_written(one)
                if said is None:
                    if _never_says(one, name):
                        continue
                    said = _images_of(one, self.fields)
                named[number] = said
            if any(text.startswith(name) for text in named[number]):
                self.resources[number] = self._with_images(one, change)
                del named[number]

    def _retag_matching(self, item: Node) -> None:
        """The same where the name is an expression, which kustomize takes every name for."""
        # Go takes a star behind `^` for a repetition of it, so that an image may begin with anything.
        name = item["name"].text
        begin, name = ("", name.lstrip("*")) if name.startswith("*") else ("^", name)
        try:
            matches = regular(f"{begin}{name}{_IMAGE_OF.pattern}$").found_in
        except RegularError as error:
            raise Unbuilt(f"the expression '{name}' is not understood: {error}", item["name"].location) from None

        def change(node: Node) -> Node:
            return _image(node, item) if node.is_scalar and matches(node.text) else node

        self.resources = [_with_images(one, change, self.fields) for one in self.resources]

    def _with_images(self, one: Resource, change: Callable[[Node], Node]) -> Resource:
        places = None
        if self.fields.images is default_fields().images and is_as_written(one):
            places = self._builder.places_of_images(one)
        if places is None:
            return _with_images(one, change, self.fields)
        node = one.node
        for path, image, times in places:
            changed = image
            for _ in range(times):
                changed = change(changed)
            if changed is not image:
                node = put(node, path, changed)
        return one if node is one.node else one._replace(node=node)

    def _replacements(self) -> Iterator[Node]:
        for item in self._root["replacements"]:
            if not item["path"].text:
                yield item
                continue
            if item["source"].present or item["targets"].present:
                raise Unbuilt("a replacement says a path and more", item.location)
            path = self.resolve(item["path"].text, item)
            self.files.add(path)
            stream = self._builder._stream(path, item["path"])
            if stream.faults or not stream.documents:
                raise Unbuilt(f"{path} cannot be read", item["path"].location)
            root = stream.documents[0].root
            yield from root if root.is_sequence else [root]


def _cut(roots: list[Node]) -> list[Node]:
    """What a text among `patches` says: its end is cut before it is read, and with it that of a last value in lines."""
    return [*roots[:-1], _without_end(roots[-1])] if roots else roots


def _without_end(node: Node) -> Node:
    """The same with the last text in it without the ends of lines behind it, where it is written in lines."""
    if node.is_sequence:
        items = list(node)
        return same_size(node, [*items[:-1], _without_end(items[-1])]) if items else node
    if node.is_mapping:
        last = next(reversed(node.items()), None)
        return node if last is None else with_value(node, last[0].text, _without_end(last[1]))
    if not isinstance(node, Scalar) or node.style not in ("|", ">") or not node.text.endswith("\n"):
        return node
    return scalar(node, node.text.rstrip("\n"), node.key)


def _with_images(one: Resource, change: Callable[[Node], Node], fields: Fields) -> Resource:
    node = _in_containers(one.node, change)
    one = one if node is one.node else one._replace(node=node)
    return set_in(one, [f._replace(create=False) for f in fields.images], change, None, scalar=True)


def _images_of(one: Resource, fields: Fields) -> frozenset[str]:
    found: set[str] = set()

    def look(node: Node) -> Node:
        if node.is_scalar:
            found.add(node.text)
        return node

    _with_images(one, look, fields)
    return frozenset(found)


def _never_says(one: Resource, text: str) -> bool:
    """Whether a text is certainly not in an object, of which only the metadata may have changed."""
    if one.kind == "CustomResourceDefinition":
        return True
    if one.origin is None or one.made or text in one.origin.source.text:
        return False
    return not any(
        _says(value, one.origin[key], text) for key, value in differing(one.node, one.origin) if key != "metadata"
    )


def _says(node: Node, before: Node, text: str) -> bool:
    """Whether a text may be in a value as it is now, but was not in it before."""
    if node is before:
        return False
    if node.is_scalar:
        return text in node.text
    if node.is_mapping:
        return any(_says(value, before[key], text) for key, value in differing(node, before))
    items = list(before)
    return any(_says(item, items[n] if n < len(items) else before, text) for n, item in enumerate(node))


def _with_pair(one: Resource, fields: Iterable[Field], key: Scalar, value: Node) -> Resource:
    """A label or an annotation in all these fields. What is made stands in all of them at once, what was there alone."""
    made = scalar(value, value.text, key)
    created = 0

    def change(node: Node) -> Node:
        nonlocal created
        if is_null(node):
            node = empty_mapping(made, node.key.text if node.key is not None else "")
        if not node.is_mapping:
            raise Unbuilt("labels are put into what is no mapping", node.location)
        if not node[key.text].exists:
            created += 1
            return with_value(node, key.text, made)
        return with_value(node, key.text, scalar(value, value.text, key))

    result = settled(one, set_in(one, fields, change, value, scalar=False))
    return result._replace(shared=(*result.shared, made)) if created > 1 else result


def _identity(known: Id) -> tuple[str, ...]:
    return (known.group, known.version, known.kind, known.name, known.where)


def _joined(node: Node, path: tuple[str, ...], old: Node) -> Node:
    """The same with the entries at a path behind those of an older mapping, which they override."""
    if not old.is_mapping or not len(old):
        return node
    *above, name = path
    here = node.get(*path)
    result: Node = old
    for key, value in here.items():
        result = with_value(result, key.text, value)
    return at_path(node, tuple(above), lambda parent: with_value(parent, name, result))


def _as_written(value: Node) -> str:
    """A scalar as a text: a null is what stands there for it."""
    return value.text or value.source.text[value.start : value.end]


def _with_texts(patch: Node) -> Node:
    """A patch whose labels and annotations are texts, as kustomize copies them: a null is the text `null`."""

    def copied(metadata: Node) -> Node:
        for field in ("labels", "annotations"):
            pairs = metadata[field]
            if not pairs.exists:
                continue
            if not pairs.is_mapping or not len(pairs):
                metadata = without(metadata, field, pairs)
                continue
            for key, value in pairs.items():
                if value.is_scalar and not isinstance(value.value, str):
                    pairs = with_value(pairs, key.text, scalar(value, _as_written(value), key))
            metadata = metadata if pairs is metadata[field] else with_value(metadata, field, pairs)
        return metadata

    return at_path(patch, ("metadata",), copied)


def _laid_over(one: Resource, patch: Node, *, rename: bool, recast: bool) -> Resource | None:
    before = one
    if rename or recast:
        one = one.remembering()
    # The patch speaks of the object's own version, whatever it says itself.
    said = with_value(patch, "apiVersion", before.node["apiVersion"]) if before.node["apiVersion"].exists else patch
    node = merge(one.node, said)
    if node is None or not len(node):
        return None
    if one.operated or (one.origin is not None and not one.made and has_twins(one.origin)):
        node = without_twins(node)
    changed = settled(one, one._replace(node=node, operated=False))
    if not recast and changed.kind != before.kind:
        changed = changed._replace(node=with_value(changed.node, "kind", before.node["kind"]))
    name, namespace = before.node["metadata"]["name"], before.node["metadata"]["namespace"]
    if not rename and node["metadata"]["name"] is not name:
        changed = changed._replace(node=at_path(changed.node, ("metadata",), lambda m: with_value(m, "name", name)))
    if node["metadata"]["namespace"].text != namespace.text:
        changed = changed.in_namespace(namespace)
    elif node["metadata"]["namespace"] is not namespace and namespace.exists:
        changed = changed._replace(
            node=at_path(changed.node, ("metadata",), lambda m: with_value(m, "namespace", namespace))
        )
    return changed


def _entry_of(namespace: Node) -> tuple[Scalar, Scalar]:
    """What an object has in its metadata that is in a namespace."""
    key = named(namespace, "namespace")
    return key, scalar(namespace, namespace.text, key)


def _default_subjects(subjects: Node, namespace: Node) -> Node:
    def moved(subject: Node) -> Node:
        if subject["name"].text != "default":
            return subject
        return with_value(subject, "namespace", scalar(namespace, namespace.text, named(namespace, "namespace")))

    return same_size(subjects, [moved(one) for one in subjects]) if subjects.is_sequence else subjects


def _text_in(node: Node, value: Node) -> Node:
    if node is value:
        return scalar(value, value.text)
    return scalar(value, value.text, node.key)


def _number_in(node: Node, count: Node) -> Node:
    if not isinstance(count.value, int):
        raise Unbuilt("a count is no number", count.location)
    made = Scalar(count.source, count.start, count.end, None, count.canonical, None)
    made.key, made._places = count.key if node.key is None else node.key, []
    return made


def _image(node: Node, item: Node) -> Node:
    """An image by another name, tag or digest; it stands at the last of these that the kustomization says."""
    name, tag, digest = _parts(node.text)
    new_name, new_tag, new_digest = item["newName"], item["newTag"], item["digest"]
    name = new_name.text or name
    at = new_name if new_name.text else node
    if new_digest.text and new_tag.canonical:
        tag, digest, at = new_tag.text, new_digest.text, new_digest
    elif new_tag.text:
        tag, digest, at = new_tag.text, "", new_tag
    elif new_digest.text:
        tag, digest, at = "", new_digest.text, new_digest
    elif item["tagSuffix"].text:
        tag, digest, at = f"{tag}{item['tagSuffix'].text}", "", item["tagSuffix"]
    text = name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    return node if text == node.text else scalar(at, text, named(at, "image"))


def _parts(image: str) -> tuple[str, str, str]:
    """Name, tag and digest."""
    begin = max(image.find("/"), 0)
    rest, _, digest = image[begin:].partition("@")
    name, _, tag = rest.partition(":")
    return image[:begin] + name, tag, digest


def _in_containers(node: Node, change: Callable[[Node], Node]) -> Node:
    """The same with the images of all lists of containers in it changed, however deep they are."""
    if node.is_sequence:
        return same_size(node, [_in_containers(item, change) for item in node])
    if not node.is_mapping:
        return node
    result = node
    for key, value in node.items():
        changed = value if value.is_scalar else _in_containers(value, change)
        if key.text in _CONTAINERS and changed.is_sequence:
            changed = same_size(changed, [_with_image(item, change) for item in changed])
        if changed is not value:
            result = with_value(result, key.text, changed)
    return result


def _with_image(container: Node, change: Callable[[Node], Node]) -> Node:
    image = container["image"]
    changed = change(image) if image.present else image
    return container if changed is image else with_value(container, "image", changed)


def _together(fields: Fields, more: Fields) -> Fields:
    if fields is more:
        return fields
    default = default_fields()
    if more is default:
        return fields
    if fields is default:
        return more
    return Fields(
        labels=merged(fields.labels, more.labels),
        template_labels=merged(fields.template_labels, more.template_labels),
        annotations=merged(fields.annotations, more.annotations),
        namespace=merged(fields.namespace, more.namespace),
        images=merged(fields.images, more.images),
        replicas=merged(fields.replicas, more.replicas),
        references=_more_references(fields.references, more.references),
        variables=merged(fields.variables, more.variables),
        prefixed=merged(fields.prefixed, more.prefixed),
        suffixed=merged(fields.suffixed, more.suffixed),
        own_labels=merged(fields.own_labels, more.own_labels),
    )


def _more_references(known: tuple[References, ...], more: Iterable[References]) -> tuple[References, ...]:
    found = list(known)
    for one in more:
        index = next((n for n, had in enumerate(found) if had[:3] == one[:3]), None)
        if index is None:
            found.append(one)
        else:
            found[index] = found[index]._replace(fields=merged(found[index].fields, one.fields))
    return tuple(found)


def _with_configuration(fields: Fields, root: Node) -> Fields:
    """The fields with those of a file that `configurations` names."""

    def more(name: str) -> list[Field]:
        return [field_of(one) for one in root[name]]

    def beside_name(name: str) -> list[Field]:
        found = more(name)
        if any(one.create for one in found):
            raise Unbuilt(f"makes fields for {name}", root[name].location)
        return [one for one in found if one.path != ("metadata", "name")]

    references = [
        References(
            one["group"].text, one["version"].text, one["kind"].text, tuple(field_of(f) for f in one["fieldSpecs"])
        )
        for one in root["nameReference"]
    ]
    return Fields(
        labels=merged(fields.labels, more("commonLabels")),
        template_labels=merged(fields.template_labels, more("templateLabels")),
        annotations=merged(fields.annotations, more("commonAnnotations")),
        namespace=merged(fields.namespace, more("namespace")),
        images=merged(fields.images, more("images")),
        replicas=merged(fields.replicas, more("replicas")),
        references=_more_references(fields.references, references),
        variables=merged(fields.variables, more("varReference")),
        prefixed=merged(fields.prefixed, beside_name("namePrefix")),
        suffixed=merged(fields.suffixed, beside_name("nameSuffix")),
        own_labels=merged(fields.own_labels, more("labels")),
    )
