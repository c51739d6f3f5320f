"""Kubernetes objects, the workloads among them, and their containers."""

from __future__ import annotations

import functools
import re

from devopslint.deferred import NamedTuple, cached_property, compiled, dataclass
from devopslint.model import Location
from devopslint.readers.image_reference import ImageReference
from devopslint.readers.yaml import Node

NEWEST_MINOR = 37
"""Of the newest Kubernetes version that the rules know: 1.37."""

PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HOOKS = ("postStart", "preStop")
_STAND_IN = compiled(r"[A-Z][A-Z0-9_-]+\Z")
"""A word in capitals, which no image is called: something puts the image in its place."""
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

_POD_SPEC_GROUPS = frozenset({"", "apps", "batch", "extensions", "argoproj.io", "apps.openshift.io"})

AS_WRITTEN = frozenset({"CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "Rollout", "StatefulSet"})
"""Kinds whose pods the API server is given as they are written: what other controllers run, they may complete."""


def _group_of(api_version: str) -> str:
    group, slash, _ = api_version.partition("/")
    return group if slash else ""


@dataclass(frozen=True)
class Manifest:
    """One Kubernetes object as it is written."""

    node: Node

    @cached_property
    def kind(self) -> str:
        return self.node["kind"].text

    @property
    def api_version(self) -> str:
        return self.node["apiVersion"].text

    @cached_property
    def group(self) -> str:
        """The API group; empty for the core group."""
        return _group_of(self.api_version)

    @cached_property
    def metadata(self) -> Node:
        return self.node["metadata"]

    @cached_property
    def spec(self) -> Node:
        return self.node["spec"]

    @cached_property
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


def application_spec(manifest: Manifest) -> Node:
    """The spec of an Application of Argo CD, or of those that an ApplicationSet makes."""
    return manifest.spec["template"]["spec"] if manifest.kind == "ApplicationSet" else manifest.spec


class Vendored(NamedTuple):
    """A summary: a file of another project, which is nobody's here to mend unless a kustomization builds with it."""

    path: str
    reason: str


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
    fragment: bool = False
    """True for a workload that selects no pods and runs no image, and for other objects without what makes them."""
    deleted: bool = False
    """True for a patch that takes the object out of the build."""


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
    def fragment(self) -> bool:
        """Whether it can be no more than a part of an object: it selects no pods, and runs no image."""
        if self.kind == "Rollout":  # which may take its pods from elsewhere
            return not (self.containers or self.spec["strategy"].present or self.spec["workloadRef"].present)
        selects = self.kind in _SELECTING and self.spec["selector"].present
        return not selects and not any(container.node["image"].present for container in self.containers)

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
    def privileged(self) -> bool:
        """Whether it has every capability and no profile holds it, whatever else is written."""
        return self.node["securityContext"]["privileged"].value is True

    @property
    def probes(self) -> list[Node]:
        """How it is asked whether it lives, is ready and has started; missing nodes among them."""
        return [self.node[name] for name in PROBES]

    @property
    def handlers(self) -> list[Node]:
        """Its probes, and what it runs when it has started and before it stops."""
        return [*self.probes, *(self.node["lifecycle"][name] for name in _HOOKS)]

    @property
    def image(self) -> ImageReference | None:
        """None where none is written, or where it is not known before it is rendered: ko builds it, and names its digest.

        For `auto` Istio puts its proxy in.
        """
        text = self.node["image"].text
        if (
            not text.strip()
            or "$" in text
            or "{{" in text
            or text == "auto"
            or text.startswith("ko://")
            or _STAND_IN.match(text)
        ):
            return None
        return ImageReference.parse(text)

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


def keys_of(node: Node) -> frozenset[str]:
    """The keys at any depth."""
    return frozenset(key.text for below in node.walk() for key, _ in below.items())


@functools.lru_cache(maxsize=64)
def minor_version(text: str) -> int:
    """The minor of a Kubernetes version: 37 of `v1.37`; the newest known where the text is no version."""
    found = re.match(r"v?1\.(\d{1,3})", text.strip())
    return int(found.group(1)) if found else NEWEST_MINOR


def texts(node: Node) -> dict[str, str]:
    """A mapping of scalars, uninterpreted: labels, annotations, selectors."""
    return {key.text: value.text for key, value in node.items() if value.is_scalar and (value.present or value.text)}


_MAKES: dict[str, list[tuple[str, ...]]] = {
    "CustomResourceDefinition": [("spec", "group")],
    "HorizontalPodAutoscaler": [("spec", "scaleTargetRef")],
    "Ingress": [("spec", "rules"), ("spec", "defaultBackend"), ("spec", "backend")],
    "MutatingWebhookConfiguration": [("webhooks",)],
    "ScaledObject": [("spec", "scaleTargetRef")],
    "ValidatingWebhookConfiguration": [("webhooks",)],
}
"""What an object of a kind is nothing without: one of these."""


def is_fragment(manifest: Manifest) -> bool:
    """Whether it can be no more than a part of an object."""
    if isinstance(manifest, Workload):
        return manifest.fragment
    wanted = _MAKES.get(manifest.kind, [])
    return bool(wanted) and not any(manifest.node.get(*path).present for path in wanted)


def manifest_of(node: Node) -> Manifest:
    if node["kind"].text in _POD_SPECS and _group_of(node["apiVersion"].text) in _POD_SPEC_GROUPS:
        return Workload(node)
    return Manifest(node)


def decoded(text: str) -> str:
    """What base64 text stands for; empty where it is none."""
    from base64 import b64decode  # most runs see none

    try:
        return b64decode("".join(text.split()), validate=True).decode("utf-8", "replace")
    except ValueError:
        return ""
