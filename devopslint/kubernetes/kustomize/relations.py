"""What an overlay may break between the objects that it builds: a Service and its pods, a budget and a number of pods."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from devopslint.kubernetes.kustomize import Entry, Overlay, Patch
from devopslint.kubernetes.kustomize.building import Built
from devopslint.kubernetes.kustomize.given import GivenObjects
from devopslint.kubernetes.summaries import Deletion, references_of
from devopslint.kubernetes.workloads import Workload, manifest_of
from devopslint.model import Location
from devopslint.readers.yaml import Node

RULES = frozenset(
    (
        "argo-missing-project",
        "flux-dangling-dependency",
        "flux-missing-chart-source",
        "hpa-dangling",
        "hpa-unrequested-resource",
        "hpa-wrong-target-group",
        "k8s-dangling-rollout",
        "k8s-few-replicas",
        "k8s-missing-config-map",
        "k8s-missing-headless-service",
        "k8s-missing-key",
        "k8s-missing-secret",
        "k8s-missing-service-account",
        "k8s-replicas-with-hpa",
        "k8s-served-single-replica",
        "net-dangling-gateway",
        "net-dangling-ingress",
        "net-dangling-monitor",
        "net-dangling-parent",
        "net-dangling-policy",
        "net-dangling-route",
        "net-dangling-service",
        "net-missing-listener",
        "net-missing-subset",
        "net-missing-target-port",
        "net-ungranted-reference",
        "net-unknown-monitor-port",
        "pdb-minimum-above-autoscaler",
        "pdb-minimum-equals-autoscaler",
        "pdb-minimum-not-below-replicas",
        "pdb-selects-nothing",
        "rbac-missing-role",
        "rollout-dangling",
        "rollout-mismatched-service",
        "rollout-missing-argument",
    )
)
"""Those that hold objects of one build against each other."""
OF_DELETIONS = frozenset(("kustomize-needed-deletion",))
OF_REPLICAS = frozenset(("k8s-few-replicas",))
_SELECT = frozenset(("NetworkPolicy", "PodDisruptionBudget", "PodMonitor", "Service", "ServiceMonitor"))
_SCALE = frozenset(("HorizontalPodAutoscaler", "PodDisruptionBudget", "ScaledObject"))
_DELIVER = frozenset(("HelmRelease", "Kustomization"))
_ROUTE = frozenset(("GRPCRoute", "HTTPRoute", "Ingress", "Rollout", "TCPRoute", "TLSRoute", "VirtualService"))
_REFER = _SELECT | _SCALE | _ROUTE | {"Application", "DestinationRule", "Gateway"}
_BIND = frozenset(("ClusterRoleBinding", "RoleBinding"))


def are_changed(changed: Iterable[tuple[Node, Node]], kinds: Collection[str]) -> bool:
    """Whether something changed is what other objects of the build hold on to, or what holds on to others.

    `kinds` are those of all the objects, once for each.
    """
    return len(kinds) > 1 and any(_holds_on(node, before, set(kinds)) for node, before in changed)


def _holds_on(node: Node, before: Node, kinds: set[str]) -> bool:
    kind = node["kind"].text
    if kind in _REFER:
        return not _same(node["spec"], before["spec"])
    if kind in _BIND:
        return not _same(node["roleRef"], before["roleRef"])
    if kind in _DELIVER:
        return not all(_same(node["spec"][key], before["spec"][key]) for key in ("chart", "chartRef", "dependsOn"))
    if kind in ("ConfigMap", "Secret"):
        return any(node[key].keys() != before[key].keys() for key in ("data", "stringData"))
    if not kinds.isdisjoint(_SCALE) and not _same(node["spec"]["replicas"], before["spec"]["replicas"]):
        return True
    if kind == "StatefulSet" and not _same(node["spec"]["serviceName"], before["spec"]["serviceName"]):
        return True
    now, then = manifest_of(node), manifest_of(before)
    if not (isinstance(now, Workload) and isinstance(then, Workload)) or now.template is then.template:
        return False
    if set(_needed(now)) != set(_needed(then)):
        return True
    if kinds.isdisjoint(_REFER):
        return False
    if not _same(now.template["metadata"]["labels"], then.template["metadata"]["labels"]):
        return True
    had = {one.name: one.node for one in then.containers}
    return any(
        one.name not in had or not all(_same(one.node[key], had[one.name][key]) for key in ("ports", "resources"))
        for one in now.containers
    )


def sets_replicas_unseen(parts: Collection[Overlay], changed: Iterable[tuple[Node, Node]]) -> bool:
    """Whether a number of pods comes from where no rule looks for one by itself: a component, operations in a file, a replacement."""
    new = [
        node["spec"]["replicas"].location
        for node, before in changed
        if node["spec"]["replicas"].exists and not _same(node["spec"]["replicas"], before["spec"]["replicas"])
    ]
    if not new:
        return False
    seen = {one.location.region for part in parts if not part.component for one in part.replicas}
    patches = [patch for part in parts for patch in part.patches if patch.strategic]
    return any(at.region not in seen and not any(_is_in(at, patch) for patch in patches) for at in new)


def _is_in(at: Location, patch: Patch) -> bool:
    if patch.path is not None:
        return at.path == patch.path
    return at.path == patch.location.path and patch.location.line <= at.line <= patch.location.end_line


def _needed(workload: Workload) -> Iterator[tuple[str, str, str]]:
    """The ConfigMaps, Secrets and the account that its pods ask for."""
    yield from ((one.kind, one.name, one.key) for one in references_of(workload))
    yield "ServiceAccount", workload.pod["serviceAccountName"].text, ""


def _same(now: Node, then: Node) -> bool:
    return now is then or not (now.exists or then.exists)


def told(overlay: Overlay, built: Built, deleted: Iterable[Deletion], changed: bool) -> Iterator[object]:
    """What the objects of a build tell others: as they are built, or else as the files have them."""
    if changed:
        yield from deleted
    nodes = [one.node if changed or one.made or one.origin is None else one.origin for one in built.resources]
    yield from GivenObjects(overlay.path, nodes).summaries()
    at = Location(overlay.path, 1, 1, 1, 1)
    entries = tuple(Entry("resources", path, path, at) for path in sorted(built.files - {overlay.path}))
    yield Overlay(overlay.path, at, False, entries, (), (), (), (), frozenset())
