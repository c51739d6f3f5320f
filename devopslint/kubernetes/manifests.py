"""Kubernetes manifests: objects, workloads, containers."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import ClassVar

from devopslint.deferred import cached_property, compiled
from devopslint.kubernetes.argo_projects import project_summaries
from devopslint.kubernetes.deliveries import delivery_summaries
from devopslint.kubernetes.judged import is_judged
from devopslint.kubernetes.load_balancers import balancing_summaries
from devopslint.kubernetes.mesh import mesh_summaries
from devopslint.kubernetes.openings import installs_chart
from devopslint.kubernetes.rollouts import rollout_summaries
from devopslint.kubernetes.summaries import summaries_of
from devopslint.kubernetes.sync_order import sync_orders
from devopslint.kubernetes.unapplied import (
    Early,
    Local,
    PutAway,
    fetched,
    is_generated,
    is_loopback,
    kept_for_others,
    released,
    tests_around,
)
from devopslint.kubernetes.witnesses import of_manifest
from devopslint.kubernetes.workloads import (
    Container,
    Manifest,
    Placement,
    Vendored,
    Workload,
    is_fragment,
    keys_of,
    manifest_of,
)
from devopslint.model import Annotation, Fault, Location, NotChecked, Opening, PartialDocument
from devopslint.readers.cluster_commands import openings_in_commands
from devopslint.readers.folders import local_in, put_away_in, vendored
from devopslint.readers.yaml import SEPARATOR, Document, Mapping, Missing, Node, Scalar, Stream
from devopslint.readers.yaml_dialects import KUBERNETES, Dialect
from devopslint.readers.yaml_file import TEMPLATE, YamlFile, misshapen

_DIRECTIVES = frozenset({"$patch", "$retainKeys", "$deleteFromPrimitiveList"})
"""The keys with which a strategic merge patch says how it is to be merged."""
_TEMPLATE_MARK = compiled(
    r"\{\{|\{%|<%|@[A-Za-z][\w.-]*@|\{[A-Z][A-Z0-9_]+\}|%[A-Z][A-Z0-9_]+%|#[A-Z][A-Z0-9_]+#|__[A-Z][A-Z0-9_]+__|<[A-Z][A-Z0-9_-]+>"
    r"|:[ ]\{[a-z][a-z0-9_]+\}[/.:-]|(?<![\w-])REPLACE[_-][A-Z][A-Z0-9_-]+(?![\w-])"
)
"""What is put in later, by a program for templates, sed or a build tool."""


_YTT = compiled(r"(?:^|[ \t])#@(?:[ \t]|(?:data|overlay|schema|yaml|ytt)/)", re.MULTILINE)
"""Code in comments: ytt puts values in where the file has none."""


_CONSTRAINED = frozenset(("allowPrivilegeEscalation", "capabilities", "drop", "runAsNonRoot", "seccompProfile", "type"))
"""What restricted-v2, which OpenShift holds every pod to that asks for no other, sets or demands."""


class Manifests(YamlFile):
    """The Kubernetes objects of one file; lists are taken apart, a repeated key is read both ways."""

    kinds: ClassVar[tuple[str, ...]] = ("manifest", "kustomization")
    dialect: ClassVar[Dialect] = KUBERNETES

    def __init__(self, path: str, stream: Stream) -> None:
        super().__init__(path, stream)
        templates = _templates(stream)
        self.faults = [fault for fault in self.faults if fault not in templates]
        lines = [fault.location.line for fault in templates]
        lines += [document.templated.line for document in stream.documents if document.templated is not None]
        self.not_checked += [NotChecked(path, TEMPLATE, line) for line in lines]
        self._by_ytt = "#@" in stream.source.text and _YTT.search(stream.source.text) is not None
        if self._by_ytt:
            self.not_checked = [NotChecked(path, "is a template of ytt: what it renders to is not known here", 1)]
            self.faults = []
        elsewhere = kept_for_others(path)
        self.vendored = vendored(path) or fetched(stream.source.text)
        self.unchecked = bool(elsewhere)
        if elsewhere or (self.vendored and self.faults):
            self.not_checked = [NotChecked(path, elsewhere or self.vendored)]
        if elsewhere or self.vendored:
            self.faults = []
        else:
            self.faults += self._misshapen()

        self._opens = bool(self.faults or self.not_checked)
        self._processed = [one.root for one in stream.documents if _is_processed(one.root)]
        self.not_checked += self._unjudged()

    def _misshapen(self) -> Iterator[Fault]:
        """Objects whose kind, or whose version, is no text."""
        for document in self.stream.documents if not self._by_ytt else ():
            pair = (document.root["apiVersion"], document.root["kind"])
            # Where both are none, it is the schema of an object.
            if document.templated is None and any(one.is_scalar and one.text for one in pair):
                for name, one in zip(("apiVersion", "kind"), pair, strict=True):
                    yield from misshapen(one, f"'{name}'", "text")

    def _unjudged(self) -> list[NotChecked]:
        """The kinds of object that no rule looks at, at the first of each."""
        first: dict[tuple[str, str], Manifest] = {}
        for one in self.objects:
            if not is_judged(one.kind, one.group):
                first.setdefault((one.kind, one.group), one)
        kinds = [
            NotChecked(self.path, f"no rule looks at the kind {kind} of {group}", one.node["kind"].line)
            for (kind, group), one in first.items()
        ]
        reason = "installs a chart: what that renders to is not checked"
        made = next((node for one in self.documents for node in _unlisted(one.root) if _is_owned(node)), None)
        record = "is an object as its controller made it: nobody applies it"
        return [
            *kinds,
            *(() if made is None or self.unchecked else (NotChecked(self.path, record, made["metadata"].line),)),
            *(NotChecked(self.path, reason, one.location.line) for one in self.objects if installs_chart(one)),
        ]

    @cached_property
    def documents(self) -> list[Document]:
        if self._by_ytt:
            return []
        return [document for document in self.stream.documents if document.templated is None]

    @cached_property
    def objects(self) -> list[Manifest]:
        if self.unchecked:
            return []
        roots = [root for document in self.documents for root in document.readings]
        return [manifest_of(node) for root in roots for node in _unlisted(root) if not _is_owned(node)]

    @cached_property
    def by_kind(self) -> dict[str, list[Manifest]]:
        """The objects of each kind."""
        found: dict[str, list[Manifest]] = {}
        for manifest in self.objects:
            found.setdefault(manifest.kind, []).append(manifest)
        return found

    @property
    def annotations(self) -> Iterator[Annotation]:
        """Those of every object, and those of every pod template for the lines of the template."""
        for manifest in self.objects:
            yield from _annotations(manifest.metadata["annotations"], manifest.node)
            if isinstance(manifest, Workload) and manifest.kind != "Pod":
                yield from _annotations(manifest.template["metadata"]["annotations"], manifest.template)

    def summaries(self) -> Iterator[object]:
        if self.unchecked:
            return
        if self.vendored:
            yield Vendored(self.path, self.vendored)
            yield from summaries_of(self.objects)
            yield from placements_of(self.path, self.objects)
            return
        yield from tests_around(self.path)
        yield from self._local()
        if away := put_away_in(self.path):
            yield PutAway(self.path, away)
        yield from released(self.path, self.stream.source.text)
        if is_generated(self.stream.source.text):
            reason = "is what `flux bootstrap` generates: it is written anew with each version of Flux"
            yield PartialDocument(self.path, reason, whole=True, but_secrets=True)
        if self._opens:
            reason = "cannot be read" if self.faults else "is a template"
            yield Opening(Location(self.path, 1, 1, 1, 1), f"{self.path} {reason}", near=True)
        if self._processed:
            reason = f"{self.path} is a Template: the project that it is processed in may have more"
            yield Opening(Location(self.path, 1, 1, 1, 1), reason, near=True)
        reason = "is a Template of OpenShift, whose security context constraints set what it leaves out"
        for template in self._processed:
            yield PartialDocument(self.path, reason, *_lines(template), keys=_CONSTRAINED, exact=True)
        yield from summaries_of(self.objects)
        yield from rollout_summaries(self.objects)
        yield from mesh_summaries(self.objects)
        yield from delivery_summaries(self.objects)
        yield from balancing_summaries(self.objects)
        yield from sync_orders(self.objects)
        yield from project_summaries(self.objects)
        yield from placements_of(self.path, self.objects)
        for one in self.objects:
            if "beta" in one.api_version and ("." not in one.group or one.group.endswith(".k8s.io")):
                yield Early(self.path, one.node.line, one.node.last_line)
        yield from self._dumps()
        for one in self.objects:
            if one.group == "chainsaw.kyverno.io":
                yield from openings_in_commands(self.path, self.stream.source.text)
                yield from _expectations(self.path, one)
        for one in self.objects:
            yield from of_manifest(one)
        if "$patch" in self.stream.source.text or "$retainKeys" in self.stream.source.text:
            yield from self._patches()

    def _local(self) -> Iterator[Local]:
        """Whether a cluster on somebody's own machine gets the file: by its folder, its images or its hosts."""
        if folder := local_in(self.path):
            yield Local(self.path, f"lies in {folder}/: it is for a cluster on somebody's own machine")
            return
        never = "Never" in self.stream.source.text
        for one in self.objects:
            if (
                never
                and isinstance(one, Workload)
                and any(box.node["imagePullPolicy"].text == "Never" for box in one.containers)
            ):
                reason = "runs an image that no node pulls: it is for a cluster on somebody's own machine"
                yield Local(self.path, reason)
            elif one.kind == "Ingress" and any(is_loopback(rule["host"].text) for rule in one.node["spec"]["rules"]):
                reason = "lies beside an Ingress for localhost: it is for a cluster on somebody's own machine"
                yield Local(self.path, reason, beside=True)

    def _dumps(self) -> Iterator[PartialDocument]:
        """Objects as a cluster has given them out."""
        for one in self.objects:
            if one.metadata["uid"].present or (one.metadata["resourceVersion"].present and one.node["status"].present):
                reason = "is an object as a cluster gave it out: what it leaves out is not known"
                yield PartialDocument(self.path, reason, *_lines(one.node))
                if self.path.endswith(".json") and one.node["status"].present:
                    reason = "is a record of an object as it was in a cluster: nobody applies it"
                    yield PartialDocument(self.path, reason, *_lines(one.node), whole=True, but_secrets=True)

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


def placements_of(path: str, objects: Iterable[Manifest]) -> Iterator[Placement]:
    for one in objects:
        keys = keys_of(one.node) if isinstance(one, Workload) and one.incomplete else None
        fragment = is_fragment(one)
        deleted = one.node["$patch"].text == "delete"
        lines = _lines(one.node)
        yield Placement(path, one.kind, one.name, *lines, keys, fragment=fragment, deleted=deleted)


def long_running_containers(manifests: Manifests) -> list[Container]:
    """Every container that is meant to run as long as its pod, but for sidecars."""
    return [
        c for workload in workloads(manifests) if not workload.ends for c in workload.containers if c.role == "main"
    ]


def lasting_containers(manifests: Manifests) -> list[Container]:
    """Every container but the ephemeral ones, which cannot have resources."""
    return [container for container in containers(manifests) if container.role != "ephemeral"]


def _expectations(path: str, test: Manifest) -> Iterator[PartialDocument]:
    """The files with which a test of chainsaw compares what is in the cluster."""
    folder = posixpath.dirname(path)
    for node in test.spec.walk():
        if node.key is not None and node.key.text in ("assert", "error") and node["file"].text:
            named = posixpath.normpath(posixpath.join(folder, node["file"].text))
            yield PartialDocument(named, "is what a test expects of an object: nothing in it is applied", whole=True)


def _unlisted(root: Node) -> Iterator[Node]:
    """The objects in a document: itself, or what a List or a Template of OpenShift holds, lists within lists too."""
    seen: set[int] = set()
    pending = [root]
    while pending:
        node = pending.pop()
        if id(node) in seen or not node.is_mapping:
            continue
        seen.add(id(node))
        if node["kind"].text.endswith("List") and node["items"].is_sequence:
            pending.extend(_typed(item, node) for item in reversed(list(node["items"])))
        elif _is_processed(node):
            pending.extend(reversed(list(node["objects"])))
        elif node["kind"].text:
            yield node


def _is_processed(node: Node) -> bool:
    """Whether it is a Template of OpenShift: no other cluster knows the kind, so that nothing else can be meant."""
    return node["kind"].text == "Template" and node["objects"].is_sequence


def _is_owned(node: Node) -> bool:
    """Whether a controller made the object: nobody writes down whose it is, for its owner makes it again."""
    return any(owner["controller"].value is True for owner in node["metadata"]["ownerReferences"])


def _typed(item: Node, of: Node) -> Node:
    """An item of a list; one of a PodList that says nothing of its kind is a Pod, as kubectl has it."""
    kind, version = of["kind"], of["apiVersion"]
    known = kind.text == "List" or item["kind"].text or item["apiVersion"].text
    if known or not (isinstance(item, Mapping) and isinstance(kind, Scalar) and isinstance(version, Scalar)):
        return item
    return item.completed(kind.saying(kind.text.removesuffix("List")), version)


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
    if not stream.faults:
        return []
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
