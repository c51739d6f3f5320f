"""The objects of one file by their kind."""

from __future__ import annotations

from devopslint.readers.yaml import Node
from devopslint.views.kubernetes import Manifest, Manifests


def of_kind(manifests: Manifests, *kinds: str) -> list[Manifest]:
    return [manifest for manifest in manifests.objects if manifest.kind in kinds]


def autoscalers(manifests: Manifests) -> list[Manifest]:
    """Every HorizontalPodAutoscaler."""
    return of_kind(manifests, "HorizontalPodAutoscaler")


def deployments(manifests: Manifests) -> list[Manifest]:
    """Every Deployment, and OpenShift's DeploymentConfigs."""
    return of_kind(manifests, "Deployment", "DeploymentConfig")


def budgets(manifests: Manifests) -> list[Manifest]:
    """Every PodDisruptionBudget."""
    return of_kind(manifests, "PodDisruptionBudget")


def naked_pods(manifests: Manifests) -> list[Manifest]:
    """Every Pod that is to run on and on, but no static pod of a control plane: those have a node."""
    pods = of_kind(manifests, "Pod")
    return [p for p in pods if not p.spec["nodeName"].present and p.spec["restartPolicy"].text in ("", "Always")]


def whole(node: Node) -> int | None:
    """A whole number; None for anything else."""
    return node.value if type(node.value) is int else None


def percentage(node: Node) -> int | None:
    """The number in a text such as `25%`; None for anything else."""
    number = node.text.strip().removesuffix("%")
    return int(number) if node.text.strip().endswith("%") and number.isdecimal() and len(number) < 6 else None
