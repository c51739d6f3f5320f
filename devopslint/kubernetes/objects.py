"""The objects of one file by their kind."""

from __future__ import annotations

from devopslint.kubernetes.manifests import Manifests
from devopslint.kubernetes.workloads import Manifest

BUILT_IN_ROLES = frozenset({"cluster-admin", "admin", "edit", "view", "extension-apiserver-authentication-reader"})

_OPENSHIFT_ROLES = frozenset(
    {
        "basic-user",
        "cluster-monitoring-metrics-api",
        "cluster-monitoring-operator-alert-customization",
        "cluster-monitoring-view",
        "cluster-reader",
        "cluster-status",
        "monitoring-alertmanager-edit",
        "monitoring-edit",
        "monitoring-rules-edit",
        "monitoring-rules-view",
        "registry-admin",
        "registry-editor",
        "registry-viewer",
        "self-access-reviewer",
        "self-provisioner",
        "storage-admin",
        "sudoer",
    }
)


def of_kind(manifests: Manifests, *kinds: str) -> list[Manifest]:
    """Every object of one of these kinds, in the order of the file."""
    found = [manifests.by_kind[kind] for kind in kinds if kind in manifests.by_kind]
    if len(found) > 1:
        return [manifest for manifest in manifests.objects if manifest.kind in kinds]
    return list(*found)


def autoscalers(manifests: Manifests) -> list[Manifest]:
    """Every HorizontalPodAutoscaler."""
    return of_kind(manifests, "HorizontalPodAutoscaler")


def scaled_objects(manifests: Manifests) -> list[Manifest]:
    """Every ScaledObject of KEDA."""
    return [one for one in of_kind(manifests, "ScaledObject") if one.group == "keda.sh"]


def scaled_jobs(manifests: Manifests) -> list[Manifest]:
    """Every ScaledJob of KEDA."""
    return [one for one in of_kind(manifests, "ScaledJob") if one.group == "keda.sh"]


def deployments(manifests: Manifests) -> list[Manifest]:
    """Every Deployment, and OpenShift's DeploymentConfigs."""
    return of_kind(manifests, "Deployment", "DeploymentConfig")


def budgets(manifests: Manifests) -> list[Manifest]:
    """Every PodDisruptionBudget."""
    return of_kind(manifests, "PodDisruptionBudget")


def ingresses(manifests: Manifests) -> list[Manifest]:
    """Every Ingress of Kubernetes itself: OpenShift calls its settings so, Knative what it makes."""
    groups = ("networking.k8s.io", "extensions", "")
    return [ingress for ingress in of_kind(manifests, "Ingress") if ingress.group in groups]


def network_policies(manifests: Manifests) -> list[Manifest]:
    """Every NetworkPolicy of Kubernetes itself."""
    groups = ("networking.k8s.io", "extensions")
    return [policy for policy in of_kind(manifests, "NetworkPolicy") if policy.group in groups]


def roles(manifests: Manifests) -> list[Manifest]:
    """Every Role and ClusterRole, but not those that come with every cluster."""
    return [role for role in of_kind(manifests, "Role", "ClusterRole") if not comes_with_cluster(role.name)]


_FOR_USERS_OF_OPERATORS = frozenset(
    {
        "tekton-triggers-eventlistener-clusterroles",
        "tekton-triggers-eventlistener-roles",
        "tekton-triggers-core-interceptors",
    }
)
"""What operators bring for others to bind: https://tekton.dev/docs/triggers/eventlisteners/#specifying-the-kubernetes-service-account"""


def comes_with_cluster(name: str) -> bool:
    """Whether a role or a binding of this name is one of Kubernetes', or of its provider's or an operator's, own."""
    known = name in BUILT_IN_ROLES or name in _OPENSHIFT_ROLES or name in _FOR_USERS_OF_OPERATORS
    return known or name.startswith(("system:", "gce:", "olm."))


def namespaces(manifests: Manifests) -> list[Manifest]:
    """Every Namespace."""
    return of_kind(manifests, "Namespace")


def limit_ranges(manifests: Manifests) -> list[Manifest]:
    """Every LimitRange."""
    return of_kind(manifests, "LimitRange")


def quotas(manifests: Manifests) -> list[Manifest]:
    """Every ResourceQuota."""
    return of_kind(manifests, "ResourceQuota")


def naked_pods(manifests: Manifests) -> list[Manifest]:
    """Every Pod that is to run on and on, but no static pod of a control plane: those have a node."""
    pods = of_kind(manifests, "Pod")
    return [p for p in pods if not p.spec["nodeName"].present and p.spec["restartPolicy"].text in ("", "Always")]


def services(manifests: Manifests) -> list[Manifest]:
    """Every Service of Kubernetes itself: other systems have kinds of that name too."""
    return [service for service in of_kind(manifests, "Service") if not service.group]


def webhooks(manifests: Manifests) -> list[Manifest]:
    """Every configuration of admission webhooks."""
    return of_kind(manifests, "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")


def config_maps(manifests: Manifests) -> list[Manifest]:
    """Every ConfigMap."""
    return of_kind(manifests, "ConfigMap")


def secrets(manifests: Manifests) -> list[Manifest]:
    """Every Secret."""
    return of_kind(manifests, "Secret")


def service_accounts(manifests: Manifests) -> list[Manifest]:
    """Every ServiceAccount."""
    return of_kind(manifests, "ServiceAccount")


def role_bindings(manifests: Manifests) -> list[Manifest]:
    """Every RoleBinding and ClusterRoleBinding."""
    return of_kind(manifests, "RoleBinding", "ClusterRoleBinding")
