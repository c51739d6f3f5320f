"""The API versions that Kubernetes has taken back, and what took their place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from devopslint.kubernetes.manifests import Manifests
from devopslint.kubernetes.workloads import Manifest
from devopslint.model import Location


class Retirement(NamedTuple):
    """The end of an API version, in minors of Kubernetes 1."""

    successor: str
    """The API version, or the other kind, to use; empty where there is none."""
    since: int
    """The first version that has the successor: from then on the old one is deprecated."""
    removed: int | None
    """The first version that does not serve it; None where none is announced."""


_ANY = "*"
# https://kubernetes.io/docs/reference/using-api/deprecation-guide/, and since 1.26 the published schemas themselves.
_RETIREMENTS: dict[str, dict[str, Retirement]] = {
    "extensions/v1beta1": {
        "Deployment": Retirement("apps/v1", 9, 16),
        "DaemonSet": Retirement("apps/v1", 9, 16),
        "ReplicaSet": Retirement("apps/v1", 9, 16),
        "NetworkPolicy": Retirement("networking.k8s.io/v1", 8, 16),
        "PodSecurityPolicy": Retirement("", 10, 16),
        "Ingress": Retirement("networking.k8s.io/v1", 19, 22),
        _ANY: Retirement("", 16, 22),
    },
    "apps/v1beta1": {_ANY: Retirement("apps/v1", 9, 16)},
    "apps/v1beta2": {_ANY: Retirement("apps/v1", 9, 16)},
    "admissionregistration.k8s.io/v1beta1": {
        "MutatingWebhookConfiguration": Retirement("admissionregistration.k8s.io/v1", 16, 22),
        "ValidatingWebhookConfiguration": Retirement("admissionregistration.k8s.io/v1", 16, 22),
        "ValidatingAdmissionPolicy": Retirement("admissionregistration.k8s.io/v1", 30, 34),
        "ValidatingAdmissionPolicyBinding": Retirement("admissionregistration.k8s.io/v1", 30, 34),
        "MutatingAdmissionPolicy": Retirement("admissionregistration.k8s.io/v1", 36, None),
        "MutatingAdmissionPolicyBinding": Retirement("admissionregistration.k8s.io/v1", 36, None),
    },
    "apiextensions.k8s.io/v1beta1": {"CustomResourceDefinition": Retirement("apiextensions.k8s.io/v1", 16, 22)},
    "apiregistration.k8s.io/v1beta1": {"APIService": Retirement("apiregistration.k8s.io/v1", 10, 22)},
    "authentication.k8s.io/v1beta1": {
        "TokenReview": Retirement("authentication.k8s.io/v1", 6, 22),
        "SelfSubjectReview": Retirement("authentication.k8s.io/v1", 28, 33),
    },
    "authorization.k8s.io/v1beta1": {_ANY: Retirement("authorization.k8s.io/v1", 6, 22)},
    "autoscaling/v2beta1": {"HorizontalPodAutoscaler": Retirement("autoscaling/v2", 23, 25)},
    "autoscaling/v2beta2": {"HorizontalPodAutoscaler": Retirement("autoscaling/v2", 23, 26)},
    "batch/v2alpha1": {"CronJob": Retirement("batch/v1", 8, 21)},
    "batch/v1beta1": {"CronJob": Retirement("batch/v1", 21, 25)},
    "certificates.k8s.io/v1beta1": {"CertificateSigningRequest": Retirement("certificates.k8s.io/v1", 19, 22)},
    "coordination.k8s.io/v1beta1": {"Lease": Retirement("coordination.k8s.io/v1", 14, 22)},
    "discovery.k8s.io/v1beta1": {"EndpointSlice": Retirement("discovery.k8s.io/v1", 21, 25)},
    "events.k8s.io/v1beta1": {"Event": Retirement("events.k8s.io/v1", 19, 25)},
    "flowcontrol.apiserver.k8s.io/v1beta1": {_ANY: Retirement("flowcontrol.apiserver.k8s.io/v1", 23, 26)},
    "flowcontrol.apiserver.k8s.io/v1beta2": {_ANY: Retirement("flowcontrol.apiserver.k8s.io/v1", 26, 29)},
    "flowcontrol.apiserver.k8s.io/v1beta3": {_ANY: Retirement("flowcontrol.apiserver.k8s.io/v1", 29, 32)},
    "networking.k8s.io/v1beta1": {
        "Ingress": Retirement("networking.k8s.io/v1", 19, 22),
        "IngressClass": Retirement("networking.k8s.io/v1", 19, 22),
        "IPAddress": Retirement("networking.k8s.io/v1", 33, 37),
        "ServiceCIDR": Retirement("networking.k8s.io/v1", 33, 37),
    },
    "node.k8s.io/v1beta1": {"RuntimeClass": Retirement("node.k8s.io/v1", 20, 25)},
    "policy/v1beta1": {
        "PodDisruptionBudget": Retirement("policy/v1", 21, 25),
        "PodSecurityPolicy": Retirement("", 21, 25),
    },
    "rbac.authorization.k8s.io/v1alpha1": {_ANY: Retirement("rbac.authorization.k8s.io/v1", 8, 22)},
    "rbac.authorization.k8s.io/v1beta1": {_ANY: Retirement("rbac.authorization.k8s.io/v1", 8, 22)},
    "resource.k8s.io/v1beta1": {_ANY: Retirement("resource.k8s.io/v1", 34, None)},
    "resource.k8s.io/v1beta2": {_ANY: Retirement("resource.k8s.io/v1", 34, None)},
    "scheduling.k8s.io/v1alpha1": {"PriorityClass": Retirement("scheduling.k8s.io/v1", 14, 17)},
    "scheduling.k8s.io/v1beta1": {"PriorityClass": Retirement("scheduling.k8s.io/v1", 14, 22)},
    "storage.k8s.io/v1beta1": {
        "CSIDriver": Retirement("storage.k8s.io/v1", 19, 22),
        "CSINode": Retirement("storage.k8s.io/v1", 17, 22),
        "StorageClass": Retirement("storage.k8s.io/v1", 6, 22),
        "VolumeAttachment": Retirement("storage.k8s.io/v1", 13, 22),
        "CSIStorageCapacity": Retirement("storage.k8s.io/v1", 24, 27),
        "VolumeAttributesClass": Retirement("storage.k8s.io/v1", 34, 37),
    },
    "v1": {
        "ComponentStatus": Retirement("", 19, None),
        "Endpoints": Retirement("discovery.k8s.io/v1 EndpointSlice", 33, None),
    },
}


class RetiredObject(NamedTuple):
    """An object in an API version that has an end."""

    manifest: Manifest
    retirement: Retirement

    @property
    def label(self) -> str:
        return self.manifest.label

    @property
    def location(self) -> Location:
        return self.manifest.node["apiVersion"].location

    @property
    def name(self) -> str:
        return f"{self.manifest.api_version} {self.manifest.kind}"

    @property
    def advice(self) -> str:
        """What to do; what there is to say where nothing is to be done."""
        return f"use {self.retirement.successor}" if self.retirement.successor else "nothing took its place"


def retired_objects(manifests: Manifests) -> Iterator[RetiredObject]:
    """Every object whose API version is deprecated in some version of Kubernetes, or gone from it."""
    for manifest in manifests.objects:
        kinds = _RETIREMENTS.get(manifest.api_version, {})
        retirement = kinds.get(manifest.kind) or kinds.get(_ANY)
        if retirement is not None:
            yield RetiredObject(manifest, retirement)
