"""Kubernetes manifests: objects, workloads, containers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, NamedTuple

from devopslint.model import Annotation, Fault, Location, NotChecked, PartialDocument
from devopslint.readers.yaml import SEPARATOR, Document, Missing, Node, Stream
from devopslint.views.image import ImageReference
from devopslint.views.yaml_file import YamlFile

NEWEST_MINOR = 37
"""Of the newest Kubernetes version that the rules know: 1.37."""

_POD_SPECS: dict[str, tuple[str, ...]] = {
    "Pod": ("spec",),
    "PodTemplate": ("template", "spec"),
    "Deployment": ("spec", "template", "spec"),
    "DeploymentConfig": ("spec", "template", "spec"),
    "ReplicaSet": ("spec", "template", "spec"),
    "ReplicationController": ("spec", "template", "spec"),
    "StatefulSet": ("spec", "template", "spec"),
    "DaemonSet": ("spec", "template", "spec"),
    "Job": ("spec", "template", "spec"),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    "Rollout": ("spec", "template", "spec"),
}
"""Where each kind of workload keeps its pod's spec."""

_SELECTING = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"})
_DIRECTIVES = frozenset({"$patch", "$retainKeys", "$deleteFromPrimitiveList"})
"""The keys with which a strategic merge patch says how it is to be merged."""
_POD_SPEC_GROUPS = frozenset({"", "apps", "batch", "extensions", "argoproj.io", "apps.openshift.io"})
_TEMPLATE_MARK = re.compile(r"\{\{|\{%")


@dataclass(frozen=True)
class Manifest:
    """One Kubernetes object as it is written."""

    node: Node

    @property
    def kind(self) -> str:
        return self.node["kind"].text

    @property
    def api_version(self) -> str:
        return self.node["apiVersion"].text

    @property
    def group(self) -> str:
        """The API group; empty for the core group."""
        group, slash, _ = self.api_version.partition("/")
        return group if slash else ""

    @property
    def metadata(self) -> Node:
        return self.node["metadata"]

    @property
    def spec(self) -> Node:
        return self.node["spec"]

    @property
    def name(self) -> str:
        return self.metadata["name"].text or self.metadata["generateName"].text

    @property
    def namespace(self) -> str:
        """As written; empty where the object names none."""
        return self.metadata["namespace"].text

    @property
    def labels(self) -> dict[str, str]:
        return texts(self.metadata["labels"])

    @property
    def annotations(self) -> dict[str, str]:
        return texts(self.metadata["annotations"])

    @property
    def label(self) -> str:
        return f"{self.kind}/{self.name}" if self.name else self.kind

    @property
    def location(self) -> Location:
        """The object's name; without one, the line that says its kind."""
        name = self.metadata["name"]
        return name.location if name.present else self.node["kind"].location


class Placement(NamedTuple):
    """Summary: which lines of a file an object stands on."""

    path: str
    kind: str
    name: str
    first_line: int
    last_line: int
    keys: frozenset[str] | None
    """The keys of a workload that lacks what no cluster does without: it is a patch, or waits for one."""
    built: bool = False
    """True where the object is seen whole, in what is built."""


@dataclass(frozen=True)
class Workload(Manifest):
    """An object that runs pods."""

    @cached_property
    def template(self) -> Node:
        """What the pods are made from: the node that has the pod's metadata and spec."""
        return self.node.get(*_POD_SPECS[self.kind][:-1])

    @cached_property
    def pod(self) -> Node:
        """The pod's spec."""
        return self.node.get(*_POD_SPECS[self.kind])

    @property
    def pod_labels(self) -> dict[str, str]:
        return texts(self.template["metadata"]["labels"])

    @property
    def pod_annotations(self) -> dict[str, str]:
        return texts(self.template["metadata"]["annotations"])

    @cached_property
    def containers(self) -> list[Container]:
        """Every container: the main ones, init and sidecar containers, ephemeral ones."""
        return [
            Container(self, node, role)
            for key, role in (("containers", "main"), ("initContainers", "init"), ("ephemeralContainers", "ephemeral"))
            for node in self.pod[key]
            if node.is_mapping
        ]

    @property
    def incomplete(self) -> bool:
        """Whether it lacks what no cluster takes it without: a selector, a container, an image."""
        unselected = self.kind in _SELECTING and not self.spec["selector"].present
        main = [container for container in self.containers if container.role == "main"]
        return unselected or not main or any(not container.node["image"].present for container in main)

    @property
    def windows(self) -> bool:
        return self.pod.get("os", "name").text == "windows"

    @property
    def user_namespace(self) -> bool:
        """Whether the pod's users, root too, are nobody on the node."""
        return self.pod["hostUsers"].value is False

    @property
    def ends(self) -> bool:
        """Whether its pods do their work and end."""
        return self.kind in ("Job", "CronJob") or (
            self.kind == "Pod" and self.pod["restartPolicy"].text in ("Never", "OnFailure")
        )

    @property
    def volumes(self) -> list[Node]:
        return [volume for volume in self.pod["volumes"] if volume.is_mapping]


class Container(NamedTuple):
    """One container of a workload's pod."""

    workload: Workload
    node: Node
    role: str
    """main, init or ephemeral."""

    @property
    def name(self) -> str:
        return self.node["name"].text

    @property
    def sidecar(self) -> bool:
        """An init container that keeps running beside the main ones."""
        return self.role == "init" and self.node["restartPolicy"].text == "Always"

    @property
    def label(self) -> str:
        return f"{self.workload.label} container {self.name}"

    @property
    def image(self) -> ImageReference | None:
        """None where none is written, or where it is not known before it is rendered."""
        text = self.node["image"].text
        return None if not text.strip() or "$" in text or "{{" in text else ImageReference.parse(text)

    @property
    def image_location(self) -> Location:
        """Where its image is named, for what a kustomization that names another version takes back."""
        return self.node["image"].location._replace(wanted="image")

    @property
    def ports(self) -> list[Node]:
        return [port for port in self.node["ports"] if port.is_mapping]

    @property
    def env(self) -> list[Node]:
        return [variable for variable in self.node["env"] if variable.is_mapping]

    @property
    def location(self) -> Location:
        return self.node.location

    def security(self, *path: str) -> Node:
        """The container's own value in its securityContext, else the pod's, else the container's place for it."""
        own = self.node.get("securityContext", *path)
        pod = self.workload.pod.get("securityContext", *path)
        return pod if not own.present and pod.present else own


class Manifests(YamlFile):
    """The Kubernetes objects of one file; lists are taken apart, a repeated key is read both ways."""

    kinds: ClassVar[tuple[str, ...]] = ("manifest",)
    yaml_version: ClassVar[str] = "1.1"

    def __init__(self, path: str, stream: Stream) -> None:
        super().__init__(path, stream)
        templates = _templates(stream)
        self.faults = [fault for fault in self.faults if fault not in templates]
        lines = [fault.location.line for fault in templates]
        lines += [document.templated.line for document in stream.documents if document.templated is not None]
        reason = "is a template: what it renders to is not known here"
        self.not_checked = [NotChecked(path, reason, line) for line in lines]

    @cached_property
    def documents(self) -> list[Document]:
        return [document for document in self.stream.documents if document.templated is None]

    @cached_property
    def objects(self) -> list[Manifest]:
        roots = [root for document in self.documents for root in document.readings]
        return [_manifest(node) for root in roots for node in _unlisted(root)]

    @property
    def annotations(self) -> Iterator[Annotation]:
        """Those of every object, and those of every pod template for the lines of the template."""
        for manifest in self.objects:
            yield from _annotations(manifest.metadata["annotations"], manifest.node)
            if isinstance(manifest, Workload) and manifest.kind != "Pod":
                yield from _annotations(manifest.template["metadata"]["annotations"], manifest.template)

    def summaries(self) -> Iterator[object]:
        from devopslint.views.cluster_summaries import summaries_of  # it is made of the words of this module

        yield from summaries_of(self)
        yield from placements(self)
        if "$patch" in self.stream.source.text or "$retainKeys" in self.stream.source.text:
            yield from self._patches()

    def _patches(self) -> Iterator[PartialDocument]:
        """The documents that say of themselves that they are laid over others."""
        for one in self.objects:
            if not _DIRECTIVES.isdisjoint(keys_of(one.node)):
                reason = "is a patch: what it leaves out stands elsewhere"
                yield PartialDocument(self.path, reason, *_lines(one.node))


def objects(manifests: Manifests) -> list[Manifest]:
    """Every object."""
    return manifests.objects


def workloads(manifests: Manifests) -> list[Workload]:
    """Every object that runs pods."""
    return [manifest for manifest in manifests.objects if isinstance(manifest, Workload)]


def containers(manifests: Manifests) -> list[Container]:
    """Every container of every workload: main, init, sidecar and ephemeral ones."""
    return [container for workload in workloads(manifests) for container in workload.containers]


def placements(manifests: Manifests) -> Iterator[Placement]:
    for one in manifests.objects:
        keys = keys_of(one.node) if isinstance(one, Workload) and one.incomplete else None
        yield Placement(manifests.path, one.kind, one.name, *_lines(one.node), keys)


def keys_of(node: Node) -> frozenset[str]:
    """The keys at any depth."""
    return frozenset(key.text for below in node.walk() for key, _ in below.items())


def long_running_containers(manifests: Manifests) -> list[Container]:
    """Every container that is meant to run as long as its pod, but for sidecars."""
    return [
        c for workload in workloads(manifests) if not workload.ends for c in workload.containers if c.role == "main"
    ]


def lasting_containers(manifests: Manifests) -> list[Container]:
    """Every container but the ephemeral ones, which cannot have resources."""
    return [container for container in containers(manifests) if container.role != "ephemeral"]


def minor_version(text: str) -> int:
    """The minor of a Kubernetes version: 37 of `v1.37`; the newest known where the text is no version."""
    found = re.match(r"v?1\.(\d{1,3})", text.strip())
    return int(found.group(1)) if found else NEWEST_MINOR


def texts(node: Node) -> dict[str, str]:
    """A mapping of scalars, uninterpreted: labels, annotations, selectors."""
    return {key.text: value.text for key, value in node.items() if value.is_scalar}


def _manifest(node: Node) -> Manifest:
    manifest = Manifest(node)
    if manifest.kind in _POD_SPECS and manifest.group in _POD_SPEC_GROUPS:
        return Workload(node)
    return manifest


def _unlisted(root: Node) -> Iterator[Node]:
    """The objects in a document: itself, or what a List holds, lists within lists too."""
    seen: set[int] = set()
    pending = [root]
    while pending:
        node = pending.pop()
        if id(node) in seen or not node.is_mapping:
            continue
        seen.add(id(node))
        if node["kind"].text.endswith("List") and node["items"].is_sequence:
            pending.extend(reversed(list(node["items"])))
        elif node["kind"].text:
            yield node


def _annotations(node: Node, carrier: Node) -> Iterator[Annotation]:
    if isinstance(carrier, Missing) or not node.is_mapping:
        return
    first, last = _lines(carrier)
    for key, value in node.items():
        yield Annotation(key.text, value.text, value.location, first, last)


def _lines(node: Node) -> tuple[int, int]:
    """First and last line of a value with its key."""
    return node.source.place(node.key.start if node.key is not None else node.start)[0], node.last_line


def _templates(stream: Stream) -> list[Fault]:
    """The faults of documents that are no YAML, but have {{ … }} in them: they wait to be rendered."""
    found = []
    text = stream.source.text
    starts = [0, *(separator.start() for separator in SEPARATOR.finditer(text)), len(text)]
    lines = stream.source.line_starts
    for fault in stream.faults:
        at = lines[fault.location.line - 1] + fault.location.column - 1
        begin = max(start for start in starts if start <= at)
        end = min((start for start in starts if start > at), default=len(text))
        before = max((start for start in starts if start < begin), default=begin)
        if _TEMPLATE_MARK.search(text, before, end):
            found.append(fault)
    return found
