"""How an object is named, labelled and placed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from devopslint.deferred import compiled
from devopslint.kubernetes.manifests import Manifests, objects, workloads
from devopslint.kubernetes.workloads import Manifest, Workload
from devopslint.model import Location, Problem
from devopslint.readers.yaml import Node
from devopslint.registry import check

_LABEL_VALUE = compiled(r"(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?\Z")
_PUT_IN = compiled(r"\$|\{\{|\A(?:__[A-Z][A-Z0-9_]*__|<[^<>]+>|@[A-Za-z][\w.-]*@|%[A-Z][A-Z0-9_]*%)\Z")
"""What stands for a value that a program puts in."""
_LABEL_KEY = compiled(r"(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?\Z")

CLUSTER_WIDE = frozenset(
    (
        "APIService", "CertificateSigningRequest", "ClusterIssuer", "ClusterPolicy", "ClusterRole",
        "ClusterRoleBinding", "ClusterTrustBundle", "ComponentStatus", "CSIDriver", "CSINode",
        "CustomResourceDefinition", "DeviceClass", "DeviceTaintRule", "FlowSchema", "GatewayClass", "IngressClass",
        "IPAddress", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration",
        "Namespace", "Node", "PersistentVolume", "PodSecurityPolicy", "PriorityClass", "PriorityLevelConfiguration",
        "ResourceSlice", "RuntimeClass", "SecurityContextConstraints", "SelfSubjectAccessReview", "SelfSubjectReview",
        "SelfSubjectRulesReview", "ServiceCIDR", "StorageClass", "StorageVersion", "StorageVersionMigration",
        "SubjectAccessReview", "TokenReview", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration", "VolumeAttachment", "VolumeAttributesClass", "VolumeSnapshotClass",
        "VolumeSnapshotContent",
    )
)  # fmt: skip
"""Kinds of object that are in no namespace."""


def namespaced(manifests: Manifests) -> list[Manifest]:
    """Every object that is in a namespace, but for the two that each cluster has in the namespace default."""
    own = ("ServiceAccount/default", "Service/kubernetes")
    return [m for m in manifests.objects if m.kind not in CLUSTER_WIDE and m.api_version and m.label not in own]


@check("k8s-default-namespace", each=namespaced)
def default_namespace(manifest: Manifest) -> Iterator[Problem]:
    if manifest.namespace == "default":
        yield Problem(_of_namespace(manifest), f"{manifest.label} is in the namespace default")


@check("k8s-unset-namespace", each=namespaced)
def unset_namespace(manifest: Manifest) -> Iterator[Problem]:
    if not manifest.namespace:
        yield Problem(manifest.metadata["namespace"].location, f"{manifest.label} names no namespace")


@check("k8s-system-namespace", each=namespaced)
def system_namespace(manifest: Manifest) -> Iterator[Problem]:
    if manifest.namespace == "kube-system":
        yield Problem(_of_namespace(manifest), f"{manifest.label} is in the cluster's own namespace")


def _of_namespace(manifest: Manifest) -> Location:
    """Where its namespace stands, unless a kustomization gives it another one."""
    return manifest.metadata["namespace"].location._replace(wanted="namespace")


@check("k8s-invalid-label", each=objects)
def invalid_label(manifest: Manifest) -> Iterator[Problem]:
    yield from invalid(manifest.metadata["labels"])
    if isinstance(manifest, Workload) and manifest.kind != "Pod":
        yield from invalid(manifest.template["metadata"]["labels"])


def invalid(labels: Node) -> Iterator[Problem]:
    for key, value in labels.items():
        if "{{" in key.text or _PUT_IN.search(value.text):
            continue
        if not _LABEL_KEY.match(key.text):
            yield Problem(key.location, f"'{key.text}' is no label name that Kubernetes accepts")
        if value.is_scalar and not _LABEL_VALUE.match(value.text):
            yield Problem(value.location, f"'{value.text}' is no value that Kubernetes accepts for label '{key.text}'")


@check("k8s-missing-label", each=workloads)
def missing_label(workload: Workload, *, labels: list[str]) -> Iterator[Problem]:
    for name in labels:
        if not workload.labels.get(name):
            yield Problem(workload.metadata["labels"][name].location, f"{workload.label} has no label '{name}'")


@check("k8s-missing-annotation", each=workloads)
def missing_annotation(workload: Workload, *, annotations: list[str]) -> Iterator[Problem]:
    for name in annotations:
        if not workload.annotations.get(name):
            at = workload.metadata["annotations"][name].location
            yield Problem(at, f"{workload.label} has no annotation '{name}'")


@check("k8s-instance-label-mismatch", each=workloads)
def instance_label_mismatch(workload: Workload) -> Iterator[Problem]:
    label = workload.metadata["labels"]["app.kubernetes.io/instance"]
    if label.text != workload.name:
        yield Problem(
            label.location, f"label app.kubernetes.io/instance is '{label.text}', not the name '{workload.name}'"
        )


@check("k8s-unsorted-keys", each=objects)
def unsorted_keys(manifest: Manifest) -> Iterator[Problem]:
    for node in manifest.node.walk():
        keys = [key for key, _ in node.items()]
        for before, key in pairwise(keys):
            if key.text < before.text:
                yield Problem(key.location, f"key '{key.text}' stands behind '{before.text}'")
                break
