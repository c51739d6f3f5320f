"""Kustomization files: what an overlay is built from, and what it changes on the way."""

from __future__ import annotations

import fnmatch
import functools
import posixpath
import re
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any, ClassVar, Self

from devopslint.deferred import NamedTuple, cached_property, compiled, dataclass
from devopslint.kubernetes.flux import FluxComponents, FluxPatch, FluxSubstitution
from devopslint.kubernetes.flux_versions import version_of_entry
from devopslint.kubernetes.judged import is_judged
from devopslint.kubernetes.kustomize.given import GivenObjects
from devopslint.kubernetes.kustomize.operations import DEEPEST, unescaped
from devopslint.kubernetes.kustomize.reading import read_kustomization, read_patch
from devopslint.kubernetes.manifests import Manifests, placements_of
from devopslint.kubernetes.openings import installs_chart
from devopslint.kubernetes.quantity import whole
from devopslint.kubernetes.summaries import ContainerSummary, DataSummary, WorkloadSummary, summaries_of
from devopslint.kubernetes.sync_order import SyncOrder, order_of
from devopslint.kubernetes.unapplied import CommentedOut, Local, PutAway, commented_out
from devopslint.kubernetes.workloads import Manifest, Placement, keys_of, manifest_of, texts
from devopslint.model import (
    Annotation,
    EditedImage,
    KnownFiles,
    Location,
    MadeFile,
    NamedFile,
    NotChecked,
    Opening,
    Part,
    PartialDocument,
    ProjectView,
    Summaries,
)
from devopslint.readers.folders import local_in, put_away_in, said_of
from devopslint.readers.gitignore import Gitignore
from devopslint.readers.watching import Look
from devopslint.readers.yaml import Document, Mapping, Node, Scalar, Sequence, Stream
from devopslint.readers.yaml_dialects import KUSTOMIZE, Dialect

_REMOTE = compiled(
    r"[A-Za-z][A-Za-z0-9+.-]*::|[a-z][a-z0-9+.-]*://|[^/@\s]+@[^/:\s]+:|(?:github|gitlab|bitbucket)\.[a-z]+[/:]"
)
_REFERENCE = compiled(r"[?&](?:ref|version)=([^&]*)")
_COMMIT = compiled(r"[0-9a-f]{7,64}\Z")
_VERSION = compiled(r"v?[0-9]+(?:\.[0-9A-Za-z]+)*\Z")
_CHOICE = compiled(r"\^?\(?([\w.-]+(?:\|[\w.-]+)+)\)?\$?")
_COPIED = compiled(
    r"(?:^|/)(templates?|skeletons?|scaffold(?:s|ing)?|boilerplates?|archetypes?|cookiecutters?|[^/]*(?:\{\{|\$\{)[^/]*)/"
)
"""A folder of what programs and people make others from."""
_CALLED_GENERATED = compiled(r"(?i)(?:\A|[._-])(?:(?:auto-?)?gen(?:erated)?|rendered)(?=[._-])")
_FIELD_PART = compiled(r"[.\[\]=]+")
_BOOTSTRAPPED = ("gotk-components.yaml", "gotk-sync.yaml")
"""What `flux bootstrap` writes into flux-system/."""
_REGULAR = compiled(r"[][(){}|?+*\\]")


class Entry(NamedTuple):
    """Something that a kustomization names: a file, a folder with a kustomization of its own, or a remote one."""

    field: str
    """resources, components, bases, crds, patches, generators, …"""
    text: str
    path: str | None
    """In the repository; None where it is remote, or outside."""
    location: Location

    @property
    def label(self) -> str:
        return f"{self.field} {self.text}"

    @property
    def remote(self) -> bool:
        return bool(_REMOTE.match(self.text))

    @property
    def reference(self) -> str:
        """The branch, tag or commit of a remote entry; empty where it names none."""
        found = _REFERENCE.search(self.text)
        return found.group(1) if found else ""

    @property
    def pinned(self) -> bool:
        """Whether a remote entry names a tag or a commit, not what moves."""
        if re.match(r"https?://.*/(?:releases/download/|v?[0-9]+\.[0-9]|[0-9a-f]{40}/)", self.text):
            return True
        raw = re.search(r"(?:raw\.githubusercontent\.com/[^/]+/[^/]+|/raw|/blob)/(?:refs/tags/)?([^/]+)/", self.text)
        reference = self.reference or (raw.group(1) if raw else "")
        return bool(_COMMIT.match(reference)) or any(_VERSION.match(part) for part in re.split("[-/_@+]", reference))


class Patch(NamedTuple):
    """A patch of a kustomization: on which objects, and which keys it sets."""

    location: Location
    path: str | None
    """The file that it stands in; None where it is written in the kustomization."""
    targets: tuple[tuple[str, str], ...]
    """(kind, name) of what it changes, each empty where it says none."""
    keys: frozenset[str] | None
    """The keys that it sets, at any depth; None where they are not known here."""
    strategic: bool = False
    """Whether it names its object itself: the build stops where that is not there."""
    deletes: frozenset[tuple[str, str]] = frozenset()
    """(kind, name) of what it takes out of the build; of a file with a target, what it does if it deletes anything."""
    renames: bool = False
    """Whether it may give its object another name, or another kind."""


class Labels(NamedTuple):
    """Labels that a kustomization sets on every object."""

    pairs: tuple[tuple[str, str], ...]
    in_selectors: bool
    in_templates: bool


class Replicas(NamedTuple):
    """A number of pods that a kustomization sets."""

    name: str
    """Of a patch a regular expression; empty for whatever has the kind."""
    pods: int
    location: Location
    named: Location
    """Where it says what it is for."""
    kind: str | None = None
    """The kind that a patch is for, empty for any; None where a kustomization says it in its own field."""

    def sets(self, kind: str, name: str) -> bool:
        """Whether a patch sets it for an object; one of another build's name may be meant as well."""
        return self.kind is not None and target_matches(self.kind, kind) and target_matches(self.name, name)


class Image(NamedTuple):
    """A change of an image's name, tag or digest."""

    name: str
    tag: str
    digest: str
    location: Location
    tag_location: Location

    @property
    def label(self) -> str:
        return f"image {self.name}"

    def matches(self, text: str) -> bool:
        """Whether it gives the image of this text another version."""
        versioned = bool(self.tag and self.tag != "latest") or bool(self.digest)
        return versioned and text.startswith(self.name) and text[len(self.name) :][:1] in ("", ":", "@")


class Overlay(NamedTuple):
    """Summary of one kustomization: what goes into its build and what it changes."""

    path: str
    location: Location
    component: bool
    entries: tuple[Entry, ...]
    patches: tuple[Patch, ...]
    images: tuple[Image, ...]
    generated: tuple[tuple[str, str], ...]
    """(kind, name) of what its generators make, before a hash is added."""
    replicas: tuple[Replicas, ...]
    everywhere: frozenset[str]
    """The keys that it sets on every object: namespace, labels, annotations."""
    namespace: str = ""
    prefix: str = ""
    suffix: str = ""
    labels: tuple[Labels, ...] = ()
    changes: bool = False
    """Whether it changes more of an object than its name, its namespace, its labels and its annotations."""
    replacing: tuple[Patch, ...] = ()
    """What its replacements change, as patches that need not meet anything."""

    @property
    def folder(self) -> str:
        return posixpath.dirname(self.path)

    @property
    def label(self) -> str:
        return self.path


Named = tuple[str, tuple[str, ...]]
"""The kind of an object, and its names: as written, and as each build names it that it goes through."""
MOST_OBJECTS = 20_000


_SCALED = "(Deployment|ReplicaSet|ReplicationController|StatefulSet)"
"""The kinds that `replicas` is for; the build stops where none of them has the name."""


class LaidPatch(NamedTuple):
    """A patch, or an entry of `replicas`, that names an object, and the build that it is laid over."""

    overlay: Overlay
    location: Location
    kind: str
    name: str
    objects: tuple[Named, ...]
    """All that the patch can meet."""
    strategic: bool
    others: int = 0
    """How many more objects the same patch names in vain."""

    @property
    def label(self) -> str:
        return f"patch of {self.what}"

    @property
    def what(self) -> str:
        """What it changes, in words."""
        if self.kind == _SCALED:
            return f"the replicas of {self.name}"
        return f"{self.kind} {self.name}" if self.kind else self.name

    @property
    def meets(self) -> bool:
        """Whether the build has such an object, under a name that it has before this kustomization's own prefix."""
        return any(
            target_matches(self.kind, kind) and any(target_matches(self.name, name) for name in names)
            for kind, names in self.objects
        )

    @property
    def stops(self) -> bool:
        """Whether the build stops where it meets nothing, or something in the build shows that it is meant to meet that."""
        if self.strategic or any(self.name in names for _, names in self.objects):
            return True
        named = {name for kind, names in self.objects if target_matches(self.kind, kind) for name in names}
        return any(_is_slip(self.name, name) for name in named)


def _is_slip(name: str, other: str) -> bool:
    """Whether somebody who writes a name may mean another: one word of it is nearly the same, or one says the kind again.

    `app-api` is not meant where there is `app-web`, nor `cd-dex-server` where there is `cd-server`: each is a part by itself.
    """
    from difflib import SequenceMatcher  # only where something is wrong

    words, others = name.split("-"), other.split("-")
    if len(words) == len(others):
        unlike = [pair for pair in zip(words, others, strict=True) if pair[0] != pair[1]]
        return len(unlike) == 1 and SequenceMatcher(None, *unlike[0]).ratio() >= 0.6
    shorter, longer = sorted((words, others), key=len)
    return longer[:-1] == shorter and longer[-1] in _KIND_WORDS


_KIND_WORDS = ("app", "cronjob", "daemonset", "deploy", "deployment", "ingress", "job", "service", "statefulset", "svc")
"""What many write behind the name of an object."""


class Deprecated(NamedTuple):
    """A field that Kustomize has replaced with another."""

    field: str
    successor: str
    location: Location

    @property
    def label(self) -> str:
        return f"field {self.field}"


class Literal(NamedTuple):
    """A value that is written into a generator."""

    name: str
    key: str
    value: str
    location: Location
    kind: str
    file: str = ""
    """What it is taken from, where it does not stand in the kustomization."""

    @property
    def label(self) -> str:
        return f"{self.kind} {self.name} key {self.key}"


_SUCCESSORS = {
    "bases": "resources",
    "patchesStrategicMerge": "patches",
    "patchesJson6902": "patches",
    "commonLabels": "labels",
    "vars": "replacements",
    "imageTags": "images",
    "helmChartInflationGenerator": "helmCharts",
}


_STRATEGIC = ("patchesStrategicMerge", "patches")
"""Where a lone path, or a lone text, is a strategic merge patch; in `patches` as Kustomize 1 had it, and still reads."""


_CHANGING = (
    "patches",
    "patchesStrategicMerge",
    "patchesJson6902",
    "images",
    "imageTags",
    "replicas",
    "replacements",
    "transformers",
    "vars",
)


_FETCHING = (
    "configMapGenerator",
    "configurations",
    "generators",
    "helmChartInflationGenerator",
    "helmCharts",
    "openapi",
    "secretGenerator",
    "transformers",
    "validators",
)
"""Fields that may name what comes from elsewhere, besides the entries."""


class Kustomization(Manifests):
    """One kustomization file as it is written; its objects are the patches that are written in it."""

    kinds: ClassVar[tuple[str, ...]] = ("kustomization",)
    dialect: ClassVar[Dialect] = KUSTOMIZE
    apart: ClassVar[type | None] = GivenObjects

    def __init__(self, path: str, stream: Stream) -> None:
        super().__init__(path, stream)
        for text, at in self._unseen:
            reason = f"builds with {text}, which is not fetched: what it makes is not known here"
            self.not_checked.append(NotChecked(path, reason, at.line))
        for entry in self.entries:
            if entry.field == "generators" and not entry.remote:
                reason = f"runs the generator {entry.text}: what that makes is not known here"
                self.not_checked.append(NotChecked(path, reason, entry.location.line))

    @classmethod
    def read(cls, path: str, text: str) -> Self:
        return cls(path, read_kustomization(path, text))

    @property
    def annotations(self) -> Iterator[Annotation]:
        for key, value in self.root["metadata"]["annotations"].items():
            yield Annotation(key.text, value.text, value.location, 1, len(self.stream.source.line_starts))

    def summaries(self) -> Iterator[object]:
        if not self.stream.documents:
            return
        yield from commented_out(self.path, self.stream.source.text)
        if away := put_away_in(self.path):
            yield PutAway(self.path, away)
        if folder := local_in(self.path):
            yield Local(self.path, f"lies in {folder}/: it is for a cluster on somebody's own machine")
        root = self.root
        yield Overlay(
            path=self.path,
            location=Location(self.path, 1, 1, 1, 1),
            component=root["kind"].text == "Component",
            entries=tuple(self.entries),
            patches=tuple(self.patches),
            images=tuple(self.images),
            generated=tuple((made.kind, made.name) for made in self.generated),
            replicas=tuple(self._replicas()),
            everywhere=frozenset(self._everywhere()),
            namespace=root["namespace"].text,
            prefix=root["namePrefix"].text,
            suffix=root["nameSuffix"].text,
            labels=tuple(self._labels()) if not self._fields.isdisjoint(("commonLabels", "labels")) else (),
            changes=any(root[field].present for field in _CHANGING if field in self._fields),
            replacing=tuple(self._replacing()) if "replacements" in self._fields else (),
        )
        strategic = [one for one in self._whole_objects if one.metadata["name"].present]
        yield from summaries_of(strategic)
        yield from placements_of(self.path, strategic)
        yield from self._completed
        if "configMapGenerator" in self._fields or "secretGenerator" in self._fields:
            yield from self.generated
            yield from _generator_files(self)
            yield from self._ordered()
        for item in self.root["resources"].strings():
            if "fluxcd/flux2" in item.text:
                yield from version_of_entry(item)
        for text, at in self._unseen:
            reason = f"{self.path} builds with {text}, which is not fetched"
            yield Opening(at, reason, near=True, settled_by="--render")
            yield Opening(at, reason, (root["namespace"].text,), settled_by="--render")
        for patch in self.patches:
            if patch.path is not None:
                yield PartialDocument(patch.path, f"is a patch of {self.path}: what it leaves out stands elsewhere")

    @cached_property
    def entries(self) -> list[Entry]:
        """Every file and folder that the build needs."""
        root, fields = self.root, self._fields
        named: list[tuple[str, Node]] = [
            (field, item)
            for field in ("resources", "components", "bases", "crds", "generators", "transformers", "validators")
            if field in fields
            for item in root[field].strings()
        ]
        named += [(field, item) for field in _STRATEGIC for item in root[field].strings()]
        named += [
            (field, item["path"])
            for field in ("patches", "patchesJson6902", "replacements")
            for item in root[field]
            if item["path"].present
        ]
        return [
            Entry(field, node.text, self.resolve(node.text), node.location)
            for field, node in named
            if "\n" not in node.text and node.text.strip()
        ]

    @cached_property
    def _unseen(self) -> list[tuple[str, Location]]:
        """What the build takes from elsewhere, and may make objects."""
        remote = [(entry.text, entry.location) for entry in self.entries if entry.remote]
        return remote + [(node.text, node.location) for node in self.foreign]

    @cached_property
    def _fields(self) -> frozenset[str]:
        """The fields that it has: most have five of the forty that there are."""
        return frozenset(self.root.keys())

    @property
    def foreign(self) -> Iterator[Node]:
        """What would be fetched from somewhere for the build, besides the entries."""
        if self._fields.isdisjoint(_FETCHING):
            return
        fields = ("configurations", "generators", "transformers", "validators")
        named = [item for field in fields for item in self.root[field].strings()]
        named += [
            item
            for field in ("configMapGenerator", "secretGenerator")
            for generator in self.root[field]
            for key in ("files", "envs", "env")
            for item in generator[key].strings()
        ]
        named.append(self.root["openapi"]["path"])
        for node in named:
            if _REMOTE.match(node.text.partition("=")[2] or node.text):
                yield node
        for field, name in (("helmCharts", "name"), ("helmChartInflationGenerator", "chartName")):
            yield from (chart[name] for chart in self.root[field])

    @cached_property
    def _inline(self) -> list[tuple[Node, Node]]:
        """The patches that are written in the kustomization, each behind the item that it is part of."""
        root = self.root
        found = [(item, item["patch"]) for field in ("patches", "patchesJson6902") for item in root[field]]
        found += [(item, item) for field in _STRATEGIC for item in root[field].strings() if "\n" in item.text]
        return [(item, patch) for item, patch in found if patch.is_scalar and patch.text.strip()]

    @cached_property
    def objects(self) -> list[Manifest]:
        """What the patches in it say of objects; each is a part of one."""
        return [manifest_of(node) for item, patch in self._inline for node in self._said_of_objects(item, patch)]

    @property
    def _whole_objects(self) -> list[Manifest]:
        """What patches say that say themselves which object they are for."""
        whole = [
            document.root
            for _, patch in self._inline
            if self._read(patch).of_objects
            for document in self._documents_of(patch)
            if document.root.is_mapping
        ]
        return [manifest_of(root) for root in whole if root["kind"].text]

    def _said_of_objects(self, item: Node, patch: Node) -> list[Node]:
        """What a patch that is written in the kustomization says of objects."""
        nodes: list[Node] = []
        for document in self._documents_of(patch):
            if document.root.is_mapping:
                nodes.append(document.root)
            else:
                nodes += operations_on(item["target"], document.root)
        return [node for node in nodes if node["kind"].text]

    def _unjudged(self) -> list[NotChecked]:
        is_record = len(self.stream.documents) > 1 or self.root["metadata"]["ownerReferences"].exists
        if not is_record and all(self._read(patch).judged for _, patch in self._inline):
            return []
        return super()._unjudged()

    def judged_apart(self) -> Iterator[Part]:
        source = self.stream.source
        starts, text = source.line_starts, source.text
        aliased = "&" in text and "*" in text
        for (item, patch), completed in zip(self._inline, self._completed, strict=True):
            line = source.place(item.start)[0]
            said = text[starts[line - 1] : item.end]
            looks: set[Look] = set()
            alike = (said, said_of(self.path), (self.path, text) if aliased else ())
            nodes = functools.partial(self._said_of_objects, item, patch)
            yield Part(alike, line, GivenObjects(self.path, nodes, looks), looks, completed)

    @cached_property
    def _completed(self) -> list[PartialDocument]:
        """The patches that are written in the kustomization, as what others complete."""
        reason = "is a patch: what it leaves out stands elsewhere"
        return [
            PartialDocument(
                self.path, reason, min(item.line, patch.location.line), max(item.last_line, patch.last_line)
            )
            for item, patch in self._inline
        ]

    def _documents_of(self, patch: Node) -> list[Document]:
        """Those of a patch that is written in the kustomization."""
        # What is missing is another node at each look.
        stream = read_patch(patch) if isinstance(patch, Scalar) else None
        return stream.documents if stream is not None else []

    def _read(self, patch: Node) -> Inline:
        return read_inline(patch) if isinstance(patch, Scalar) else Inline()

    def _replicas(self) -> Iterator[Replicas]:
        """The numbers of pods that it sets, by its own field or by the operation of a patch."""
        for item in self.root["replicas"]:
            if (count := whole(item["count"])) is not None:
                yield Replicas(item["name"].text, count, item["count"].location, item["name"].location)
        for item, patch in self._inline:
            target = item["target"]
            if not self._read(patch).sets_replicas or _selects(target):
                continue
            for operation in (one for document in self._documents_of(patch) for one in document.root):
                if operation["path"].text == "/spec/replicas" and (count := whole(operation["value"])) is not None:
                    at, kind = operation["value"].location, target["kind"].text
                    yield Replicas(target["name"].text, count, at, target.location, kind)

    def _replacing(self) -> Iterator[Patch]:
        for item in self.root["replacements"]:
            for target in item["targets"]:
                selected = (target["select"]["kind"].text, target["select"]["name"].text)
                keys = {part for path in target["fieldPaths"].strings() for part in _FIELD_PART.split(path.text)}
                yield Patch(target.location, None, (selected,), frozenset(keys))

    def _labels(self) -> Iterator[Labels]:
        for node, in_selectors, in_templates in (
            (self.root["commonLabels"], True, True),
            *(
                (item["pairs"], item["includeSelectors"].value is True, item["includeTemplates"].value is True)
                for item in self.root["labels"]
            ),
        ):
            if pairs := tuple(texts(node).items()):
                yield Labels(pairs, in_selectors, in_templates or in_selectors)

    @cached_property
    def patches(self) -> list[Patch]:
        if self._fields.isdisjoint(("patches", "patchesJson6902", "patchesStrategicMerge")):
            return []
        return [
            *(self._patch(item, item["path"], item["patch"]) for item in self.root["patches"] if item.is_mapping),
            *(self._patch(item, item["path"], item["patch"]) for item in self.root["patchesJson6902"]),
            *(self._strategic(item) for field in _STRATEGIC for item in self.root[field].strings()),
        ]

    def _patch(self, item: Node, path: Node, inline: Node) -> Patch:
        target = item["target"]
        targets: tuple[tuple[str, str], ...] = ()
        if target.present:
            targets = ((target["kind"].text, target["name"].text),)
        options = item["options"]
        renames = options["allowNameChange"].value is True or options["allowKindChange"].value is True
        if path.present:
            deletes: frozenset[tuple[str, str]] = frozenset() if _selects(target) else frozenset(targets)
            return Patch(path.location, self.resolve(path.text), targets, None, not target.present, deletes, renames)
        read = self._read(inline)
        said, keys, deletes = read.targets, read.keys, read.deletes
        if deletes and target.present:  # what the patch itself is called does not count then
            deletes = frozenset() if _selects(target) else frozenset(targets)
        return Patch(inline.location, None, targets or said, keys, not target.present, deletes, renames)

    def _strategic(self, item: Node) -> Patch:
        if "\n" in item.text:
            read = self._read(item)
            return Patch(item.location, None, read.targets, read.keys, True, read.deletes)
        return Patch(item.location, self.resolve(item.text), (), None, True)

    @cached_property
    def images(self) -> list[Image]:
        """Every image that it renames or retags."""
        return [
            Image(
                item["name"].text,
                item["newTag"].text,
                item["digest"].text,
                item["name"].location,
                item["newTag"].location,
            )
            for item in self.root["images"]
            if item.is_mapping
        ]

    @property
    def generated(self) -> Iterator[DataSummary]:
        """The ConfigMaps and Secrets that generators make."""
        for item, names in self._generated():
            yield DataSummary(**names, keys=_keys_of(item))

    def _ordered(self) -> Iterator[SyncOrder]:
        """When Argo CD applies what its generators make, as far as their options tell."""
        general = order_of(self.root["generatorOptions"]["annotations"])
        for item, names in self._generated():
            order = order_of(item["options"]["annotations"]) or general
            if order is not None:
                yield SyncOrder(**names, step=order[0], words=order[1])

    def _generated(self) -> Iterator[tuple[Node, dict[str, Any]]]:
        """The generators that have a name, and what an ObjectSummary has of what they make."""
        for field, kind in (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")):
            for item in self.root[field]:
                name, namespace = item["name"], item["namespace"].text
                if name.present:
                    names = {"kind": kind, "group": "", "name": name.text, "namespace": namespace, "labels": {}}
                    yield item, {**names, "location": name.location}

    def _everywhere(self) -> Iterator[str]:
        if self.root["namespace"].present:
            yield "namespace"
        pairs = [self.root["commonLabels"], *(item["pairs"] for item in self.root["labels"])]
        for field, nodes in (("labels", pairs), ("annotations", [self.root["commonAnnotations"]])):
            names = [key for node in nodes for key in node.keys()]  # noqa: SIM118  # a node is no dict
            yield from [field, *names] if names else []

    def resolve(self, text: str) -> str | None:
        if _REMOTE.match(text) or text.startswith("/"):
            return None
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self.path), text))
        return None if path.startswith("..") else path.removeprefix("./")


def entries(kustomization: Kustomization) -> list[Entry]:
    """Every file, folder and remote build that the kustomization names."""
    return kustomization.entries


def images(kustomization: Kustomization) -> list[Image]:
    """Every image that the kustomization renames or retags."""
    return kustomization.images


def deprecated_fields(kustomization: Kustomization) -> list[Deprecated]:
    """Every field that has a successor."""
    found = [
        Deprecated(key.text, _SUCCESSORS[key.text], key.location)
        for key, _ in kustomization.root.items()
        if key.text in _SUCCESSORS
    ]
    for field in ("configMapGenerator", "secretGenerator"):
        for item in kustomization.root[field]:
            if item["env"].exists:
                found.append(Deprecated(f"{field}.env", "envs", item["env"].key_location))
    return found


class HelmChart(NamedTuple):
    """A chart that a kustomization is built with."""

    name: str
    version: Location | None
    """Where a version is missing, or leaves a choice."""
    choice: str
    """The versions that it may be; empty where none is said."""
    plain: Location | None
    """Where its repository is named, if that is asked without encryption."""

    @property
    def label(self) -> str:
        return f"chart {self.name}"


def helm_charts(kustomization: Kustomization) -> list[HelmChart]:
    """Every chart that comes from a repository."""
    from devopslint.kubernetes.helm import is_exact  # only where a kustomization is judged

    return [
        HelmChart(
            chart[name].text,
            None if is_exact(chart[version].text) or "$" in chart[version].text else chart[version].location,
            chart[version].text,
            chart[repository].location if chart[repository].text.startswith("http://") else None,
        )
        for field, name, version, repository in (
            ("helmCharts", "name", "version", "repo"),
            ("helmChartInflationGenerator", "chartName", "chartVersion", "chartRepoUrl"),
        )
        for chart in kustomization.root[field]
        if chart[name].text and chart[repository].text
    ]


_GENERATORS = (("secretGenerator", "Secret"), ("configMapGenerator", "ConfigMap"))


def secret_literals(kustomization: Kustomization) -> list[Literal]:
    """Every literal of every generator of Secrets and ConfigMaps."""
    return [
        Literal(item["name"].text, key, value.strip("'\""), literal.location, kind)
        for field, kind in _GENERATORS
        for item in kustomization.root[field]
        for literals in [item["literals"].strings()]
        for names_secret in [any(one.text.partition("=")[0].endswith("SECRET_NAME") for one in literals)]
        for literal in literals
        for key, equals, value in [literal.text.partition("=")]
        # Beside the name of a Secret, it says which of its keys is read.
        if equals and not (names_secret and key.endswith("SECRET_KEY"))
    ]


class GeneratorFile(NamedTuple):
    """Summary: a file that a generator of Secrets or ConfigMaps takes in."""

    name: str
    kind: str
    key: str
    """What it becomes; empty for a file of settings, each of which becomes a key."""
    path: str
    location: Location


def _generator_files(kustomization: Kustomization) -> Iterator[GeneratorFile]:
    for field, kind in _GENERATORS:
        for item in kustomization.root[field]:
            found = [("", node.text, node) for key in ("envs", "env") for node in item[key].strings()]
            for node in item["files"].strings() if kind == "Secret" else ():
                key, equals, path = node.text.partition("=")
                found.append((key if equals else posixpath.basename(key), path if equals else key, node))
            for key, text, node in found:
                kept = None if _REMOTE.match(text) else kustomization.resolve(text)
                if kept is not None:
                    yield GeneratorFile(item["name"].text, kind, key, kept, node.location)


def generator_files(told: Iterable[object]) -> Iterator[str]:
    """The paths of what generators take in."""
    for one in told:
        if isinstance(one, GeneratorFile):
            yield one.path


@dataclass(frozen=True)
class GeneratedFrom(ProjectView):
    """What generators take in from files that Git keeps."""

    subject_kinds: ClassVar[tuple[str, ...]] = ("kustomization",)

    taken: tuple[tuple[GeneratorFile, NamedFile], ...]

    @classmethod
    def of(cls, summaries: Summaries) -> Self:
        files = {one.path: one for one in summaries.of(NamedFile)}
        return cls(tuple((one, files[one.path]) for one in summaries.of(GeneratorFile) if one.path in files))


def filed_literals(generated: GeneratedFrom) -> list[Literal]:
    """Every value that a generator takes from a file that Git keeps."""
    found = []
    for taken, file in generated.taken:
        if taken.key:
            found.append(Literal(taken.name, taken.key, file.beginning.strip(), taken.location, taken.kind, file.path))
            continue
        for line in file.beginning.splitlines():
            key, equals, value = line.strip().partition("=")
            if equals and not key.startswith("#"):
                value = value.strip("'\"")
                found.append(Literal(taken.name, key, value, taken.location, taken.kind, file.path))
    return found


_SUBSTITUTING = ("postBuild", "substitute", "substituteFrom")
MOST_PARTS = 300
"""Kustomizations that one is built from; people stay below ten."""


class Kustomizations(ProjectView):
    """All kustomizations of a project, and how they build on each other."""

    subject_kinds: ClassVar[tuple[str, ...]] = ("kustomization",)

    def __init__(self, summaries: Summaries) -> None:
        self._unseen = {opening.location.path for opening in summaries.of(Opening) if opening.near}
        self.by_flux: dict[str, tuple[Entry, ...]] = {}
        """Kustomization -> the components that Flux adds to it."""
        self.overlays = self._completed(summaries)
        self.by_folder = {overlay.folder: overlay for overlay in self.overlays}
        self._substituting = summaries.of(FluxSubstitution)
        self._flux_patches = [
            one
            for one in summaries.of(FluxPatch)
            if one.kind in ("", "Kustomization") and not one.keys.isdisjoint(_SUBSTITUTING)
        ]
        self.files = frozenset(path for known in summaries.of(KnownFiles) for path in known.paths)
        self._placements: dict[str, list[Placement]] = {}
        for one in summaries.of(Placement):
            self._placements.setdefault(one.path, []).append(one)

        self._commented_out = summaries.of(CommentedOut)
        self._made = summaries.of(MadeFile)
        self.named_files = {one.path for one in summaries.of(NamedFile)}
        """What others name, and is there, whatever it is called."""
        self._ignoring = [one for one in summaries.of(NamedFile) if posixpath.basename(one.path) == ".gitignore"]
        self._commanded = {one.name: one for one in summaries.of(EditedImage)}
        self._resources: dict[str, set[str]] = {}
        self._together: dict[frozenset[str], _Together] = {}
        self._namespaces: dict[str, frozenset[str]] = {}
        self._labels: dict[str, list[Labels]] = {}
        self._parts: dict[str, list[Overlay]] = {}
        self._cut: list[Overlay] = []
        self._met: dict[str, tuple[Named, ...] | None] = {}
        self._workloads: dict[str, list[WorkloadSummary]] = {}
        for workload in summaries.of(WorkloadSummary):
            self._workloads.setdefault(workload.location.path, []).append(workload)

    @classmethod
    def of(cls, summaries: Summaries) -> Self:
        return cls(summaries)

    def _completed(self, summaries: Summaries) -> list[Overlay]:
        """The kustomizations, each with the components that Kustomizations of Flux build it with."""
        overlays = summaries.of(Overlay)
        named: dict[str, dict[str, Entry]] = {}
        for one in summaries.of(FluxComponents):
            for text, at in one.components:
                path = posixpath.normpath(posixpath.join(one.folder, text))
                named.setdefault(one.folder, {}).setdefault(path, Entry("components", text, path, at))
        if not named:
            return list(overlays)
        folders = {overlay.folder for overlay in overlays}
        found = []
        for overlay in overlays:
            added = named.get(overlay.folder, {})
            known = tuple(entry for path, entry in added.items() if path in folders)
            if len(known) < len(added):
                self._unseen.add(overlay.path)
            if known:
                self.by_flux[overlay.path] = known
            found.append(overlay._replace(entries=overlay.entries + known) if known else overlay)
        return found

    def parts(self, overlay: Overlay) -> list[Overlay]:
        """The kustomization itself and all that it is built from, nearest first."""
        if overlay.path not in self._parts:
            self._parts[overlay.path] = self._reached(overlay)
        return self._parts[overlay.path]

    def labels_of(self, overlay: Overlay) -> list[Labels]:
        """The labels that the kustomization puts on what it has, and those of its components, which change that as well."""
        if overlay.path not in self._labels:
            parts, seen = [overlay], {overlay.path}
            for part in parts:  # which grow on the way
                for entry in part.entries:
                    below = self.by_folder.get(entry.path or "")
                    if below is not None and below.component and below.path not in seen:
                        seen.add(below.path)
                        parts.append(below)
            self._labels[overlay.path] = [one for part in parts for one in part.labels]
        return self._labels[overlay.path]

    def _reached(self, overlay: Overlay) -> list[Overlay]:
        found: dict[str, Overlay] = {}
        pending = [overlay]
        while pending:
            part = pending.pop()
            if part.path in found:
                continue
            if len(found) == MOST_PARTS:
                self._cut.append(overlay)
                break
            found[part.path] = part
            pending.extend(
                self.by_folder[entry.path]
                for entry in reversed(part.entries)
                if entry.path is not None and entry.path in self.by_folder
            )
        return list(found.values())

    def resources(self, overlay: Overlay) -> set[str]:
        """The manifests that go into the build of `overlay`, patches left out."""
        return {
            entry.path
            for part in self.parts(overlay)
            for entry in part.entries
            if entry.path is not None
            and entry.field in ("resources", "bases", "crds")
            and entry.path not in self.by_folder
        }

    @cached_property
    def roots(self) -> list[Overlay]:
        """Those that are built for their own sake: no other kustomization is built from them."""
        named = (
            (overlay, self.by_folder.get(entry.path or "/")) for overlay in self.overlays for entry in overlay.entries
        )
        used = {part.path for overlay, part in named if part is not None and part is not overlay}
        return [overlay for overlay in self.overlays if not overlay.component and overlay.path not in used]

    @cached_property
    def builds_of(self) -> dict[str, frozenset[str]]:
        """Manifest, or kustomization with generators -> the kustomizations that it goes into, of those built for their own sake."""
        found: dict[str, set[str]] = {}
        for root in self.roots:
            generating = (part.path for part in self.parts(root) if part.generated)
            for path in (*self.resources_of(root), *generating):
                found.setdefault(path, set()).add(root.path)
        return {path: frozenset(roots) for path, roots in found.items()}

    @cached_property
    def substitutions(self) -> dict[str, FluxSubstitution]:
        """Folder -> the one Kustomization of Flux that fills in variables there; not where its values are patched."""
        found: dict[str, list[FluxSubstitution]] = {}
        for one in self._substituting:
            found.setdefault(one.folder, []).append(one)
        known = {}
        roots = {root.path: root for root in self.roots} if found else {}
        for folder, (one, *others) in found.items():
            patches = [patch for patch in self._flux_patches if target_matches(patch.name, one.name)]
            if others or any("substitute" in patch.keys for patch in patches):
                continue
            builds = self.builds_of.get(one.path, ())
            if all(self.leaves_alone(roots[path], "Kustomization", one.name) for path in builds):
                known[folder] = one._replace(alone=one.alone and not patches)
        return known

    def leaves_alone(self, overlay: Overlay, kind: str, name: str) -> bool:
        """Whether all that goes into a build is known, and none of its patches may change such an object."""
        parts = self.parts(overlay)
        patches = (patch for part in parts for patch in (*part.patches, *part.replacing))
        aims = (target for patch in patches for target in self._targets(patch) or (("", ""),))
        return self._is_known(parts) and not any(target_matches(k, kind) and target_matches(n, name) for k, n in aims)

    def added(self, overlay: Overlay) -> frozenset[tuple[str, str]]:
        """What a build puts around names."""
        return frozenset((part.prefix, part.suffix) for part in self.parts(overlay) if part.prefix or part.suffix)

    def entry_of(self, overlay: Overlay, path: str) -> Entry | None:
        """By which of its entries a manifest goes into a build."""
        for entry in overlay.entries:
            below = self.by_folder.get(entry.path or "/")
            if entry.path == path or (below is not None and path in self.resources_of(below)):
                return entry
        return None

    def maker_of(self, path: str, folder: str) -> str:
        """What may make a file before the build that names it; empty where nothing does."""
        for made in self._made:
            if f"/{made.tail}/" in f"/{path}/":
                return (
                    f"a command at {made.location.path}:{made.location.line} writes a {posixpath.basename(made.tail)}"
                )
        if "flux-system" in path.split("/") and posixpath.basename(path) in ("flux-system", *_BOOTSTRAPPED):
            return "flux bootstrap writes it"
        if "vendor" in path.split("/"):
            return "vendor/ is where a program fetches what others make"
        for one in self._ignoring:
            above = f"{posixpath.dirname(one.path)}/".lstrip("/")
            if path.startswith(above) and _keeps_out(_gitignore(one.beginning), path[len(above) :]):
                return f"{one.path} keeps it out of Git"
        if source := _source_of(path, folder, self.files):
            return f"{source} may be what it is made of"
        if any(mark in path for mark in ("{{", "${")):
            return "its name is filled in later"
        if _CALLED_GENERATED.search(posixpath.basename(path)):
            return "its name says that it is generated"
        found = _COPIED.search(f"{folder}/")
        return f"{found[1]}/ holds what is copied elsewhere before it is built" if found else ""

    def exists(self, path: str) -> bool:
        """Whether there is such a file, or such a folder with a kustomization in it."""
        return path in self.files or path in self.by_folder or (path == "." and "" in self.by_folder)

    @property
    def patches(self) -> Iterator[LaidPatch]:
        """Every patch that names an object, in the build that it is laid over; none of a build that is not all known.

        A component's patch stands for itself where one of the builds that use it has its object.
        """
        shared: dict[tuple[Location, str, str], list[LaidPatch | None]] = {}
        for overlay in self.overlays:
            parts = self.parts(overlay)
            if overlay.component:
                continue
            objects = self._objects(overlay) if self._is_known(parts) else None
            for part in (overlay, *(part for part in parts if part.component)):
                for at, kind, name, strategic in self._aims(part):
                    laid = None if objects is None else LaidPatch(overlay, at, kind, name, objects, strategic)
                    if name and part.component:
                        shared.setdefault((at, kind, name), []).append(laid)
                    elif name and laid is not None:
                        yield laid
        for builds in shared.values():
            seen = [laid for laid in builds if laid is not None]
            if len(seen) == len(builds):
                yield next((laid for laid in seen if laid.meets), seen[0])

    def _aims(self, part: Overlay) -> Iterator[tuple[Location, str, str, bool]]:
        """What the patches and the replicas of a kustomization want to meet; True where the build stops otherwise."""
        for patch in part.patches:
            for kind, name in self._targets(patch):
                yield patch.location, kind, name, patch.strategic
        for replicas in part.replicas:
            if replicas.kind is None:
                yield replicas.named, _SCALED, replicas.name, True

    def _is_known(self, parts: Iterable[Overlay]) -> bool:
        """Whether all that goes into a build can be read, and says what it is."""
        for part in parts:
            if part.path in self._unseen or self._lacks(part) or any(patch.renames for patch in part.patches):
                return False
            for entry in part.entries:
                if entry.field == "generators":
                    return False
                path = entry.path or ""
                built = entry.field in ("resources", "bases") and path not in self.by_folder
                if path in self._unseen or (built and "." in path and not self._placements.get(path)):
                    return False
        return True

    def _objects(self, overlay: Overlay, above: frozenset[str] = frozenset()) -> tuple[Named, ...] | None:
        """What a kustomization's patches can meet: before its own prefix, behind those below it.

        None where that are too many: of two folders that each build on two, and so on, there is no end.
        """
        if len(above) > DEEPEST:
            return None
        if overlay.path in self._met:
            return self._met[overlay.path]
        found: dict[Named, None] = {}
        for path in dict.fromkeys(entry.path for entry in overlay.entries if entry.path in self.by_folder):
            below = self.by_folder[path or ""]
            inside = self._objects(below, above | {overlay.path}) if below.path not in above else ()
            if inside is None or len(found) + len(inside) > MOST_OBJECTS:
                self._met[overlay.path] = None
                return None
            for kind, names in inside:
                renamed = f"{below.prefix}{names[-1]}{below.suffix}"
                found[kind, names if renamed == names[-1] else (*names, renamed)] = None
        for entry in overlay.entries:
            if entry.path not in self.by_folder and entry.field in ("resources", "bases", "crds"):
                found.update(((one.kind, (one.name,)), None) for one in self._placements.get(entry.path or "", ()))
        found.update(((kind, (name,)), None) for kind, name in overlay.generated)
        self._met[overlay.path] = tuple(found)
        return self._met[overlay.path]

    def _lacks(self, part: Overlay) -> bool:
        return any(entry.path is None or not self.exists(entry.path) for entry in part.entries)

    @cached_property
    def users(self) -> dict[str, list[Overlay]]:
        """Manifest -> every kustomization whose build it goes into."""
        found: dict[str, list[Overlay]] = {}
        for overlay in self.overlays:
            for path in self.resources_of(overlay):
                found.setdefault(path, []).append(overlay)
        return found

    @cached_property
    def not_chosen(self) -> list[CommentedOut]:
        """What a kustomization has in a comment, and none builds with: a part that is not chosen."""
        if not self._commented_out:
            return []
        named = {entry.path for overlay in self.overlays for entry in overlay.entries}
        return [one for one in self._commented_out if one.path not in named]

    @cached_property
    def left_out(self) -> dict[str, str]:
        """Folder, or file, that is not chosen -> the kustomization that has it in a comment."""
        return {one.path: one.by for one in self.not_chosen}

    @cached_property
    def partial_documents(self) -> tuple[PartialDocument, ...]:
        """Resources that are no whole objects, and those that patches are laid over."""
        return tuple(self._partial_documents())

    def _partial_documents(self) -> Iterator[PartialDocument]:
        for path, overlays in sorted(self.users.items()):
            for one in self._placements.get(path, ()):
                if one.keys is not None and not one.built:
                    reason = f"goes into the build of {overlays[0].path}: what it leaves out stands elsewhere"
                    yield PartialDocument(path, reason, one.first_line, one.last_line)
        yield from self._deleted()
        yield from self._retagged()
        yield from self._edited()
        changed: dict[tuple[int, str], tuple[Placement, frozenset[str] | None]] = {}
        """id of a placement, and who changes it -> itself, and the keys."""
        for overlay in self.overlays:
            parts = [
                one for one in self.parts(overlay) if one.everywhere or one.replicas or one.patches or one.replacing
            ]
            for part in parts:
                for one, keys in self._changes(part, self._built_of(overlay)):
                    change = id(one), part.path
                    if change in changed:
                        before = changed[change][1]
                        keys = None if keys is None or before is None else keys | before
                    changed[change] = one, keys
        for overlay in self._cut:
            reason = f"is built from more than {MOST_PARTS} kustomizations, one behind the other: the others are not followed"
            yield PartialDocument(overlay.path, reason, 1, 1)
        told: set[tuple[str, int, int, frozenset[str]]] = set()
        for (_, by), (one, keys) in changed.items():
            if one.built:
                continue
            if keys is not None:
                said = one.path, one.first_line, one.last_line, keys
                if said in told:
                    continue  # whoever changes the same first is named
                told.add(said)
            reason = f"is changed by {by}: what it leaves out may stand there"
            yield PartialDocument(one.path, reason, one.first_line, one.last_line, keys)

    def _built_of(self, overlay: Overlay) -> _Together:
        """The objects in the files that go into a build: the same for all that are built of the same files."""
        paths = frozenset(self.resources_of(overlay))
        known = self._together.get(paths)
        if known is None:
            known = self._together[paths] = _Together(
                [one for path in sorted(paths) for one in self._placements.get(path, ())],
                [
                    container
                    for path in sorted(paths)
                    if not self.is_built(path)
                    for workload in self._workloads.get(path, ())
                    for container in workload.containers
                ],
            )
        return known

    def _changes(self, part: Overlay, objects: _Together) -> Iterator[tuple[Placement, frozenset[str] | None]]:
        """What one kustomization does to these objects: the keys that it sets, None where they cannot be told."""
        if part.everywhere:
            for one in objects.placements:
                yield one, part.everywhere
        if part.replicas:
            for one in objects.scaled(tuple(replicas.name for replicas in part.replicas)):
                yield one, _REPLICAS
        for patch in (*part.patches, *part.replacing):
            keys = self._keys(patch)
            for one in objects.patched(self._targets(patch)):
                yield one, keys

    def _edited(self) -> Iterator[PartialDocument]:
        """The images whose version a command sets in a kustomization before the build."""
        for image in (image for overlay in self.overlays for image in overlay.images):
            if image.name in self._commanded:
                yield self._set_by_command(image.name, image.tag_location, None)
        for path in self.users if self._commanded else ():
            for container in (c for workload in self._workloads.get(path, ()) for c in workload.containers):
                name = re.split(r"@|:(?![^/]*/)", container.image)[0]
                if name in self._commanded:
                    yield self._set_by_command(name, container.image_location, frozenset({"image"}))

    def _set_by_command(self, name: str, at: Location, keys: frozenset[str] | None) -> PartialDocument:
        by = self._commanded[name].location
        reason = f"is given its image by a command at {by.path}:{by.line}"
        if keys is None:
            return PartialDocument(at.path, reason, at.line, at.line, whole=True, but_secrets=True)
        return PartialDocument(at.path, reason, at.line, at.line, keys, column=at.column)

    def _retagged(self) -> Iterator[PartialDocument]:
        """The images whose version a kustomization sets."""
        for overlay in self.overlays:
            images = [(image, part) for part in self.parts(overlay) for image in part.images]
            for container in self._built_of(overlay).containers if images else ():
                by = next((part for image, part in images if image.matches(container.image)), None)
                if by is not None:
                    at, keys = container.image_location, frozenset({"image"})
                    reason = f"is changed by {by.path}: what it leaves out may stand there"
                    yield PartialDocument(at.path, reason, at.line, at.line, keys, column=at.column)

    def _deleted(self) -> Iterator[PartialDocument]:
        """The objects that every build takes out again."""
        roots = {overlay.path for overlay in self.roots}
        gone = {overlay.path: self._deletions(overlay) for overlay in self.roots}
        for path, overlays in self.users.items():
            builds = [overlay for overlay in overlays if overlay.path in roots]
            for one in self._placements.get(path, ()) if builds else ():
                if all(_names(gone[build.path], one) for build in builds):
                    reason = f"is deleted by {builds[0].path}: nothing of it is applied"
                    yield PartialDocument(path, reason, one.first_line, one.last_line, whole=True)

    def _deletions(self, overlay: Overlay) -> frozenset[tuple[str, str]]:
        """(kind, name) of what the patches of a build delete."""
        found: set[tuple[str, str]] = set()
        for patch in (patch for part in self.parts(overlay) for patch in part.patches):
            if patch.path is None:
                found |= patch.deletes
                continue
            for one in self._placements.get(patch.path, ()):
                if one.deleted:
                    found |= {(one.kind, one.name)} if patch.strategic else patch.deletes
        return frozenset(found)

    @cached_property
    def label_choices(self) -> dict[str, frozenset[str]]:
        """The labels that kustomizations set to one value or another: an object of several builds has each of them in one."""
        found: dict[str, set[str]] = {}
        for overlay in self.overlays:
            for labels in overlay.labels:
                for key, value in labels.pairs:
                    found.setdefault(key, set()).add(value)
        return {key: frozenset(values) for key, values in found.items() if len(values) > 1}

    def namespaces_of(self, path: str) -> frozenset[str]:
        """The namespaces that builds put the objects of a file into; an empty one stands for those that leave them where
        they are."""
        known = self._namespaces.get(path)
        if known is None:
            roots = (root for root in self.roots if path in self.resources_of(root))
            known = frozenset(self._namespace(root, path, set()) or "" for root in roots)
            self._namespaces[path] = known
        return known

    def _namespace(self, overlay: Overlay, path: str, seen: set[str]) -> str | None:
        """The namespace that a build gives a file's objects: its own, else that of what it builds on."""
        if overlay.namespace or overlay.path in seen or len(seen) > DEEPEST:
            return overlay.namespace or None
        seen.add(overlay.path)
        for entry in overlay.entries:
            below = self.by_folder.get(entry.path or "")
            if below is not None and path in self.resources_of(below):
                found = self._namespace(below, path, seen)
                if found is not None:
                    return found
        return None

    def resources_of(self, overlay: Overlay) -> set[str]:
        if overlay.path not in self._resources:
            self._resources[overlay.path] = self.resources(overlay)
        return self._resources[overlay.path]

    def has_objects(self, path: str) -> bool:
        return bool(self._placements.get(path))

    def is_built(self, path: str) -> bool:
        """Whether the objects of a file are seen as a build gives them."""
        return any(one.built for one in self._placements.get(path, ()))

    def _targets(self, patch: Patch) -> tuple[tuple[str, str], ...]:
        """(kind, name) of what a patch says it changes; a file that is not there may change whatever there is."""
        if patch.targets or patch.path is None:
            return patch.targets
        if not self.exists(patch.path):
            return (("", ""),)
        return tuple((one.kind, one.name) for one in self._placements.get(patch.path, ()))

    def _keys(self, patch: Patch) -> frozenset[str] | None:
        """The keys that a patch sets; None where it cannot be told."""
        if patch.path is None:
            return patch.keys
        documents = self._placements.get(patch.path, ())
        sets = [one.keys for one in documents if one.keys is not None]
        return frozenset().union(*sets) if documents and len(sets) == len(documents) else None


_REPLICAS = frozenset({"replicas"})


class _Together:
    """The objects that some kustomizations are built of: each is asked once what many of them change alike."""

    def __init__(self, placements: list[Placement], containers: list[ContainerSummary]) -> None:
        self.placements = placements
        self.containers = containers
        """Those whose images are as their files have them."""
        self._scaled: dict[tuple[str, ...], list[Placement]] = {}
        self._patched: dict[tuple[tuple[str, str], ...], list[Placement]] = {}

    def scaled(self, names: tuple[str, ...]) -> list[Placement]:
        """Those that may have one of the names that numbers of pods are said for."""
        if names not in self._scaled:
            self._scaled[names] = [
                one for one in self.placements if one.name and any(one.name in name for name in names)
            ]
        return self._scaled[names]

    def patched(self, targets: tuple[tuple[str, str], ...]) -> list[Placement]:
        """Those of the kinds and names that a patch is for."""
        if targets not in self._patched:
            self._patched[targets] = [
                one
                for one in self.placements
                if any(target_matches(kind, one.kind) and target_matches(name, one.name) for kind, name in targets)
            ]
        return self._patched[targets]


@functools.lru_cache(maxsize=64)
def _gitignore(text: str) -> Gitignore:
    return Gitignore(text.encode("utf-8", "replace"))


def _keeps_out(patterns: Gitignore, path: str) -> bool:
    folders = [folder for folder in _folders(path) if folder != "."]
    is_folder = not posixpath.splitext(path)[1]
    return any(patterns.verdict(one, True) for one in folders) or patterns.verdict(path, is_folder) is True


def ignoring_files(told: Iterable[object]) -> Iterator[str]:
    """The paths of what may say that Git does not keep a file which a kustomization names."""
    folders: dict[str, None] = {}
    for one in told:
        if isinstance(one, Overlay):
            for entry in one.entries:
                if entry.path is not None:
                    folders.update(dict.fromkeys(_folders(entry.path)))
    for folder in folders:
        yield posixpath.normpath(posixpath.join(folder, ".gitignore"))


_MANIFESTS = (".yaml", ".yml", ".json")


def oddly_named_files(told: Iterable[object]) -> Iterator[str]:
    """The paths of what kustomizations build with, and what no manifest is called like: a file, or a folder without one."""
    overlays = [one for one in told if isinstance(one, Overlay)]
    folders = {overlay.folder for overlay in overlays}
    for overlay in overlays:
        for entry in overlay.entries:
            if entry.field in ("resources", "bases") and entry.path and entry.path not in folders:
                if not entry.path.endswith(_MANIFESTS):
                    yield entry.path


def laid_patches(kustomizations: Kustomizations) -> Iterator[LaidPatch]:
    """Every patch that names an object, in each build that it is laid over; of one file, what meets nothing is one."""
    for _, parts in groupby(kustomizations.patches, lambda one: (one.overlay.path, one.location)):
        together = list(parts)
        idle = [one for one in together if one.objects and not one.meets] if len(together) > 1 else []
        yield from (one for one in together if one not in idle)
        if idle:
            yield next(filter(attrgetter("stops"), idle), idle[0])._replace(others=len(idle) - 1)


class MissingEntry(NamedTuple):
    """A file that a kustomization names and the repository does not have."""

    entry: Entry
    made: str
    """What may make it before the build; empty where nothing does."""
    others: tuple[Entry, ...] = ()
    """What else is not there, where that is most of what the kustomization names: something puts it all there."""

    @property
    def label(self) -> str:
        return self.entry.label

    @property
    def location(self) -> Location:
        return self.entry.location


def missing_entries(kustomizations: Kustomizations) -> list[MissingEntry]:
    """What kustomizations name and the repository does not have."""
    known = kustomizations.files
    folders = {folder for path in known for folder in _folders(path.rstrip("/"))}
    found: list[MissingEntry] = []
    for overlay in kustomizations.overlays:
        named = [
            entry
            for entry in overlay.entries
            if entry.path is not None and posixpath.splitext(entry.path)[1] in ("", ".yaml", ".yml", ".json")
        ]
        missing = [
            MissingEntry(entry, kustomizations.maker_of(entry.path, overlay.folder))
            for entry in named
            if entry.path is not None
            and entry.path not in known
            and entry.path not in kustomizations.named_files
            and entry.path not in folders
            and not any(f"{folder}/" in known for folder in (entry.path, *_folders(entry.path)))
        ]
        unmade = [one for one in missing if not one.made]
        if (len(unmade) > _SLIPS and 2 * len(missing) > len(named)) or 1 < len(unmade) == len(named):
            made = [one for one in missing if one.made]
            missing = [unmade[0]._replace(others=tuple(one.entry for one in unmade[1:])), *made]
        found += missing
    return found


def unread_entries(kustomizations: Kustomizations) -> list[Entry]:
    """The resources whose names are not those of manifests, so that nobody here has read them."""
    return [
        entry
        for overlay in kustomizations.overlays
        for entry in overlay.entries
        if entry.field in ("resources", "bases")
        and entry.path in kustomizations.named_files
        and not entry.path.endswith(_MANIFESTS)
        and not kustomizations.has_objects(entry.path)
    ]


_SLIPS = 3
"""How many files somebody forgets who writes a kustomization by hand."""


_SOURCE_OF = (
    "tmpl",
    "tpl",
    "j2",
    "jinja",
    "jinja2",
    "gotmpl",
    "in",
    "template",
    "envsubst",
    "example",
    "sample",
    "dist",
)
_ENCRYPTED_FORMS = ("enc", "encrypted", "sops", "sealed", "age", "gpg", "example", "sample", "template")


def _source_of(path: str, folder: str, known: Collection[str]) -> str:
    """What lies beside a file that is not there and says how it is made: its template, its encrypted form, a chart."""
    stem, ending = posixpath.splitext(path)
    chart = posixpath.join(folder, "Chart.yaml")
    if posixpath.dirname(path) == folder and chart in known:
        return chart
    forms = [f"{path}.{one}" for one in (*_SOURCE_OF, *_ENCRYPTED_FORMS)]
    forms += [f"{stem}{mark}{one}{ending}" for mark in ".-" for one in _ENCRYPTED_FORMS]
    return next((form for form in forms if form in known), "")


def _folders(path: str) -> Iterator[str]:
    while path:
        path = posixpath.dirname(path)
        yield path or "."


def target_matches(pattern: str, text: str) -> bool:
    """Whether a target's kind or name means this one; only the `.*` of regular expressions is understood."""
    if not pattern or pattern == text:
        return True
    if pattern.isalnum():  # most are plain words, compared with every object of a build
        return False
    if choice := _CHOICE.fullmatch(pattern):
        return text in choice[1].split("|")
    if not _REGULAR.search(pattern.replace(".*", "")):
        return fnmatch.fnmatchcase(text, pattern.strip("^$").replace(".*", "*"))
    return True


def operations_on(target: Node, operations: Node) -> Iterator[Node]:
    """What the operations of a JSON patch write, as parts of the object that they are laid over."""
    for operation in operations:
        value, path = operation["value"], operation["path"]
        segments = [unescaped(segment) for segment in path.text.split("/")[1:]]
        written = operation["op"].text in ("add", "replace") and value.exists
        if not written or not 0 < len(segments) <= DEEPEST:
            continue
        part = value
        for segment in reversed(segments):
            inner = part
            if segment == "-" or segment.isdecimal():
                part = Sequence(path.source, path.start, None)
                part.add(inner)
            else:
                part = Mapping(path.source, path.start, None, False)
                key = Scalar(path.source, path.start, path.end, None, segment, None)
                part.add(key, inner)
                inner.key = inner.key or key
            part.end = path.end
        kind, name = target["kind"], target["name"]
        if isinstance(part, Mapping):
            whole = part.completed(*([kind] if isinstance(kind, Scalar) else []))
            if not whole["metadata"].exists:
                metadata = Mapping(path.source, path.start, None, False)
                metadata.end = path.end
                called = Scalar(path.source, path.start, path.end, None, name.text or "*", None)
                key = Scalar(path.source, path.start, path.end, None, "name", None)
                metadata.add(key, called)
                called.key = key
                whole.add(Scalar(path.source, path.start, path.end, None, "metadata", None), metadata)
            yield whole


def _names(objects: frozenset[tuple[str, str]], one: Placement) -> bool:
    """Whether one of these (kind, name) is the object, under its own name, one with a prefix and suffix, or a pattern."""
    return any(
        target_matches(kind, one.kind) and one.name and (one.name in name or target_matches(name, one.name))
        for kind, name in objects
    )


def _selects(target: Node) -> bool:
    """Whether a target chooses by more than kinds and names."""
    return any(target[key].present for key in ("labelSelector", "annotationSelector"))


class Inline(NamedTuple):
    """What a patch that is written in a kustomization says, wherever it stands."""

    targets: tuple[tuple[str, str], ...] = ()
    """(kind, name) of every object in it."""
    keys: frozenset[str] | None = None
    """The keys that it sets; None where that is not known."""
    deletes: frozenset[tuple[str, str]] = frozenset()
    of_objects: bool = False
    """Whether it is laid over objects that it names itself."""
    sets_replicas: bool = False
    """Whether one of its operations does."""
    judged: bool = True
    """Whether rules look at all that it says of objects."""


_read_inline: dict[str, Inline] = {}
_MOST_READ = 1_000


def read_inline(patch: Scalar) -> Inline:
    """What a patch says, read once for all kustomizations that say the same."""
    known = _read_inline.get(patch.text)
    if known is None:
        if len(_read_inline) > _MOST_READ:
            _read_inline.clear()
        known = _read_inline[patch.text] = _inline_of(read_patch(patch))
    return known


def _inline_of(stream: Stream | None) -> Inline:
    if stream is None:
        return Inline()
    targets: list[tuple[str, str]] = []
    deletes: set[tuple[str, str]] = set()
    keys: set[str] = set()
    sets_replicas = False
    objects = [document.root for document in stream.documents if document.root.is_mapping]
    judged = all(is_judged(one.kind, one.group) and not installs_chart(one) for one in map(manifest_of, objects))
    for root in objects:
        targets.append((root["kind"].text, root["metadata"]["name"].text))
        if root["$patch"].text == "delete":
            deletes.add(targets[-1])
        keys |= keys_of(root)
    for document in stream.documents:
        for operation in document.root:
            path = operation["path"].text
            sets_replicas = sets_replicas or path == "/spec/replicas"
            judged = judged and not path.startswith("/apiVersion")
            keys.update(unescaped(segment) for segment in path.split("/"))
            keys |= keys_of(operation["value"])
    if stream.faults:
        return Inline((), None, frozenset(), bool(objects), sets_replicas, judged)
    return Inline(tuple(targets), frozenset(keys), frozenset(deletes), bool(objects), sets_replicas, judged)


def _keys_of(generator: Node) -> frozenset[str] | None:
    if generator["envs"].present or generator["env"].present:
        return None
    literals = (item.text.partition("=")[0] for item in generator["literals"].strings())
    files = (item.text.partition("=") for item in generator["files"].strings())
    return frozenset((*literals, *(name if equals else posixpath.basename(name) for name, equals, _ in files)))


def partial_documents(summaries: Summaries) -> Iterable[PartialDocument]:
    """The resources of kustomizations that are no whole objects, and those that patches are laid over."""
    return summaries.seen_by(Kustomizations).partial_documents
